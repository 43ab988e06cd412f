//! Messages in pieces.

use super::readable::Input;
use super::{Message, WebSocketError};
use crate::protocol::floor_char_boundary;
use futures::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A message, or a part of one: see [`WebSocketReadable::pieces`](crate::WebSocketReadable::pieces).
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
/// ends.writable.write(vec![0; 100]).await?;
/// let mut pieces = ends.readable.pieces(64);
/// let mut len = 0;
/// while let Some(piece) = pieces.next().await {
///     let piece = piece?;
///     assert!(piece.message.len() <= 64);
///     len += piece.message.len();
///     if piece.is_last {
///         break;
///     }
/// }
/// assert_eq!(len, 100);
/// # server.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # event_loop.spawn(async { session.await.unwrap() });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Piece {
    /// What there is of it. The last piece of a message may be empty.
    pub message: Message,
    /// Whether the message ends here.
    pub is_last: bool,
}

/// The messages of the peer, in pieces: a [`futures::Stream`], made by
/// [`WebSocketReadable::pieces`](crate::WebSocketReadable::pieces), whose ends and cancel safety it has. Dropping it is
/// dropping that.
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
/// ends.writable.write("a message that is short enough").await?;
/// let piece = ends.readable.pieces(64).next().await.expect("an echo")?;
/// assert!(piece.is_last);
/// # server.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # event_loop.spawn(async { session.await.unwrap() });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WebSocketPieces {
    input: Input,
    len: usize,
    rest: Option<Rest>,
}

/// A message that had been received whole.
struct Rest {
    piece: Piece,
    given: usize,
}

impl WebSocketPieces {
    pub(super) fn new(input: Input, len: usize) -> Self {
        Self {
            input,
            len,
            rest: None,
        }
    }

    fn next_of_rest(&mut self) -> Option<Piece> {
        let rest = self.rest.as_mut()?;
        let (message, end) = match &rest.piece.message {
            Message::Text(text) => {
                let end = floor_char_boundary(text, rest.given + self.len);
                (Message::from(&text[rest.given..end]), end)
            }
            Message::Binary(bytes) => {
                let end = bytes.len().min(rest.given + self.len);
                (Message::from(&bytes[rest.given..end]), end)
            }
        };
        let is_over = end == rest.piece.message.len();
        let is_last = is_over && rest.piece.is_last;
        rest.given = end;
        if is_over {
            self.rest = None;
        }
        Some(Piece { message, is_last })
    }
}

impl Stream for WebSocketPieces {
    type Item = Result<Piece, WebSocketError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(piece) = self.next_of_rest() {
            return Poll::Ready(Some(Ok(piece)));
        }
        match ready!(self.input.poll_next(|duplex| duplex.poll_piece(cx))) {
            Some(Ok(piece)) if piece.message.len() > self.len => {
                self.rest = Some(Rest { piece, given: 0 });
                Poll::Ready(self.next_of_rest().map(Ok))
            }
            next => Poll::Ready(next),
        }
    }
}

impl fmt::Debug for WebSocketPieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketPieces").finish_non_exhaustive()
    }
}
