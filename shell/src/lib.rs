//! A realm with the library's objects and what scripts expect beside them: console, timers, URL and
//! the like, which `realm.js` makes for both engines alike.

#[cfg(feature = "boa")]
mod boa;
mod natives;
#[cfg(feature = "quickjs")]
mod quickjs;
mod timers;
mod user_agent;

pub(crate) use natives::Natives;
pub(crate) use user_agent::user_agent;

use dom_websocket::host::Options;
use dom_websocket::{Edition, EventLoop, Exception, Host, Turn, UserAgent};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;
use timers::Timers;
use url::Url;

/// The function of `realm.js` that makes the rest.
const PRELUDE: &str = include_str!("realm.js");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EngineName {
    Boa,
    QuickJs,
}

impl EngineName {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Boa => "boa",
            Self::QuickJs => "quickjs",
        }
    }
}

impl FromStr for EngineName {
    type Err = String;

    /// Those that the program was built with.
    fn from_str(name: &str) -> Result<Self, String> {
        let is_there = |is_there, engine| match is_there {
            true => Ok(engine),
            false => Err(format!(
                "this program was built without {name}: the feature `{name}` is needed"
            )),
        };
        match name {
            "boa" => is_there(cfg!(feature = "boa"), Self::Boa),
            "quickjs" => is_there(cfg!(feature = "quickjs"), Self::QuickJs),
            _ => Err(format!(
                "unknown engine {name:?}: there are boa and quickjs"
            )),
        }
    }
}

/// What a realm is like.
pub(crate) struct Settings {
    pub(crate) engine: EngineName,
    pub(crate) edition: Edition,
    /// The address that the script is from.
    pub(crate) address: Url,
    /// The origin, if it is not the address's.
    pub(crate) origin: Option<String>,
    pub(crate) user_agent: UserAgent,
}

impl Settings {
    fn apply(&self, options: Options) -> Options {
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
pub(crate) enum End {
    /// Nothing is left that could happen.
    Idle,
    /// The caller had enough.
    Done,
    /// It was time.
    Deadline,
}

/// A script's side of a realm: what each engine does in its own way.
trait Script {
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
struct Reporter(Natives);

impl Host for Reporter {
    fn report_exception(&self, exception: Exception) {
        self.0.print_error(&exception);
    }
}

pub(crate) struct Realm {
    script: Rc<dyn Script>,
    event_loop: EventLoop,
    timers: Rc<RefCell<Timers>>,
    woken: Receiver<()>,
}

impl Realm {
    /// `natives` has `print` (a stream's name and a text) and `quit` (a status) of the caller's.
    pub(crate) fn open(settings: &Settings, natives: &Natives) -> Result<Self, Box<dyn Error>> {
        let timers = Rc::<RefCell<Timers>>::default();
        natives.define_timers(&timers);
        natives.define_urls(settings.address.clone());
        let (event_loop, script): (EventLoop, Box<dyn Script>) = match settings.engine {
            #[cfg(feature = "boa")]
            EngineName::Boa => boa::open(settings, natives.clone())?,
            #[cfg(feature = "quickjs")]
            EngineName::QuickJs => quickjs::open(settings, natives.clone())?,
            #[allow(unreachable_patterns)]
            other => return Err(format!("{} is not built in", other.as_str()).into()),
        };
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
    pub(crate) fn prepare(&self, name: &str, source: &str) -> bool {
        self.script.prepare(name, source)
    }

    /// Calls into script as one: microtasks run when all of it is over.
    pub(crate) fn run_script<T>(&self, script: impl FnOnce() -> T) -> T {
        self.event_loop.run_script(script)
    }

    /// Runs a script. False if it threw; that was reported.
    pub(crate) fn evaluate(&self, name: &str, source: &str) -> bool {
        self.run_script(|| self.script.evaluate(name, source))
    }

    /// Calls a function that was prepared.
    pub(crate) fn call(&self, function: &str, argument: &str) {
        self.run_script(|| self.script.call(function, argument));
    }

    /// Runs tasks and timers until nothing is left, the caller says so or it is time.
    pub(crate) fn run_until(&self, deadline: Option<Instant>, is_done: impl Fn() -> bool) -> End {
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
