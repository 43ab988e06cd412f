//! HTML "run steps after a timeout", as `AbortSignal.timeout` has it run (DOM section 3.2).

use super::abort_state::SignalTarget;
use crate::event_loop::Shared;
use crate::net::runtime;
use futures::channel::oneshot;
use futures::future::{Either, OptionFuture, select};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

/// When a signal's time is over, and its number among those of one realm, in the order in which they began.
type Key = (Instant, u64);

/// HTML "map of active timers" of a realm, as far as they are signals'.
pub(super) struct Timeouts<T> {
    shared: Rc<Shared>,
    running: RefCell<BTreeMap<Key, Weak<T>>>,
    began: Cell<u64>,
}

impl<T> Timeouts<T> {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        Self {
            shared,
            running: RefCell::default(),
            began: Cell::new(0),
        }
    }
}

impl<T: SignalTarget> Timeouts<T> {
    /// "Run steps after a timeout", steps 4.2 and 4.4. Those that began earlier and take no longer come first: how long each
    /// sleeps is the runtime's business, and their order is not.
    fn complete(&self, key: Key) {
        let mut running = self.running.borrow_mut();
        while let Some(entry) = running.first_entry().filter(|first| *first.key() <= key) {
            let target = entry.remove();
            self.shared.queue_steps(Box::new(move || {
                if let Some(target) = target.upgrade() {
                    target.time_out();
                }
            }));
        }
    }
}

/// The end of a signal's time.
pub(super) struct Timeout<T> {
    /// `None` if that is further than the clock goes.
    key: Option<Key>,
    timeouts: Rc<Timeouts<T>>,
    /// Ends the timer when it is dropped.
    timer: Cell<Option<oneshot::Sender<()>>>,
}

impl<T> Timeout<T> {
    /// It begins now.
    pub(super) fn new(timeouts: Rc<Timeouts<T>>, duration: Duration) -> Self {
        // A task's time is not after what it begins.
        timeouts.shared.task_time();
        let number = timeouts.began.get();
        timeouts.began.set(number + 1);
        let end = Instant::now().checked_add(duration);
        Self {
            key: end.map(|end| (end, number)),
            timeouts,
            timer: Cell::new(None),
        }
    }

    /// Whether the time was over before the current task, and there is no timer to say so.
    pub(super) fn has_passed(&self) -> bool {
        let timer = self.timer.take();
        let is_running = timer.is_some();
        self.timer.set(timer);
        let task_time = self.timeouts.shared.task_time();
        !is_running && self.key.is_some_and(|(end, _)| task_time > end)
    }

    pub(super) fn stop(&self) {
        if let (Some(_), Some(key)) = (self.timer.take(), self.key) {
            self.timeouts.running.borrow_mut().remove(&key);
        }
    }
}

impl<T: SignalTarget> Timeout<T> {
    /// Has the timer run, if it doesn't. It ends with the page.
    pub(super) fn start(&self, target: &Rc<T>) {
        let timer = self.timer.take();
        self.timer.set(timer.or_else(|| self.run(target)));
    }

    fn run(&self, target: &Rc<T>) -> Option<oneshot::Sender<()>> {
        let key = self.key?;
        let (stop, stopped) = oneshot::channel();
        let page_left = target.page_left();
        let mut running = self.timeouts.running.borrow_mut();
        running.insert(key, Rc::downgrade(target));
        let left = key.0.saturating_duration_since(Instant::now());
        let timeouts = Rc::downgrade(&self.timeouts);
        self.timeouts.shared.spawn(Box::pin(async move {
            let sleeping = pin!(runtime::sleep(left));
            let ended = select(stopped, OptionFuture::from(page_left));
            let is_stopped = matches!(select(ended, sleeping).await, Either::Left(_));
            if let (Some(timeouts), false) = (timeouts.upgrade(), is_stopped) {
                timeouts.complete(key);
            }
        }));
        Some(stop)
    }
}

impl<T> Drop for Timeout<T> {
    fn drop(&mut self) {
        self.stop();
    }
}
