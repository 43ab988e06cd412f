//! A byte stream to the peer.

use super::Place;
use super::runtime::{Socket, TcpSocket};
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use socket2::TcpKeepalive;
use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// What a connection runs over. `poll_close` ends our direction and leaves the peer's open.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// The TCP connection below, with what has been read of it; or this again, where its bytes are not TCP's.
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp>;

    /// Nobody reads for now. A transport that keeps what comes itself does so in as little memory as that takes.
    fn hold(&mut self, _cx: &mut Context<'_>) {}
}

pub(crate) type IntoTcp = Result<(TcpStream, Vec<u8>), Box<dyn Stream>>;

impl Stream for Box<dyn Stream> {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        (*self).into_tcp()
    }

    fn hold(&mut self, cx: &mut Context<'_>) {
        (**self).hold(cx);
    }
}

/// A transport of somebody else's: bytes go in and come out, and nothing else is known of it. What is pinned forwards by itself.
#[cfg(any(feature = "http2", fuzzing))]
impl<T: AsyncRead + AsyncWrite + Unpin + 'static> Stream for Pin<Box<T>> {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        Ok(Err(self))
    }
}

/// A TCP connection.
pub(crate) struct TcpTransport {
    socket: TcpSocket,
    /// Where there are so many only: given back with the connection.
    place: Option<Place>,
}

impl TcpTransport {
    /// Small messages leave at once: what a turn sends is one write already.
    pub(crate) fn new(socket: TcpSocket) -> io::Result<Self> {
        socket.as_socket().set_tcp_nodelay(true)?;
        Ok(Self {
            socket,
            place: None,
        })
    }

    pub(crate) fn in_place(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Has the system ask a silent peer, every so often, whether it is there. Systems count whole
    /// seconds, and Linux as many as fit into 15 bits.
    pub(crate) fn keep_alive(&self, idle: Duration) -> io::Result<()> {
        let idle = idle.clamp(Duration::from_secs(1), Duration::from_secs(0x7fff));
        let settings = TcpKeepalive::new().with_time(idle).with_interval(idle);
        self.socket.as_socket().set_tcp_keepalive(&settings)
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
        Pin::new(&mut self.socket).poll_read(cx, buffer)
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
