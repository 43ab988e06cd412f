//! Why a connection failed, or never was: all that script is not told.

use super::Response;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// The real cause of a connection's unclean end, for the embedder: script can't tell one from the other
/// ("must not distinguish", r4820 and the WebSockets Standard).
///
/// Nothing in it is a secret: no credentials, no cookies, no query of a URL.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// It was given up on this side: `close()` was called before the connection was established, or the
    /// object or its document went away.
    Cancelled,
    /// A blob that was to be sent could not be read.
    UnreadableBlob,
    /// Fetch "should request be blocked due to a bad port".
    PortBlocked(u16),
    /// Mixed Content "should fetching request be blocked as mixed content": an `https:` page, a `ws:` URL.
    MixedContent,
    /// The name has no address, or its server could not be asked.
    NotResolved(TransportError),
    /// No address took the connection; the last one's error.
    NotConnected(TransportError),
    /// The proxy did not open a tunnel.
    Proxy(ProxyFailure),
    /// The TLS handshake failed: the certificate, for example, was not to be trusted.
    Tls(TransportError),
    /// Credentials with a control character, which are not sent.
    InvalidCredentials,
    /// The opening handshake, with all before it, took longer than
    /// [`Timeouts::opening_handshake`](super::Timeouts::opening_handshake).
    OpeningTimedOut,
    /// The server's answer was not 101: no WebSocket there, or not for us.
    Status(Box<Response>),
    /// The server's answer was a redirect that must not or can't be followed.
    Redirect(RedirectFailure),
    /// The server's answer is 101 and not what the handshake demands; or it is no HTTP.
    Handshake(HandshakeFault),
    /// The server's answer is longer than the limits allow.
    HeadTooLarge,
    /// The peer broke the protocol.
    Violation,
    /// The peer's text is not UTF-8, or its data could not be inflated.
    InvalidData,
    /// The peer's message is longer than [`Limits::message`](super::Limits::message), or a frame to be
    /// skipped longer than [`Limits::skipped_frame`](super::Limits::skipped_frame).
    TooLarge,
    /// `send()` was given more than [`Limits::send_queue`](super::Limits::send_queue).
    QueueFull,
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

/// What is wrong with an answer that should open the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeFault {
    /// It is no HTTP response that the protocol allows.
    Malformed,
    /// This field, named in lower case, is missing, stands twice, or has another value than it must.
    Field(&'static str),
    /// Draft 76: the sixteen bytes behind the fields are not the answer to our challenge.
    Challenge,
}

/// How a proxy failed us.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ProxyFailure {
    /// Its name has no address.
    NotResolved(TransportError),
    /// It could not be connected to.
    NotConnected(TransportError),
    /// TLS to the proxy itself failed.
    Tls(TransportError),
    /// It answered CONNECT with this status: 403 and 405, say, where only port 443 is allowed.
    Status(u16),
    /// It wants credentials (407, or SOCKS5's method 2) and there are none, or none that it takes.
    Unauthorized,
    /// Its answer is no HTTP, or no SOCKS5.
    Malformed,
    /// Its answer is longer than [`Limits::head`](super::Limits::head).
    HeadTooLarge,
    /// SOCKS5: it could not reach the server, or was not allowed to; its reason.
    Refused(TransportError),
    /// It ended the connection, or the connection to it was lost.
    Transport(TransportError),
}

/// Why a redirect was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectFailure {
    /// There were more than the user agent is set to follow.
    TooMany,
    /// No `Location`, more than one, or one that is no WebSocket URL.
    InvalidLocation,
    /// From `wss:` to `ws:`.
    Downgrade,
}

/// An error of the network, or of what lies on it, which can be kept and compared by its kind.
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
    pub fn kind(&self) -> io::ErrorKind {
        self.error.kind()
    }

    /// The error itself.
    pub fn as_io_error(&self) -> &io::Error {
        &self.error
    }

    /// The address that was connected to, if it is an address's error.
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("given up on this side"),
            Self::UnreadableBlob => f.write_str("a blob could not be read"),
            Self::PortBlocked(port) => write!(f, "port {port} is blocked"),
            Self::MixedContent => f.write_str("a secure page may not open ws:"),
            Self::NotResolved(error) => write!(f, "the name has no address: {error}"),
            Self::NotConnected(error) => write!(f, "not connected: {error}"),
            Self::Proxy(failure) => write!(f, "the proxy: {failure}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::InvalidCredentials => f.write_str("the credentials have a control character"),
            Self::OpeningTimedOut => f.write_str("the opening handshake took too long"),
            Self::Status(response) => write!(f, "the server answered {}", response.status()),
            Self::Redirect(failure) => write!(f, "redirected, and not followed: {failure}"),
            Self::Handshake(fault) => write!(f, "the server's handshake is wrong: {fault}"),
            Self::HeadTooLarge => f.write_str("the server's handshake is too long"),
            Self::Violation => f.write_str("the peer broke the protocol"),
            Self::InvalidData => f.write_str("the peer's data is not what it says it is"),
            Self::TooLarge => f.write_str("a message is too long"),
            Self::QueueFull => f.write_str("too much was waiting to be sent"),
            Self::EndOfStream => f.write_str("the peer ended the connection without a handshake"),
            Self::Transport(error) => write!(f, "the connection was lost: {error}"),
            Self::NoPong => f.write_str("the peer did not answer a ping"),
            Self::ClosingTimedOut => f.write_str("the peer did not answer the closing handshake"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotResolved(error)
            | Self::NotConnected(error)
            | Self::Tls(error)
            | Self::Transport(error) => Some(error.as_io_error()),
            Self::Proxy(failure) => Some(failure),
            Self::Redirect(failure) => Some(failure),
            Self::Handshake(fault) => Some(fault),
            _ => None,
        }
    }
}

impl fmt::Display for HandshakeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("it is malformed"),
            Self::Field(name) => write!(f, "the field {name}"),
            Self::Challenge => f.write_str("the challenge's answer"),
        }
    }
}

impl Error for HandshakeFault {}

impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotResolved(error) => write!(f, "its name has no address: {error}"),
            Self::NotConnected(error) => write!(f, "not connected: {error}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::Status(status) => write!(f, "it answered {status}"),
            Self::Unauthorized => f.write_str("it did not take the credentials"),
            Self::Malformed => f.write_str("its answer is malformed"),
            Self::HeadTooLarge => f.write_str("its answer is too long"),
            Self::Refused(error) => write!(f, "it did not reach the server: {error}"),
            Self::Transport(error) => write!(f, "the connection to it was lost: {error}"),
        }
    }
}

impl Error for ProxyFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotResolved(error)
            | Self::NotConnected(error)
            | Self::Tls(error)
            | Self::Refused(error)
            | Self::Transport(error) => Some(error.as_io_error()),
            _ => None,
        }
    }
}

impl fmt::Display for RedirectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "there were too many",
            Self::InvalidLocation => "the location is not a WebSocket URL",
            Self::Downgrade => "from wss: to ws:",
        })
    }
}

impl Error for RedirectFailure {}
