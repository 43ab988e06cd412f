//! The time that several waits may take together.

use super::runtime;
use crate::protocol::{Timeouts, Timer};
use futures::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

/// What is left of a timer's bound. Waits that are not spent from it don't count.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: Duration,
}

/// Nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed;

impl Budget {
    pub(crate) fn new(timer: Timer, timeouts: &Timeouts) -> Self {
        Self {
            left: timer.bound(timeouts).unwrap_or(Duration::MAX),
        }
    }

    /// Waits for `attempt`, at most for what is left.
    pub(crate) async fn spend<T, E: From<Elapsed>>(
        &mut self,
        attempt: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let start = Instant::now();
        let result = match select(pin!(attempt), pin!(runtime::sleep(self.left))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(Elapsed.into()),
        };
        self.use_up(start.elapsed());
        result
    }

    pub(crate) fn use_up(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }
}
