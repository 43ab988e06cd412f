//! `WebSocketError`.

use crate::protocol::{Closure, TransportError, WireFailure};
use crate::user_agent::Failure;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// What streams fail with: `WebSocketError`, and the exceptions that `WebSocketStream` throws beside it.
///
/// Its [source](Error::source) is the real [`Failure`], which script would not be told.
///
/// Clause: [WebSocketStream Explained](https://github.com/ricea/websocketstream-explainer/blob/master/README.md).
///
/// ```
/// use dom_websocket::{EventLoop, WebSocketErrorKind, WebSocketStream};
///
/// let event_loop = EventLoop::new();
/// // A port that is blocked.
/// let stream = WebSocketStream::new(&event_loop, "ws://127.0.0.1:1/")?;
/// event_loop.spawn(async move {
///     let error = stream.opened().await.unwrap_err();
///     assert_eq!(error.kind(), WebSocketErrorKind::Closed);
///     assert_eq!((error.name(), error.close_code()), ("WebSocketError", Some(1006)));
///     println!("{:?}", error.failure());
/// });
/// event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WebSocketError {
    kind: WebSocketErrorKind,
    close_code: Option<u16>,
    reason: String,
    failure: Option<Arc<Failure>>,
}

/// The kinds of [`WebSocketError`].
///
/// ```
/// use dom_websocket::WebSocketErrorKind;
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
/// # let session = async move {
/// let ends = stream.opened().await?;
/// // There is one reader and one writer.
/// let error = stream.opened().await.unwrap_err();
/// assert_eq!(error.kind(), WebSocketErrorKind::InvalidState);
/// # server.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # event_loop.spawn(async { session.await.unwrap() });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebSocketErrorKind {
    /// "WebSocketError": the connection was closed uncleanly, or could not be opened.
    Closed,
    /// "AbortError": the [signal](crate::WebSocketBuilder::signal) was aborted before the connection was established.
    Aborted,
    /// "InvalidStateError": this side or the peer has ended what was to be written to; or the halves of the stream have
    /// been given away before.
    InvalidState,
    /// "NotSupportedError": binary data in [`Edition::Html5`](crate::Edition::Html5).
    NotSupported,
    /// "QuotaExceededError": the message is longer than [`Limits::send_queue`](crate::Limits::send_queue) allows, beside
    /// what is queued.
    TooLong,
}

impl WebSocketError {
    pub(super) fn new(kind: WebSocketErrorKind) -> Self {
        Self {
            kind,
            close_code: None,
            reason: String::new(),
            failure: None,
        }
    }

    /// "A new WebSocketError whose closeCode is code and reason is reason". `failure`: why there is no connection,
    /// where the wire can't know.
    pub(super) fn of(closure: Closure, failure: Option<Failure>) -> Self {
        let cause = closure.cause.map(|cause| Failure::Wire(*cause));
        Self {
            kind: WebSocketErrorKind::Closed,
            close_code: Some(closure.code),
            reason: closure.reason,
            failure: cause.or(failure).map(Arc::new),
        }
    }

    /// What kind of error it is.
    ///
    /// ```
    /// use dom_websocket::WebSocketErrorKind;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// stream.close(1000)?; // before it is established
    /// assert_eq!(stream.closed().await.unwrap_err().kind(), WebSocketErrorKind::Closed);
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> WebSocketErrorKind {
        self.kind
    }

    /// The name of the exception in JavaScript, such as `"WebSocketError"`.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// stream.close(1000)?; // before it is established
    /// assert_eq!(stream.closed().await.unwrap_err().name(), "WebSocketError");
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kind {
            WebSocketErrorKind::Closed => "WebSocketError",
            WebSocketErrorKind::Aborted => "AbortError",
            WebSocketErrorKind::InvalidState => "InvalidStateError",
            WebSocketErrorKind::NotSupported => "NotSupportedError",
            WebSocketErrorKind::TooLong => "QuotaExceededError",
        }
    }

    /// `closeCode`: of a "WebSocketError" as [`CloseEvent::code`](crate::CloseEvent::code), 1006 if the peer said none.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// stream.close(1000)?; // before it is established
    /// assert_eq!(stream.closed().await.unwrap_err().close_code(), Some(1006));
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "closeCode")]
    #[must_use]
    pub fn close_code(&self) -> Option<u16> {
        self.close_code
    }

    /// `reason`: what the peer said.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// stream.close(1000)?; // before it is established
    /// assert_eq!(stream.closed().await.unwrap_err().reason(), "");
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The real cause, where it is known.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Failure, WebSocketStream};
    ///
    /// let event_loop = EventLoop::new();
    /// let stream = WebSocketStream::new(&event_loop, "ws://127.0.0.1:1/")?;
    /// event_loop.spawn(async move {
    ///     let error = stream.opened().await.unwrap_err();
    ///     assert_eq!(error.failure(), Some(&Failure::PortBlocked(1)));
    /// });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// What readers and writers of bytes understand of it.
    #[cfg(not(target_family = "wasm"))]
    fn io_kind(&self) -> io::ErrorKind {
        match (self.kind, self.failure()) {
            (WebSocketErrorKind::Aborted, _) => io::ErrorKind::ConnectionAborted,
            (WebSocketErrorKind::InvalidState, _) => io::ErrorKind::BrokenPipe,
            (WebSocketErrorKind::NotSupported | WebSocketErrorKind::TooLong, _) => {
                io::ErrorKind::InvalidInput
            }
            (WebSocketErrorKind::Closed, Some(failure)) => match failure {
                Failure::Wire(WireFailure::EndOfStream)
                | Failure::Handshake(crate::protocol::HandshakeFault::Incomplete)
                | Failure::Unanswered { error: None, .. } => io::ErrorKind::UnexpectedEof,
                Failure::Wire(WireFailure::Cancelled) => io::ErrorKind::ConnectionAborted,
                Failure::Wire(WireFailure::NoPong | WireFailure::ClosingTimedOut)
                | Failure::OpeningTimedOut => io::ErrorKind::TimedOut,
                Failure::Wire(WireFailure::Transport(error))
                | Failure::Unanswered {
                    error: Some(error), ..
                }
                | Failure::NotResolved(error)
                | Failure::NotConnected(error)
                | Failure::Tls(error) => TransportError::kind(error),
                Failure::Wire(_) => io::ErrorKind::ConnectionReset,
                _ => io::ErrorKind::ConnectionRefused,
            },
            (WebSocketErrorKind::Closed, None) => io::ErrorKind::ConnectionReset,
        }
    }
}

