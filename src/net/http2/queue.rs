//! Sockets that wait for a stream on the connections to a server.

use event_listener::{Event, EventListener};
use std::cell::Cell;

/// Who waits, first come first told.
#[derive(Default)]
pub(crate) struct Queue {
    told: Event,
    len: Cell<usize>,
}

impl Queue {
    /// Lines up, unless `most` wait already. What is told from now on is heard.
    pub(crate) fn line_up(&self, most: usize) -> Option<EventListener> {
        let len = self.len.get();
        if len >= most {
            return None;
        }
        self.len.set(len + 1);
        Some(self.told.listen())
    }

    /// One of them has left. Whoever was told and did not listen has others told.
    pub(crate) fn leave(&self) {
        self.len.set(self.len.get() - 1);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// There is room for one more.
    pub(super) fn tell_one(&self) {
        self.told.notify_additional(1);
    }

    /// What there is room for may be different.
    pub(crate) fn tell_all(&self) {
        self.told.notify(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn each_place_is_for_one_in_their_order_and_not_for_who_has_left() {
        let queue = Queue::default();
        let mut waiting: Vec<_> = (0..4).map(|_| queue.line_up(4).unwrap()).collect();
        assert!(queue.line_up(4).is_none());
        let mut is_told = |index: usize| (&mut waiting[index]).now_or_never().is_some();
        queue.tell_one();
        queue.tell_one();
        assert!((0..4).map(&mut is_told).eq([true, true, false, false]));
        queue.tell_one();
        // Told, and gone without having heard of it.
        drop(waiting.remove(2));
        queue.leave();
        assert!((&mut waiting[2]).now_or_never().is_some());
        assert!(queue.line_up(4).is_some(), "there is room again");
        (0..4).for_each(|_| queue.leave());
        assert!(queue.is_empty());
    }

    #[test]
    fn all_can_be_told() {
        let queue = Queue::default();
        let waiting = [(); 3].map(|()| queue.line_up(3).unwrap());
        queue.tell_all();
        assert!(waiting.into_iter().all(|w| w.now_or_never().is_some()));
    }
}
