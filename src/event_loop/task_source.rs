//! The WebSocket task source, as one object uses it.

use super::{Exception, Shared};
use crate::connection::{self, Channel, FeedbackObserver, FeedbackSink, Opened};
use crate::protocol::Feedback;
use futures::future::LocalBoxFuture;
use std::cell::{OnceCell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};

/// An object that feedback is for.
pub(crate) trait Target {
    /// Runs the task that this feedback was queued as.
    fn run(self: Rc<Self>, feedback: Feedback);
    /// No task will run for this object any more: it lets go of its listeners, which may hold it.
    fn release(&self);
}

/// Turns one connection's feedback into tasks for one object.
pub(crate) struct TaskSource {
    shared: Rc<Shared>,
    this: Weak<TaskSource>,
    channel: OnceCell<Rc<dyn Channel>>,
    target: RefCell<Option<Weak<dyn Target>>>,
    /// Keeps the object alive while events can reach a listener of it.
    pin: RefCell<Option<Rc<dyn Target>>>,
    /// It may hold the object.
    observer: RefCell<Option<FeedbackObserver>>,
}

impl TaskSource {
    /// Opens a connection, which the loop polls to its end. `opening` performs the opening handshake and
    /// yields `None` where that fails.
    pub(crate) fn open(
        shared: &Rc<Shared>,
        opening: LocalBoxFuture<'static, Option<Opened>>,
        observer: Option<FeedbackObserver>,
    ) -> Rc<Self> {
        let source = Rc::new_cyclic(|this| Self {
            shared: shared.clone(),
            this: this.clone(),
            channel: OnceCell::new(),
            target: RefCell::default(),
            pin: RefCell::default(),
            observer: RefCell::new(observer),
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
        *self.target.borrow_mut() = Some(target);
    }

    fn target(&self) -> Option<Rc<dyn Target>> {
        self.target.borrow().as_ref()?.upgrade()
    }

    /// Keeps the object alive, or no longer.
    pub(crate) fn pin(&self, target: Option<Rc<dyn Target>>) {
        let target = target.filter(|_| !self.shared.is_shut_down());
        // What is let go may be the last of the object, whose end comes back here.
        let before = std::mem::replace(&mut *self.pin.borrow_mut(), target);
        drop(before);
    }

    /// Runs the task of the next occurrence.
    pub(super) fn run(&self) {
        let Some(feedback) = self.channel().take_feedback() else {
            return;
        };
        self.tell_observer(&feedback);
        if feedback == Feedback::Violated {
            self.channel().tasks_are_done();
        } else if let Some(target) = self.target() {
            target.run(feedback);
        }
    }

    fn tell_observer(&self, feedback: &Feedback) {
        let observer = self.observer.borrow().clone();
        let Some(observer) = observer else {
            return;
        };
        // Whatever becomes of it, the object hears of it too.
        let told = catch_unwind(AssertUnwindSafe(|| observer(feedback)));
        if let Err(panic) = told {
            self.shared.report(Exception::Panic(panic));
        }
        if matches!(feedback, Feedback::Closed(_)) {
            // Nothing follows.
            let observer = self.observer.take();
            drop(observer);
        }
    }

    pub(super) fn release(&self) {
        let observer = self.observer.take();
        drop(observer);
        if let Some(target) = self.target() {
            target.release();
        }
        self.pin(None);
    }
}

impl FeedbackSink for TaskSource {
    fn announce(&self, count: usize) {
        if let Some(this) = self.this.upgrade() {
            self.shared.queue_feedback(&this, count);
        }
    }

    fn abandon(&self) {
        self.release();
    }
}
