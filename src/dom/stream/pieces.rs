//! Messages in pieces.

use super::readable::Input;
use super::{Message, WebSocketError};
use crate::protocol::floor_char_boundary;
use futures::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A message, or a part of one: see [`WebSocketReadable::pieces`](crate::WebSocketReadable::pieces).
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
