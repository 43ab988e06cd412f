//! The end of a connection that the object above holds.

use crate::net::TakenSocket;
use crate::protocol::{Abandoned, Delivery, Feedback, Payload, WireFailure};
use futures::future::LocalBoxFuture;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A connection as the object above sees it, whatever carries it: a transport and a protocol of ours, or
/// something that speaks the protocol itself.
///
/// No call dispatches anything. What there is to say is queued, and each occurrence of it is announced to
/// the [`FeedbackSink`].
pub(crate) trait Channel {
    /// Sends a message; false if it can't be sent. What is queued leaves when the loop polls its
    /// connections next: in one write, for all that one turn has queued.
    fn send(&self, data: Payload<'_>) -> bool;
    /// "Start the WebSocket closing handshake".
    fn start_closing_handshake(&self, close: Option<(u16, &str)>);
    /// Ends our direction and not the peer's.
    fn finish(&self, close: Option<(u16, &str)>);
    /// How what comes is told from now on.
    fn set_delivery(&self, delivery: Delivery);
    /// Whether our end is held back when the peer's comes, from now on.
    fn set_half_open(&self, half_open: bool);
    /// "Fail the WebSocket connection".
    fn fail(&self, cause: WireFailure);
    /// Ends the connection of an object that nobody listens to any more.
    fn abandon(&self, why: Abandoned);

    /// Has the transport given away once what is queued has left, to somebody who goes on with it; the connection is
    /// then closed, cleanly. Nothing is given away to a future that was dropped.
    ///
    /// # Errors
    ///
    /// "Unsupported" where the wire has frames; "not connected" where this end has finished, or the connection is lost.
    fn take_socket(&self) -> LocalBoxFuture<'static, io::Result<TakenSocket>>;

    /// The next occurrence: one for each that was announced.
    fn take_feedback(&self) -> Option<Feedback>;
    /// Whether the next occurrence is a message, or a part of one.
    fn is_message_next(&self) -> bool;
    /// The tasks of all that came before a violation have run.
    fn tasks_are_done(&self);
    /// Whether so many bytes more find room in the queue.
    fn has_room_for(&self, len: usize) -> bool;
    /// Whether so many bytes more should wait until some have left.
    fn would_block(&self, len: usize) -> bool;
    /// Ends once [`would_block`](Self::would_block) may say something else: true; or nothing can be sent any more: false.
    /// To be asked where there is no room, or the connection is not established yet.
    fn poll_room(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<bool>;
    /// Ends once all that is queued has been handed to the transport, or never will be.
    fn poll_flushed(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<()>;

    /// "The WebSocket connection is established".
    fn is_established(&self) -> bool;
    /// Whether messages can be sent.
    fn is_sending(&self) -> bool;
    /// Payload bytes queued and not yet taken by the network.
    fn buffered_amount(&self) -> usize;
}

/// What a task listens to that waits for room, from one poll to the next. It waits no more when this is dropped.
pub(crate) type Waiting = Option<event_listener::EventListener>;

/// Who else learns of a connection's feedback, ahead of its task.
pub(crate) type FeedbackObserver = Rc<dyn Fn(&Feedback)>;

/// Where a connection's feedback is announced: a task source of the floor above.
pub(crate) trait FeedbackSink {
    /// So many more can be [taken](Channel::take_feedback).
    fn announce(self: Rc<Self>, count: usize);
    /// The connection was dropped half-way: no feedback follows, and none that is queued is wanted.
    fn abandon(&self);
}

/// For tests: a sink that has nobody behind it.
#[cfg(test)]
pub(super) struct Nobody;

#[cfg(test)]
impl FeedbackSink for Nobody {
    fn announce(self: Rc<Self>, _: usize) {}
    fn abandon(&self) {}
}
