//! RFC 6455 with permessage-deflate (RFC 7692), client and server, from the first frame on.

mod close;
mod closing;
mod connection;
mod content;
mod deflate;
mod frame;
mod keep_alive;
mod masks;
mod message;
mod reader;
mod sender;
#[cfg(test)]
mod tests;
mod unread;

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
    /// All connections together are more than that.
    Overload,
    /// Its message takes too long.
    TooSlow,
}

impl Violation {
    /// Section 7.4.1.
    fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::InvalidData => 1007,
            // "A generic status code that can be returned when there is no other more suitable".
            Self::TooSlow => 1008,
            Self::TooBig => 1009,
            // "Try again later", which was registered since.
            Self::Overload => 1013,
        }
    }

    fn failure(self) -> WireFailure {
        match self {
            Self::Protocol => WireFailure::Violation,
            Self::InvalidData => WireFailure::InvalidData,
            Self::TooBig => WireFailure::TooLarge,
            Self::Overload => WireFailure::Overloaded,
            Self::TooSlow => WireFailure::MessageTimedOut,
        }
    }
}
