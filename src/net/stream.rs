//! A byte stream to the peer.

use super::runtime::{Socket, TcpSocket};
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use socket2::{SockRef, TcpKeepalive};
use std::io::{self, Read};
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// What a connection runs over. `poll_close` ends our direction and leaves the peer's open.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// The TCP connection below, with what has been read of it; or this again, where its bytes are not TCP's.
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp>;
}

pub(crate) type IntoTcp = Result<(TcpStream, Vec<u8>), Box<dyn Stream>>;

impl Stream for Box<dyn Stream> {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        (*self).into_tcp()
    }
}

/// A TCP connection.
pub(crate) struct TcpTransport {
    socket: TcpSocket,
    /// The last read took all there was: the next poll asks to be woken for more, and reads nothing.
    is_drained: bool,
}

impl TcpTransport {
    /// Small messages leave at once: what a turn sends is one write already.
    pub(crate) fn new(socket: TcpSocket) -> io::Result<Self> {
        socket.as_std().set_nodelay(true)?;
        Ok(Self {
            socket,
            is_drained: false,
        })
    }

    /// Has the system ask a silent peer, every so often, whether it is there. Systems count whole
    /// seconds, and Linux as many as fit into 15 bits.
    pub(crate) fn keep_alive(&self, idle: Duration) -> io::Result<()> {
        let idle = idle.clamp(Duration::from_secs(1), Duration::from_secs(0x7fff));
        let settings = TcpKeepalive::new().with_time(idle).with_interval(idle);
        SockRef::from(self.socket.as_std()).set_tcp_keepalive(&settings)
    }
}

impl Stream for TcpTransport {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        Ok(Ok((self.socket.into_std()?, Vec::new())))
    }
}

impl AsyncRead for TcpTransport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            // Whoever is woken reads, whatever the reactor thinks of it: an event that it was about to
            // deliver when this was asked does not count there.
            if std::mem::take(&mut self.is_drained) {
                ready!(self.socket.poll_readable(cx))?;
            }
            match self.socket.as_std().read(buffer) {
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

impl AsyncWrite for TcpTransport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx)
    }
}
