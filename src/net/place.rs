//! How many there may be at once.

use event_listener::Event;
use std::cell::Cell;
use std::rc::Rc;

/// So many places, and who waits for one.
pub(crate) struct Places {
    free: Cell<usize>,
    freed: Event,
}

/// One of them, until it is dropped.
pub(crate) struct Place(Rc<Places>);

impl Places {
    pub(crate) fn new(count: usize) -> Rc<Self> {
        Rc::new(Self {
            free: Cell::new(count),
            freed: Event::new(),
        })
    }

    /// Waits until one is free.
    pub(crate) async fn take(self: &Rc<Self>) -> Place {
        loop {
            // Nobody else runs between the look and the wait: all are of one thread.
            if let Some(left) = self.free.get().checked_sub(1) {
                self.free.set(left);
                return Place(self.clone());
            }
            self.freed.listen().await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
        self.0.freed.notify(1);
    }
}
