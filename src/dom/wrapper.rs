//! A script's object for a socket: it has the listeners in place of the socket's own.

use super::{CloseEventInit, ReceivedMessage};

/// What a script engine makes of a socket's events.
pub(crate) trait Wrapper {
    /// Dispatches a trusted event at the script's object, for as long as a listener keeps that.
    fn fire(&self, event: TrustedEvent);
    /// A task of the socket is over, or the socket has gone with its document: "garbage collection"
    /// may see things differently now.
    fn state_changed(&self);
}

/// A trusted event that is still to be made an object of script's.
pub(crate) enum TrustedEvent {
    Simple(&'static str),
    Message(ReceivedMessage),
    Close(CloseEventInit),
}

impl TrustedEvent {
    pub(crate) fn type_(&self) -> &'static str {
        match self {
            Self::Simple(type_) => type_,
            Self::Message(_) => "message",
            Self::Close(_) => "close",
        }
    }
}
