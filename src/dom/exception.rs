//! `DOMException`.

use std::error::Error;
use std::fmt;

/// What the object's methods throw: an exception with a name and, for the names that 2010 knew, a
/// legacy code.
///
/// ```
/// use dom_websocket::{DomException, EventLoop, WebSocket};
///
/// let exception = WebSocket::new(&EventLoop::new(), "ftp://example.com/").unwrap_err();
/// assert_eq!(exception.name(), "SyntaxError");
/// assert_eq!(exception.code(), DomException::SYNTAX_ERR);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomException {
    kind: Kind,
    message: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotSupported,
    InvalidState,
    Syntax,
    InvalidAccess,
    Security,
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

    pub(crate) fn not_supported(message: &'static str) -> Self {
        Self {
            kind: Kind::NotSupported,
            message,
        }
    }

    pub(crate) fn invalid_access(message: &'static str) -> Self {
        Self {
            kind: Kind::InvalidAccess,
            message,
        }
    }

    pub(crate) fn invalid_state(message: &'static str) -> Self {
        Self {
            kind: Kind::InvalidState,
            message,
        }
    }

    pub(crate) fn syntax(message: &'static str) -> Self {
        Self {
            kind: Kind::Syntax,
            message,
        }
    }

    pub(crate) fn security(message: &'static str) -> Self {
        Self {
            kind: Kind::Security,
            message,
        }
    }

    /// The name, such as `"SyntaxError"`.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::NotSupported => "NotSupportedError",
            Kind::InvalidState => "InvalidStateError",
            Kind::Syntax => "SyntaxError",
            Kind::InvalidAccess => "InvalidAccessError",
            Kind::Security => "SecurityError",
        }
    }

    /// The legacy code.
    pub fn code(&self) -> u16 {
        match self.kind {
            Kind::NotSupported => Self::NOT_SUPPORTED_ERR,
            Kind::InvalidState => Self::INVALID_STATE_ERR,
            Kind::Syntax => Self::SYNTAX_ERR,
            Kind::InvalidAccess => Self::INVALID_ACCESS_ERR,
            Kind::Security => Self::SECURITY_ERR,
        }
    }

    /// What went wrong, for a person to read.
    pub fn message(&self) -> &str {
        self.message
    }
}

impl fmt::Display for DomException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.message)
    }
}

impl Error for DomException {}
