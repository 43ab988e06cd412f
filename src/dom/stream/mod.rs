//! `WebSocketStream`, and bytes without messages: a connection as streams in place of events.
//!
//! Each object here is a view of one [`Duplex`](duplex::Duplex), which takes the connection's feedback when somebody
//! wants it.

#[cfg(not(target_family = "wasm"))]
mod byte_stream;
#[cfg(not(target_family = "wasm"))]
mod byte_stream_builder;
mod close_info;
mod duplex;
mod error;
mod message;
mod pieces;
mod readable;
mod web_socket_stream;
mod writable;

#[cfg(not(target_family = "wasm"))]
pub use byte_stream::ByteStream;
#[cfg(not(target_family = "wasm"))]
pub use byte_stream_builder::ByteStreamBuilder;
pub use close_info::WebSocketCloseInfo;
pub(super) use duplex::{Basis, Duplex};
pub use error::{WebSocketError, WebSocketErrorKind};
pub use message::Message;
pub use pieces::{Piece, WebSocketPieces};
pub use readable::WebSocketReadable;
pub use web_socket_stream::{WebSocketOpenInfo, WebSocketStream};
pub use writable::WebSocketWritable;
