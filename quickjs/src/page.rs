//! A realm that sockets were installed in, and the ways into it.

use crate::jobs;
use crate::object::HostObject;
use crate::registries::{self, Registry};
use crate::scope::Scope;
use dom_websocket::host::{self, Entry, Realm, ScriptError, Visit};
use rquickjs::{Class, Ctx, Function, Persistent};
use std::fmt;
use std::rc::Rc;

/// How the host enters the context.
pub(crate) type Enter = dyn Fn(&mut dyn FnMut(Ctx<'_>));

/// A realm with sockets. Dropping it is like leaving a page: its connections end, and no event reaches
/// its script any more. It keeps the context and its runtime alive.
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
    pub(crate) fn new<'js>(
        registry: Class<'js, HostObject<'js>>,
        enter: Box<Enter>,
        realm: Rc<Realm>,
    ) -> Self {
        let ctx = registry.ctx().clone();
        let registry = Rc::new(Persistent::save(&ctx, registry));
        registries::add(&ctx, &registry);
        let inner = Rc::new(Inner {
            registry,
            enter,
            realm,
        });
        let entry: Rc<dyn Entry> = inner.clone();
        inner.realm.set_entry(Rc::downgrade(&entry));
        Self { inner }
    }

    /// Enters the context to run script: the microtasks follow once the outermost such call is over.
    ///
    /// # Panics
    ///
    /// If the context's runtime is in use.
    pub fn run<T>(&self, script: impl FnOnce(Ctx<'_>) -> T) -> T {
        let result = self
            .inner
            .realm
            .event_loop()
            .run_script(|| self.inner.with(script));
        result.expect("the context's runtime is not in use")
    }

    /// Has a function hear of the realm's exceptions, with what was thrown, in place of the loop's
    /// [`Host`](dom_websocket::Host): for a global object that fires `error` at itself (HTML "report an
    /// exception"). What the function itself throws goes to the `Host`.
    ///
    /// # Errors
    ///
    /// If the function is of another runtime.
    pub fn set_reporter(&self, function: &Function<'_>) -> rquickjs::Result<()> {
        let registry = Registry::clone(&self.inner.registry).restore(function.ctx())?;
        let function = function.clone().into_value();
        host::set_reporter(&mut Scope::of(&registry), function);
        Ok(())
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
    /// If the context's runtime is in use.
    pub fn install_streams(&self) -> Result<bool, ScriptError> {
        let done = self.inner.with_scope(|scope| {
            host::install_streams(scope).map_err(|exception| ScriptError::new(scope, exception))
        });
        done.expect("the context's runtime is not in use")
    }

    /// The realm.
    #[must_use]
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
    // The order matters: what the engine owns goes before the engine, which `enter` keeps.
    registry: Rc<Registry>,
    enter: Box<Enter>,
    realm: Rc<Realm>,
}

impl Inner {
    /// Enters the context. `None` if it is in use.
    fn with<T>(&self, run: impl FnOnce(Ctx<'_>) -> T) -> Option<T> {
        let (mut run, mut result) = (Some(run), None);
        (self.enter)(&mut |ctx| {
            if let Some(run) = run.take() {
                result = Some(run(ctx));
            }
        });
        result
    }

    fn with_scope<T>(&self, run: impl FnOnce(&mut Scope<'_, '_>) -> T) -> Option<T> {
        self.with(|ctx| self.scope(&ctx, run))?
    }

    fn scope<T>(&self, ctx: &Ctx<'_>, run: impl FnOnce(&mut Scope<'_, '_>) -> T) -> Option<T> {
        let registry = Registry::clone(&self.registry).restore(ctx).ok()?;
        Some(run(&mut Scope::of(&registry)))
    }
}

impl Entry for Inner {
    fn enter(&self, visit: Visit<'_>) -> bool {
        self.with_scope(|scope| visit.run(scope)).is_some()
    }

    /// Of objects in cycles: those that nothing leads to are gone already.
    fn collect_garbage(&self) {
        self.with(|ctx| ctx.run_gc());
    }

    fn run_microtasks(&self) -> bool {
        let have_run = self.with(|ctx| match jobs::are_pending(&ctx) {
            true => self.scope(&ctx, jobs::run_pending),
            false => Some(false),
        });
        have_run.flatten().unwrap_or(false)
    }
}
