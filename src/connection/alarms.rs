//! When the connections of one event loop are to be woken.

use super::shared_protocol::SharedProtocol;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::{Rc, Weak};
use std::time::Instant;

/// The instants that connections wait for, in one queue.
///
/// Most instants move away before they come, some with each message: the alarm stays where it is, rings too early, and the
/// connection asks for another.
#[derive(Default)]
pub(super) struct Alarms {
    queue: RefCell<BinaryHeap<Alarm>>,
}

struct Alarm {
    at: Instant,
    connection: Weak<SharedProtocol>,
}

impl Alarm {
    /// The connection, if this is the alarm that it waits for: others are left behind.
    fn connection(&self) -> Option<Rc<SharedProtocol>> {
        let connection = self.connection.upgrade()?;
        (connection.next_alarm() == Some(self.at)).then_some(connection)
    }
}

impl Alarms {
    /// Has the connection woken at this instant at the latest. True if that is now the first of all.
    pub(super) fn set(&self, connection: &Rc<SharedProtocol>, at: Instant) -> bool {
        if connection.next_alarm().is_some_and(|next| next <= at) {
            return false;
        }
        connection.set_next_alarm(Some(at));
        let mut queue = self.queue.borrow_mut();
        // Those that are left behind make room before the queue grows.
        if queue.len() == queue.capacity() {
            queue.retain(|alarm| alarm.connection().is_some());
            let len = queue.len();
            queue.reserve(len.max(4));
        }
        queue.push(Alarm {
            at,
            connection: Rc::downgrade(connection),
        });
        queue.peek().is_some_and(|first| first.at == at)
    }

    /// When the next one rings.
    pub(super) fn next(&self) -> Option<Instant> {
        let queue = self.queue.borrow();
        queue.peek().map(|alarm| alarm.at)
    }

    /// Takes out those that are left behind, and gives their memory back.
    pub(super) fn rest(&self) {
        let mut queue = self.queue.borrow_mut();
        queue.retain(|alarm| alarm.connection().is_some());
        queue.shrink_to_fit();
    }

    /// Wakes those whose instant has come.
    pub(super) fn ring(&self, now: Instant) {
        loop {
            let mut queue = self.queue.borrow_mut();
            let is_due = queue.peek().is_some_and(|alarm| alarm.at <= now);
            let due = is_due.then(|| queue.pop()).flatten();
            if queue.is_empty() {
                *queue = BinaryHeap::new();
            }
            // Waking may come back here.
            drop(queue);
            let Some(due) = due else {
                return;
            };
            if let Some(connection) = due.connection() {
                connection.set_next_alarm(None);
                connection.wake_carrier();
            }
        }
    }
}

/// The earliest is the greatest, which a heap has on top.
impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Alarm {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::FeedbackSink;
    use crate::connection::channel::Nobody;
    use futures::task::{ArcWake, waker};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::Context;
    use std::time::Duration;

    struct Count(AtomicUsize);

    impl ArcWake for Count {
        fn wake_by_ref(count: &Arc<Self>) {
            count.0.fetch_add(1, Relaxed);
        }
    }

    fn connection(count: &Arc<Count>) -> Rc<SharedProtocol> {
        let nobody: Weak<dyn FeedbackSink> = Weak::<Nobody>::new();
        let connection = SharedProtocol::new(nobody);
        connection.register(&Context::from_waker(&waker(count.clone())));
        connection
    }

    #[test]
    fn an_instant_that_moves_away_takes_no_other_alarm_and_one_that_moves_ahead_does() {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let connection = connection(&count);
        let alarms = Alarms::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(alarms.set(&connection, at(60)));
        for seconds in 61..1000 {
            assert!(!alarms.set(&connection, at(seconds)));
        }
        assert_eq!(
            (alarms.queue.borrow().len(), alarms.next()),
            (1, Some(at(60)))
        );
        assert!(alarms.set(&connection, at(20)));
        alarms.ring(at(19));
        assert_eq!(count.0.load(Relaxed), 0);
        alarms.ring(at(20));
        assert_eq!(count.0.load(Relaxed), 1);
        // It asks anew. What was left behind wakes nobody.
        connection.register(&Context::from_waker(&waker(count.clone())));
        assert!(!alarms.set(&connection, at(100)));
        alarms.ring(at(99));
        assert_eq!(count.0.load(Relaxed), 1);
        alarms.ring(at(100));
        assert_eq!((count.0.load(Relaxed), alarms.next()), (2, None));
    }

    #[test]
    fn connections_that_have_ended_do_not_make_the_queue_grow() {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let alarms = Alarms::default();
        let start = Instant::now();
        let lasting = connection(&count);
        for second in 0..1000 {
            alarms.set(&connection(&count), start + Duration::from_secs(second));
        }
        alarms.set(&lasting, start + Duration::from_secs(1000));
        assert!(alarms.queue.borrow().capacity() < 20);
        alarms.rest();
        assert_eq!(alarms.queue.borrow().capacity(), 1);
        alarms.ring(start + Duration::from_secs(1000));
        assert_eq!(
            (count.0.load(Relaxed), alarms.queue.borrow().capacity()),
            (1, 0)
        );
    }
}
