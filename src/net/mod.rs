//! The network floor: sockets, names and timers.

pub(crate) mod runtime;
mod stream;

pub(crate) use stream::{Stream, TcpTransport};
