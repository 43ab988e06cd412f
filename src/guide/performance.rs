//! Performance: what costs what, and which settings matter.
//!
//! Figures, how they were measured, and where others are better: `PERFORMANCE.md`. What follows from them:
//!
//! # Send plainly
//!
//! Whatever a turn's tasks send on a connection leaves in one write at the turn's end. Nothing has to be batched or flushed by hand: a plain `send()` in each
//! listener is the fast way.
//!
//! ```
//! # use dom_websocket::{EventLoop, Server, WebSocket};
//! #
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let event_loop = EventLoop::new();
//! # let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! # let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
//! socket.set_onopen(|event| {
//!     // One system call.
//!     for number in 0..100 {
//!         event.target().send(number.to_string())?;
//!     }
//!     Ok::<_, dom_websocket::DomException>(())
//! });
//! # socket.add_event_listener("open", |event| event.target().close());
//! # socket.set_onclose(move |_| server.close());
//! # event_loop.run();
//! # Ok(())
//! # }
//! ```
//!
//! # Choose the runtime
//!
//! * `native` is the loop's own: a message of a busy socket takes two system calls, against four to five on async-std and smol, and a loop of
//!   yours can wait for its descriptor. It is what to embed.
//! * `tokio`, where a program is tokio's already.
//! * `async-std`, the default, and `smol` share one reactor thread with the rest of the program.
//!
//! With `default-features = false, features = ["native"]` (or another one) no crate of the others is built.
//!
//! # Turn compression off where it doesn't pay
//!
//! permessage-deflate is agreed to where the peer knows it. On a fast network, or with data that is compressed already, it only costs:
//! [`UserAgentBuilder::compression`](crate::UserAgentBuilder::compression), [`ServerBuilder::compression`](crate::ServerBuilder::compression).
//! [`Compression`](crate::Compression), for `compression_options` of either, has level, windows and context takeover.
//!
//! # Binary data as an `ArrayBuffer`
//!
//! [`BinaryType::ArrayBuffer`](crate::BinaryType::ArrayBuffer) gives a message's bytes as the `Vec<u8>` that they came in. A
//! [`Blob`](crate::Blob), the default as in browsers, is a handle more.
//!
//! # What memory is bounded by
//!
//! [`Limits`](crate::Limits): 1 MiB received and not dispatched, 64 MiB for a message, 64 MiB that `send()` may queue; for all
//! connections of a user agent together, 256 MiB of messages that are being put together and 1 GiB in queues. A
//! server's are smaller. An idle connection takes one and a half to two KiB, and gives back what only a busy one needs.
//!
//! # Large messages
//!
//! A stream's [`pieces`](crate::WebSocketReadable::pieces) never holds more than a piece; a `ByteStream` has no messages at all.
//!
//! # Latency in a frame loop
//!
//! Take a turn when the frame begins, and one behind what it sends: `cargo run --example frames`, and the same with `--one-turn`, show the frame that
//! it saves.
//!
//! Back to [the list](super).