/// For readers and writers of bytes: the kind is that of the cause, and the error itself inside.
#[cfg(not(target_family = "wasm"))]
impl From<WebSocketError> for io::Error {
    fn from(error: WebSocketError) -> Self {
        Self::new(error.io_kind(), error)
    }
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name())?;
        match (self.kind, &self.failure) {
            (WebSocketErrorKind::Closed, Some(failure)) => failure.fmt(f),
            (WebSocketErrorKind::Closed, None) => {
                f.write_str("the connection was closed uncleanly")
            }
            (WebSocketErrorKind::Aborted, _) => f.write_str("the signal was aborted"),
            (WebSocketErrorKind::InvalidState, _) => f.write_str("the stream is closed"),
            (WebSocketErrorKind::NotSupported, _) => f.write_str("draft 76 carries text only"),
            (WebSocketErrorKind::TooLong, _) => {
                f.write_str("the message is longer than the queue may be")
            }
        }
    }
}

impl Error for WebSocketError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure().map(|failure| failure as _)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::protocol::HandshakeFault;

    fn closed(failure: Failure) -> WebSocketError {
        WebSocketError {
            close_code: Some(1006),
            failure: Some(Arc::new(failure)),
            ..WebSocketError::new(WebSocketErrorKind::Closed)
        }
    }

    #[test]
    fn readers_of_bytes_are_told_what_it_comes_to() {
        use io::ErrorKind::*;
        let lost = || TransportError::from(BrokenPipe);
        for (failure, kind) in [
            (Failure::Wire(WireFailure::EndOfStream), UnexpectedEof),
            (
                Failure::Handshake(HandshakeFault::Incomplete),
                UnexpectedEof,
            ),
            (
                Failure::Unanswered {
                    secure: false,
                    error: None,
                },
                UnexpectedEof,
            ),
            (
                Failure::Unanswered {
                    secure: true,
                    error: Some(lost()),
                },
                BrokenPipe,
            ),
            (Failure::Wire(WireFailure::Cancelled), ConnectionAborted),
            (Failure::Wire(WireFailure::NoPong), TimedOut),
            (Failure::Wire(WireFailure::ClosingTimedOut), TimedOut),
            (Failure::OpeningTimedOut, TimedOut),
            (Failure::Wire(WireFailure::Transport(lost())), BrokenPipe),
            (Failure::NotResolved(lost()), BrokenPipe),
            (Failure::NotConnected(lost()), BrokenPipe),
            (Failure::Tls(lost()), BrokenPipe),
            (Failure::Wire(WireFailure::QueueFull), ConnectionReset),
            (Failure::PortBlocked(1), ConnectionRefused),
        ] {
            let text = failure.to_string();
            let error = io::Error::from(closed(failure));
            assert_eq!(error.kind(), kind, "{text}");
            assert_eq!(error.to_string(), format!("WebSocketError: {text}"));
        }
        for (of, kind, what) in [
            (WebSocketErrorKind::Closed, ConnectionReset, "uncleanly"),
            (WebSocketErrorKind::Aborted, ConnectionAborted, "aborted"),
            (WebSocketErrorKind::InvalidState, BrokenPipe, "is closed"),
            (WebSocketErrorKind::NotSupported, InvalidInput, "text only"),
            (WebSocketErrorKind::TooLong, InvalidInput, "longer than"),
        ] {
            let error = WebSocketError::new(of);
            assert!(error.to_string().ends_with(what) || error.to_string().contains(what));
            assert!(error.source().is_none());
            assert_eq!(io::Error::from(error).kind(), kind);
        }
    }

    #[test]
    fn a_peers_words_are_kept() {
        let error = WebSocketError {
            reason: "enough".into(),
            ..closed(Failure::OpeningTimedOut)
        };
        assert_eq!(error.reason(), "enough");
        assert_eq!(error.failure(), Some(&Failure::OpeningTimedOut));
        assert!(error.source().is_some());
    }
}
