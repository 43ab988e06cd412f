//! The browser's `WebSocket` object: events, an event loop that dispatches them as tasks, and two wire
//! protocols below: today's, RFC 6455, and that of HTML5 in March 2010, draft-hixie-76.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, WebSocket};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//!
//! // A server, for something to talk to.
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _request| {
//!     socket.set_onmessage(|event| event.target().send("hello to you"));
//! });
//!
//! let socket = WebSocket::new(&event_loop, &format!("ws://{}/chat", server.local_addr()))?;
//! socket.set_onopen(|event| event.target().send("hello"));
//! socket.set_onmessage(|event| {
//!     println!("{}", event.data());
//!     event.target().close();
//! });
//! socket.set_onclose(move |event| {
//!     println!("clean: {} code: {}", event.was_clean(), event.code());
//!     server.close();
//! });
//! event_loop.run();
//! # Ok(())
//! # }
//! ```
//!
//! * [`WebSocket`] is the object, [`EventLoop`] what runs its events, [`Edition`] the text it follows.
//! * [`WebSocketStream`] and [`ByteStream`] are the same connections as streams, for code with futures in place of events.
//! * [`Blob`] and [`BinaryType`] are for binary messages.
//! * [`Event`], [`MessageEvent`] and [`CloseEvent`] reach listeners as a [`Dispatch`].
//! * [`Server`] accepts clients and yields the same objects.
//! * [`UserAgent`], [`Document`], [`Limits`] and [`Timeouts`] are what a browser has around the object.
//! * [`protocol`] is what lies below all of it, fit to be used alone.
//! * [`Host`] is the side of a JavaScript engine; [`host`] brings `WebSocket` to its scripts, by the crates
//!   `dom-websocket-quickjs`, `dom-websocket-boa` and `dom-websocket-jsc`, or an adapter of yours.
//!
//! The [`guide`] has a page for each of these, to begin with or to look things up.
//!
//! Everything lives on one thread; only [`RemoteSocket`], [`Handle`] and [`KeepAlive`] are `Send`.
//!
//! # Features
//!
//! Sockets and timers come from a runtime; the library runs no executor of it.
//!
//! * `async-std`, the default;
//! * `smol`, in its place with `default-features = false`: its sockets, timers and threads, by the crates that it has them of;
//! * `native`, likewise: the loop's own, which waits for its sockets by itself and has no thread but for names. On Unix
//!   `EventLoop::descriptor` is what loops of others wait for, and `EventLoop::next_timer` says how long;
//! * `tokio`, likewise: a loop that is made inside a runtime of tokio takes its sockets and timers from it, and
//!   [`EventLoop::until_idle`] or [`EventLoop::drive`] is awaited there, and nobody may drive it when that runtime has been shut
//!   down; one that is made outside has a runtime of its own;
//! * where several are on, the first of async-std, smol, native and tokio is used, and `descriptor` is there only with `native`;
//! * `tls`: `wss:` by rustls, for clients and servers. Without it a `wss:` connection fails;
//! * `rustls`: what of that crate's is in a signature, `UserAgentBuilder::root_cert_store`, and the crate itself as
//!   `dom_websocket::rustls`. A version of this one can bring an incompatible one of it;
//! * `proxies`: HTTP, HTTPS (with `tls`) and SOCKS5 proxies;
//! * `http2`: WebSockets over HTTP/2 (RFC 8441), at either end; a server's port then speaks it, and a client where it is set to;
//! * `credentials`: answers to 401, and to a proxy's 407;
//! * `cookies`: a cookie jar;
//! * `tracing`: each step of a connection as an event of the `tracing` crate;
//! * `conformance`: the tests of an adapter for a script engine, `host::conformance`.
//!
//! A feature that is on changes nothing until what it brings is used, but for `http2` at a server.
//!
//! # In a browser
//!
//! Compiled for `wasm32-unknown-unknown`, [`EventLoop`], [`WebSocket`], [`WebSocketStream`] and all around them are over the
//! browser's own object, so that one source serves both; [`EventLoop::run`] returns at once there. No feature is needed, and
//! none changes anything. What a browser keeps to itself isn't there: servers, the html5 edition, hosts of script engines, and
//! all of a user agent but its limits.
//!
//! # Versions
//!
//! What a minor version may add: variants and fields where an enum or a struct is `#[non_exhaustive]`, and fields of the settings and
//! dictionaries, [`Limits`], [`Timeouts`], [`Compression`], [`EventInit`] and their like, which are therefore written with
//! `..Default::default()`. [`protocol`], and the trait [`host::Engine`] for adapters, may change with each. No type of another crate is
//! in a signature, but behind the feature that has its name; of the crates `futures-core`, `futures-io` and `futures-sink` the traits
//! `Stream`, `AsyncRead`, `AsyncWrite` and `Sink` are implemented. What is `Send` stays so.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(clippy::must_use_candidate, clippy::return_self_not_must_use)]
// A browser does by itself what some of the rest is for.
#![cfg_attr(target_family = "wasm", allow(dead_code, unused_imports))]

#[cfg(all(target_family = "wasm", not(target_os = "unknown")))]
compile_error!("of WebAssembly only wasm32-unknown-unknown is supported, in a browser");

#[macro_use]
mod identity;

#[cfg(target_family = "wasm")]
mod browser;
#[cfg(not(target_family = "wasm"))]
mod connection;
#[cfg(not(target_family = "wasm"))]
mod console;
mod dom;
mod edition;
mod event_loop;
#[cfg(all(fuzzing, not(target_family = "wasm")))]
pub mod fuzzing;
#[cfg(doc)]
pub mod guide;
#[cfg(not(target_family = "wasm"))]
pub mod host;
#[cfg(not(target_family = "wasm"))]
mod net;
pub mod protocol;
#[cfg(not(target_family = "wasm"))]
mod server;
#[cfg(not(target_family = "wasm"))]
mod user_agent;

#[cfg(target_family = "wasm")]
use browser::{connection, console, net, user_agent};

pub use dom::*;
pub use edition::Edition;
pub use event_loop::{EventLoop, Exception, Handle, Host, KeepAlive, Turn, WeakEventLoop};
#[cfg(not(target_family = "wasm"))]
pub use native::*;
pub use protocol::{Limits, WireFailure};
pub use user_agent::{Failure, UserAgent, UserAgentBuilder};

/// What there is where the library speaks the protocol itself, and no browser does.
#[cfg(not(target_family = "wasm"))]
mod native {
    #[cfg(feature = "http2")]
    pub use crate::net::http2::{Http2Options, Http2Request};
    #[cfg(feature = "tls")]
    pub use crate::net::tls::TlsError;
    pub use crate::net::{TakenSocket, TakenTransport, TlsSocket};
    pub use crate::protocol::opening::{Answer, Compression, HttpResponse, Request, Response};
    pub use crate::protocol::{ActiveClose, HandshakeFault, Timeouts, TransportError};
    pub use crate::server::{Server, ServerBuilder};
    #[cfg(feature = "cookies")]
    pub use crate::user_agent::CookieJar;
    #[cfg(feature = "credentials")]
    pub use crate::user_agent::{AuthScheme, Challenge};
    pub use crate::user_agent::{
        BLOCKED_PORTS, Credentials, Http2Failure, InvalidCredentials, InvalidHeader, Observation,
        ProxyFailure, RedirectFailure, Step,
    };
    #[cfg(feature = "http2")]
    pub use crate::user_agent::{Http2, Http2Exchange, UnknownHttp2};
    #[cfg(feature = "proxies")]
    pub use crate::user_agent::{InvalidProxy, Proxies, Proxy};
    #[cfg(feature = "rustls")]
    pub use futures_rustls::rustls;
}

/// The examples of the crate's page are tests too.
#[cfg(doctest)]
#[doc = include_str!("../CRATE.md")]
struct Page;
