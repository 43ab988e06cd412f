//! What an object has that is an `EventTarget` (DOM section 2.7).

use super::abort_state::AbortState;
use super::engine::Engine;
use super::listener::Listener;
use super::realm::Realm;
use super::slots::Slots;
use super::string::DomString;
use crate::dom::{ListenerList, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// The host-defined value of an object that is an `EventTarget`.
///
/// The object's slots have what is called: first its event handlers, then what its role needs, then the
/// callbacks of its listeners.
pub(super) struct Target {
    /// The realm that the object is of, whoever listens to it.
    realm: Weak<Realm>,
    pub(super) listeners: ListenerList<DomString, usize>,
    /// A bit for each event handler that is not null.
    handlers: Cell<u8>,
    /// The slots of listeners' callbacks, and of other signals.
    pub(super) slots: Slots,
    /// Those of listeners that were removed where the object could not be reached.
    stale_slots: RefCell<Vec<usize>>,
    /// The slot of its realm's registry that keeps the object alive.
    pub(super) pin: Cell<Option<usize>>,
    role: Role,
}

/// What an `EventTarget` is beside that.
pub(super) enum Role {
    Plain,
    Socket(WebSocket),
    Signal(Box<AbortState<Target>>),
}

/// Who would be called for an event, if it came now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    Nobody,
    /// A single one, whatever that does to the list, or script does before.
    One,
    Some,
}

/// The slot of an `AbortSignal`'s reason.
pub(super) const REASON: usize = 4;
/// The slot of the registry of the object's realm: a listener can be added by a function of another one.
pub(super) const REGISTRY: usize = 5;
const FIRST_CALLBACK: usize = 8;

impl Target {
    pub(super) fn new(realm: &Rc<Realm>, role: Role) -> Rc<Self> {
        Rc::new(Self {
            realm: Rc::downgrade(realm),
            listeners: ListenerList::default(),
            handlers: Cell::new(0),
            slots: Slots::new(FIRST_CALLBACK),
            stale_slots: RefCell::default(),
            pin: Cell::new(None),
            role,
        })
    }

    pub(super) fn realm(&self) -> Option<Rc<Realm>> {
        self.realm.upgrade()
    }

    pub(super) fn role(&self) -> &Role {
        &self.role
    }

    pub(super) fn socket(&self) -> Option<&WebSocket> {
        match &self.role {
            Role::Socket(socket) => Some(socket),
            _ => None,
        }
    }

    pub(super) fn signal(&self) -> Option<&AbortState<Self>> {
        match &self.role {
            Role::Signal(signal) => Some(signal),
            _ => None,
        }
    }

    /// The types of event that have a handler: its place here is the handler's slot.
    pub(super) fn handled_types(&self) -> &'static [&'static str] {
        match self.role {
            Role::Plain => &[],
            Role::Socket(_) => &["open", "message", "error", "close"],
            Role::Signal(_) => &["abort"],
        }
    }

    /// The slot of the handler for events of this type, whether there is a handler or not.
    pub(super) fn handler_slot(&self, type_: &str) -> Option<usize> {
        self.handled_types()
            .iter()
            .position(|known| *known == type_)
    }

    pub(super) fn note_handler(&self, slot: usize, is_set: bool) {
        let bit = 1 << slot;
        let others = self.handlers.get() & !bit;
        self.handlers
            .set(if is_set { others | bit } else { others });
    }

    /// r4820 "event handlers" against HTML "activate an event handler".
    pub(super) fn handlers_run_first(&self) -> bool {
        self.socket()
            .is_some_and(|socket| socket.edition().handlers_run_first())
    }

    /// Who would be called for an event of this type.
    pub(super) fn audience(&self, type_: &str) -> Audience {
        let slot = self.handler_slot(type_);
        let is_handled = slot.is_some_and(|slot| self.handlers.get() & (1 << slot) != 0);
        let (mut count, mut is_plain) = (0, true);
        if is_handled && self.handlers_run_first() {
            count += 1;
        }
        // Looks at them all.
        self.listeners.any(|known| {
            if known.type_ == *type_ {
                count += 1;
                is_plain &= !known.capture && !known.once;
            }
            false
        });
        match count {
            0 => Audience::Nobody,
            1 if is_plain => Audience::One,
            _ => Audience::Some,
        }
    }

    /// Whether something would be called for an event of this type.
    pub(super) fn listens_to(&self, type_: &str) -> bool {
        let slot = self.handler_slot(type_);
        slot.is_some_and(|slot| self.handlers.get() & (1 << slot) != 0)
            || self.listeners.any(|known| known.type_ == *type_)
    }

    /// DOM "add an event listener", with a callback that is not null.
    pub(super) fn add<E: Engine>(
        &self,
        cx: &mut E,
        object: &E::Value,
        listener: Listener,
        callback: &E::Value,
    ) -> Option<Rc<Listener>> {
        let known = self.listeners.any(|known| {
            known.type_ == listener.type_
                && known.capture == listener.capture
                && is_callback(cx, object, known, callback)
        });
        if known {
            return None;
        }
        self.clear_stale_slots(cx, object);
        let listener = Rc::new(Listener {
            callback: Some(self.slots.take(cx, object, callback)),
            ..listener
        });
        self.listeners.add(listener.clone());
        Some(listener)
    }

    /// DOM "remove an event listener".
    pub(super) fn remove<E: Engine>(
        &self,
        cx: &mut E,
        object: &E::Value,
        type_: &DomString,
        callback: &E::Value,
        capture: bool,
    ) {
        let removed = self.listeners.remove_where(|known| {
            known.type_ == *type_
                && known.capture == capture
                && is_callback(cx, object, known, callback)
        });
        if let Some(slot) = removed.and_then(|removed| removed.callback) {
            self.slots.free(cx, object, slot);
        }
    }

    /// Notes that a removed listener's callback is still in its slot.
    pub(super) fn add_stale_slot(&self, listener: &Listener) {
        self.stale_slots.borrow_mut().extend(listener.callback);
    }

    pub(super) fn has_stale_slots(&self) -> bool {
        !self.stale_slots.borrow().is_empty()
    }

    pub(super) fn clear_stale_slots<E: Engine>(&self, cx: &mut E, object: &E::Value) {
        let stale = self.stale_slots.take();
        for slot in stale {
            self.slots.free(cx, object, slot);
        }
    }
}

/// Has a new object, of a kind that events can keep alive, know its realm's registry.
pub(super) fn keep_registry<E: Engine>(cx: &mut E, object: &E::Value) {
    let registry = cx.registry();
    cx.set_slot(object, REGISTRY, Some(registry));
}

/// Whether a listener's callback is this one.
fn is_callback<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    listener: &Listener,
    callback: &E::Value,
) -> bool {
    let known = listener.callback.and_then(|slot| cx.slot(object, slot));
    known.is_some_and(|known| cx.is_same_object(&known, callback))
}
