//! A transport that somebody else goes on with.

use super::Stream;
use crate::protocol::Withheld;
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use std::fmt;
use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The transport of a connection that was taken over, with what had come and nobody had read.
///
/// All that was written has left. Both directions that were open are open still, and dropping the transport closes it.
/// What is shown for debugging of the bytes is how many they are.
///
/// ```
/// use dom_websocket::{ByteStream, TakenSocket, TakenTransport};
/// use std::io;
/// use std::net::TcpStream;
///
/// /// For a program that knows TCP.
/// async fn hand_over(mut stream: ByteStream) -> io::Result<(Vec<u8>, TcpStream)> {
///     let TakenSocket { unread, transport, .. } = stream.take_socket().await?;
///     match transport {
///         TakenTransport::Tcp(socket) => {
///             socket.set_nonblocking(false)?;
///             Ok((unread, socket))
///         }
///         _ => Err(io::ErrorKind::Unsupported.into()),
///     }
/// }
/// ```
#[non_exhaustive]
pub struct TakenSocket {
    /// What the peer sent ahead of what the transport gives.
    pub unread: Vec<u8>,
    /// Where its bytes go on.
    pub transport: TakenTransport,
}

/// What a connection ran over.
///
/// ```
/// use dom_websocket::TakenTransport;
///
/// fn is_secured(transport: &TakenTransport) -> bool {
///     !matches!(transport, TakenTransport::Tcp(_))
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum TakenTransport {
    /// TCP, by way of a proxy's tunnel or not. It does not block
    /// ([`set_nonblocking`](TcpStream::set_nonblocking)), and no runtime knows it any more: any can have it.
    Tcp(TcpStream),
    /// TLS, the server's or the proxy's, as this library speaks it.
    Tls(TlsSocket),
}

/// A TLS connection: plain bytes go in and come out. Closing it ends our direction, and leaves the peer's open.
///
/// Below it is a socket of its event loop's runtime still. It can be polled by futures of that loop
/// ([`EventLoop::spawn`](crate::EventLoop::spawn), [`block_on`](crate::EventLoop::block_on)).
///
/// ```
/// use dom_websocket::TlsSocket;
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use std::io;
///
/// /// Says a line, and hears all that the peer has to say to it.
/// async fn ask(socket: &mut TlsSocket) -> io::Result<String> {
///     socket.write_all(b"hello\r\n").await?;
///     socket.close().await?;
///     let mut answer = String::new();
///     socket.read_to_string(&mut answer).await?;
///     Ok(answer)
/// }
/// ```
pub struct TlsSocket(Box<dyn Stream>);

impl TakenSocket {
    pub(crate) fn new(stream: Box<dyn Stream>, mut unread: Vec<u8>) -> io::Result<Self> {
        let transport = match stream.into_tcp()? {
            Ok((socket, later)) => {
                unread.extend(later);
                TakenTransport::Tcp(socket)
            }
            Err(stream) => TakenTransport::Tls(TlsSocket(stream)),
        };
        Ok(Self { unread, transport })
    }
}

impl fmt::Debug for TakenSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakenSocket")
            .field("unread", &Withheld(self.unread.len()))
            .field("transport", &self.transport)
            .finish()
    }
}

impl fmt::Debug for TlsSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSocket").finish_non_exhaustive()
    }
}

impl AsyncRead for TlsSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for TlsSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}
