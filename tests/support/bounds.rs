//! Nothing in a test takes longer than this, unless it says so.

use dom_websocket::{EventLoop, Timeouts, Turn};
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long to wait for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(12);
/// How long a whole test may take: what hangs, hangs for longer, and a machine with much else to do is no reason to fail.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Runs a test's body; one that hangs fails.
pub fn bounded(body: impl FnOnce() + Send + 'static) {
    bounded_by(WATCHDOG, body);
}

/// As [`bounded`], for what may take longer.
pub fn bounded_by(bound: Duration, body: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel::<()>();
    let body = thread::spawn(move || {
        let _done = done;
        body();
    });
    match is_done.recv_timeout(bound) {
        Err(RecvTimeoutError::Timeout) => panic!("the test hangs"),
        _ => body.join().unwrap_or_else(|panic| resume_unwind(panic)),
    }
}

/// Takes turns until `is_so`, waiting for the loop's wake-up in between.
#[track_caller]
pub fn run_until(event_loop: &EventLoop, mut is_so: impl FnMut() -> bool) {
    let (wake, woken) = mpsc::channel();
    event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
    loop {
        let turn = event_loop.turn();
        if is_so() {
            event_loop.set_wake_up(|| ());
            return;
        }
        match turn {
            Turn::More => {}
            Turn::Waiting => {
                let woken = woken.recv_timeout(PATIENCE);
                assert!(woken.is_ok(), "the loop waits in vain");
            }
            Turn::Idle => panic!("the loop is idle too early"),
        }
    }
}

/// Takes turns until there is nothing to do at this moment.
pub fn settle(event_loop: &EventLoop) {
    while event_loop.turn() == Turn::More {}
}

/// Bounds that a test can sit out.
pub fn short_timeouts() -> Timeouts {
    Timeouts {
        opening_handshake: Duration::from_millis(200),
        closing_handshake: Duration::from_millis(200),
        end_of_stream: Duration::from_millis(200),
        ..Timeouts::default()
    }
}
