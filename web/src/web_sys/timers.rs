//! Timers (HTML section 8.6).

use crate::event_loop::{callback, try_event_loop};
use crate::js_sys::Function;
use crate::wasm_bindgen::JsValue;
use futures::future::{AbortHandle, abortable};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

thread_local! {
    static TIMERS: RefCell<Timers> = RefCell::default();
    static NEXT: Cell<i32> = const { Cell::new(1) };
    /// How many have been started.
    static STARTED: Cell<u64> = const { Cell::new(0) };
    /// HTML "timer nesting level", of the task that runs.
    static NESTING: Cell<u32> = const { Cell::new(0) };
}

/// Timers that are set by timers, deeper than so many levels, wait for so long at least.
const DEEP: u32 = 5;
const DEEP_DELAY: Duration = Duration::from_millis(4);

#[derive(Default)]
struct Timers {
    /// Those that have not been cleared, nor fired for the last time.
    set: HashMap<i32, Timer>,
    /// Those whose time has not come, in the order in which it comes. Of one time, those that were started first are first (HTML "run
    /// steps after a timeout"): an interval starts anew with the number that it has.
    waiting: BTreeSet<(Instant, u64, i32)>,
}

#[derive(Clone)]
struct Timer {
    action: Action,
    time: Instant,
    start: u64,
    sleep: AbortHandle,
}

#[derive(Clone)]
struct Action {
    function: Function,
    arguments: Vec<JsValue>,
    delay: Duration,
    repeats: bool,
    nesting: u32,
}

impl Timers {
    fn insert(&mut self, id: i32, timer: Timer) -> Option<Timer> {
        self.waiting.insert((timer.time, timer.start, id));
        self.set.insert(id, timer)
    }

    fn remove(&mut self, id: i32) -> Option<Timer> {
        let timer = self.set.remove(&id)?;
        self.waiting.remove(&(timer.time, timer.start, id));
        Some(timer)
    }

    /// The first of those whose time has come.
    fn pop_due(&mut self, now: Instant) -> Option<i32> {
        let (time, ..) = *self.waiting.first()?;
        let due = (time <= now).then(|| self.waiting.pop_first()).flatten();
        due.map(|(.., id)| id)
    }

    /// What the task of a timer does.
    fn fire(&mut self, id: i32) -> Option<Action> {
        let timer = self.set.get(&id)?;
        match timer.action.repeats {
            true => Some(timer.action.clone()),
            false => self.remove(id).map(|timer| timer.action),
        }
    }
}

/// Nothing, where the thread is about to end.
fn with_timers<T>(f: impl FnOnce(&mut Timers) -> T) -> Option<T> {
    TIMERS.try_with(|timers| f(&mut timers.borrow_mut())).ok()
}

/// Calls back after so many milliseconds, or at such intervals, and yields what [clears](clear_timer) it.
pub(crate) fn set_timer(
    function: Function,
    delay: i32,
    repeats: bool,
    arguments: Vec<JsValue>,
) -> i32 {
    set(Action {
        function,
        arguments,
        delay: Duration::from_millis(delay.max(0).unsigned_abs().into()),
        repeats,
        nesting: NESTING.get(),
    })
}

/// Calls back after so many milliseconds, which timers that are deep make no longer.
pub(crate) fn run_after(milliseconds: u32, function: Function) {
    set(Action {
        function,
        arguments: Vec::new(),
        delay: Duration::from_millis(milliseconds.into()),
        repeats: false,
        nesting: 0,
    });
}

fn set(action: Action) -> i32 {
    let id = NEXT.with(|next| next.replace(next.get().wrapping_add(1).max(1)));
    start(id, action);
    id
}

/// HTML "timer initialization steps", from the nesting level on.
fn start(id: i32, mut action: Action) {
    let Some(event_loop) = try_event_loop() else {
        return;
    };
    let delay = match action.nesting > DEEP {
        true => action.delay.max(DEEP_DELAY),
        false => action.delay,
    };
    action.nesting = action.nesting.saturating_add(1);
    let time = Instant::now() + delay;
    let weak_loop = event_loop.downgrade();
    let (future, sleep) = abortable(async move {
        let Some(event_loop) = weak_loop.upgrade() else {
            return;
        };
        let sleep = event_loop.sleep(time.saturating_duration_since(Instant::now()));
        drop(event_loop);
        sleep.await;
        if let Some(event_loop) = weak_loop.upgrade() {
            // Whichever sleep ends first: those that are to fire before this one do.
            let now = time.max(Instant::now());
            while let Some(id) = with_timers(|timers| timers.pop_due(now)).flatten() {
                event_loop.queue_task(move || fire(id));
            }
        }
    });
    let timer = Timer {
        action,
        time,
        start: STARTED.replace(STARTED.get() + 1),
        sleep,
    };
    let before = with_timers(|timers| timers.insert(id, timer));
    drop(before);
    event_loop.spawn(async move {
        // It was cleared, or has ended.
        let _ = future.await;
    });
}

fn fire(id: i32) {
    let Some(action) = with_timers(|timers| timers.fire(id)).flatten() else {
        return;
    };
    let nesting = NESTING.replace(action.nesting);
    callback(|| action.function.invoke(&action.arguments));
    NESTING.set(nesting);
    let is_set = with_timers(|timers| timers.set.contains_key(&id));
    if action.repeats && is_set == Some(true) {
        start(id, action);
    }
}

/// Clears a timer, if there is one of this number.
pub(crate) fn clear_timer(id: i32) {
    if let Some(timer) = with_timers(|timers| timers.remove(id)).flatten() {
        timer.sleep.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm_bindgen::JsCast;

    fn timer(time: Instant, start: u64) -> Timer {
        let action = Action {
            function: JsValue::UNDEFINED.unchecked_into(),
            arguments: Vec::new(),
            delay: Duration::ZERO,
            repeats: false,
            nesting: 0,
        };
        Timer {
            action,
            time,
            start,
            sleep: AbortHandle::new_pair().0,
        }
    }

    #[test]
    fn those_of_one_time_fire_as_they_were_started() {
        let now = Instant::now();
        let later = now + Duration::from_millis(1);
        let mut timers = Timers::default();
        // The first is an interval, started anew.
        for (id, time, start) in [(1, now, 4), (2, later, 1), (3, now, 2), (4, now, 3)] {
            timers.insert(id, timer(time, start));
        }
        timers.remove(4);
        let due: Vec<_> = std::iter::from_fn(|| timers.pop_due(now)).collect();
        assert_eq!(due, [3, 1]);
        assert_eq!(timers.pop_due(later), Some(2));
    }
}
