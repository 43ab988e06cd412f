//! A realm that sockets were installed in, and the ways into it.

use crate::context::Context;
use crate::ffi::*;
use crate::function::resume_panic;
use crate::lock::Lock;
use crate::object;
use crate::scope::{Registry, Scope, SharedHelpers};
use crate::value::{Persistent, Value};
use dom_websocket::host::{self, Entry, Realm, ScriptError, Visit};
use std::fmt;
use std::ptr::null_mut;
use std::rc::Rc;

/// How the host enters the engine.
pub(crate) type Enter = dyn Fn(&mut dyn FnMut());

/// A realm with sockets. Dropping it is like leaving a page: its connections end, and no event reaches
/// its script any more. It keeps the context alive.
#[must_use = "dropping it ends the realm's connections"]
pub struct Page {
    inner: Rc<Inner>,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").finish_non_exhaustive()
    }
}

impl Page {
    pub(crate) fn new(
        registry: (Registry, Persistent),
        shared: Rc<SharedHelpers>,
        enter: Box<Enter>,
        realm: Rc<Realm>,
        context: Context,
    ) -> Self {
        let (registry, kept) = registry;
        let inner = Rc::new(Inner {
            registry,
            _kept: kept,
            _shared: shared,
            enter,
            realm,
            context,
        });
        let entry: Rc<dyn Entry> = inner.clone();
        inner.realm.set_entry(Rc::downgrade(&entry));
        Self { inner }
    }

    /// Enters the realm to run script: the microtasks follow once the outermost such call is over. Several calls that are
    /// to be one have to be within one: [`EventLoop::run_script`](dom_websocket::EventLoop::run_script) around them does
    /// not keep the engine from running its microtasks in between.
    ///
    /// # Panics
    ///
    /// If the engine is in use: the host's way in says so, or it was entered, and then another one, by no call from script
    /// between them. So too if a closure of the host's has panicked within.
    pub fn run<T>(&self, script: impl for<'js> FnOnce(&mut Scope<'js>) -> T) -> T {
        // It may be that the page is dropped meanwhile.
        let inner = self.inner.clone();
        let event_loop = inner.realm.event_loop();
        let result = event_loop.run_script(|| inner.with(script));
        clear_stack();
        result.expect("the engine is not in use")
    }

    /// Has a function hear of the realm's exceptions, with what was thrown, in place of the loop's
    /// [`Host`](dom_websocket::Host): for a global object that fires `error` at itself (HTML "report an
    /// exception"). What the function itself throws goes to the `Host`.
    ///
    /// # Errors
    ///
    /// If the function is of another engine.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn set_reporter(&self, function: &Persistent) -> Result<(), ScriptError> {
        self.with(|scope| {
            let function = restore(scope, function)?;
            host::set_reporter(scope, function);
            Ok(())
        })
    }

    /// Has a function hear of rejections of promises that nobody has handled when the microtasks are done (HTML "notify
    /// about rejected promises"): it gets the promise and the reason. It is the context's only such function: one that
    /// the host has set before is replaced.
    ///
    /// # Errors
    ///
    /// If the value is no function, or of another engine.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn set_rejection_handler(&self, function: &Persistent) -> Result<(), ScriptError> {
        self.with(|scope| {
            let function = restore(scope, function)?;
            let mut exception = null_mut();
            let ctx = scope.ctx;
            // SAFETY: the context is alive, the function is of its group. The context keeps it.
            unsafe {
                JSGlobalContextSetUnhandledRejectionCallback(ctx, function.raw, &mut exception);
            }
            match exception.is_null() {
                true => Ok(()),
                false => Err(ScriptError::new(scope, scope.value(exception))),
            }
        })
    }

    /// Brings `WebSocketStream` and `WebSocketError`, if the global object has `ReadableStream` and `WritableStream` by
    /// now, such as a polyfill's: [`install`](crate::install) does so where it finds them. True if they are there.
    ///
    /// # Errors
    ///
    /// What the engine throws.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn install_streams(&self) -> Result<bool, ScriptError> {
        self.with(|scope| {
            host::install_streams(scope).map_err(|exception| ScriptError::new(scope, exception))
        })
    }

    /// Collects the engine's garbage, all there is but for what the stack seems to refer to.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn collect_garbage(&self) {
        clear_stack();
        // SAFETY: the context is alive. What goes with objects is dropped when the engine is left.
        self.with(|scope| unsafe { JSSynchronousGarbageCollectForDebugging(scope.ctx) });
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &Realm {
        &self.inner.realm
    }

    /// The context.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.inner.context
    }

    fn with<T>(&self, run: impl for<'js> FnOnce(&mut Scope<'js>) -> T) -> T {
        self.inner.with(run).expect("the engine is not in use")
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.inner.realm.unload();
    }
}

fn restore<'js>(scope: &Scope<'js>, function: &Persistent) -> Result<Value<'js>, ScriptError> {
    let of_another = || ScriptError::from_parts("a value of another engine".to_owned(), None);
    scope.restore(function).ok_or_else(of_another)
}

/// Overwrites what calls that are over have left on the stack, below whoever calls: the collector would take it for
/// references, be it in frames to come that leave it as it is.
#[inline(never)]
fn clear_stack() {
    std::hint::black_box(&mut [0_u8; 1 << 16]);
}

struct Inner {
    // The order matters: what the engine owns goes before the engine.
    registry: Registry,
    _kept: Persistent,
    _shared: Rc<SharedHelpers>,
    enter: Box<Enter>,
    realm: Rc<Realm>,
    context: Context,
}

impl Inner {
    /// Enters the realm. `None` if the engine is in use. Whoever calls keeps `self`.
    fn with<T>(&self, run: impl for<'js> FnOnce(&mut Scope<'js>) -> T) -> Option<T> {
        let (mut run, mut result) = (Some(run), None);
        (self.enter)(&mut || {
            if let (Some(_lock), Some(run)) = (Lock::of(self.context.raw()), run.take()) {
                // SAFETY: this keeps the context and the registry, and lives longer than the scope.
                let mut scope = unsafe { Scope::new(self.context.raw(), self.registry) };
                result = Some(run(&mut scope));
            }
        });
        object::bury();
        resume_panic();
        result
    }
}

impl Entry for Inner {
    fn enter(&self, visit: Visit<'_>) -> bool {
        self.with(|scope| visit.run(scope)).is_some()
    }

    /// The last lock that goes has them run. With script on the stack there is one more, and nothing happens.
    fn run_microtasks(&self) -> bool {
        self.with(|_| ());
        // What another engine's microtasks have queued here has run when they left.
        false
    }

    fn collect_garbage(&self) {
        clear_stack();
        // SAFETY: as in `Page::collect_garbage`.
        self.with(|scope| unsafe { JSSynchronousGarbageCollectForDebugging(scope.ctx) });
    }
}
