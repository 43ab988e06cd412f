//! Timers that are running, soonest first.

use crate::natives::Natives;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// When one is due, and its number among those of one instant, in the order in which they were started.
type Key = (Instant, u64);

#[derive(Default)]
pub(crate) struct Timers {
    running: BTreeMap<Key, String>,
    keys: HashMap<String, Key>,
    started: u64,
}

/// Answers what `page/timers.js` asks for.
pub(crate) fn define(natives: &Natives, timers: &Rc<RefCell<Timers>>) {
    let starting = timers.clone();
    natives.define("start timer", move |parameters| {
        let [id, delay] = parameters else { return None };
        let delay = Duration::from_millis(delay.parse().ok()?);
        starting.borrow_mut().start(id, delay);
        None
    });
    let canceling = timers.clone();
    natives.define("cancel timer", move |parameters| {
        canceling.borrow_mut().cancel(parameters.first()?);
        None
    });
}

impl Timers {
    pub(crate) fn start(&mut self, id: &str, delay: Duration) {
        self.started += 1;
        let key = (Instant::now() + delay, self.started);
        self.running.insert(key, id.to_owned());
        self.keys.insert(id.to_owned(), key);
    }

    pub(crate) fn cancel(&mut self, id: &str) {
        if let Some(key) = self.keys.remove(id) {
            self.running.remove(&key);
        }
    }

    /// Those that are due, which run no longer.
    pub(crate) fn take_due(&mut self) -> Vec<String> {
        let later = self.running.split_off(&(Instant::now(), u64::MAX));
        let due = std::mem::replace(&mut self.running, later).into_values();
        due.inspect(|id| {
            self.keys.remove(id);
        })
        .collect()
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.running.keys().next().map(|(due, _)| *due)
    }
}
