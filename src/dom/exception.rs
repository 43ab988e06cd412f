//! `DOMException` (WebIDL "DOMException").

use crate::edition::CloseArgument;
use crate::protocol::url::{InvalidUrl, as_it_was_written};
use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// What the object's methods throw: an exception with a name and, for the names that 2010 knew, a
/// legacy code.
///
/// Its `Display` is that of JavaScript's `String(exception)`: the name, a colon, the message.
///
/// ```
/// use dom_websocket::{DomException, DomExceptionKind, EventLoop, WebSocket};
///
/// let exception = WebSocket::new(&EventLoop::new(), "ftp://example.com/").unwrap_err();
/// assert_eq!(exception.name(), "SyntaxError");
/// assert_eq!(exception.code(), DomException::SYNTAX_ERR);
/// match exception.kind() {
///     DomExceptionKind::Syntax => println!("this is no address: {}", exception.message()),
///     DomExceptionKind::Security => println!("this address is not allowed"),
///     _ => println!("{exception}"),
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DomException {
    kind: DomExceptionKind,
    message: Cow<'static, str>,
}

/// The names of [`DomException`]s, to match on: of the table in WebIDL, "DOMException names", those that are thrown
/// here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DomExceptionKind {
    /// "NotSupportedError": anything but text was to be sent, in [`Edition::Html5`](crate::Edition::Html5).
    NotSupported,
    /// "InvalidStateError": the socket is still connecting, the event can't be dispatched, or the document has been
    /// unloaded.
    InvalidState,
    /// "SyntaxError": an address, an origin, a subprotocol, a reason or a text is not as it must be.
    Syntax,
    /// "InvalidAccessError": a close code that script must not send.
    InvalidAccess,
    /// "SecurityError": the URL's port is blocked, in [`Edition::Html5`](crate::Edition::Html5).
    Security,
}

impl DomExceptionKind {
    /// The name, such as `"SyntaxError"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSupported => "NotSupportedError",
            Self::InvalidState => "InvalidStateError",
            Self::Syntax => "SyntaxError",
            Self::InvalidAccess => "InvalidAccessError",
            Self::Security => "SecurityError",
        }
    }

    /// The legacy code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::NotSupported => DomException::NOT_SUPPORTED_ERR,
            Self::InvalidState => DomException::INVALID_STATE_ERR,
            Self::Syntax => DomException::SYNTAX_ERR,
            Self::InvalidAccess => DomException::INVALID_ACCESS_ERR,
            Self::Security => DomException::SECURITY_ERR,
        }
    }
}

impl DomException {
    /// The legacy code of "NotSupportedError".
    pub const NOT_SUPPORTED_ERR: u16 = 9;
    /// The legacy code of "InvalidStateError".
    pub const INVALID_STATE_ERR: u16 = 11;
    /// The legacy code of "SyntaxError".
    pub const SYNTAX_ERR: u16 = 12;
    /// The legacy code of "InvalidAccessError".
    pub const INVALID_ACCESS_ERR: u16 = 15;
    /// The legacy code of "SecurityError".
    pub const SECURITY_ERR: u16 = 18;

    pub(crate) fn not_supported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DomExceptionKind::NotSupported, message)
    }

    pub(crate) fn invalid_access(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DomExceptionKind::InvalidAccess, message)
    }

    pub(crate) fn invalid_state(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DomExceptionKind::InvalidState, message)
    }

    pub(crate) fn syntax(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DomExceptionKind::Syntax, message)
    }

    /// The constructors': what was passed is no WebSocket URL.
    pub(crate) fn invalid_url(url: &str, why: &InvalidUrl) -> Self {
        let url = as_it_was_written(url);
        Self::syntax(format!("the URL `{url}` {why}"))
    }

    pub(crate) fn security(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DomExceptionKind::Security, message)
    }

    fn new(kind: DomExceptionKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// The name, to match on.
    #[must_use]
    pub fn kind(&self) -> DomExceptionKind {
        self.kind
    }

    /// The name, such as `"SyntaxError"`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// The legacy code.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.kind.code()
    }

    /// What went wrong, for a person to read.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// WebSockets close() steps 1 and 2.
impl From<CloseArgument> for DomException {
    fn from(argument: CloseArgument) -> Self {
        match argument {
            CloseArgument::Code => {
                Self::invalid_access("the code is neither 1000 nor from 3000 to 4999")
            }
            CloseArgument::Reason => Self::syntax("the reason is longer than 123 bytes"),
        }
    }
}

impl fmt::Display for DomException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.message)
    }
}

/// As its `Display`: so `main` and `unwrap` show it.
impl fmt::Debug for DomException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for DomException {}
