//! The channel of a connection that is carried here: its protocol, which the object above shares with
//! the future that carries it.

use super::{Channel, FeedbackSink, Waiting};
use crate::net::TakenSocket;
use crate::protocol::{Abandoned, Closure, Delivery, Feedback, Payload, Protocol, WireFailure};
use event_listener::Event;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

/// A connection's protocol, once there is one.
///
/// Each call changes it, announces its feedback, and wakes the future that carries it.
pub(super) struct SharedProtocol {
    phase: RefCell<Phase>,
    sink: Weak<dyn FeedbackSink>,
    /// The occurrences that were announced and not taken.
    announced: Cell<usize>,
    /// Nothing is read until some have been taken.
    is_paused: Cell<bool>,
    carrier: Cell<Option<Waker>>,
    /// The carrier has been woken and not polled since.
    woken: Cell<bool>,
    /// The transport takes nothing any more, which the protocol learns once all that had come before has been read.
    output_is_lost: Cell<bool>,
    /// Notified when there is more room in the queue, or never will be.
    room: RefCell<Event>,
    activity: Cell<Activity>,
    /// When the carrier is woken next: once the protocol's next timer is over, or before.
    next_alarm: Cell<Option<Instant>>,
    /// Who wants the transport.
    taker: Cell<Option<oneshot::Sender<io::Result<TakenSocket>>>>,
}

type Wish = Box<dyn FnOnce(&mut dyn Protocol)>;

/// How much goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Activity {
    /// Something, since this was last looked at.
    Busy,
    /// Nothing, and memory is still to be given back.
    Quiet,
    Idle,
}

enum Phase {
    /// The opening handshake, which can only fail from here.
    /// And what is wanted of the protocol once there is one.
    Opening(Vec<Wish>),
    /// It failed; what is still to be told.
    Failed(Option<Box<Closure>>),
    Established(Box<dyn Protocol>),
}

impl SharedProtocol {
    pub(super) fn new(sink: Weak<dyn FeedbackSink>) -> Rc<Self> {
        Rc::new(Self {
            phase: RefCell::new(Phase::Opening(Vec::new())),
            sink,
            announced: Cell::new(0),
            is_paused: Cell::new(false),
            carrier: Cell::default(),
            woken: Cell::new(false),
            output_is_lost: Cell::new(false),
            room: RefCell::default(),
            activity: Cell::new(Activity::Idle),
            next_alarm: Cell::default(),
            taker: Cell::default(),
        })
    }

    fn protocol<T>(&self, look: impl FnOnce(&dyn Protocol) -> T) -> Option<T> {
        match &*self.phase.borrow() {
            Phase::Established(protocol) => Some(look(&**protocol)),
            _ => None,
        }
    }

    /// A change that comes from above: the carrier has to see to it.
    fn change<T>(&self, change: impl FnOnce(&mut dyn Protocol) -> T) -> Option<T> {
        let result = self.drive(change);
        if result.is_some() {
            self.wake_carrier();
        }
        result
    }

    /// A change that has to wait for the protocol.
    fn wish(&self, change: impl FnOnce(&mut dyn Protocol) + 'static) {
        if let Phase::Opening(wishes) = &mut *self.phase.borrow_mut() {
            return wishes.push(Box::new(change));
        }
        self.change(change);
    }

    /// Waking calls the host's callback where the loop is waiting: no borrow is held.
    #[inline]
    pub(super) fn wake_carrier(&self) {
        if !self.woken.replace(true) {
            self.wake();
        }
    }

    fn wake(&self) {
        let carrier = self.carrier.take();
        self.carrier.set(carrier.clone());
        if let Some(carrier) = carrier {
            carrier.wake();
        }
    }

    fn fail_opening(&self, cause: impl Into<Option<WireFailure>>) {
        let closure = Box::new(Closure::failed(cause));
        *self.phase.borrow_mut() = Phase::Failed(Some(closure));
        self.announce(1);
        self.tell_room();
    }

    /// Announces what has come of a change, once no borrow is held, because queueing wakes the loop.
    fn announce(&self, len: usize) {
        let count = len.saturating_sub(self.announced.get());
        if count > 0 {
            self.announced.set(len);
            if let Some(sink) = self.sink.upgrade() {
                sink.announce(count);
            }
        }
    }

    /// Of what was announced something is withdrawn: what there is then is announced anew. One time too often does no
    /// harm.
    pub(super) fn announce_anew(&self) {
        self.announced.set(0);
    }

    // What follows is for the carrier.

