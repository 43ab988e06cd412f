//! The waits that have a bound.

use super::Timeouts;
use std::time::{Duration, Instant};

/// What a connection waits for no longer than it is set to.
///
/// ```
/// use dom_websocket::protocol::opening::{Agreed, Role};
/// use dom_websocket::protocol::{ConnectionOptions, Timeouts, Timer, Wire};
/// use std::{sync::Arc, time::{Duration, Instant}};
///
/// let timeouts = Timeouts { ping: Some(Duration::from_secs(60)), ..Default::default() };
/// let options = Arc::new(ConnectionOptions { timeouts, ..Default::default() });
/// let now = Instant::now();
/// let connection = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [0; 32], now);
/// assert_eq!(connection.poll_timeout(), Some((Timer::Silence, now + Duration::from_secs(60))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timer {
    /// From the first address that is asked for, or the client that is accepted, to the established
    /// connection: [`Timeouts::opening_handshake`](super::Timeouts::opening_handshake).
    OpeningHandshake,
    /// From our part of the closing handshake, or the last sign that the peer takes what is queued ahead of it, to the
    /// peer's part: [`Timeouts::closing_handshake`](super::Timeouts::closing_handshake), within
    /// [`Timeouts::linger`](super::Timeouts::linger).
    ClosingHandshake,
    /// From our end, or the peer's last sign of life behind it, to its next:
    /// [`Timeouts::finished`](super::Timeouts::finished); for what is queued, within
    /// [`Timeouts::linger`](super::Timeouts::linger).
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

    /// The same, or this instant if that is earlier.
    fn at_the_latest(self, latest: Option<Instant>) -> Self {
        let both = [self.at, latest].into_iter().flatten();
        Self {
            at: both.min(),
            ..self
        }
    }
}

/// The deadline of a connection that comes to its end.
///
/// The closing handshake starts once what was queued has been sent (WebSockets, `close()`), so a slow peer has its time
/// anew for all that it takes of that; for all of it together there is [`Timeouts::linger`]. When it has left, the time is
/// for the peer's own part.
#[derive(Debug)]
pub(super) struct EndDeadline {
    deadline: Deadline,
    /// What is queued has to have left by then. `None`: nothing is, or there is no bound.
    latest: Option<Instant>,
}

impl EndDeadline {
    /// Sets it. `is_queued`: there is still something to be sent.
    pub(super) fn start(
        this: &mut Option<Box<Self>>,
        timer: Timer,
        is_queued: bool,
        timeouts: &Timeouts,
        now: Instant,
    ) {
        let lingers = is_queued && matches!(timer, Timer::ClosingHandshake | Timer::Finished);
        let before = this.as_ref().and_then(|before| before.latest);
        let latest = match lingers {
            true => before.or_else(|| now.checked_add(timeouts.linger?)),
            false => None,
        };
        let deadline = Deadline::start(timer, timeouts, now).at_the_latest(latest);
        let end = Self { deadline, latest };
        match this {
            Some(this) => **this = end,
            None => *this = Some(Box::new(end)),
        }
    }

    /// So much has left: the time begins anew, where it is the peer's.
    pub(super) fn depart(
        this: &mut Option<Box<Self>>,
        count: usize,
        is_queued: bool,
        timeouts: &Timeouts,
        now: Instant,
    ) {
        let timer = match this {
            Some(this) if count > 0 => this.deadline.timer,
            _ => return,
        };
        if matches!(timer, Timer::ClosingHandshake | Timer::Finished) {
            Self::start(this, timer, is_queued, timeouts, now);
        }
    }

    pub(super) fn is_of(&self, timer: Timer) -> bool {
        self.deadline.is_of(timer)
    }

    pub(super) fn has_come(&self, now: Instant) -> bool {
        self.deadline.has_come(now)
    }

    /// When it comes, if ever.
    pub(super) fn instant(&self) -> Option<(Timer, Instant)> {
        self.deadline.instant()
    }
}
