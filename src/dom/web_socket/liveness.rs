//! How long a socket lives, and what its end does to the connection.

use super::{Inner, WebSocket};
use crate::dom::document::Occupant;
use crate::event_loop::Target;
use crate::protocol::Abandoned;
use std::rc::Rc;

impl WebSocket {
    /// "Garbage collection": keeps the object alive while a listener can be reached by an event.
    pub(in crate::dom) fn update_liveness(&self) {
        let is_needed = self
            .events_to_come()
            .iter()
            .copied()
            .chain(self.events_of_our_own())
            .any(|type_| self.inner.listeners.listens_to(type_));
        let pin = is_needed.then(|| self.inner.clone() as Rc<dyn Target>);
        self.inner.source.pin(pin);
    }

    /// "Garbage collection": a listener for one of these keeps the object alive.
    pub(crate) fn events_to_come(&self) -> &'static [&'static str] {
        match self.ready_state() {
            _ if !self.inner.is_active() => &[],
            Self::CONNECTING => &["open", "message", "error", "close"],
            Self::OPEN if self.inner.peer_has_finished.get() => &["error", "close"],
            Self::OPEN => &["message", "error", "close"],
            Self::CLOSING if self.delivers_while_closing() => &["message", "error", "close"],
            Self::CLOSING => &["error", "close"],
            _ if self.inner.close_is_due.get() => &["error", "close"],
            _ => &[],
        }
    }

    /// The same for events that no standard has, which never reach script.
    fn events_of_our_own(&self) -> impl Iterator<Item = &'static str> {
        let is_open = self.ready_state() <= Self::OPEN && self.inner.is_active();
        let end = (!self.inner.peer_has_finished.get()).then_some("end");
        let drain = self.inner.drain_is_due.get().then_some("drain");
        end.into_iter().chain(drain).filter(move |_| is_open)
    }
}

/// r4820 "unloading document cleanup steps", WebSockets "make disappear".
impl Occupant for Inner {
    fn go_away(&self) -> bool {
        if self.is_handed_over.get() {
            return false;
        }
        let is_closing = self.channel().is_established() && !self.channel().is_sending();
        let is_affected = self.ready_state.get() != WebSocket::CLOSED
            && (!is_closing || self.edition.unloading_ends_closing_handshakes());
        self.channel().abandon(Abandoned::ByItsDocument);
        self.notify();
        self.listeners.clear();
        self.source.pin(None);
        if let Some(wrapper) = self.wrapper() {
            wrapper.state_changed();
        }
        is_affected
    }
}

/// r4820 and WebSockets "garbage collection", of an object whose connection is still open.
impl Drop for Inner {
    fn drop(&mut self) {
        self.notify();
        if !self.is_handed_over.get() {
            self.channel().abandon(Abandoned::ByItsOwner);
        }
    }
}
