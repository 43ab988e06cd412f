//! What an event has, whatever its interface. Its values of script's lie in slots.

use super::native::Interface;
use super::string::DomString;
use crate::dom::{CloseEventInit, EventState};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The slots of an event. A target without a parent is the current target, too, while an event is dispatched.
pub(super) const TARGET: usize = 0;
/// `data` of a `MessageEvent`, `error` of an `ErrorEvent`.
pub(super) const DATA: usize = 1;
pub(super) const SOURCE: usize = 2;
pub(super) const PORTS: usize = 3;

/// The host-defined value of an event.
pub(super) struct EventData {
    pub(super) type_: RefCell<DomString>,
    pub(super) bubbles: Cell<bool>,
    pub(super) cancelable: Cell<bool>,
    pub(super) composed: bool,
    pub(super) is_initialized: Cell<bool>,
    pub(super) is_trusted: Cell<bool>,
    pub(super) time_stamp: f64,
    pub(super) state: EventState,
    pub(super) kind: EventKind,
}

/// What an event is beside an `Event`.
pub(super) enum EventKind {
    Plain,
    Message(MessageEventData),
    Close(RefCell<CloseEventInit>),
    Error(ErrorEventData),
}

impl EventKind {
    /// The interface of such an event.
    pub(super) fn interface(&self) -> Interface {
        match self {
            Self::Plain => Interface::Event,
            Self::Message(_) => Interface::MessageEvent,
            Self::Close(_) => Interface::CloseEvent,
            Self::Error(_) => Interface::ErrorEvent,
        }
    }
}

/// What a `MessageEvent` has beside its slots.
#[derive(Default)]
pub(super) struct MessageEventData {
    pub(super) origin: RefCell<Rc<str>>,
    pub(super) last_event_id: RefCell<DomString>,
}

/// What an `ErrorEvent` has beside its slot.
#[derive(Default)]
pub(super) struct ErrorEventData {
    pub(super) message: DomString,
    pub(super) filename: String,
    pub(super) lineno: u32,
    pub(super) colno: u32,
}

impl EventData {
    /// DOM "inner event creation steps", for a trusted event: it neither bubbles nor can be canceled.
    pub(super) fn trusted(time_stamp: f64, type_: DomString, kind: EventKind) -> Self {
        Self {
            type_: RefCell::new(type_),
            bubbles: Cell::new(false),
            cancelable: Cell::new(false),
            composed: false,
            is_initialized: Cell::new(true),
            is_trusted: Cell::new(true),
            time_stamp,
            state: EventState::default(),
            kind,
        }
    }

    pub(super) fn type_(&self) -> DomString {
        self.type_.borrow().clone()
    }

    pub(super) fn message(&self) -> Option<&MessageEventData> {
        match &self.kind {
            EventKind::Message(message) => Some(message),
            _ => None,
        }
    }

    pub(super) fn close(&self) -> Option<&RefCell<CloseEventInit>> {
        match &self.kind {
            EventKind::Close(close) => Some(close),
            _ => None,
        }
    }

    pub(super) fn error(&self) -> Option<&ErrorEventData> {
        match &self.kind {
            EventKind::Error(error) => Some(error),
            _ => None,
        }
    }

    /// DOM "set the canceled flag".
    pub(super) fn cancel(&self) {
        self.state.cancel(self.cancelable.get());
    }

    /// DOM "initialize".
    pub(super) fn initialize(&self, type_: DomString, bubbles: bool, cancelable: bool) {
        self.is_initialized.set(true);
        self.state.reset();
        self.is_trusted.set(false);
        *self.type_.borrow_mut() = type_;
        self.bubbles.set(bubbles);
        self.cancelable.set(cancelable);
    }
}
