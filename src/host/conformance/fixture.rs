//! One test body for each script engine.

// Each test program uses a part of it.
#![allow(dead_code)]

use dom_websocket::{EventLoop, Exception, Host, Server, Turn, host};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What script has in these tests beside the library's own.
pub(crate) const PRELUDE: &str = r"
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
";

/// A script engine with sockets in a realm.
pub(crate) trait Engine: Sized + 'static {
    /// Runs script first, which leaves the realm with interfaces of its own, and installs.
    fn install_after(script: &str, options: host::Options) -> Self;
    /// Installs once more in the same realm; what is returned is the second page.
    fn install_again(&self, options: host::Options) -> Box<dyn std::any::Any>;
    /// Runs script in the realm; the result as a string, or what was thrown behind "uncaught ".
    fn eval(&self, script: &str) -> String;
    fn collect_garbage(&self);
}

#[cfg(feature = "quickjs")]
pub(crate) struct QuickJs {
    // Before the runtime, which asserts that nothing of it is left.
    pub(crate) page: host::quickjs::Page,
    pub(crate) context: rquickjs::Context,
}

#[cfg(feature = "quickjs")]
impl Engine for QuickJs {
    fn install_after(script: &str, options: host::Options) -> Self {
        let runtime = rquickjs::Runtime::new().unwrap();
        let context = rquickjs::Context::full(&runtime).unwrap();
        context.with(|cx| cx.eval::<(), _>(script)).unwrap();
        let page = host::quickjs::install(&context, options).unwrap();
        let engine = Self { page, context };
        engine.eval(PRELUDE);
        engine
    }

    fn install_again(&self, options: host::Options) -> Box<dyn std::any::Any> {
        Box::new(host::quickjs::install(&self.context, options).unwrap())
    }

    fn eval(&self, script: &str) -> String {
        self.page.run(|cx| {
            let value = cx.eval::<rquickjs::Value<'_>, _>(script);
            match value.and_then(|value| value.get::<rquickjs::Coerced<String>>()) {
                Ok(text) => text.0,
                Err(_) => {
                    let thrown = cx.catch();
                    let text = thrown.get::<rquickjs::Coerced<String>>();
                    let stack = thrown.as_exception().and_then(|e| e.stack());
                    format!(
                        "uncaught {} {}",
                        text.map_or_else(|_| "?".into(), |text| text.0),
                        stack.unwrap_or_default()
                    )
                }
            }
        })
    }

    fn collect_garbage(&self) {
        self.context.runtime().run_gc();
    }
}

#[cfg(feature = "boa")]
pub(crate) struct Boa {
    pub(crate) page: host::boa::Page,
    pub(crate) context: Rc<RefCell<boa_engine::Context>>,
}

#[cfg(feature = "boa")]
impl Engine for Boa {
    fn install_after(script: &str, options: host::Options) -> Self {
        let jobs = host::boa::Jobs::new(options.event_loop());
        let context = boa_engine::Context::builder().job_executor(jobs).build();
        let mut context = context.unwrap();
        context
            .eval(boa_engine::Source::from_bytes(script))
            .unwrap();
        let context = Rc::new(RefCell::new(context));
        let page = host::boa::install(&context, options).unwrap();
        let engine = Self { page, context };
        engine.eval(PRELUDE);
        engine
    }

    fn install_again(&self, options: host::Options) -> Box<dyn std::any::Any> {
        Box::new(host::boa::install(&self.context, options).unwrap())
    }

    fn eval(&self, script: &str) -> String {
        self.page.run(|context| {
            let value = context.eval(boa_engine::Source::from_bytes(script));
            match value.and_then(|value| value.to_string(context)) {
                Ok(text) => text.to_std_string_lossy(),
                Err(error) => format!("uncaught {error}"),
            }
        })
    }

    fn collect_garbage(&self) {
        boa_engine::gc::force_collect();
    }
}

