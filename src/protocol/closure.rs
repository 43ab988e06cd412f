//! How a connection ended.

use super::WireFailure;

/// How a connection ended, as `CloseEvent` tells it.
///
/// ```
/// use dom_websocket::protocol::opening::{Agreed, Role};
/// use dom_websocket::protocol::{ConnectionOptions, Feedback, Wire};
/// use std::{sync::Arc, time::Instant};
///
/// let now = Instant::now();
/// let options = Arc::new(ConnectionOptions::default());
/// let mut connection = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [0; 32], now);
/// connection.handle_end_of_input(now);
/// while let Some(feedback) = connection.poll_feedback() {
///     if let Feedback::Closed(closure) = feedback {
///         assert_eq!((closure.cleanly, closure.code), (false, 1006));
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Closure {
    /// The closing handshake was finished before the transport was closed. In the simplified wire: both directions have
    /// ended, or the transport was given away.
    pub cleanly: bool,
    /// RFC 6455 section 7.1.5. The other wires have no codes: 1005 when closed cleanly, otherwise 1006.
    pub code: u16,
    /// RFC 6455 section 7.1.6. Always empty in the other wires.
    pub reason: String,
    /// "The user agent was required to fail the WebSocket connection", or closed it because its queue
    /// was full.
    pub failed: bool,
    /// Why it was not closed cleanly, for the embedder. An opening that failed has its own cause.
    pub cause: Option<Box<WireFailure>>,
}

/// Equal where script can't tell them apart.
impl PartialEq for Closure {
    fn eq(&self, other: &Self) -> bool {
        let seen = |closure: &Self| (closure.cleanly, closure.code, closure.failed);
        seen(self) == seen(other) && self.reason == other.reason
    }
}

impl Closure {
    /// The closing handshake was finished, and the peer gave no code.
    pub(crate) fn clean() -> Self {
        Self {
            cleanly: true,
            code: 1005,
            reason: String::new(),
            failed: false,
            cause: None,
        }
    }

    /// The peer's part of the closing handshake never came.
    pub(crate) fn abnormal(cause: impl Into<Option<WireFailure>>) -> Self {
        Self {
            cleanly: false,
            code: 1006,
            reason: String::new(),
            failed: false,
            cause: cause.into().map(Box::new),
        }
    }

    /// "Fail the WebSocket connection".
    pub(crate) fn failed(cause: impl Into<Option<WireFailure>>) -> Self {
        Self {
            failed: true,
            ..Self::abnormal(cause)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_are_equal_that_script_can_not_tell_apart() {
        let closure = Closure::abnormal(WireFailure::Cancelled);
        assert_eq!(closure, Closure::abnormal(WireFailure::NoPong));
        for other in [
            Closure {
                cleanly: true,
                ..closure.clone()
            },
            Closure {
                code: 1000,
                ..closure.clone()
            },
            Closure {
                reason: "other".to_owned(),
                ..closure.clone()
            },
            Closure::failed(WireFailure::Cancelled),
        ] {
            assert_ne!(closure, other);
        }
    }
}
