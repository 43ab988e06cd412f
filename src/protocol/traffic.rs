//! What connections of all wires have in common: what waits to be sent and to be told, and when it all has to end.

use super::feedback_queue::FeedbackQueue;
use super::occasional::Occasional;
use super::output::Output;
use super::timer::{EndDeadline, Timer};
use super::{ConnectionOptions, Feedback};
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

/// What a [`Protocol`](super::Protocol) leaves to its traffic, whatever its wire.
macro_rules! left_to_traffic {
    () => {
        fn set_half_open(&mut self, half_open: bool) {
            self.traffic.set_half_open(half_open);
        }

        fn poll_feedback(&mut self) -> Option<$crate::protocol::Feedback> {
            self.traffic.poll_feedback()
        }

        fn feedback_len(&self) -> usize {
            self.traffic.feedback.len()
        }

        fn is_message_next(&self) -> bool {
            self.traffic.feedback.is_message_next()
        }

        fn poll_transmit<'a>(&'a self, slices: &mut [std::io::IoSlice<'a>]) -> usize {
            self.traffic.poll_transmit(slices)
        }

        fn buffered_amount(&self) -> usize {
            self.traffic.output.amount()
        }

        fn has_room_for(&self, len: usize) -> bool {
            self.traffic.has_room_for(len)
        }

        fn would_block(&self, len: usize) -> bool {
            self.traffic.would_block(len)
        }
    };
}
pub(super) use left_to_traffic;

/// What goes either way on one connection.
pub(super) struct Traffic {
    pub(super) output: Occasional<Output>,
    pub(super) feedback: Occasional<FeedbackQueue>,
    deadline: Option<Box<EndDeadline>>,
    /// The peer ended its direction.
    pub(super) input_has_ended: bool,
    /// How much was thrown away since there is nothing more to be read.
    discarded: usize,
    pub(super) options: Arc<ConnectionOptions>,
}

impl Traffic {
    /// That of a connection which is established. `unsent`: what is left of the opening handshake.
    pub(super) fn new(
        unsent: &[u8],
        established: Feedback,
        options: &Arc<ConnectionOptions>,
    ) -> Self {
        let mut traffic = Self {
            output: Occasional::default(),
            feedback: Occasional::default(),
            deadline: None,
            input_has_ended: false,
            discarded: 0,
            options: options.clone(),
        };
        if !unsent.is_empty() {
            traffic.output.push(unsent);
        }
        traffic.tell(established);
        traffic
    }

    /// Something happened that the object above is to hear of.
    pub(super) fn tell(&mut self, feedback: Feedback) {
        self.feedback.push(feedback);
    }

    /// So many bytes came that are nothing to anybody.
    pub(super) fn throw_away(&mut self, len: usize) {
        self.discarded = self.discarded.saturating_add(len);
    }

    /// Whether more may be [thrown away](Self::throw_away).
    pub(super) fn may_throw_away(&self) -> bool {
        self.discarded <= self.options.limits.discarded
    }

    /// The transport took so many bytes. Whoever takes what is queued may take its time.
    pub(super) fn depart(&mut self, count: usize, now: Instant) {
        if let Some(output) = self.output.get_mut() {
            output.advance(count);
            output.give_room_back(&self.options);
        }
        let is_queued = !self.output.is_empty();
        let timeouts = &self.options.timeouts;
        EndDeadline::depart(&mut self.deadline, count, is_queued, timeouts, now);
    }

    /// From now on the end has this bound.
    pub(super) fn start(&mut self, timer: Timer, now: Instant) {
        let is_queued = !self.output.is_empty();
        let timeouts = &self.options.timeouts;
        EndDeadline::start(&mut self.deadline, timer, is_queued, timeouts, now);
    }

    /// When the bound of the end comes.
    pub(super) fn deadline(&self) -> Option<(Timer, Instant)> {
        self.deadline
            .as_ref()
            .and_then(|deadline| deadline.instant())
    }

    pub(super) fn has_timed_out(&self, now: Instant) -> bool {
        let deadline = self.deadline.as_ref();
        deadline.is_some_and(|deadline| deadline.has_come(now))
    }

    /// Our direction ends at leisure: the peer has a bound for each sign of life only.
    pub(super) fn is_finished(&self) -> bool {
        let deadline = self.deadline.as_ref();
        deadline.is_some_and(|deadline| deadline.is_of(Timer::Finished))
    }

    /// A sign of life of the peer's, or it is not listened to.
    pub(super) fn hear(&mut self, now: Instant) {
        if self.is_finished() {
            self.start(Timer::Finished, now);
        }
    }

    /// No more is wanted of the peer than its end.
    pub(super) fn bound_the_end(&mut self, now: Instant) {
        if self.is_finished() {
            self.start(Timer::ClosingHandshake, now);
        }
    }

    /// The transport is let go of.
    pub(super) fn release(&mut self) {
        if let Some(output) = self.output.get_mut() {
            output.discard();
            output.give_room_back(&self.options);
        }
        self.deadline = None;
    }

    pub(super) fn set_half_open(&mut self, half_open: bool) {
        Arc::make_mut(&mut self.options).half_open = half_open;
    }

    /// Gives back what only a busy connection needs.
    pub(super) fn rest(&mut self) {
        self.feedback.rest();
        self.output.rest();
    }

    #[inline]
    pub(super) fn poll_feedback(&mut self) -> Option<Feedback> {
        self.feedback.get_mut()?.pop()
    }

    pub(super) fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.output.slices(slices)
    }

    #[inline]
    pub(super) fn has_room_for(&self, len: usize) -> bool {
        self.output.has_room_for(len, &self.options)
    }

    /// Takes the room for so many bytes, if there is as much.
    #[inline]
    pub(super) fn take_room(&mut self, len: usize) -> bool {
        self.output.take_room(len, &self.options)
    }

    pub(super) fn would_block(&self, len: usize) -> bool {
        self.output.would_block(len, &self.options)
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.release();
    }
}
