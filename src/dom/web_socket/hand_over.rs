//! A socket's connection as a stream: the one goes on where the other stops.

use super::{AsData, WebSocket};
use crate::dom::stream::{Basis, Duplex};
use crate::dom::{DomException, WebSocketStream};
#[cfg(not(target_family = "wasm"))]
use crate::{dom::ByteStream, protocol::Delivery};
use std::rc::Rc;

impl WebSocket {
    /// Makes the connection that of a [`WebSocketStream`]: inside a server's
    /// [`onconnection`](crate::Server::set_onconnection), in `onopen`, or at any time before and after. No message is lost or
    /// doubled: those whose task has run were this object's, and those that have been received and not dispatched are the
    /// stream's.
    ///
    /// This object, if it has other handles, is [`CLOSED`](Self::CLOSED) from now on, and has let go of its listeners; it has
    /// no `close` event. What was sent leaves, that of other threads ([`RemoteSocket`](crate::RemoteSocket)) included.
    ///
    /// # Errors
    ///
    /// "InvalidStateError", and nothing happens: it is closing or closed; a blob that was sent is still being read; what
    /// other threads have sent waits for `open` or for room, or one of them closes it; it is a script's; its document was
    /// unloaded. (This handle is gone then: keep a clone where that can be.)
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server, WebSocket};
    /// use futures::StreamExt;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _| {
    ///     socket.set_onopen(|event| event.target().send("hello"));
    /// });
    /// let stream = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?
    ///     .into_stream()?;
    /// event_loop.spawn(async move {
    ///     let mut ends = stream.opened().await.unwrap();
    ///     let message = ends.readable.next().await.unwrap().unwrap();
    ///     assert_eq!(message.as_text(), Some("hello"));
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> Result<WebSocketStream, DomException> {
        self.hand_over(self.inner.half_open)
            .map(WebSocketStream::adopt)
    }

    /// Makes the connection that of a [`ByteStream`], as [`into_stream`](Self::into_stream) does: the bytes of messages that
    /// have not been dispatched are the first that are read. From now on it is
    /// [half open](crate::WebSocketBuilder::half_open).
    ///
    /// # Errors
    ///
    /// As [`into_stream`](Self::into_stream).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    /// use futures::AsyncReadExt;
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// let spawner = event_loop.downgrade();
    /// server.set_onconnection(move |socket, _| {
    ///     let (Ok(mut stream), Some(event_loop)) = (socket.into_byte_stream(), spawner.upgrade()) else {
    ///         return;
    ///     };
    ///     event_loop.spawn(async move {
    ///         let mut text = String::new();
    ///         if stream.read_to_string(&mut text).await.is_ok() {
    ///             println!("all of it: {text}");
    ///         }
    ///     });
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn into_byte_stream(self) -> Result<ByteStream, DomException> {
        let duplex = self.hand_over(true)?;
        let channel = self.inner.channel();
        channel.set_half_open(true);
        channel.set_delivery(Delivery::Bytes);
        Ok(ByteStream::adopt(duplex))
    }

    fn hand_over(&self, half_open: bool) -> Result<Rc<Duplex>, DomException> {
        let inner = &self.inner;
        if self.ready_state() >= Self::CLOSING || !inner.is_active() {
            return Err(DomException::invalid_state(
                "the socket is closing or closed",
            ));
        }
        if !inner.outgoing.is_empty() {
            return Err(DomException::invalid_state(
                "a blob that was sent is still being read",
            ));
        }
        if inner.wrapper().is_some() {
            return Err(DomException::invalid_state("the socket is a script's"));
        }
        let Some(messages) = inner.close_outboxes() else {
            return Err(DomException::invalid_state(
                "what another thread has sent still waits",
            ));
        };
        for message in &messages {
            inner.outgoing.send(inner, message.as_data());
        }
        let agreed =
            (self.ready_state() == Self::OPEN).then(|| (self.protocol(), self.extensions()));
        let basis = Basis {
            edition: inner.edition,
            url: inner.url.to_string(),
            document: inner.document.clone(),
            options: inner.options.clone(),
            half_open,
            source: inner.source.clone(),
            agreed,
            peer_has_finished: inner.peer_has_finished.get(),
            on_open: inner.on_open.take(),
        };
        inner.is_handed_over.set(true);
        self.set_ready_state(Self::CLOSED);
        inner.listeners.clear();
        inner.notify();
        let duplex = Duplex::new(basis, None, Rc::default());
        Ok(duplex)
    }
}
