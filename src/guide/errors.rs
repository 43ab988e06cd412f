//! Errors and diagnosis: what fails, who is told, and how to find out why.
//!
//! | what went wrong | who hears of it |
//! |---|---|
//! | an argument: a URL, a subprotocol, a close code, a message before `open` | the caller: a [`DomException`](crate::DomException) |
//! | the connection could not be opened, or broke | the object: `error`, then `close` with `wasClean` false and code 1006. Not why: a page must not find out what is in its user's network |
//! | the same, with the cause | whoever the user agent tells: a [`Failure`](crate::Failure) |
//! | a stream's connection | its futures: a [`WebSocketError`](crate::WebSocketError), with the cause inside |
//! | a listener, a task, a future of yours | the loop's [`Host`](crate::Host); without one, standard error |
//! | a message that was not sent because the connection is closing | the caller: `send()` says `Ok(false)` |
//!
//! # Exceptions
//!
//! They have JavaScript's names, and say what is wrong with what:
//!
//! ```
//! use dom_websocket::{DomExceptionKind, EventLoop, WebSocket};
//!
//! let event_loop = EventLoop::new();
//! let error = WebSocket::new(&event_loop, "example.com/chat").unwrap_err();
//! assert_eq!(error.kind(), DomExceptionKind::Syntax);
//! assert_eq!(error.name(), "SyntaxError");
//! println!("{error}");
//! ```
//!
//! # Why did it fail?
//!
//! Cheapest first:
//!
//! 1. [`log_failures`](crate::UserAgentBuilder::log_failures) writes a line for each failed connection to standard error, as a browser's console
//!    does.
//! 2. [`observer`](crate::UserAgentBuilder::observer), of a user agent or of [one socket](crate::WebSocketBuilder::observer), is called with each step:
//!    resolved, connected, proxied, secured, requested, responded, opened, closed, failed. [`Failure`](crate::Failure) can be matched on.
//! 3. The feature `tracing` makes each step an event of the `tracing` crate.
//! 4. `cargo run --example trace -- --diagnose ws://127.0.0.1:1234/` does it from a shell; `relay_probe` says what a proxy between does to a
//!    connection.
//!
//! ```
//! use dom_websocket::{EventLoop, Failure, Step, UserAgent, WebSocket};
//! use std::cell::Cell;
//! use std::io::ErrorKind;
//! use std::rc::Rc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A port that nobody listens at.
//! let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
//!
//! let event_loop = EventLoop::new();
//! let refused = Rc::new(Cell::new(false));
//! let found = refused.clone();
//! let user_agent = UserAgent::builder()
//!     .observer(move |observation| match observation.step {
//!         Step::Failed(Failure::NotConnected(error)) => {
//!             found.set(error.kind() == ErrorKind::ConnectionRefused);
//!         }
//!         step => println!("{step}"),
//!     })
//!     .build();
//! let socket = WebSocket::builder(&event_loop, &format!("ws://127.0.0.1:{port}/"))
//!     .user_agent(&user_agent)
//!     .open()?;
//! socket.set_onclose(|event| assert_eq!(event.code(), 1006));
//! event_loop.run();
//! assert!(refused.get());
//! # Ok(())
//! # }
//! ```
//!
//! What the words say, and what is to be done:
//!
//! | words | remedy |
//! |---|---|
//! | not connected: … refused | nobody listens at that address and port |
//! | the name has no address | the name is wrong, or the system's resolver does not know it |
//! | port … is blocked | browsers block it: [`blocked_ports`](crate::UserAgentBuilder::blocked_ports) |
//! | a secure page may not open ws: | an address that begins with `wss:`, or [`block_mixed_content`](crate::UserAgentBuilder::block_mixed_content) |
//! | the server ended the connection without an answer; … was lost before an answer came | over `ws:`, most servers that expect TLS do so: an address that begins with `wss:`. Or it is no server of HTTP, or a relay whose server is away: that server's log |
//! | the server's handshake is wrong: it speaks TLS | an address that begins with `wss:`. The server sent an alert of TLS, or said in a 400 that it expects it |
//! | TLS: it needs the feature `tls` | that feature, in `Cargo.toml`: without it no `wss:` URL leads anywhere |
//! | TLS: … the server speaks no TLS | an address that begins with `ws:`, or TLS at the server. What else is wrong with TLS has its remedy behind it |
//! | the server answered 301, … (a redirect to https:) | an address that begins with `wss:`, or [`follow_redirects`](crate::UserAgentBuilder::follow_redirects) |
//! | the server answered 404, 400, 426 | no WebSocket at this path, or none of this version |
//! | the server answered 401, 403 | it wants `server_credentials`, a cookie, or another [`origin`](crate::WebSocketBuilder::origin) |
//! | the server's handshake is wrong: … | no WebSocket server, or something between that changes what it says |
//! | the opening handshake took too long | [`Timeouts::opening_handshake`](crate::Timeouts::opening_handshake) passed: a firewall that drops packets, or a server that does not answer what it hears |
//!
//! Nothing in a failure, an observation or a `Debug` is a secret: no credentials, no cookies, no query of a URL.
//!
//! # When nothing happens at all
//!
//! * Nobody drives the loop: see [the event loop](super::event_loop).
//! * The peer has vanished without a word. Nothing comes, so nothing fails: set [`Timeouts::ping`](crate::Timeouts::ping).
//! * Another socket to the same IP address is in its opening handshake, which has 30 s: the standards have them take turns.
//! * `run()` does not end: a server listens, a socket is open, or a future is under way.
//! * The handlers were set too late. Set them in the task that made the socket: no event comes before it is over.
//!
//! Next: [servers](super::servers).
