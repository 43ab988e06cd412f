//! The runtime that sockets and timers come from: the only file that names one.
//!
//! async-std is built on async-io and blocking. They are used directly where async-std would start its
//! executor's threads, which nothing here needs, and which would take the reactor away from the loop.

use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::time::Duration;

#[cfg(feature = "async-std")]
use {async_io as timers, async_std::net, blocking::unblock};
#[cfg(all(feature = "smol", not(feature = "async-std")))]
use {smol as timers, smol::net, smol::unblock};

#[cfg(not(any(feature = "async-std", feature = "smol")))]
compile_error!("dom-websocket needs a runtime: enable the feature `async-std` or `smol`");

pub(crate) use net::{TcpListener, TcpStream};

/// Runs a future on this thread, which waits for its sockets and timers itself.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    timers::block_on(future)
}

/// All addresses of a name; an IP address is its own.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let host = host.to_owned();
    unblock(move || Ok((host, port).to_socket_addrs()?.collect())).await
}

/// Ends after `duration`.
pub(crate) async fn sleep(duration: Duration) {
    timers::Timer::after(duration).await;
}

/// Ends our direction of a connection (FIN).
pub(crate) fn shut_down_write(stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)
}

/// A listening socket of the runtime.
pub(crate) fn listener(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    #[cfg(feature = "async-std")]
    {
        Ok(TcpListener::from(listener))
    }
    #[cfg(not(feature = "async-std"))]
    {
        TcpListener::try_from(listener)
    }
}
