//! The WebSocket task source, as one object uses it.

use super::{Exception, Shared};
use crate::connection::{self, Channel, FeedbackObserver, FeedbackSink, Opened};
use crate::protocol::Feedback;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, OnceCell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};

/// An object that feedback is for.
pub(crate) trait Target {
    /// Runs the task that this feedback was queued as.
    fn run(self: Rc<Self>, feedback: Feedback);
    /// The loop is gone, and the connection with it: no task will run for this object any more. It lets go of its
    /// listeners, which may hold it.
    fn release(&self);
}

/// An object that takes its feedback itself, when it wants it: what it leaves stays in the connection, which then
/// stops reading.
pub(crate) trait Reader {
    /// There is more to [take](TaskSource::take).
    fn wake(&self);
    /// No more will come.
    fn release(&self);
}

/// Who the feedback is for.
enum Recipient {
    /// A task for each occurrence.
    Target(Weak<dyn Target>),
    /// A task that wakes it, however much there is.
    Reader(Weak<dyn Reader>),
}

/// Turns one connection's feedback into tasks for one object.
pub(crate) struct TaskSource {
    shared: Rc<Shared>,
    channel: OnceCell<Rc<dyn Channel>>,
    recipient: RefCell<Option<Recipient>>,
    /// The task that wakes a reader is queued.
    is_wake_queued: Cell<bool>,
    /// Keeps the object alive while events can reach a listener of it.
    pin: Cell<Option<Rc<dyn Target>>>,
    /// It may hold the object.
    observer: Cell<Option<FeedbackObserver>>,
    is_observed: Cell<bool>,
}

impl TaskSource {
    /// Opens a connection, which the loop polls to its end. `opening` performs the opening handshake and
    /// yields `None` where that fails.
    pub(crate) fn open(
        shared: &Rc<Shared>,
        opening: LocalBoxFuture<'static, Option<Opened>>,
        observer: Option<FeedbackObserver>,
    ) -> Rc<Self> {
        let source = Rc::new(Self {
            shared: shared.clone(),
            channel: OnceCell::new(),
            recipient: RefCell::default(),
            is_wake_queued: Cell::new(false),
            pin: Cell::default(),
            is_observed: Cell::new(observer.is_some()),
            observer: Cell::new(observer),
        });
        let scheduler = shared.scheduler().clone();
        let (channel, carrying) = connection::open(opening, source.clone(), scheduler);
        let _ = source.channel.set(channel);
        shared.spawn(carrying);
        source
    }

    /// The loop's.
    pub(crate) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// The connection's.
    pub(crate) fn channel(&self) -> &dyn Channel {
        match self.channel.get() {
            Some(channel) => &**channel,
            None => unreachable!("it is set before anybody has the source"),
        }
    }

    /// From now on tasks, also those that are queued, are for this object.
    pub(crate) fn set_target(&self, target: Weak<dyn Target>) {
        *self.recipient.borrow_mut() = Some(Recipient::Target(target));
    }

    /// From now on feedback stays in the connection until this object takes it. What is there already is for it too:
    /// the tasks that were queued only wake it.
    pub(crate) fn set_reader(&self, reader: Weak<dyn Reader>) {
        *self.recipient.borrow_mut() = Some(Recipient::Reader(reader));
    }

    fn target(&self) -> Option<Rc<dyn Target>> {
        match &*self.recipient.borrow() {
            Some(Recipient::Target(target)) => target.upgrade(),
            _ => None,
        }
    }

    /// It takes no tasks.
    #[inline]
    fn has_reader(&self) -> bool {
        matches!(&*self.recipient.borrow(), Some(Recipient::Reader(_)))
    }

    /// `None`: it is gone.
    fn reader(&self) -> Option<Rc<dyn Reader>> {
        match &*self.recipient.borrow() {
            Some(Recipient::Reader(reader)) => reader.upgrade(),
            _ => None,
        }
    }

    /// Keeps the object alive, or no longer.
    pub(crate) fn pin(&self, target: Option<Rc<dyn Target>>) {
        let target = target.filter(|_| !self.shared.is_shut_down());
        // What is let go may be the last of the object, whose end comes back here.
        let before = self.pin.replace(target);
        drop(before);
    }

    /// Takes the next occurrence. Who takes [`Feedback::Violated`] says when the
    /// [tasks are done](Channel::tasks_are_done).
    #[inline]
    pub(crate) fn take(&self) -> Option<Feedback> {
        let feedback = self.channel().take_feedback()?;
        self.tell_observer(&feedback);
        Some(feedback)
    }

    /// Has a task wake the reader, or throw away what is left where there is none any more.
    pub(crate) fn wake_reader(self: &Rc<Self>) {
        if !self.is_wake_queued.replace(true) {
            self.shared.queue_feedback(self, 1);
        }
    }

    /// Runs a task: that of the next occurrence, or a reader's.
    #[inline]
    pub(super) fn run(&self) {
        if self.has_reader() {
            return self.run_reader();
        }
        match self.take() {
            Some(Feedback::Violated) => self.channel().tasks_are_done(),
            Some(feedback) => {
                if let Some(target) = self.target() {
                    target.run(feedback);
                }
            }
            None => {}
        }
    }

    fn run_reader(&self) {
        self.is_wake_queued.set(false);
        match self.reader() {
            Some(reader) => reader.wake(),
            None => self.throw_away(),
        }
    }

    fn throw_away(&self) {
        while let Some(feedback) = self.take() {
            if feedback == Feedback::Violated {
                self.channel().tasks_are_done();
            }
        }
    }

    #[inline]
    fn tell_observer(&self, feedback: &Feedback) {
        if self.is_observed.get() {
            self.tell(feedback);
        }
    }

    fn tell(&self, feedback: &Feedback) {
        let Some(observer) = self.observer.take() else {
            return;
        };
        self.observer.set(Some(observer.clone()));
        // Whatever becomes of it, the object hears of it too.
        let told = catch_unwind(AssertUnwindSafe(|| observer(feedback)));
        if let Err(panic) = told {
            self.shared.report(Exception::Panic(panic));
        }
        if matches!(feedback, Feedback::Closed(_)) {
            // Nothing follows.
            self.forget_observer();
        }
    }

    fn forget_observer(&self) {
        self.is_observed.set(false);
        let observer = self.observer.take();
        drop(observer);
    }

    pub(super) fn release(&self) {
        self.forget_observer();
        if let Some(target) = self.target() {
            target.release();
        }
        if let Some(reader) = self.reader() {
            reader.release();
        }
        self.pin(None);
    }
}

impl FeedbackSink for TaskSource {
    fn announce(self: Rc<Self>, count: usize) {
        if self.has_reader() {
            return self.wake_reader();
        }
        self.shared.queue_feedback(&self, count);
    }

    fn abandon(&self) {
        self.release();
    }
}
