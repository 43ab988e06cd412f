//! The system's poller, which is here, or lent to a thread that waits in it meanwhile.

use super::selector::Selector;
use super::signal::Signal;
use super::watcher::Watcher;
use mio::{Events, Poll};
use std::task::Waker;
use std::time::Duration;

pub(super) struct Poller {
    /// `None`: the watcher has it.
    selector: Option<Box<Selector>>,
    watcher: Option<Watcher>,
}

impl Poller {
    pub(super) fn new(poll: Poll) -> Self {
        Self {
            selector: Some(Box::new(Selector::new(poll))),
            watcher: None,
        }
    }

    /// Waits, at most for so long, with the poller here. What comes of it is nothing where a signal handler
    /// ends the wait.
    pub(super) fn wait(&mut self, timeout: Option<Duration>) -> Option<&Events> {
        let selector = self.selector.as_mut()?;
        selector.wait(timeout);
        Some(selector.events())
    }

    pub(super) fn is_lent(&self) -> bool {
        self.selector.is_none()
    }

    /// Has the watcher wait, which calls `waker` when there is something to take, or after so long.
    pub(super) fn lend(&mut self, timeout: Option<Duration>, waker: &Waker) {
        if let Some(selector) = self.selector.take() {
            let watcher = self.watcher.get_or_insert_with(Watcher::start);
            watcher.watch(selector, timeout, waker.clone());
        }
    }

    /// Takes the poller back. If it was lent, here are the events that came meanwhile.
    pub(super) fn reclaim(&mut self, signal: &Signal) -> Option<&Events> {
        if self.selector.is_some() {
            return None;
        }
        self.selector = self.watcher.as_ref()?.give_back(signal);
        self.selector.as_ref().map(|selector| selector.events())
    }
}
