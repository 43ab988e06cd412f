//! `AbortController` (DOM section 3.1).

use super::abort_signal::{create_signal, signal_abort};
use super::call::{self, Call, Completion};
use super::engine::Engine;
use super::idl::interface;
use super::native::Interface;
use super::object::construct;
use std::rc::Rc;

interface! {
    interface AbortController {
        constructor(0) => constructor;
        this: Controller;

        attribute signal => signal;
        operation abort(0) => abort;
    }
}

type This<'a, E> = call::This<'a, E, Controller, Controller>;

/// The host-defined value of an `AbortController`: its signal lies in a slot.
struct Controller;

const SIGNAL: usize = 0;

fn constructor<E: Engine>(cx: &mut E, _: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let controller = construct(cx, new_target, Interface::AbortController, || {
        Rc::new(Controller)
    })?;
    let signal = create_signal(cx)?;
    cx.set_slot(&controller, SIGNAL, Some(signal));
    Ok(controller)
}

fn signal<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let undefined = cx.undefined();
    Ok(cx.slot(this.object(), SIGNAL).unwrap_or(undefined))
}

fn abort<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let reason = this.value(cx);
    let signal = signal(cx, this)?;
    signal_abort(cx, &signal, reason)?;
    Ok(cx.undefined())
}
