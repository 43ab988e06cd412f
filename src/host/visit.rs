//! What tasks want done inside the engine.

use super::engine::Engine;
use super::realm::{Visit, realm};
use super::report::{report, report_to_script};
use super::task::{PinnedEvent, Steps};
use super::{abort_signal, close_event, dispatch, event, message_event, stream_feedback};
use crate::dom::TrustedEvent;

impl Visit<'_> {
    /// Does it, inside the engine.
    pub fn run<E: Engine>(self, cx: &mut E) {
        if let Some(steps) = self.0.downcast_mut::<Steps>() {
            run(cx, steps);
        }
    }
}

fn run<E: Engine>(cx: &mut E, steps: &mut Steps) {
    match steps {
        Steps::Begin {
            target,
            event,
            begun,
        } => {
            if let (Some(object), Some(event)) = (pinned(cx, target.pin.get()), event.take()) {
                match begin(cx, &object, event) {
                    Ok(event) => *begun = Some(event),
                    Err(exception) => report(cx, exception),
                }
            }
        }
        Steps::Invoke {
            target,
            event:
                PinnedEvent {
                    data,
                    event,
                    target: object,
                },
            callback,
            error,
        } => {
            let registry = cx.registry();
            let (object, event) = (cx.slot(&registry, *object), cx.slot(&registry, *event));
            if let (Some(object), Some(event)) = (object, event) {
                let type_ = data.type_();
                let done =
                    dispatch::invoke(cx, target, &object, &event, &data.state, &type_, *callback);
                *error = done
                    .err()
                    .and_then(|exception| report_to_script(cx, exception));
            }
        }
        Steps::End { target, event } => {
            let (realm, registry) = (realm(cx), cx.registry());
            if let Some(event) = cx.slot(&registry, event.event) {
                dispatch::end(cx, &event);
            }
            if let Some(object) = cx.slot(&registry, event.target) {
                target.update_liveness(cx, &object);
            }
            realm.unpin(cx, &registry, event.event);
            realm.unpin(cx, &registry, event.target);
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
    let registry = cx.registry();
    pin.and_then(|pin| cx.slot(&registry, pin))
}

/// "Create an event", and the beginning of its dispatch.
fn begin<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    event: TrustedEvent,
) -> Result<PinnedEvent, E::Exception> {
    let (event, data) = match event {
        TrustedEvent::Simple(type_) => event::create_simple(cx, type_),
        TrustedEvent::Message(message) => message_event::create_message(cx, message),
        TrustedEvent::Close(init) => close_event::create_close(cx, init),
    }?;
    dispatch::begin(cx, object, &event);
    let (realm, registry) = (realm(cx), cx.registry());
    Ok(PinnedEvent {
        data,
        event: realm.pin(cx, &registry, &event),
        target: realm.pin(cx, &registry, object),
    })
}
