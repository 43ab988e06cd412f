//! `AbortSignal` (DOM section 3.2).

use super::convert::{enforced_unsigned_long_long, to_sequence};
use super::dispatch;
use super::dom_exception;
use super::engine::{Engine, Intrinsic, Key, Type};
use super::event::{self, Kind};
use super::event_target::{self, REASON, Role, Target};
use super::interface::{Id, Interface, Member, create};
use super::native::{Call, Completion, natives, realm, this, type_error};
use super::realm::{RealmSlot, inherits_from, realm_slot};
use super::signal::{Removal, Signal, Source};
use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

natives! { AbortSignal:
    Construct => constructor,
    StaticAbort => static_abort,
    StaticTimeout => static_timeout,
    StaticAny => static_any,
    Aborted => aborted,
    Reason => reason,
    ThrowIfAborted => throw_if_aborted,
    OnAbort => onabort,
    SetOnAbort => set_onabort,
    ForeignAbort => foreign_abort,
}

pub(super) const INTERFACE: Interface = Interface {
    id: Id::AbortSignal,
    name: "AbortSignal",
    parent: Some(Id::EventTarget),
    constructor: Native::Construct.id(),
    constructor_length: 0,
    constants: &[],
    statics: &[
        Member::Operation("abort", 0, Native::StaticAbort.id()),
        Member::Operation("timeout", 1, Native::StaticTimeout.id()),
        Member::Operation("any", 1, Native::StaticAny.id()),
    ],
    members: &[
        Member::Attribute("aborted", Native::Aborted.id(), None),
        Member::Attribute("reason", Native::Reason.id(), None),
        Member::Operation("throwIfAborted", 0, Native::ThrowIfAborted.id()),
        Member::Attribute(
            "onabort",
            Native::OnAbort.id(),
            Some(Native::SetOnAbort.id()),
        ),
    ],
};

/// A signal that is not aborted.
pub(super) fn create_signal<E: Engine>(cx: &mut E) -> Completion<E> {
    create_with(cx, Signal::default())
}

fn create_with<E: Engine>(cx: &mut E, signal: Signal) -> Completion<E> {
    let target = Target::new(&realm(cx), Role::Signal(signal));
    let object = create(cx, Id::AbortSignal, target)?;
    event_target::keep_registry(cx, &object);
    Ok(object)
}

fn target_of<E: Engine>(cx: &mut E, value: &E::Value) -> Option<Rc<Target>> {
    let target = cx.payload(value)?.downcast::<Target>().ok()?;
    target.signal().is_some().then_some(target)
}

fn this_signal<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Rc<Target>, E::Exception> {
    this(cx, call, |target: &Target| target.signal().is_some())
}

/// Whether a value is an `AbortSignal`, ours or the realm's own.
pub(super) fn is_signal<E: Engine>(cx: &mut E, value: &E::Value) -> Result<bool, E::Exception> {
    if target_of(cx, value).is_some() {
        return Ok(true);
    }
    if !realm(cx).is_foreign(Id::AbortSignal) {
        return Ok(false);
    }
    let constructor = realm_slot(cx, RealmSlot::InterfaceObject, Id::AbortSignal as usize);
    let prototype = cx.get(&constructor, Key::Name("prototype"))?;
    inherits_from(cx, value, &prototype)
}

fn is_aborted_target(target: &Rc<Target>) -> bool {
    target.signal().is_some_and(Signal::aborted)
}

/// Whether an `AbortSignal` is aborted.
pub(super) fn is_aborted<E: Engine>(cx: &mut E, value: &E::Value) -> Result<bool, E::Exception> {
    match target_of(cx, value) {
        Some(target) => Ok(is_aborted_target(&target)),
        None => {
            let aborted = cx.get(value, Key::Name("aborted"))?;
            Ok(cx.to_boolean(&aborted))
        }
    }
}

/// DOM "add an event listener", step 6.
pub(super) fn remove_on_abort<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    removal: Removal,
) -> Result<(), E::Exception> {
    if let Some(target) = target_of(cx, object) {
        if let Some(signal) = target.signal() {
            signal.add_removal(removal);
        }
        target.update_liveness(cx, object);
        return Ok(());
    }
    // The realm's own is told by the event that it fires.
    let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    let removal: Rc<dyn Any> = Rc::new(removal);
    let data = cx.new_host_object(&prototype, removal)?;
    let function = cx.new_function(Native::ForeignAbort.id(), "", 0, false)?;
    let bind = realm_slot(cx, RealmSlot::Bind, 0);
    let listener = cx.call(&bind, &function, &[data])?;
    let add = cx.get(object, Key::Name("addEventListener"))?;
    let type_ = cx.string("abort")?;
    cx.call(&add, object, &[type_, listener])?;
    Ok(())
}

