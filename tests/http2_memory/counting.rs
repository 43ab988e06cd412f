//! What a thread takes of the heap.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes that there are, less what other threads took and this one gave back.
    static NOW: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    /// All that were ever asked for: what is copied into a new place, too.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.get().wrapping_add_unsigned(layout.size());
        NOW.set(now);
        MOST.set(MOST.get().max(now));
        ASKED.set(ASKED.get().wrapping_add(layout.size()));
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.set(NOW.get().wrapping_sub_unsigned(layout.size()));
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What this thread takes from now on.
pub(super) struct Measure {
    before: isize,
    asked: usize,
}

impl Measure {
    pub(super) fn new() -> Self {
        MOST.set(NOW.get());
        Self {
            before: NOW.get(),
            asked: ASKED.get(),
        }
    }

    /// The most that it had at once.
    pub(super) fn most(&self) -> usize {
        usize::try_from(MOST.get() - self.before).unwrap_or(0)
    }

    /// What it has at this moment.
    pub(super) fn now(&self) -> usize {
        usize::try_from(NOW.get() - self.before).unwrap_or(0)
    }

    /// All that it asked for, however short: nothing is copied that is not written somewhere.
    pub(super) fn asked(&self) -> usize {
        ASKED.get() - self.asked
    }
}
