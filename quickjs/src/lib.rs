//! `WebSocket` for scripts of QuickJS, by the crate `rquickjs`.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, host};
//! use rquickjs::{Context, Runtime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onmessage(|event| event.target().send(event.data()));
//! });
//!
//! let context = Context::full(&Runtime::new()?)?;
//! let page = dom_websocket_quickjs::install(&context, host::Options::new(&event_loop))?;
//! page.run(|cx| {
//!     cx.globals().set("address", format!("ws://{}", server.local_addr()))?;
//!     cx.eval::<(), _>(
//!         "const socket = new WebSocket(address);
//!          socket.onopen = () => socket.send('hello');
//!          socket.onmessage = ({ data }) => { globalThis.heard = data; socket.close(); };",
//!     )
//! })?;
//! # let server = std::rc::Rc::new(server);
//! # let closing = server.clone();
//! # server.set_onconnection(move |socket, _| {
//! #     socket.set_onmessage(|event| event.target().send(event.data()));
//! #     let closing = closing.clone();
//! #     socket.set_onclose(move |_| closing.close());
//! # });
//! event_loop.run();
//! let heard: String = page.run(|cx| cx.globals().get("heard"))?;
//! assert_eq!(heard, "hello");
//! # Ok(())
//! # }
//! ```

mod helpers;
mod object;
mod scope;

use dom_websocket::host::{self, Entry, Options, Realm, ScriptError, Visit};
use object::HostObject;
use rquickjs::{Class, Context, Ctx, Function, Persistent};
use scope::Scope;
use std::cell::Cell;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// Puts `WebSocket` and what belongs to it on the global object of a context.
///
/// The interfaces are `WebSocket`, `CloseEvent`, `MessageEvent`, `ErrorEvent`, `Event`, `EventTarget`,
/// `DOMException`, `Blob`, `AbortController` and `AbortSignal`. Those that the realm has, but for
/// `WebSocket`, stay as they are, and ours inherit from them.
///
/// The context needs the intrinsics that [`Context::full`] has. Microtasks of the context's runtime run
/// with the loop's checkpoints from now on.
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
pub fn install(context: &Context, options: Options) -> Result<Page, Box<dyn Error>> {
    let realm = options.realm()?;
    let registry = context.with(|ctx| {
        let mut scope = Scope::new(ctx, realm.clone())?;
        match host::install(&mut scope) {
            Ok(()) => Ok(Persistent::save(&scope.ctx, scope.registry.clone())),
            Err(exception) => Err(ScriptError::new(&mut scope, exception)),
        }
    })?;
    let inner = Rc::new(Inner {
        registry,
        context: context.clone(),
        realm: realm.clone(),
    });
    let entry: Rc<dyn Entry> = inner.clone();
    realm.set_entry(Rc::downgrade(&entry));
    Ok(Page { inner })
}

/// A realm with sockets. Dropping it is like leaving a page: its connections end, and no event reaches
/// its script any more. It keeps the context and its runtime alive.
#[must_use = "dropping it ends the realm's connections"]
pub struct Page {
    inner: Rc<Inner>,
}

impl Page {
    /// Enters the context to run script: the microtasks follow once the outermost such call is over.
    ///
    /// As [`Context::with`], it must not be called where the context's runtime is entered already.
    pub fn run<T>(&self, script: impl FnOnce(Ctx<'_>) -> T) -> T {
        let Inner { realm, context, .. } = &*self.inner;
        realm.event_loop().run_script(|| context.with(script))
    }

    /// Has a function hear of the realm's exceptions, with what was thrown, in place of the loop's
    /// [`Host`](dom_websocket::Host): for a global object that fires `error` at itself (HTML "report an
    /// exception"). What the function itself throws goes to the `Host`.
    ///
    /// # Errors
    ///
    /// If the function is of another runtime.
    pub fn set_reporter(&self, function: &Function<'_>) -> rquickjs::Result<()> {
        let ctx = function.ctx().clone();
        let registry = self.inner.registry.clone().restore(&ctx)?;
        let mut scope = Scope { ctx, registry };
        host::set_reporter(&mut scope, function.clone().into_value());
        Ok(())
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
    // The order matters: what the engine owns goes before the engine.
    registry: Persistent<Class<'static, HostObject<'static>>>,
    context: Context,
    realm: Rc<Realm>,
}

impl Inner {
    /// Enters the context, unless its runtime is in use.
    fn with(&self, visit: impl FnOnce(Ctx<'_>)) -> bool {
        let entered = Cell::new(false);
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.context.with(|ctx| {
                entered.set(true);
                visit(ctx);
            });
        }));
        match result {
            Err(panic) if entered.get() => resume_unwind(panic),
            _ => entered.get(),
        }
    }
}

impl Entry for Inner {
    fn enter(&self, visit: Visit<'_>) -> bool {
        self.with(|ctx| {
            if let Ok(registry) = self.registry.clone().restore(&ctx) {
                visit.run(&mut Scope { ctx, registry });
            }
        })
    }

    /// Of objects in cycles: those that nothing leads to are gone already.
    fn collect_garbage(&self) {
        self.with(|ctx| ctx.run_gc());
    }

    fn run_microtasks(&self) {
        // Asking is no use where the runtime is in use: that is how it is found out.
        if !self.with(|_| {}) {
            return;
        }
        loop {
            match self.context.runtime().execute_pending_job() {
                Ok(true) => {}
                Ok(false) => return,
                Err(exception) => {
                    exception.0.with(|ctx| {
                        let exception = ctx.catch();
                        if let Ok(registry) = self.registry.clone().restore(&ctx) {
                            host::report(&mut Scope { ctx, registry }, exception);
                        }
                    });
                }
            }
        }
    }
}