/// The realm's own signal has been aborted.
fn foreign_abort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let removal = this(cx, call, |_: &Removal| true)?;
    removal.run();
    Ok(cx.undefined())
}

/// DOM "signal abort".
pub(super) fn signal_abort<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    reason: E::Value,
) -> Result<(), E::Exception> {
    let Some(target) = target_of(cx, object) else {
        return Ok(());
    };
    if target.signal().is_none_or(Signal::aborted) {
        return Ok(());
    }
    let reason = reason_or_default(cx, reason)?;
    for (target, object) in begin_abort(cx, &target, object, reason) {
        if let Some(signal) = target.signal() {
            signal.run_algorithms();
        }
        fire_abort(cx, &target, &object)?;
        target.update_liveness(cx, &object);
    }
    Ok(())
}

/// Signals, and their objects.
type Signals<E> = Vec<(Rc<Target>, <E as Engine>::Value)>;

/// DOM "signal abort", steps 2 to 4: what depends on the signal is aborted with it, before any script can
/// see it. Returns those whose abort steps do something.
fn begin_abort<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    reason: E::Value,
) -> Signals<E> {
    let mut due = vec![(target.clone(), object.clone())];
    let Some(signal) = target.signal() else {
        return due;
    };
    let mut dependents = Vec::new();
    for link in signal.dependents.links() {
        // Asked before the source is aborted, as it is with it.
        match link.dependent() {
            Some(dependent) if !is_aborted_target(&dependent) => dependents.push((dependent, link)),
            _ => {}
        }
    }
    signal.dependents.clear();
    signal.abort();
    cx.set_slot(object, REASON, Some(reason.clone()));
    for (dependent, link) in dependents {
        if let Some(signal) = dependent.signal() {
            signal.abort_after(target);
        }
        let held = link.slot().and_then(|slot| cx.slot(object, slot));
        if let Some(held) = held {
            cx.set_slot(&held, REASON, Some(reason.clone()));
            due.push((dependent, held));
        }
    }
    due
}

fn reason_or_default<E: Engine>(cx: &mut E, reason: E::Value) -> Completion<E> {
    match cx.type_of(&reason) {
        Type::Undefined => dom_exception::new(cx, "AbortError", "the operation was aborted"),
        _ => Ok(reason),
    }
}

fn fire_abort<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
) -> Result<(), E::Exception> {
    if target.listens_to("abort") {
        let (event, data) = event::create_trusted(cx, Id::Event, "abort", Kind::Plain)?;
        dispatch::dispatch(cx, target, object, &event, &data);
    }
    Ok(())
}

fn constructor<E: Engine>(cx: &mut E, _: &Call<E>) -> Completion<E> {
    Err(type_error(cx, "Illegal constructor"))
}

fn static_abort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let signal = create_signal(cx)?;
    let reason = call.argument(cx, 0);
    signal_abort(cx, &signal, reason)?;
    Ok(signal)
}

/// DOM `AbortSignal.timeout`.
fn static_timeout<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    call.require(cx, 1)?;
    let milliseconds = call.argument(cx, 0);
    let milliseconds = enforced_unsigned_long_long(cx, &milliseconds)?;
    let duration = Duration::from_millis(milliseconds);
    let signal = Signal::timed(realm(cx).shared().clone(), duration);
    create_with(cx, signal)
}

/// The time of a signal is over: what comes before the abort steps, and the signals that have these
/// before them. They are kept alive while they are due.
pub(super) fn time_out<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
) -> Vec<Rc<Target>> {
    if is_aborted_target(target) {
        return Vec::new();
    }
    let due = match timeout_error(cx) {
        Ok(reason) => begin_abort(cx, target, object, reason),
        Err(exception) => {
            dispatch::report(cx, exception);
            return Vec::new();
        }
    };
    for (target, object) in &due {
        if let Some(signal) = target.signal() {
            signal.is_due.set(true);
            target.update_liveness(cx, object);
        }
    }
    due.into_iter().map(|(target, _)| target).collect()
}

fn timeout_error<E: Engine>(cx: &mut E) -> Completion<E> {
    dom_exception::new(cx, "TimeoutError", "the time is over")
}

