//! The opening handshake, a phase of its own: what both ends say before there are frames.
//!
//! Types are named for what they await. A client goes
//!
//! ```text
//! ClientRequest --> AwaitingResponse --> Agreed
//!                          `-----------> Rejected   (any status but 101)
//! ```
//!
//! and a server
//!
//! ```text
//! AwaitingRequest --> AwaitingAnswer --> Responding --> Agreed
//!        `------------------`---------------------> Refusal
//! ```
//!
//! Each takes bytes off the front of its input and leaves what lies behind. What both ends have
//! [agreed](Agreed) on is all that a [connection](super::Protocol) is made from; who agreed on it, an
//! opening handshake of this module or somebody else, is not its business.

mod acceptor;
mod client;
mod head;
mod hixie76;
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
mod http2;
mod http_response;
mod request;
mod response;
mod rfc6455;
#[cfg(test)]
mod secrets_tests;
mod simplified;
mod tokens;

pub use acceptor::{AcceptOptions, AwaitingAnswer, AwaitingRequest, Refusal, Responding};
pub use client::{AwaitingResponse, ClientRequest, Rejected, Reply};
pub(crate) use hixie76::is_protocol_name;
pub use http_response::HttpResponse;
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
pub(crate) use http2::{Http2Head, Http2Response};
pub use request::{Answer, Request};
pub use response::Response;
#[cfg(feature = "proxies")]
pub(crate) use response::ResponseReader;
pub use rfc6455::{Compression, Extensions};
pub(in crate::protocol) use rfc6455::{DeflateParameters, MIN_DEFLATE_WINDOW_BITS};
pub(crate) use tokens::is_token;

use super::Wire;
use std::fmt;

/// Which end of a connection.
///
/// ```
/// use dom_websocket::protocol::opening::Role;
///
/// assert_eq!(Role::Client.peer(), Role::Server);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It asked for the connection.
    Client,
    /// It was asked.
    Server,
}

impl Role {
    /// The other end's.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::Role;
    ///
    /// assert_eq!(Role::Server.peer(), Role::Client);
    /// ```
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What both ends have agreed on: the beginning of a connection.
///
/// ```
/// use dom_websocket::protocol::opening::{Agreed, Role};
/// use dom_websocket::protocol::{ConnectionOptions, Feedback, Wire};
/// use std::{sync::Arc, time::Instant};
///
/// // Agreed on elsewhere: over HTTP/2, or by another library.
/// let agreed = Agreed {
///     protocol: Some("chat".into()),
///     ..Agreed::new(Wire::Rfc6455, Role::Server)
/// };
/// let options = Arc::new(ConnectionOptions::default());
/// let mut connection = agreed.connect(&options, [0; 32], Instant::now());
/// let Some(Feedback::Established { protocol, .. }) = connection.poll_feedback() else {
///     unreachable!("it is the first");
/// };
/// assert_eq!(protocol.as_deref(), Some("chat"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Agreed {
    /// What is spoken from now on.
    pub wire: Wire,
    /// Which end this one is.
    pub role: Role,
    /// The subprotocol in use, if any.
    pub protocol: Option<String>,
    /// The extensions in use. Only RFC 6455 has any.
    pub extensions: Extensions,
    /// What has been read behind the handshake: the peer's first frames.
    pub unread: Vec<u8>,
    /// What is still to be sent of the handshake, ahead of our first frame.
    pub unsent: Vec<u8>,
}

/// Without what can be a secret: the subprotocol, and bytes of the handshake.
impl fmt::Debug for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agreed")
            .field("wire", &self.wire)
            .field("role", &self.role)
            .field("extensions", &self.extensions)
            .field("unread", &self.unread.len())
            .field("unsent", &self.unsent.len())
            .finish_non_exhaustive()
    }
}

impl Agreed {
    /// No subprotocol, no extension, nothing read too far, nothing left to send.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{Agreed, Role};
    /// use dom_websocket::protocol::Wire;
    ///
    /// assert_eq!(Agreed::new(Wire::Rfc6455, Role::Client).protocol, None);
    /// ```
    #[must_use]
    pub fn new(wire: Wire, role: Role) -> Self {
        Self {
            wire,
            role,
            protocol: None,
            extensions: Extensions::default(),
            unread: Vec::new(),
            unsent: Vec::new(),
        }
    }
}
