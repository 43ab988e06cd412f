//! When script engines collect garbage: before the loop waits.

use crate::net::runtime;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::task::Context;
use std::time::{Duration, Instant};

/// The least time from one collection to the next.
const INTERVAL: Duration = Duration::from_millis(500);

/// Collecting takes at most one part in so many of the time.
const SHARE: u32 = 50;

/// An engine collects when it runs short of memory. A loop that waits may wait for nothing but a
/// connection whose socket is garbage: then no engine ever runs short, and the loop never ends.
#[derive(Default)]
pub(super) struct Garbage {
    /// Script may have run since the last collection.
    is_suspected: Cell<bool>,
    /// When the next collection may be.
    next: Cell<Option<Instant>>,
    /// Wakes the loop then. It keeps no loop from being idle.
    timer: RefCell<Option<LocalBoxFuture<'static, ()>>>,
}

impl Garbage {
    pub(super) fn suspect(&self) {
        self.is_suspected.set(true);
    }

    /// Collects if it is time to, and else has the loop woken when it is.
    pub(super) fn before_waiting(&self, cx: &mut Context<'_>, collect: impl FnOnce()) {
        if !self.is_suspected.get() {
            return;
        }
        let started = Instant::now();
        if let Some(next) = self.next.get().filter(|next| *next > started) {
            let mut timer = self.timer.borrow_mut();
            let timer = timer.get_or_insert_with(|| Box::pin(runtime::sleep(next - started)));
            if timer.as_mut().poll(cx).is_pending() {
                return;
            }
        }
        self.forget();
        collect();
        self.is_suspected.set(false);
        let now = Instant::now();
        let pause = INTERVAL.max(now.duration_since(started) * SHARE);
        self.next.set(now.checked_add(pause));
    }

    /// The loop doesn't wait.
    pub(super) fn forget(&self) {
        let timer = self.timer.take();
        drop(timer);
    }
}
