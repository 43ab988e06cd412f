//! Nothing in a test takes longer than this, unless it says so.

use dom_websocket::{EventLoop, Timeouts, Turn};
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long to wait for what must happen. A client's closing handshake would take two seconds more.
pub const PATIENCE: Duration = Duration::from_secs(18);
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

/// Takes turns until nobody wakes the loop any more: what wakes it every few milliseconds never stops.
#[track_caller]
pub fn expect_quiet(event_loop: &EventLoop, woken: &Receiver<()>) {
    for _ in 0..10 {
        settle(event_loop);
        while woken.try_recv().is_ok() {}
        if woken.recv_timeout(Duration::from_millis(100)).is_err() {
            return;
        }
    }
    panic!("the loop is woken again and again");
}

/// A bound that a test can sit out, and within which something has to happen first: a machine may stand still for a
/// second.
pub const AMPLE: Duration = Duration::from_secs(2);

/// Bounds that a test can sit out. Those behind the opening handshake are for peers of whom nothing more is expected.
pub fn short_timeouts() -> Timeouts {
    Timeouts {
        opening_handshake: AMPLE,
        closing_handshake: Duration::from_millis(200),
        end_of_stream: Duration::from_millis(200),
        ..Timeouts::default()
    }
}
