//! "Feedback from the protocol" (r4820; WebSockets section 4): the tasks of the WebSocket task source.

use super::{Inner, WebSocket};
use crate::dom::{
    BinaryType, Blob, CloseEvent, CloseEventInit, Event, MessageData, MessageEvent,
    ReceivedMessage, SomeEvent, TrustedEvent,
};
use crate::event_loop::Target;
use crate::protocol::{Closure, Feedback};
use std::rc::Rc;
use url::Url;

impl Target for Inner {
    fn run(self: Rc<Self>, feedback: Feedback) {
        // Tasks of a document that is not fully active are not run.
        if !self.is_active() {
            return;
        }
        let socket = WebSocket { inner: self };
        match feedback {
            Feedback::Established {
                protocol,
                extensions,
            } => socket.become_open(protocol, extensions, |socket| {
                if let Some(on_open) = socket.inner.on_open.take() {
                    on_open();
                }
            }),
            Feedback::Text(text) => socket.receive(MessageData::Text(text)),
            Feedback::Binary(bytes) => socket.receive(match socket.binary_type() {
                BinaryType::Blob => MessageData::Blob(Blob::new(bytes)),
                BinaryType::ArrayBuffer => MessageData::ArrayBuffer(bytes),
            }),
            Feedback::ErrorDetected => {
                if socket.is_receiving() {
                    socket.fire(TrustedEvent::Simple("error"));
                }
            }
            Feedback::ClosingHandshakeStarted => {
                if socket.ready_state() < WebSocket::CLOSING {
                    socket.set_ready_state(WebSocket::CLOSING);
                }
            }
            Feedback::Closed(closure) => socket.become_closed(closure),
            Feedback::PeerFinished(_) => socket.hear_the_end(),
            // What it comes to is the protocol's; and messages come whole.
            Feedback::PeerEnded
            | Feedback::Violated
            | Feedback::TextPart(_)
            | Feedback::BinaryPart(_) => {}
        }
        if let Some(wrapper) = socket.inner.wrapper() {
            wrapper.state_changed();
        }
    }

    fn release(&self) {
        // Nobody is left to dispatch an event.
        self.ready_state.set(WebSocket::CLOSED);
        self.changed.notify(usize::MAX);
        self.listeners.clear();
    }
}

impl Inner {
    /// The origin of a message: the serialization of the origin of the socket's URL.
    fn message_origin(&self) -> &Rc<str> {
        self.message_origin.get_or_init(|| {
            let url = Url::parse(&self.url).ok();
            let url = url.filter(|_| self.edition.tells_message_origins());
            let origin = url.map(|url| url.origin().ascii_serialization());
            self.shared().texts().share(&origin.unwrap_or_default())
        })
    }
}

impl WebSocket {
    /// The task for "the WebSocket connection is established": OPEN, then `open`.
    pub(crate) fn become_open(
        &self,
        protocol: Option<String>,
        extensions: String,
        before_open: impl FnOnce(&Self),
    ) {
        // The literal text lets this task undo a close() that came before it; see spec-notes.
        if self.ready_state() != Self::CONNECTING {
            return;
        }
        if protocol.is_some() || !extensions.is_empty() {
            let agreed = Box::new((protocol.unwrap_or_default(), extensions));
            let _ = self.inner.agreed.set(agreed);
        }
        self.set_ready_state(Self::OPEN);
        self.inner.notify();
        before_open(self);
        // A server's application may have closed the connection just now.
        if self.ready_state() == Self::OPEN {
            self.fire(TrustedEvent::Simple("open"));
        }
    }

    /// DOM "fire an event", at script's object or at the listeners in Rust.
    fn fire(&self, event: TrustedEvent) {
        if let Some(wrapper) = self.inner.wrapper() {
            return wrapper.fire(event);
        }
        match event {
            TrustedEvent::Simple(type_) => self.dispatch(SomeEvent::from(&Event::trusted(type_))),
            TrustedEvent::Message(message) => {
                self.dispatch(SomeEvent::from(&MessageEvent::trusted(message)))
            }
            TrustedEvent::Close(init) => self.dispatch(SomeEvent::from(&CloseEvent::trusted(init))),
        };
    }

    /// The task for "a WebSocket message has been received".
    #[inline]
    fn receive(&self, data: MessageData) {
        if !self.is_receiving() {
            return;
        }
        let origin = self.inner.message_origin().clone();
        let message = ReceivedMessage { data, origin };
        match self.inner.wrapper() {
            Some(wrapper) => wrapper.fire(TrustedEvent::Message(message)),
            None => {
                let event = MessageEvent::trusted(message);
                self.dispatch(SomeEvent::from(&event));
            }
        }
    }

    /// The peer has finished, and the socket is half open: `end`. Where nobody listens there is nothing more to say.
    fn hear_the_end(&self) {
        // Our end is on its way already, behind a blob.
        if self.ready_state() != Self::OPEN {
            return;
        }
        if self.inner.wrapper().is_none() && self.inner.listeners.listens_to("end") {
            self.inner.peer_has_finished.set(true);
            self.dispatch(SomeEvent::from(&Event::trusted("end")));
            self.update_liveness();
        } else {
            self.close();
        }
    }

    fn is_receiving(&self) -> bool {
        match self.ready_state() {
            Self::OPEN => true,
            Self::CLOSING => self.delivers_while_closing(),
            _ => false,
        }
    }

    /// The task for "the WebSocket connection is closed": CLOSED, `error` if it failed, then
    /// `close`, the last event.
    fn become_closed(&self, closure: Closure) {
        self.inner.close_is_due.set(true);
        self.set_ready_state(Self::CLOSED);
        // Listeners may hold this object: nothing but they would keep each other alive.
        let _release = ReleaseListeners(&self.inner);
        if closure.failed && self.inner.edition.fires_error_on_failure() {
            self.fire(TrustedEvent::Simple("error"));
        }
        self.fire(TrustedEvent::Close(CloseEventInit {
            was_clean: closure.cleanly,
            code: closure.code,
            reason: closure.reason,
            ..CloseEventInit::default()
        }));
    }
}

/// Lets go of the listeners at its end, also if the host panics.
struct ReleaseListeners<'a>(&'a Inner);

impl Drop for ReleaseListeners<'_> {
    fn drop(&mut self) {
        self.0.close_is_due.set(false);
        self.0.source.pin(None);
        self.0.listeners.clear();
        self.0.notify();
    }
}
