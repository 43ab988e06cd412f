//! "Simplified WebSockets", client and server, from the first byte behind the handshake on.
//! The repository's `spec-notes/simplified.md` has its rules, which are numbered there (S11 and on).

use super::opening::Agreed;
use super::timer::Timer;
use super::traffic::{Traffic, left_to_traffic};
use super::{
    Abandoned, Closure, ConnectionOptions, Delivery, Feedback, Payload, Protocol, Transport,
    WireFailure,
};
use std::sync::Arc;
use std::time::Instant;

/// One connection of the simplified wire, on which the end of TCP's directions, or of TLS's, is all there is to a
/// closing handshake.
///
/// ```text
///                          Open
///       our end is asked for |  | the peer's end
///               .------------'  '------------.
///               v                            v
///           Finishing              PeerFinished   (or, not half open, on at once)
///               | the peer's end             | our end is asked for
///               '------------.  .------------'
///                            v  v
///                       AwaitingFlush
///                            | what is queued has left: Closed, cleanly
///                            v
///                        AwaitingEnd
///                            | both directions have ended
///                            v
///   any other end, any bound: ---> Released
/// ```
pub(crate) struct Connection {
    state: State,
    traffic: Traffic,
    /// The transport has ended ours.
    output_has_ended: bool,
    delivery: Delivery,
}

/// What the connection awaits.
enum State {
    /// Bytes, from either side.
    Open,
    /// The peer's end. Ours goes out behind what is queued, and there is nothing more to send.
    Finishing,
    /// Ours.
    PeerFinished,
    /// What is queued has to leave; then this is told.
    AwaitingFlush(Closure),
    /// The ends of both directions, where they have not come.
    AwaitingEnd,
    Released,
}

impl Connection {
    /// S11: what lies behind the handshake is the peer's.
    pub(super) fn new(agreed: Agreed, options: &Arc<ConnectionOptions>, now: Instant) -> Self {
        let established = Feedback::Established {
            protocol: agreed.protocol,
            extensions: String::new(),
        };
        let mut connection = Self {
            state: State::Open,
            traffic: Traffic::new(&agreed.unsent, established, options),
            output_has_ended: false,
            delivery: options.delivery,
        };
        connection.handle_input(&agreed.unread, now);
        connection
    }

    /// S13: our direction ends behind what is queued.
    fn end_sending(&mut self, bound: Timer, now: Instant) {
        let next = match self.state {
            State::Open => State::Finishing,
            State::PeerFinished => State::AwaitingFlush(Closure::clean()),
            _ => return,
        };
        self.traffic.tell(Feedback::ClosingHandshakeStarted);
        self.state = next;
        self.traffic.start(bound, now);
        self.finish_if_flushed(now);
    }

    fn finish_if_flushed(&mut self, now: Instant) {
        let State::AwaitingFlush(closure) = &self.state else {
            return;
        };
        if !self.traffic.output.is_empty() {
            return;
        }
        self.traffic.tell(Feedback::Closed(closure.clone()));
        self.state = State::AwaitingEnd;
        // Otherwise only our own end is awaited, which has its bound already.
        if !self.traffic.input_has_ended {
            self.traffic.start(Timer::EndOfStream, now);
        }
        self.release_if_ended();
    }

    /// S15: whoever let go of the transport before would leave it to chance if TLS says that the end is one.
    fn release_if_ended(&mut self) {
        if matches!(self.state, State::AwaitingEnd)
            && self.traffic.input_has_ended
            && self.output_has_ended
        {
            self.release();
        }
    }

    fn release(&mut self) {
        self.state = State::Released;
        self.traffic.release();
    }
}

