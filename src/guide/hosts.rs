//! Hosts: `WebSocket` for the scripts of an engine.
//!
//! # With an adapter
//!
//! | engine, and how the host has it | what adds `WebSocket` | lines | web-platform-tests |
//! |---|---|---|---|
//! | QuickJS, `rquickjs::Context` | `install(&context, options)?` of `dom-websocket-quickjs` | 1 | 1501 of 1503 |
//! | QuickJS, `AsyncContext` on tokio, as LLRT is built | `install_in` with a closure, and a wait for both: the example `async_context`, with timers and as a module | 20 | as above |
//! | Boa, `Rc<RefCell<Context>>` | `Jobs::new(&event_loop)` as its job executor, `install(&context, options)?` of `dom-websocket-boa` | 2 | 1501 of 1503 |
//! | Boa with boa_runtime, the context a plain value | a `RuntimeExtension` and a `Loan`: the example `extension`, with a job executor of its own, `fetch`, timers | 20 | as above |
//! | JavaScriptCore, a `Context` of the host's own | `install(&context, options)?` of `dom-websocket-jsc` | 1 | as above |
//! | another one | a crate with [`host::Engine`](crate::host::Engine), which runs the library's own tests | 1,000 to 2,000 | its own |
//!
//! The last column has the subtests of July 2025 that need no document, over `ws:`, `wss:` and HTTP/2.
//!
//! The examples are `cargo run -p dom-websocket-quickjs --example async_context -- FILE` and
//! `cargo run -p dom-websocket-boa --example extension -- FILE`.
//!
//! QuickJS:
//!
//! ```ignore
//! let event_loop = EventLoop::new();
//! let context = rquickjs::Context::full(&rquickjs::Runtime::new()?)?;
//! let options = host::Options::new(&event_loop).base_url("http://example.com/");
//! let page = dom_websocket_quickjs::install(&context, options)?;
//! page.run(|ctx| ctx.eval::<(), _>("new WebSocket('ws://example.com/chat').onopen = () => { globalThis.is_open = true; }"))?;
//! event_loop.run();
//! ```
//!
//! Boa, whose promise jobs and timers then belong to the loop too:
//!
//! ```ignore
//! let context = boa_engine::Context::builder().job_executor(dom_websocket_boa::Jobs::new(&event_loop)).build()?;
//! let context = Rc::new(RefCell::new(context));
//! let page = dom_websocket_boa::install(&context, host::Options::new(&event_loop).edition(Edition::Html5))?;
//! page.run(|context| context.eval(Source::from_bytes("new WebSocket('ws://example.com/').URL")))?;
//! ```
//!
//! JavaScriptCore, WebKit's engine, over the library's C API:
//!
//! ```ignore
//! let context = dom_websocket_jsc::Context::new(); // or `from_raw`, with a context of your own
//! let page = dom_websocket_jsc::install(&context, host::Options::new(&event_loop))?;
//! page.run(|scope| scope.evaluate("script.js", "new WebSocket('ws://example.com/chat')").is_ok());
//! ```
//!
//! These are of other crates, whose own documentation has whole programs, as tests. A program depends on the adapter, on this crate, and on
//! the engine in the adapter's version of it: `cargo add --path ../dom-websocket/quickjs`, `cargo add rquickjs@0.14`; or `…/boa` and
//! `boa_engine@0.22`; or `…/jsc` alone. A runtime other than the default is a feature of the adapter's, and of this crate's.
//!
//! * The page is the realm's. Keep it: dropping it closes its sockets, as leaving a page does.
//! * `install_in` is for a context that is entered in a way of yours: an `AsyncContext`, a `Context` among other things of a struct, or
//!   one that is lent to the loop for a turn.
//! * Where the realm has `ReadableStream` and `WritableStream`, its own or a polyfill's, script has `WebSocketStream` as well
//!   (`page.install_streams()`, once the polyfill has run).
//! * What script throws at a call of yours is the engine's error, which may not show a DOMException's message: the adapters' own pages
//!   have programs that do.
//! * Script is not told why a connection failed: give the options a [user agent](crate::host::Options::user_agent) that
//!   [does](super::errors).
//!
//! `spec-notes/embedding.md` has the rules, and the way to add an engine: a crate of one file, which runs the library's own tests on itself
//! (feature `conformance`). `cargo run --example own_engine` is the smallest such engine. The program `js` of the package `dom-websocket-shell` is a complete host, in all three engines.
//!
//! # Without one
//!
//! For an engine that is wired by hand, or callbacks of another kind, [`EventLoop::with_host`](crate::EventLoop::with_host) takes a
//! [`Host`](crate::Host). It runs microtasks after each callback that returns to an empty script stack (between two listeners of one event
//! too) and after each task, and hears of each exception. Wrap calls into script of your own in
//! [`run_script`](crate::EventLoop::run_script), so that no checkpoint comes too early. Strings go in by
//! [`send_utf16`](crate::WebSocket::send_utf16), which sees unpaired surrogates.
//!
//! ```
//! use dom_websocket::{EventLoop, Exception, Host};
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! /// An engine: what it keeps is a list of what happened.
//! struct Engine(Rc<RefCell<Vec<String>>>);
//!
//! impl Host for Engine {
//!     fn perform_microtask_checkpoint(&self) {
//!         self.0.borrow_mut().push("microtasks".into());
//!     }
//!
//!     fn report_exception(&self, exception: Exception) {
//!         self.0.borrow_mut().push(exception.to_string());
//!     }
//! }
//!
//! let happened = Rc::new(RefCell::new(Vec::new()));
//! let event_loop = EventLoop::with_host(Engine(happened.clone()));
//! let script = happened.clone();
//! let running = event_loop.clone();
//! event_loop.run_script(move || {
//!     script.borrow_mut().push("script".into());
//!     // Inside of it there is no checkpoint.
//!     running.run_script(|| script.borrow_mut().push("more of it".into()));
//! });
//! assert_eq!(*happened.borrow(), ["script", "more of it", "microtasks"]);
//! ```
//!
//! # From C
//!
//! `capi/` is `libdomws` with `domws.h`, for C and whatever can call it. Its loop has a descriptor for poll(2), GLib or libuv; it has all of the object,
//! the user agent and the server.
//!
//! Next: [the user agent](super::user_agent).
