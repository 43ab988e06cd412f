//! r4820 "feedback from the protocol": the tasks of the WebSocket task source.

use super::{Inner, WebSocket};
use crate::dom::{CloseEvent, Event, MessageData, MessageEvent, SomeEvent};
use crate::event_loop::Target;
use crate::protocol::{Closure, Feedback, Message};
use std::rc::Rc;

impl Target for Inner {
    fn run(self: Rc<Self>, feedback: Feedback) {
        // Tasks of a document that is not fully active are not run.
        if !self.document.is_fully_active() {
            return;
        }
        let socket = WebSocket { inner: self };
        match feedback {
            Feedback::Established { protocol } => socket.become_open(protocol, |_| {}),
            Feedback::Message(message) => socket.receive(message),
            Feedback::ErrorDetected => {
                if socket.is_receiving() {
                    socket.fire("error");
                }
            }
            Feedback::ClosingHandshakeStarted => {
                if socket.ready_state() < WebSocket::CLOSING {
                    socket.set_ready_state(WebSocket::CLOSING);
                }
            }
            Feedback::Closed(closure) => socket.become_closed(closure),
            Feedback::Requested(_) => {}
        }
    }

    fn release(&self) {
        self.listeners.clear();
    }
}

impl WebSocket {
    /// The task for "the WebSocket connection is established": OPEN, then `open`.
    pub(crate) fn become_open(&self, protocol: Option<String>, before_open: impl FnOnce(&Self)) {
        // The literal text lets this task undo a close() that came before it; see spec-notes.
        if self.ready_state() != Self::CONNECTING {
            return;
        }
        *self.inner.protocol.borrow_mut() = protocol.unwrap_or_default();
        self.set_ready_state(Self::OPEN);
        before_open(self);
        // A server's application may have closed the connection just now.
        if self.ready_state() == Self::OPEN {
            self.fire("open");
        }
    }

    /// HTML5 "fire a simple event".
    fn fire(&self, type_: &'static str) {
        self.dispatch(SomeEvent::from(&Event::trusted(type_)));
    }

    /// The task for "a WebSocket message has been received".
    fn receive(&self, message: Message) {
        let Message::Text(text) = message;
        if self.is_receiving() {
            let event = MessageEvent::trusted(MessageData::Text(text));
            self.dispatch(SomeEvent::from(&event));
        }
    }

    fn is_receiving(&self) -> bool {
        match self.ready_state() {
            Self::OPEN => true,
            Self::CLOSING => self.inner.edition.delivers_while_closing(),
            _ => false,
        }
    }

    /// The task for "the WebSocket connection is closed": CLOSED, then `close`, the last event.
    fn become_closed(&self, closure: Closure) {
        self.set_ready_state(Self::CLOSED);
        let event = CloseEvent::trusted(closure.cleanly, closure.code, closure.reason);
        self.dispatch(SomeEvent::from(&event));
        // Listeners may hold this object: nothing but they would keep each other alive.
        self.inner.listeners.clear();
    }
}
