//! What tasks do to script's objects. A task is outside of the engine, and enters it for each part of its
//! work: microtasks run in between.

use super::event_data::{EventData, EventKind, MessageEventData};
use super::listener::Callback;
use super::realm::Realm;
use super::report::ScriptError;
use super::stream_state::StreamState;
use super::string::DomString;
use super::target::{Audience, Target};
use crate::dom::{MessageData, ReceivedMessage, TrustedEvent};
use crate::event_loop::Exception;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, ready};

/// What is to be done inside the engine, and what comes of it.
pub(super) enum Steps {
    /// Makes the object of an event that not one alone will hear of.
    Begin {
        target: Rc<Target>,
        event: Option<NewEvent>,
        pin: Option<usize>,
    },
    /// Has a listener or handler hear of it.
    Invoke {
        target: Rc<Target>,
        data: Rc<EventData>,
        object: EventObject,
        callback: Callback,
        error: Option<ScriptError>,
    },
    /// Lets go of an event's object.
    End { pin: usize },
    /// "Garbage collection".
    UpdateLiveness { target: Rc<Target> },
    /// Does to a signal whose time is over what comes before the abort steps.
    TimeOut {
        target: Rc<Target>,
        due: Vec<Rc<Target>>,
    },
    /// Of the abort steps of such a signal, those that need the engine.
    AbortHandshakes { target: Rc<Target> },
    /// What has happened to a `WebSocketStream`.
    Stream { state: Rc<StreamState> },
}

/// A trusted event that has no object yet.
pub(super) struct NewEvent {
    pub(super) data: Rc<EventData>,
    pub(super) message: Option<MessageData>,
}

/// Where a listener finds the event's object.
pub(super) enum EventObject {
    /// It is made for this listener alone.
    New(Option<MessageData>),
    /// It lies in a slot of the realm's registry.
    Pinned(usize),
}

impl NewEvent {
    fn new(realm: &Realm, event: TrustedEvent) -> Self {
        let type_ = DomString::from_static(event.type_());
        let (kind, message) = match event {
            TrustedEvent::Simple(_) => (EventKind::Plain, None),
            TrustedEvent::Message(ReceivedMessage { data, origin }) => {
                let message = MessageEventData {
                    origin: RefCell::new(origin),
                    last_event_id: RefCell::default(),
                };
                (EventKind::Message(message), Some(data))
            }
            TrustedEvent::Close(init) => (EventKind::Close(RefCell::new(init)), None),
        };
        let data = Rc::new(EventData::trusted(realm.now(), type_, kind));
        Self { data, message }
    }
}

/// Dispatches a trusted event at an object that is kept alive for its listeners.
pub(super) fn fire(target: &Rc<Target>, event: TrustedEvent) {
    let Some(realm) = target.realm() else {
        return;
    };
    if target.pin.get().is_none() {
        return;
    }
    let type_ = event.type_();
    match target.audience(type_) {
        // Where nobody listens there is no event that anybody could see.
        Audience::Nobody => return,
        Audience::One => fire_at_one(&realm, target, NewEvent::new(&realm, event)),
        Audience::Some => fire_at_all(&realm, target, NewEvent::new(&realm, event)),
    }
    if target.would_change(type_) {
        update_liveness(target);
    }
}

/// To one listener or handler, in one visit to the engine.
fn fire_at_one(realm: &Realm, target: &Rc<Target>, event: NewEvent) {
    let NewEvent { data, mut message } = event;
    dispatch(realm, target, &data, || EventObject::New(message.take()));
}

fn fire_at_all(realm: &Realm, target: &Rc<Target>, event: NewEvent) {
    let data = event.data.clone();
    let mut steps = Steps::Begin {
        target: target.clone(),
        event: Some(event),
        pin: None,
    };
    let entered = realm.enter(&mut steps);
    if !entered {
        report_loss(realm);
    }
    let Steps::Begin { pin: Some(pin), .. } = steps else {
        return;
    };
    dispatch(realm, target, &data, || EventObject::Pinned(pin));
    realm.enter(&mut Steps::End { pin });
}

/// Goes over the listeners. The engine is free between them, for microtasks.
fn dispatch(
    realm: &Realm,
    target: &Rc<Target>,
    data: &Rc<EventData>,
    mut object: impl FnMut() -> EventObject,
) {
    let run_first = target.handlers_run_first();
    let type_ = data.type_();
    let listeners = &target.listeners;
    listeners.dispatch(&data.state, &type_, run_first, |listener| {
        realm.shared().run_callback(|| {
            let mut steps = Steps::Invoke {
                target: target.clone(),
                data: data.clone(),
                object: object(),
                callback: Callback::of(listener),
                error: None,
            };
            if !realm.enter(&mut steps) {
                report_loss(realm);
            }
            match steps {
                Steps::Invoke {
                    error: Some(error), ..
                } => Err(error.into()),
                _ => Ok(()),
            }
        });
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
            if signal.has_handshakes() {
                realm.enter(&mut Steps::AbortHandshakes {
                    target: target.clone(),
                });
            }
        }
        fire(&target, TrustedEvent::Simple("abort"));
        if let Some(signal) = target.signal() {
            signal.is_due.set(false);
        }
        update_liveness(&target);
    }
}

/// Has the loop poll a stream, for as long as it exists, and queue a task for each thing that happens to it.
pub(super) fn carry(state: &Rc<StreamState>) {
    let Some(realm) = state.realm() else {
        return;
    };
    let carried = Rc::downgrade(state);
    realm.shared().spawn(Box::pin(poll_fn(move |cx| {
        while let Some(state) = carried.upgrade() {
            if !ready!(state.poll(cx)) {
                break;
            }
            queue_stream(&state);
        }
        Poll::Ready(())
    })));
}

/// Script waits for a stream now: what has happened to it is to be told.
pub(super) fn catch_up(state: &Rc<StreamState>) {
    for _ in 0..state.feedback_len() {
        queue_stream(state);
    }
}

/// "Queue a global task on the WebSocket task source".
fn queue_stream(state: &Rc<StreamState>) {
    let Some(realm) = state.realm() else {
        return;
    };
    let state = Rc::downgrade(state);
    realm.shared().queue_steps(Box::new(move || {
        let state = state.upgrade().filter(|state| state.pin.get().is_some());
        let Some((realm, state)) = state.and_then(|state| Some((state.realm()?, state))) else {
            return;
        };
        realm.shared().run_callback(|| {
            if !realm.enter(&mut Steps::Stream { state }) {
                report_loss(&realm);
            }
            Ok(())
        });
    }));
}