/// DOM section 3.2.1 "garbage collection", of a signal: it has a timer, and its sources keep it alive, while
/// something would come of its being aborted.
pub(super) fn update_liveness<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    signal: &Signal,
) {
    let is_awaited = target.is_awaited();
    signal.set_timer(target, is_awaited);
    for source in signal.sources() {
        let (link, Some(of)) = (&source.link, source.target.signal()) else {
            continue;
        };
        if link.slot().is_some() == is_awaited {
            continue;
        }
        let Some(source_object) = cx.slot(object, source.slot) else {
            continue;
        };
        if is_awaited {
            let slot = source.target.new_slot(cx, &source_object);
            cx.set_slot(&source_object, slot, Some(object.clone()));
            of.dependents.hold(link, slot);
        } else if let Some(slot) = of.dependents.release(link) {
            source.target.free_slot(cx, &source_object, slot);
        }
        source.target.update_liveness(cx, &source_object);
    }
}

/// Lets go of dependents that lost their last listener where the source's object could not be reached.
pub(super) fn release_dependents<E: Engine>(cx: &mut E, target: &Rc<Target>, object: &E::Value) {
    let Some(signal) = target.signal() else {
        return;
    };
    for link in signal.dependents.links() {
        if link
            .dependent()
            .is_some_and(|dependent| !dependent.is_awaited())
        {
            if let Some(slot) = signal.dependents.release(&link) {
                target.free_slot(cx, object, slot);
            }
        }
    }
}

/// DOM "create a dependent abort signal".
fn static_any<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    call.require(cx, 1)?;
    let signals = call.argument(cx, 0);
    let signals = to_sequence(cx, &signals, |cx, value| match target_of(cx, &value) {
        Some(target) => Ok((value, target)),
        None => Err(type_error(cx, "a signal is not an AbortSignal")),
    })?;
    let result = create_signal(cx)?;
    let Some(data) = target_of(cx, &result) else {
        return Ok(result);
    };
    let aborted = signals.iter().find(|(_, target)| is_aborted_target(target));
    if let Some((object, target)) = aborted {
        let reason = reason_of(cx, target, object)?;
        if let Some(signal) = data.signal() {
            signal.abort();
        }
        cx.set_slot(&result, REASON, Some(reason));
        return Ok(result);
    }
    for (object, target) in signals {
        let Some(signal) = target.signal() else {
            continue;
        };
        // What depends on others stands for those.
        let sources = signal.sources();
        if sources.is_empty() {
            depend(cx, (&data, &result), (&target, &object));
        }
        for source in sources {
            if let Some(object) = cx.slot(&object, source.slot) {
                depend(cx, (&data, &result), (&source.target, &object));
            }
        }
    }
    Ok(result)
}

/// Has one signal be aborted with another, its source.
fn depend<E: Engine>(
    cx: &mut E,
    (data, dependent): (&Rc<Target>, &E::Value),
    (target, source): (&Rc<Target>, &E::Value),
) {
    let (Some(signal), Some(source_signal)) = (data.signal(), target.signal()) else {
        return;
    };
    if signal.source(target).is_some() {
        return;
    }
    if source_signal.dependents.is_full() {
        release_dependents(cx, target, source);
    }
    let slot = data.new_slot(cx, dependent);
    cx.set_slot(dependent, slot, Some(source.clone()));
    signal.add_source(Source {
        target: target.clone(),
        slot,
        link: source_signal.dependents.add(data),
    });
}

fn aborted<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    Ok(cx.boolean(is_aborted_target(&target)))
}

/// The abort reason, which a signal that nobody waited for gets when somebody asks.
fn reason_of<E: Engine>(cx: &mut E, target: &Rc<Target>, object: &E::Value) -> Completion<E> {
    if let Some(reason) = cx.slot(object, REASON) {
        return Ok(reason);
    }
    let Some(signal) = target.signal().filter(|signal| signal.aborted()) else {
        return Ok(cx.undefined());
    };
    let cause = signal.cause();
    let source = cause.and_then(|cause| Some((cx.slot(object, cause.slot)?, cause)));
    let reason = match source {
        Some((object, cause)) => reason_of(cx, &cause.target, &object)?,
        None => timeout_error(cx)?,
    };
    cx.set_slot(object, REASON, Some(reason.clone()));
    Ok(reason)
}

fn reason<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    reason_of(cx, &target, &call.this)
}

fn throw_if_aborted<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    if is_aborted_target(&target) {
        let reason = reason_of(cx, &target, &call.this)?;
        return Err(cx.throw(reason));
    }
    Ok(cx.undefined())
}

fn onabort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    Ok(target.handler(cx, &call.this, 0))
}

fn set_onabort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    let handler = call.argument(cx, 0);
    target.set_handler(cx, &call.this, 0, &handler);
    Ok(cx.undefined())
}
