//! The end of a connection that the object above holds.

use crate::protocol::{Abandoned, Answer, Failure, Feedback, Payload, Protocol, Transport};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

/// Where a connection's feedback goes: a task source of the floor above.
pub(crate) trait FeedbackSink {
    /// Queues a task for this feedback.
    fn queue(&self, feedback: Feedback);
    /// Whether there is room for more; if not, the context's waker is woken once there is.
    fn has_room(&self, cx: &mut Context<'_>) -> bool;
    /// The connection was dropped half-way: no feedback follows, and none that is queued is wanted.
    fn abandon(&self);
}

/// A connection's protocol engine, shared by the object above and the driver.
///
/// Each call changes the engine, passes its feedback on, and wakes the driver, which sends what is
/// queued when the loop polls it next: one write for all that one turn has queued.
pub(crate) struct Channel {
    engine: RefCell<Box<dyn Protocol>>,
    sink: Rc<dyn FeedbackSink>,
    driver: RefCell<Option<Waker>>,
    /// The driver has been woken and not polled since.
    woken: Cell<bool>,
}

impl Channel {
    pub(crate) fn new(engine: Box<dyn Protocol>, sink: Rc<dyn FeedbackSink>) -> Self {
        Self {
            engine: RefCell::new(engine),
            sink,
            driver: RefCell::new(None),
            woken: Cell::new(false),
        }
    }

    /// The opening handshake begins, of this engine if there is another now; so much of its time has
    /// been used to reach the peer.
    pub(super) fn start(&self, engine: Option<Box<dyn Protocol>>, spent: Duration) {
        if let Some(engine) = engine {
            *self.engine.borrow_mut() = engine;
        }
        let now = Instant::now();
        let start = now.checked_sub(spent).unwrap_or(now);
        self.drive(|engine| engine.handle_start(start));
    }

    /// Server: the application's answer to a request.
    pub(crate) fn answer(&self, answer: Answer) {
        self.change(|engine| engine.answer(answer, Instant::now()));
    }

    /// Sends a message; false if it can't be sent.
    pub(crate) fn send(&self, data: Payload<'_>) -> bool {
        self.change(|engine| engine.send(data))
    }

    /// "Start the WebSocket closing handshake".
    pub(crate) fn start_closing_handshake(&self, close: Option<(u16, &str)>) {
        self.change(|engine| engine.start_closing_handshake(close, Instant::now()));
    }

    /// "Fail the WebSocket connection".
    pub(crate) fn fail(&self, cause: Failure) {
        self.change(|engine| engine.fail(cause));
    }

    /// The tasks of all that came before a violation have run.
    pub(crate) fn tasks_are_done(&self) {
        self.change(|engine| engine.handle_tasks_done(Instant::now()));
    }

    /// Ends the connection of an object that nobody listens to any more.
    pub(crate) fn abandon(&self, why: Abandoned) {
        self.change(|engine| engine.abandon(why, Instant::now()));
    }

    /// "The WebSocket connection is established".
    pub(crate) fn is_established(&self) -> bool {
        self.engine.borrow().is_established()
    }

    /// Whether messages can be sent.
    pub(crate) fn is_sending(&self) -> bool {
        self.engine.borrow().is_sending()
    }

    /// Payload bytes queued and not yet taken by the network.
    pub(crate) fn buffered_amount(&self) -> usize {
        self.engine.borrow().buffered_amount()
    }

    fn change<T>(&self, change: impl FnOnce(&mut dyn Protocol) -> T) -> T {
        let result = self.drive(change);
        if !self.woken.replace(true) {
            // Waking calls the host's callback where the loop is waiting: no borrow is held.
            let driver = self.driver.borrow().clone();
            if let Some(driver) = driver {
                driver.wake();
            }
        }
        result
    }

    // What follows is for the driver.

    /// The driver is being polled: from now on changes wake it again.
    pub(super) fn register(&self, cx: &Context<'_>) {
        self.woken.set(false);
        let mut driver = self.driver.borrow_mut();
        match &mut *driver {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *driver = Some(cx.waker().clone()),
        }
    }

    /// Changes the engine and passes its feedback on, one by one, because queueing wakes the loop.
    pub(super) fn drive<T>(&self, change: impl FnOnce(&mut dyn Protocol) -> T) -> T {
        let result = change(&mut **self.engine.borrow_mut());
        loop {
            let feedback = self.engine.borrow_mut().poll_feedback();
            match feedback {
                Some(feedback) => self.sink.queue(feedback),
                None => return result,
            }
        }
    }

    pub(super) fn transport(&self) -> Transport {
        self.drive(|engine| engine.transport())
    }

    pub(super) fn has_room(&self, cx: &mut Context<'_>) -> bool {
        self.sink.has_room(cx)
    }

    /// The driver is gone before the engine has let go of the transport.
    pub(super) fn driver_was_dropped(&self) {
        self.engine.borrow_mut().fail(Failure::Cancelled);
        self.sink.abandon();
    }
}
