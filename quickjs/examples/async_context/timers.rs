//! `setTimeout` and its like, on tokio's clock, and `queueMicrotask`.

use crate::uncaught;
use rquickjs::function::{Func, Opt, Rest};
use rquickjs::{Coerced, Ctx, Error, Function, JsLifetime, Result, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::select;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Functions of script's, which the runtime owns: as its userdata, and in the future that it polls. A function of Rust's
/// that had them would lead the collector nowhere.
#[derive(Clone, JsLifetime)]
struct Timers<'js> {
    state: Rc<State<'js>>,
}

#[derive(Default, JsLifetime)]
struct State<'js> {
    /// By time, and among equals in the order in which they were set.
    running: RefCell<Vec<Timer<'js>>>,
    count: Cell<u32>,
    /// There is a future that waits for them.
    is_waiting: Cell<bool>,
    /// The first is another one.
    changed: Notify,
}

#[derive(Clone, JsLifetime)]
struct Timer<'js> {
    id: u32,
    due: Instant,
    callback: Function<'js>,
    arguments: Vec<Value<'js>>,
    interval: Option<Duration>,
}

/// The functions' definition.
pub(crate) fn init(ctx: &Ctx<'_>) -> Result<()> {
    let timers = Timers {
        state: Rc::default(),
    };
    ctx.store_userdata(timers)
        .map_err(|error| Error::new_into_js_message("Timers", "userdata", error.to_string()))?;
    let globals = ctx.globals();
    globals.set("setTimeout", Func::from(set_timeout))?;
    globals.set("setInterval", Func::from(set_interval))?;
    globals.set("clearTimeout", Func::from(clear))?;
    globals.set("clearInterval", Func::from(clear))?;
    globals.set("queueMicrotask", Func::from(queue_microtask))
}

fn set_timeout<'js>(
    ctx: Ctx<'js>,
    callback: Function<'js>,
    delay: Opt<Coerced<f64>>,
    arguments: Rest<Value<'js>>,
) -> Result<u32> {
    set(ctx, callback, delay, arguments, false)
}

fn set_interval<'js>(
    ctx: Ctx<'js>,
    callback: Function<'js>,
    delay: Opt<Coerced<f64>>,
    arguments: Rest<Value<'js>>,
) -> Result<u32> {
    set(ctx, callback, delay, arguments, true)
}

fn set<'js>(
    ctx: Ctx<'js>,
    callback: Function<'js>,
    delay: Opt<Coerced<f64>>,
    arguments: Rest<Value<'js>>,
    repeats: bool,
) -> Result<u32> {
    let state = state(&ctx)?;
    // WebIDL `long`, as far as it has a meaning here.
    let delay = delay.0.map_or(0.0, |delay| delay.0);
    let delay = Duration::from_millis(delay.clamp(0.0, f64::from(i32::MAX)) as u64);
    let id = state.count.get() + 1;
    state.count.set(id);
    state.add(Timer {
        id,
        due: Instant::now() + delay,
        callback,
        arguments: arguments.0,
        interval: repeats.then_some(delay),
    });
    if !state.is_waiting.replace(true) {
        ctx.spawn(run(ctx.clone(), state));
    }
    Ok(id)
}

fn clear(ctx: Ctx<'_>, id: Opt<Coerced<f64>>) -> Result<()> {
    let state = state(&ctx)?;
    let id = id.0.map_or(0, |id| id.0 as u32);
    let mut running = state.running.borrow_mut();
    let place = running.iter().position(|timer| timer.id == id);
    let cleared = place.map(|place| running.remove(place));
    drop(running);
    // What goes with it may be the last of some object.
    drop(cleared);
    state.changed.notify_one();
    Ok(())
}

/// HTML `queueMicrotask`. What is thrown in the engine's own is lost where `Ctx` runs the jobs, as below.
fn queue_microtask<'js>(ctx: Ctx<'js>, callback: Function<'js>) -> Result<()> {
    let call = |ctx: Ctx<'js>, callback: Function<'js>| {
        uncaught::check(&ctx, callback.call::<_, Value<'js>>(()));
    };
    Function::new(ctx.clone(), call)?.defer((callback,))
}

fn state<'js>(ctx: &Ctx<'js>) -> Result<Rc<State<'js>>> {
    let timers = ctx.userdata::<Timers<'js>>().ok_or(Error::Unknown)?;
    Ok(timers.state.clone())
}

impl<'js> State<'js> {
    fn add(&self, timer: Timer<'js>) {
        let mut running = self.running.borrow_mut();
        let place = running.partition_point(|other| other.due <= timer.due);
        running.insert(place, timer);
        drop(running);
        self.changed.notify_one();
    }

    fn next(&self) -> Option<Instant> {
        self.running.borrow().first().map(|timer| timer.due)
    }

    fn take_due(&self) -> Option<Timer<'js>> {
        let mut running = self.running.borrow_mut();
        let is_due = running.first()?.due <= Instant::now();
        is_due.then(|| running.remove(0))
    }
}

/// Runs the timers as they are due, for as long as there are any. The runtime polls it: the context is entered.
async fn run<'js>(ctx: Ctx<'js>, state: Rc<State<'js>>) {
    while let Some(next) = state.next() {
        select! {
            () = sleep_until(next) => {}
            () = state.changed.notified() => continue,
        }
        // One at a time, so that messages and the others take turns.
        let Some(timer) = state.take_due() else {
            continue;
        };
        if let Some(interval) = timer.interval {
            state.add(Timer {
                due: Instant::now() + interval,
                ..timer.clone()
            });
        }
        let result = timer
            .callback
            .call::<_, Value<'js>>((Rest(timer.arguments),));
        uncaught::check(&ctx, result);
        // The microtask checkpoint.
        while ctx.execute_pending_job() {}
        uncaught::notify_about_rejected_promises(&ctx);
    }
    state.is_waiting.set(false);
}
