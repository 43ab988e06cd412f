//! Browser code on WebSockets compiles natively by changing `use`.
//!
//! The modules [`web_sys`], [`js_sys`], [`wasm_bindgen`] and [`wasm_bindgen_futures`] have the names and signatures of the
//! crates of these names, as far as WebSocket code uses them, over [`dom_websocket`]. On wasm32 they *are* those crates:
//! one source serves both.
//!
//! ```
//! use dom_websocket_web::{run, wasm_bindgen, web_sys}; // and `js_sys`
//! use wasm_bindgen::prelude::*;
//! use web_sys::{MessageEvent, WebSocket};
//!
//! fn start(url: &str) -> Result<(), JsValue> {
//!     let socket = WebSocket::new(url)?;
//!     let onmessage = Closure::<dyn FnMut(_)>::new(|event: MessageEvent| {
//!         web_sys::console::log_1(&event.data());
//!     });
//!     socket.set_onmessage(Some(onmessage.as_ref().unchecked_ref()));
//!     onmessage.forget();
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), JsValue> {
//! // Natively somebody has to drive the loop: that is what `run` is for.
//! # if false {
//! run(|| start("ws://127.0.0.1:9001/"))?;
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Changing no line at all
//!
//! Each module is a crate too, to be renamed in `Cargo.toml`. Then the source is as it was:
//!
//! ```toml
//! [target.'cfg(not(target_arch = "wasm32"))'.dependencies]
//! js-sys = { package = "dom-websocket-js-sys", version = "0.1" }
//! wasm-bindgen = { package = "dom-websocket-wasm-bindgen", version = "0.1" }
//! wasm-bindgen-futures = { package = "dom-websocket-wasm-bindgen-futures", version = "0.1" }
//! web-sys = { package = "dom-websocket-web-sys", version = "0.1" }
//! dom-websocket-web = "0.1"
//!
//! [target.'cfg(target_arch = "wasm32")'.dependencies]
//! # the real ones, as before
//! ```
//!
//! # What is there
//!
//! | module | what |
//! |---|---|
//! | `web_sys` | `WebSocket` and `BinaryType`, all of it; `EventTarget`, `Event`, `MessageEvent`, `CloseEvent`, `ErrorEvent`, `ProgressEvent`, with their dictionaries; `AbortController`, `AbortSignal`; `Blob`, `FileReader`; `DomException`; `console`'s log, info, debug, warn and error; `window()` with timers, microtasks, `performance()` and `location()`; `WorkerGlobalScope`, which no object is one of; `TcpReadyState` |
//! | `js_sys` | `Array`, `ArrayBuffer`, `SharedArrayBuffer`, which no object is one of, `Uint8Array`, `Error` and its kinds, `Function`, `JsString`, `Object`, `Promise`, `Reflect`, `JSON`'s parse and stringify, `Date::now`, `Math::random`, `encode_uri`, `encode_uri_component`, `global` |
//! | `wasm_bindgen` | `JsValue`, `JsCast`, `JsError`, `Closure` over `Fn`, `FnMut` and `FnOnce` of up to eight arguments, or one by reference, `UnwrapThrowExt`, `throw_str`, and the attribute on functions (`start` too), structs and impls, and on `extern` blocks that import `console`'s methods, timers and `queueMicrotask`, also by a `js_namespace` of the block, `variadic`, `catch`; or a `type`, with `extends`, `method`, `getter`, `setter` and, for `WebSocket`, `EventTarget`, `Event` and `MessageEvent`, `constructor` |
//! | `wasm_bindgen_futures` | `spawn_local`, `JsFuture`, `future_to_promise` |
//! | `gloo_net` | `websocket`: a socket as a `Stream` and a `Sink`, as in the crate of this name; written on the above |
//!
//! # Where it differs
//!
//! * Nobody drives the loop but you: [`run`], [`run_until_idle`], [`turn`], [`block_on`], or whatever else
//!   [`dom_websocket::EventLoop`] has, by [`event_loop()`]. All is of one thread, and each thread has its own.
//! * A panic in a callback or a future goes on out of [`run`]; in a browser it ends on the console. What a callback throws
//!   (an `Err`, or a call of a closure that runs already) is reported on standard error, as in a browser. `throw_str`
//!   and `unwrap_throw` panic.
//! * There can be more than one thread. Code that says of what holds such objects that it is `Send`, by an `unsafe impl`, for a browser
//!   has but one, is wrong here as soon as it leaves its thread; a `SendWrapper` panics then.
//! * There are no streams (`ReadableStream`, `Blob::stream`), and no `document()`.
//! * A `type` that is imported is whatever object it is taken for: its members are looked for when they are asked for. There are those that
//!   were set, the attributes of every class, the methods `send` and `close` of a socket, the global object's functions, and `toString`; a
//!   method that is missing is a `TypeError`, and nothing else is missed before.
//! * After `close` a socket lets go of its listeners, so that what these hold goes too, as does what a
//!   [forgotten](wasm_bindgen::closure::Closure::forget) closure holds that nobody has any more: there is no garbage collector that
//!   would see to it. Other cycles, an object that holds a closure that holds it, are the program's own to break.
//! * What was [spawned](wasm_bindgen_futures::spawn_local) keeps no loop going, as no promise does: [`run`] returns
//!   when no socket and no timer is left.
//! * A method on an object of another class panics, where there it throws. An attribute that an event doesn't have is
//!   empty: the `error` event of a socket taken for an `ErrorEvent` has the message `""`.
//! * The types have no parameters (`Array`, not `Array<T>`): what is inferred here may have to be said for the newest
//!   `js-sys`, as in `Promise::resolve(&JsValue::from(1))`. Strings are UTF-8. `Uint8Array::view` copies, and is not
//!   unsafe: an `unsafe` around it is told to be one too many. No closure borrows. There is no typed array but `Uint8Array`, and no `BigInt`: a `u64` is no `JsValue`.
//! * Listeners that capture are called first, as DOM has it; Chromium calls those of a socket as they were added.
//! * `JSON::parse` takes no more than 1000 arrays and objects in each other, for a peer's text must not use up the stack. Half a
//!   surrogate pair in it is U+FFFD.
//! * `console` prints values one after the other: a `%s` in the first one is a text as any.
//! * A page has no address but that of [`set_document`]: until then `location()` is `about:blank`, and relative URLs are
//!   none.
//! * Why a connection failed is an error on `console`, in words of ours.
//! * Natively there is more: [`set_user_agent`] (proxies, certificates, time-outs), [`set_document`] (the origin, relative
//!   URLs), [`set_console`], `web_sys::WebSocket::as_native`.
//!
//! The attribute's code, here and there, names `wasm_bindgen`: have it in scope where you use that.
//!
//! # Features
//!
//! `async-std` (the default), `smol`, `native` and `tokio`, the runtimes of `dom-websocket`; `tls` for `wss:`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod event_loop;
pub mod gloo_net;
#[cfg(not(target_arch = "wasm32"))]
pub mod js_sys;
#[cfg(not(target_arch = "wasm32"))]
pub mod wasm_bindgen;
#[cfg(not(target_arch = "wasm32"))]
pub mod wasm_bindgen_futures;
#[cfg(not(target_arch = "wasm32"))]
pub mod web_sys;

#[cfg(target_arch = "wasm32")]
pub use browser::{run, run_until_idle, turn};
#[cfg(not(target_arch = "wasm32"))]
pub use event_loop::{
    block_on, event_loop, run, run_until_idle, set_document, set_user_agent, turn,
};
#[cfg(not(target_arch = "wasm32"))]
pub use web_sys::console::set_console;
#[cfg(target_arch = "wasm32")]
pub use {::js_sys, ::wasm_bindgen, ::wasm_bindgen_futures, ::web_sys};

/// The README's examples are tests too.
#[cfg(all(doctest, not(target_arch = "wasm32")))]
#[doc = include_str!("../README.md")]
struct Readme;
