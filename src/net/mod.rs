//! The network floor: sockets, names and timers.

pub(crate) mod runtime;
mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;

pub(crate) use stream::{Stream, TcpTransport};
