//! Slots of a host's object that are handed out one by one.

use super::engine::Engine;
use std::cell::{Cell, RefCell};

/// The slots of one object from a number on, as many as are in use at once.
pub(super) struct Slots {
    first: usize,
    count: Cell<usize>,
    free: RefCell<Vec<usize>>,
}

impl Slots {
    pub(super) fn new(first: usize) -> Self {
        Self {
            first,
            count: Cell::new(0),
            free: RefCell::default(),
        }
    }

    /// Puts a value into a slot of the object, which stays its own until it is [freed](Self::free).
    pub(super) fn take<E: Engine>(&self, cx: &mut E, object: &E::Value, value: &E::Value) -> usize {
        let free = self.free.borrow_mut().pop();
        let slot = free.unwrap_or_else(|| {
            let count = self.count.get();
            self.count.set(count + 1);
            self.first + count
        });
        cx.set_slot(object, slot, Some(value.clone()));
        slot
    }

    pub(super) fn free<E: Engine>(&self, cx: &mut E, object: &E::Value, slot: usize) {
        cx.set_slot(object, slot, None);
        self.free.borrow_mut().push(slot);
    }
}
