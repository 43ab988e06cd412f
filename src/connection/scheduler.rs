//! How the connections of one event loop take turns.

use crate::protocol::LARGE_READ_SIZE;
use std::cell::{RefCell, RefMut};
use std::task::{Context, Waker};

/// Memory to read into, and the list of those that want another round.
pub(crate) struct Scheduler {
    /// Connections read one after the other, so an idle one holds no memory to read into.
    read_buffer: RefCell<Box<[u8]>>,
    another_round: RefCell<Vec<Waker>>,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            read_buffer: RefCell::new(vec![0; LARGE_READ_SIZE].into_boxed_slice()),
            another_round: RefCell::default(),
        }
    }
}

impl Scheduler {
    pub(super) fn read_buffer(&self) -> RefMut<'_, Box<[u8]>> {
        self.read_buffer.borrow_mut()
    }

    /// Has the connection polled again in the next round: the tasks of what it has read come first.
    pub(super) fn want_another_round(&self, cx: &Context<'_>) {
        self.another_round.borrow_mut().push(cx.waker().clone());
    }

    /// Begins a round, for all that wanted another.
    pub(crate) fn begin_round(&self) {
        for waker in self.another_round.borrow_mut().drain(..) {
            waker.wake();
        }
    }

    /// Whether somebody wants another round.
    pub(crate) fn is_another_round_wanted(&self) -> bool {
        !self.another_round.borrow().is_empty()
    }
}
