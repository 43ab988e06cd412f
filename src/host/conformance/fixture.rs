//! What a case stands on.

use super::Subject;
use crate::host::{Options, ScriptError};
use crate::{Answer, EventLoop, Exception, Host, Limits, Server, Turn, WebSocket};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What script has in the cases beside the library's own.
const PRELUDE: &str = r"
    globalThis.failures = [];
    globalThis.log = [];
    globalThis.same = (actual, expected, what = '') => {
        if (!Object.is(actual, expected)) {
            failures.push(`${what}: ${String(actual)} instead of ${String(expected)}`);
        }
    };
    globalThis.codes = (text) => text.split('').map((unit) => unit.charCodeAt(0).toString(16)).join(' ');
    globalThis.throws = (name, call, what = String(call)) => {
        try { call(); } catch (e) {
            if (typeof name === 'string') same(e?.name, name, what); else same(e, name, what);
            return e;
        }
        failures.push(`${what}: nothing was thrown`);
    };
    undefined";

/// How long a case may take to what it waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the garbage of a collector that looks at the stack may take.
const IMPATIENCE: Duration = Duration::from_secs(1);

/// A loop that remembers the exceptions that were reported, an adapter under test on it, and a server if
/// there has to be one.
///
/// Script finds what it checks with: `same(actual, expected)`, which adds to `failures` where they
/// differ; `throws(name, call)`, which returns what was thrown; `codes(text)`, its code units; and the
/// array `log`. All of it in two tests:
///
/// ```
/// use dom_websocket::Edition;
/// use dom_websocket::host::conformance::{Fixture, Subject};
/// use std::{cell::Cell, rc::Rc};
///
/// /// A test of an adapter's own, whatever the engine.
/// fn a_socket_opens_and_closes<S: Subject>() {
///     let fixture = Fixture::<S>::with(|options| options.edition(Edition::Living));
///     fixture.serve_echo();
///     fixture.test(
///         "const socket = new WebSocket(address);
///          socket.onopen = ({ type }) => { log.push(type); socket.close(4000); };
///          socket.onclose = ({ type, code }) => { log.push(type); same(code, 4000); };",
///     );
///     assert_eq!(fixture.log(), "open close");
///     assert!(fixture.reported.borrow().is_empty());
/// }
///
/// /// Where script changes the realm before the adapter comes, and garbage matters.
/// fn a_socket_that_is_garbage_goes<S: Subject>() {
///     let fixture = Fixture::<S>::after("globalThis.Event = 5;", |options| options);
///     let is_gone = Rc::new(Cell::new(false));
///     let sets = is_gone.clone();
///     fixture.serve(move |socket| {
///         let sets = sets.clone();
///         socket.set_onclose(move |_| sets.set(true));
///     });
///     fixture.run("new WebSocket(address).onopen = () => {}");
///     fixture.until(|| is_gone.get());
///     fixture.settle();
///     fixture.check();
/// }
/// ```
pub struct Fixture<S> {
    /// The adapter.
    pub subject: S,
    /// Its loop.
    pub event_loop: EventLoop,
    /// The messages of the exceptions that the loop's host has heard of.
    pub reported: Rc<RefCell<Vec<String>>>,
    /// What [`serve`](Self::serve) has opened, as long as it is open.
    pub(super) server: Rc<RefCell<Option<Server>>>,
}

/// Without the adapter, which need not show itself.
impl<S> fmt::Debug for Fixture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixture")
            .field("event_loop", &self.event_loop)
            .field("reported", &self.reported)
            .finish_non_exhaustive()
    }
}

struct Recorder(Rc<RefCell<Vec<String>>>);

impl Host for Recorder {
    fn report_exception(&self, exception: Exception) {
        let text = match &exception {
            Exception::Error(error) => match error.downcast_ref::<ScriptError>() {
                Some(error) => error.message().to_owned(),
                None => format!("not script's: {error}"),
            },
            panic => format!("a panic: {panic}"),
        };
        self.0.borrow_mut().push(text);
    }
}

impl<S: Subject> Default for Fixture<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Subject> Fixture<S> {
    /// With the options as they are by default.
    #[must_use]
    pub fn new() -> Self {
        Self::with(|options| options)
    }

    /// With options of the case's own.
    pub fn with(options: impl FnOnce(Options) -> Options) -> Self {
        Self::after("", options)
    }

    /// In a realm in which script has run already.
    pub fn after(script: &str, options: impl FnOnce(Options) -> Options) -> Self {
        let reported = Rc::<RefCell<Vec<String>>>::default();
        let event_loop = EventLoop::with_host(Recorder(reported.clone()));
        let subject = S::open(script, options(Options::new(&event_loop)));
        prepare(&subject);
        Self {
            subject,
            event_loop,
            reported,
            server: Rc::default(),
        }
    }

    /// A second realm of the engine, on the same loop, if the engine has more than one.
    pub(super) fn beside(&self) -> Option<S> {
        self.subject.open_beside(Options::new(&self.event_loop))
    }

