//! `WebSocketOpenInfo.readable`.

use super::{Duplex, Message, WebSocketCloseInfo, WebSocketError, WebSocketPieces};
use crate::dom::DomException;
use crate::protocol::Delivery;
use futures::Stream;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The messages of the peer, in order: a [`futures::Stream`].
///
/// It ends (`None`) where the connection was closed cleanly, and, in a stream that is
/// [half open](crate::WebSocketBuilder::half_open), already where the peer has finished. Any other end is an error, behind
/// all that came before it, and then `None`.
///
/// # Cancel safety
///
/// `next()` takes a message only when it gives it away: a future that is dropped has taken none.
///
/// # Dropping it
///
/// is [`cancel`](Self::cancel) without a code, unless it has ended.
pub struct WebSocketReadable {
    input: Input,
}

/// The reading side of a stream, which is cancelled when it is dropped.
pub(super) struct Input {
    pub(super) duplex: Rc<Duplex>,
    has_failed: bool,
}

impl Input {
    /// The next message, or part of one; then the error, if there is one; then nothing.
    pub(super) fn poll_next<T>(
        &mut self,
        poll: impl FnOnce(&Duplex) -> Poll<Option<T>>,
    ) -> Poll<Option<Result<T, WebSocketError>>> {
        if let Some(next) = ready!(poll(&self.duplex)) {
            return Poll::Ready(Some(Ok(next)));
        }
        let error = self.duplex.read_error().filter(|_| !self.has_failed);
        self.has_failed = error.is_some() || self.has_failed;
        Poll::Ready(error.map(Err))
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // Nothing is wrong with no code.
        let _ = self.duplex.cancel(&WebSocketCloseInfo::default());
    }
}

impl WebSocketReadable {
    pub(super) fn new(duplex: Rc<Duplex>) -> Self {
        Self {
            input: Input {
                duplex,
                has_failed: false,
            },
        }
    }

    /// `cancel(reason)`: closes the connection, as [`WebSocketStream::close`](crate::WebSocketStream::close), and throws
    /// away what has not been read. What was written leaves first. Nothing is done where the stream has ended: a writer
    /// whose peer has [finished](crate::WebSocketBuilder::half_open) goes on.
    ///
    /// # Errors
    ///
    /// Those of [`WebSocketStream::close`](crate::WebSocketStream::close). Nothing is thrown away then.
    pub fn cancel(&mut self, info: impl Into<WebSocketCloseInfo>) -> Result<(), DomException> {
        self.input.duplex.cancel(&info.into())
    }

    /// Messages of more than `len` bytes in pieces of at most as many, at least four, as they come: so that a message may be
    /// longer than there is memory, and than [`Limits::message`](crate::Limits::message). Text is cut between characters.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server, WebSocketStream};
    /// use futures::StreamExt;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _| {
    ///     socket.set_onopen(|event| event.target().send("streams"));
    /// });
    /// let stream = WebSocketStream::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// event_loop.spawn(async move {
    ///     let mut pieces = stream.opened().await.unwrap().readable.pieces(4);
    ///     let piece = pieces.next().await.unwrap().unwrap();
    ///     assert_eq!((piece.message.as_text(), piece.is_last), (Some("stre"), false));
    ///     let piece = pieces.next().await.unwrap().unwrap();
    ///     assert_eq!((piece.message.as_text(), piece.is_last), (Some("ams"), true));
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn pieces(self, len: usize) -> WebSocketPieces {
        let len = len.max(4);
        self.input.duplex.set_delivery(Delivery::Pieces(len));
        WebSocketPieces::new(self.input, len)
    }
}

impl Stream for WebSocketReadable {
    type Item = Result<Message, WebSocketError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.input.poll_next(|duplex| {
            Poll::Ready(ready!(duplex.poll_piece(cx)).map(|piece| piece.message))
        })
    }
}

impl fmt::Debug for WebSocketReadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketReadable").finish_non_exhaustive()
    }
}