    /// The carrier is being polled: from now on changes wake it again.
    pub(super) fn register(&self, cx: &Context<'_>) {
        self.woken.set(false);
        let carrier = self.carrier.take();
        let is_same = |waker: &Waker| waker.will_wake(cx.waker());
        let carrier = carrier.filter(is_same);
        self.carrier
            .set(carrier.or_else(|| Some(cx.waker().clone())));
    }

    /// Whether the opening handshake goes on.
    pub(super) fn is_opening(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Opening(_))
    }

    /// The opening handshake is over. `None`: it failed, and whoever performed it has said why.
    pub(super) fn finish_opening(&self, protocol: Option<Box<dyn Protocol>>) {
        if !self.is_opening() {
            return;
        }
        match protocol {
            None => self.fail_opening(None),
            Some(mut protocol) => {
                let mut phase = self.phase.borrow_mut();
                if let Phase::Opening(wishes) = &mut *phase {
                    wishes.drain(..).for_each(|wish| wish(&mut *protocol));
                }
                *phase = Phase::Established(protocol);
                drop(phase);
                self.drive(|_| ());
                self.tell_room();
            }
        }
    }

    /// Changes the protocol and announces its feedback. `None`: there is none.
    pub(super) fn drive<T>(&self, change: impl FnOnce(&mut dyn Protocol) -> T) -> Option<T> {
        let mut phase = self.phase.borrow_mut();
        let Phase::Established(protocol) = &mut *phase else {
            return None;
        };
        let result = change(&mut **protocol);
        let len = protocol.feedback_len();
        self.is_paused.set(!protocol.wants_input());
        drop(phase);
        self.announce(len);
        Some(result)
    }

    /// The transport takes nothing any more. Whoever waits for it to take something is told, also where nobody reads what
    /// came before.
    pub(super) fn lose_output(&self) {
        self.output_is_lost.set(true);
    }

    /// Ready when some of the queue has left, or will never.
    fn await_room(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<()> {
        let listener = waiting.get_or_insert_with(|| self.room.borrow().listen());
        ready!(Pin::new(listener).poll(cx));
        *waiting = None;
        Poll::Ready(())
    }

    /// Some of the queue has left, or will never.
    pub(super) fn tell_room(&self) {
        let room = self.room.borrow();
        // One that nobody listens to takes no memory, until it is notified.
        if room.total_listeners() > 0 {
            room.notify(usize::MAX);
        }
    }

    pub(super) fn next_alarm(&self) -> Option<Instant> {
        self.next_alarm.get()
    }

    pub(super) fn set_next_alarm(&self, next: Option<Instant>) {
        self.next_alarm.set(next);
    }

    /// Something happens; true where it was idle.
    pub(super) fn become_busy(&self) -> bool {
        self.activity.replace(Activity::Busy) == Activity::Idle
    }

    /// False where nothing has happened since this was last asked: now it is idle, and gives memory back.
    pub(super) fn stays_busy(&self) -> bool {
        if self.activity.get() == Activity::Busy {
            self.activity.set(Activity::Quiet);
            return true;
        }
        self.activity.set(Activity::Idle);
        let is_timed = self.drive(|protocol| {
            protocol.handle_idleness();
            protocol.poll_timeout().is_some()
        });
        if is_timed != Some(true) {
            self.next_alarm.take();
        }
        let mut room = self.room.borrow_mut();
        if room.total_listeners() == 0 {
            *room = Event::new();
        }
        false
    }

    /// Whether somebody wants the transport, and waits for it still.
    pub(super) fn is_transport_wanted(&self) -> bool {
        let taker = self.taker.take();
        let is_wanted = taker.as_ref().is_some_and(|taker| !taker.is_canceled());
        self.taker.set(taker);
        is_wanted
    }

    /// Whoever wants the transport gets it.
    pub(super) fn give_transport(&self, taken: io::Result<TakenSocket>) {
        let taker = self.taker.take();
        if let Some(taker) = taker {
            let _ = taker.send(taken);
        }
    }

    /// Whoever wants the transport does not get it.
    pub(super) fn keep_transport(&self, why: io::ErrorKind) {
        self.give_transport(Err(why.into()));
    }

    /// The carrier is gone.
    pub(super) fn carrier_has_ended(&self) {
        self.next_alarm.take();
        self.keep_transport(io::ErrorKind::NotConnected);
    }

    /// The carrier is gone before the protocol has let go of the transport.
    pub(super) fn carrier_was_dropped(&self) {
        if let Phase::Established(protocol) = &mut *self.phase.borrow_mut() {
            protocol.fail(WireFailure::Cancelled);
        }
        self.tell_room();
        if let Some(sink) = self.sink.upgrade() {
            sink.abandon();
        }
    }
}

