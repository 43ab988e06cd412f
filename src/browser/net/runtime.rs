//! The browser's event loop.

use gloo_timers::future::TimeoutFuture;
use std::io;
use std::task::Waker;
use std::time::Duration;

/// The longest time that `setTimeout` knows, in milliseconds.
const LONGEST: u32 = i32::MAX as u32;

/// What a loop needs of it.
pub(crate) trait Runtime: Sized {
    type Alarm: Alarm;

    fn new() -> io::Result<Self>;
    fn alarm(&self) -> Self::Alarm;
    fn enter(&self) -> impl Sized + '_;
    /// Nobody looks for what is ready: the browser calls.
    fn look(&self) {}
    fn watch(&self, _waker: &Waker) {}
}

/// What rings where others wait for the loop.
pub(crate) trait Alarm: Default {
    fn ring(&self) {}
}

#[derive(Default)]
pub(crate) struct NoAlarm;

impl Alarm for NoAlarm {}

pub(crate) struct Current;

impl Runtime for Current {
    type Alarm = NoAlarm;

    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    fn alarm(&self) -> NoAlarm {
        NoAlarm
    }

    fn enter(&self) -> impl Sized + '_ {}
}

/// Ends after `duration`, rounded up to milliseconds.
pub(crate) async fn sleep(duration: Duration) {
    let mut left = duration.as_nanos().div_ceil(1_000_000);
    loop {
        let next = u32::try_from(left).map_or(LONGEST, |left| left.min(LONGEST));
        TimeoutFuture::new(next).await;
        left -= u128::from(next);
        if left == 0 {
            return;
        }
    }
}

/// Lets the browser do what else there is: a task of its own, because microtasks would keep it waiting.
pub(crate) async fn yield_now() {
    TimeoutFuture::new(0).await;
}
