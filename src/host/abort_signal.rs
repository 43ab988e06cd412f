//! `AbortSignal` (DOM section 3.2).

use super::convert::{enforced_unsigned_long_long, to_sequence};
use super::dispatch;
use super::dom_exception;
use super::engine::{Engine, Key, Type};
use super::event::{self, Kind};
use super::event_target::{self, REASON, Role, Target};
use super::interface::{Id, Interface, Member, create};
use super::native::{Call, Completion, natives, realm, this, type_error};
use super::realm::{RealmSlot, inherits_from, realm_slot};
use super::string::DomString;
use crate::dom::Registration;
use crate::net::runtime;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
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

/// What an `AbortSignal` is beside an `EventTarget`. Its reason lies in a slot.
#[derive(Default)]
pub(super) struct Signal {
    is_aborted: Cell<bool>,
    /// It is waiting for its time.
    is_timed: Cell<bool>,
    /// Its algorithms and its event are still to come, though it is aborted.
    is_due: Cell<bool>,
    removals: RefCell<Vec<Removal>>,
    /// The slots of the signals that depend on this one.
    dependents: RefCell<Vec<usize>>,
    /// The slots of the signals that this one depends on. None of these depends on others.
    sources: RefCell<Vec<usize>>,
}

/// A listener to remove.
struct Removal {
    target: Weak<Target>,
    registration: Weak<Registration<DomString, usize>>,
}

impl Removal {
    fn run(&self) {
        if let (Some(target), Some(registration)) =
            (self.target.upgrade(), self.registration.upgrade())
        {
            target.remove_from_afar(&registration);
        }
    }
}

impl Signal {
    pub(super) fn aborted(&self) -> bool {
        self.is_aborted.get()
    }

    pub(super) fn is_due(&self) -> bool {
        self.is_due.get()
    }

    pub(super) fn is_timed(&self) -> bool {
        self.is_timed.get()
    }
}

/// A signal that is not aborted.
pub(super) fn create_signal<E: Engine>(cx: &mut E) -> Completion<E> {
    let target = Target::new(&realm(cx), Role::Signal(Signal::default()));
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

/// Whether an `AbortSignal` is aborted.
pub(super) fn is_aborted<E: Engine>(cx: &mut E, value: &E::Value) -> Result<bool, E::Exception> {
    match target_of(cx, value) {
        Some(target) => Ok(target.signal().is_some_and(Signal::aborted)),
        None => {
            let aborted = cx.get(value, Key::Name("aborted"))?;
            Ok(cx.to_boolean(&aborted))
        }
    }
}

/// DOM "add an event listener", step 6.
pub(super) fn remove_on_abort<E: Engine>(
    cx: &mut E,
    signal: &E::Value,
    target: &Rc<Target>,
    registration: &Rc<Registration<DomString, usize>>,
) -> Result<(), E::Exception> {
    let removal = Removal {
        target: Rc::downgrade(target),
        registration: Rc::downgrade(registration),
    };
    if let Some(target) = target_of(cx, signal) {
        if let Some(signal) = target.signal() {
            let mut removals = signal.removals.borrow_mut();
            // Those that have become pointless make room before the list grows.
            if removals.len() == removals.capacity() {
                removals.retain(|removal| removal.registration.strong_count() > 0);
            }
            removals.push(removal);
        }
        return Ok(());
    }
    // The realm's own is told by the event that it fires.
    let prototype = cx.intrinsic(super::engine::Intrinsic::ObjectPrototype);
    let removal: Rc<dyn Any> = Rc::new(removal);
    let data = cx.new_host_object(&prototype, removal)?;
    let function = cx.new_function(Native::ForeignAbort.id(), "", 0, false)?;
    let bind = realm_slot(cx, RealmSlot::Bind, 0);
    let listener = cx.call(&bind, &function, &[data])?;
    let add = cx.get(signal, Key::Name("addEventListener"))?;
    let type_ = cx.string("abort")?;
    cx.call(&add, signal, &[type_, listener])?;
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
    for (target, object) in begin_abort(cx, &target, object, reason)? {
        run_algorithms(&target);
        fire_abort(cx, &target, &object)?;
    }
    Ok(())
}

/// Signals, and their objects.
type Signals<E> = Vec<(Rc<Target>, <E as Engine>::Value)>;

/// DOM "signal abort", up to the algorithms: what depends on the signal is aborted with it, before
/// any script can see it. The signals whose abort steps come next, none if it was aborted before.
fn begin_abort<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    reason: E::Value,
) -> Result<Signals<E>, E::Exception> {
    let Some(signal) = target.signal().filter(|signal| !signal.aborted()) else {
        return Ok(Vec::new());
    };
    let reason = reason_or_default(cx, reason)?;
    signal.is_aborted.set(true);
    cx.set_slot(object, REASON, Some(reason.clone()));
    let mut due = vec![(target.clone(), object.clone())];
    for slot in signal.dependents.take() {
        if let Some(dependent) = cx.slot(object, slot) {
            target.free_slot(cx, object, slot);
            let Some(data) = target_of(cx, &dependent) else {
                continue;
            };
            if let Some(signal) = data.signal().filter(|signal| !signal.aborted()) {
                signal.is_aborted.set(true);
                cx.set_slot(&dependent, REASON, Some(reason.clone()));
                due.push((data, dependent));
            }
        }
    }
    Ok(due)
}

