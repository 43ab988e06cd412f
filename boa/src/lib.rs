//! `WebSocket`, as [`dom_websocket`] has it, for scripts of Boa, by the crate `boa_engine`.
//!
//! A task has to get at the context, so it is shared, `Rc<RefCell<Context>>`, or [entered](install_in) as
//! its host says. [`Jobs`] is a job executor whose timers and promise jobs belong to the event loop.
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
//!
//! # Features
//!
//! `async-std`, the default, `smol`, `native` and `tokio` are the runtimes of [`dom_websocket`], as there.

#![forbid(unsafe_code)]

/// The README's example is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// Each file imports only from those above it here: enter, loan, in_realm, object, registry, scope, jobs, page.
mod enter;
mod in_realm;
mod jobs;
mod loan;
mod object;
mod page;
mod registry;
mod scope;

use boa_engine::Context;
use dom_websocket::host::{self, Options, ScriptError};
use enter::Enter;
pub use jobs::Jobs;
pub use loan::Loan;
pub use page::Page;
use scope::Scope;
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

/// Puts `WebSocket` and what belongs to it on the global object of the context's current realm.
///
/// The interfaces are `WebSocket`, `CloseEvent`, `MessageEvent`, `ErrorEvent`, `Event`, `EventTarget`,
/// `DOMException`, `Blob`, `AbortController` and `AbortSignal`. Those that the realm has, but for
/// `WebSocket`, stay as they are, and ours inherit from them. Where the realm has `ReadableStream` and `WritableStream`,
/// there are `WebSocketStream` and `WebSocketError`, too; [`Page::install_streams`] brings them where a script has to bring
/// streams first.
///
/// The context's jobs run with the loop's checkpoints from now on. Its executor should be [`Jobs`]: Boa's
/// own waits for timers inside `run_jobs`, and so inside a checkpoint.
///
/// The page keeps the context alive, which must not be borrowed where the loop turns.
///
/// # Errors
///
/// A base URL or an origin that is none, a context that is borrowed, or what the engine throws.
pub fn install(context: &Rc<RefCell<Context>>, options: Options) -> Result<Page, Box<dyn Error>> {
    // The context's executor has the way in: it must not keep the context.
    let entered = Rc::downgrade(context);
    let enter = move |visit: &mut dyn FnMut(&mut Context)| {
        if let Some(context) = entered.upgrade()
            && let Ok(mut context) = context.try_borrow_mut()
        {
            visit(&mut context);
        }
    };
    let kept = Some(context.clone());
    open(
        &mut *context.try_borrow_mut()?,
        options,
        Rc::new(enter),
        kept,
    )
}

/// [Installs](install) in a context that the host keeps, and enters in a way of its own.
///
/// `enter` is that way, for the loop's tasks and for [`Page::run`]: it calls what it is given, once, with
/// the context, and returns when that has; or doesn't call it, if the context is in use, or gone. It must
/// not keep the context alive where that has [`Jobs`], which keep `enter`. A context that is no struct's that can be shared is
/// entered by a [`Loan`].
///
/// ```
/// use boa_engine::{Context, Source};
/// use dom_websocket::{EventLoop, host};
/// use std::{cell::RefCell, rc::Rc};
///
/// struct App {
///     context: Context,
///     // …
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let context = Context::builder()
///     .job_executor(dom_websocket_boa::Jobs::new(&event_loop))
///     .build()
///     .map_err(|error| error.to_string())?;
/// let app = Rc::new(RefCell::new(App { context }));
/// let entered = Rc::downgrade(&app);
/// let enter = move |visit: &mut dyn FnMut(&mut Context)| {
///     if let Some(app) = entered.upgrade()
///         && let Ok(mut app) = app.try_borrow_mut()
///     {
///         visit(&mut app.context);
///     }
/// };
/// let options = host::Options::new(&event_loop);
/// let page = dom_websocket_boa::install_in(&mut app.borrow_mut().context, options, enter)?;
/// page.run(|context| {
///     context.eval(Source::from_bytes(
///         "new WebSocket('ws://127.0.0.1:1/').onclose = ({ code }) => { globalThis.code = code; }",
///     ))
/// })
/// .map_err(|error| error.to_string())?;
/// event_loop.run();
/// let code = page.run(|context| context.eval(Source::from_bytes("code")));
/// assert_eq!(code.map_err(|error| error.to_string())?, 1006.into());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
pub fn install_in(
    context: &mut Context,
    options: Options,
    enter: impl Fn(&mut dyn FnMut(&mut Context)) + 'static,
) -> Result<Page, Box<dyn Error>> {
    open(context, options, Rc::new(enter), None)
}

/// Opens a page, which keeps the context alive, if it is given it.
fn open(
    context: &mut Context,
    options: Options,
    enter: Rc<Enter>,
    kept: Option<Rc<RefCell<Context>>>,
) -> Result<Page, Box<dyn Error>> {
    let realm = options.realm()?;
    let registry = registry::new_registry(realm.clone());
    let mut scope = Scope::new(context, registry.clone());
    if let Err(exception) = scope
        .find_helpers()
        .and_then(|()| host::install(&mut scope))
    {
        return Err(ScriptError::new(&mut scope, exception).into());
    }
    if let Some(jobs) = context.downcast_job_executor::<Jobs>() {
        jobs.set_way_in(enter.clone());
    }
    let engine_realm = context.realm().clone();
    registry::set_registry(&engine_realm, registry.clone());
    Ok(Page::new(registry, engine_realm, enter, realm, kept))
}
