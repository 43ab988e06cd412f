//! What wakes a connection at an instant.

use crate::net::runtime;
use futures::future::LocalBoxFuture;
use std::task::{Context, Poll};
use std::time::Instant;

/// A timer that is set, and left alone where the instant that is waited for moves away: most do before they come, some
/// with each message. It rings then, too early, and is set anew.
pub(super) struct Alarm {
    rings_at: Instant,
    timer: LocalBoxFuture<'static, ()>,
}

impl Alarm {
    /// One that has yet to be [polled](Self::poll).
    fn set(instant: Instant) -> Self {
        let left = instant.saturating_duration_since(Instant::now());
        Self {
            rings_at: instant,
            timer: Box::pin(runtime::sleep(left)),
        }
    }

    /// Has this task woken at `instant` at the latest. Ready: it has come.
    pub(super) fn poll(
        this: &mut Option<Box<Self>>,
        instant: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let is_early_enough = |alarm: &Box<Self>| alarm.rings_at <= instant;
        let mut alarm = match this.take().filter(is_early_enough) {
            Some(alarm) => alarm,
            None => Box::new(Self::set(instant)),
        };
        while alarm.timer.as_mut().poll(cx).is_ready() {
            if alarm.rings_at == instant {
                return Poll::Ready(());
            }
            *alarm = Self::set(instant);
        }
        *this = Some(alarm);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::runtime::{Current, Runtime};
    use futures::task::noop_waker_ref;
    use std::time::Duration;

    #[test]
    fn an_instant_that_moves_away_keeps_the_timer_and_an_earlier_one_does_not() {
        let runtime = Current::new();
        let _entered = runtime.enter();
        let cx = &mut Context::from_waker(noop_waker_ref());
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut alarm = None;
        for (instant, rings_at) in [(60, 60), (61, 60), (3600, 60), (59, 59), (60, 59)] {
            assert!(Alarm::poll(&mut alarm, at(instant), cx).is_pending());
            assert_eq!(
                alarm.as_ref().map(|alarm| alarm.rings_at),
                Some(at(rings_at))
            );
        }
    }

    #[test]
    fn one_that_rings_too_early_is_set_anew() {
        let runtime = Current::new();
        let _entered = runtime.enter();
        let cx = &mut Context::from_waker(noop_waker_ref());
        let now = Instant::now();
        let later = now + Duration::from_secs(3600);
        let mut alarm = Some(Box::new(Alarm::set(now)));
        assert!(Alarm::poll(&mut alarm, later, cx).is_pending());
        assert_eq!(alarm.as_ref().map(|alarm| alarm.rings_at), Some(later));
        assert!(Alarm::poll(&mut alarm, now, cx).is_ready());
        assert!(alarm.is_none());
    }
}
