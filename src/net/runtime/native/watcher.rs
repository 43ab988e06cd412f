//! A thread that waits in a loop's poller where the loop's own thread doesn't: so a wake-up callback is called, and
//! an executor of others is told. The loop takes the poller back before it does anything with it.

use super::selector::Selector;
use super::signal::Signal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Waker;
use std::thread;
use std::time::Duration;

pub(super) struct Watcher {
    jobs: Sender<Job>,
    given_back: Receiver<Box<Selector>>,
    /// The loop is awake by itself.
    is_reclaimed: Arc<AtomicBool>,
}

/// A wait.
struct Job {
    selector: Box<Selector>,
    timeout: Option<Duration>,
    waker: Waker,
}

impl Watcher {
    /// The thread ends with what is returned.
    pub(super) fn start() -> Self {
        let (jobs, taken) = channel::<Job>();
        let (give_back, given_back) = channel();
        let is_reclaimed = Arc::new(AtomicBool::new(false));
        let watcher = Self {
            jobs,
            given_back,
            is_reclaimed: is_reclaimed.clone(),
        };
        let thread = thread::Builder::new().name("dom-websocket".to_owned());
        let watch = move || {
            for mut job in taken {
                job.selector.wait(job.timeout);
                let is_reclaimed = is_reclaimed.load(SeqCst);
                if give_back.send(job.selector).is_ok() && !is_reclaimed {
                    // A wake-up that panics has said so; the loop's next wait is for this thread still.
                    let _ = catch_unwind(AssertUnwindSafe(|| job.waker.wake()));
                }
            }
        };
        // As `thread::spawn` does.
        thread.spawn(watch).expect("no thread to watch a loop");
        watcher
    }

    pub(super) fn watch(&self, selector: Box<Selector>, timeout: Option<Duration>, waker: Waker) {
        self.is_reclaimed.store(false, SeqCst);
        let job = Job {
            selector,
            timeout,
            waker,
        };
        // The thread is there as long as this is.
        let _ = self.jobs.send(job);
    }

    /// Ends the wait.
    pub(super) fn give_back(&self, signal: &Signal) -> Option<Box<Selector>> {
        if let Ok(selector) = self.given_back.try_recv() {
            return Some(selector);
        }
        self.is_reclaimed.store(true, SeqCst);
        signal.interrupt();
        self.given_back.recv().ok()
    }
}
