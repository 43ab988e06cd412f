//! A condition that one thread waits for and another brings about.

use super::bounds::{PATIENCE, run_until};
use dom_websocket::{EventLoop, Handle};
use std::sync::{Arc, Condvar, Mutex};

/// Closed at first; once opened, from any thread, it stays open.
#[derive(Clone)]
pub struct Gate {
    is_open: Arc<(Mutex<bool>, Condvar)>,
    handle: Handle,
}

impl Gate {
    pub fn new(event_loop: &EventLoop) -> Self {
        Self {
            is_open: Arc::default(),
            handle: event_loop.handle(),
        }
    }

    pub fn open(&self) {
        let (is_open, changed) = &*self.is_open;
        let mut is_open = is_open.lock().unwrap();
        *is_open = true;
        changed.notify_all();
        // A loop that looks at this gate between its turns takes another one; that it was woken is
        // over before anybody sees the gate open.
        self.handle.queue_task(|| ());
    }

    pub fn is_open(&self) -> bool {
        *self.is_open.0.lock().unwrap()
    }

    /// Blocks this thread until the gate is open.
    #[track_caller]
    pub fn wait(&self) {
        let (is_open, changed) = &*self.is_open;
        let guard = is_open.lock().unwrap();
        let (guard, _) = changed
            .wait_timeout_while(guard, PATIENCE, |is_open| !*is_open)
            .unwrap();
        assert!(*guard, "the gate stayed closed");
    }

    /// Drives the loop until the gate is open.
    #[track_caller]
    pub fn run(&self, event_loop: &EventLoop) {
        let _work = event_loop.keep_alive();
        run_until(event_loop, || self.is_open());
    }
}
