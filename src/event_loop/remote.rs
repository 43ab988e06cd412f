//! The part of a loop that other threads may touch: its wake-up, and the tasks they queue.

use crate::net::runtime::{Alarm, Current, Runtime};
use futures::task::ArcWake;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

pub(super) type RemoteTask = Box<dyn FnOnce() + Send>;
type WakeUp = Arc<dyn Fn() + Send + Sync>;

/// A loop as other threads reach it: those of the runtime wake it when a socket is ready, others when they queue
/// a task.
#[derive(Default)]
pub(super) struct Remote {
    /// Something is ready that no turn has seen.
    woken: AtomicBool,
    /// A turn is under way: its end looks at `woken`, so nobody need be told.
    in_turn: AtomicBool,
    is_shut_down: AtomicBool,
    keep_alives: AtomicUsize,
    waiting: Mutex<Waiting>,
    has_wake_up: AtomicBool,
    wake_up: Mutex<Option<WakeUp>>,
    tasks: Mutex<VecDeque<RemoteTask>>,
    /// So that a turn need not ask for the lock.
    has_tasks: AtomicBool,
    alarm: <Current as Runtime>::Alarm,
}

impl Remote {
    pub(super) fn new(runtime: &Current) -> Self {
        Self {
            alarm: runtime.alarm(),
            ..Self::default()
        }
    }

    /// Ends once something has woken the loop since its last turn.
    pub(super) fn woken(&self) -> Woken<'_> {
        Woken {
            remote: self,
            number: None,
        }
    }

    pub(super) fn set_wake_up(&self, wake_up: WakeUp) {
        self.has_wake_up.store(true, SeqCst);
        let before = lock(&self.wake_up).replace(wake_up);
        // What it owns may wake the loop when it goes.
        drop(before);
        if self.woken.load(SeqCst) {
            self.tell();
        }
    }

    pub(super) fn clear_wake_up(&self) {
        self.has_wake_up.store(false, SeqCst);
        let before = lock(&self.wake_up).take();
        drop(before);
    }

    pub(super) fn wake(&self) {
        if !self.woken.load(SeqCst) && !self.woken.swap(true, SeqCst) && !self.in_turn.load(SeqCst)
        {
            self.tell();
        }
    }

    /// Tells whoever waits on the loop's descriptor.
    pub(super) fn ring(&self) {
        self.alarm.ring();
    }

    fn tell(&self) {
        let mut woken = std::mem::take(&mut lock(&self.waiting).wakers);
        // No lock is held: an executor may poll at once.
        woken.drain(..).for_each(|(_, waker)| waker.wake());
        let mut waiting = lock(&self.waiting);
        if waiting.wakers.is_empty() {
            waiting.wakers = woken;
        }
        drop(waiting);
        self.ring();
        let wake_up = lock(&self.wake_up).clone();
        if let Some(wake_up) = wake_up {
            wake_up();
        }
    }

    pub(super) fn has_wake_up(&self) -> bool {
        self.has_wake_up.load(SeqCst)
    }

    /// `None` inside a turn.
    pub(super) fn begin_turn(&self) -> Option<TurnGuard<'_>> {
        if self.in_turn.swap(true, SeqCst) {
            return None;
        }
        self.woken.store(false, SeqCst);
        Some(TurnGuard { remote: self })
    }

    /// False once the loop is gone.
    pub(super) fn queue_task(&self, task: RemoteTask) -> bool {
        let mut tasks = lock(&self.tasks);
        if self.is_shut_down.load(SeqCst) {
            return false;
        }
        tasks.push_back(task);
        self.has_tasks.store(true, SeqCst);
        drop(tasks);
        self.wake();
        true
    }

    /// `None`, most of the time: there are none.
    pub(super) fn take_tasks(&self) -> Option<VecDeque<RemoteTask>> {
        if !self.has_tasks.load(SeqCst) {
            return None;
        }
        let mut tasks = lock(&self.tasks);
        self.has_tasks.store(false, SeqCst);
        Some(std::mem::take(&mut tasks))
    }

    pub(super) fn shut_down(&self) {
        let tasks = {
            let mut tasks = lock(&self.tasks);
            self.is_shut_down.store(true, SeqCst);
            std::mem::take(&mut *tasks)
        };
        let wake_up = lock(&self.wake_up).take();
        drop((tasks, wake_up));
    }

    pub(super) fn hold(&self) {
        self.keep_alives.fetch_add(1, SeqCst);
    }

    pub(super) fn let_go(&self) {
        if self.keep_alives.fetch_sub(1, SeqCst) == 1 {
            // A loop that waits has to find out that it is idle.
            self.wake();
        }
    }

    pub(super) fn is_in_turn(&self) -> bool {
        self.in_turn.load(SeqCst)
    }

    pub(super) fn is_held(&self) -> bool {
        self.keep_alives.load(SeqCst) > 0
    }
}

