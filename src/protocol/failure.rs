//! Why a connection ended uncleanly, as far as the wire knows.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Why a connection that was open ended uncleanly, or an opening handshake was cut off.
///
/// ```
/// use dom_websocket::{Failure, WireFailure};
///
/// fn is_the_peers_fault(failure: &Failure) -> bool {
///     matches!(
///         failure,
///         Failure::Wire(WireFailure::Violation | WireFailure::InvalidData | WireFailure::TooLarge),
///     )
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WireFailure {
    /// It was given up on this side: `close()` was called before the connection was established, or the
    /// object or its document went away.
    Cancelled,
    /// A blob that was to be sent could not be read.
    UnreadableBlob,
    /// `send()` was given more than [`Limits::send_queue`](super::Limits::send_queue), or than
    /// [`Limits::all_send_queues`](super::Limits::all_send_queues) had left.
    QueueFull,
    /// The peer broke the protocol.
    Violation,
    /// The peer's text is not UTF-8, or its data could not be inflated.
    InvalidData,
    /// The peer's message is longer than [`Limits::message`](super::Limits::message), or a frame to be
    /// skipped longer than [`Limits::skipped_frame`](super::Limits::skipped_frame).
    TooLarge,
    /// All connections together were putting more together than [`Limits::all_messages`](super::Limits::all_messages),
    /// and this one's message would have needed more.
    Overloaded,
    /// The peer's message did not come within [`Timeouts::message`](super::Timeouts::message).
    MessageTimedOut,
    /// The peer ended TCP without a closing handshake.
    EndOfStream,
    /// The connection was lost: reset, for example.
    Transport(TransportError),
    /// Nothing came in answer to a ping within [`Timeouts::pong`](super::Timeouts::pong).
    NoPong,
    /// The peer's part of the closing handshake did not come within
    /// [`Timeouts::closing_handshake`](super::Timeouts::closing_handshake).
    ClosingTimedOut,
}

/// What is wrong with a server's answer to the opening handshake.
///
/// ```
/// use dom_websocket::{Failure, HandshakeFault};
///
/// fn advice(failure: &Failure) -> &'static str {
///     match failure {
///         Failure::Handshake(HandshakeFault::Tls) => "try wss:",
///         Failure::Handshake(_) => "is that a WebSocket server?",
///         _ => "",
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeFault {
    /// It is no HTTP response that the protocol allows.
    Malformed,
    /// It is TLS: the URL should begin with `wss:`, it seems.
    Tls,
    /// It is longer than [`Limits::head`](super::Limits::head), or has more fields than
    /// [`Limits::head_fields`](super::Limits::head_fields).
    TooLarge,
    /// This field, named in lower case, is missing, stands twice, or has another value than it must.
    Field(&'static str),
    /// Draft 76: the sixteen bytes behind the fields are not the answer to our challenge.
    Challenge,
}

/// An error of the network, or of what lies on it, which can be kept and compared by its kind.
///
/// ```
/// use dom_websocket::TransportError;
/// use std::io::ErrorKind;
///
/// let error = TransportError::from(ErrorKind::ConnectionRefused);
/// assert_eq!(error, TransportError::from(ErrorKind::ConnectionRefused));
/// ```
#[derive(Clone, Debug)]
pub struct TransportError {
    /// The address that was connected to, where it matters.
    address: Option<SocketAddr>,
    error: Arc<io::Error>,
}

impl TransportError {
    pub(crate) fn at(address: SocketAddr, error: io::Error) -> Self {
        Self {
            address: Some(address),
            error: Arc::new(error),
        }
    }

    /// What kind of error it is.
    ///
    /// ```
    /// use dom_websocket::TransportError;
    /// use std::io::ErrorKind;
    ///
    /// assert_eq!(TransportError::from(ErrorKind::TimedOut).kind(), ErrorKind::TimedOut);
    /// ```
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.error.kind()
    }

    /// The error itself.
    ///
    /// ```
    /// use dom_websocket::TransportError;
    /// use std::io;
    ///
    /// let error = TransportError::from(io::Error::other("what TLS says, for one"));
    /// println!("{}", error.as_io_error());
    /// ```
    #[must_use]
    pub fn as_io_error(&self) -> &io::Error {
        &self.error
    }

    /// The address that was connected to, if it is an address's error.
    ///
    /// ```
    /// use dom_websocket::TransportError;
    /// use std::io::ErrorKind;
    ///
    /// assert_eq!(TransportError::from(ErrorKind::Other).address(), None);
    /// ```
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        Self {
            address: None,
            error: Arc::new(error),
        }
    }
}

