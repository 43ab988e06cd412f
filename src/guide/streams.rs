//! Streams: the same connections with backpressure and half close.
//!
//! Events come as fast as the peer sends, and [`send()`](crate::WebSocket::send) never waits. Where code would rather read and write, each at the pace
//! of the slower side, a connection is a stream.
//!
//! # Messages: `WebSocketStream`
//!
//! The browsers' coming one: [`opened`](crate::WebSocketStream::opened), [`closed`](crate::WebSocketStream::closed),
//! [`close`](crate::WebSocketStream::close), a signal. Its readable is a `futures::Stream`, its writable a `futures::Sink`: with
//! `cargo add futures` you have what these can do.
//!
//! ```
//! use dom_websocket::{EventLoop, Message, Server, WebSocketStream};
//! use futures::{SinkExt, StreamExt};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onmessage(|event| event.target().send(event.data()));
//! });
//!
//! let stream = WebSocketStream::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
//! event_loop.spawn(async move {
//!     let mut ends = stream.opened().await.expect("a server that is there");
//!     ends.writable.send(Message::from("hello")).await.expect("an open connection");
//!     while let Some(Ok(message)) = ends.readable.next().await {
//!         println!("{message:?}");
//!         stream.close(1000).expect("a code that is allowed");
//!     }
//!     server.close();
//! });
//! event_loop.run();
//! # Ok(())
//! # }
//! ```
//!
//! * While nobody reads, the connection is not read from, and TCP slows the peer down.
//! * [`readable.pieces(n)`](crate::WebSocketReadable::pieces) gives a message that is larger than `n` bytes in pieces, as they come.
//! * Why it was never opened: [`WebSocketError::failure`](crate::WebSocketError::failure).
//!
//! # Bytes: `ByteStream`
//!
//! [`ByteStream`](crate::ByteStream) is `AsyncRead + AsyncWrite` of the `futures` crate: a TCP protocol, TLS or a line protocol moves behind a WebSocket
//! without a change. `WebSocket::builder(…)` [opens](crate::WebSocketBuilder::open_byte_stream) one;
//! [`ByteStream::connect`](crate::ByteStream::connect) speaks a third wire, a bare HTTP Upgrade and then bytes as they are, whose
//! [transport](crate::ByteStream::take_socket) can be taken over.
//!
//! # From events to a stream
//!
//! A server has both by [`into_stream`](crate::WebSocket::into_stream) and
//! [`into_byte_stream`](crate::WebSocket::into_byte_stream), in `onconnection` or later. No message is lost or doubled.
//!
//! # Half close
//!
//! [`finish()`](crate::WebSocket::finish) says "I have sent all", and messages go on coming. On the other side
//! [`half_open`](crate::WebSocketBuilder::half_open) tells of it by an `end` event, and lets it have its say.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, WebSocket};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::builder(&event_loop).half_open(true).listen("127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onend(|event| {
//!         event.target().send("the answer to all of it")?;
//!         event.target().finish()
//!     });
//! });
//!
//! let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
//! socket.set_onopen(|event| {
//!     event.target().send("all of it")?;
//!     event.target().finish()
//! });
//! socket.set_onmessage(|event| assert_eq!(event.data(), "the answer to all of it"));
//! socket.set_onclose(move |event| {
//!     assert!(event.was_clean());
//!     server.close();
//! });
//! event_loop.run();
//! # Ok(())
//! # }
//! ```
//!
//! # Backpressure without futures
//!
//! [`try_send()`](crate::WebSocket::try_send) takes a message or gives it back, and [`set_ondrain`](crate::WebSocket::set_ondrain) tells when there is room
//! again. [`room_for`](crate::WebSocket::room_for) is that as a future.
//!
//! `spec-notes/streams.md` has the rules, and what each future may lose when it is dropped: nothing. `spec-notes/half-close.md` has what
//! peers make of a half close.
//!
//! Next: [editions](super::editions).
