//! `readyState`, and its values.

use super::WebSocket;

impl WebSocket {
    /// [`ready_state`](Self::ready_state): the connection has not been established yet.
    ///
    /// Clause: [WebSockets, "CONNECTING"](https://websockets.spec.whatwg.org/#dom-websocket-connecting).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const CONNECTING: u16 = 0;
    /// [`ready_state`](Self::ready_state): the connection is established, communication is possible.
    ///
    /// Clause: [WebSockets, "OPEN"](https://websockets.spec.whatwg.org/#dom-websocket-open).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| {
    ///     assert_eq!(event.target().ready_state(), WebSocket::OPEN);
    ///     event.target().close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const OPEN: u16 = 1;
    /// [`ready_state`](Self::ready_state): the connection is going through the closing handshake.
    ///
    /// Clause: [WebSockets, "CLOSING"](https://websockets.spec.whatwg.org/#dom-websocket-closing).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.close();
    /// assert_eq!(socket.ready_state(), WebSocket::CLOSING);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const CLOSING: u16 = 2;
    /// [`ready_state`](Self::ready_state): the connection has been closed or could not be opened.
    ///
    /// Clause: [WebSockets, "CLOSED"](https://websockets.spec.whatwg.org/#dom-websocket-closed).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.close();
    /// event_loop.run();
    /// assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const CLOSED: u16 = 3;

    /// [`CONNECTING`](Self::CONNECTING), [`OPEN`](Self::OPEN), [`CLOSING`](Self::CLOSING) or
    /// [`CLOSED`](Self::CLOSED). It changes in tasks and in [`close`](Self::close) only, with the end of the loop, and
    /// never goes back.
    ///
    /// Clause: [WebSockets, "readyState"](https://websockets.spec.whatwg.org/#dom-websocket-readystate).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
    /// socket.close();
    /// assert_eq!(socket.ready_state(), WebSocket::CLOSING);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "readyState")]
    #[must_use]
    pub fn ready_state(&self) -> u16 {
        self.inner.ready_state.get()
    }

    pub(super) fn set_ready_state(&self, state: u16) {
        debug_assert!(state >= self.ready_state(), "readyState never goes back");
        self.inner.ready_state.set(state);
        self.update_liveness();
    }
}
