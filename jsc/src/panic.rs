//! What a function of the host's has panicked with, on its way through frames that are not Rust's.

use std::any::Any;
use std::cell::Cell;
use std::panic::resume_unwind;

thread_local! {
    static PANIC: Cell<Option<Box<dyn Any + Send>>> = const { Cell::new(None) };
}

/// It was caught below the engine's frames.
pub(crate) fn hold(panic: Box<dyn Any + Send>) {
    PANIC.set(Some(panic));
}

/// Goes on with it: the engine's frames are gone.
pub(crate) fn resume() {
    if let Ok(Some(panic)) = PANIC.try_with(Cell::take) {
        resume_unwind(panic);
    }
}
