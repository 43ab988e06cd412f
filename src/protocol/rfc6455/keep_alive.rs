//! Pings of our own (RFC 6455 section 5.5.2), for connections that are idle.

use crate::protocol::Timeouts;
use std::time::{Duration, Instant};

/// Asks a silent peer whether it is there.
pub(super) struct KeepAlive {
    interval: Duration,
    patience: Duration,
    /// When the peer was last heard of. The clock is not reset with each of its messages, but looked
    /// at when it has run down.
    heard: Instant,
    due: Option<Instant>,
    awaiting: Awaiting,
}

/// What the clock is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaiting {
    Silence,
    /// The ping, and so many bytes ahead of it, have to leave: for each the peer has its time.
    Departure(usize),
    Answer,
}

/// What the clock says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Ping,
    /// The peer did not answer.
    GiveUp,
}

impl KeepAlive {
    /// `None`: no pings are wanted.
    pub(super) fn new(timeouts: &Timeouts, now: Instant) -> Option<Self> {
        let interval = timeouts.ping.filter(|interval| !interval.is_zero())?;
        Some(Self {
            interval,
            patience: timeouts.pong,
            heard: now,
            due: now.checked_add(interval),
            awaiting: Awaiting::Silence,
        })
    }

    /// The peer sent something: whatever it is, it is there. The same where we don't listen.
    pub(super) fn hear(&mut self, now: Instant) {
        self.heard = now;
        if self.awaiting != Awaiting::Silence {
            self.awaiting = Awaiting::Silence;
            // Patience, which may be the longer one, is over.
            self.due = now.checked_add(self.interval);
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn check(&mut self, now: Instant) -> Due {
        if self.due.is_none_or(|due| due > now) {
            return Due::Nothing;
        }
        if self.awaiting != Awaiting::Silence {
            self.due = None;
            return Due::GiveUp;
        }
        self.due = self.heard.checked_add(self.interval);
        if self.due.is_none_or(|due| due > now) {
            return Due::Nothing;
        }
        Due::Ping
    }

    /// The ping is queued, the last of so many bytes.
    pub(super) fn ask(&mut self, queued: usize, now: Instant) {
        self.awaiting = Awaiting::Departure(queued);
        self.due = now.checked_add(self.patience);
    }

    /// So many bytes have left.
    pub(super) fn depart(&mut self, count: usize, now: Instant) {
        if let Awaiting::Departure(left) = self.awaiting {
            self.awaiting = match left.saturating_sub(count) {
                0 => Awaiting::Answer,
                left => Awaiting::Departure(left),
            };
            self.due = now.checked_add(self.patience);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_peer_is_asked_and_given_up_on() {
        let seconds = Duration::from_secs;
        let timeouts = Timeouts {
            ping: Some(seconds(10)),
            pong: seconds(3),
            ..Timeouts::default()
        };
        let start = Instant::now();
        let at = |offset| start + seconds(offset);
        let mut keep_alive = KeepAlive::new(&timeouts, start).unwrap();
        assert_eq!(keep_alive.due(), Some(at(10)));
        keep_alive.hear(at(4));
        assert_eq!(keep_alive.check(at(10)), Due::Nothing);
        assert_eq!(keep_alive.due(), Some(at(14)), "ten after it was heard");
        assert_eq!(keep_alive.check(at(14)), Due::Ping);
        keep_alive.ask(6, at(14));
        keep_alive.depart(6, at(14));
        keep_alive.hear(at(15));
        assert_eq!(keep_alive.check(at(17)), Due::Nothing);
        assert_eq!(keep_alive.due(), Some(at(25)));
        assert_eq!(keep_alive.check(at(25)), Due::Ping);
        keep_alive.ask(6, at(25));
        keep_alive.depart(6, at(25));
        assert_eq!(keep_alive.check(at(27)), Due::Nothing);
        assert_eq!(keep_alive.check(at(28)), Due::GiveUp);
        assert_eq!(keep_alive.due(), None);
        assert!(KeepAlive::new(&Timeouts::default(), start).is_none());
    }

    #[test]
    fn a_ping_behind_much_else_has_time_to_leave() {
        let seconds = Duration::from_secs;
        let timeouts = Timeouts {
            ping: Some(seconds(10)),
            pong: seconds(3),
            ..Timeouts::default()
        };
        let start = Instant::now();
        let at = |offset| start + seconds(offset);
        let mut keep_alive = KeepAlive::new(&timeouts, start).unwrap();
        assert_eq!(keep_alive.check(at(10)), Due::Ping);
        keep_alive.ask(1000, at(10));
        for second in 10..20 {
            assert_eq!(keep_alive.check(at(second)), Due::Nothing);
            keep_alive.depart(100, at(second));
        }
        // It has left. What follows it makes no difference.
        keep_alive.depart(100, at(21));
        assert_eq!(keep_alive.check(at(22)), Due::GiveUp);
        // Nothing leaves.
        let mut keep_alive = KeepAlive::new(&timeouts, start).unwrap();
        keep_alive.ask(1000, at(10));
        assert_eq!(keep_alive.check(at(13)), Due::GiveUp);
    }
}
