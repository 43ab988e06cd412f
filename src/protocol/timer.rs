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
    /// From our end, or the peer's last sign of life behind it, to its next:
    /// [`Timeouts::finished`](super::Timeouts::finished).
    Finished,
    /// From a violation of the peer's until the tasks of what it did right have run:
    /// [`Timeouts::end_of_stream`](super::Timeouts::end_of_stream).
    TasksDone,
    /// From the end of the closing handshake, or a client that is turned away, until what is queued has left
    /// and the peer has ended TCP:
    /// [`Timeouts::end_of_stream`](super::Timeouts::end_of_stream).
    EndOfStream,
    /// From the beginning of a message to its end: [`Timeouts::message`](super::Timeouts::message).
    Message,
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
            Self::Finished => timeouts.finished,
            Self::TasksDone | Self::EndOfStream => Some(timeouts.end_of_stream),
            Self::Message => timeouts.message,
            Self::Silence => timeouts.ping,
            Self::Pong => Some(timeouts.pong),
        }
    }
}

/// A timer that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    timer: Timer,
    /// `None`: no bound, or one beyond all clocks.
    at: Option<Instant>,
}

impl Deadline {
    pub(super) fn start(timer: Timer, timeouts: &Timeouts, now: Instant) -> Self {
        let bound = timer.bound(timeouts);
        Self {
            timer,
            at: bound.and_then(|bound| now.checked_add(bound)),
        }
    }

    pub(super) fn is_of(self, timer: Timer) -> bool {
        self.timer == timer
    }

    pub(super) fn has_come(self, now: Instant) -> bool {
        self.at.is_some_and(|at| at <= now)
    }

    /// When it comes, if ever.
    pub(super) fn instant(self) -> Option<(Timer, Instant)> {
        Some((self.timer, self.at?))
    }
}
