//! Pings of our own (RFC 6455 section 5.5.2), for connections that are idle.

use crate::protocol::Timeouts;
use crate::protocol::timer::{Deadline, Timer};
use std::time::Instant;

/// Asks a silent peer whether it is there.
pub(super) struct KeepAlive {
    /// When the peer was last heard of. The clock is not reset with each of its messages, but looked
    /// at when it has run down.
    heard: Instant,
    deadline: Deadline,
    /// While a pong is awaited: the ping, and so many bytes ahead of it, have to leave. For each the peer
    /// has its time.
    departing: usize,
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
        timeouts.ping.filter(|interval| !interval.is_zero())?;
        Some(Self {
            heard: now,
            deadline: Deadline::start(Timer::Silence, timeouts, now),
            departing: 0,
        })
    }

    fn awaits_pong(&self) -> bool {
        self.deadline.is_of(Timer::Pong)
    }

    /// The peer sent something: whatever it is, it is there. The same where we don't listen.
    pub(super) fn hear(&mut self, timeouts: &Timeouts, now: Instant) {
        self.heard = now;
        if self.awaits_pong() {
            // Patience, which may be the longer one, is over.
            self.deadline = Deadline::start(Timer::Silence, timeouts, now);
        }
    }

    pub(super) fn due(&self) -> Option<(Timer, Instant)> {
        self.deadline.instant()
    }

    pub(super) fn check(&mut self, timeouts: &Timeouts, now: Instant) -> Due {
        if !self.deadline.has_come(now) {
            return Due::Nothing;
        }
        if self.awaits_pong() {
            return Due::GiveUp;
        }
        self.deadline = Deadline::start(Timer::Silence, timeouts, self.heard);
        if self.deadline.has_come(now) {
            Due::Ping
        } else {
            Due::Nothing
        }
    }

    /// The ping is queued, the last of so many bytes.
    pub(super) fn ask(&mut self, queued: usize, timeouts: &Timeouts, now: Instant) {
        self.departing = queued;
        self.deadline = Deadline::start(Timer::Pong, timeouts, now);
    }

    /// So many bytes have left.
    pub(super) fn depart(&mut self, count: usize, timeouts: &Timeouts, now: Instant) {
        if self.departing > 0 && self.awaits_pong() {
            self.departing = self.departing.saturating_sub(count);
            self.deadline = Deadline::start(Timer::Pong, timeouts, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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
        assert_eq!(keep_alive.due(), Some((Timer::Silence, at(10))));
        keep_alive.hear(&timeouts, at(4));
        assert_eq!(keep_alive.check(&timeouts, at(10)), Due::Nothing);
        assert_eq!(
            keep_alive.due(),
            Some((Timer::Silence, at(14))),
            "ten after it was heard"
        );
        assert_eq!(keep_alive.check(&timeouts, at(14)), Due::Ping);
        keep_alive.ask(6, &timeouts, at(14));
        keep_alive.depart(6, &timeouts, at(14));
        keep_alive.hear(&timeouts, at(15));
        assert_eq!(keep_alive.check(&timeouts, at(17)), Due::Nothing);
        assert_eq!(keep_alive.due(), Some((Timer::Silence, at(25))));
        assert_eq!(keep_alive.check(&timeouts, at(25)), Due::Ping);
        keep_alive.ask(6, &timeouts, at(25));
        keep_alive.depart(6, &timeouts, at(25));
        assert_eq!(keep_alive.check(&timeouts, at(27)), Due::Nothing);
        assert_eq!(keep_alive.check(&timeouts, at(28)), Due::GiveUp);
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
        assert_eq!(keep_alive.check(&timeouts, at(10)), Due::Ping);
        keep_alive.ask(1000, &timeouts, at(10));
        for second in 10..20 {
            assert_eq!(keep_alive.check(&timeouts, at(second)), Due::Nothing);
            keep_alive.depart(100, &timeouts, at(second));
        }
        // It has left. What follows it makes no difference.
        keep_alive.depart(100, &timeouts, at(21));
        assert_eq!(keep_alive.check(&timeouts, at(22)), Due::GiveUp);
        // Nothing leaves.
        let mut keep_alive = KeepAlive::new(&timeouts, start).unwrap();
        keep_alive.ask(1000, &timeouts, at(10));
        assert_eq!(keep_alive.check(&timeouts, at(13)), Due::GiveUp);
    }

    #[test]
    fn who_may_take_any_time_for_a_pong_is_asked_again() {
        let timeouts = Timeouts {
            ping: Some(Duration::from_secs(10)),
            pong: Duration::MAX,
            ..Timeouts::default()
        };
        let start = Instant::now();
        let at = |offset| start + Duration::from_secs(offset);
        let mut keep_alive = KeepAlive::new(&timeouts, start).unwrap();
        assert_eq!(keep_alive.check(&timeouts, at(10)), Due::Ping);
        keep_alive.ask(6, &timeouts, at(10));
        assert_eq!(keep_alive.due(), None);
        keep_alive.hear(&timeouts, at(1000));
        assert_eq!(keep_alive.due(), Some((Timer::Silence, at(1010))));
    }
}
