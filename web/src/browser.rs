//! On wasm32 the browser has the loop.

/// Calls `start`.
pub fn run<R>(start: impl FnOnce() -> R) -> R {
    start()
}

/// Does nothing: the browser drives its loop.
pub fn run_until_idle() {}

/// Does nothing: the browser drives its loop.
pub fn turn() {}
