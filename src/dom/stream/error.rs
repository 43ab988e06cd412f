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
#[derive(Clone, Debug, PartialEq)]
pub struct WebSocketError {
    kind: WebSocketErrorKind,
    close_code: Option<u16>,
    reason: String,
    failure: Option<Arc<Failure>>,
}

/// The kinds of [`WebSocketError`].
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
    #[must_use]
    pub fn kind(&self) -> WebSocketErrorKind {
        self.kind
    }

    /// The name of the exception in JavaScript, such as `"WebSocketError"`.
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
    #[must_use]
    pub fn close_code(&self) -> Option<u16> {
        self.close_code
    }

    /// `reason`: what the peer said.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The real cause, where it is known.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// What readers and writers of bytes understand of it.
    fn io_kind(&self) -> io::ErrorKind {
        match (self.kind, self.failure()) {
            (WebSocketErrorKind::Aborted, _) => io::ErrorKind::ConnectionAborted,
            (WebSocketErrorKind::InvalidState, _) => io::ErrorKind::BrokenPipe,
            (WebSocketErrorKind::NotSupported | WebSocketErrorKind::TooLong, _) => {
                io::ErrorKind::InvalidInput
            }
            (WebSocketErrorKind::Closed, Some(failure)) => match failure {
                Failure::Wire(WireFailure::EndOfStream) => io::ErrorKind::UnexpectedEof,
                Failure::Wire(WireFailure::Cancelled) => io::ErrorKind::ConnectionAborted,
                Failure::Wire(WireFailure::NoPong | WireFailure::ClosingTimedOut)
                | Failure::OpeningTimedOut => io::ErrorKind::TimedOut,
                Failure::Wire(WireFailure::Transport(error))
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