impl Protocol for Connection {
    left_to_traffic!();

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.handle_pause(now);
        if matches!(self.state, State::Open | State::Finishing) {
            // S12. One message without end: a part is never its last one.
            let longest = self
                .delivery
                .longest_part(&self.traffic.options.limits)
                .max(1);
            for part in bytes.chunks(longest) {
                self.traffic.tell(Feedback::BinaryPart(part.to_vec()));
            }
        } else {
            self.traffic.throw_away(bytes.len());
        }
    }

    fn handle_pause(&mut self, now: Instant) {
        self.traffic.hear(now);
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        if std::mem::replace(&mut self.traffic.input_has_ended, true) {
            return;
        }
        match self.state {
            // S14. Ours is held back, or follows.
            State::Open => {
                self.traffic.tell(Feedback::PeerEnded);
                self.state = State::PeerFinished;
                if self.traffic.options.half_open {
                    self.traffic.tell(Feedback::PeerFinished(Closure::clean()));
                } else {
                    self.end_sending(Timer::Finished, now);
                }
            }
            State::Finishing => {
                self.traffic.tell(Feedback::PeerEnded);
                self.state = State::AwaitingFlush(Closure::clean());
                self.finish_if_flushed(now);
            }
            _ => {}
        }
        self.release_if_ended();
    }

    fn handle_transmitted(&mut self, count: usize, now: Instant) {
        // S16. Who takes what is queued may take its time.
        self.traffic.depart(count, now);
        self.finish_if_flushed(now);
    }

    fn handle_end_of_output(&mut self, _: Instant) {
        self.output_has_ended = true;
        self.release_if_ended();
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.traffic.has_timed_out(now) {
            self.fail(WireFailure::ClosingTimedOut);
        }
    }

    fn handle_idleness(&mut self) {
        self.traffic.rest();
    }

    fn send(&mut self, data: Payload<'_>) -> bool {
        if !self.is_sending() {
            return false;
        }
        let bytes = data.bytes();
        if !self.traffic.take_room(bytes.len()) {
            self.fail(WireFailure::QueueFull);
            return false;
        }
        // S12. As they are.
        self.traffic.output.push_frame(&[], bytes, &[]);
        true
    }

    fn start_closing_handshake(&mut self, _: Option<(u16, &str)>, now: Instant) {
        self.traffic.bound_the_end(now);
        self.end_sending(Timer::ClosingHandshake, now);
    }

    fn finish(&mut self, _: Option<(u16, &str)>, now: Instant) {
        self.end_sending(Timer::Finished, now);
    }

    fn set_delivery(&mut self, delivery: Delivery) {
        self.delivery = delivery;
    }

    fn fail(&mut self, cause: WireFailure) {
        match self.state {
            State::Released => {}
            // It was said to be closed already.
            State::AwaitingEnd => self.release(),
            _ => {
                self.traffic.tell(Feedback::Closed(Closure::failed(cause)));
                self.release();
            }
        }
    }

    fn abandon(&mut self, _: Abandoned, now: Instant) {
        // Nobody takes it, and a peer that waits for us to read may not read either.
        drop(self.traffic.feedback.take_parts());
        match self.state {
            State::Open | State::Finishing => {
                self.traffic.start(Timer::ClosingHandshake, now);
                self.state = State::AwaitingFlush(Closure::abnormal(WireFailure::Cancelled));
                self.finish_if_flushed(now);
            }
            // It said that it is done: so are we.
            State::PeerFinished => self.end_sending(Timer::ClosingHandshake, now),
            State::AwaitingFlush(_) | State::AwaitingEnd | State::Released => {}
        }
    }

    fn hand_over(&mut self) -> Option<Vec<u8>> {
        // S18.
        if !self.is_sending() || !self.traffic.output.is_empty() {
            return None;
        }
        let unread = self.traffic.feedback.take_parts();
        self.traffic.tell(Feedback::Closed(Closure::clean()));
        self.release();
        Some(unread)
    }

    fn poll_timeout(&self) -> Option<(Timer, Instant)> {
        self.traffic.deadline()
    }

    fn transport(&self) -> Transport {
        match self.state {
            State::Finishing if self.traffic.output.is_empty() => Transport::Finishing,
            State::AwaitingEnd => Transport::Finishing,
            State::Released => Transport::Released,
            _ => Transport::Open,
        }
    }

    fn wants_input(&self) -> bool {
        let limits = &self.traffic.options.limits;
        self.traffic.feedback.cost() <= limits.undispatched && self.traffic.may_throw_away()
    }

    fn is_established(&self) -> bool {
        !matches!(self.state, State::Released)
    }

    fn is_sending(&self) -> bool {
        matches!(self.state, State::Open | State::PeerFinished)
    }

    fn is_flushed(&self) -> bool {
        // Our end is the transport's, and has left when that has ended our direction.
        let has_ended = match self.state {
            State::Open | State::PeerFinished | State::Released => true,
            State::Finishing | State::AwaitingFlush(_) | State::AwaitingEnd => {
                self.output_has_ended
            }
        };
        self.traffic.output.is_empty() && has_ended
    }
}

#[cfg(test)]
mod tests;
