//! A realm with the library's objects and what scripts expect beside them, which `page` makes for all engines alike.

use crate::engine::Engine;
#[cfg(feature = "parser")]
use crate::linker::{Linker, transform_script};
use crate::natives::Natives;
use crate::page::{self, fetch};
use crate::script::{Script, Settings};
use crate::timers::{self, Timers};
use dom_websocket::{EventLoop, Turn};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

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

/// A realm, with its engine and its loop.
pub struct Realm {
    #[cfg(feature = "parser")]
    linker: Option<Rc<Linker>>,
    script: Rc<dyn Script>,
    event_loop: EventLoop,
    timers: Rc<RefCell<Timers>>,
    woken: Receiver<()>,
}

impl Realm {
    /// Opens one in an engine. `natives` has of the caller's: `print`, which takes a stream's name and a text, and
    /// `quit`, which takes a status. The streams are `out`, `err` and, for an exception that nobody has caught, `uncaught`.
    ///
    /// # Errors
    ///
    /// An origin that is none, or an engine that fails to start.
    pub fn open(
        engine: Engine,
        settings: &Settings,
        natives: &Natives,
    ) -> Result<Self, Box<dyn Error>> {
        let timers = Rc::<RefCell<Timers>>::default();
        timers::define(natives, &timers);
        page::define(natives, settings.address.to_string(), settings.origin());
        let (event_loop, script) = engine.open(settings, natives)?;
        let script: Rc<dyn Script> = script.into();
        let answering = Rc::downgrade(&script);
        let (queue, ca_file) = (event_loop.downgrade(), settings.ca_file.clone());
        fetch::define(natives, &event_loop, ca_file, move |function, answer| {
            let (Some(event_loop), Some(script)) = (queue.upgrade(), answering.upgrade()) else {
                return;
            };
            let (function, answer) = (function.to_owned(), answer.to_owned());
            event_loop.queue_task(move || script.call(&function, &answer));
        });
        let (wake, woken) = channel();
        event_loop.set_wake_up(move || {
            // Nobody waits any more: the realm is on its way out.
            let _ = wake.send(());
        });
        Ok(Self {
            #[cfg(feature = "parser")]
            linker: (settings.links_modules || script.modules().is_none())
                .then(|| Linker::install(&script, &event_loop, natives)),
            script,
            event_loop,
            timers,
            woken,
        })
    }

    /// The loop that the realm is on.
    pub fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// Adds to what the page brought.
    pub fn prepare(&self, name: &str, source: &str) -> bool {
        self.script.prepare(name, source)
    }

    /// Calls into script as one: microtasks run when all of it is over.
    pub fn run_script<T>(&self, script: impl FnOnce() -> T) -> T {
        let (mut script, mut result) = (Some(script), None);
        self.event_loop.run_script(|| {
            self.script.run_as_one(&mut || {
                result = script.take().map(|script| script());
            });
        });
        result.expect("a script's side runs what it is given")
    }

    /// Runs a script. False if it threw; that was reported.
    pub fn evaluate(&self, name: &str, source: &str) -> bool {
        self.run_script(|| self.evaluate_script(name, source, None))
    }

    /// Runs a script, and calls a function that was prepared with its value. False if it threw; that was reported.
    pub fn evaluate_for(&self, name: &str, source: &str, taker: &str) -> bool {
        self.run_script(|| self.evaluate_script(name, source, Some(taker)))
    }

    /// Runs a module and what it imports, and calls a function that was prepared with the promise of its end. `name`
    /// is the URL that it is from. False if it comes to none; why was reported.
    pub fn evaluate_module(&self, name: &str, source: &str, taker: &str) -> bool {
        self.run_script(|| {
            #[cfg(feature = "parser")]
            if let Some(linker) = &self.linker {
                return linker.evaluate(name, source, taker);
            }
            let modules = self.script.modules();
            // An engine that has none brings the feature `parser`.
            modules.is_some_and(|modules| modules.evaluate_module(name, source, taker))
        })
    }

    fn evaluate_script(&self, name: &str, source: &str, taker: Option<&str>) -> bool {
        #[cfg(feature = "parser")]
        if self.linker.is_some()
            && let Some(source) = transform_script(name, source)
        {
            return self.script.evaluate(name, &source, taker);
        }
        self.script.evaluate(name, source, taker)
    }

    /// Brings `WebSocketStream`, where a script has brought streams. False if it hasn't.
    pub fn install_streams(&self) -> bool {
        self.script.install_streams()
    }

    /// Calls a function that was prepared.
    pub fn call(&self, function: &str, argument: &str) {
        self.run_script(|| self.script.call(function, argument));
    }

    /// Runs tasks and timers until nothing is left, the caller says so or it is time.
    pub fn run_until(&self, deadline: Option<Instant>, is_done: impl Fn() -> bool) -> End {
        // Of the script that has run: a timer may be due by now.
        self.script.notify_about_rejected_promises();
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
