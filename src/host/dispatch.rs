//! Dispatch (DOM section 2.9): from script within the engine, and from tasks, which enter the engine
//! for each listener, so that its microtasks run in between.

use super::engine::{Engine, Key, Type};
use super::event::{self, EventData};
use super::event_target::Target;
use super::native::{realm, type_error};
use super::realm::{Realm, RealmSlot};
use super::string::DomString;
use super::{abort_signal, web_socket};
use crate::dom::{EventState, Registration, TrustedEvent};
use crate::event_loop::Exception;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

/// An exception of a script, as the loop's [`Host`](crate::Host) hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    message: String,
    stack: Option<String>,
}

impl ScriptError {
    /// What was thrown, as text: `TypeError: it is not a function`.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it was thrown, for an error object that knows.
    pub fn stack(&self) -> Option<&str> {
        self.stack.as_deref()
    }

    /// An exception that was described already, where there is no [`Engine`] to describe it: its
    /// message and, where known, the stack.
    pub fn from_parts(message: String, stack: Option<String>) -> Self {
        Self { message, stack }
    }

    /// Describes an exception.
    pub fn new<E: Engine>(cx: &mut E, exception: E::Exception) -> Self {
        let (message, stack) = cx.describe(exception);
        Self { message, stack }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.stack {
            Some(stack) if !stack.is_empty() => write!(f, "\n{}", stack.trim_end()),
            _ => Ok(()),
        }
    }
}

impl Error for ScriptError {}

/// HTML "report an exception", of the realm's script: to the function that [`set_reporter`] has set, or to
/// the loop's [`Host`](crate::Host) as a [`ScriptError`].
pub fn report<E: Engine>(cx: &mut E, exception: E::Exception) {
    if let Some(error) = report_to_script(cx, exception) {
        realm(cx).shared().report(Exception::Error(Box::new(error)));
    }
}

/// Has the realm's reporter report an exception. What comes back is for the loop's host to hear of:
/// there is no reporter, or it threw, too.
pub(super) fn report_to_script<E: Engine>(
    cx: &mut E,
    exception: E::Exception,
) -> Option<ScriptError> {
    let registry = cx.registry();
    let Some(reporter) = cx.slot(&registry, RealmSlot::Reporter as usize) else {
        return Some(ScriptError::new(cx, exception));
    };
    let undefined = cx.undefined();
    let reported = match cx.catch(exception) {
        Ok(value) => cx.call(&reporter, &undefined, &[value]),
        Err(exception) => Err(exception),
    };
    reported
        .err()
        .map(|exception| ScriptError::new(cx, exception))
}

/// Has a function of the realm hear of its exceptions, with what was thrown, in place of the loop's
/// [`Host`](crate::Host). What the function itself throws goes to the `Host`.
pub fn set_reporter<E: Engine>(cx: &mut E, function: E::Value) {
    let registry = cx.registry();
    cx.set_slot(&registry, RealmSlot::Reporter as usize, Some(function));
}

/// Dispatches an event from within the engine. False if it was canceled.
pub(super) fn dispatch<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    data: &EventData,
) -> bool {
    cx.set_slot(event, event::TARGET, Some(object.clone()));
    cx.set_slot(event, event::CURRENT_TARGET, Some(object.clone()));
    let type_ = data.type_();
    let result = dispatch_any(cx, target, object, event, &data.state, &type_);
    cx.set_slot(event, event::CURRENT_TARGET, None);
    result
}

/// As [`dispatch`], with the event's flags.
pub(super) fn dispatch_any<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    state: &EventState,
    type_: &DomString,
) -> bool {
    let handlers_run_first = target.handlers_run_first();
    target
        .listeners
        .dispatch(state, type_, handlers_run_first, |registration| {
            if let Err(exception) = invoke(cx, target, object, event, state, type_, registration) {
                report(cx, exception);
            }
        })
}

/// DOM "inner invoke", steps 8 to 12, of one listener or handler.
fn invoke<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    state: &EventState,
    type_: &DomString,
    registration: Option<&Registration<DomString, usize>>,
) -> Result<(), E::Exception> {
    let slot = registration.and_then(|registration| registration.callback);
    let Some(slot) = slot else {
        return invoke_handler(cx, target, object, event, state, type_);
    };
    let Some(callback) = cx.slot(object, slot) else {
        return Ok(());
    };
    if registration.is_some_and(|registration| registration.once) {
        target.free_slot(cx, object, slot);
        target.update_liveness(cx, object);
    }
    // WebIDL "call a user object's operation".
    if cx.is_callable(&callback) {
        cx.call(&callback, object, std::slice::from_ref(event))?;
        return Ok(());
    }
    let method = cx.get(&callback, Key::Name("handleEvent"))?;
    if !cx.is_callable(&method) {
        return Err(type_error(cx, "handleEvent is not a function"));
    }
    cx.call(&method, &callback, std::slice::from_ref(event))?;
    Ok(())
}

/// HTML "the event handler processing algorithm".
fn invoke_handler<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    state: &EventState,
    type_: &DomString,
) -> Result<(), E::Exception> {
    let handler = target
        .handler_slot(type_)
        .and_then(|slot| cx.slot(object, slot));
    let Some(handler) = handler else {
        return Ok(());
    };
    // [LegacyTreatNonObjectAsNull]: an object that can't be called does nothing.
    if !cx.is_callable(&handler) {
        return Ok(());
    }
    let result = cx.call(&handler, object, std::slice::from_ref(event))?;
    if cx.type_of(&result) == Type::Boolean && !cx.to_boolean(&result) {
        match cx
            .payload(event)
            .and_then(|payload| payload.downcast::<EventData>().ok())
        {
            Some(data) => data.cancel(),
            None => state.cancel(true),
        }
    }
    Ok(())
}

