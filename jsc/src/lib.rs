//! `WebSocket`, as [`dom_websocket`] has it, for scripts of JavaScriptCore, by its C API.
//!
//! ```
//! use dom_websocket::host::{Engine, Key};
//! use dom_websocket::{EventLoop, Server, host};
//! use dom_websocket_jsc::Context;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! # let server = std::rc::Rc::new(server);
//! # let closing = server.clone();
//! server.set_onconnection(move |socket, _| {
//!     socket.set_onmessage(|event| event.target().send(event.data()));
//! #     let closing = closing.clone();
//! #     socket.set_onclose(move |_| closing.close());
//! });
//!
//! let context = Context::new();
//! let page = dom_websocket_jsc::install(&context, host::Options::new(&event_loop))?;
//! page.run(|scope| {
//!     let script = format!(
//!         "const socket = new WebSocket('ws://{}/');
//!          socket.onopen = () => socket.send('hello');
//!          socket.onmessage = ({{ data }}) => {{ globalThis.heard = data; socket.close(); }};",
//!         server.local_addr(),
//!     );
//!     let ran = scope.evaluate("script.js", &script).map(drop);
//!     ran.map_err(|exception| host::ScriptError::new(scope, exception))
//! })?;
//! event_loop.run();
//! let heard = page.run(|scope| {
//!     let global = scope.global();
//!     let heard = scope.get(&global, Key::Name("heard"));
//!     heard.and_then(|heard| scope.to_dom_string(&heard)).unwrap_or_default()
//! });
//! assert_eq!(heard.as_str(), Some("hello"));
//! # Ok(())
//! # }
//! ```
//!
//! A context of the host's own is kept by [`Context::from_raw`]; [`install_in`] is for hosts that have a say in when it is
//! entered.
//!
//! # Microtasks
//!
//! JavaScriptCore runs its microtasks whenever its outermost call returns. A page holds the engine for as long as it
//! enters it, so that they run between the listeners of a task's event, and not between those of `dispatchEvent`. A host
//! that calls the C API itself has them run at the end of each call, as ever.
//!
//! # Features
//!
//! `async-std`, the default, `smol`, `native` and `tokio` are the runtimes of [`dom_websocket`], as there.

#![allow(unsafe_code)]

/// The README's example is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// `scope` and `function` know each other; else each file imports only from those above it here: ffi, helpers, text, lock,
// object, panic, context, value, scope, function, engine, group, page.
mod context;
mod engine;
mod ffi;
mod function;
mod group;
mod helpers;
mod lock;
mod object;
mod page;
mod panic;
mod scope;
mod text;
mod value;

pub use context::Context;
use dom_websocket::host::{self, Options, ScriptError};
use lock::Lock;
pub use page::Page;
pub use scope::Scope;
use std::error::Error;
pub use value::{Persistent, Value};

/// Puts `WebSocket` and what belongs to it on the global object of a context.
///
/// The interfaces are `WebSocket`, `CloseEvent`, `MessageEvent`, `ErrorEvent`, `Event`, `EventTarget`,
/// `DOMException`, `Blob`, `AbortController` and `AbortSignal`. Those that the realm has, but for
/// `WebSocket`, stay as they are, and ours inherit from them. Where the realm has `ReadableStream` and `WritableStream`,
/// there are `WebSocketStream` and `WebSocketError`, too; [`Page::install_streams`] brings them where a script has to bring
/// streams first.
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
pub fn install(context: &Context, options: Options) -> Result<Page, Box<dyn Error>> {
    install_in(context, options, |visit| visit())
}

/// [Installs](install) in a context that the host enters in a way of its own.
///
/// `enter` is that way, for the loop's tasks and for [`Page::run`]: it calls what it is given, once, and returns when that
/// has; or doesn't call it, if the host wants nobody in there now. An event that comes then is lost, which the loop's
/// [`Host`](dom_websocket::Host) hears of.
///
/// ```
/// use dom_websocket::{EventLoop, host};
/// use dom_websocket_jsc::Context;
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let context = Context::new();
/// let entries = Rc::new(Cell::new(0));
/// let counted = entries.clone();
/// let enter = move |visit: &mut dyn FnMut()| {
///     counted.set(counted.get() + 1); // such as a watchdog's start, and its end behind `visit`
///     visit();
/// };
/// let page = dom_websocket_jsc::install_in(&context, host::Options::new(&event_loop), enter)?;
/// page.run(|scope| scope.evaluate("script.js", "new WebSocket('ws://127.0.0.1:1/').onclose = () => {}").is_ok());
/// event_loop.run();
/// assert!(entries.get() > 1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
pub fn install_in(
    context: &Context,
    options: Options,
    enter: impl Fn(&mut dyn FnMut()) + 'static,
) -> Result<Page, Box<dyn Error>> {
    let realm = options.realm()?;
    let context = context.clone();
    let _lock = Lock::of(context.raw()).ok_or("the engine is in use")?;
    // SAFETY: the context is kept beside the scope.
    let begun = unsafe {
        Scope::begin(&context, realm.clone(), |helpers| {
            group::join(&context, helpers)
        })
    };
    let (mut scope, shared) = match begun {
        Ok(begun) => begun,
        Err(_) => return Err("the engine has no memory or no stack left".into()),
    };
    if let Err(exception) = host::install(&mut scope) {
        return Err(ScriptError::new(&mut scope, exception).into());
    }
    let registry = Persistent::new(context.clone(), scope.registry.object);
    let registry = (scope.registry, registry);
    drop(scope);
    Ok(Page::new(registry, shared, Box::new(enter), realm, context))
}
