//! Timers that are running, soonest first.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

#[derive(Default)]
pub(crate) struct Timers {
    /// By when they are due; those of one instant in the order in which they were started.
    running: BTreeMap<(Instant, u64), String>,
    started: u64,
}

impl Timers {
    pub(crate) fn start(&mut self, id: &str, delay: Duration) {
        self.started += 1;
        let key = (Instant::now() + delay, self.started);
        self.running.insert(key, id.to_owned());
    }

    pub(crate) fn cancel(&mut self, id: &str) {
        self.running.retain(|_, running| running != id);
    }

    /// Those that are due, which run no longer.
    pub(crate) fn take_due(&mut self) -> Vec<String> {
        let later = self.running.split_off(&(Instant::now(), u64::MAX));
        std::mem::replace(&mut self.running, later)
            .into_values()
            .collect()
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.running.keys().next().map(|(due, _)| *due)
    }
}
