//! async-std. It is built on async-io and blocking, which are used directly where async-std would start
//! its executor's threads: nothing here needs them, and they would take the reactor away from the loop.

use super::async_io::AsyncSocket;
use super::{Listener, NoAlarm, Runtime};
use async_std::net::{TcpListener, TcpStream};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// async-std, whose reactor runs by itself.
pub(crate) struct AsyncStd;

impl Runtime for AsyncStd {
    type Socket = AsyncSocket;
    type Listener = TcpListener;
    type Alarm = NoAlarm;

    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    fn alarm(&self) -> NoAlarm {
        NoAlarm
    }

    fn enter(&self) -> impl Sized + '_ {}

    async fn connect(address: SocketAddr) -> io::Result<AsyncSocket> {
        socket(TcpStream::connect(address).await?)
    }

    fn listen(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        Ok(listener.into())
    }

    async fn sleep(duration: Duration) {
        async_io::Timer::after(duration).await;
    }

    fn unblock<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        blocking::unblock(function)
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        async_io::block_on(future)
    }
}

impl Listener<AsyncSocket> for TcpListener {
    async fn accept(&self) -> io::Result<AsyncSocket> {
        socket(self.accept().await?.0)
    }
}

fn socket(stream: TcpStream) -> io::Result<AsyncSocket> {
    Ok(AsyncSocket::new(async_io::Async::new(stream.try_into()?)?))
}
