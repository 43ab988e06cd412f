//! What this end decides for a connection, whatever its wire.

use super::{Limits, Resources, Timeouts};

/// How this end of a connection behaves. Many connections share one.
///
/// ```
/// use dom_websocket::protocol::{ActiveClose, ConnectionOptions};
///
/// let options = ConnectionOptions { half_open: true, ..Default::default() };
/// assert_eq!(options.active_close, ActiveClose::Standard);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// How much memory it may cost.
    pub limits: Limits,
    /// How long each wait on the peer lasts at the most.
    pub timeouts: Timeouts,
    /// Whether our end of the closing handshake is held back when the peer's comes
    /// ([`Feedback::PeerFinished`](super::Feedback::PeerFinished)), until this side says that it has sent all.
    /// Default: no, it is answered at once.
    pub half_open: bool,
    /// Who ends TCP first.
    pub active_close: ActiveClose,
    /// How messages are told, at first.
    pub delivery: Delivery,
    /// What the connections have in common.
    pub resources: Resources,
}

/// Who ends TCP first once the closing handshake is finished, and so keeps the connection in TIME_WAIT for some
/// minutes.
///
/// Where both ends leave it to each other, each waits for
/// [`Timeouts::end_of_stream`](super::Timeouts::end_of_stream).
///
/// Clause: [RFC 6455 section 7.1.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.1.1).
///
/// ```
/// use dom_websocket::{ActiveClose, UserAgent};
///
/// assert_eq!(ActiveClose::default(), ActiveClose::Standard);
/// let user_agent = UserAgent::builder().active_close(ActiveClose::Ours).build();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ActiveClose {
    /// As the wire's text has it: in RFC 6455 the server (section 7.1.1); in draft 76 each, once the handshake has
    /// finished (section 4.2, section 5.3).
    #[default]
    Standard,
    /// This end, at once.
    Ours,
    /// The peer; this end follows.
    Peers,
}

/// How what the peer sends is told.
///
/// ```
/// use dom_websocket::protocol::{ConnectionOptions, Delivery};
///
/// let options = ConnectionOptions { delivery: Delivery::Pieces(64 * 1024), ..Default::default() };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Message by message: [`Feedback::Text`](super::Feedback::Text) and
    /// [`Feedback::Binary`](super::Feedback::Binary).
    #[default]
    Messages,
    /// A message of more than so many bytes (four at the least) in parts of at most as many, as they come:
    /// [`Feedback::TextPart`](super::Feedback::TextPart) and
    /// [`Feedback::BinaryPart`](super::Feedback::BinaryPart) ahead of what ends it. Text is cut between characters.
    /// [`Limits::message`](super::Limits::message) bounds no more than a part.
    Pieces(usize),
    /// What has come is told with each input, in parts too, wherever messages begin and end.
    Bytes,
}

/// The longest part that bytes are told in.
const LONGEST_READ: usize = 64 * 1024;

impl Delivery {
    /// The longest part that is put together.
    pub(super) fn longest_part(self, limits: &Limits) -> usize {
        match self {
            Self::Messages => limits.message,
            Self::Bytes => LONGEST_READ,
            Self::Pieces(len) => len.clamp(4, limits.message.max(4)),
        }
    }

    /// Whether a message may come in parts.
    pub(super) fn is_in_parts(self) -> bool {
        self != Self::Messages
    }

    /// Whether so much of a message, whose end has not come, is told already.
    pub(super) fn is_told(self, len: usize, longest: usize) -> bool {
        match self {
            Self::Messages => false,
            Self::Pieces(_) => len > longest,
            Self::Bytes => true,
        }
    }
}
