//! `close()`, and `finish()`, which ends our direction alone.

use super::WebSocket;
use super::outgoing::Ending;
use crate::dom::DomException;
use crate::protocol::WireFailure;

impl WebSocket {
    /// `close()`: closes the connection. A `close` event follows, always from a task, unless there has
    /// been one. What was sent before leaves first.
    ///
    /// In [`Edition::Html5`](crate::Edition::Html5) messages that arrive before the peer's answer are still delivered.
    ///
    /// Behind [`finish`](Self::finish) it says that no more is wanted: the peer has
    /// [`Timeouts::closing_handshake`](crate::Timeouts::closing_handshake) for its end from now on.
    ///
    /// Clause: [WebSockets, "close(code, reason)"](https://websockets.spec.whatwg.org/#dom-websocket-close).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| event.target().close());
    /// socket.set_onclose(|event| assert_eq!((event.was_clean(), event.code()), (true, 1005)));
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&self) {
        self.close_connection(None);
    }

    /// `close(code, reason)`: as [`close`](Self::close), and tells the peer why. Without a code
    /// (`close(undefined, reason)`) the reason can't be told. In [`Edition::Html5`](crate::Edition::Html5) both are ignored.
    ///
    /// Clause: [WebSockets, "close(code, reason)"](https://websockets.spec.whatwg.org/#dom-websocket-close).
    ///
    /// # Errors
    ///
    /// In every state, and in this order: "InvalidAccessError" if the code is neither 1000 nor from 3000
    /// to 4999, "SyntaxError" if the reason is longer than 123 bytes.
    ///
    /// ```
    /// # use dom_websocket::{EventLoop, WebSocket};
    /// # let socket = WebSocket::new(&EventLoop::new(), "ws://example.com/")?;
    /// assert_eq!(socket.close_with(1001, "").unwrap_err().name(), "InvalidAccessError");
    /// socket.close_with(4000, "enough")?;
    /// # Ok::<(), dom_websocket::DomException>(())
    /// ```
    pub fn close_with(
        &self,
        code: impl Into<Option<u16>>,
        reason: &str,
    ) -> Result<(), DomException> {
        let close = self.checked(code.into(), reason)?;
        self.close_connection(close);
        Ok(())
    }

    /// close(), the first that matches.
    fn close_connection(&self, close: Option<(u16, &str)>) {
        if self.ready_state() >= Self::CLOSING {
            if self.inner.is_finished.take() {
                self.inner.outgoing.end(&self.inner, Ending::Close, close);
                self.update_liveness();
            }
            return;
        }
        if self.inner.channel().is_established() {
            // Started, unless the peer started it and the task that says so has not run.
            self.inner.outgoing.end(&self.inner, Ending::Close, close);
        } else {
            // Not yet established: fail the WebSocket connection. Does nothing if it is gone already.
            self.inner.channel().fail(WireFailure::Cancelled);
        }
        self.set_ready_state(Self::CLOSING);
    }

    /// Closes with the code of an end that goes away (RFC 6455 section 7.4.1).
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn go_away(&self) {
        self.close_connection(Some((1001, "")));
    }

    /// Ends the connection without waiting for the peer any longer.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn cut(&self) {
        self.inner.channel().fail(WireFailure::Cancelled);
    }

    /// Tells when it has become open, or `close` has been dispatched, or it is gone.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn changes(&self) -> event_listener::EventListener {
        self.inner.changed.listen()
    }

    /// Ends our direction, and not the peer's: "I have sent all; say what you still have to say". Our end leaves behind
    /// what was sent before. True if so; false if the connection is closing or closed, and nothing is done.
    ///
    /// [`ready_state`](Self::ready_state) becomes [`CLOSING`](Self::CLOSING), and messages are delivered, in both
    /// editions, until the peer's end, which `close` tells. The peer has
    /// [`Timeouts::finished`](crate::Timeouts::finished) for each sign of life.
    ///
    /// On the wire it is the frame that begins the closing handshake. A peer of draft 76 that is built for it
    /// ([`half_open`](crate::WebSocketBuilder::half_open)) holds its answer back until it has sent all; others answer
    /// at once. One of RFC 6455 may finish the message that it is sending (section 5.5.1), and most answer at once, behind
    /// what they have queued.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server, WebSocket};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event_loop = EventLoop::new();
    /// // A server that counts, and answers once the client has sent all.
    /// let server = Server::builder(&event_loop).half_open(true).listen("127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _| {
    ///     let count = std::rc::Rc::new(std::cell::Cell::new(0));
    ///     let counted = count.clone();
    ///     socket.set_onmessage(move |_| counted.set(counted.get() + 1));
    ///     socket.set_onend(move |event| {
    ///         event.target().send(format!("{} messages", count.get()))?;
    ///         event.target().finish()
    ///     });
    /// });
    ///
    /// let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// socket.set_onopen(|event| {
    ///     for word in ["one", "two", "three"] {
    ///         event.target().send(word)?;
    ///     }
    ///     event.target().finish()
    /// });
    /// socket.set_onmessage(|event| assert_eq!(event.data(), "3 messages"));
    /// socket.set_onclose(move |event| {
    ///     assert!(event.was_clean());
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn finish(&self) -> Result<bool, DomException> {
        self.finish_connection(None)
    }

    /// As [`finish`](Self::finish), with a code and a reason as [`close_with`](Self::close_with) has them.
    ///
    /// # Errors
    ///
    /// Those of [`close_with`](Self::close_with), and then of [`finish`](Self::finish).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| {
    ///     event.target().send("the last one")?;
    ///     event.target().finish_with(4000, "that was all")
    /// });
    /// socket.set_onmessage(|event| assert_eq!(event.data(), "the last one"));
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn finish_with(
        &self,
        code: impl Into<Option<u16>>,
        reason: &str,
    ) -> Result<bool, DomException> {
        let close = self.checked(code.into(), reason)?;
        self.finish_connection(close)
    }

    fn finish_connection(&self, close: Option<(u16, &str)>) -> Result<bool, DomException> {
        self.check_that_it_was_opened()?;
        if self.ready_state() != Self::OPEN || !self.inner.channel().is_sending() {
            return Ok(false);
        }
        self.inner.is_finished.set(true);
        self.inner.outgoing.end(&self.inner, Ending::Finish, close);
        self.set_ready_state(Self::CLOSING);
        Ok(true)
    }

    /// The arguments of close(), if they are allowed.
    fn checked<'a>(
        &self,
        code: Option<u16>,
        reason: &'a str,
    ) -> Result<Option<(u16, &'a str)>, DomException> {
        self.inner.edition.check_close(code, reason)?;
        Ok(code.map(|code| (code, reason)))
    }

    /// Whether a message that arrives in CLOSING is dispatched.
    pub(super) fn delivers_while_closing(&self) -> bool {
        self.inner.is_finished.get() || self.inner.edition.delivers_while_closing()
    }
}
