//! `EventTarget` (DOM section 2.7) and event handlers (HTML "event handlers"), for an object without
//! a parent.

use super::event_listener::{EventListener, ReturnValue};
use super::{AddEventListenerOptions, Dispatch, Event, SomeEvent, WebSocket};
use crate::event_loop::Shared;
use crate::protocol::Edition;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The events that have a handler (`onopen` and its kin).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandlerType {
    Open,
    Message,
    Error,
    Close,
}

impl HandlerType {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Message => "message",
            Self::Error => "error",
            Self::Close => "close",
        }
    }

    fn of(type_: &str) -> Option<Self> {
        match type_ {
            "open" => Some(Self::Open),
            "message" => Some(Self::Message),
            "error" => Some(Self::Error),
            "close" => Some(Self::Close),
            _ => None,
        }
    }
}

/// What is called.
#[derive(Clone, PartialEq)]
enum Callback {
    Listener(EventListener),
    /// Whatever the handler is by then.
    Handler(HandlerType),
}

/// DOM "event listener".
pub(super) struct Registration {
    type_: Box<str>,
    callback: Callback,
    capture: bool,
    once: bool,
    passive: bool,
    is_removed: Cell<bool>,
}

impl Registration {
    pub(super) fn new(
        type_: &str,
        callback: EventListener,
        options: &AddEventListenerOptions,
    ) -> Self {
        Self {
            type_: type_.into(),
            callback: Callback::Listener(callback),
            capture: options.capture,
            once: options.once,
            passive: options.passive,
            is_removed: Cell::new(false),
        }
    }

    /// HTML "activate an event handler".
    fn of_handler(type_: HandlerType) -> Self {
        Self {
            type_: type_.name().into(),
            callback: Callback::Handler(type_),
            capture: false,
            once: false,
            passive: false,
            is_removed: Cell::new(false),
        }
    }

    fn is(&self, type_: &str, callback: &Callback, capture: bool) -> bool {
        *self.type_ == *type_ && self.capture == capture && self.callback == *callback
    }
}

/// An object's listeners and handlers.
pub(super) struct EventListenerList {
    edition: Edition,
    /// A pass over the list keeps the one it began with: changes are made to a copy.
    registrations: RefCell<Rc<Vec<Rc<Registration>>>>,
    handlers: [RefCell<Option<EventListener>>; 4],
}

impl EventListenerList {
    pub(super) fn new(edition: Edition) -> Self {
        Self {
            edition,
            registrations: RefCell::default(),
            handlers: Default::default(),
        }
    }

    /// DOM "add an event listener", steps 4 and 5.
    pub(super) fn add(&self, registration: Rc<Registration>) {
        let mut registrations = self.registrations.borrow_mut();
        let Registration { type_, capture, .. } = &*registration;
        let is_known = |known: &Rc<Registration>| known.is(type_, &registration.callback, *capture);
        if !registrations.iter().any(is_known) {
            Rc::make_mut(&mut registrations).push(registration);
        }
    }

    /// DOM "remove an event listener", of the one with this type, callback and capture.
    pub(super) fn remove(&self, type_: &str, callback: &EventListener, capture: bool) {
        let callback = Callback::Listener(callback.clone());
        self.remove_where(|known| known.is(type_, &callback, capture));
    }

    /// DOM "remove an event listener", of this one.
    pub(super) fn remove_registration(&self, registration: &Registration) {
        self.remove_where(|known| std::ptr::eq(known, registration));
    }

    fn remove_where(&self, is_meant: impl Fn(&Registration) -> bool) {
        let removed = {
            let mut registrations = self.registrations.borrow_mut();
            registrations
                .iter()
                .position(|known| is_meant(known))
                .map(|index| Rc::make_mut(&mut registrations).remove(index))
        };
        if let Some(removed) = removed {
            removed.is_removed.set(true);
        }
    }

    /// HTML "event handlers": setting one gives it a place behind the listeners that there are, and
    /// replacing it keeps that; setting null takes the place away.
    pub(super) fn set_handler(&self, type_: HandlerType, handler: Option<EventListener>) {
        if !self.edition.handlers_run_first() {
            let registration = Registration::of_handler(type_);
            if handler.is_some() {
                self.add(Rc::new(registration));
            } else {
                self.remove_where(|known| known.is(type_.name(), &registration.callback, false));
            }
        }
        // What the old one holds may be the last of some object: it goes once the borrow has ended.
        let before = self.handlers[type_ as usize].replace(handler);
        drop(before);
    }

    /// Whether an event of this type would be heard.
    pub(super) fn listens_to(&self, type_: &str) -> bool {
        HandlerType::of(type_).is_some_and(|t| self.handlers[t as usize].borrow().is_some())
            || self
                .registrations
                .borrow()
                .iter()
                .any(|r| *r.type_ == *type_)
    }

    /// Lets go of every listener and handler.
    pub(super) fn clear(&self) {
        let registrations = self.registrations.take();
        for registration in registrations.iter() {
            registration.is_removed.set(true);
        }
        for handler in &self.handlers {
            drop(handler.take());
        }
    }

    /// DOM "dispatch", for a target without a parent: two passes over the same object. False if the
    /// event was canceled.
    pub(super) fn dispatch(
        &self,
        shared: &Shared,
        target: &WebSocket,
        event: SomeEvent<'_>,
    ) -> bool {
        let flags = event.event();
        let under_way = flags.begin_dispatch();
        let dispatch = Dispatch::new(event, target);
        self.invoke(shared, dispatch, true);
        self.invoke(shared, dispatch, false);
        drop(under_way);
        !flags.default_prevented()
    }

    /// DOM "invoke" and "inner invoke".
    fn invoke(&self, shared: &Shared, event: Dispatch<'_>, capture: bool) {
        if event.propagation_is_stopped() {
            return;
        }
        let registrations = self.registrations.borrow().clone();
        if !capture && self.edition.handlers_run_first() {
            if let Some(type_) = HandlerType::of(event.type_()) {
                self.invoke_handler(shared, event, type_);
            }
        }
        for registration in registrations.iter() {
            if event.propagation_is_stopped_at_once() {
                return;
            }
            if registration.is_removed.get()
                || registration.capture != capture
                || *registration.type_ != *event.type_()
            {
                continue;
            }
            if registration.once {
                self.remove_registration(registration);
                event.target().update_liveness();
            }
            match &registration.callback {
                Callback::Listener(listener) => {
                    event.set_in_passive_listener(registration.passive);
                    shared.run_callback(|| listener.call(event).map(drop));
                    event.set_in_passive_listener(false);
                }
                Callback::Handler(type_) => self.invoke_handler(shared, event, *type_),
            }
        }
    }

    /// HTML "the event handler processing algorithm".
    fn invoke_handler(&self, shared: &Shared, event: Dispatch<'_>, type_: HandlerType) {
        let handler = self.handlers[type_ as usize].borrow().clone();
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
