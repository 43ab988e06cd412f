//! The time that opening a connection may take.

use super::runtime;
use crate::protocol::Failure;
use futures::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

/// What is left of a bound, which several attempts share.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    bound: Duration,
    left: Duration,
}

impl Budget {
    pub(crate) fn new(bound: Duration) -> Self {
        Self { bound, left: bound }
    }

    /// Waits for `attempt`, at most for what is left.
    pub(crate) async fn spend<T>(
        &mut self,
        attempt: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let start = Instant::now();
        let result = match select(pin!(attempt), pin!(runtime::sleep(self.left))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(Failure::OpeningTimedOut),
        };
        self.use_up(start.elapsed());
        result
    }

    pub(crate) fn use_up(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    pub(crate) fn spent(&self) -> Duration {
        self.bound.saturating_sub(self.left)
    }
}
