//! HTML5 (r4820) "Feedback from the protocol": all that a connection ever says to the object above.

use super::{Failure, Request, Response};

/// One occurrence on a connection, in the order in which script is to learn of it.
#[derive(Debug, PartialEq)]
pub(crate) enum Feedback {
    /// Server only: a client asks for a connection; the engine waits for an `Answer`.
    Requested(Box<Request>),
    /// Client only: the server answered, whatever that comes to. No task: it is for whoever observes.
    Responded(Box<Response>),
    /// "The WebSocket connection is established", with the subprotocol in use.
    Established {
        /// The subprotocol, if one was agreed on.
        protocol: Option<String>,
        /// The extensions in use, as the server wrote them. Always empty in draft 76.
        extensions: String,
        /// The server's answer. A server's own end of the connection has none.
        response: Option<Box<Response>>,
    },
    /// "A WebSocket message has been received".
    Message(Message),
    /// "A WebSocket error has been detected": a frame of an unknown type. The connection lives on.
    ErrorDetected,
    /// The peer broke the protocol: the connection fails when this task runs, behind those of what came
    /// before (`Protocol::handle_tasks_done`). Script learns of it from the closure.
    Violated,
    /// "The WebSocket closing handshake has started", whoever started it.
    ClosingHandshakeStarted,
    /// "The WebSocket connection is closed". Nothing follows.
    Closed(Closure),
}

/// A message's payload.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// Text.
    Text(String),
    /// Binary data, which draft 76 does not have.
    Binary(Vec<u8>),
}

impl Message {
    /// The payload's length in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// How a connection ended, as `CloseEvent` tells it.
#[derive(Clone, Debug)]
pub(crate) struct Closure {
    /// The closing handshake was finished before the transport was closed.
    pub(crate) cleanly: bool,
    /// RFC 6455 section 7.1.5. Draft 76 has no codes: 1005 when closed cleanly, otherwise 1006.
    pub(crate) code: u16,
    /// RFC 6455 section 7.1.6. Always empty in draft 76.
    pub(crate) reason: String,
    /// "The user agent was required to fail the WebSocket connection", or closed it because its queue
    /// was full.
    pub(crate) failed: bool,
    /// Why it was not closed cleanly, for the embedder.
    pub(crate) cause: Option<Box<Failure>>,
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
    pub(crate) fn abnormal(cause: Failure) -> Self {
        Self {
            cleanly: false,
            code: 1006,
            reason: String::new(),
            failed: false,
            cause: Some(Box::new(cause)),
        }
    }

    /// "Fail the WebSocket connection".
    pub(crate) fn failed(cause: Failure) -> Self {
        Self {
            failed: true,
            ..Self::abnormal(cause)
        }
    }
}
