//! `AbortSignal` (DOM section 3.2).

use super::abort_state::{AbortState, Source};
use super::call::{self, Call, Completion, type_error};
use super::convert::{enforced_unsigned_long_long, to_sequence};
use super::dispatch::dispatch;
use super::dom_exception;
use super::engine::Engine;
use super::event::create_trusted;
use super::event_data::{EventData, EventKind};
use super::event_handler::{handler, set_handler};
use super::idl::interface;
use super::language::Type;
use super::native::{Interface, Native};
use super::object::{bound_function, call_method, create, create_plain, is_foreign_instance};
use super::property::Key;
use super::realm::realm;
use super::report::report;
use super::stream_object::{abort_handshake, join_signal};
use super::stream_state::StreamState;
use super::string::DomString;
use super::target::{REASON, Role, Target, keep_registry};
use std::rc::Rc;
use std::time::Duration;

interface! {
    interface AbortSignal: EventTarget {
        function FOREIGN_ABORT => foreign_abort;
        this: Target as AbortState<Target> => Target::signal;

        static abort(0) => static_abort;
        static timeout(1) => static_timeout;
        static any(1) => static_any;
        attribute aborted => |cx, this| Ok(cx.boolean(this.aborted()));
        attribute reason => |cx, this| reason_of(cx, this.host_defined, this.object());
        operation throwIfAborted(0) => throw_if_aborted;
        attribute onabort => handler::<_, _, 0>, set_handler::<_, _, 0>;
    }
}

type This<'a, E> = call::This<'a, E, Target, AbortState<Target>>;
type Removal = super::abort_state::Removal<Target>;

/// A signal that is not aborted.
pub(super) fn create_signal<E: Engine>(cx: &mut E) -> Completion<E> {
    create_with(cx, AbortState::new())
}

fn create_with<E: Engine>(cx: &mut E, signal: AbortState<Target>) -> Completion<E> {
    let target = Target::new(&realm(cx), Role::Signal(Box::new(signal)));
    let object = create(cx, Interface::AbortSignal, target)?;
    keep_registry(cx, &object);
    Ok(object)
}

fn target_of<E: Engine>(cx: &mut E, value: &E::Value) -> Option<Rc<Target>> {
    let target = cx.host_defined(value)?.downcast::<Target>().ok()?;
    target.signal().is_some().then_some(target)
}

/// Whether a value is an `AbortSignal`, ours or the realm's own.
pub(super) fn is_signal<E: Engine>(cx: &mut E, value: &E::Value) -> Result<bool, E::Exception> {
    if target_of(cx, value).is_some() {
        return Ok(true);
    }
    is_foreign_instance(cx, value, Interface::AbortSignal)
}

fn is_aborted_target(target: &Rc<Target>) -> bool {
    target.signal().is_some_and(AbortState::aborted)
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
    let removal = create_plain(cx, Rc::new(removal))?;
    let listener = bound_function(cx, FOREIGN_ABORT, 0, &removal)?;
    let type_ = cx.string("abort")?;
    call_method(cx, object, "addEventListener", &[type_, listener])?;
    Ok(())
}

/// Has a stream's handshake be aborted with the signal. `aborted` is for one of the realm's own, and called on the
/// stream's object.
pub(super) fn abort_handshake_with<E: Engine>(
    cx: &mut E,
    signal: &E::Value,
    state: &StreamState,
    object: &E::Value,
    aborted: Native,
) -> Result<(), E::Exception> {
    if let Some(target) = target_of(cx, signal) {
        join_signal(cx, state, object, &target, signal);
        return Ok(());
    }
    let listener = bound_function(cx, aborted, 0, object)?;
    let type_ = cx.string("abort")?;
    call_method(cx, signal, "addEventListener", &[type_, listener])?;
    Ok(())
}

/// The reason that an `AbortSignal` was aborted with.
pub(super) fn abort_reason<E: Engine>(cx: &mut E, signal: &E::Value) -> Completion<E> {
    match target_of(cx, signal) {
        Some(target) => reason_of(cx, &target, signal),
        None => cx.get(signal, Key::Name("reason")),
    }
}

/// DOM "run the abort steps", steps 1 and 2, of the handshakes.
pub(super) fn abort_handshakes<E: Engine>(
    cx: &mut E,
    target: &Target,
    object: &E::Value,
) -> Result<(), E::Exception> {
    let Some(signal) = target.signal() else {
        return Ok(());
    };
    for slot in signal.take_handshakes() {
        let stream = cx.slot(object, slot);
        target.slots.free(cx, object, slot);
        if let (Some(stream), Some(reason)) = (stream, cx.slot(object, REASON)) {
            abort_handshake(cx, &stream, &reason)?;
        }
    }
    Ok(())
}

/// The realm's own signal has been aborted.
fn foreign_abort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let removal = call.host_defined::<Removal>(cx)?;
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
    if target.signal().is_none_or(AbortState::aborted) {
        return Ok(());
    }
    let reason = reason_or_default(cx, reason)?;
    for (target, object) in begin_abort(cx, &target, object, reason) {
        if let Some(signal) = target.signal() {
            signal.run_algorithms();
        }
        abort_handshakes(cx, &target, &object)?;
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
    for dependent in signal.dependents.all() {
        // Asked before the source is aborted, as it is with it.
        match dependent.target() {
            Some(target) if !is_aborted_target(&target) => dependents.push((target, dependent)),
            _ => {}
        }
    }
    signal.dependents.clear();
    signal.abort();
    cx.set_slot(object, REASON, Some(reason.clone()));
    for (dependent_target, dependent) in dependents {
        if let Some(signal) = dependent_target.signal() {
            signal.abort_after(target);
        }
        let held = dependent.slot().and_then(|slot| cx.slot(object, slot));
        if let Some(held) = held {
            cx.set_slot(&held, REASON, Some(reason.clone()));
            due.push((dependent_target, held));
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
        let type_ = DomString::from_static("abort");
        let data = EventData::trusted(realm(cx).now(), type_, EventKind::Plain);
        let data = Rc::new(data);
        let event = create_trusted(cx, data.clone(), None, None)?;
        dispatch(cx, target, object, &event, &data);
    }
    Ok(())
}

fn static_abort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let signal = create_signal(cx)?;
    let reason = call.argument(cx, 0);
    signal_abort(cx, &signal, reason)?;
    Ok(signal)
}

/// DOM `AbortSignal.timeout`.
fn static_timeout<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let milliseconds = call.argument(cx, 0);
    let milliseconds = enforced_unsigned_long_long(cx, &milliseconds)?;
    let duration = Duration::from_millis(milliseconds);
    let signal = AbortState::timed(realm(cx).timeouts().clone(), duration);
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
            report(cx, exception);
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

/// DOM "create a dependent abort signal".
fn static_any<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
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
        target.release_dependents(cx, source);
    }
    signal.add_source(Source {
        target: target.clone(),
        slot: data.slots.take(cx, dependent, source),
        dependent: source_signal.dependents.add(data),
    });
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

fn throw_if_aborted<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    if this.aborted() {
        let reason = reason_of(cx, this.host_defined, this.object())?;
        return Err(cx.throw(reason));
    }
    Ok(cx.undefined())
}
