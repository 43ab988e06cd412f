//! smol, by the crates that its sockets, its timers and its threads are of: async-io and blocking. Whoever has smol has these.

use super::async_io::AsyncSocket;
use super::{Listener, NoAlarm, Runtime};
use async_io::Async;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// smol, whose reactor runs by itself.
pub(crate) struct Smol;

impl Runtime for Smol {
    type Socket = AsyncSocket;
    type Listener = Async<TcpListener>;
    type Alarm = NoAlarm;

    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    fn alarm(&self) -> NoAlarm {
        NoAlarm
    }

    fn enter(&self) -> impl Sized + '_ {}

    async fn connect(address: SocketAddr) -> io::Result<AsyncSocket> {
        Ok(AsyncSocket::new(
            Async::<TcpStream>::connect(address).await?,
        ))
    }

    fn listen(listener: TcpListener) -> io::Result<Async<TcpListener>> {
        Async::new(listener)
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

impl Listener<AsyncSocket> for Async<TcpListener> {
    async fn accept(&self) -> io::Result<AsyncSocket> {
        Ok(AsyncSocket::new(
            Async::<TcpListener>::accept(self).await?.0,
        ))
    }
}
