//! A realm that sockets were installed in, and the ways into it.

use crate::enter::{Enter, enter};
use crate::jobs::Jobs;
use crate::scope::{InRealm, Scope};
use boa_engine::{Context, JsObject, realm};
use dom_websocket::host::{self, Entry, Realm, ScriptError, Visit};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// A realm with sockets. Dropping it is like leaving a page: its connections end, and no event reaches
/// its script any more.
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
        registry: JsObject,
        engine_realm: realm::Realm,
        enter: Rc<Enter>,
        realm: Rc<Realm>,
        context: Option<Rc<RefCell<Context>>>,
    ) -> Self {
        let inner = Rc::new(Inner {
            registry,
            engine_realm,
            enter,
            realm,
            _context: context,
        });
        let entry: Rc<dyn Entry> = inner.clone();
        inner.realm.set_entry(Rc::downgrade(&entry));
        Self { inner }
    }

    /// Enters the realm to run script: the microtasks follow once the outermost such call is over.
    ///
    /// # Panics
    ///
    /// If the context is in use.
    pub fn run<T>(&self, script: impl FnOnce(&mut Context) -> T) -> T {
        let event_loop = self.inner.realm.event_loop();
        let result = event_loop.run_script(|| self.inner.with(script));
        result.expect("the context is not in use")
    }

    /// Has a function hear of the realm's exceptions, with what was thrown, in place of the loop's
    /// [`Host`](dom_websocket::Host): for a global object that fires `error` at itself (HTML "report an
    /// exception"). What the function itself throws goes to the `Host`.
    ///
    /// # Panics
    ///
    /// If the context is in use.
    pub fn set_reporter(&self, function: JsObject) {
        let registry = self.inner.registry.clone();
        let done = self.inner.with(|context| {
            host::set_reporter(&mut Scope::new(context, registry), function.into());
        });
        done.expect("the context is not in use");
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
    /// If the context is in use.
    pub fn install_streams(&self) -> Result<bool, ScriptError> {
        let registry = self.inner.registry.clone();
        let done = self.inner.with(|context| {
            let scope = &mut Scope::new(context, registry);
            host::install_streams(scope).map_err(|exception| ScriptError::new(scope, exception))
        });
        done.expect("the context is not in use")
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
    registry: JsObject,
    engine_realm: realm::Realm,
    enter: Rc<Enter>,
    realm: Rc<Realm>,
    /// The context, if the page is to keep it.
    _context: Option<Rc<RefCell<Context>>>,
}

impl Inner {
    /// Enters the context in the realm. `None` if it is in use, or gone.
    fn with<T>(&self, run: impl FnOnce(&mut Context) -> T) -> Option<T> {
        enter(&*self.enter, |context| {
            run(&mut InRealm::enter(context, self.engine_realm.clone()))
        })
    }
}

impl Entry for Inner {
    fn enter(&self, visit: Visit<'_>) -> bool {
        let visited = self.with(|context| {
            let registry = self.registry.clone();
            visit.run(&mut Scope::new(context, registry));
        });
        visited.is_some()
    }

    fn collect_garbage(&self) {
        if enter(&*self.enter, |_| ()).is_some() {
            boa_engine::gc::force_collect();
        }
    }

    /// Whether there were any is known of [`Jobs`] only.
    fn run_microtasks(&self) -> bool {
        let have_run = enter(&*self.enter, |context| {
            let jobs = context.downcast_job_executor::<Jobs>();
            let have_run = jobs.is_some_and(|jobs| jobs.has_microtasks());
            // What a job throws that is not one of `Jobs`.
            if let Err(error) = context.run_jobs() {
                host::report(&mut Scope::new(context, self.registry.clone()), error);
            }
            context.clear_kept_objects();
            have_run
        });
        have_run.unwrap_or(false)
    }
}
