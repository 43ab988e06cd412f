//! `EventTarget` (DOM section 2.7) and event handlers (HTML "event handlers"), for Rust's listeners.

use super::event_listener::{EventListener, ReturnValue};
use super::listener_list::ListenerList;
use super::{AddEventListenerOptions, Dispatch, Event, SomeEvent, WebSocket};
use crate::edition::Edition;
use crate::event_loop::Shared;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The events that have a handler (`onopen` and its kin).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandlerType {
    Open,
    Message,
    Error,
    Close,
    /// No standard has it: the peer has sent all.
    End,
    /// No standard has it: there is room again.
    Drain,
}

impl HandlerType {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Message => "message",
            Self::Error => "error",
            Self::Close => "close",
            Self::End => "end",
            Self::Drain => "drain",
        }
    }

    fn of(type_: &str) -> Option<Self> {
        match type_ {
            "open" => Some(Self::Open),
            "message" => Some(Self::Message),
            "error" => Some(Self::Error),
            "close" => Some(Self::Close),
            "end" => Some(Self::End),
            "drain" => Some(Self::Drain),
            _ => None,
        }
    }
}

/// That of a handler is not copied.
pub(super) type EventType = Cow<'static, str>;

/// DOM "event listener".
pub(super) type Registration = super::listener_list::Registration<EventType, EventListener>;

impl Registration {
    pub(super) fn new(
        type_: &str,
        callback: EventListener,
        options: &AddEventListenerOptions,
    ) -> Self {
        Self {
            type_: match HandlerType::of(type_) {
                Some(known) => known.name().into(),
                None => type_.to_owned().into(),
            },
            callback: Some(callback),
            capture: options.capture,
            once: options.once,
            passive: options.passive,
            is_removed: Cell::new(false),
        }
    }
}

/// An object's listeners and handlers.
pub(super) struct EventListenerList {
    edition: Edition,
    listeners: ListenerList<EventType, EventListener>,
    /// Few of all that there could be.
    handlers: RefCell<Vec<(HandlerType, EventListener)>>,
}

impl EventListenerList {
    pub(super) fn new(edition: Edition) -> Self {
        Self {
            edition,
            listeners: ListenerList::default(),
            handlers: RefCell::default(),
        }
    }

    fn handler(&self, type_: HandlerType) -> Option<EventListener> {
        let handlers = self.handlers.borrow();
        let (_, handler) = handlers.iter().find(|(known, _)| *known == type_)?;
        Some(handler.clone())
    }

    /// DOM "add an event listener", steps 4 and 5.
    pub(super) fn add(&self, registration: Rc<Registration>) {
        self.listeners.add(registration);
    }

    /// DOM "remove an event listener", of the one with this type, callback and capture.
    pub(super) fn remove(&self, type_: &str, callback: &EventListener, capture: bool) {
        self.listeners.remove_where(|known| {
            *known.type_ == *type_
                && known.capture == capture
                && known.callback.as_ref() == Some(callback)
        });
    }

    /// DOM "remove an event listener", of this one.
    pub(super) fn remove_registration(&self, registration: &Registration) {
        self.listeners.remove_registration(registration);
    }

    /// HTML "event handlers": setting one gives it a place behind the listeners that there are, and
    /// replacing it keeps that; setting null takes the place away.
    pub(super) fn set_handler(&self, type_: HandlerType, handler: Option<EventListener>) {
        if !self.edition.handlers_run_first() {
            if handler.is_some() {
                let registration = Registration::of_handler(type_.name().into());
                self.listeners.add(Rc::new(registration));
            } else {
                self.listeners
                    .remove_where(|known| known.type_ == type_.name() && known.callback.is_none());
            }
        }
        let mut handlers = self.handlers.borrow_mut();
        let before = handlers.iter().position(|(known, _)| *known == type_);
        let before = before.map(|place| handlers.swap_remove(place));
        if let Some(handler) = handler {
            handlers.reserve_exact(1);
            handlers.push((type_, handler));
        }
        // What the old one holds may be the last of some object: it goes once the borrow has ended.
        drop(handlers);
        drop(before);
    }

    /// Whether an event of this type would be heard.
    pub(super) fn listens_to(&self, type_: &str) -> bool {
        let handlers = self.handlers.borrow();
        handlers.iter().any(|(known, _)| known.name() == type_)
            || self.listeners.any(|known| *known.type_ == *type_)
    }

    /// Lets go of every listener and handler.
    pub(super) fn clear(&self) {
        self.listeners.clear();
        let handlers = self.handlers.take();
        drop(handlers);
    }

    /// DOM "dispatch". False if the event was canceled.
    pub(super) fn dispatch(
        &self,
        shared: &Shared,
        target: &WebSocket,
        event: SomeEvent<'_>,
    ) -> bool {
        let flags = event.event();
        let dispatch = Dispatch::new(event, target);
        let handlers_run_first = self.edition.handlers_run_first();
        self.listeners.dispatch(
            flags.state(),
            flags.type_(),
            handlers_run_first,
            |registration| {
                if registration.is_some_and(|registration| registration.once) {
                    target.update_liveness();
                }
                match registration.and_then(|registration| registration.callback.as_ref()) {
                    Some(listener) => {
                        shared.run_callback(|| listener.call(dispatch).map(drop));
                    }
                    None => self.invoke_handler(shared, dispatch),
                }
            },
        )
    }

    /// HTML "the event handler processing algorithm".
    fn invoke_handler(&self, shared: &Shared, event: Dispatch<'_>) {
        let handler = HandlerType::of(event.type_()).and_then(|type_| self.handler(type_));
        if let Some(handler) = handler {
            shared.run_callback(|| {
                if handler.call(event)? == ReturnValue::False {
                    Event::prevent_default(&event);
                }
                Ok(())
            });
        }
    }
}
