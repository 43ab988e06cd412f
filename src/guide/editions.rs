//! Editions: today's object and that of 2010.
//!
//! An [`Edition`](crate::Edition) fixes both the rules of the object and the wire. Nothing else in a program changes.
//!
//! | | [`Living`](crate::Edition::Living), the default | [`Html5`](crate::Edition::Html5) |
//! |---|---|---|
//! | text | the WHATWG WebSockets Standard | HTML5 in March 2010, Web Applications 1.0 r4820 |
//! | wire | RFC 6455, with permessage-deflate | draft-hixie-thewebsocketprotocol-76 |
//! | subprotocols | any number | one |
//! | what `send()` takes | text, bytes, blobs | text |
//! | unpaired surrogates | U+FFFD | "SyntaxError" |
//! | `message` behind `close()` | dropped | delivered |
//! | `error` | the connection failed; `close` follows in the same task | a frame of an unknown type; the connection lives on |
//! | a failed connection | `error`, then `close` with 1006 | `close` alone |
//! | code and reason of `close` | the peer's | 1005 after a clean end, else 1006; no reason |
//! | invalid UTF-8 | fails with 1007 | U+FFFD |
//! | a blocked port | fails as an unreachable server does | "SecurityError" from the constructor |
//! | handlers (`onmessage`) | among the listeners, where they were first set | ahead of the listeners |
//! | who ends TCP | the server | each, once the handshake has finished |
//!
//! A server accepts clients of both at the same port, and [the request](crate::Request::edition) and
//! [the socket](crate::WebSocket::edition) say which it is:
//!
//! ```
//! use dom_websocket::{Edition, EventLoop, Server, WebSocket};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, request| {
//!     assert_eq!(socket.edition(), request.edition());
//!     socket.set_onmessage(|event| event.target().send(format!("{:?}", event.target().edition())));
//! });
//!
//! let url = format!("ws://{}/", server.local_addr());
//! for edition in [Edition::Living, Edition::Html5] {
//!     let socket = WebSocket::builder(&event_loop, &url).edition(edition).open()?;
//!     socket.set_onopen(|event| event.target().send("which?"));
//!     socket.set_onmessage(move |event| {
//!         assert_eq!(event.data(), &*format!("{edition:?}"));
//!         event.target().close();
//!     });
//!     let server = server.clone();
//!     socket.set_onclose(move |event| {
//!         assert_eq!((event.was_clean(), event.code()), (true, 1005));
//!         if edition == Edition::Html5 {
//!             server.close();
//!         }
//!     });
//! }
//! event_loop.run();
//! # Ok(())
//! # }
//! ```
//!
//! A client has to be told which one its server speaks: neither handshake falls back to the other.
//!
//! `spec-notes/html5-api.md` and `spec-notes/living.md` have each decision; `cargo run --example chat` shows the same chat in both.
//!
//! Next: [errors and diagnosis](super::errors).
