//! A loop that is driven for a while.

use dom_websocket::{EventLoop, Turn};
use std::sync::mpsc::channel;

/// Takes turns until it is so.
pub(crate) fn drive(event_loop: &EventLoop, mut is_so: impl FnMut() -> bool) {
    let (wake, woken) = channel();
    event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
    loop {
        let turn = event_loop.turn();
        if is_so() {
            return;
        }
        if turn != Turn::More {
            woken.recv().unwrap();
        }
    }
}
