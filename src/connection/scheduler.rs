//! How the connections of one event loop take turns.

use super::alarms::Alarms;
use super::shared_protocol::SharedProtocol;
use crate::net::runtime;
use crate::protocol::LARGE_READ_SIZE;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell, RefMut};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A connection on which nothing has happened for so long is idle; it may take twice that to be found so.
const IDLE: Duration = Duration::from_secs(2);

/// Memory to read into, the list of those that want another round, and of those that have been busy, and when each wants to
/// be woken.
pub(crate) struct Scheduler {
    /// Connections read one after the other, so an idle one holds no memory to read into.
    read_buffer: RefCell<Box<[u8]>>,
    another_round: RefCell<Vec<Waker>>,
    /// Those that have not been idle since.
    busy: RefCell<Vec<Weak<SharedProtocol>>>,
    alarms: Alarms,
    /// Somebody looks at both, when it is time.
    is_watching: Cell<bool>,
    /// Wakes it.
    watcher: Cell<Option<Waker>>,
    /// It has been woken because it may be time earlier.
    is_disturbed: Cell<bool>,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            read_buffer: RefCell::new(vec![0; LARGE_READ_SIZE].into_boxed_slice()),
            another_round: RefCell::default(),
            busy: RefCell::default(),
            alarms: Alarms::default(),
            is_watching: Cell::new(false),
            watcher: Cell::default(),
            is_disturbed: Cell::new(false),
        }
    }
}

