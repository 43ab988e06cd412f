//! A realm with the library's objects and what scripts expect beside them: console, timers, URL and
//! the like, which `realm.js` makes for all engines alike.

use crate::engine::Engine;
use crate::natives::Natives;
use crate::timers::Timers;
use dom_websocket::host::Options;
use dom_websocket::{Edition, EventLoop, Exception, Host, Turn, UserAgent};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;
use url::Url;

/// The function of `realm.js` that makes the rest.
pub(crate) const PRELUDE: &str = include_str!("realm.js");

/// What a realm is like.
pub struct Settings {
    /// The engine.
    pub engine: Engine,
    /// The text that its objects follow.
    pub edition: Edition,
    /// The address that the script is from.
    pub address: Url,
    /// The origin, if it is not the address's.
    pub origin: Option<String>,
    /// What its sockets share.
    pub user_agent: UserAgent,
}

impl Settings {
    pub(crate) fn apply(&self, options: Options) -> Options {
        let options = options
            .user_agent(&self.user_agent)
            .edition(self.edition)
            .base_url(self.address.as_str());
        match &self.origin {
            Some(origin) => options.origin(origin),
            None => options,
        }
    }
}

/// Why [`Realm::run_until`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is left that could happen.
    Idle,
    /// The caller had enough.
    Done,
    /// It was time.
    Deadline,
}

/// A script's side of a realm: what each engine does in its own way.
pub(crate) trait Script {
    /// Calls the function that a source is with the natives' function, and keeps the functions
    /// that it returns. False if it threw.
    fn prepare(&self, name: &str, source: &str) -> bool;

    /// Runs a script. False if it threw; that was reported.
    fn evaluate(&self, name: &str, source: &str) -> bool;

    /// Calls a function that [`prepare`](Self::prepare) kept.
    fn call(&self, function: &str, argument: &str);

    /// HTML "notify about rejected promises": calls `rejected` for each that nobody has handled.
    fn notify_about_rejected_promises(&self);
}

/// Hears of what `realm.js` can't be told: panics, and exceptions that no script may see.
pub(crate) struct Reporter(pub(crate) Natives);

impl Host for Reporter {
    fn report_exception(&self, exception: Exception) {
        self.0.print_error(&exception);
    }
}

/// A realm, with its engine and its loop.
pub struct Realm {
    script: Rc<dyn Script>,
    event_loop: EventLoop,
    timers: Rc<RefCell<Timers>>,
    woken: Receiver<()>,
}

impl Realm {
    /// Opens one. `natives` has `print` (a stream's name and a text) and `quit` (a status) of the caller's.
    ///
    /// # Errors
    ///
    /// An origin that is none, or an engine that fails to start.
    pub fn open(settings: &Settings, natives: &Natives) -> Result<Self, Box<dyn Error>> {
        let timers = Rc::<RefCell<Timers>>::default();
        natives.define_timers(&timers);
        natives.define_urls(settings.address.clone());
        let (event_loop, script) = settings.engine.open(settings, natives)?;
        let (wake, woken) = channel();
        event_loop.set_wake_up(move || {
            // Nobody waits any more: the realm is on its way out.
            let _ = wake.send(());
        });
        Ok(Self {
            script: script.into(),
            event_loop,
            timers,
            woken,
        })
    }

    /// Adds to what `realm.js` brought.
    pub fn prepare(&self, name: &str, source: &str) -> bool {
        self.script.prepare(name, source)
    }

    /// Calls into script as one: microtasks run when all of it is over.
    pub fn run_script<T>(&self, script: impl FnOnce() -> T) -> T {
        self.event_loop.run_script(script)
    }

    /// Runs a script. False if it threw; that was reported.
    pub fn evaluate(&self, name: &str, source: &str) -> bool {
        self.run_script(|| self.script.evaluate(name, source))
    }

    /// Calls a function that was prepared.
    pub fn call(&self, function: &str, argument: &str) {
        self.run_script(|| self.script.call(function, argument));
    }

    /// Runs tasks and timers until nothing is left, the caller says so or it is time.
    pub fn run_until(&self, deadline: Option<Instant>, is_done: impl Fn() -> bool) -> End {
        loop {
            let due = self.timers.borrow_mut().take_due();
            for id in due {
                let script = self.script.clone();
                self.event_loop.queue_task(move || script.call("fire", &id));
            }
            let turn = self.event_loop.turn();
            self.script.notify_about_rejected_promises();
            if is_done() {
                return End::Done;
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return End::Deadline;
            }
            let timer = self.timers.borrow().next();
            if turn == Turn::More {
                continue;
            }
            if turn == Turn::Idle && timer.is_none() {
                return End::Idle;
            }
            self.wait(timer.into_iter().chain(deadline).min());
        }
    }

    /// Until the loop is woken, or it is that time.
    fn wait(&self, until: Option<Instant>) {
        match until {
            None => {
                let _ = self.woken.recv();
            }
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let _ = self.woken.recv_timeout(left);
            }
        }
        // One turn answers all the calls so far.
        while self.woken.try_recv().is_ok() {}
    }
}