impl Channel for SharedProtocol {
    fn send(&self, data: Payload<'_>) -> bool {
        let was_queued = match &mut *self.phase.borrow_mut() {
            Phase::Established(protocol) => protocol.send(data),
            _ => return false,
        };
        match was_queued {
            // There is nothing to tell of it.
            true => self.wake_carrier(),
            false => {
                self.change(|_| ());
            }
        }
        was_queued
    }

    fn start_closing_handshake(&self, close: Option<(u16, &str)>) {
        self.change(|protocol| protocol.start_closing_handshake(close, Instant::now()));
    }

    fn finish(&self, close: Option<(u16, &str)>) {
        self.change(|protocol| protocol.finish(close, Instant::now()));
    }

    fn set_delivery(&self, delivery: Delivery) {
        self.wish(move |protocol| protocol.set_delivery(delivery));
    }

    fn set_half_open(&self, half_open: bool) {
        self.wish(move |protocol| protocol.set_half_open(half_open));
    }

    fn fail(&self, cause: WireFailure) {
        if self.is_opening() {
            self.fail_opening(cause);
            self.wake_carrier();
        } else {
            self.change(|protocol| protocol.fail(cause));
        }
    }

    fn abandon(&self, why: Abandoned) {
        if self.is_opening() {
            self.fail(WireFailure::Cancelled);
        } else {
            self.announce_anew();
            self.change(|protocol| protocol.abandon(why, Instant::now()));
        }
    }

    fn take_socket(&self) -> LocalBoxFuture<'static, io::Result<TakenSocket>> {
        let (taker, taken) = oneshot::channel();
        if self.is_opening() || self.is_established() {
            self.keep_transport(io::ErrorKind::NotConnected);
            self.taker.set(Some(taker));
            self.wake_carrier();
        }
        Box::pin(async move {
            let gone = |_| Err(io::ErrorKind::NotConnected.into());
            taken.await.unwrap_or_else(gone)
        })
    }

    fn take_feedback(&self) -> Option<Feedback> {
        let mut phase = self.phase.borrow_mut();
        let (feedback, is_wanted) = match &mut *phase {
            Phase::Opening(_) => (None, false),
            Phase::Failed(closure) => {
                let closure = closure.take();
                (closure.map(|closure| Feedback::Closed(*closure)), false)
            }
            Phase::Established(protocol) => {
                let feedback = protocol.poll_feedback();
                if matches!(feedback, Some(Feedback::Established { .. })) {
                    // What the opening took is not for an idle connection. Given back later it were holes, between
                    // what others have taken since.
                    protocol.handle_idleness();
                }
                (feedback, self.is_paused.get() && protocol.wants_input())
            }
        };
        drop(phase);
        self.announced.set(self.announced.get().saturating_sub(1));
        if is_wanted {
            self.is_paused.set(false);
            self.wake_carrier();
        }
        feedback
    }

    fn is_message_next(&self) -> bool {
        self.protocol(|protocol| protocol.is_message_next())
            .unwrap_or(false)
    }

    fn tasks_are_done(&self) {
        self.change(|protocol| protocol.handle_tasks_done(Instant::now()));
    }

    fn has_room_for(&self, len: usize) -> bool {
        self.protocol(|protocol| protocol.has_room_for(len))
            .unwrap_or(false)
    }

    fn would_block(&self, len: usize) -> bool {
        self.protocol(|protocol| protocol.would_block(len))
            .unwrap_or(true)
    }

    fn poll_room(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<bool> {
        if !self.is_opening() && !self.is_sending() {
            return Poll::Ready(false);
        }
        self.await_room(waiting, cx).map(|()| true)
    }

    fn poll_flushed(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let is_flushed = self.protocol(|protocol| protocol.is_flushed());
            if self.output_is_lost.get() || is_flushed.unwrap_or_else(|| !self.is_opening()) {
                return Poll::Ready(());
            }
            ready!(self.await_room(waiting, cx));
        }
    }

    fn is_established(&self) -> bool {
        self.protocol(|protocol| protocol.is_established())
            .unwrap_or(false)
    }

    fn is_sending(&self) -> bool {
        let is_sending = self.protocol(|protocol| protocol.is_sending());
        is_sending.unwrap_or(false) && !self.output_is_lost.get()
    }

    fn buffered_amount(&self) -> usize {
        self.protocol(|protocol| protocol.buffered_amount())
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
