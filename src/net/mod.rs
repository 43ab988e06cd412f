//! The network floor: sockets, names and timers.

mod budget;
pub(crate) mod handshake;
mod place;
pub(crate) mod runtime;
mod stream;
mod taken;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(feature = "proxies")]
mod unread;

pub(crate) use budget::{Budget, Elapsed};
pub(crate) use place::{Place, Places};
pub(crate) use stream::{Stream, TcpTransport};
pub use taken::{TakenSocket, TakenTransport, TlsSocket};
#[cfg(feature = "proxies")]
pub(crate) use unread::Unread;
