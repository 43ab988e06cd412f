//! The engine of a connection that has no transport yet.

use super::{Abandoned, Answer, Closure, Failure, Feedback, Payload, Protocol, Transport};
use std::io::IoSlice;
use std::time::Instant;

/// Awaits a transport. Once there is one, the engine of the connection's edition takes its place; all
/// that can happen before is that it fails.
#[derive(Default)]
pub(crate) struct Unopened {
    failed: bool,
    feedback: Option<Feedback>,
}

impl Protocol for Unopened {
    fn handle_start(&mut self, _: Instant) {}

    fn handle_input(&mut self, _: &[u8], _: Instant) {}

    fn handle_end_of_input(&mut self, _: Instant) {
        self.fail(Failure::EndOfStream);
    }

    fn handle_transmitted(&mut self, _: usize, _: Instant) {}

    fn handle_timeout(&mut self, _: Instant) {}

    fn answer(&mut self, _: Answer, _: Instant) {}

    fn send(&mut self, _: Payload<'_>) -> bool {
        false
    }

    fn start_closing_handshake(&mut self, _: Option<(u16, &str)>, _: Instant) {}

    fn fail(&mut self, cause: Failure) {
        if !std::mem::replace(&mut self.failed, true) {
            self.feedback = Some(Feedback::Closed(Closure::failed(cause)));
        }
    }

    fn abandon(&mut self, _: Abandoned, _: Instant) {
        self.fail(Failure::Cancelled);
    }

    fn poll_feedback(&mut self) -> Option<Feedback> {
        self.feedback.take()
    }

    fn poll_transmit<'a>(&'a self, _: &mut [IoSlice<'a>]) -> usize {
        0
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    fn transport(&self) -> Transport {
        if self.failed {
            Transport::Released
        } else {
            Transport::Open
        }
    }

    fn is_established(&self) -> bool {
        false
    }

    fn is_sending(&self) -> bool {
        false
    }

    fn buffered_amount(&self) -> usize {
        0
    }
}
