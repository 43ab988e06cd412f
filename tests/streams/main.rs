//! A connection as streams: `WebSocketStream`, `ByteStream`, and sockets that become one.

mod byte_stream;
mod closing;
mod dropped_everywhere;
mod ends;
mod executors;
mod halves;
mod hand_over;
mod html5_bytes;
mod opening;
mod pace;
mod pieces;
mod protocols;