/// DOM "run the abort steps", steps 1 and 2. The event follows.
pub(super) fn run_algorithms(target: &Target) {
    let removals = target.signal().map(|signal| signal.removals.take());
    for removal in removals.unwrap_or_default() {
        removal.run();
    }
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
    let object = create_signal(cx)?;
    if let Some(target) = target_of(cx, &object) {
        if let Some(signal) = target.signal() {
            signal.is_timed.set(true);
        }
        target.update_liveness(cx, &object);
        let shared = realm(cx).shared().clone();
        let target = Rc::downgrade(&target);
        let tasks = Rc::downgrade(&shared);
        shared.spawn(Box::pin(async move {
            runtime::sleep(Duration::from_millis(milliseconds)).await;
            if let Some(tasks) = tasks.upgrade() {
                tasks.queue_steps(Box::new(move || {
                    if let Some(target) = target.upgrade() {
                        dispatch::time_out(&target);
                    }
                }));
            }
        }));
    }
    Ok(object)
}

/// The time of a signal is over: what comes before the abort steps, and the signals that have these
/// before them. They are kept alive until [`end_abort`].
pub(super) fn time_out<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
) -> Vec<Rc<Target>> {
    let due = dom_exception::new(cx, "TimeoutError", "the time is over")
        .and_then(|reason| begin_abort(cx, target, object, reason));
    let due = due.unwrap_or_else(|exception| {
        dispatch::report(cx, exception);
        Vec::new()
    });
    for (target, object) in &due {
        if let Some(signal) = target.signal() {
            signal.is_due.set(true);
            target.update_liveness(cx, object);
        }
    }
    due.into_iter().map(|(target, _)| target).collect()
}

/// The abort steps have been run.
pub(super) fn end_abort(target: &Target) {
    if let Some(signal) = target.signal() {
        signal.is_due.set(false);
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
    for (object, target) in &signals {
        if target.signal().is_some_and(Signal::aborted) {
            let reason = cx.slot(object, REASON);
            if let Some(signal) = target_of(cx, &result).as_ref().and_then(|t| t.signal()) {
                signal.is_aborted.set(true);
            }
            cx.set_slot(&result, REASON, reason);
            return Ok(result);
        }
    }
    let Some(data) = target_of(cx, &result) else {
        return Ok(result);
    };
    for (object, target) in signals {
        let Some(signal) = target.signal() else {
            continue;
        };
        // What depends on others stands for those.
        let slots = signal.sources.borrow().clone();
        if slots.is_empty() {
            depend(cx, (&data, &result), (&target, &object));
        }
        for slot in slots {
            let Some(source) = cx.slot(&object, slot) else {
                continue;
            };
            if let Some(target) = target_of(cx, &source) {
                depend(cx, (&data, &result), (&target, &source));
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
    let known = signal.sources.borrow().clone();
    for slot in known {
        let known = cx.slot(dependent, slot);
        if known.is_some_and(|known| cx.is_same_object(&known, source)) {
            return;
        }
    }
    let slot = data.new_slot(cx, dependent);
    cx.set_slot(dependent, slot, Some(source.clone()));
    signal.sources.borrow_mut().push(slot);
    let slot = target.new_slot(cx, source);
    cx.set_slot(source, slot, Some(dependent.clone()));
    source_signal.dependents.borrow_mut().push(slot);
}

fn aborted<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    Ok(cx.boolean(target.signal().is_some_and(Signal::aborted)))
}

fn reason<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_signal(cx, call)?;
    match cx.slot(&call.this, REASON) {
        Some(reason) => Ok(reason),
        None => Ok(cx.undefined()),
    }
}

fn throw_if_aborted<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_signal(cx, call)?;
    if target.signal().is_some_and(Signal::aborted) {
        let reason = reason(cx, call)?;
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
