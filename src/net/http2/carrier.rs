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
/// What a frame counts for beside them: so much it takes in `h2`, whatever it holds, until who it is for has had that turn.
const FRAME: usize = 256;

/// What is known of a connection's traffic.
pub(super) struct Traffic {
    pub(super) flushes: Rc<Flushes>,
    last_read: Cell<Instant>,
    /// How many bytes the transport has taken.
    written: Cell<u64>,
    /// Bytes that may be read in this round.
    left: Cell<usize>,
    frames: Cell<Frames>,
}

impl Traffic {
    /// Ahead of the first frame the peer says so many bytes.
    pub(super) fn new(preface: usize) -> Rc<Self> {
        let frames = Frames {
            rest: preface,
            ..Frames::default()
        };
        Rc::new(Self {
            flushes: Rc::default(),
            last_read: Cell::new(Instant::now()),
            written: Cell::new(0),
            left: Cell::new(ROUND),
            frames: Cell::new(frames),
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

    fn count_read(&self, bytes: &[u8]) {
        let mut frames = self.frames.get();
        let cost = bytes.len() + frames.count(bytes) * FRAME;
        self.frames.set(frames);
        self.left.set(self.left.get().saturating_sub(cost));
        self.last_read.set(Instant::now());
    }

    fn count_written(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.written.set(self.written.get().saturating_add(count));
    }
}

/// Where frames begin in what is read (RFC 9113 section 4.1).
#[derive(Clone, Copy, Default)]
struct Frames {
    /// The length of the next, as far as it has come.
    len: usize,
    digits: u8,
    /// So many bytes come ahead of it.
    rest: usize,
}

/// A frame's head has a length of three bytes, and so many others.
const BEHIND_LENGTH: usize = 6;

impl Frames {
    /// How many begin in these bytes.
    fn count(&mut self, mut bytes: &[u8]) -> usize {
        let mut count = 0;
        loop {
            bytes = &bytes[self.take_rest(bytes.len())..];
            let Some((digit, behind)) = bytes.split_first() else {
                return count;
            };
            bytes = behind;
            self.len = self.len << 8 | usize::from(*digit);
            self.digits += 1;
            if self.digits == 3 {
                *self = Self {
                    rest: self.len + BEHIND_LENGTH,
                    ..Self::default()
                };
                count += 1;
            }
        }
    }

    /// So many of the next bytes are the rest of a frame.
    fn take_rest(&mut self, most: usize) -> usize {
        let taken = self.rest.min(most);
        self.rest -= taken;
        taken
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
        if self.traffic.left.get() == 0 {
            // A peer that sends without end keeps nobody waiting.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let bytes = buffer.initialize_unfilled();
        let count = ready!(Pin::new(&mut *self.stream).poll_read(cx, bytes))?;
        self.traffic.count_read(&bytes[..count]);
        buffer.advance(count);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_in_whichever_pieces_they_come() {
        let frame = |len: u8| {
            [
                vec![0, 0, len],
                vec![0xff; BEHIND_LENGTH + usize::from(len)],
            ]
        };
        let long = [vec![0, 1, 2], vec![0xff; BEHIND_LENGTH + 0x102]];
        let all = [
            &[frame(0), frame(1), long, frame(9)].concat().concat()[..],
            &[0],
        ]
        .concat();
        for piece in 1..all.len() {
            let mut frames = Frames {
                rest: 3,
                ..Frames::default()
            };
            let said = [&b"PRI"[..], &all].concat();
            let count: usize = said.chunks(piece).map(|piece| frames.count(piece)).sum();
            assert_eq!(count, 4, "{piece}");
        }
    }
}
