//! Dispatch (DOM section 2.9), within the engine.

use super::call::type_error;
use super::engine::Engine;
use super::event_data::{EventData, TARGET};
use super::event_handler::invoke_handler;
use super::listener::Callback;
use super::property::Key;
use super::report::report;
use super::string::DomString;
use super::target::Target;
use crate::dom::EventState;
use std::rc::Rc;

/// Dispatches an event at an object. False if it was canceled.
pub(super) fn dispatch<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    data: &EventData,
) -> bool {
    cx.set_slot(event, TARGET, Some(object.clone()));
    dispatch_any(cx, target, object, event, &data.state, &data.type_())
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
        .dispatch(state, type_, handlers_run_first, |listener| {
            let callback = Callback::of(listener);
            if let Err(exception) = invoke(cx, target, object, event, state, type_, callback) {
                report(cx, exception);
            }
        })
}

/// DOM "inner invoke", steps 8 to 12, of one listener or handler.
pub(super) fn invoke<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    state: &EventState,
    type_: &DomString,
    callback: Callback,
) -> Result<(), E::Exception> {
    let Callback::Listener { slot, once } = callback else {
        return invoke_handler(cx, target, object, event, state, type_);
    };
    let Some(callback) = cx.slot(object, slot) else {
        return Ok(());
    };
    if once {
        target.slots.free(cx, object, slot);
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
