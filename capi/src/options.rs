//! What all options have in common.

use crate::error::{Error, Fault, guard};
use crate::object::{Object, Thread, take};
use std::cell::RefCell;

/// Settings that C changes one by one, and that are read when something is made with them.
pub(crate) struct Options<S> {
    thread: Thread,
    settings: RefCell<S>,
}

impl<S> Options<S> {
    pub(crate) fn new(settings: S) -> Self {
        Self {
            thread: Thread::current(),
            settings: RefCell::new(settings),
        }
    }

    pub(crate) fn thread(&self) -> Thread {
        self.thread
    }
}

impl<S: Clone> Options<S> {
    /// As they are now.
    pub(crate) fn settings(&self) -> S {
        self.settings.borrow().clone()
    }
}

/// Changes options. What was there before goes once nothing is borrowed: its end may call back.
///
/// # Safety
///
/// As for [`take`] and [`guard`].
pub(crate) unsafe fn change<O: Object + AsRef<Options<S>>, S: Clone>(
    options: *const O,
    error: *mut Error,
    change: impl FnOnce(&mut S) -> Result<(), Fault>,
) -> bool {
    // SAFETY: as the caller promises.
    unsafe {
        guard(error, false, || {
            let this = take(options)?;
            let this: &Options<S> = (*this).as_ref();
            let mut settings = this.settings();
            change(&mut settings)?;
            let before = this.settings.replace(settings);
            drop(before);
            Ok(true)
        })
    }
}
