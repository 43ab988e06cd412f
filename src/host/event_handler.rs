//! HTML "event handlers": the attributes, and the algorithm that calls one.

use super::call::{Completion, This};
use super::engine::Engine;
use super::event_data::EventData;
use super::language::Type;
use super::listener::Listener;
use super::object::slot_or_null;
use super::string::DomString;
use super::target::Target;
use crate::dom::EventState;
use std::rc::Rc;

/// The getter of an event handler attribute, whose handler lies in this slot: the handler as it was set, or
/// null.
pub(super) fn handler<E: Engine, T, const SLOT: usize>(
    cx: &mut E,
    this: This<'_, E, Target, T>,
) -> Completion<E> {
    Ok(slot_or_null(cx, this.object(), SLOT))
}

/// Its setter. Setting one gives it a place behind the listeners that there are, and replacing it keeps
/// that; setting null takes the place away.
pub(super) fn set_handler<E: Engine, T, const SLOT: usize>(
    cx: &mut E,
    this: This<'_, E, Target, T>,
) -> Completion<E> {
    let (target, object) = (this.host_defined, this.object());
    let type_ = target.handled_types()[SLOT];
    let value = this.value(cx);
    // [LegacyTreatNonObjectAsNull]
    let handler = (cx.type_of(&value) == Type::Object).then_some(value);
    target.note_handler(SLOT, handler.is_some());
    if !target.handlers_run_first() {
        if handler.is_some() {
            let place = Listener::of_handler(DomString::from(type_));
            target.listeners.add(Rc::new(place));
        } else {
            target
                .listeners
                .remove_where(|known| known.callback.is_none() && known.type_ == *type_);
        }
    }
    cx.set_slot(object, SLOT, handler);
    target.update_liveness(cx, object);
    Ok(cx.undefined())
}

/// HTML "the event handler processing algorithm".
pub(super) fn invoke_handler<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
    state: &EventState,
    type_: &DomString,
) -> Result<(), E::Exception> {
    let slot = type_.as_str().and_then(|type_| target.handler_slot(type_));
    let Some(handler) = slot.and_then(|slot| cx.slot(object, slot)) else {
        return Ok(());
    };
    // [LegacyTreatNonObjectAsNull]: an object that can't be called does nothing.
    if !cx.is_callable(&handler) {
        return Ok(());
    }
    let result = cx.call(&handler, object, std::slice::from_ref(event))?;
    if cx.type_of(&result) == Type::Boolean && !cx.to_boolean(&result) {
        match cx
            .host_defined(event)
            .and_then(|host_defined| host_defined.downcast::<EventData>().ok())
        {
            Some(data) => data.cancel(),
            None => state.cancel(true),
        }
    }
    Ok(())
}