/// What is to be done inside an engine, for an [`Entry`](super::Entry) to pass on.
pub struct Visit<'a>(Job<'a>);

enum Job<'a> {
    Begin {
        target: &'a Rc<Target>,
        fired: TrustedEvent,
        under_way: &'a mut Option<UnderWay>,
    },
    Listen {
        target: &'a Rc<Target>,
        under_way: &'a UnderWay,
        registration: Option<&'a Registration<DomString, usize>>,
        error: &'a mut Option<ScriptError>,
    },
    End {
        target: &'a Rc<Target>,
        under_way: UnderWay,
    },
    UpdateLiveness(&'a Rc<Target>),
    TimeOut {
        target: &'a Rc<Target>,
        due: &'a mut Vec<Rc<Target>>,
    },
}

/// An event that is being dispatched from a task, between two visits.
struct UnderWay {
    data: Rc<EventData>,
    event: usize,
    object: usize,
}

impl Visit<'_> {
    /// Does it, inside the engine.
    pub fn run<E: Engine>(self, cx: &mut E) {
        let (realm, registry) = (realm(cx), cx.registry());
        match self.0 {
            Job::Begin {
                target,
                fired,
                under_way,
            } => {
                let Some(object) = target.pin.get().and_then(|pin| cx.slot(&registry, pin)) else {
                    return;
                };
                match web_socket::event_for(cx, fired) {
                    Ok((event, data)) => {
                        cx.set_slot(&event, event::TARGET, Some(object.clone()));
                        cx.set_slot(&event, event::CURRENT_TARGET, Some(object.clone()));
                        *under_way = Some(UnderWay {
                            data,
                            event: realm.pin(cx, &registry, &event),
                            object: realm.pin(cx, &registry, &object),
                        });
                    }
                    Err(exception) => report(cx, exception),
                }
            }
            Job::Listen {
                target,
                under_way,
                registration,
                error,
            } => {
                let object = cx.slot(&registry, under_way.object);
                let event = cx.slot(&registry, under_way.event);
                if let (Some(object), Some(event)) = (object, event) {
                    let UnderWay { data, .. } = under_way;
                    let type_ = data.type_();
                    let done = invoke(
                        cx,
                        target,
                        &object,
                        &event,
                        &data.state,
                        &type_,
                        registration,
                    );
                    *error = done
                        .err()
                        .and_then(|exception| report_to_script(cx, exception));
                }
            }
            Job::End { target, under_way } => {
                if let Some(event) = cx.slot(&registry, under_way.event) {
                    cx.set_slot(&event, event::CURRENT_TARGET, None);
                }
                if let Some(object) = cx.slot(&registry, under_way.object) {
                    target.update_liveness(cx, &object);
                }
                realm.unpin(cx, &registry, under_way.event);
                realm.unpin(cx, &registry, under_way.object);
            }
            Job::UpdateLiveness(target) => {
                if let Some(object) = target.pin.get().and_then(|pin| cx.slot(&registry, pin)) {
                    abort_signal::release_dependents(cx, target, &object);
                    target.update_liveness(cx, &object);
                }
            }
            Job::TimeOut { target, due } => {
                if let Some(object) = target.pin.get().and_then(|pin| cx.slot(&registry, pin)) {
                    *due = abort_signal::time_out(cx, target, &object);
                }
            }
        }
    }
}

/// Dispatches a trusted event at an object that is kept alive for its listeners, from a task.
pub(super) fn fire(target: &Rc<Target>, fired: TrustedEvent) {
    let Some(realm) = target.realm() else {
        return;
    };
    // Where nobody listens there is no event that anybody could see.
    if target.pin.get().is_none() || !target.listens_to(fired.type_()) {
        return;
    }
    let mut under_way = None;
    let entered = realm.enter(Visit(Job::Begin {
        target,
        fired,
        under_way: &mut under_way,
    }));
    let Some(under_way) = under_way else {
        if !entered {
            report_loss(&realm);
        }
        return;
    };
    let type_ = under_way.data.type_();
    target.listeners.dispatch(
        &under_way.data.state,
        &*type_,
        target.handlers_run_first(),
        |registration| {
            realm.shared().run_callback(|| {
                let mut error = None;
                realm.enter(Visit(Job::Listen {
                    target,
                    under_way: &under_way,
                    registration,
                    error: &mut error,
                }));
                error.map_or(Ok(()), |error| Err(error.into()))
            });
        },
    );
    realm.enter(Visit(Job::End { target, under_way }));
}

/// The engine could not be entered for an event.
fn report_loss(realm: &Realm) {
    if realm.document().is_fully_active() {
        realm.shared().report(Exception::Error(
            "an event is lost: the script engine is in use where the loop turns".into(),
        ));
    }
}

/// "Garbage collection" of an object, from a task.
pub(super) fn update_liveness(target: &Rc<Target>) {
    if let Some(realm) = target.realm().filter(|_| target.pin.get().is_some()) {
        realm.enter(Visit(Job::UpdateLiveness(target)));
    }
}

/// DOM `AbortSignal.timeout`, step 3: aborts a signal whose time is over, from a task.
pub(super) fn time_out(target: &Rc<Target>) {
    let Some(realm) = target.realm() else {
        return;
    };
    let mut due = Vec::new();
    let visit = Visit(Job::TimeOut {
        target,
        due: &mut due,
    });
    if !realm.enter(visit) {
        report_loss(&realm);
        if let Some(signal) = target.signal() {
            signal.abort();
        }
    }
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
