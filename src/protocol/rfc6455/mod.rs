//! RFC 6455 with permessage-deflate (RFC 7692), client and server, from the first frame on.

mod close;
mod connection;
mod deflate;
mod frame;
mod keep_alive;
mod message;
mod sender;
#[cfg(test)]
mod tests;

pub(crate) use close::MAX_REASON;
pub(crate) use connection::Connection;

use super::WireFailure;

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

    fn failure(self) -> WireFailure {
        match self {
            Self::Protocol => WireFailure::Violation,
            Self::InvalidData => WireFailure::InvalidData,
            Self::TooBig => WireFailure::TooLarge,
        }
    }
}
