//! How a connection comes to its end.

use super::Violation;
use super::close::{self, Close};
use super::connection::{Connection, State};
use super::frame::Opcode;
use crate::protocol::opening::Role;
use crate::protocol::timer::Timer;
use crate::protocol::{ActiveClose, Closure, Feedback, Protocol};
use std::time::Instant;

impl Connection {
    /// Section 5.5.1: the peer's Close frame, which is answered at once, or when the application has sent all.
    pub(super) fn receive_close(&mut self, close: Close, now: Instant) {
        self.ping = None;
        // Neither is there anything to ask a peer that sends no more.
        self.keep_alive = None;
        let is_held = self.traffic.options.half_open && self.is_sending();
        let closure = Box::new(Closure {
            cleanly: true,
            // Section 7.1.5: 1005 where the frame has no code.
            code: close.code.unwrap_or(1005),
            reason: close.reason,
            failed: false,
            cause: None,
        });
        if is_held {
            let closure = Closure::clone(&closure);
            self.traffic.tell(Feedback::PeerFinished(closure));
        }
        self.state = State::AwaitingOurs(closure);
        if !is_held {
            self.answer_close(None, Timer::ClosingHandshake, now);
        }
    }

    /// Section 5.5.1: sends our Close frame, if it has not been sent, with the peer's own code where there is no
    /// other. What is queued has to leave within this bound.
    pub(super) fn answer_close(&mut self, close: Option<(u16, &str)>, bound: Timer, now: Instant) {
        let State::AwaitingOurs(closure) = &mut self.state else {
            return;
        };
        let closure = std::mem::replace(&mut **closure, Closure::clean());
        if !std::mem::replace(&mut self.closing_has_started, true) {
            let echo = (closure.code != 1005).then_some((closure.code, ""));
            self.push_close(close.or(echo));
            self.traffic.tell(Feedback::ClosingHandshakeStarted);
            self.traffic.start(bound, now);
        }
        self.flush_then(closure, now);
    }

    /// Section 7.1.7, "fail the WebSocket connection", over something that the peer sent: it learns why.
    pub(super) fn fail_with(&mut self, violation: Violation, now: Instant) {
        if !self.closing_has_started {
            self.push_close(Some((violation.code(), "")));
            // Script sees this failure as an error and a close, not as a handshake.
            self.closing_has_started = true;
        }
        self.ping = None;
        self.traffic.start(Timer::EndOfStream, now);
        self.flush_then(Closure::failed(violation.failure()), now);
    }

    fn flush_then(&mut self, closure: Closure, now: Instant) {
        self.state = State::AwaitingFlush(Box::new(closure));
        self.finish_if_flushed(now);
    }

    pub(super) fn finish_if_flushed(&mut self, now: Instant) {
        let State::AwaitingFlush(closure) = &mut self.state else {
            return;
        };
        if !self.traffic.output.is_empty() {
            return;
        }
        let closure = std::mem::replace(&mut **closure, Closure::clean());
        let peer_ends_first = closure.cleanly
            && match self.traffic.options.active_close {
                // Section 7.1.1.
                ActiveClose::Standard => self.role == Role::Client,
                ActiveClose::Ours => false,
                ActiveClose::Peers => true,
            };
        if self.traffic.input_has_ended || !peer_ends_first {
            self.traffic.tell(Feedback::Closed(closure));
            self.state = State::AwaitingEnd(None);
        } else {
            self.state = State::AwaitingEnd(Some(Box::new(closure)));
        }
        self.traffic.start(Timer::EndOfStream, now);
        if self.traffic.input_has_ended {
            self.release();
        }
    }

    /// Lets go of the transport; what is still to be told is told.
    pub(super) fn release(&mut self) {
        if let State::AwaitingEnd(Some(closure)) =
            std::mem::replace(&mut self.state, State::Released)
        {
            self.traffic.tell(Feedback::Closed(*closure));
        }
        self.traffic.release();
        self.keep_alive = None;
    }

    /// The transport is closed before the closing handshake was finished.
    pub(super) fn end_abnormally(&mut self, closure: Closure) {
        let closure = match &self.state {
            State::Released => return,
            State::AwaitingEnd(_) => return self.release(),
            // The code is the one that was received, and what failed by the peer's doing has failed,
            // whatever came of telling it so.
            State::AwaitingOurs(told) | State::AwaitingFlush(told) => Closure {
                cleanly: false,
                failed: closure.failed || told.failed,
                cause: told.cause.clone().or(closure.cause),
                ..Closure::clone(told)
            },
            // It comes first, whatever ended the connection meanwhile.
            State::AwaitingTasks(violation) => Closure::failed(violation.failure()),
            _ => closure,
        };
        self.traffic.tell(Feedback::Closed(closure));
        self.release();
    }

    /// Our direction ends behind what is queued; the peer's has this bound.
    pub(super) fn end_sending(&mut self, close: Option<(u16, &str)>, bound: Timer, now: Instant) {
        match self.state {
            State::AwaitingOurs(_) => return self.answer_close(close, bound, now),
            _ if !self.is_sending() => return,
            _ => {}
        }
        self.push_close(close);
        self.closing_has_started = true;
        // Otherwise the end has a bound already.
        if !matches!(self.state, State::AwaitingTasks(_)) {
            self.traffic.start(bound, now);
        }
        self.traffic.tell(Feedback::ClosingHandshakeStarted);
    }

    fn push_close(&mut self, close: Option<(u16, &str)>) {
        self.sender
            .send_control(Opcode::Close, &close::body(close), &mut self.traffic.output);
    }
}
