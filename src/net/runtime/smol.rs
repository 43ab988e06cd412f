//! smol.

use super::async_io::AsyncSocket;
use super::{Listener, NoAlarm, Runtime};
use smol::Async;
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

    fn new() -> Self {
        Self
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
        smol::Timer::after(duration).await;
    }

    fn unblock<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        smol::unblock(function)
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        smol::block_on(future)
    }
}

impl Listener<AsyncSocket> for Async<TcpListener> {
    async fn accept(&self) -> io::Result<AsyncSocket> {
        Ok(AsyncSocket::new(
            Async::<TcpListener>::accept(self).await?.0,
        ))
    }
}
