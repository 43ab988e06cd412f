//! Sockets of async-io, on which async-std and smol are built.

use super::Socket;
use futures::io::{AsyncWrite, IoSlice};
use socket2::SockRef;
use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(feature = "async-std")]
use async_io::Async;
#[cfg(not(feature = "async-std"))]
use smol::Async;

/// A TCP connection.
pub(crate) struct AsyncSocket(Async<TcpStream>);

impl AsyncSocket {
    pub(super) fn new(stream: Async<TcpStream>) -> Self {
        Self(stream)
    }
}

impl Socket for AsyncSocket {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_readable(cx)
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.get_ref().read(buffer)
    }

    fn as_socket(&self) -> SockRef<'_> {
        SockRef::from(self.0.get_ref())
    }
}

impl AsyncWrite for AsyncSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.0).poll_write_vectored(cx, slices)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &self.0).poll_flush(cx)
    }

    /// Ends our direction (FIN).
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.get_ref().shutdown(Shutdown::Write))
    }
}
