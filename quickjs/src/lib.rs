//! `WebSocket`, as [`dom_websocket`] has it, for scripts of QuickJS, by the crate `rquickjs`.
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
//! page.run(|ctx| {
//!     ctx.globals().set("address", format!("ws://{}", server.local_addr()))?;
//!     ctx.eval::<(), _>(
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
//! let heard: String = page.run(|ctx| ctx.globals().get("heard"))?;
//! assert_eq!(heard, "hello");
//! # Ok(())
//! # }
//! ```
//!
//! [`install_in`] is for contexts that are entered in another way, such as an `AsyncContext`.
//!
//! # Features
//!
//! `async-std`, the default, `smol`, `native` and `tokio` are the runtimes of [`dom_websocket`], as there. rquickjs must be
//! without its feature `parallel`: a loop is a thread's own.

/// The README's example is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// Each file imports only from those above it here: helpers, object, scope, bytes, function, engine,
// registries, jobs, page.
mod bytes;
mod engine;
mod function;
mod helpers;
mod jobs;
mod object;
mod page;
mod registries;
mod scope;

use dom_websocket::host::{self, Options, ScriptError};
pub use page::Page;
use rquickjs::{Context, Ctx};
use scope::Scope;
use std::cell::Cell;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Puts `WebSocket` and what belongs to it on the global object of a context.
///
/// The interfaces are `WebSocket`, `CloseEvent`, `MessageEvent`, `ErrorEvent`, `Event`, `EventTarget`,
/// `DOMException`, `Blob`, `AbortController` and `AbortSignal`. Those that the realm has, but for
/// `WebSocket`, stay as they are, and ours inherit from them. Where the realm has `ReadableStream` and `WritableStream`,
/// there are `WebSocketStream` and `WebSocketError`, too; [`Page::install_streams`] brings them where a script has to bring
/// streams first.
///
/// The context needs the intrinsics that [`Context::full`] has. Microtasks of the context's runtime run
/// with the loop's checkpoints from now on. The context must not be entered where the loop turns.
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
///
/// # Panics
///
/// If the context's runtime is in use: [`install_in`] is for whoever is inside already.
pub fn install(context: &Context, options: Options) -> Result<Page, Box<dyn Error>> {
    let entered = context.clone();
    context.with(|ctx| install_in(&ctx, options, move |visit| enter(&entered, visit)))
}

/// [Installs](install) in a context that the host enters in a way of its own.
///
/// `enter` is that way, for the loop's tasks and for [`Page::run`]: it calls what it is given, once, with
/// the context, and returns when that has; or doesn't call it, if the context is in use. It has to keep
/// the context alive: the page has an object of its runtime, and QuickJS aborts the process if a runtime goes
/// before its objects.
///
/// With rquickjs's feature `futures`, an `AsyncContext` is entered between the polls of its futures. The
/// host drives these beside the loop:
///
/// ```
/// use dom_websocket::{EventLoop, host};
/// use futures::future::{FutureExt, select};
/// use rquickjs::{AsyncContext, AsyncRuntime};
/// use std::pin::pin;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// event_loop.block_on(async {
///     let runtime = AsyncRuntime::new()?;
///     let context = AsyncContext::full(&runtime).await?;
///     let entered = context.clone();
///     let enter = move |visit: &mut dyn FnMut(rquickjs::Ctx<'_>)| {
///         // Its lock is free, or the context is in use.
///         let _ = entered.with(&mut *visit).now_or_never();
///     };
///     let options = host::Options::new(&event_loop);
///     let page = context.with(|ctx| dom_websocket_quickjs::install_in(&ctx, options, enter)).await?;
///     page.run(|ctx| ctx.eval::<(), _>("new WebSocket('ws://127.0.0.1:1/').onclose = (e) => { globalThis.code = e.code }"))?;
///     select(pin!(event_loop.until_idle()), pin!(runtime.drive())).await;
///     assert_eq!(page.run(|ctx| ctx.globals().get::<_, u16>("code"))?, 1006);
///     Ok(())
/// })
/// # }
/// ```
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
pub fn install_in(
    ctx: &Ctx<'_>,
    options: Options,
    enter: impl Fn(&mut dyn FnMut(Ctx<'_>)) + 'static,
) -> Result<Page, Box<dyn Error>> {
    let realm = options.realm()?;
    let registry = scope::new_registry(ctx, realm.clone())?;
    let mut scope = Scope::of(&registry);
    let installed = scope
        .find_helpers()
        .and_then(|()| host::install(&mut scope));
    if let Err(exception) = installed {
        return Err(ScriptError::new(&mut scope, exception).into());
    }
    Ok(Page::new(registry, Box::new(enter), realm))
}

/// Enters a context, unless its runtime is in use. It can't be asked: it panics.
fn enter(context: &Context, visit: &mut dyn FnMut(Ctx<'_>)) {
    let entered = Cell::new(false);
    let result = catch_unwind(AssertUnwindSafe(|| {
        context.with(|ctx| {
            entered.set(true);
            visit(ctx);
        });
    }));
    match result {
        Err(panic) if entered.get() => resume_unwind(panic),
        _ => {}
    }
}
