//! Servers: the listening side.
//!
//! A [`Server`](crate::Server) accepts clients of both [editions](super::editions) at one port and yields the same
//! [`WebSocket`](crate::WebSocket) objects, with the same events.
//!
//! ```
//! use dom_websocket::{Answer, EventLoop, HttpResponse, Server};
//! # use dom_websocket::WebSocket;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//!
//! // Who may come in, and with which subprotocol. Without it, everybody.
//! server.set_onrequest(|request| match (request.resource_name(), request.origin()) {
//!     ("/chat", Some("https://example.com")) => Answer::accept_with("chat"),
//!     ("/chat", _) => Answer::Respond(HttpResponse::new(403).body("text/plain", "not from there")),
//!     _ => Answer::Refuse,
//! });
//! // Each client that came in.
//! server.set_onconnection(|socket, _request| {
//!     socket.set_onopen(|event| event.target().send("welcome"));
//!     socket.set_onmessage(|event| event.target().send(event.data()));
//! });
//! // Who asks for no WebSocket.
//! server.set_onhttp(|_request| HttpResponse::new(200).body("text/html", "<h1>Hello</h1>"));
//! # let socket = WebSocket::builder(&event_loop, &format!("ws://{}/chat", server.local_addr()))
//! #     .origin("https://example.com").protocol("chat").open()?;
//! # socket.set_onmessage(|event| { assert_eq!(event.data(), "welcome"); event.target().close(); });
//! # socket.set_onclose(move |event| { assert!(event.was_clean()); server.close(); });
//! event_loop.run();
//! # Ok(())
//! # }
//! ```
//!
//! For hosts and origins alone one line is enough, as it should be for whatever pages can reach, also on `localhost`:
//! [`allowed_hosts`](crate::ServerBuilder::allowed_hosts) against names that were made to mean this address (DNS rebinding), and
//! [`allowed_origins`](crate::ServerBuilder::allowed_origins) against pages of others that act with the user's cookies (cross-site hijacking).
//!
//! ```
//! use dom_websocket::{EventLoop, Server};
//!
//! # fn main() -> std::io::Result<()> {
//! let event_loop = EventLoop::new();
//! let server = Server::builder(&event_loop)
//!     .allowed_hosts(["chat.example.com", "localhost"])?
//!     .allowed_origins(["https://chat.example.com"])?
//!     .listen("127.0.0.1:0")?;
//! # Ok(())
//! # }
//! ```
//!
//! Browsers send their page's origin, other clients whatever they like: it tells pages apart, not people. Ask for a token or a cookie for that. A client of
//! this library says `null` unless it has a document or an [`origin`](crate::WebSocketBuilder::origin), and is turned away like any other whose origin
//! is not in the list.
//!
//! # More than one message for more than one client
//!
//! Keep the sockets, as in the example `chat`, whose `--listen` is a room. A socket is equal to itself alone, so it can be the key of a map.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, WebSocket};
//! use std::cell::RefCell;
//! use std::collections::HashSet;
//! use std::rc::Rc;
//!
//! # fn main() -> std::io::Result<()> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! let room = Rc::<RefCell<HashSet<WebSocket>>>::default();
//! server.set_onconnection(move |socket, _request| {
//!     room.borrow_mut().insert(socket.clone());
//!     let all = room.clone();
//!     socket.set_onmessage(move |event| {
//!         let all = all.borrow();
//!         all.iter().try_for_each(|member| member.send(event.data()).map(drop))
//!     });
//!     let all = room.clone();
//!     socket.set_onclose(move |event| {
//!         all.borrow_mut().remove(event.target());
//!     });
//! });
//! # Ok(())
//! # }
//! ```
//!
//! As anywhere, a socket that has no listener which an event can still reach is closed with its last handle: a server that only sends keeps
//! the sockets.
//!
//! A client that takes nothing makes its queue grow, up to [`Limits::send_queue`](crate::Limits::send_queue), or to what
//! [`Limits::all_send_queues`](crate::Limits::all_send_queues) leaves where many take nothing, and is then cut off. Use
//! [`try_send`](crate::WebSocket::try_send) where messages may be left out.
//!
//! # What one client may cost
//!
//! The defaults are [`Limits::of_server`](crate::Limits::of_server) and [`Timeouts::of_server`](crate::Timeouts::of_server), tighter than a client's:
//! a message of 4 MiB and 64 MiB for all that are being put together; 16 MiB waiting to be sent, and 256 MiB by all.
//! [`ServerBuilder`](crate::ServerBuilder) changes them, and has compression, TLS (feature `tls`), half close, and who ends TCP first; how many clients there are at most
//! ([`max_connections`](crate::ServerBuilder::max_connections)), and how many of them still in their handshake.
//!
//! # HTTP/2
//!
//! With the feature `http2` the port speaks HTTP/2 too, with no line more: by ALPN over TLS, by its preface without. Each of its streams that asks for a
//! WebSocket (RFC 8441) is a client like any other: the same callbacks, limits and objects, and `Request::is_http2` tells them apart.
//! A stream takes a place among [`max_connections`](crate::ServerBuilder::max_connections), as its connection does.
//!
//! ```
//! use dom_websocket::{EventLoop, Server};
//!
//! let event_loop = EventLoop::new();
//! let mut builder = Server::builder(&event_loop);
//! # #[cfg(feature = "http2")]
//! # {
//! let mut options = dom_websocket::Http2Options::default();
//! options.streams = 100; // a connection may have so many
//! builder.http2(options); // or `None`: HTTP/1.1 alone
//! # }
//! let server = builder.listen("127.0.0.1:0")?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A server that is closed says so (GOAWAY), and the connection ends with its last stream. It is nothing that the loop waits for.
//!
//! # The end
//!
//! [`shutdown`](crate::Server::shutdown) closes all connections with code 1001, waits for the clients' answers until a deadline, and tells who gave none.
//! [`close`](crate::Server::close) stops listening alone.
//!
//! # All cores
//!
//! A loop is one thread's. [`reuse_port`](crate::ServerBuilder::reuse_port) lets several of them listen at the same address, and the system shares the
//! clients out: `cargo run --release --example cores`. [`Server::from_listener`](crate::Server::from_listener) takes a socket that listens already,
//! from a service manager for one.
//!
//! # Behind something else
//!
//! Behind a proxy that ends TLS, tell draft 76's handshake so by [`secure(true)`](crate::ServerBuilder::secure). Over connections that you have
//! accepted yourself, [`protocol`](crate::protocol) is the same without sockets.
//!
//! Next: [performance](super::performance).
