//! `send()`, and `bufferedAmount`.

use super::{AsData, WebSocket};
use crate::dom::DomException;

impl WebSocket {
    /// The bytes of application data (text in UTF-8, without framing) that were given to
    /// [`send`](Self::send) and not handed to the network when the current task began, or since. Once
    /// the connection is closed it only grows, with each `send`.
    ///
    /// Clause: [WebSockets, "bufferedAmount"](https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| {
    ///     event.target().send("hello")?;
    ///     assert_eq!(event.target().buffered_amount(), 5);
    ///     event.target().close();
    ///     Ok::<_, dom_websocket::DomException>(())
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "bufferedAmount")]
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        let queued = match self.inner.is_handed_over.get() {
            true => 0,
            false => self.inner.channel().buffered_amount(),
        };
        queued
            .saturating_add(self.inner.outgoing.amount())
            .saturating_add(self.inner.unsendable.get())
    }

    /// Sends a message: true if it was queued, false if the connection is closing or closed. It leaves
    /// when the current turn of the loop ends, together with all else that the turn's tasks sent. What is sent between
    /// turns leaves with the next one: nothing leaves while nobody drives the loop.
    ///
    /// `data` is text (`&str`, `String`), bytes (`&[u8]`, `Vec<u8>`), a [`Blob`](crate::Blob), or what else is
    /// [`AsData`].
    ///
    /// Where the queue is full ([`Limits::send_queue`](crate::Limits::send_queue)) the message is not
    /// sent, the connection is closed, and the result is false.
    ///
    /// Clause: [WebSockets, "send(data)"](https://websockets.spec.whatwg.org/#dom-websocket-send).
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING); "NotSupportedError" for anything but
    /// text in [`Edition::Html5`](crate::Edition::Html5).
    ///
    /// ```
    /// use dom_websocket::{Blob, DomException};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| {
    ///     let socket = event.target();
    ///     assert!(socket.send("text")?);
    ///     socket.send(format!("{} of it", 2))?;
    ///     socket.send([1, 2, 3])?;
    ///     socket.send(Blob::new("what a file has"))?;
    ///     socket.close();
    ///     assert!(!socket.send("too late")?);
    ///     Ok::<_, DomException>(())
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send(&self, data: impl AsData) -> Result<bool, DomException> {
        self.check_that_it_was_opened()?;
        let data = data.as_data();
        if !data.is_text() && !self.inner.edition.sends_binary() {
            return Err(DomException::not_supported("draft 76 carries text only"));
        }
        let is_open = self.ready_state() == Self::OPEN;
        let is_queued = is_open && self.inner.outgoing.send(&self.inner, data);
        if !is_queued {
            let unsendable = self.inner.unsendable.get().saturating_add(data.len());
            self.inner.unsendable.set(unsendable);
        }
        Ok(is_queued)
    }

    /// [`send`](Self::send) for a script engine's strings, which are UTF-16.
    ///
    /// Clause: [WebSockets, "send(data)"](https://websockets.spec.whatwg.org/#dom-websocket-send).
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING); after that, in every state, in
    /// [`Edition::Html5`](crate::Edition::Html5) "SyntaxError" if there are unpaired surrogates. In [`Edition::Living`](crate::Edition::Living) they
    /// become U+FFFD.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| event.target().send_utf16(&[0x68, 0x69, 0xd83d]));
    /// socket.set_onmessage(|event| {
    ///     assert_eq!(event.data(), "hi\u{fffd}");
    ///     event.target().close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_utf16(&self, data: &[u16]) -> Result<bool, DomException> {
        self.check_that_it_was_opened()?;
        let text = match String::from_utf16(data) {
            Ok(text) => text,
            Err(_) if self.inner.edition.throws_over_unpaired_surrogates() => {
                return Err(DomException::syntax("the text has unpaired surrogates"));
            }
            Err(_) => String::from_utf16_lossy(data),
        };
        self.send(&text)
    }

    pub(super) fn check_that_it_was_opened(&self) -> Result<(), DomException> {
        if self.ready_state() == Self::CONNECTING {
            return Err(DomException::invalid_state(
                "the socket is still connecting",
            ));
        }
        Ok(())
    }
}
