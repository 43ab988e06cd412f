//! Why a connection failed, or never was: all that script is not told.

use crate::protocol::opening::Response;
use crate::protocol::{HandshakeFault, TransportError, WireFailure};
use std::error::Error;
use std::fmt;
use std::io;

/// The real cause of a connection's unclean end, for the embedder: script can't tell one from the other
/// ("must not distinguish", r4820 and the WebSockets Standard).
///
/// Nothing in it is a secret: no credentials, no cookies, no query of a URL.
///
/// ```
/// use dom_websocket::{EventLoop, Failure, Step, WebSocket};
///
/// let event_loop = EventLoop::new();
/// let socket = WebSocket::builder(&event_loop, "ws://127.0.0.1:1/")
///     .observer(|observation| {
///         if let Step::Failed(failure) = observation.step {
///             assert_eq!(*failure, Failure::PortBlocked(1));
///         }
///     })
///     .open()?;
/// event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// Fetch "should request be blocked due to a bad port".
    PortBlocked(u16),
    /// Mixed Content "should fetching request be blocked as mixed content": an `https:` page, a `ws:` URL.
    MixedContent,
    /// The name has no address, or its server could not be asked.
    NotResolved(TransportError),
    /// Only one handshake with a host runs at a time (RFC 6455 section 4.1), and 16,384 sockets of this user agent
    /// wait for it already; or so many wait for a stream on the HTTP/2 connections to an origin.
    TooManyWaiting,
    /// No address took the connection; the last one's error.
    NotConnected(TransportError),
    /// The proxy did not open a tunnel.
    Proxy(ProxyFailure),
    /// The TLS handshake failed: the certificate, for example, was not to be trusted.
    Tls(TransportError),
    /// Credentials with a control character, which are not sent.
    InvalidCredentials,
    /// The opening handshake, with all before it, took longer than
    /// [`Timeouts::opening_handshake`](crate::Timeouts::opening_handshake).
    OpeningTimedOut,
    /// The server ended the connection, or it was lost, before a byte of an answer to the opening handshake came.
    #[non_exhaustive]
    Unanswered {
        /// Whether it was `wss:`. To `ws:`, this is how many a server ends that expects TLS.
        secure: bool,
        /// How it was lost, if it was: reset, for example.
        error: Option<TransportError>,
    },
    /// The server's answer was not 101, or, over HTTP/2, not 2xx: no WebSocket there, or not for us.
    Status(Box<Response>),
    /// The server's answer was a redirect that must not or can't be followed.
    Redirect(RedirectFailure),
    /// HTTP/2 was wanted, and no other (`Http2::PriorKnowledge`, with the feature `http2`).
    Http2(Http2Failure),
    /// The server's answer has the right status and is not what the handshake demands; or it is no HTTP, or too long.
    Handshake(HandshakeFault),
    /// What the wire knows: the connection ended, by this side or the peer, before or after it was
    /// established.
    Wire(WireFailure),
}

/// How a proxy failed us.
///
/// ```
/// use dom_websocket::{Failure, ProxyFailure};
///
/// fn is_worth_another_try(failure: &Failure) -> bool {
///     match failure {
///         Failure::Proxy(ProxyFailure::Unauthorized | ProxyFailure::Status(_)) => false,
///         Failure::Proxy(_) | Failure::NotConnected(_) | Failure::OpeningTimedOut => true,
///         _ => false,
///     }
/// }
/// ```
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
    /// Its answer is longer than [`Limits::head`](crate::Limits::head).
    HeadTooLarge,
    /// SOCKS5: it could not reach the server, or was not allowed to; its reason.
    Refused(TransportError),
    /// It ended the connection, or the connection to it was lost.
    Transport(TransportError),
}

/// Why a socket could not have HTTP/2.
///
/// ```
/// use dom_websocket::{Failure, Http2Failure};
///
/// let failure = Failure::Http2(Http2Failure::NoWebSockets);
/// assert_eq!(failure.to_string(), "HTTP/2: the server takes no WebSockets over it");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Http2Failure {
    /// The server does not speak it.
    NotSpoken,
    /// The server does not say that it takes WebSockets over it
    /// ([RFC 8441 section 3](https://www.rfc-editor.org/rfc/rfc8441#section-3)), or wants HTTP/1.1 for this one.
    NoWebSockets,
}

