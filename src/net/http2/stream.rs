//! A stream of HTTP/2 as a transport (RFC 8441 section 5).

use super::client::Lease;
use super::flushes::{Chunk, Flushes, Ticket};
use super::io_error;
use super::server::Open;
use crate::net::stream::IntoTcp;
use crate::net::{Place, Stream};
use bytes::{Bytes, BytesMut};
use futures::future::Either;
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use h2::{Reason, RecvStream, SendStream};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// A write takes no more.
const MOST_AT_ONCE: usize = 128 * 1024;

/// What lasts as long as a stream: a client's lease; or that a server counts it, among its connections too.
pub(super) type Lasting = Either<Lease, (Open, Option<Place>)>;

/// Both directions of a stream. END_STREAM is an orderly end, RST_STREAM a reset; dropped before the peer's has ended it is reset
/// with CANCEL.
///
/// What was written has left when it is flushed: so what waits is counted above, and not a second time here.
pub(crate) struct Http2Stream {
    send: SendStream<Chunk>,
    flushes: Rc<Flushes>,
    /// For what was given to these.
    ticket: Ticket,
    has_finished: bool,
    /// `None`: what comes is thrown away.
    receive: Option<RecvStream>,
    /// Received, and not read.
    bytes: Bytes,
    /// How the peer's direction has ended, behind `bytes`.
    end: Option<Result<(), io::ErrorKind>>,
    _lasting: Lasting,
}

impl Http2Stream {
    pub(super) fn new(
        send: SendStream<Chunk>,
        receive: Option<RecvStream>,
        flushes: Rc<Flushes>,
        lasting: Lasting,
    ) -> Self {
        Self {
            send,
            flushes,
            ticket: Ticket::default(),
            has_finished: false,
            receive,
            bytes: Bytes::new(),
            end: None,
            _lasting: lasting,
        }
    }

    /// END_STREAM stood on the head.
    pub(super) fn finish_with_head(&mut self) {
        self.has_finished = true;
        self.flushes.await_next(&mut self.ticket);
    }

    /// Waits until some of so many bytes may leave (RFC 9113 section 5.2): how many.
    fn poll_window(&mut self, len: usize, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.send.reserve_capacity(len.min(MOST_AT_ONCE));
        let mut window = self.send.capacity();
        while window == 0 {
            match ready!(self.send.poll_capacity(cx)) {
                Some(Ok(capacity)) => window = capacity,
                Some(Err(error)) => return Poll::Ready(Err(io_error(error))),
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
        Poll::Ready(Ok(window.min(len)))
    }

    /// RFC 9113 section 8.5: what is connected has no trailers.
    fn end_of_data(&mut self, cx: &mut Context<'_>) -> Result<(), io::ErrorKind> {
        let trailers = self.receive.as_mut().map(|r| r.poll_trailers(cx));
        match trailers {
            Some(Poll::Ready(Ok(Some(_)))) => {
                self.send.send_reset(Reason::PROTOCOL_ERROR);
                Err(io::ErrorKind::ConnectionReset)
            }
            _ => Ok(()),
        }
    }

    /// What the next frame holds; nothing at the end.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let frame = match &mut self.receive {
            Some(receive) => ready!(receive.poll_data(cx)),
            None => None,
        };
        match frame {
            Some(Ok(bytes)) => return Poll::Ready(Ok(bytes)),
            None => self.end = Some(self.end_of_data(cx)),
            // RFC 9113 section 8.1: the peer is done with us, and nothing went wrong.
            Some(Err(error)) if error.reason() == Some(Reason::NO_ERROR) => {
                self.end = Some(Ok(()));
            }
            Some(Err(error)) => {
                let error = io_error(error);
                self.end = Some(Err(error.kind()));
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(Bytes::new()))
    }

    /// The next bytes; none at the end.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.bytes.is_empty() && self.end.is_none() {
            self.bytes = ready!(self.poll_frame(cx))?;
        }
        match self.end {
            Some(Err(kind)) if self.bytes.is_empty() => Poll::Ready(Err(kind.into())),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl Drop for Http2Stream {
    fn drop(&mut self) {
        let receive = self.receive.as_ref();
        let is_read = self.bytes.is_empty();
        let has_ended =
            is_read && (self.end == Some(Ok(())) || receive.is_some_and(RecvStream::is_end_stream));
        if self.flushes.holds(&self.ticket) {
            // It might wait for a window for as long as there is the connection, and nobody would count it.
            self.send.send_reset(Reason::CANCEL);
        } else if has_ended && !self.has_finished {
            // As TCP has an end where it is let go of.
            let end = self.flushes.end_of_stream(&mut self.ticket);
            let _ = self.send.send_data(end, true);
        }
        self.flushes.forget(&mut self.ticket);
    }
}

impl Stream for Http2Stream {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        Ok(Err(self))
    }

    /// A frame that lies in `h2` costs some 250 bytes beside what it holds, and keeps all that was read with it: the window,
    /// which counts neither, would not bound what a peer has us hold.
    fn hold(&mut self, cx: &mut Context<'_>) {
        let mut held: Option<BytesMut> = None;
        while self.end.is_none() {
            let Poll::Ready(Ok(bytes)) = self.poll_frame(cx) else {
                break;
            };
            let held = held.get_or_insert_with(|| {
                let before = std::mem::take(&mut self.bytes).try_into_mut();
                before.unwrap_or_else(|shared| BytesMut::from(&shared[..]))
            });
            append(held, &bytes);
        }
        if let Some(held) = held {
            self.bytes = held.freeze();
        }
    }
}

/// Room that has to grow is twice what lies in it, and none for what was read of it: that is in no window any more.
fn append(held: &mut BytesMut, bytes: &[u8]) {
    let (len, needed) = (held.len(), held.len() + bytes.len());
    if needed > held.capacity() {
        let mut roomier = BytesMut::with_capacity(needed.max(2 * len));
        roomier.extend_from_slice(held);
        *held = roomier;
    }
    held.extend_from_slice(bytes);
}

impl AsyncRead for Http2Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let mut read = 0;
        while read < buffer.len() {
            match this.poll_bytes(cx) {
                Poll::Ready(Ok(())) if this.bytes.is_empty() => break,
                Poll::Ready(Ok(())) => {}
                // What comes behind is told with the next read.
                Poll::Pending | Poll::Ready(Err(_)) if read > 0 => break,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
            let count = this.bytes.len().min(buffer.len() - read);
            buffer[read..read + count].copy_from_slice(&this.bytes.split_to(count));
            read += count;
        }
        if let Some(receive) = this.receive.as_mut().filter(|_| read > 0) {
            // Whoever does not read closes the window of this stream alone.
            let _ = receive.flow_control().release_capacity(read);
        }
        Poll::Ready(Ok(read))
    }
}

impl AsyncWrite for Http2Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len: usize = slices.iter().map(|slice| slice.len()).sum();
        if len == 0 {
            return Poll::Ready(Ok(0));
        }
        let count = ready!(self.poll_window(len, cx))?;
        let this = &mut *self;
        let chunk = this.flushes.chunk(&mut this.ticket, slices, count);
        self.send.send_data(chunk, false).map_err(io_error)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.flushes.poll_flushed(&mut this.ticket, cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.has_finished {
            let end = this.flushes.end_of_stream(&mut this.ticket);
            this.send.send_data(end, true).map_err(io_error)?;
            this.has_finished = true;
        }
        // Whoever ends a connection that is lost has ended it.
        let flushed = this.flushes.poll_flushed(&mut this.ticket, cx);
        flushed.map(|_| Ok(()))
    }
}
