//! What tasks do to script's objects. A task is outside of the engine, and enters it for each part of its
//! work: microtasks run in between.

use super::event_data::EventData;
use super::listener::Callback;
use super::realm::Realm;
use super::report::ScriptError;
use super::target::Target;
use crate::dom::TrustedEvent;
use crate::event_loop::Exception;
use std::rc::Rc;

/// What is to be done inside the engine, and what comes of it.
pub(super) enum Steps {
    /// Makes the object of a trusted event.
    Begin {
        target: Rc<Target>,
        event: Option<TrustedEvent>,
        begun: Option<PinnedEvent>,
    },
    /// Has a listener or handler hear of it.
    Invoke {
        target: Rc<Target>,
        event: PinnedEvent,
        callback: Callback,
        error: Option<ScriptError>,
    },
    /// Lets go of the event.
    End {
        target: Rc<Target>,
        event: PinnedEvent,
    },
    /// "Garbage collection".
    UpdateLiveness { target: Rc<Target> },
    /// Does to a signal whose time is over what comes before the abort steps.
    TimeOut {
        target: Rc<Target>,
        due: Vec<Rc<Target>>,
    },
}

/// An event that is being dispatched. It and its target lie in slots of the realm's registry.
#[derive(Clone)]
pub(super) struct PinnedEvent {
    pub(super) data: Rc<EventData>,
    pub(super) event: usize,
    pub(super) target: usize,
}

/// Dispatches a trusted event at an object that is kept alive for its listeners.
pub(super) fn fire(target: &Rc<Target>, event: TrustedEvent) {
    let Some(realm) = target.realm() else {
        return;
    };
    // Where nobody listens there is no event that anybody could see.
    if target.pin.get().is_none() || !target.listens_to(event.type_()) {
        return;
    }
    let mut steps = Steps::Begin {
        target: target.clone(),
        event: Some(event),
        begun: None,
    };
    let entered = realm.enter(&mut steps);
    let Steps::Begin {
        begun: Some(event), ..
    } = steps
    else {
        if !entered {
            report_loss(&realm);
        }
        return;
    };
    let type_ = event.data.type_();
    target.listeners.dispatch(
        &event.data.state,
        &*type_,
        target.handlers_run_first(),
        |listener| {
            realm.shared().run_callback(|| {
                let mut steps = Steps::Invoke {
                    target: target.clone(),
                    event: event.clone(),
                    callback: Callback::of(listener),
                    error: None,
                };
                realm.enter(&mut steps);
                match steps {
                    Steps::Invoke {
                        error: Some(error), ..
                    } => Err(error.into()),
                    _ => Ok(()),
                }
            });
        },
    );
    realm.enter(&mut Steps::End {
        target: target.clone(),
        event,
    });
}

/// The engine could not be entered for an event of a page that has not been left.
fn report_loss(realm: &Realm) {
    if realm.document().is_fully_active() {
        realm.shared().report(Exception::Error(
            "an event is lost: the script engine is gone, or in use where the loop turns".into(),
        ));
    }
}

/// "Garbage collection" of an object.
pub(super) fn update_liveness(target: &Rc<Target>) {
    if let Some(realm) = target.realm().filter(|_| target.pin.get().is_some()) {
        realm.enter(&mut Steps::UpdateLiveness {
            target: target.clone(),
        });
    }
}

/// DOM `AbortSignal.timeout`, step 3: aborts a signal whose time is over.
pub(super) fn time_out(target: &Rc<Target>) {
    let Some(realm) = target.realm() else {
        return;
    };
    let mut steps = Steps::TimeOut {
        target: target.clone(),
        due: Vec::new(),
    };
    if !realm.enter(&mut steps) {
        report_loss(&realm);
        if let Some(signal) = target.signal() {
            signal.abort();
        }
    }
    let Steps::TimeOut { due, .. } = steps else {
        return;
    };
    // Outside the engine, so that its microtasks run between the listeners.
    for target in due {
        if let Some(signal) = target.signal() {
            signal.run_algorithms();
        }
        fire(&target, TrustedEvent::Simple("abort"));
        if let Some(signal) = target.signal() {
            signal.is_due.set(false);
        }
        update_liveness(&target);
    }
}
