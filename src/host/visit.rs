//! What tasks want done inside the engine.

use super::call::Completion;
use super::engine::Engine;
use super::entry::Visit;
use super::event_data::{EventData, TARGET};
use super::listener::Callback;
use super::realm::realm;
use super::report::{report, report_to_script};
use super::target::Target;
use super::task::{EventObject, Steps};
use super::{abort_signal, dispatch, event, message_event, stream_feedback};
use crate::dom::MessageData;
use std::rc::Rc;

impl Visit<'_> {
    /// Does it, inside the engine: see the example of [`Entry`](super::Entry).
    pub fn run<E: Engine>(self, cx: &mut E) {
        if let Some(steps) = self.0.downcast_mut::<Steps>() {
            run(cx, steps);
        }
    }
}

fn run<E: Engine>(cx: &mut E, steps: &mut Steps) {
    match steps {
        Steps::Begin { target, event, pin } => {
            if let (Some(object), Some(event)) = (pinned(cx, target.pin.get()), event.take()) {
                match create(cx, event.data, event.message, &object) {
                    Ok(event) => {
                        let (realm, registry) = (realm(cx), cx.registry());
                        *pin = Some(realm.pin(cx, &registry, &event));
                    }
                    Err(exception) => report(cx, exception),
                }
            }
        }
        Steps::Invoke {
            target,
            data,
            object,
            callback,
            error,
        } => {
            let done = invoke(cx, target, data, object, *callback);
            *error = done
                .err()
                .and_then(|exception| report_to_script(cx, exception));
        }
        Steps::End { pin } => {
            let (realm, registry) = (realm(cx), cx.registry());
            realm.unpin(cx, &registry, *pin);
        }
        Steps::UpdateLiveness { target } => {
            if let Some(object) = pinned(cx, target.pin.get()) {
                target.release_dependents(cx, &object);
                target.update_liveness(cx, &object);
            }
        }
        Steps::TimeOut { target, due } => {
            if let Some(object) = pinned(cx, target.pin.get()) {
                *due = abort_signal::time_out(cx, target, &object);
            }
        }
        Steps::AbortHandshakes { target } => {
            if let Some(object) = pinned(cx, target.pin.get()) {
                if let Err(exception) = abort_signal::abort_handshakes(cx, target, &object) {
                    report(cx, exception);
                }
            }
        }
        Steps::Stream { state } => {
            if let Some(object) = pinned(cx, state.pin.get()) {
                if let Err(exception) = stream_feedback::run(cx, state, &object) {
                    report(cx, exception);
                }
            }
        }
    }
}

/// An object that the registry keeps alive.
fn pinned<E: Engine>(cx: &mut E, pin: Option<usize>) -> Option<E::Value> {
    cx.registry_slot(pin?)
}

/// "Create an event", with its target.
fn create<E: Engine>(
    cx: &mut E,
    data: Rc<EventData>,
    message: Option<MessageData>,
    object: &E::Value,
) -> Completion<E> {
    let value = match message {
        Some(message) => Some(message_event::received_data(cx, message)?),
        None => None,
    };
    event::create_trusted(cx, data, Some(object.clone()), value)
}

fn invoke<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    data: &Rc<EventData>,
    object: &mut EventObject,
    callback: Callback,
) -> Result<(), E::Exception> {
    let (event, object) = match object {
        EventObject::New(message) => {
            let Some(object) = pinned(cx, target.pin.get()) else {
                return Ok(());
            };
            let event = create(cx, data.clone(), message.take(), &object)?;
            (event, object)
        }
        EventObject::Pinned(pin) => {
            let Some(event) = cx.registry_slot(*pin) else {
                return Ok(());
            };
            let Some(object) = cx.slot(&event, TARGET) else {
                return Ok(());
            };
            (event, object)
        }
    };
    let type_ = data.type_();
    dispatch::invoke(cx, target, &object, &event, &data.state, &type_, callback)
}
