//! Timers (HTML section 8.6).

use crate::event_loop::{callback, try_event_loop};
use crate::js_sys::{Array, Function};
use futures::future::{AbortHandle, abortable};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

thread_local! {
    static TIMERS: RefCell<HashMap<i32, AbortHandle>> = RefCell::default();
    static NEXT: Cell<i32> = const { Cell::new(1) };
}

/// Calls back after so many milliseconds, or at such intervals, and yields what [clears](clear_timer) it.
pub(crate) fn set_timer(function: Function, delay: f64, repeats: bool, arguments: Array) -> i32 {
    let id = NEXT.with(|next| next.replace(next.get().wrapping_add(1).max(1)));
    // HTML: what is no positive number of milliseconds, in 31 bits, is none.
    let delay = Duration::from_millis(delay.clamp(0.0, f64::from(i32::MAX)) as u64);
    // A timer that repeats leaves others their turn.
    let delay = if repeats {
        delay.max(Duration::from_millis(1))
    } else {
        delay
    };
    let Some(event_loop) = try_event_loop() else {
        return id;
    };
    let weak_loop = event_loop.downgrade();
    let (future, handle) = abortable(async move {
        loop {
            let Some(event_loop) = weak_loop.upgrade() else {
                return;
            };
            let sleep = event_loop.sleep(delay);
            drop(event_loop);
            sleep.await;
            let Some(event_loop) = weak_loop.upgrade() else {
                return;
            };
            let (function, arguments) = (function.clone(), arguments.to_vec());
            event_loop.queue_task(move || {
                if !is_set(id) {
                    return;
                }
                if !repeats {
                    clear_timer(Some(id.into()));
                }
                callback(|| function.invoke(&arguments));
            });
            drop(event_loop);
            if !repeats {
                return;
            }
        }
    });
    TIMERS.with_borrow_mut(|timers| timers.insert(id, handle));
    event_loop.spawn(async move {
        // It was cleared, or has ended.
        let _ = future.await;
    });
    id
}

fn is_set(id: i32) -> bool {
    TIMERS.with_borrow(|timers| timers.contains_key(&id))
}

/// Clears a timer, if there is one of this number.
pub(crate) fn clear_timer(id: Option<f64>) {
    let Some(id) = id else { return };
    let timer = TIMERS.try_with(|timers| timers.borrow_mut().remove(&(id as i32)));
    if let Some(timer) = timer.ok().flatten() {
        timer.abort();
    }
}
