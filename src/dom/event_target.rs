//! `EventTarget` (DOM section 2.7) and event handlers (HTML "event handlers"), for Rust's listeners.

use super::event_listener::{EventListener, ReturnValue};
use super::event_type::{EventType, HandlerType};
use super::listener_list::ListenerList;
use super::{AddEventListenerOptions, Dispatch, Event, SomeEvent, WebSocket};
use crate::edition::Edition;
use crate::event_loop::Shared;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// DOM "event listener".
pub(super) type Registration = super::listener_list::Registration<EventType, EventListener>;

impl Registration {
    pub(super) fn new(
        type_: &str,
        callback: EventListener,
        options: &AddEventListenerOptions,
    ) -> Self {
        Self {
            type_: EventType::from(type_),
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
    /// The types that nothing but their handlers listens to, a bit for each. A listener for once may have gone since.
    without_listeners: Cell<u8>,
}

impl EventListenerList {
    pub(super) fn new(edition: Edition) -> Self {
        Self {
            edition,
            listeners: ListenerList::default(),
            handlers: RefCell::default(),
            without_listeners: Cell::new(u8::MAX),
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
        self.look_for_listeners();
    }

    /// DOM "remove an event listener", of the one with this type, callback and capture.
    pub(super) fn remove(&self, type_: &str, callback: &EventListener, capture: bool) {
        self.listeners.remove_where(|known| {
            known.type_.name() == type_
                && known.capture == capture
                && known.callback.as_ref() == Some(callback)
        });
        self.look_for_listeners();
    }

    /// DOM "remove an event listener", of this one.
    pub(super) fn remove_registration(&self, registration: &Registration) {
        self.listeners.remove_registration(registration);
        self.look_for_listeners();
    }

    fn look_for_listeners(&self) {
        let mut without = u8::MAX;
        self.listeners.any(|known| {
            if let (Some(type_), Some(_)) = (known.type_.handler(), &known.callback) {
                without &= !type_.bit();
            }
            false
        });
        self.without_listeners.set(without);
    }

    /// HTML "event handlers": setting one gives it a place behind the listeners that there are, and
    /// replacing it keeps that; setting null takes the place away.
    pub(super) fn set_handler(&self, type_: HandlerType, handler: Option<EventListener>) {
        if !self.edition.handlers_run_first() {
            let listener_type = EventType::Handled(type_);
            if handler.is_some() {
                let registration = Registration::of_handler(listener_type);
                self.listeners.add(Rc::new(registration));
            } else {
                self.listeners
                    .remove_where(|known| known.type_ == listener_type && known.callback.is_none());
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
        let type_ = EventType::from(type_);
        type_.handler().is_some_and(|type_| self.handles(type_))
            || self.listeners.any(|known| known.type_ == type_)
    }

    fn handles(&self, type_: HandlerType) -> bool {
        let handlers = self.handlers.borrow();
        handlers.iter().any(|(known, _)| *known == type_)
    }

    /// Lets go of every listener and handler.
    pub(super) fn clear(&self) {
        self.listeners.clear();
        self.look_for_listeners();
        let handlers = self.handlers.take();
        drop(handlers);
    }

    /// DOM "dispatch". False if the event was canceled.
    #[inline]
    pub(super) fn dispatch(
        &self,
        shared: &Shared,
        target: &WebSocket,
        event: SomeEvent<'_>,
    ) -> bool {
        let dispatch = Dispatch::new(event, target);
        match event.event().event_type().handler() {
            Some(type_) if self.without_listeners.get() & type_.bit() != 0 => {
                self.dispatch_to_handler(shared, type_, dispatch)
            }
            handler => self.dispatch_to_listeners(shared, handler, dispatch),
        }
    }

    fn dispatch_to_listeners(
        &self,
        shared: &Shared,
        handler: Option<HandlerType>,
        event: Dispatch<'_>,
    ) -> bool {
        let flags: &Event = &event;
        self.listeners.dispatch(
            flags.state(),
            flags.event_type(),
            self.edition.handlers_run_first(),
            |registration| {
                if registration.is_some_and(|registration| registration.once) {
                    event.target().update_liveness();
                }
                let listener = registration.and_then(|known| known.callback.as_ref());
                match (listener, handler) {
                    (Some(listener), _) => {
                        shared.run_callback(|| listener.call(event).map(drop));
                    }
                    (None, Some(handler)) => self.invoke_handler(shared, handler, event),
                    (None, None) => {}
                }
            },
        )
    }

    /// DOM "dispatch", where there is nothing but a handler.
    #[inline]
    fn dispatch_to_handler(
        &self,
        shared: &Shared,
        type_: HandlerType,
        event: Dispatch<'_>,
    ) -> bool {
        let state = Event::state(&event);
        let under_way = state.begin_dispatch();
        if !state.propagation_is_stopped() {
            self.invoke_handler(shared, type_, event);
        }
        drop(under_way);
        !state.is_canceled()
    }

    /// HTML "the event handler processing algorithm".
    #[inline]
    fn invoke_handler(&self, shared: &Shared, type_: HandlerType, event: Dispatch<'_>) {
        if let Some(handler) = self.handler(type_) {
            shared.run_callback(|| {
                if handler.call(event)? == ReturnValue::False {
                    Event::prevent_default(&event);
                }
                Ok(())
            });
        }
    }
}
