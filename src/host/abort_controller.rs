//! `AbortController` (DOM section 3.1).

use super::abort_signal;
use super::engine::Engine;
use super::interface::{Id, Interface, Member, construct, new_target};
use super::native::{Call, Completion, natives, this};
use std::rc::Rc;

natives! { AbortController:
    Construct => constructor,
    Signal => signal,
    Abort => abort,
}

pub(super) const INTERFACE: Interface = Interface {
    id: Id::AbortController,
    name: "AbortController",
    parent: None,
    constructor: Native::Construct.id(),
    constructor_length: 0,
    constants: &[],
    statics: &[],
    members: &[
        Member::Attribute("signal", Native::Signal.id(), None),
        Member::Operation("abort", 0, Native::Abort.id()),
    ],
};

/// The payload of an `AbortController`: its signal lies in a slot.
struct Controller;

const SIGNAL: usize = 0;

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let new_target = new_target(cx, call, "AbortController")?;
    let controller = construct(cx, &new_target, Id::AbortController, || Rc::new(Controller))?;
    let signal = abort_signal::create_signal(cx)?;
    cx.set_slot(&controller, SIGNAL, Some(signal));
    Ok(controller)
}

fn signal<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this(cx, call, |_: &Controller| true)?;
    match cx.slot(&call.this, SIGNAL) {
        Some(signal) => Ok(signal),
        None => Ok(cx.undefined()),
    }
}

fn abort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let signal = signal(cx, call)?;
    let reason = call.argument(cx, 0);
    abort_signal::signal_abort(cx, &signal, reason)?;
    Ok(cx.undefined())
}
