//! The runtime that sockets and timers come from: the only file that names one.
//!
//! async-std is built on async-io and blocking. They are used directly where async-std would start its
//! executor's threads, which nothing here needs, and which would take the reactor away from the loop.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "async-std")]
use {async_io as reactor, async_std::net, blocking::unblock};
#[cfg(all(feature = "smol", not(feature = "async-std")))]
use {smol as reactor, smol::net, smol::unblock};

#[cfg(not(any(feature = "async-std", feature = "smol")))]
compile_error!("dom-websocket needs a runtime: enable the feature `async-std` or `smol`");

pub(crate) use net::{TcpListener, TcpStream};

/// Runs a future on this thread, which waits for its sockets and timers itself.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    reactor::block_on(future)
}

/// All addresses of a name; an IP address is its own. Names below `localhost` mean this machine, which
/// not every system's resolver knows (RFC 6761 section 6.3).
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    // URL parsing has made it lower case.
    if host.trim_end_matches('.').ends_with(".localhost") {
        return Ok(vec![
            (Ipv6Addr::LOCALHOST, port).into(),
            (Ipv4Addr::LOCALHOST, port).into(),
        ]);
    }
    let host = host.to_owned();
    unblock(move || Ok((host, port).to_socket_addrs()?.collect())).await
}

/// Ends after `duration`.
pub(crate) async fn sleep(duration: Duration) {
    reactor::Timer::after(duration).await;
}

/// A connection whose readiness can be asked for without reading or writing.
pub(super) type Readiness = Arc<reactor::Async<std::net::TcpStream>>;

/// What a connection of the runtime is underneath.
pub(super) fn readiness(stream: TcpStream) -> io::Result<Readiness> {
    #[cfg(feature = "async-std")]
    {
        Ok(Arc::new(reactor::Async::new(stream.try_into()?)?))
    }
    #[cfg(not(feature = "async-std"))]
    {
        Ok(stream.into())
    }
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