impl From<io::ErrorKind> for TransportError {
    fn from(kind: io::ErrorKind) -> Self {
        io::Error::from(kind).into()
    }
}

impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address && self.kind() == other.kind()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => write!(f, "{address}: {}", self.error),
            None => self.error.fmt(f),
        }
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl fmt::Display for WireFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str(
                "given up on this side: closed before it was open, or its object or page is gone",
            ),
            Self::UnreadableBlob => f.write_str("a blob could not be read"),
            Self::QueueFull => f.write_str("too much was waiting to be sent"),
            Self::Violation => f.write_str("the peer broke the protocol"),
            Self::InvalidData => f.write_str("the peer's data is not what it says it is"),
            Self::TooLarge => f.write_str("a message is too long"),
            Self::Overloaded => f.write_str("all messages together are too long"),
            Self::MessageTimedOut => f.write_str("a message did not come in time"),
            Self::EndOfStream => f.write_str("the peer ended the connection without a handshake"),
            Self::Transport(error) => write!(f, "the connection was lost: {error}"),
            Self::NoPong => f.write_str("the peer did not answer a ping"),
            Self::ClosingTimedOut => f.write_str("the peer did not answer the closing handshake"),
        }
    }
}

impl Error for WireFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error.as_io_error()),
            _ => None,
        }
    }
}

impl fmt::Display for HandshakeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("it is malformed"),
            Self::Tls => {
                f.write_str("it speaks TLS, so the URL should begin with wss: in place of ws:")
            }
            Self::TooLarge => f.write_str("it is too long"),
            Self::Field(name) => write!(f, "the field {name}"),
            Self::Challenge => f.write_str("the challenge's answer"),
        }
    }
}

impl Error for HandshakeFault {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind::{ConnectionRefused, TimedOut};

    #[test]
    fn errors_are_the_same_of_one_kind_and_one_address() {
        let at = |port, kind: io::ErrorKind| {
            TransportError::at(SocketAddr::from(([127, 0, 0, 1], port)), kind.into())
        };
        assert_eq!(at(1, TimedOut), at(1, TimedOut));
        assert_ne!(at(1, TimedOut), at(2, TimedOut));
        assert_ne!(at(1, TimedOut), at(1, ConnectionRefused));
        assert_ne!(at(1, TimedOut), TransportError::from(TimedOut));
        let port = at(1, TimedOut).address().map(|address| address.port());
        assert_eq!(port, Some(1));
    }

    #[test]
    fn errors_have_the_sources_that_they_come_from() {
        let error = TransportError::from(io::Error::other(HandshakeFault::Challenge));
        let text = |error: Option<&(dyn Error + 'static)>| error.map(ToString::to_string);
        // `io::Error` has the source of what it is made of.
        assert_eq!(text(error.source()), None);
        let outer = io::Error::other(WireFailure::Transport(error));
        let outer = TransportError::from(outer);
        assert_eq!(
            text(outer.source()).as_deref(),
            Some("the challenge's answer")
        );
        let lost = WireFailure::Transport(TimedOut.into());
        assert_eq!(
            text(lost.source()),
            Some(io::Error::from(TimedOut).to_string())
        );
        assert_eq!(text(WireFailure::Violation.source()), None);
        assert!(!WireFailure::Violation.to_string().is_empty());
    }
}
