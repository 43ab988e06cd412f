//! First socket: from nothing to a program that sends, hears an answer, and closes.
//!
//! In a folder beside a clone of this repository:
//!
//! ```sh
//! cargo new first
//! cd first
//! cargo add --path ../dom-websocket
//! ```
//!
//! And into its `main.rs`:
//!
//! ```
//! use dom_websocket::{EventLoop, Server, UserAgent, WebSocket};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let event_loop = EventLoop::new();
//!
//!     // Something to talk to: an echo server on the same loop, at a free port.
//!     let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//!     server.set_onconnection(|socket, _request| {
//!         socket.set_onmessage(|event| event.target().send(event.data()));
//!     });
//!     let url = format!("ws://{}/", server.local_addr());
//!
//!     // Why a connection fails is said on standard error.
//!     let user_agent = UserAgent::builder().log_failures().build();
//!     let socket = WebSocket::builder(&event_loop, &url)
//!         .user_agent(&user_agent)
//!         .open()?;
//!     socket.set_onopen(|event| event.target().send("hello"));
//!     socket.set_onmessage(|event| {
//!         println!("received: {}", event.data());
//!         event.target().close();
//!     });
//!     socket.set_onclose(move |event| {
//!         println!("closed, clean: {}, code: {}", event.was_clean(), event.code());
//!         server.close();
//!     });
//!
//!     event_loop.run();
//!     Ok(())
//! }
//! ```
//!
//! ```sh
//! $ cargo run
//! received: hello
//! closed, clean: true, code: 1005
//! ```
//!
//! What happened:
//!
//! 1. The constructor checked the URL and nothing else. It is the one place that [returns an error](crate::DomException) of a URL.
//! 2. Nothing left the machine before [`EventLoop::run`](crate::EventLoop::run): the loop does all of the work, on this thread.
//! 3. Each event was a task of the loop. [`event.target()`](crate::Dispatch::target) is the socket.
//! 4. `run` returned because nothing was left to wait for: the socket was closed, and so was the server.
//!
//! # Elsewhere
//!
//! Any `ws:` URL is as good. For `wss:` the feature `tls` has to be on: `cargo add --path ../dom-websocket --features tls`. Where a URL
//! leads to nobody, the program above says so:
//!
//! ```text
//! WebSocket connection to ws://127.0.0.1:1234/ failed: not connected: 127.0.0.1:1234: Connection refused (os error 111)
//! closed, clean: false, code: 1006
//! ```
//!
//! Without the user agent and the options of the builder it is `WebSocket::new(&event_loop, &url)?`, and a failure is silent, as it is to
//! script in a browser: `close` with code 1006.
//!
//! In a clone of the repository `cargo run --example echo_server` is a server to try things with, `cargo run --example chat` shows both ends, and
//! `cargo run --example trace -- ws://127.0.0.1:9001/` does what you type: `wait open`, `send hello`, `wait message`, `close`, a line each.
//!
//! Next: [the event loop](super::event_loop).
