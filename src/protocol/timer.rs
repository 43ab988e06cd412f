//! The waits that have a bound.

use super::Timeouts;
use std::time::{Duration, Instant};

/// What a connection waits for no longer than it is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timer {
    /// From the first address that is asked for, or the client that is accepted, to the established
    /// connection: [`Timeouts::opening_handshake`](super::Timeouts::opening_handshake).
    OpeningHandshake,
    /// From our part of the closing handshake to the peer's:
    /// [`Timeouts::closing_handshake`](super::Timeouts::closing_handshake).
    ClosingHandshake,
    /// From a violation of the peer's until the tasks of what it did right have run:
    /// [`Timeouts::end_of_stream`](super::Timeouts::end_of_stream).
    TasksDone,
    /// From the end of the closing handshake, or a client that is turned away, until what is queued has left
    /// and the peer has ended TCP:
    /// [`Timeouts::end_of_stream`](super::Timeouts::end_of_stream).
    EndOfStream,
    /// From the last sign of life of an idle peer to our Ping:
    /// [`Timeouts::ping`](super::Timeouts::ping).
    Silence,
    /// From the Ping's departure to the peer's next sign of life:
    /// [`Timeouts::pong`](super::Timeouts::pong).
    Pong,
}

impl Timer {
    /// The bound that is set for it. `None`: none is.
    pub(crate) fn bound(self, timeouts: &Timeouts) -> Option<Duration> {
        match self {
            Self::OpeningHandshake => Some(timeouts.opening_handshake),
            Self::ClosingHandshake => Some(timeouts.closing_handshake),
            Self::TasksDone | Self::EndOfStream => Some(timeouts.end_of_stream),
            Self::Silence => timeouts.ping,
            Self::Pong => Some(timeouts.pong),
        }
    }
}

/// A timer that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    pub(super) timer: Timer,
    pub(super) at: Instant,
}

impl Deadline {
    /// `None` where the timer has no bound, or one beyond all clocks.
    pub(super) fn start(timer: Timer, timeouts: &Timeouts, now: Instant) -> Option<Self> {
        let at = now.checked_add(timer.bound(timeouts)?)?;
        Some(Self { timer, at })
    }
}
