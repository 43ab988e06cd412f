//! What has left, of all that a connection's streams have given to HTTP/2.

use bytes::Buf;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::io;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Buffers of this size at most are used again.
const KEPT_SIZE: usize = 4 * 1024;
/// And so many of them.
const KEPT: usize = 64;

/// How often the transport of a connection was flushed, and what its streams have on the way there.
#[derive(Default)]
pub(super) struct Flushes {
    count: Cell<u64>,
    has_ended: Cell<bool>,
    /// Of those streams alone that have not flushed what they gave: an idle one takes nothing here.
    outgoing: RefCell<Slab<Outgoing>>,
    /// Who waits, by their tickets.
    waiting: RefCell<Vec<usize>>,
    /// Empty.
    buffers: RefCell<Vec<Vec<u8>>>,
}

/// What one stream has given to HTTP/2 and has not flushed.
#[derive(Default)]
struct Outgoing {
    /// Bytes that have not gone to the transport.
    queued: usize,
    /// The flush with which the rest has left.
    flush: u64,
    /// So many chunks there are.
    chunks: u32,
    /// Its end has not gone there: END_STREAM, which has no bytes.
    is_ending: bool,
    /// Some were thrown away: the stream was reset, or the connection is lost.
    is_lost: bool,
    /// The stream is gone.
    is_abandoned: bool,
    /// Of who waits, while this is among those that do.
    waker: Option<Waker>,
}

/// What a stream knows its own by, where there is any.
#[derive(Default)]
pub(super) struct Ticket(Option<NonZeroU32>);

impl Ticket {
    /// Where it lies.
    fn key(&self) -> Option<usize> {
        let number = usize::try_from(self.0?.get()).ok()?;
        Some(number - 1)
    }
}

impl Outgoing {
    /// What comes of it; `None` as long as some of it has not left.
    fn outcome(&self, flushes: u64, has_ended: bool) -> Option<io::Result<()>> {
        let is_flushed = self.queued == 0 && !self.is_ending && flushes >= self.flush;
        if self.is_lost || (has_ended && !is_flushed) {
            return Some(Err(io::ErrorKind::ConnectionReset.into()));
        }
        is_flushed.then_some(Ok(()))
    }
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

    /// Wakes those who need not wait any longer: a peer that takes little at a time has not all of them polled each time.
    fn wake(&self) {
        let (count, has_ended) = (self.count.get(), self.has_ended.get());
        let mut woken = Vec::new();
        self.waiting.borrow_mut().retain(|key| {
            self.with(*key, |outgoing| {
                let waits = outgoing.outcome(count, has_ended).is_none();
                if !waits {
                    woken.extend(outgoing.waker.take());
                }
                waits
            }) == Some(true)
        });
        woken.into_iter().for_each(Waker::wake);
    }

    fn with<T>(&self, key: usize, change: impl FnOnce(&mut Outgoing) -> T) -> Option<T> {
        self.outgoing.borrow_mut().get_mut(key).map(change)
    }

    /// That of a stream, which gets one if it has none.
    fn key(&self, ticket: &mut Ticket) -> usize {
        ticket.key().unwrap_or_else(|| {
            let key = self.outgoing.borrow_mut().insert(Outgoing::default());
            let number = u32::try_from(key + 1).ok().and_then(NonZeroU32::new);
            *ticket = Ticket(Some(
                number.expect("a connection has 2^31 streams at the most"),
            ));
            key
        })
    }

    /// Nobody asks for it any more.
    fn remove(&self, key: usize) {
        let mut outgoing = self.outgoing.borrow_mut();
        outgoing.try_remove(key);
        if outgoing.is_empty() && outgoing.capacity() > KEPT {
            *outgoing = Slab::new();
        }
    }

