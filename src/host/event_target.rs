//! `EventTarget` (DOM section 2.7).

use super::abort_signal;
use super::convert::{boolean_member, member};
use super::dispatch;
use super::dom_exception;
use super::engine::{Engine, Key, Type};
use super::event::EventData;
use super::interface::{Id, Interface, Member, construct, new_target};
use super::native::{Call, Completion, natives, realm, this, type_error};
use super::realm::{Realm, RealmSlot, inherits_from, realm_slot};
use super::signal::{Removal, Signal};
use super::string::DomString;
use crate::dom::{EventState, ListenerList, Registration, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

natives! { EventTarget:
    Construct => constructor,
    Add => add_event_listener,
    Remove => remove_event_listener,
    Dispatch => dispatch_event,
}

pub(super) const INTERFACE: Interface = Interface {
    id: Id::EventTarget,
    name: "EventTarget",
    parent: None,
    constructor: Native::Construct.id(),
    constructor_length: 0,
    constants: &[],
    statics: &[],
    members: &[
        Member::Operation("addEventListener", 2, Native::Add.id()),
        Member::Operation("removeEventListener", 2, Native::Remove.id()),
        Member::Operation("dispatchEvent", 1, Native::Dispatch.id()),
    ],
};

/// The payload of an object that is an `EventTarget`.
///
/// The object's slots have what is called: first its event handlers, then what its role needs, then the
/// callbacks of its listeners.
pub(super) struct Target {
    /// The realm that the object is of, whoever listens to it.
    realm: Weak<Realm>,
    pub(super) listeners: ListenerList<DomString, usize>,
    /// A bit for each event handler that is not null.
    handlers: Cell<u8>,
    callbacks: RefCell<Callbacks>,
    /// The slot of its realm's registry that keeps the object alive.
    pub(super) pin: Cell<Option<usize>>,
    pub(super) role: Role,
}

/// What an `EventTarget` is beside that.
pub(super) enum Role {
    Plain,
    Socket { socket: WebSocket },
    Signal(Signal),
}

/// The slots of listeners' callbacks.
#[derive(Default)]
struct Callbacks {
    count: usize,
    free: Vec<usize>,
    /// Those of listeners that were removed where the object could not be reached.
    stale: Vec<usize>,
}

/// The slot of an `AbortSignal`'s reason.
pub(super) const REASON: usize = 4;
/// The slot of the registry of the object's realm: a listener can be added by a function of another one.
const REGISTRY: usize = 5;
const FIRST_CALLBACK: usize = 8;

impl Target {
    pub(super) fn new(realm: &Rc<Realm>, role: Role) -> Rc<Self> {
        Rc::new(Self {
            realm: Rc::downgrade(realm),
            listeners: ListenerList::default(),
            handlers: Cell::new(0),
            callbacks: RefCell::default(),
            pin: Cell::new(None),
            role,
        })
    }

    pub(super) fn realm(&self) -> Option<Rc<Realm>> {
        self.realm.upgrade()
    }

    pub(super) fn socket(&self) -> Option<&WebSocket> {
        match &self.role {
            Role::Socket { socket } => Some(socket),
            _ => None,
        }
    }

    pub(super) fn signal(&self) -> Option<&Signal> {
        match &self.role {
            Role::Signal(signal) => Some(signal),
            _ => None,
        }
    }

    /// The types of event that have a handler: its place here is the handler's slot.
    fn handled_types(&self) -> &'static [&'static str] {
        match self.role {
            Role::Plain => &[],
            Role::Socket { .. } => &["open", "message", "error", "close"],
            Role::Signal(_) => &["abort"],
        }
    }

    /// The slot of the handler for events of this type.
    pub(super) fn handler_slot(&self, type_: &DomString) -> Option<usize> {
        let type_ = type_.as_str()?;
        self.handled_types()
            .iter()
            .position(|known| *known == type_)
    }

    /// r4820 "event handlers" against HTML "activate an event handler".
    pub(super) fn handlers_run_first(&self) -> bool {
        self.socket()
            .is_some_and(|socket| socket.edition().handlers_run_first())
    }

    /// Whether something would be called for an event of this type.
    pub(super) fn listens_to(&self, type_: &str) -> bool {
        let slot = self
            .handled_types()
            .iter()
            .position(|known| *known == type_);
        slot.is_some_and(|slot| self.handlers.get() & (1 << slot) != 0)
            || self.listeners.any(|known| known.type_ == *type_)
    }

    /// "Garbage collection": whether an event to come would be heard.
    pub(super) fn is_needed(&self) -> bool {
        match &self.role {
            Role::Plain => false,
            Role::Socket { socket } => socket
                .events_to_come()
                .iter()
                .any(|type_| self.listens_to(type_)),
            Role::Signal(signal) => signal.is_due.get() || signal.is_timed() && self.is_awaited(),
        }
    }

    /// DOM section 3.2.1 "garbage collection": whether something would come of the signal's being aborted.
    pub(super) fn is_awaited(&self) -> bool {
        self.signal().is_some_and(|signal| {
            !signal.aborted() && (self.listens_to("abort") || signal.has_effects())
        })
    }

    /// DOM "add an event listener", with a callback that is not null.
    pub(super) fn add<E: Engine>(
        self: &Rc<Self>,
        cx: &mut E,
        object: &E::Value,
        registration: Registration<DomString, usize>,
        callback: &E::Value,
    ) -> Option<Rc<Registration<DomString, usize>>> {
        let Registration { type_, capture, .. } = &registration;
        let known = self.listeners.any(|known| {
            known.type_ == *type_
                && known.capture == *capture
                && is_callback(cx, object, known.callback, callback)
        });
        if known {
            return None;
        }
        let slot = self.new_slot(cx, object);
        cx.set_slot(object, slot, Some(callback.clone()));
        let registration = Rc::new(Registration {
            callback: Some(slot),
            ..registration
        });
        self.listeners.add(registration.clone());
        Some(registration)
    }

    /// A slot of the object for something to keep.
    pub(super) fn new_slot<E: Engine>(&self, cx: &mut E, object: &E::Value) -> usize {
        self.clear_stale_slots(cx, object);
        let mut callbacks = self.callbacks.borrow_mut();
        callbacks.free.pop().unwrap_or_else(|| {
            callbacks.count += 1;
            FIRST_CALLBACK + callbacks.count - 1
        })
    }

    /// Lets go of a removed listener's callback.
    pub(super) fn free_slot<E: Engine>(&self, cx: &mut E, object: &E::Value, slot: usize) {
        cx.set_slot(object, slot, None);
        self.callbacks.borrow_mut().free.push(slot);
    }

    fn clear_stale_slots<E: Engine>(&self, cx: &mut E, object: &E::Value) {
        let stale = std::mem::take(&mut self.callbacks.borrow_mut().stale);
        for slot in stale {
            self.free_slot(cx, object, slot);
        }
    }

    /// DOM "remove an event listener", of an object that can't be reached from here.
    pub(super) fn remove_from_afar(self: &Rc<Self>, registration: &Registration<DomString, usize>) {
        if self.listeners.remove_registration(registration) {
            self.callbacks
                .borrow_mut()
                .stale
                .extend(registration.callback);
            self.unpin_later();
            // A source that waits for its time would have the loop wait, too.
            if let Some(signal) = self.signal().filter(|_| !self.is_awaited()) {
                for source in signal.sources() {
                    source.target.update_later();
                }
            }
        }
    }

    /// Has a task let go of the object if nothing keeps it alive any more.
    pub(super) fn unpin_later(self: &Rc<Self>) {
        if !self.is_needed() {
            self.update_later();
        }
    }

    fn update_later(self: &Rc<Self>) {
        let Some(realm) = self.realm().filter(|_| self.pin.get().is_some()) else {
            return;
        };
        let target = Rc::downgrade(self);
        realm.shared().queue_steps(Box::new(move || {
            if let Some(target) = target.upgrade() {
                dispatch::update_liveness(&target);
            }
        }));
    }

    /// HTML "event handlers": setting one gives it a place behind the listeners that there are, and
    /// replacing it keeps that; setting null takes the place away.
    pub(super) fn set_handler<E: Engine>(
        self: &Rc<Self>,
        cx: &mut E,
        object: &E::Value,
        slot: usize,
        value: &E::Value,
    ) {
        let type_ = self.handled_types()[slot];
        // [LegacyTreatNonObjectAsNull]
        let handler = (cx.type_of(value) == Type::Object).then(|| value.clone());
        let bit = 1 << slot;
        if handler.is_some() {
            self.handlers.set(self.handlers.get() | bit);
        } else {
            self.handlers.set(self.handlers.get() & !bit);
        }
        if !self.handlers_run_first() {
            if handler.is_some() {
                self.listeners
                    .add(Rc::new(Registration::of_handler(DomString::from(type_))));
            } else {
                self.listeners
                    .remove_where(|known| known.callback.is_none() && known.type_ == *type_);
            }
        }
        cx.set_slot(object, slot, handler);
        self.update_liveness(cx, object);
    }

    /// The handler as it was set, or null.
    pub(super) fn handler<E: Engine>(
        &self,
        cx: &mut E,
        object: &E::Value,
        slot: usize,
    ) -> E::Value {
        match cx.slot(object, slot) {
            Some(handler) => handler,
            None => cx.null(),
        }
    }

    /// "Garbage collection": keeps the object alive while an event can reach a listener of it.
    pub(super) fn update_liveness<E: Engine>(self: &Rc<Self>, cx: &mut E, object: &E::Value) {
        self.clear_stale_slots(cx, object);
        self.update_pin(cx, object);
        if let Some(signal) = self.signal() {
            abort_signal::update_liveness(cx, self, object, signal);
        }
    }

    fn update_pin<E: Engine>(&self, cx: &mut E, object: &E::Value) {
        let (is_needed, pin) = (self.is_needed(), self.pin.get());
        if is_needed == pin.is_some() {
            return;
        }
        let (Some(realm), Some(registry)) = (self.realm(), cx.slot(object, REGISTRY)) else {
            return;
        };
        match pin {
            None => self.pin.set(Some(realm.pin(cx, &registry, object))),
            Some(pin) => {
                self.pin.set(None);
                realm.unpin(cx, &registry, pin);
            }
        }
    }
}