/// A loop that remembers the exceptions that were reported, and an engine on it.
pub(crate) struct Fixture<E> {
    pub(crate) engine: E,
    pub(crate) event_loop: EventLoop,
    pub(crate) reported: Rc<RefCell<Vec<String>>>,
    pub(crate) server: Rc<RefCell<Option<Server>>>,
}

struct Recorder(Rc<RefCell<Vec<String>>>);

impl Host for Recorder {
    fn report_exception(&self, exception: Exception) {
        let text = match &exception {
            Exception::Error(error) => match error.downcast_ref::<host::ScriptError>() {
                Some(error) => error.message().to_owned(),
                None => format!("not script's: {error}"),
            },
            panic => format!("a panic: {panic}"),
        };
        self.0.borrow_mut().push(text);
    }
}

impl<E: Engine> Fixture<E> {
    pub(crate) fn new() -> Self {
        Self::with(|options| options)
    }

    pub(crate) fn with(options: impl FnOnce(host::Options) -> host::Options) -> Self {
        Self::after("", options)
    }

    /// In a realm in which script has run already.
    pub(crate) fn after(
        script: &str,
        options: impl FnOnce(host::Options) -> host::Options,
    ) -> Self {
        let reported = Rc::<RefCell<Vec<String>>>::default();
        let event_loop = EventLoop::with_host(Recorder(reported.clone()));
        let engine = E::install_after(script, options(host::Options::new(&event_loop)));
        Self {
            engine,
            event_loop,
            reported,
            server: Rc::default(),
        }
    }

    /// Runs script, which must not throw.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> String {
        let result = self.engine.eval(script);
        assert!(!result.starts_with("uncaught "), "{result}");
        result
    }

    /// Drives the loop until it is idle.
    #[track_caller]
    pub(crate) fn settle(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            match self.event_loop.turn() {
                Turn::Idle => return,
                Turn::More => {}
                Turn::Waiting => std::thread::sleep(Duration::from_micros(200)),
            }
            assert!(
                Instant::now() < end,
                "the loop does not become idle: {} {:?}",
                self.log(),
                self.reported.borrow()
            );
        }
    }

    /// Script's own checks have found nothing.
    #[track_caller]
    pub(crate) fn check(&self) {
        assert_eq!(self.run("failures.join('\\n')"), "");
    }

    /// Runs script, drives the loop, and looks at what script's checks have found.
    #[track_caller]
    pub(crate) fn test(&self, script: &str) {
        self.run(script);
        self.settle();
        self.check();
    }

    /// What script has logged.
    #[track_caller]
    pub(crate) fn log(&self) -> String {
        self.run("log.splice(0).join(' ')")
    }

    /// A server that sends back what it gets, and closes when the last client has gone. Script knows its
    /// address as `address`.
    pub(crate) fn serve_echo(&self) {
        self.serve(|socket| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
    }

    /// A server whose connections are set up by `accept`.
    pub(crate) fn serve(&self, accept: impl Fn(&dom_websocket::WebSocket) + 'static) {
        let server = Server::listen(&self.event_loop, "127.0.0.1:0").unwrap();
        self.run(&format!(
            "globalThis.address = 'ws://{}/'",
            server.local_addr()
        ));
        let (slot, open) = (self.server.clone(), Rc::new(std::cell::Cell::new(0_usize)));
        server.set_onrequest(|request| match request.protocols().next() {
            Some(protocol) => dom_websocket::Answer::accept_with(protocol.to_string()),
            None => dom_websocket::Answer::accept(),
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

/// Makes a test for each engine of functions that take a fixture's engine as their type parameter.
#[macro_export]
macro_rules! for_both_engines {
    ($($name:ident,)*) => {
        #[cfg(feature = "quickjs")]
        mod quickjs {
            $(
                #[test]
                fn $name() {
                    super::$name::<super::script::QuickJs>();
                }
            )*
        }

        #[cfg(feature = "boa")]
        mod boa {
            $(
                #[test]
                fn $name() {
                    super::$name::<super::script::Boa>();
                }
            )*
        }
    };
}
