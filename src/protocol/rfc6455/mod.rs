//! RFC 6455 with permessage-deflate (RFC 7692), client and server.

mod client_handshake;
mod close;
mod connection;
mod deflate;
mod extension;
mod frame;
mod keep_alive;
mod message;
mod sender;
mod server_handshake;
#[cfg(test)]
mod tests;
mod tokens;

pub(crate) use close::MAX_REASON;
pub(crate) use connection::Connection;
pub(crate) use tokens::is_token;

use super::Failure;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

/// Which end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Client,
    Server,
}

/// What the peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Violation {
    /// It broke the protocol.
    Protocol,
    /// Its data is not what it says it is: text that is not UTF-8, data that can't be inflated.
    InvalidData,
    /// It is more than the limits allow.
    TooBig,
}

impl Violation {
    /// Section 7.4.1.
    fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::InvalidData => 1007,
            Self::TooBig => 1009,
        }
    }

    fn failure(self) -> Failure {
        match self {
            Self::Protocol => Failure::Violation,
            Self::InvalidData => Failure::InvalidData,
            Self::TooBig => Failure::TooLarge,
        }
    }
}

/// Section 4.2.2 step 5.4: what a server makes of a client's key.
fn accept(key: &str) -> String {
    let digest = Sha1::new()
        .chain_update(key)
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    BASE64_STANDARD.encode(digest)
}
