//! Sockets of async-io, on which async-std and smol are built.

use super::Socket;
use async_io::Async;
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use socket2::SockRef;
use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A TCP connection.
pub(crate) struct AsyncSocket {
    stream: Async<TcpStream>,
    /// The last read took all there was: the next poll asks to be woken for more, and reads nothing.
    is_drained: bool,
}

impl AsyncSocket {
    pub(super) fn new(stream: Async<TcpStream>) -> Self {
        Self {
            stream,
            is_drained: false,
        }
    }
}

impl Socket for AsyncSocket {
    fn as_socket(&self) -> SockRef<'_> {
        SockRef::from(self.stream.get_ref())
    }

    fn into_std(self) -> io::Result<TcpStream> {
        self.stream.into_inner()
    }
}

impl AsyncRead for AsyncSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            // Whoever is woken reads, whatever the reactor thinks of it: an event that it was about to
            // deliver when this was asked does not count there.
            if std::mem::take(&mut self.is_drained) {
                ready!(self.stream.poll_readable(cx))?;
            }
            match self.stream.get_ref().read(buffer) {
                Ok(count) => {
                    self.is_drained = count < buffer.len();
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_drained = true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for AsyncSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.stream).poll_write_vectored(cx, slices)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &self.stream).poll_flush(cx)
    }

    /// Ends our direction (FIN).
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.get_ref().shutdown(Shutdown::Write))
    }
}
