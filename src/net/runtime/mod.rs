//! The runtime that sockets and timers come from, a file each. Nothing above this folder names one.

#[cfg(any(feature = "async-std", feature = "smol"))]
mod async_io;
#[cfg(feature = "async-std")]
mod async_std;
#[cfg(all(feature = "native", not(any(feature = "async-std", feature = "smol"))))]
mod native;
#[cfg(all(feature = "smol", not(feature = "async-std")))]
mod smol;
#[cfg(all(
    feature = "tokio",
    not(any(feature = "async-std", feature = "smol", feature = "native"))
))]
mod tokio;

#[cfg(feature = "async-std")]
pub(crate) use self::async_std::AsyncStd as Current;
#[cfg(all(feature = "native", not(any(feature = "async-std", feature = "smol"))))]
pub(crate) use self::native::Native as Current;
#[cfg(all(feature = "smol", not(feature = "async-std")))]
pub(crate) use self::smol::Smol as Current;
#[cfg(all(
    feature = "tokio",
    not(any(feature = "async-std", feature = "smol", feature = "native"))
))]
pub(crate) use self::tokio::Tokio as Current;

#[cfg(not(any(
    feature = "async-std",
    feature = "native",
    feature = "smol",
    feature = "tokio"
)))]
compile_error!(
    "dom-websocket needs a runtime: enable the feature `async-std`, `smol`, `native` or `tokio`"
);

use futures::io::{AsyncRead, AsyncWrite};
use socket2::SockRef;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::task::{Poll, Waker};
use std::time::Duration;

/// What the library needs of a runtime. It runs no executor of it.
///
/// An event loop has a value of it, which it [enters](Self::enter) wherever sockets and timers are made:
/// so a runtime whose sockets belong to a reactor that has to be entered (tokio's) needs nobody around a
/// turn who has done so.
pub(crate) trait Runtime: Sized {
    /// A TCP connection.
    type Socket: Socket;
    /// A listening socket.
    type Listener: Listener<Self::Socket>;
    /// What reaches a loop from other threads.
    type Alarm: Alarm;

    /// So many turns with something to do are taken before others on the same executor get theirs.
    const TURNS_IN_A_ROW: usize = 16;

    /// The runtime of a new event loop. An error if the process has no descriptors left for it.
    fn new() -> io::Result<Self>;

    /// Its alarm.
    fn alarm(&self) -> Self::Alarm;

    /// Until the result is dropped, sockets and timers can be made on this thread.
    fn enter(&self) -> impl Sized + '_;

    /// Wakes those who wait for sockets that are ready and timers that are over, where nobody else does so.
    /// It never blocks. Each turn begins with it.
    fn look(&self) {}

    /// The loop waits. Has `waker` called once something may be ready, where [`block_on`](Self::block_on) does
    /// not wait for it.
    fn watch(&self, _waker: &Waker) {}

    /// Lets others on the same executor have their turn.
    fn yield_turn() -> impl Future<Output = ()> {
        yield_now()
    }

    /// Connects to an address.
    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Socket>>;

    /// Makes a socket that listens one of the runtime's.
    fn listen(listener: std::net::TcpListener) -> io::Result<Self::Listener>;

    /// Ends after `duration`.
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static;

    /// The addresses of a name, as the system's resolver has them.
    fn resolve(host: String, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> {
        Self::unblock(move || Ok((host, port).to_socket_addrs()?.collect()))
    }

    /// Calls a function that blocks, on another thread.
    fn unblock<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T>;

    /// Runs a future on this thread, which waits for its sockets and timers itself.
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T;
}

/// Tells whoever waits on a loop's descriptor that there is something to do.
pub(crate) trait Alarm: Default + Send + Sync + 'static {
    fn ring(&self);
}

/// That of a loop without a descriptor.
#[cfg(any(feature = "async-std", feature = "smol", not(feature = "native")))]
#[derive(Default)]
pub(crate) struct NoAlarm;

#[cfg(any(feature = "async-std", feature = "smol", not(feature = "native")))]
impl Alarm for NoAlarm {
    fn ring(&self) {}
}

/// A TCP connection, whose writes are vectored.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + 'static {
    /// The connection itself, for its options.
    fn as_socket(&self) -> SockRef<'_>;
    /// The connection, which does not block, without the runtime.
    fn into_std(self) -> io::Result<std::net::TcpStream>;
}

/// A listening socket.
pub(crate) trait Listener<S> {
    /// The next connection.
    fn accept(&self) -> impl Future<Output = io::Result<S>>;
}

/// A connection of the runtime in use.
pub(crate) type TcpSocket = <Current as Runtime>::Socket;
/// A listening socket of the runtime in use.
pub(crate) type TcpListener = <Current as Runtime>::Listener;

/// All addresses of a name; an IP address is its own. `localhost` and names below it mean this machine, which
/// not every system's resolver knows (RFC 6761 section 6.3): some ask the network, whose word is not to be taken for that.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    // URL parsing has made it lower case.
    let name = host.strip_suffix('.').unwrap_or(host);
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(vec![
            (Ipv6Addr::LOCALHOST, port).into(),
            (Ipv4Addr::LOCALHOST, port).into(),
        ]);
    }
    Current::resolve(host.to_owned(), port).await
}

/// Ends after `duration`.
pub(crate) fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
    Current::sleep(duration)
}

/// Lets whoever else is polled on this thread have a turn.
pub(crate) async fn yield_now() {
    let mut has_yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
