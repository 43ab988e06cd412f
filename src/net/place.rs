//! How many there may be at once.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// So many places, and who waits for one.
pub(crate) struct Places {
    free: Cell<usize>,
    waiting: Cell<Option<Waker>>,
}

/// One of them, until it is dropped.
pub(crate) struct Place(Rc<Places>);

impl Places {
    pub(crate) fn new(count: usize) -> Rc<Self> {
        Rc::new(Self {
            free: Cell::new(count),
            waiting: Cell::default(),
        })
    }

    /// Waits until one is free. One future at a time does.
    pub(crate) fn poll_free(&self, cx: &Context<'_>) -> Poll<()> {
        if self.free.get() > 0 {
            return Poll::Ready(());
        }
        self.waiting.set(Some(cx.waker().clone()));
        Poll::Pending
    }

    /// One that is free.
    pub(crate) fn take(self: &Rc<Self>) -> Option<Place> {
        let left = self.free.get().checked_sub(1)?;
        self.free.set(left);
        Some(Place(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
        if let Some(waiting) = self.0.waiting.take() {
            waiting.wake();
        }
    }
}
