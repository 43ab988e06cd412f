//! Sockets of mio, which their loop's poller knows from their beginning to their end.

use super::super::{Listener, Socket};
use super::reactor::{Reactor, Registration};
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use mio::Interest;
use mio::net::{TcpListener, TcpStream};
use socket2::SockRef;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// A peer that has gone is an error, also where the process is not of a Rust `main`, which ignores SIGPIPE. Elsewhere
/// sockets have it so from their beginning.
#[cfg(all(unix, not(target_vendor = "apple")))]
const WITHOUT_SIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
const WITHOUT_SIGNAL: i32 = 0;

/// A TCP connection.
pub(crate) struct NativeSocket {
    stream: TcpStream,
    registration: Registration,
    /// The last read took all there was, so an event is due before the next one.
    is_drained: bool,
    /// Its events tell of room to write too. One that never ran out of it is spared these: they would come with all
    /// the others.
    is_told_of_room: bool,
}

impl NativeSocket {
    pub(super) async fn connect(reactor: &Rc<Reactor>, address: SocketAddr) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        let registration = reactor.register(&mut stream, Interest::WRITABLE)?;
        poll_fn(|cx| registration.poll_writable(cx)).await;
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        registration.change(&mut stream, Interest::READABLE)?;
        Ok(Self::new(stream, registration))
    }

    /// A peer's first bytes are hardly ever there so early, and if they are, there is an event.
    fn new(stream: TcpStream, registration: Registration) -> Self {
        Self {
            stream,
            registration,
            is_drained: true,
            is_told_of_room: false,
        }
    }

    fn poll_event(&self, cx: &Context<'_>) -> Poll<()> {
        // Windows says nothing more before a read has found nothing.
        if cfg!(windows) {
            match self.stream.peek(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => return Poll::Ready(()),
            }
        }
        self.registration.poll_readable(cx)
    }

    fn poll_output<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&mut TcpStream) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            match write(&mut self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => return Poll::Ready(result),
            }
            self.registration.await_writable(cx);
            if !std::mem::replace(&mut self.is_told_of_room, true) {
                let both = Interest::READABLE | Interest::WRITABLE;
                self.registration.change(&mut self.stream, both)?;
            }
            return Poll::Pending;
        }
    }
}

impl Socket for NativeSocket {
    fn as_socket(&self) -> SockRef<'_> {
        SockRef::from(&self.stream)
    }

    fn into_std(mut self) -> io::Result<std::net::TcpStream> {
        self.registration.end(&mut self.stream)?;
        Ok(self.stream.into())
    }
}

impl AsyncRead for NativeSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            if self.is_drained {
                ready!(self.poll_event(cx));
                self.is_drained = false;
            }
            match self.stream.read(buffer) {
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

impl AsyncWrite for NativeSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_output(cx, |stream| stream.write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_output(cx, |stream| {
            SockRef::from(&*stream).send_vectored_with_flags(slices, WITHOUT_SIGNAL)
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends our direction (FIN).
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown(Shutdown::Write))
    }
}

/// A listening socket.
pub(crate) struct NativeListener {
    listener: TcpListener,
    registration: Registration,
}

impl NativeListener {
    pub(super) fn new(reactor: &Rc<Reactor>, listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let registration = reactor.register(&mut listener, Interest::READABLE)?;
        Ok(Self {
            listener,
            registration,
        })
    }
}

impl Listener<NativeSocket> for NativeListener {
    async fn accept(&self) -> io::Result<NativeSocket> {
        let accepting = poll_fn(|cx| match self.listener.accept() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.registration.await_readable(cx);
                Poll::Pending
            }
            accepted => Poll::Ready(accepted),
        });
        let (mut stream, _) = accepting.await?;
        let reactor = self.registration.reactor();
        let registration = reactor.register(&mut stream, Interest::READABLE)?;
        Ok(NativeSocket::new(stream, registration))
    }
}
