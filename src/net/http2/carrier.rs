//! The transport below an HTTP/2 connection, as its implementation wants it.

use super::flushes::Flushes;
use crate::net::Stream;
use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many bytes are read in a round, before others have their turn.
const ROUND: usize = 64 * 1024;

/// What is known of a connection's traffic.
pub(super) struct Traffic {
    pub(super) flushes: Rc<Flushes>,
    last_read: Cell<Instant>,
    /// How many bytes the transport has taken.
    written: Cell<u64>,
    /// Bytes that may be read in this round.
    left: Cell<usize>,
}

impl Traffic {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            flushes: Rc::default(),
            last_read: Cell::new(Instant::now()),
            written: Cell::new(0),
            left: Cell::new(ROUND),
        })
    }

    /// Whoever has nothing left to do in a round says so.
    pub(super) fn end_round(&self) {
        self.left.set(ROUND);
    }

    /// When something came.
    pub(super) fn last_read(&self) -> Instant {
        self.last_read.get()
    }

    /// How many bytes the transport has taken.
    pub(super) fn written(&self) -> u64 {
        self.written.get()
    }

    fn count_written(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.written.set(self.written.get().saturating_add(count));
    }
}

/// A transport whose reads, writes and flushes are noted.
pub(super) struct Carrier {
    stream: Box<dyn Stream>,
    traffic: Rc<Traffic>,
}

impl Carrier {
    pub(super) fn new(stream: Box<dyn Stream>, traffic: Rc<Traffic>) -> Self {
        Self { stream, traffic }
    }
}

impl AsyncRead for Carrier {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.traffic.left.get();
        if left == 0 {
            // A peer that sends without end keeps nobody waiting.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let bytes = buffer.initialize_unfilled();
        let count = ready!(Pin::new(&mut *self.stream).poll_read(cx, bytes))?;
        buffer.advance(count);
        let traffic = &self.traffic;
        traffic.left.set(left.saturating_sub(count));
        traffic.last_read.set(Instant::now());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Carrier {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut *self.stream).poll_write(cx, bytes))?;
        self.traffic.count_written(count);
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut *self.stream).poll_write_vectored(cx, slices))?;
        self.traffic.count_written(count);
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut *self.stream).poll_flush(cx))?;
        self.traffic.flushes.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_close(cx)
    }
}
