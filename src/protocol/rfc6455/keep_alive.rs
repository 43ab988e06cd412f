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
    /// A ping was sent, and nothing has been heard since.
    is_asked: bool,
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
        let interval = timeouts.ping?;
        Some(Self {
            interval,
            patience: timeouts.pong,
            heard: now,
            due: now.checked_add(interval),
            is_asked: false,
        })
    }

    /// The peer sent something: whatever it is, it is there. The same where we don't listen.
    pub(super) fn hear(&mut self, now: Instant) {
        self.heard = now;
        self.is_asked = false;
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn check(&mut self, now: Instant) -> Due {
        if self.due.is_none_or(|due| due > now) {
            return Due::Nothing;
        }
        if self.is_asked {
            self.due = None;
            return Due::GiveUp;
        }
        self.due = self.heard.checked_add(self.interval);
        if self.due.is_none_or(|due| due > now) {
            return Due::Nothing;
        }
        self.is_asked = true;
        self.due = now.checked_add(self.patience);
        Due::Ping
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
        keep_alive.hear(at(15));
        assert_eq!(keep_alive.check(at(17)), Due::Nothing);
        assert_eq!(keep_alive.due(), Some(at(25)));
        assert_eq!(keep_alive.check(at(25)), Due::Ping);
        assert_eq!(keep_alive.check(at(27)), Due::Nothing);
        assert_eq!(keep_alive.check(at(28)), Due::GiveUp);
        assert_eq!(keep_alive.due(), None);
        assert!(KeepAlive::new(&Timeouts::default(), start).is_none());
    }
}
