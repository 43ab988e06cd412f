//! `WebSocket` for scripts of Boa, by the crate `boa_engine`.
//!
//! A task has to get at the context, so it is shared: `Rc<RefCell<Context>>`. [`Jobs`] is a job executor
//! whose timers and promise jobs belong to the event loop.
//!
//! ```
//! use boa_engine::{Context, Source};
//! use dom_websocket::{EventLoop, host};
//! use std::{cell::RefCell, rc::Rc};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let context = Context::builder()
//!     .job_executor(dom_websocket_boa::Jobs::new(&event_loop))
//!     .build()
//!     .map_err(|error| error.to_string())?;
//! let context = Rc::new(RefCell::new(context));
//! let page = dom_websocket_boa::install(&context, host::Options::new(&event_loop))?;
//! let closed = page.run(|context| {
//!     context.eval(Source::from_bytes(
//!         "const socket = new WebSocket('ws://127.0.0.1:1/');
//!          new Promise((resolve) => { socket.onclose = ({ code }) => resolve(code); });",
//!     ))
//! });
//! event_loop.run();
//! let closed = closed.ok().and_then(|value| value.as_promise()).map(|promise| promise.state());
//! assert_eq!(closed, Some(boa_engine::builtins::promise::PromiseState::Fulfilled(1006.into())));
//! # Ok(())
//! # }
//! ```

mod jobs;
mod scope;

pub use jobs::Jobs;

use boa_engine::{Context, JsError, JsObject};
use dom_websocket::host::{self, Entry, Options, Realm, ScriptError, Visit};
use dom_websocket::{EventLoop, Exception};
use scope::{Scope, describe};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

/// Puts `WebSocket` and what belongs to it on the global object of the context's current realm.
///
/// The interfaces are `WebSocket`, `CloseEvent`, `MessageEvent`, `ErrorEvent`, `Event`, `EventTarget`,
/// `DOMException`, `Blob`, `AbortController` and `AbortSignal`. Those that the realm has, but for
/// `WebSocket`, stay as they are, and ours inherit from them.
///
/// The context's jobs run with the loop's checkpoints from now on. Its executor should be [`Jobs`]: Boa's
/// own waits for timers inside `run_jobs`, and so inside a checkpoint.
///
/// The context must not be borrowed where the loop turns.
///
/// # Errors
///
/// A base URL or an origin that is none, a context that is borrowed, or what the engine throws.
pub fn install(context: &Rc<RefCell<Context>>, options: Options) -> Result<Page, Box<dyn Error>> {
    let realm = options.realm()?;
    let mut entered = context.try_borrow_mut()?;
    let registry = scope::new_registry(realm.clone());
    let mut scope = Scope::new(&mut entered, registry.clone());
    if let Err(exception) = scope
        .find_helpers()
        .and_then(|()| host::install(&mut scope))
    {
        return Err(ScriptError::new(&mut scope, exception).into());
    }
    if let Some(jobs) = entered.downcast_job_executor::<Jobs>() {
        jobs.set_context(context);
    }
    let inner = Rc::new(Inner {
        registry,
        engine_realm: entered.realm().clone(),
        context: context.clone(),
        realm: realm.clone(),
    });
    let entry: Rc<dyn Entry> = inner.clone();
    realm.set_entry(Rc::downgrade(&entry));
    Ok(Page { inner })
}

/// A realm with sockets. Dropping it is like leaving a page: its connections end, and no event reaches
/// its script any more. It keeps the context alive.
#[must_use = "dropping it ends the realm's connections"]
pub struct Page {
    inner: Rc<Inner>,
}

impl Page {
    /// Enters the realm to run script: the microtasks follow once the outermost such call is over.
    ///
    /// # Panics
    ///
    /// If the context is borrowed.
    pub fn run<T>(&self, script: impl FnOnce(&mut Context) -> T) -> T {
        let inner = &self.inner;
        inner.realm.event_loop().run_script(|| {
            let mut context = inner.context.borrow_mut();
            inner.in_realm(&mut context, script)
        })
    }

    /// Has a function hear of the realm's exceptions, with what was thrown, in place of the loop's
    /// [`Host`](dom_websocket::Host): for a global object that fires `error` at itself (HTML "report an
    /// exception"). What the function itself throws goes to the `Host`.
    ///
    /// # Panics
    ///
    /// If the context is borrowed.
    pub fn set_reporter(&self, function: JsObject) {
        let mut context = self.inner.context.borrow_mut();
        let mut scope = Scope::new(&mut context, self.inner.registry.clone());
        host::set_reporter(&mut scope, function.into());
    }

    /// The realm.
    pub fn realm(&self) -> &Realm {
        &self.inner.realm
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.inner.realm.unload();
    }
}

struct Inner {
    registry: JsObject,
    engine_realm: boa_engine::realm::Realm,
    context: Rc<RefCell<Context>>,
    realm: Rc<Realm>,
}

impl Inner {
    fn in_realm<T>(&self, context: &mut Context, run: impl FnOnce(&mut Context) -> T) -> T {
        let before = context.enter_realm(self.engine_realm.clone());
        let result = run(context);
        context.enter_realm(before);
        result
    }
}

impl Entry for Inner {
    fn enter(&self, visit: Visit<'_>) -> bool {
        let Ok(mut context) = self.context.try_borrow_mut() else {
            return false;
        };
        self.in_realm(&mut context, |context| {
            let registry = self.registry.clone();
            visit.run(&mut Scope::new(context, registry));
        });
        true
    }

    fn collect_garbage(&self) {
        if let Ok(context) = self.context.try_borrow_mut() {
            drop(context);
            boa_engine::gc::force_collect();
        }
    }

    fn run_microtasks(&self) -> bool {
        let Ok(mut context) = self.context.try_borrow_mut() else {
            return false;
        };
        let jobs = context.downcast_job_executor::<Jobs>();
        let have_run = jobs.is_some_and(|jobs| jobs.has_microtasks());
        if let Err(error) = context.run_jobs() {
            report(self.realm.event_loop(), &mut context, error);
        }
        context.clear_kept_objects();
        have_run
    }
}

fn report(event_loop: &EventLoop, context: &mut Context, error: JsError) {
    let (message, stack) = describe(context, error);
    let error = ScriptError::from_parts(message, stack);
    event_loop.report_exception(Exception::Error(Box::new(error)));
}
