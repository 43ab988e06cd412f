//! `EventTarget` (DOM section 2.7).

use super::abort_signal;
use super::abort_state::Removal;
use super::call::{self, Call, Completion, type_error};
use super::convert::{boolean_member, member};
use super::dispatch::{dispatch, dispatch_any};
use super::dom_exception;
use super::engine::Engine;
use super::event_data::EventData;
use super::idl::interface;
use super::language::Type;
use super::listener::Listener;
use super::native::Interface;
use super::object::{construct, is_foreign_instance};
use super::property::Key;
use super::realm::realm;
use super::target::{Role, Target};
use crate::dom::EventState;
use std::cell::Cell;
use std::rc::Rc;

interface! {
    interface EventTarget {
        constructor(0) => constructor;
        this: Target;

        operation addEventListener(2) => add_event_listener;
        operation removeEventListener(2) => remove_event_listener;
        operation dispatchEvent(1) => dispatch_event;
    }
}

type This<'a, E> = call::This<'a, E, Target, Target>;

fn constructor<E: Engine>(cx: &mut E, _: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let realm = realm(cx);
    construct(cx, new_target, Interface::EventTarget, || {
        Target::new(&realm, Role::Plain)
    })
}

/// WebIDL "callback interface type", nullable.
fn callback_argument<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
) -> Result<Option<E::Value>, E::Exception> {
    let callback = call.argument(cx, 1);
    match cx.type_of(&callback) {
        Type::Undefined | Type::Null => Ok(None),
        Type::Object => Ok(Some(callback)),
        _ => Err(type_error(cx, "the listener is not an object")),
    }
}

/// DOM "flatten": the `capture` option, and the dictionary if there is one.
fn flatten<E: Engine>(
    cx: &mut E,
    options: &E::Value,
) -> Result<(bool, Option<E::Value>), E::Exception> {
    match cx.type_of(options) {
        Type::Undefined | Type::Null => Ok((false, None)),
        Type::Object => {
            let capture = boolean_member(cx, options, "capture")?.unwrap_or(false);
            Ok((capture, Some(options.clone())))
        }
        _ => Ok((cx.to_boolean(options), None)),
    }
}

/// DOM `addEventListener`.
fn add_event_listener<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let (target, call) = (this.host_defined, this.call);
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let callback = callback_argument(cx, call)?;
    let options = call.argument(cx, 2);
    let (capture, options) = flatten(cx, &options)?;
    let (mut once, mut passive, mut signal) = (false, false, None);
    if let Some(options) = options {
        once = boolean_member(cx, &options, "once")?.unwrap_or(false);
        passive = boolean_member(cx, &options, "passive")?.unwrap_or(false);
        if let Some(value) = member(cx, &options, "signal")? {
            if !abort_signal::is_signal(cx, &value)? {
                return Err(type_error(cx, "the signal is not an AbortSignal"));
            }
            signal = Some(value);
        }
    }
    let undefined = cx.undefined();
    // DOM "add an event listener", steps 2 and 3.
    if let Some(signal) = &signal {
        if abort_signal::is_aborted(cx, signal)? {
            return Ok(undefined);
        }
    }
    let Some(callback) = callback else {
        return Ok(undefined);
    };
    let listener = Listener {
        type_,
        callback: None,
        capture,
        once,
        passive,
        is_removed: Cell::new(false),
    };
    let added = target.add(cx, this.object(), listener, &callback);
    if let (Some(listener), Some(signal)) = (added, signal) {
        let removal = Removal::new(target, &listener);
        abort_signal::remove_on_abort(cx, &signal, removal)?;
    }
    target.update_liveness(cx, this.object());
    Ok(undefined)
}

/// DOM `removeEventListener`.
fn remove_event_listener<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let (target, call) = (this.host_defined, this.call);
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let callback = callback_argument(cx, call)?;
    let options = call.argument(cx, 2);
    let (capture, _) = flatten(cx, &options)?;
    if let Some(callback) = callback {
        target.remove(cx, this.object(), &type_, &callback, capture);
        target.update_liveness(cx, this.object());
    }
    Ok(cx.undefined())
}

/// DOM `dispatchEvent`.
fn dispatch_event<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let event = this.value(cx);
    let data = cx
        .host_defined(&event)
        .and_then(|host_defined| host_defined.downcast::<EventData>().ok());
    let Some(data) = data else {
        return dispatch_foreign(cx, this.host_defined, this.object(), &event);
    };
    if data.state.is_being_dispatched() || !data.is_initialized.get() {
        return Err(dom_exception::throw(
            cx,
            "InvalidStateError",
            "the event is being dispatched or has not been initialized",
        ));
    }
    data.is_trusted.set(false);
    let is_not_canceled = dispatch(cx, this.host_defined, this.object(), &event, &data);
    Ok(cx.boolean(is_not_canceled))
}

/// As `dispatchEvent`, for an event of the realm's own `Event`, whose flags are out of reach.
fn dispatch_foreign<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
) -> Completion<E> {
    if !is_foreign_instance(cx, event, Interface::Event)? {
        return Err(type_error(cx, "the argument is not an Event"));
    }
    let type_ = cx.get(event, Key::Name("type"))?;
    let type_ = cx.to_dom_string(&type_)?;
    dispatch_any(cx, target, object, event, &EventState::default(), &type_);
    let prevented = cx.get(event, Key::Name("defaultPrevented"))?;
    let prevented = cx.to_boolean(&prevented);
    Ok(cx.boolean(!prevented))
}
