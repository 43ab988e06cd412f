//! What a thread waits in.

use mio::{Events, Poll};
use std::time::Duration;

/// So many events are taken at once; the others come with the next wait.
const EVENTS: usize = 1024;

/// A poller of the system's, and the events of its last wait.
pub(super) struct Selector {
    poll: Poll,
    events: Events,
}

impl Selector {
    pub(super) fn new(poll: Poll) -> Self {
        let events = Events::with_capacity(EVENTS);
        Self { poll, events }
    }

    pub(super) fn wait(&mut self, timeout: Option<Duration>) {
        if self.poll.poll(&mut self.events, timeout).is_err() {
            // A signal handler has ended it.
            self.events.clear();
        }
    }

    pub(super) fn events(&self) -> &Events {
        &self.events
    }
}
