//! The runtime that sockets and timers come from: the only file that names one.

use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

#[cfg(feature = "async-std")]
use async_std::{net, task::block_on as block_on_runtime};
#[cfg(all(feature = "smol", not(feature = "async-std")))]
use smol::{block_on as block_on_runtime, net};

#[cfg(not(any(feature = "async-std", feature = "smol")))]
compile_error!("dom-websocket needs a runtime: enable the feature `async-std` or `smol`");

pub(crate) use net::{TcpListener, TcpStream};

/// Runs a future on this thread, which waits for its sockets and timers itself.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    block_on_runtime(future)
}

/// All addresses of a name; an IP address is its own.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    #[cfg(feature = "async-std")]
    {
        use async_std::net::ToSocketAddrs;
        Ok((host, port).to_socket_addrs().await?.collect())
    }
    #[cfg(not(feature = "async-std"))]
    {
        smol::net::resolve((host, port)).await
    }
}

/// Ends after `duration`.
pub(crate) async fn sleep(duration: Duration) {
    #[cfg(feature = "async-std")]
    async_std::task::sleep(duration).await;
    #[cfg(not(feature = "async-std"))]
    smol::Timer::after(duration).await;
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
