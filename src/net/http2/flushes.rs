//! What has left, of all that a connection's streams have given to HTTP/2.

use bytes::Buf;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Buffers of this size at most are used again.
const KEPT_SIZE: usize = 4 * 1024;
/// And so many of them.
const KEPT: usize = 64;

/// How often the transport of a connection was flushed, and who waits for it.
#[derive(Default)]
pub(super) struct Flushes {
    count: Cell<u64>,
    has_ended: Cell<bool>,
    waiting: RefCell<Vec<Rc<Outgoing>>>,
    /// Empty.
    buffers: RefCell<Vec<Vec<u8>>>,
}

impl Flushes {
    /// All that was given to the transport has left.
    pub(super) fn flushed(&self) {
        self.count.set(self.count.get() + 1);
        self.wake();
    }

    /// Nothing leaves any more.
    pub(super) fn end(&self) {
        self.has_ended.set(true);
        self.wake();
    }

    pub(super) fn have_ended(&self) -> bool {
        self.has_ended.get()
    }

    fn wake(&self) {
        for outgoing in self.waiting.take() {
            let waker = outgoing.waker.take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

/// What one stream has given to HTTP/2.
pub(super) struct Outgoing {
    flushes: Rc<Flushes>,
    /// Bytes that have not gone to the transport.
    queued: Cell<usize>,
    /// The flush with which the rest has left.
    flush: Cell<u64>,
    /// Some were thrown away: the stream was reset, or the connection is lost.
    is_lost: Cell<bool>,
    /// Of who waits, while this is among those that do.
    waker: RefCell<Option<Waker>>,
}

impl Outgoing {
    pub(super) fn new(flushes: Rc<Flushes>) -> Rc<Self> {
        Rc::new(Self {
            flushes,
            queued: Cell::new(0),
            flush: Cell::new(0),
            is_lost: Cell::new(false),
            waker: RefCell::default(),
        })
    }

    /// Copies, and counts as queued, the first `len` bytes of these slices.
    pub(super) fn chunk(self: &Rc<Self>, slices: &[io::IoSlice<'_>], mut len: usize) -> Chunk {
        let mut bytes = self.flushes.buffers.borrow_mut().pop().unwrap_or_default();
        bytes.reserve_exact(len);
        for slice in slices {
            let part = &slice[..slice.len().min(len)];
            bytes.extend_from_slice(part);
            len -= part.len();
        }
        self.queued.set(self.queued.get() + bytes.len());
        Chunk {
            outgoing: self.clone(),
            bytes,
            taken: 0,
        }
    }

    /// What carries no bytes leaves with the next flush.
    pub(super) fn await_next_flush(&self) {
        self.flush.set(self.flushes.count.get() + 1);
    }

    /// Ends once all has left.
    pub(super) fn poll_flushed(self: &Rc<Self>, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let is_flushed = self.queued.get() == 0 && self.flushes.count.get() >= self.flush.get();
        if self.is_lost.get() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if is_flushed {
            return Poll::Ready(Ok(()));
        }
        if self.flushes.have_ended() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let before = self.waker.replace(Some(cx.waker().clone()));
        if before.is_none() {
            self.flushes.waiting.borrow_mut().push(self.clone());
        }
        Poll::Pending
    }

    /// The stream is gone.
    pub(super) fn wait_no_more(self: &Rc<Self>) {
        if self.waker.take().is_some() {
            let mut waiting = self.flushes.waiting.borrow_mut();
            waiting.retain(|other| !Rc::ptr_eq(other, self));
        }
    }
}

/// A part of a stream on its way into frames.
pub(crate) struct Chunk {
    outgoing: Rc<Outgoing>,
    bytes: Vec<u8>,
    taken: usize,
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.bytes.len() - self.taken
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    fn advance(&mut self, count: usize) {
        self.taken += count;
        let queued = &self.outgoing.queued;
        queued.set(queued.get() - count);
        self.outgoing.await_next_flush();
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let outgoing = &self.outgoing;
        if self.remaining() > 0 {
            outgoing.is_lost.set(true);
            outgoing.flushes.wake();
        }
        let mut buffers = outgoing.flushes.buffers.borrow_mut();
        if self.bytes.capacity() <= KEPT_SIZE && buffers.len() < KEPT {
            self.bytes.clear();
            buffers.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::noop_waker;

    #[test]
    fn who_asks_often_waits_once() {
        let flushes = Rc::<Flushes>::default();
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        for _ in 0..100 {
            let stream = Outgoing::new(flushes.clone());
            stream.await_next_flush();
            for _ in 0..100 {
                assert!(stream.poll_flushed(&cx).is_pending());
            }
            assert_eq!(flushes.waiting.borrow().len(), 1);
            stream.wait_no_more();
        }
        assert_eq!(flushes.waiting.borrow().len(), 0);
        let stream = Outgoing::new(flushes.clone());
        stream.await_next_flush();
        assert!(stream.poll_flushed(&cx).is_pending());
        flushes.flushed();
        assert!(stream.poll_flushed(&cx).is_ready());
    }
}
