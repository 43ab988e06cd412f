//! The timers of one loop.

use super::reactor::Reactor;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// When it is over, and a number, as several can be over at once.
type Key = (Instant, u64);

/// Who is to be woken when, the next one first.
#[derive(Default)]
pub(super) struct Timers {
    entries: RefCell<BTreeMap<Key, Waker>>,
    numbers: Cell<u64>,
}

impl Timers {
    pub(super) fn next(&self) -> Option<Instant> {
        let entries = self.entries.borrow();
        let ((deadline, _), _) = entries.first_key_value()?;
        Some(*deadline)
    }

    /// Takes out those that are over.
    pub(super) fn expire(&self, into: &mut Vec<Waker>) {
        let mut entries = self.entries.borrow_mut();
        if entries.is_empty() {
            return;
        }
        let now = Instant::now();
        while let Some(entry) = entries.first_entry().filter(|entry| entry.key().0 <= now) {
            into.push(entry.remove());
        }
    }

    fn set(&self, key: Key, waker: &Waker) {
        let before = self.entries.borrow_mut().insert(key, waker.clone());
        drop(before);
    }

    fn cancel(&self, key: Key) {
        let waker = self.entries.borrow_mut().remove(&key);
        drop(waker);
    }

    fn number(&self) -> u64 {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        number
    }
}

/// Ends at an instant.
pub(super) struct Sleep {
    reactor: Rc<Reactor>,
    key: Key,
}

impl Sleep {
    pub(super) fn new(reactor: Rc<Reactor>, deadline: Instant) -> Self {
        let number = reactor.timers().number();
        Self {
            reactor,
            key: (deadline, number),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.key.0 <= Instant::now() {
            return Poll::Ready(());
        }
        self.reactor.timers().set(self.key, cx.waker());
        self.reactor.timer_was_set(self.key.0);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.reactor.timers().cancel(self.key);
    }
}
