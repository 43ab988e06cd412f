//! HTML5 (r4820) "Feedback from the protocol": all that a connection ever says to the object above.

use super::occasional::AtFirst;
use super::{Closure, Limits, Withheld};
use std::collections::VecDeque;
use std::fmt;

/// One occurrence on a connection, in the order in which script is to learn of it.
///
/// What is shown of a message for debugging is its kind and its length.
///
/// ```
/// use dom_websocket::protocol::Feedback;
///
/// fn describe(feedback: Feedback) -> String {
///     match feedback {
///         Feedback::Text(text) => text,
///         Feedback::Binary(bytes) => format!("{} bytes", bytes.len()),
///         Feedback::Closed(closure) => format!("closed with {}", closure.code),
///         other => format!("{other:?}"),
///     }
/// }
/// assert_eq!(describe(Feedback::Text("hello".into())), "hello");
/// ```
#[derive(PartialEq)]
#[non_exhaustive]
pub enum Feedback {
    /// "The WebSocket connection is established".
    Established {
        /// The subprotocol, if one was agreed on.
        protocol: Option<String>,
        /// The extensions in use, as the server wrote them. Always empty in draft 76.
        extensions: String,
    },
    /// "A WebSocket message has been received": text.
    Text(String),
    /// "A WebSocket message has been received": binary data, which draft 76 does not have.
    Binary(Vec<u8>),
    /// The next part of a text message, whose last one is a [`Text`](Self::Text): where
    /// [`Delivery`](super::Delivery) is in parts.
    TextPart(String),
    /// The next part of a binary message, whose last one is a [`Binary`](Self::Binary). In the simplified wire: the next
    /// bytes, none of which are the last.
    BinaryPart(Vec<u8>),
    /// "A WebSocket error has been detected": a frame of an unknown type. The connection lives on.
    ErrorDetected,
    /// The peer broke the protocol: the connection fails when this task runs, behind those of what came
    /// before ([`Protocol::handle_tasks_done`](super::Protocol::handle_tasks_done)). Script learns of it
    /// from the closure.
    Violated,
    /// "The WebSocket closing handshake has started", whoever started it.
    ClosingHandshakeStarted,
    /// The peer's part of the closing handshake has come, and ours is held back
    /// ([`ConnectionOptions::half_open`](super::ConnectionOptions::half_open)): it sends nothing more. How the
    /// connection will have ended if nothing else happens.
    PeerFinished(Closure),
    /// The peer ended its direction of the transport: nothing more comes from it.
    PeerEnded,
    /// "The WebSocket connection is closed". Nothing follows.
    Closed(Closure),
}

/// What an occurrence costs beside its payload.
const OVERHEAD: usize = 64;
const _: () = assert!(size_of::<Feedback>() <= OVERHEAD);
/// An empty queue has room for so many at the most: one read brings no more that are worth sending.
const KEPT: usize = 1024;

impl Feedback {
    /// Whether it is a message, or a part of one.
    fn is_message(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::TextPart(_) | Self::Binary(_) | Self::BinaryPart(_)
        )
    }

    /// The memory that it takes until it is dispatched, in bytes.
    fn cost(&self) -> usize {
        OVERHEAD
            + match self {
                Self::Text(text) | Self::TextPart(text) => text.len(),
                Self::Binary(bytes) | Self::BinaryPart(bytes) => bytes.len(),
                _ => 0,
            }
    }
}

impl fmt::Debug for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut content = |kind, len| f.debug_tuple(kind).field(&Withheld(len)).finish();
        match self {
            Self::Established {
                protocol,
                extensions,
            } => f
                .debug_struct("Established")
                .field("protocol", protocol)
                .field("extensions", extensions)
                .finish(),
            Self::Text(text) => content("Text", text.len()),
            Self::Binary(bytes) => content("Binary", bytes.len()),
            Self::TextPart(part) => content("TextPart", part.len()),
            Self::BinaryPart(part) => content("BinaryPart", part.len()),
            Self::ErrorDetected => f.write_str("ErrorDetected"),
            Self::Violated => f.write_str("Violated"),
            Self::ClosingHandshakeStarted => f.write_str("ClosingHandshakeStarted"),
            Self::PeerFinished(closure) => f.debug_tuple("PeerFinished").field(closure).finish(),
            Self::PeerEnded => f.write_str("PeerEnded"),
            Self::Closed(closure) => f.debug_tuple("Closed").field(closure).finish(),
        }
    }
}

/// The occurrences that no task has taken yet.
#[derive(Debug, Default)]
pub(super) struct FeedbackQueue {
    queue: VecDeque<Feedback>,
    cost: usize,
}

impl FeedbackQueue {
    pub(super) fn push(&mut self, feedback: Feedback) {
        self.cost += feedback.cost();
        self.queue.push_back(feedback);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Feedback> {
        let feedback = self.queue.pop_front()?;
        self.cost -= feedback.cost();
        if self.queue.is_empty() {
            self.give_back();
        }
        Some(feedback)
    }

    /// After a burst. Out of line, as most are not the last.
    #[cold]
    fn give_back(&mut self) {
        if self.queue.capacity() > KEPT {
            self.queue = VecDeque::new();
        }
    }

    /// Takes the bytes out of all parts of binary messages.
    pub(super) fn take_parts(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for feedback in std::mem::take(&mut self.queue) {
            match feedback {
                Feedback::BinaryPart(part) => {
                    self.cost -= OVERHEAD + part.len();
                    bytes.extend(part);
                }
                other => self.queue.push_back(other),
            }
        }
        bytes
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether there is room for more, where so many bytes of the next message have come. A message that nothing is
    /// ahead of may be of any length.
    pub(super) fn has_room(&self, under_way: usize, limits: &Limits) -> bool {
        self.cost.saturating_add(under_way) <= limits.undispatched || self.queue.is_empty()
    }

    pub(super) fn is_message_next(&self) -> bool {
        self.queue.front().is_some_and(Feedback::is_message)
    }

    /// The memory that all of them take, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }
}

impl AtFirst for FeedbackQueue {
    fn at_first() -> &'static Self {
        static AT_FIRST: FeedbackQueue = FeedbackQueue {
            queue: VecDeque::new(),
            cost: 0,
        };
        &AT_FIRST
    }

    fn is_as_at_first(&self) -> bool {
        self.queue.is_empty()
    }

    fn rest(&mut self) {
        self.queue.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_message_is_its_length() {
        for (feedback, shown) in [
            (Feedback::Text("secret".into()), "Text(6 bytes)"),
            (Feedback::BinaryPart(vec![7; 3]), "BinaryPart(3 bytes)"),
            (Feedback::PeerEnded, "PeerEnded"),
        ] {
            assert_eq!(format!("{feedback:?}"), shown);
        }
    }

    #[test]
    fn a_burst_leaves_nothing_behind() {
        let mut queue = FeedbackQueue::default();
        for (burst, kept) in [(33_000, 0), (100, KEPT)] {
            for _ in 0..burst {
                queue.push(Feedback::Text(String::new()));
            }
            while queue.pop().is_some() {}
            assert!(queue.queue.capacity() <= kept && queue.cost() == 0);
        }
        queue.rest();
        assert_eq!(queue.queue.capacity(), 0);
    }
}
