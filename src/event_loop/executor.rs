//! What polls the futures of a loop: those that carry its connections, and the host's own.

use super::remote::{Remote, lock};
use futures::future::LocalBoxFuture;
use futures::task::{ArcWake, waker_ref};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// Memory for so many is kept when there are none.
const KEPT: usize = 64;

/// Futures, of which those are polled that were woken, in that order.
pub(super) struct Executor {
    futures: Vec<Option<Spawned>>,
    /// The places in `futures` that nobody has.
    free: Vec<usize>,
    woken: Arc<Woken>,
    /// Those of the woken whose round it is.
    due: VecDeque<usize>,
}

struct Spawned {
    future: LocalBoxFuture<'static, ()>,
    waker: Arc<Waker>,
}

impl Spawned {
    fn poll(&mut self) -> Poll<()> {
        self.waker.is_woken.store(false, SeqCst);
        let waker = waker_ref(&self.waker);
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// The places of those that were woken, from whatever thread, and not polled since.
struct Woken {
    places: Mutex<VecDeque<usize>>,
    remote: Arc<Remote>,
}

/// Wakes the future at a place; once that has ended, whoever comes there next, in vain.
struct Waker {
    place: usize,
    is_woken: AtomicBool,
    woken: Arc<Woken>,
}

impl Executor {
    pub(super) fn new(remote: Arc<Remote>) -> Self {
        let places = Mutex::default();
        Self {
            futures: Vec::new(),
            free: Vec::new(),
            woken: Arc::new(Woken { places, remote }),
            due: VecDeque::new(),
        }
    }

    /// How many have not ended.
    pub(super) fn len(&self) -> usize {
        self.futures.len() - self.free.len()
    }

    /// From the next round on it is polled.
    pub(super) fn push(&mut self, future: LocalBoxFuture<'static, ()>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.futures.push(None);
            self.futures.len() - 1
        });
        let waker = Arc::new(Waker {
            place,
            is_woken: AtomicBool::new(true),
            woken: self.woken.clone(),
        });
        self.futures[place] = Some(Spawned { future, waker });
        lock(&self.woken.places).push_back(place);
    }

    /// A round: polls those that have been woken. Who is woken meanwhile has woken the loop, for another round.
    pub(super) fn poll(&mut self) {
        if self.due.is_empty() {
            std::mem::swap(&mut self.due, &mut lock(&self.woken.places));
        }
        while let Some(place) = self.due.pop_front() {
            // Who was there may have ended, and been woken later.
            let Some(mut spawned) = self.futures.get_mut(place).and_then(Option::take) else {
                continue;
            };
            // If it panics it has ended.
            self.free.push(place);
            let polled = spawned.poll();
            if polled.is_pending() {
                self.free.pop();
                self.futures[place] = Some(spawned);
            }
        }
        if self.len() == 0 && self.futures.capacity() > KEPT {
            self.clear();
        }
    }

    /// Gives back what only many need. A few that last would keep it, and with it all memory of the heap below.
    pub(super) fn rest(&mut self) {
        if self.futures.capacity() <= KEPT {
            return;
        }
        let ended = self.futures.iter().rev().take_while(|f| f.is_none());
        let len = self.futures.len() - ended.count();
        if len < self.futures.len() {
            self.futures.truncate(len);
            self.free.retain(|place| *place < len);
        }
        self.futures.shrink_to(KEPT);
        self.free.shrink_to(KEPT);
        self.due.shrink_to(KEPT);
        lock(&self.woken.places).shrink_to(KEPT);
    }

    /// Drops all of them.
    pub(super) fn clear(&mut self) {
        let futures = std::mem::take(&mut self.futures);
        self.free = Vec::new();
        self.due = VecDeque::new();
        *lock(&self.woken.places) = VecDeque::new();
        drop(futures);
    }
}

impl ArcWake for Waker {
    fn wake_by_ref(waker: &Arc<Self>) {
        if !waker.is_woken.swap(true, SeqCst) {
            lock(&waker.woken.places).push_back(waker.place);
            Remote::wake(&waker.woken.remote);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::runtime::{Current, Runtime};
    use std::cell::Cell;
    use std::future::{pending, poll_fn};
    use std::rc::Rc;

    #[test]
    fn nothing_is_kept_where_all_have_ended() {
        let mut executor = Executor::new(Arc::new(Remote::new(&Current::new().unwrap())));
        for _ in 0..1000 {
            executor.push(Box::pin(async {}));
        }
        executor.poll();
        let capacities = (executor.futures.capacity(), executor.free.capacity());
        assert_eq!(capacities, (0, 0));
    }

    #[test]
    fn what_many_needed_is_not_kept_for_a_few() {
        let mut executor = Executor::new(Arc::new(Remote::new(&Current::new().unwrap())));
        let last = Rc::new(Cell::new(false));
        executor.push(Box::pin(pending()));
        for _ in 0..1000 {
            executor.push(Box::pin(async {}));
        }
        executor.poll();
        executor.rest();
        assert_eq!(executor.len(), 1);
        let capacities = [
            executor.futures.capacity(),
            executor.free.capacity(),
            executor.due.capacity(),
            lock(&executor.woken.places).capacity(),
        ];
        assert!(
            capacities.iter().all(|capacity| *capacity <= KEPT),
            "{capacities:?}"
        );
        // The places that are left are free for others, and nobody is woken in vain.
        let told = last.clone();
        executor.push(Box::pin(poll_fn(move |_| {
            told.set(true);
            Poll::Ready(())
        })));
        executor.poll();
        assert!(last.get() && executor.len() == 1);
    }
}
