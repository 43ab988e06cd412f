//! How other threads, and a loop's own between its waits, reach a thread that waits.

use futures::task::ArcWake;
use mio::Waker;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Weak};

/// Ends a wait on a loop's poller.
pub(super) struct Signal {
    waker: Waker,
    /// The future that `block_on` polls is to be polled again.
    is_notified: AtomicBool,
    /// `block_on` waits, or is about to: it looks at `is_notified` once more.
    is_blocked: AtomicBool,
    /// A loop of others waits on the poller's descriptor, or may at any time.
    is_exposed: AtomicBool,
}

impl Signal {
    pub(super) fn new(waker: Waker) -> Arc<Self> {
        Arc::new(Self {
            waker,
            is_notified: AtomicBool::new(false),
            is_blocked: AtomicBool::new(false),
            is_exposed: AtomicBool::new(false),
        })
    }

    /// Ends the wait that is under way, or the next one.
    pub(super) fn interrupt(&self) {
        // It writes to a descriptor that is open; only then could it fail.
        let _ = self.waker.wake();
    }

    /// The future is about to be polled: what notifies from now on has it polled again.
    pub(super) fn attend(&self) {
        self.is_notified.store(false, SeqCst);
    }

    /// Has the future polled again without any wait.
    pub(super) fn notify(&self) {
        self.is_notified.store(true, SeqCst);
    }

    /// Waits, by a function that is told whether there is anything to wait for.
    pub(super) fn block<T>(&self, wait: impl FnOnce(bool) -> T) -> T {
        self.is_blocked.store(true, SeqCst);
        let result = wait(!self.is_notified.load(SeqCst));
        self.is_blocked.store(false, SeqCst);
        result
    }

    /// Whether alarms make the descriptor readable; what it was before.
    pub(super) fn set_exposed(&self, is_exposed: bool) -> bool {
        self.is_exposed.swap(is_exposed, SeqCst)
    }
}

impl ArcWake for Signal {
    fn wake_by_ref(signal: &Arc<Self>) {
        if !signal.is_notified.swap(true, SeqCst) && signal.is_blocked.load(SeqCst) {
            signal.interrupt();
        }
    }
}

/// Makes the descriptor of a loop readable, while there is one and somebody has it.
#[derive(Default)]
pub(crate) struct Alarm(Weak<Signal>);

impl Alarm {
    pub(super) fn new(signal: &Arc<Signal>) -> Self {
        Self(Arc::downgrade(signal))
    }
}

impl super::super::Alarm for Alarm {
    fn ring(&self) {
        if let Some(signal) = self.0.upgrade() {
            if signal.is_exposed.load(SeqCst) {
                signal.interrupt();
            }
        }
    }
}