    /// Copies, and counts as queued, the first `len` bytes of these slices.
    pub(super) fn chunk(
        self: &Rc<Self>,
        ticket: &mut Ticket,
        slices: &[io::IoSlice<'_>],
        mut len: usize,
    ) -> Chunk {
        let mut bytes = self.buffers.borrow_mut().pop().unwrap_or_default();
        bytes.reserve_exact(len);
        for slice in slices {
            let part = &slice[..slice.len().min(len)];
            bytes.extend_from_slice(part);
            len -= part.len();
        }
        let key = self.key(ticket);
        self.with(key, |outgoing| {
            outgoing.queued += bytes.len();
            outgoing.chunks += 1;
        });
        Chunk {
            flushes: self.clone(),
            key,
            bytes,
            taken: 0,
            is_end: false,
        }
    }

    /// What END_STREAM stands on, which carries no bytes, and is waited for all the same.
    pub(super) fn end_of_stream(self: &Rc<Self>, ticket: &mut Ticket) -> Chunk {
        let mut chunk = self.chunk(ticket, &[], 0);
        self.with(chunk.key, |outgoing| outgoing.is_ending = true);
        chunk.is_end = true;
        chunk
    }

    /// What is no chunk leaves with the next flush.
    pub(super) fn await_next(&self, ticket: &mut Ticket) {
        let key = self.key(ticket);
        self.with(key, |outgoing| outgoing.flush = self.count.get() + 1);
    }

    /// Ends once all that this stream gave has left.
    pub(super) fn poll_flushed(
        &self,
        ticket: &mut Ticket,
        cx: &Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(key) = ticket.key() else {
            return Poll::Ready(Ok(()));
        };
        let mut all = self.outgoing.borrow_mut();
        let outgoing = &mut all[key];
        let Some(outcome) = outgoing.outcome(self.count.get(), self.has_ended.get()) else {
            let before = outgoing.waker.replace(cx.waker().clone());
            if before.is_none() {
                self.waiting.borrow_mut().push(key);
            }
            return Poll::Pending;
        };
        if outcome.is_ok() && outgoing.chunks == 0 {
            drop(all);
            self.forget(ticket);
        }
        Poll::Ready(outcome)
    }

    /// Whether bytes of this stream have not gone to the transport.
    pub(super) fn holds(&self, ticket: &Ticket) -> bool {
        let queued = ticket
            .key()
            .and_then(|key| self.with(key, |outgoing| outgoing.queued));
        queued.is_some_and(|queued| queued > 0)
    }

    /// The stream is gone, or asks no more.
    pub(super) fn forget(&self, ticket: &mut Ticket) {
        let Some(key) = std::mem::take(ticket).key() else {
            return;
        };
        let left = self.with(key, |outgoing| {
            outgoing.is_abandoned = true;
            (outgoing.waker.take(), outgoing.chunks)
        });
        let Some((waker, chunks)) = left else {
            return;
        };
        if waker.is_some() {
            self.waiting.borrow_mut().retain(|other| *other != key);
        }
        if chunks == 0 {
            self.remove(key);
        }
    }
}

/// A part of a stream on its way into frames.
pub(crate) struct Chunk {
    flushes: Rc<Flushes>,
    /// Where what its stream has given is counted.
    key: usize,
    bytes: Vec<u8>,
    taken: usize,
    is_end: bool,
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
        let next = self.flushes.count.get() + 1;
        self.flushes.with(self.key, |outgoing| {
            outgoing.queued -= count;
            outgoing.flush = next;
        });
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let is_lost = self.remaining() > 0;
        let next = self.flushes.count.get() + 1;
        let is_last_of_all = self.flushes.with(self.key, |outgoing| {
            outgoing.chunks -= 1;
            outgoing.is_lost |= is_lost;
            if self.is_end {
                (outgoing.is_ending, outgoing.flush) = (false, next);
            }
            outgoing.chunks == 0 && outgoing.is_abandoned
        });
        if is_last_of_all == Some(true) {
            self.flushes.remove(self.key);
        }
        if is_lost {
            // Its place among those who wait goes with the next flush.
            let waker = self
                .flushes
                .with(self.key, |outgoing| outgoing.waker.take());
            if let Some(waker) = waker.flatten() {
                waker.wake();
            }
        }
        let mut buffers = self.flushes.buffers.borrow_mut();
        if self.bytes.capacity() <= KEPT_SIZE && buffers.len() < KEPT {
            self.bytes.clear();
            buffers.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::{ArcWake, noop_waker, waker};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[test]
    fn who_asks_often_waits_once() {
        let flushes = Rc::<Flushes>::default();
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        for _ in 0..100 {
            let mut ticket = Ticket::default();
            flushes.await_next(&mut ticket);
            for _ in 0..100 {
                assert!(flushes.poll_flushed(&mut ticket, &cx).is_pending());
            }
            assert_eq!(flushes.waiting.borrow().len(), 1);
            flushes.forget(&mut ticket);
        }
        assert_eq!(flushes.waiting.borrow().len(), 0);
        let mut ticket = Ticket::default();
        flushes.await_next(&mut ticket);
        assert!(flushes.poll_flushed(&mut ticket, &cx).is_pending());
        flushes.flushed();
        assert!(flushes.poll_flushed(&mut ticket, &cx).is_ready());
    }

    #[test]
    fn nothing_is_kept_of_what_has_left() {
        let flushes = Rc::<Flushes>::default();
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        let given = |ticket: &mut Ticket| flushes.chunk(ticket, &[io::IoSlice::new(b"x")], 1);
        let mut tickets: Vec<_> = (0..1000).map(|_| Ticket::default()).collect();
        let mut chunks: Vec<_> = tickets.iter_mut().map(given).collect();
        chunks.iter_mut().for_each(|chunk| chunk.advance(1));
        flushes.flushed();
        let mut are_flushed = || {
            let mut all = tickets.iter_mut();
            all.all(|ticket| flushes.poll_flushed(ticket, &cx).is_ready())
        };
        assert!(are_flushed());
        assert_eq!(flushes.outgoing.borrow().len(), 1000, "its chunk is there");
        drop(chunks);
        assert!(are_flushed());
        assert_eq!(flushes.outgoing.borrow().capacity(), 0);
    }

    /// A peer that takes a frame at a time.
    #[test]
    fn who_has_not_left_is_not_woken() {
        #[derive(Default)]
        struct Count(AtomicUsize);
        impl ArcWake for Count {
            fn wake_by_ref(count: &Arc<Self>) {
                count.0.fetch_add(1, SeqCst);
            }
        }
        let flushes = Rc::<Flushes>::default();
        let count = Arc::<Count>::default();
        let waker = waker(count.clone());
        let cx = Context::from_waker(&waker);
        let given = |ticket: &mut Ticket| flushes.chunk(ticket, &[io::IoSlice::new(b"x")], 1);
        let mut tickets = [(); 3].map(|()| Ticket::default());
        let mut chunks: Vec<_> = tickets.iter_mut().map(given).collect();
        for ticket in &mut tickets {
            assert!(flushes.poll_flushed(ticket, &cx).is_pending());
        }
        for woken in 1..=2 {
            let mut chunk = chunks.pop().unwrap();
            chunk.advance(1);
            drop(chunk);
            flushes.flushed();
            flushes.flushed();
            assert_eq!(count.0.load(SeqCst), woken);
        }
        // The last is thrown away.
        drop(chunks);
        assert_eq!(count.0.load(SeqCst), 3);
        flushes.flushed();
        assert!(flushes.waiting.borrow().is_empty());
    }

    /// What was flushed before it went to the transport was something else.
    #[test]
    fn an_end_is_waited_for() {
        let flushes = Rc::<Flushes>::default();
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        let mut ticket = Ticket::default();
        let end = flushes.end_of_stream(&mut ticket);
        flushes.flushed();
        assert!(flushes.poll_flushed(&mut ticket, &cx).is_pending());
        drop(end);
        assert!(flushes.poll_flushed(&mut ticket, &cx).is_pending());
        flushes.flushed();
        assert!(matches!(
            flushes.poll_flushed(&mut ticket, &cx),
            Poll::Ready(Ok(()))
        ));
        assert!(flushes.outgoing.borrow().is_empty());
    }

    #[test]
    fn what_a_stream_leaves_behind_counts_for_nobody_else() {
        let flushes = Rc::<Flushes>::default();
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        let mut gone = Ticket::default();
        let left = flushes.chunk(&mut gone, &[io::IoSlice::new(b"x")], 1);
        flushes.forget(&mut gone);
        let mut ticket = Ticket::default();
        let mut chunk = flushes.chunk(&mut ticket, &[io::IoSlice::new(b"x")], 1);
        chunk.advance(1);
        drop(left);
        flushes.flushed();
        assert!(matches!(
            flushes.poll_flushed(&mut ticket, &cx),
            Poll::Ready(Ok(()))
        ));
        drop(chunk);
        flushes.forget(&mut ticket);
        let mut lost = Ticket::default();
        drop(flushes.chunk(&mut lost, &[io::IoSlice::new(b"x")], 1));
        for _ in 0..2 {
            let polled = flushes.poll_flushed(&mut lost, &cx);
            assert!(matches!(polled, Poll::Ready(Err(_))), "and stays so");
        }
        flushes.forget(&mut lost);
        assert!(flushes.outgoing.borrow().is_empty());
    }
}
