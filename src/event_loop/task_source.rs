//! The WebSocket task source, as one object uses it.

use super::Shared;
use crate::connection::FeedbackSink;
use crate::protocol::Feedback;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};

/// An object that feedback is for.
pub(crate) trait Target {
    /// Runs the task that this feedback was queued as.
    fn run(self: Rc<Self>, feedback: Feedback);
    /// No task will run for this object any more: it lets go of its listeners, which may hold it.
    fn release(&self);
}

/// What a queued message costs beside its payload.
const TASK_OVERHEAD: usize = 64;

/// Turns one connection's feedback into tasks for one object, and says when there are enough of them.
pub(crate) struct TaskSource {
    shared: Rc<Shared>,
    this: Weak<TaskSource>,
    target: RefCell<Weak<dyn Target>>,
    /// Keeps the object alive while events can reach a listener of it.
    pin: RefCell<Option<Rc<dyn Target>>>,
    undispatched: Cell<usize>,
    limit: usize,
    reader: RefCell<Option<Waker>>,
}

impl TaskSource {
    pub(crate) fn new(shared: Rc<Shared>, target: Weak<dyn Target>, limit: usize) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            shared,
            this: this.clone(),
            target: RefCell::new(target),
            pin: RefCell::default(),
            undispatched: Cell::new(0),
            limit,
            reader: RefCell::default(),
        })
    }

    /// From now on tasks, also those that are queued, are for this object.
    pub(crate) fn set_target(&self, target: Weak<dyn Target>) {
        *self.target.borrow_mut() = target;
    }

    /// Keeps the object alive, or no longer.
    pub(crate) fn pin(&self, target: Option<Rc<dyn Target>>) {
        let target = target.filter(|_| !self.shared.is_shut_down());
        // What is let go may be the last of the object, whose end comes back here.
        let before = std::mem::replace(&mut *self.pin.borrow_mut(), target);
        drop(before);
    }

    pub(super) fn run(&self, feedback: Feedback) {
        let before = self.undispatched.get();
        let after = before - cost(&feedback);
        self.undispatched.set(after);
        if before > self.limit && after <= self.limit {
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
        let target = self.target.borrow().upgrade();
        if let Some(target) = target {
            target.run(feedback);
        }
    }

    pub(super) fn release(&self) {
        let target = self.target.borrow().upgrade();
        if let Some(target) = target {
            target.release();
        }
        self.pin(None);
    }
}

impl FeedbackSink for TaskSource {
    fn queue(&self, feedback: Feedback) {
        if matches!(feedback, Feedback::Responded(_)) {
            return;
        }
        let Some(this) = self.this.upgrade() else {
            return;
        };
        self.undispatched
            .set(self.undispatched.get() + cost(&feedback));
        self.shared.queue_feedback(this, feedback);
    }

    fn has_room(&self, cx: &mut Context<'_>) -> bool {
        let has_room = self.undispatched.get() <= self.limit;
        if !has_room {
            *self.reader.borrow_mut() = Some(cx.waker().clone());
        }
        has_room
    }

    fn abandon(&self) {
        self.release();
    }
}

fn cost(feedback: &Feedback) -> usize {
    TASK_OVERHEAD
        + match feedback {
            Feedback::Message(message) => message.len(),
            _ => 0,
        }
}
