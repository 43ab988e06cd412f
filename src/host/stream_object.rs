//! The object of a `WebSocketStream`: its promises, what keeps it alive, and the signal of its handshake.

use super::engine::Engine;
use super::object::call_method;
use super::stream_state::StreamState;
use super::target::{REGISTRY, Target};
use std::rc::Rc;

/// A promise lies in a slot, and the functions that settle it in the two behind that.
pub(super) const OPENED: usize = 0;
/// "Closed promise".
pub(super) const CLOSED: usize = 8;
/// What `write` of the writable's sink returned.
pub(super) const WRITTEN: usize = 11;
/// What `close` of it returned.
pub(super) const FINISHED: usize = 14;
/// The controller of the readable.
pub(super) const READABLE: usize = 17;
/// The controller of the writable.
pub(super) const WRITABLE: usize = 18;
/// The signal that aborts the handshake.
pub(super) const SIGNAL: usize = 19;

/// A new promise, in its slots.
pub(super) fn new_promise<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    slot: usize,
) -> Result<E::Value, E::Exception> {
    let [promise, resolve, reject] = cx.new_promise()?;
    cx.set_slot(object, slot, Some(promise.clone()));
    cx.set_slot(object, slot + 1, Some(resolve));
    cx.set_slot(object, slot + 2, Some(reject));
    Ok(promise)
}

/// Whether a promise has been made, and not been settled.
pub(super) fn is_pending<E: Engine>(cx: &mut E, object: &E::Value, slot: usize) -> bool {
    cx.slot(object, slot + 1).is_some()
}

/// "Resolve" a promise that may be pending.
pub(super) fn resolve<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    slot: usize,
    value: E::Value,
) -> Result<(), E::Exception> {
    settle(cx, object, slot, slot + 1, value)
}

/// "Reject" a promise that may be pending.
pub(super) fn reject<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    slot: usize,
    reason: E::Value,
) -> Result<(), E::Exception> {
    settle(cx, object, slot, slot + 2, reason)
}

fn settle<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    slot: usize,
    function: usize,
    value: E::Value,
) -> Result<(), E::Exception> {
    let settle = cx.slot(object, function);
    cx.set_slot(object, slot + 1, None);
    cx.set_slot(object, slot + 2, None);
    if let Some(settle) = settle {
        let undefined = cx.undefined();
        cx.call(&settle, &undefined, &[value])?;
    }
    Ok(())
}

/// Calls a method of a stream's controller, if there is a stream.
pub(super) fn control<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    slot: usize,
    method: &str,
    arguments: &[E::Value],
) -> Result<(), E::Exception> {
    if let Some(controller) = cx.slot(object, slot) {
        call_method(cx, &controller, method, arguments)?;
    }
    Ok(())
}

/// "Garbage collection": keeps the object alive while script waits for an event to come.
pub(super) fn update_liveness<E: Engine>(cx: &mut E, state: &StreamState, object: &E::Value) {
    let (is_needed, pin) = (state.is_needed(), state.pin.get());
    if is_needed == pin.is_some() {
        return;
    }
    let (Some(realm), Some(registry)) = (state.realm(), cx.slot(object, REGISTRY)) else {
        return;
    };
    match pin {
        None => state.pin.set(Some(realm.pin(cx, &registry, object))),
        Some(pin) => {
            state.pin.set(None);
            realm.unpin(cx, &registry, pin);
        }
    }
}

/// DOM "add an algorithm to an AbortSignal", of the bindings' own: it has the stream's object abort its handshake.
pub(super) fn join_signal<E: Engine>(
    cx: &mut E,
    state: &StreamState,
    object: &E::Value,
    target: &Rc<Target>,
    signal_object: &E::Value,
) {
    let Some(signal) = target.signal() else {
        return;
    };
    let slot = target.slots.take(cx, signal_object, object);
    signal.add_handshake(slot);
    state.signal_slot.set(Some(slot));
    target.update_liveness(cx, signal_object);
}

/// The handshake is over: its signal means nothing to the stream any more.
pub(super) fn leave_signal<E: Engine>(cx: &mut E, state: &StreamState, object: &E::Value) {
    let signal_object = cx.slot(object, SIGNAL);
    cx.set_slot(object, SIGNAL, None);
    let (Some(signal_object), Some(slot)) = (signal_object, state.signal_slot.take()) else {
        return;
    };
    let host_defined = cx.host_defined(&signal_object);
    let target = host_defined.and_then(|host_defined| host_defined.downcast::<Target>().ok());
    if let Some(target) = target {
        if let Some(signal) = target.signal() {
            signal.remove_handshake(slot);
        }
        target.slots.free(cx, &signal_object, slot);
        target.update_liveness(cx, &signal_object);
    }
}

/// The abort steps that a `WebSocketStream` adds to its signal.
pub(super) fn abort_handshake<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    reason: &E::Value,
) -> Result<(), E::Exception> {
    let host_defined = cx.host_defined(object);
    let Some(state) =
        host_defined.and_then(|host_defined| host_defined.downcast::<StreamState>().ok())
    else {
        return Ok(());
    };
    state.signal_slot.set(None);
    cx.set_slot(object, SIGNAL, None);
    if state.abort_handshake() {
        reject(cx, object, OPENED, reason.clone())?;
        reject(cx, object, CLOSED, reason.clone())?;
    }
    Ok(())
}