impl Scheduler {
    pub(super) fn read_buffer(&self) -> RefMut<'_, Box<[u8]>> {
        self.read_buffer.borrow_mut()
    }

    /// Has the connection polled again in the next round: the tasks of what it has read come first.
    pub(super) fn want_another_round(&self, cx: &Context<'_>) {
        self.another_round.borrow_mut().push(cx.waker().clone());
    }

    /// Begins a round, for all that wanted another.
    pub(crate) fn begin_round(&self) {
        for waker in self.another_round.borrow_mut().drain(..) {
            waker.wake();
        }
    }

    /// Something happens on this connection: it holds more memory than an idle one may.
    pub(super) fn note(&self, connection: &Rc<SharedProtocol>) {
        if connection.become_busy() {
            let mut busy = self.busy.borrow_mut();
            busy.push(Rc::downgrade(connection));
            let is_first = busy.len() == 1;
            drop(busy);
            if is_first {
                self.disturb();
            }
        }
    }

    /// Has the connection polled at this instant, or before.
    pub(super) fn wake_at(&self, connection: &Rc<SharedProtocol>, instant: Instant) {
        if self.alarms.set(connection, instant) {
            self.disturb();
        }
    }

    /// Where there are connections that are busy, or wait for an instant: wakes these when it has come, and has those
    /// give their memory back once they are idle again. The future is for the loop to poll beside them, and nothing to
    /// wait for.
    pub(crate) fn watch(self: &Rc<Self>) -> Option<LocalBoxFuture<'static, ()>> {
        if self.next_event(Instant::now()).is_none() || self.is_watching.replace(true) {
            return None;
        }
        let this = self.clone();
        Some(Box::pin(async move {
            let mut looked = Instant::now();
            while let Some(next) = this.next_event(looked) {
                let was_idle = this.are_all_idle();
                this.sleep_until(next).await;
                let now = Instant::now();
                this.alarms.ring(now);
                if was_idle {
                    looked = now;
                } else if now >= looked + IDLE {
                    this.look_for_idle();
                    looked = now;
                }
            }
            this.is_watching.set(false);
        }))
    }

    /// Ends at this instant, or when there is something to do before.
    async fn sleep_until(&self, instant: Instant) {
        let left = instant.saturating_duration_since(Instant::now());
        let mut sleeping = pin!(runtime::sleep(left));
        poll_fn(|cx| {
            if self.is_disturbed.take() {
                return Poll::Ready(());
            }
            self.watcher.set(Some(cx.waker().clone()));
            sleeping.as_mut().poll(cx)
        })
        .await
    }

    /// There is something to do earlier than whoever watches has thought.
    fn disturb(&self) {
        if self.is_watching.get() && !self.is_disturbed.replace(true) {
            if let Some(watcher) = self.watcher.take() {
                watcher.wake();
            }
        }
    }

    /// Those that have been idle for long enough give their memory back.
    fn look_for_idle(&self) {
        let mut busy = self.busy.take();
        busy.retain(|connection| {
            let connection = connection.upgrade();
            connection.is_some_and(|connection| connection.stays_busy())
        });
        let mut since = self.busy.borrow_mut();
        busy.append(&mut since);
        // What many needed at once is not for a few to keep.
        busy.shrink_to_fit();
        *since = busy;
        drop(since);
        self.alarms.rest();
        self.another_round.borrow_mut().shrink_to_fit();
    }

    /// No connection has been busy since it last gave its memory back.
    pub(crate) fn are_all_idle(&self) -> bool {
        self.busy.borrow().is_empty()
    }

    /// When there is something to do, where it was last looked for idle connections at this instant.
    fn next_event(&self, looked: Instant) -> Option<Instant> {
        let look = (!self.busy.borrow().is_empty()).then_some(looked + IDLE);
        let both = [look, self.alarms.next()].into_iter().flatten();
        both.min()
    }

    /// [`watch`](Self::watch) has given a future that has not ended.
    pub(crate) fn is_watching(&self) -> bool {
        self.is_watching.get()
    }

    /// Whether somebody wants another round.
    pub(crate) fn is_another_round_wanted(&self) -> bool {
        !self.another_round.borrow().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::FeedbackSink;
    use crate::connection::channel::Nobody;
    use crate::net::runtime::{Current, Runtime};
    use futures::task::{ArcWake, waker};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    const HOUR: Duration = Duration::from_secs(3600);

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl ArcWake for Count {
        fn wake_by_ref(count: &Arc<Self>) {
            count.0.fetch_add(1, Relaxed);
        }
    }

    impl Count {
        fn take(&self) -> usize {
            self.0.swap(0, Relaxed)
        }
    }

    fn connection() -> (Rc<SharedProtocol>, Arc<Count>) {
        let nobody: Weak<dyn FeedbackSink> = Weak::<Nobody>::new();
        let connection = SharedProtocol::new(nobody);
        let count = Arc::<Count>::default();
        connection.register(&Context::from_waker(&waker(count.clone())));
        (connection, count)
    }

    #[test]
    fn it_is_time_to_look_for_idle_connections_while_there_are_busy_ones() {
        let scheduler = Scheduler::default();
        let looked = Instant::now();
        let (first, _) = connection();
        let (second, _) = connection();
        let state = || (scheduler.are_all_idle(), scheduler.next_event(looked));
        assert_eq!(state(), (true, None));
        scheduler.note(&first);
        scheduler.note(&first);
        scheduler.note(&second);
        assert_eq!(scheduler.busy.borrow().len(), 2);
        let next = Some(looked + IDLE);
        assert_eq!(state(), (false, next));
        // Something has happened on both since it was last looked.
        scheduler.look_for_idle();
        assert_eq!(state(), (false, next));
        scheduler.note(&first);
        drop(second);
        scheduler.look_for_idle();
        assert_eq!((state(), scheduler.busy.borrow().len()), ((false, next), 1));
        scheduler.look_for_idle();
        assert_eq!(state(), (true, None));
        // It is busy anew.
        scheduler.note(&first);
        assert_eq!(state(), (false, next));
    }

    #[test]
    fn whoever_watches_is_woken_for_what_comes_earlier_and_for_nothing_else() {
        let runtime = Current::new().unwrap();
        let _entered = runtime.enter();
        let scheduler = Rc::<Scheduler>::default();
        let (first, first_woken) = connection();
        let (second, second_woken) = connection();
        let now = Instant::now();
        assert!(scheduler.watch().is_none(), "there is nothing to watch");
        scheduler.wake_at(&first, now + 2 * HOUR);
        let mut watching = scheduler.watch().unwrap();
        assert!(scheduler.watch().is_none(), "somebody watches");
        let woken = Arc::<Count>::default();
        let waker = waker(woken.clone());
        let mut cx = Context::from_waker(&waker);
        let mut poll = || watching.as_mut().poll(&mut cx);
        assert!(poll().is_pending());
        assert_eq!(woken.take(), 0);

        // Once is enough, until it has looked.
        scheduler.wake_at(&first, now + HOUR);
        scheduler.wake_at(&second, now);
        assert_eq!(woken.take(), 1);
        assert!(poll().is_pending());
        assert_eq!((first_woken.take(), second_woken.take()), (0, 1));
        // It sleeps again, and what is later wakes nobody.
        scheduler.wake_at(&first, now + 2 * HOUR);
        assert_eq!(woken.take(), 0);

        // The first that is busy is to be looked at, and the second with it.
        scheduler.note(&first);
        assert_eq!(woken.take(), 1);
        assert!(poll().is_pending());
        scheduler.note(&second);
        assert_eq!(woken.take(), 0);
    }

    #[test]
    fn another_round_is_for_those_that_wanted_it() {
        let scheduler = Scheduler::default();
        let count = Arc::<Count>::default();
        assert!(!scheduler.is_another_round_wanted());
        scheduler.want_another_round(&Context::from_waker(&waker(count.clone())));
        assert!(scheduler.is_another_round_wanted());
        assert_eq!(count.take(), 0);
        scheduler.begin_round();
        assert!(!scheduler.is_another_round_wanted());
        assert_eq!(count.take(), 1);
    }
}
