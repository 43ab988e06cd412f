//! HTML5 (r4820) "Feedback from the protocol": all that a connection ever says to the object above.

use super::{Closure, Withheld};
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

impl Feedback {
    /// Whether it is a message, or a part of one.
    pub(super) fn is_message(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::TextPart(_) | Self::Binary(_) | Self::BinaryPart(_)
        )
    }

    /// The bytes of a message, or of a part of one.
    pub(super) fn payload_len(&self) -> usize {
        match self {
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
}
