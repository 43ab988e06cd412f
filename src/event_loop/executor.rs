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
