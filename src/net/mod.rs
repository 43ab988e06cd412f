//! The network floor: sockets, names and timers.

mod alpn;
mod budget;
pub(crate) mod handshake;
#[cfg(feature = "http2")]
pub(crate) mod http2;
mod place;
pub(crate) mod runtime;
mod stream;
mod taken;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(any(feature = "http2", feature = "proxies"))]
mod unread;

pub(crate) use alpn::Alpn;
pub(crate) use budget::{Budget, Elapsed};
pub(crate) use place::{Place, Places};
pub(crate) use stream::{Stream, TcpTransport};
pub use taken::{TakenSocket, TakenTransport, TlsSocket};
#[cfg(any(feature = "http2", feature = "proxies"))]
pub(crate) use unread::Unread;
