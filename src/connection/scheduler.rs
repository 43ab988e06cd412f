//! How the connections of one event loop take turns.

use super::shared_protocol::SharedProtocol;
use crate::net::runtime;
use crate::protocol::LARGE_READ_SIZE;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell, RefMut};
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};
use std::time::Duration;

/// A connection on which nothing has happened for so long is idle; it may take twice that to be found so.
const IDLE: Duration = Duration::from_secs(2);

/// Memory to read into, the list of those that want another round, and of those that have been busy.
pub(crate) struct Scheduler {
    /// Connections read one after the other, so an idle one holds no memory to read into.
    read_buffer: RefCell<Box<[u8]>>,
    another_round: RefCell<Vec<Waker>>,
    /// Those that have not been idle since.
    busy: RefCell<Vec<Weak<SharedProtocol>>>,
    /// They are being looked at every so often.
    is_watching: Cell<bool>,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            read_buffer: RefCell::new(vec![0; LARGE_READ_SIZE].into_boxed_slice()),
            another_round: RefCell::default(),
            busy: RefCell::default(),
            is_watching: Cell::new(false),
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
            self.busy.borrow_mut().push(Rc::downgrade(connection));
        }
    }

    /// Where connections have become busy: has them give their memory back once they are idle again. The future
    /// is for the loop to poll beside them, and nothing to wait for.
    pub(crate) fn watch(self: &Rc<Self>) -> Option<LocalBoxFuture<'static, ()>> {
        if self.busy.borrow().is_empty() || self.is_watching.replace(true) {
            return None;
        }
        let this = self.clone();
        Some(Box::pin(async move {
            while !this.busy.borrow().is_empty() {
                runtime::sleep(IDLE).await;
                let mut busy = this.busy.take();
                busy.retain(|connection| {
                    let connection = connection.upgrade();
                    connection.is_some_and(|connection| connection.stays_busy())
                });
                this.busy.borrow_mut().append(&mut busy);
            }
            // What many needed at once is not for one to keep.
            this.busy.take();
            this.another_round.borrow_mut().shrink_to_fit();
            this.is_watching.set(false);
        }))
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
