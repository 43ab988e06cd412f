//! `WebSocketOpenInfo.writable`.

use super::{Duplex, Message, WebSocketCloseInfo, WebSocketError};
use crate::connection::Waiting;
use crate::dom::DomException;
use event_listener::EventListener;
use futures::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Takes messages for the peer: a [`futures::Sink`].
///
/// What was taken (by [`start_send`](Sink::start_send), [`write`](Self::write)) is the connection's: it leaves in order, also
/// if this, the handle or a future is dropped, unless the connection is lost.
///
/// * [`ready`](Self::ready) and `poll_ready` wait while more than [`Limits::high_water`](crate::Limits::high_water) is
///   queued.
/// * `flush` waits until the network has taken all: the kernel, or TLS above it. That is not to say that the peer has.
/// * `close` closes the connection, as [`WebSocketStream::close`](crate::WebSocketStream::close) without a code, and
///   **ends once the closing handshake has finished; what the peer still sends is thrown away**. So
///   [`forward`](futures::StreamExt::forward) ends. In a stream that is
///   [half open](crate::WebSocketBuilder::half_open) it is [`finish`](Self::finish) in its place: the reader goes on,
///   and has to, for the closing handshake to finish.
///
/// # Errors
///
/// "InvalidStateError" once this side or the peer has ended, "WebSocketError" once the connection has ended uncleanly,
/// "NotSupportedError" for binary messages in [`Edition::Html5`](crate::Edition::Html5), "QuotaExceededError" for those that
/// don't fit into [`Limits::send_queue`](crate::Limits::send_queue). None of the last two ends the connection.
///
/// # Cancel safety
///
/// `ready`, `flush` and `close` can be dropped and called again. `send` of `SinkExt` and [`write`](Self::write) own the
/// message until it is taken: dropped before, it is not sent. Where it must not be lost: `ready`, then `start_send`.
///
/// # Dropping it
///
/// is [`finish`](Self::finish) without a code: who reads goes on.
///
/// ```
/// use dom_websocket::Message;
/// use futures::SinkExt;
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
/// # let session = async move {
/// let mut ends = stream.opened().await?;
/// ends.writable.feed(Message::from("one")).await?;
/// ends.writable.send(Message::from("two")).await?;
/// ends.writable.close().await?;
/// # server.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # event_loop.spawn(async { session.await.unwrap() });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WebSocketWritable {
    duplex: Rc<Duplex>,
    /// `close` has begun.
    is_closing: bool,
    /// For room, or for the queue to leave.
    waiting: Waiting,
    change: Option<EventListener>,
}

impl WebSocketWritable {
    pub(super) fn new(duplex: Rc<Duplex>) -> Self {
        Self {
            duplex,
            is_closing: false,
            waiting: None,
            change: None,
        }
    }

    /// Ends once there is room: the next message is taken at once. See [`WebSocketWritable`] for errors and cancel safety.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let mut ends = stream.opened().await?;
    /// ends.writable.ready().await?;
    /// // The next one is taken at once.
    /// ends.writable.write("hello").await?;
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ready(&mut self) -> impl Future<Output = Result<(), WebSocketError>> {
        poll_fn(|cx| self.duplex.poll_room(0, &mut self.waiting, cx))
    }

    /// `write(chunk)`: ends once this message has found room, and was taken. Unlike `send` of `SinkExt` it does not wait for
    /// the network, and it waits for as much room as the message needs.
    ///
    /// ```
    /// # use dom_websocket::{WebSocketError, WebSocketWritable};
    /// async fn send_all(writable: &mut WebSocketWritable, lines: &[&str]) -> Result<(), WebSocketError> {
    ///     for line in lines {
    ///         writable.write(*line).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn write(
        &mut self,
        message: impl Into<Message>,
    ) -> impl Future<Output = Result<(), WebSocketError>> {
        let message = message.into();
        poll_fn(move |cx| {
            ready!(self.duplex.poll_room(message.len(), &mut self.waiting, cx))?;
            Poll::Ready(self.duplex.send(message.payload()))
        })
    }

    /// Ends our direction and not the peer's: the reader goes on to the peer's end. See
    /// [`WebSocketStream::finish`](crate::WebSocketStream::finish).
    ///
    /// # Errors
    ///
    /// Those of [`WebSocketStream::close`](crate::WebSocketStream::close).
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let mut ends = stream.opened().await?;
    /// ends.writable.write("the last one").await?;
    /// ends.writable.finish(1000)?;
    /// while let Some(message) = ends.readable.next().await {
    ///     println!("the server still has this to say: {:?}", message?);
    /// }
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn finish(&mut self, info: impl Into<WebSocketCloseInfo>) -> Result<(), DomException> {
        self.duplex.finish(&info.into())
    }

    /// `abort(reason)`: as [`WebSocketStream::close`](crate::WebSocketStream::close). What was taken leaves first.
    ///
    /// # Errors
    ///
    /// Those of [`WebSocketStream::close`](crate::WebSocketStream::close).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let mut ends = stream.opened().await?;
    /// ends.writable.abort((4000, "enough"))?;
    /// assert_eq!(stream.closed().await?.close_code, Some(4000));
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn abort(&mut self, info: impl Into<WebSocketCloseInfo>) -> Result<(), DomException> {
        self.duplex.close(&info.into())
    }
}

impl Sink<Message> for WebSocketWritable {
    type Error = WebSocketError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let this = &mut *self;
        this.duplex.poll_room(0, &mut this.waiting, cx)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Self::Error> {
        self.duplex.send(message.payload())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let this = &mut *self;
        this.duplex.poll_flush(&mut this.waiting, cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let this = &mut *self;
        if !std::mem::replace(&mut this.is_closing, true) {
            let info = WebSocketCloseInfo::default();
            // Nothing is wrong with no code, and it is open.
            let _ = match this.duplex.is_half_open() {
                true => this.duplex.finish(&info),
                false => this.duplex.close(&info),
            };
        }
        let closed = ready!(this.duplex.poll_closed(&mut this.change, cx));
        Poll::Ready(closed.map(|_| ()))
    }
}

impl Drop for WebSocketWritable {
    fn drop(&mut self) {
        // Nothing is wrong with no code, and it is open.
        let _ = self.duplex.finish(&WebSocketCloseInfo::default());
    }
}

impl fmt::Debug for WebSocketWritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketWritable").finish_non_exhaustive()
    }
}