/// Why a redirect was not followed.
///
/// ```
/// use dom_websocket::{Failure, RedirectFailure};
///
/// assert_ne!(
///     Failure::Redirect(RedirectFailure::TooMany),
///     Failure::Redirect(RedirectFailure::Downgrade),
/// );
/// ```
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortBlocked(port) => write!(f, "port {port} is blocked"),
            Self::MixedContent => f.write_str("a secure page may not open ws:"),
            Self::NotResolved(error) => write!(f, "the name has no address: {error}"),
            Self::TooManyWaiting => f.write_str("too many sockets wait for this host"),
            Self::NotConnected(error) => write!(f, "not connected: {error}"),
            Self::Proxy(failure) => write!(f, "the proxy: {failure}"),
            Self::Tls(error) => write_tls(f, error, false),
            Self::InvalidCredentials => f.write_str("the credentials have a control character"),
            Self::OpeningTimedOut => f.write_str("the opening handshake took too long"),
            Self::Unanswered { secure, error } => {
                match error {
                    None => f.write_str("the server ended the connection without an answer")?,
                    Some(error) => {
                        write!(f, "the connection was lost before an answer came: {error}")?;
                    }
                }
                if *secure {
                    return Ok(());
                }
                f.write_str(
                    " (if the server expects TLS, the URL should begin with wss: in place of ws:)",
                )
            }
            Self::Status(response) => {
                write!(f, "the server answered {}", response.status())?;
                write_redirect(f, response)
            }
            Self::Http2(failure) => write!(f, "HTTP/2: {failure}"),
            Self::Redirect(failure) => write!(f, "redirected, and not followed: {failure}"),
            Self::Handshake(fault) => write!(f, "the server's handshake is wrong: {fault}"),
            Self::Wire(failure) => {
                failure.fmt(f)?;
                match failure {
                    WireFailure::Transport(error) => write_late_remedy(f, error, false),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// The address can be a secret; its scheme is none.
fn write_redirect(f: &mut fmt::Formatter<'_>, response: &Response) -> fmt::Result {
    let location = match response.status() {
        301 | 302 | 303 | 307 | 308 => response.field("location"),
        _ => None,
    };
    let Some(location) = location else {
        return Ok(());
    };
    f.write_str(" (a redirect")?;
    for scheme in ["http:", "https:", "ws:", "wss:"] {
        let start = location.get(..scheme.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            write!(f, " to {scheme}")?;
        }
    }
    f.write_str("; `UserAgentBuilder::follow_redirects` has it followed)")
}

fn write_tls(f: &mut fmt::Formatter<'_>, error: &TransportError, is_proxy: bool) -> fmt::Result {
    write!(f, "TLS: {error}")?;
    write_remedy(f, error, is_proxy)
}

/// TLS can be refused behind its handshake. Any other end of a connection says nothing about it.
fn write_late_remedy(
    f: &mut fmt::Formatter<'_>,
    error: &TransportError,
    is_proxy: bool,
) -> fmt::Result {
    match error.kind() {
        io::ErrorKind::InvalidData => write_remedy(f, error, is_proxy),
        _ => Ok(()),
    }
}

#[cfg(feature = "tls")]
fn write_remedy(f: &mut fmt::Formatter<'_>, error: &TransportError, is_proxy: bool) -> fmt::Result {
    match crate::net::tls::remedy(error.as_io_error(), is_proxy) {
        Some(remedy) => write!(f, " ({remedy})"),
        None => Ok(()),
    }
}

#[cfg(not(feature = "tls"))]
fn write_remedy(_: &mut fmt::Formatter<'_>, _: &TransportError, _: bool) -> fmt::Result {
    Ok(())
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotResolved(error) | Self::NotConnected(error) | Self::Tls(error) => {
                Some(error.as_io_error())
            }
            Self::Unanswered { error, .. } => error.as_ref().map(|error| error.as_io_error() as _),
            Self::Proxy(failure) => Some(failure),
            Self::Redirect(failure) => Some(failure),
            Self::Http2(failure) => Some(failure),
            Self::Handshake(fault) => Some(fault),
            Self::Wire(failure) => failure.source(),
            _ => None,
        }
    }
}

impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotResolved(error) => write!(f, "its name has no address: {error}"),
            Self::NotConnected(error) => write!(f, "not connected: {error}"),
            Self::Tls(error) => write_tls(f, error, true),
            Self::Status(status) => write!(f, "it answered {status}"),
            Self::Unauthorized => f.write_str("it did not take the credentials"),
            Self::Malformed => f.write_str("its answer is malformed"),
            Self::HeadTooLarge => f.write_str("its answer is too long"),
            Self::Refused(error) => write!(f, "it did not reach the server: {error}"),
            Self::Transport(error) => {
                write!(f, "the connection to it was lost: {error}")?;
                write_late_remedy(f, error, true)
            }
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

impl fmt::Display for Http2Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSpoken => "the server does not speak it",
            Self::NoWebSockets => "the server takes no WebSockets over it",
        })
    }
}

impl Error for Http2Failure {}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_may_expect_tls_if_it_has_none() {
        let unanswered = |secure, error: Option<io::ErrorKind>| Failure::Unanswered {
            secure,
            error: error.map(TransportError::from),
        };
        let reset = Some(io::ErrorKind::ConnectionReset);
        for (failure, has_remedy, has_source) in [
            (unanswered(false, None), true, false),
            (unanswered(false, reset), true, true),
            (unanswered(true, None), false, false),
            (unanswered(true, reset), false, true),
        ] {
            let words = failure.to_string();
            assert_eq!(words.contains("wss:"), has_remedy, "{words}");
            assert_eq!(failure.source().is_some(), has_source, "{words}");
        }
    }
}