    /// Another engine on the same loop.
    pub(super) fn apart(&self) -> S {
        let subject = S::open("", Options::new(&self.event_loop));
        prepare(&subject);
        subject
    }

    /// Runs a script, and returns its value as a string.
    ///
    /// # Panics
    ///
    /// If it throws.
    #[track_caller]
    pub fn run(&self, script: &str) -> String {
        match self.subject.evaluate(script) {
            Ok(value) => value,
            Err(exception) => panic!("uncaught {exception}"),
        }
    }

    /// Drives the loop until it is idle.
    ///
    /// # Panics
    ///
    /// If that takes too long.
    #[track_caller]
    pub fn settle(&self) {
        let end = Instant::now() + PATIENCE;
        let mut next = Instant::now() + IMPATIENCE;
        loop {
            match self.event_loop.turn() {
                Turn::Idle => return,
                Turn::More => {}
                Turn::Waiting => std::thread::sleep(Duration::from_micros(200)),
            }
            // Turn after turn finds the same on the stack, to a collector that looks there.
            if S::SPARED > 0 && Instant::now() > next {
                self.run("undefined");
                next += IMPATIENCE;
            }
            assert!(
                Instant::now() < end,
                "the loop does not become idle: {} {:?}",
                self.log(),
                self.reported.borrow()
            );
        }
    }

    /// Drives the loop, and collects garbage now and then, until something holds.
    ///
    /// # Panics
    ///
    /// If that takes too long.
    #[track_caller]
    pub fn until(&self, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "it never held");
            while self.event_loop.turn() == Turn::More {}
            self.subject.collect_garbage();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Looks whether script's own checks have found anything.
    ///
    /// # Panics
    ///
    /// If they have.
    #[track_caller]
    pub fn check(&self) {
        assert_eq!(self.run("failures.join('\\n')"), "");
    }

    /// [Runs](Self::run) a script, [settles](Self::settle) and [checks](Self::check).
    ///
    /// # Panics
    ///
    /// As these.
    #[track_caller]
    pub fn test(&self, script: &str) {
        self.run(script);
        self.settle();
        self.check();
    }

    /// What script has logged since it was last asked for, with spaces between.
    #[track_caller]
    pub fn log(&self) -> String {
        self.run("log.splice(0).join(' ')")
    }

    /// Whether an object is there after garbage was collected. `name` is a `WeakRef` of script's.
    #[track_caller]
    pub(super) fn is_alive(&self, name: &str) -> bool {
        // On the stack may lie what looks like a reference, to a collector that looks there.
        let attempts = if S::SPARED == 0 { 1 } else { 20 };
        (0..attempts).all(|_| {
            self.run("(function down(n) { return n && down(n - 1) + 1; })(50)");
            self.subject.collect_garbage();
            self.run(&format!("{name}.deref() !== undefined")) == "true"
        })
    }

    /// Asserts that garbage collection leaves no more objects than it may. `name` is an array of
    /// `WeakRef`s.
    #[track_caller]
    pub(super) fn assert_collected(&self, name: &str) {
        self.subject.collect_garbage();
        let left = self.run(&format!("{name}.filter((weak) => weak.deref()).length"));
        let left: usize = left.parse().expect("a length is a number");
        assert!(left <= S::SPARED, "{left} objects are left");
    }

    /// Opens a server that sends back what it gets, as [`serve`](Self::serve) does.
    pub fn serve_echo(&self) {
        self.serve(|socket| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
    }

    /// Opens a server, whose connections are set up by `accept`, and which closes when the last client
    /// has gone. Script knows its URL as `address`.
    ///
    /// # Panics
    ///
    /// If there is no port to be had.
    pub fn serve(&self, accept: impl Fn(&WebSocket) + 'static) {
        // It takes messages as large as a client does.
        let server = Server::builder(&self.event_loop)
            .limits(Limits::default())
            .listen("127.0.0.1:0")
            .expect("a port is free");
        self.run(&format!(
            "globalThis.address = 'ws://{}/'",
            server.local_addr()
        ));
        let (slot, open) = (self.server.clone(), Rc::new(Cell::new(0_usize)));
        server.set_onrequest(|request| match request.protocols().next() {
            Some(protocol) => Answer::accept_with(protocol.to_string()),
            None => Answer::accept(),
        });
        server.set_onconnection(move |socket, _| {
            accept(&socket);
            open.set(open.get() + 1);
            let (slot, open) = (slot.clone(), open.clone());
            socket.add_event_listener("close", move |_| {
                open.set(open.get() - 1);
                if open.get() == 0 {
                    if let Some(server) = slot.borrow_mut().take() {
                        server.close();
                    }
                }
            });
        });
        *self.server.borrow_mut() = Some(server);
    }
}

fn prepare<S: Subject>(subject: &S) {
    let prepared = subject.evaluate(PRELUDE);
    assert_eq!(prepared.as_deref(), Ok("undefined"));
}