/// Has a new object, of a kind that events can keep alive, know its realm's registry.
pub(super) fn keep_registry<E: Engine>(cx: &mut E, object: &E::Value) {
    let registry = cx.registry();
    cx.set_slot(object, REGISTRY, Some(registry));
}

/// Whether the callback in a slot is this one.
fn is_callback<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    slot: Option<usize>,
    callback: &E::Value,
) -> bool {
    let known = slot.and_then(|slot| cx.slot(object, slot));
    known.is_some_and(|known| cx.is_same_object(&known, callback))
}

/// The target that `this` is.
pub(super) fn this_target<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
) -> Result<Rc<Target>, E::Exception> {
    this(cx, call, |_: &Target| true)
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let new_target = new_target(cx, call, "EventTarget")?;
    let realm = realm(cx);
    construct(cx, &new_target, Id::EventTarget, || {
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
fn add_event_listener<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_target(cx, call)?;
    call.require(cx, 2)?;
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
    let registration = Registration {
        type_,
        callback: None,
        capture,
        once,
        passive,
        is_removed: Cell::new(false),
    };
    let added = target.add(cx, &call.this, registration, &callback);
    if let (Some(registration), Some(signal)) = (added, signal) {
        let removal = Removal::new(&target, &registration);
        abort_signal::remove_on_abort(cx, &signal, removal)?;
    }
    target.update_liveness(cx, &call.this);
    Ok(undefined)
}

/// DOM `removeEventListener`.
fn remove_event_listener<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_target(cx, call)?;
    call.require(cx, 2)?;
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let callback = callback_argument(cx, call)?;
    let options = call.argument(cx, 2);
    let (capture, _) = flatten(cx, &options)?;
    if let Some(callback) = callback {
        let removed = target.listeners.remove_where(|known| {
            known.type_ == type_
                && known.capture == capture
                && is_callback(cx, &call.this, known.callback, &callback)
        });
        if let Some(slot) = removed.and_then(|removed| removed.callback) {
            target.free_slot(cx, &call.this, slot);
        }
        target.update_liveness(cx, &call.this);
    }
    Ok(cx.undefined())
}

/// DOM `dispatchEvent`.
fn dispatch_event<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_target(cx, call)?;
    call.require(cx, 1)?;
    let event = call.argument(cx, 0);
    let data = cx
        .payload(&event)
        .and_then(|payload| payload.downcast::<EventData>().ok());
    let Some(data) = data else {
        return dispatch_foreign(cx, &target, &call.this, &event);
    };
    if data.state.is_being_dispatched() || !data.is_initialized() {
        return Err(dom_exception::throw(
            cx,
            "InvalidStateError",
            "the event is being dispatched or has not been initialized",
        ));
    }
    data.is_trusted.set(false);
    let is_not_canceled = dispatch::dispatch(cx, &target, &call.this, &event, &data);
    Ok(cx.boolean(is_not_canceled))
}

/// As `dispatchEvent`, for an event of the realm's own `Event`, whose flags are out of reach.
fn dispatch_foreign<E: Engine>(
    cx: &mut E,
    target: &Rc<Target>,
    object: &E::Value,
    event: &E::Value,
) -> Completion<E> {
    let constructor = realm_slot(cx, RealmSlot::InterfaceObject, Id::Event as usize);
    let prototype = cx.get(&constructor, Key::Name("prototype"))?;
    if !inherits_from(cx, event, &prototype)? {
        return Err(type_error(cx, "the argument is not an Event"));
    }
    let type_ = cx.get(event, Key::Name("type"))?;
    let type_ = cx.to_dom_string(&type_)?;
    dispatch::dispatch_any(cx, target, object, event, &EventState::default(), &type_);
    let prevented = cx.get(event, Key::Name("defaultPrevented"))?;
    let prevented = cx.to_boolean(&prevented);
    Ok(cx.boolean(!prevented))
}