impl ArcWake for Remote {
    fn wake_by_ref(remote: &Arc<Self>) {
        Self::wake(remote);
    }
}

/// Those who wait for the loop to be woken, each with its number.
#[derive(Default)]
struct Waiting {
    wakers: Vec<(u64, Waker)>,
    numbers: u64,
}

/// Ends once something has woken the loop.
pub(super) struct Woken<'a> {
    remote: &'a Remote,
    number: Option<u64>,
}

impl Woken<'_> {
    fn forget(&mut self) {
        if let Some(number) = self.number.take() {
            let mut waiting = lock(&self.remote.waiting);
            let place = waiting.wakers.iter().position(|(n, _)| *n == number);
            let waker = place.map(|place| waiting.wakers.swap_remove(place));
            drop(waiting);
            drop(waker);
        }
    }
}

impl Future for Woken<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.forget();
        if self.remote.woken.load(SeqCst) {
            return Poll::Ready(());
        }
        let mut waiting = lock(&self.remote.waiting);
        let number = waiting.numbers;
        waiting.numbers += 1;
        waiting.wakers.push((number, cx.waker().clone()));
        drop(waiting);
        self.number = Some(number);
        // What came before it could be told is seen here.
        if self.remote.woken.load(SeqCst) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for Woken<'_> {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Ends the turn when dropped, however the turn ends.
pub(super) struct TurnGuard<'a> {
    remote: &'a Remote,
}

impl TurnGuard<'_> {
    /// What woke the loop up to here is about to be dealt with.
    pub(super) fn everything_so_far_is_seen(&self) {
        self.remote.woken.store(false, SeqCst);
    }

    /// Ends the turn; true if something woke the loop that it has not dealt with.
    pub(super) fn end(self) -> bool {
        let remote = self.remote;
        drop(self);
        remote.woken.load(SeqCst)
    }
}

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        self.remote.in_turn.store(false, SeqCst);
        if std::thread::panicking() {
            // This turn leaves tasks behind, and returns nothing that could say so.
            self.remote.woken.store(false, SeqCst);
            self.remote.wake();
        }
    }
}

/// A panic elsewhere leaves these queues as they were.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::waker;

    #[derive(Default)]
    struct Flag(AtomicBool);

    impl ArcWake for Flag {
        fn wake_by_ref(flag: &Arc<Self>) {
            flag.0.store(true, SeqCst);
        }
    }

    /// It may be polled, and given up, many times before the loop is woken.
    #[test]
    fn who_waits_is_known_once_and_forgotten_when_it_goes() {
        let remote = Remote::new(&Current::new().unwrap());
        let known = || lock(&remote.waiting).wakers.len();
        let mut cx = Context::from_waker(Waker::noop());
        let mut first = remote.woken();
        for _ in 0..100 {
            let mut other = remote.woken();
            assert!(Pin::new(&mut first).poll(&mut cx).is_pending());
            assert!(Pin::new(&mut other).poll(&mut cx).is_pending());
            assert_eq!(known(), 2);
        }
        assert_eq!(known(), 1);
        drop(first);
        assert_eq!(known(), 0);
        remote.wake();
        assert!(Pin::new(&mut remote.woken()).poll(&mut cx).is_ready());
    }

    #[test]
    fn who_gives_up_takes_nobody_else_along() {
        let remote = Remote::new(&Current::new().unwrap());
        for gives_up in 0..3 {
            let flags: [Arc<Flag>; 3] = Default::default();
            let mut waiting: Vec<_> = flags.iter().map(|_| remote.woken()).collect();
            for (woken, flag) in waiting.iter_mut().zip(&flags) {
                let waker = waker(flag.clone());
                let mut cx = Context::from_waker(&waker);
                assert!(Pin::new(woken).poll(&mut cx).is_pending());
            }
            drop(waiting.remove(gives_up));
            remote.wake();
            for (number, flag) in flags.iter().enumerate() {
                assert_eq!(flag.0.load(SeqCst), number != gives_up, "{number}");
            }
            drop(remote.begin_turn());
        }
    }
}
