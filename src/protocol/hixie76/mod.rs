//! draft-hixie-thewebsocketprotocol-76, client and server, from the first frame on.

mod frame;

use super::opening::Agreed;
use super::timer::Timer;
use super::traffic::{Traffic, left_to_traffic};
use super::{
    Abandoned, ActiveClose, Closure, ConnectionOptions, Delivery, Feedback, LARGE_READ_SIZE,
    Payload, Protocol, READ_SIZE, Transport, WireFailure,
};
use frame::{Decoder, Frame};
use std::sync::Arc;
use std::time::Instant;

/// One connection of draft 76.
///
/// ```text
///                           AwaitingFrames --- FF 00, and ours is held ---> AwaitingOurs
///                                 | FF 00 from the peer; ours sent before or now  |
///                                 v                                               | ours
///                            AwaitingFlush <--------------------------------------'
///                                 | ours has left: Closed, cleanly
///                                 v
///                             AwaitingEnd
///                                 | the peer's end
///                                 v
///   any other end, any bound: ---> Released
/// ```
pub(crate) struct Connection {
    state: State,
    traffic: Traffic,
    closing_has_started: bool,
}

/// What the connection awaits.
enum State {
    AwaitingFrames(Decoder),
    /// The peer has finished; our FF 00 is to come.
    AwaitingOurs,
    /// What is queued has to leave; then this is told.
    AwaitingFlush(Closure),
    AwaitingEnd,
    Released,
}

impl Connection {
    /// Section 4.1 step 46: "the WebSocket connection is established".
    pub(super) fn new(agreed: Agreed, options: &Arc<ConnectionOptions>, now: Instant) -> Self {
        let established = Feedback::Established {
            protocol: agreed.protocol,
            extensions: String::new(),
        };
        let mut connection = Self {
            state: State::AwaitingFrames(Decoder::new(options)),
            traffic: Traffic::new(&agreed.unsent, established, options),
            closing_has_started: false,
        };
        connection.handle_input(&agreed.unread, now);
        connection
    }

    /// One step of reading; false where `input` is used up or the rest of it is not for us.
    fn read(&mut self, input: &mut &[u8], now: Instant) -> bool {
        // "Any data on the connection after the 0xFF frame is discarded."
        let State::AwaitingFrames(decoder) = &mut self.state else {
            return false;
        };
        decoder.take_short(input, &mut self.traffic.feedback);
        match decoder.next(input) {
            Ok(Some(Frame::Text(text))) => self.traffic.tell(Feedback::Text(text)),
            Ok(Some(Frame::TextPart(part))) => self.traffic.tell(Feedback::TextPart(part)),
            Ok(Some(Frame::Unknown)) => self.traffic.tell(Feedback::ErrorDetected),
            Ok(Some(Frame::Closing)) => self.receive_closing_frame(now),
            Ok(None) => return false,
            // "Content that is too large to be handled": fail the connection.
            Err(frame::TooLarge) => self.fail(WireFailure::TooLarge),
        }
        true
    }

    /// Section 4.2 step 3, the substeps for frame type 0xFF with length 0.
    fn receive_closing_frame(&mut self, now: Instant) {
        let is_held = self.traffic.options.half_open && self.is_sending();
        self.state = State::AwaitingOurs;
        if is_held {
            self.traffic.tell(Feedback::PeerFinished(Closure::clean()));
        } else {
            self.answer_closing_frame(Timer::ClosingHandshake, now);
        }
    }

    fn answer_closing_frame(&mut self, bound: Timer, now: Instant) {
        // 1-2. Our part of the handshake, if it has not been sent.
        if self.is_sending() {
            self.push_closing_frame(bound, now);
        }
        // 3. The handshake has finished once our part has left.
        self.state = State::AwaitingFlush(Closure::clean());
        self.finish_if_flushed(now);
    }

    fn push_closing_frame(&mut self, bound: Timer, now: Instant) {
        // "Start the WebSocket closing handshake" steps 2-4. FF, 00: it has started.
        self.traffic.output.push(&frame::CLOSING_FRAME);
        self.closing_has_started = true;
        self.traffic.tell(Feedback::ClosingHandshakeStarted);
        // 5-6. Wait a while; `handle_timeout` closes the connection.
        self.traffic.start(bound, now);
    }

    /// The peer is there, or is not listened to.
    fn hear(&mut self, now: Instant) {
        // A peer that has finished, too, has nothing more to say.
        if matches!(self.state, State::AwaitingFrames(_)) {
            self.traffic.hear(now);
        }
    }

    /// Our direction ends behind what is queued; the peer's has this bound.
    fn end_sending(&mut self, bound: Timer, now: Instant) {
        match self.state {
            State::AwaitingOurs => self.answer_closing_frame(bound, now),
            // 1. If it has started, abort these steps.
            _ if !self.is_sending() => {}
            _ => self.push_closing_frame(bound, now),
        }
    }

    fn finish_if_flushed(&mut self, now: Instant) {
        let State::AwaitingFlush(closure) = &self.state else {
            return;
        };
        if !self.traffic.output.is_empty() {
            return;
        }
        self.traffic.tell(Feedback::Closed(closure.clone()));
        if self.traffic.input_has_ended {
            self.release();
        } else {
            self.state = State::AwaitingEnd;
            self.traffic.start(Timer::EndOfStream, now);
        }
    }

    fn release(&mut self) {
        self.state = State::Released;
        self.traffic.release();
    }
}

impl Protocol for Connection {
    left_to_traffic!();

    fn handle_input(&mut self, mut bytes: &[u8], now: Instant) {
        self.hear(now);
        while self.read(&mut bytes, now) {}
        if let State::AwaitingFrames(decoder) = &mut self.state {
            if decoder.end(&self.traffic.options, now).is_err() {
                self.fail(WireFailure::Overloaded);
            }
        } else {
            self.traffic.throw_away(bytes.len());
        }
    }

    fn handle_pause(&mut self, now: Instant) {
        self.hear(now);
        if let State::AwaitingFrames(decoder) = &mut self.state {
            decoder.assembly.pause(&self.traffic.options, now);
        }
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        if std::mem::replace(&mut self.traffic.input_has_ended, true) {
            return;
        }
        match self.state {
            // Ours can still leave, and finish the closing handshake.
            State::AwaitingFlush(_) => {
                self.traffic.tell(Feedback::PeerEnded);
                self.finish_if_flushed(now);
            }
            State::AwaitingOurs => self.traffic.tell(Feedback::PeerEnded),
            // Section 6.3: the peer closed the connection; so do we, at once.
            State::AwaitingFrames(_) => {
                self.traffic.tell(Feedback::PeerEnded);
                self.fail(WireFailure::EndOfStream);
            }
            // It was said to be closed already.
            State::AwaitingEnd | State::Released => self.release(),
        }
    }

    fn handle_transmitted(&mut self, count: usize, now: Instant) {
        self.traffic.depart(count, now);
        self.finish_if_flushed(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let State::AwaitingFrames(decoder) = &self.state {
            if decoder.assembly.is_late(now) {
                return self.fail(WireFailure::MessageTimedOut);
            }
        }
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
        // There are no binary frames.
        let Payload::Text(text) = data else {
            return false;
        };
        if !self.traffic.take_room(text.len()) {
            self.fail(WireFailure::QueueFull);
            return false;
        }
        self.traffic
            .output
            .push_frame(&[frame::TEXT], text.as_bytes(), &[frame::END]);
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
        if let State::AwaitingFrames(decoder) = &mut self.state {
            for part in decoder.set_delivery(delivery, &self.traffic.options.limits) {
                self.traffic.tell(Feedback::TextPart(part));
            }
        }
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
        self.traffic.bound_the_end(now);
        match self.state {
            State::AwaitingFrames(_) => {
                self.closing_has_started = true;
                self.traffic.start(Timer::ClosingHandshake, now);
                self.state = State::AwaitingFlush(Closure::abnormal(WireFailure::Cancelled));
                self.finish_if_flushed(now);
            }
            // It said that it is done: so are we.
            State::AwaitingOurs => self.answer_closing_frame(Timer::ClosingHandshake, now),
            State::AwaitingFlush(_) | State::AwaitingEnd | State::Released => {}
        }
    }

    fn poll_timeout(&self) -> Option<(Timer, Instant)> {
        let deadline = self.traffic.deadline();
        let frame = match &self.state {
            State::AwaitingFrames(decoder) => decoder.assembly.due(),
            _ => None,
        };
        // `None` is later than any instant.
        let both = [deadline, frame].into_iter().flatten();
        both.min_by_key(|(_, at)| *at)
    }

    fn transport(&self) -> Transport {
        match self.state {
            State::AwaitingEnd if self.traffic.options.active_close == ActiveClose::Peers => {
                Transport::Open
            }
            State::AwaitingEnd => Transport::Finishing,
            State::Released => Transport::Released,
            _ => Transport::Open,
        }
    }

    fn wants_input(&self) -> bool {
        let State::AwaitingFrames(decoder) = &self.state else {
            return self.traffic.may_throw_away();
        };
        let under_way = decoder.under_way().unwrap_or(0);
        self.traffic
            .feedback
            .has_room(under_way, &self.traffic.options.limits)
    }

    fn read_size(&self) -> usize {
        match &self.state {
            State::AwaitingFrames(decoder) if decoder.is_in_large_message() => LARGE_READ_SIZE,
            _ => READ_SIZE,
        }
    }

    fn is_established(&self) -> bool {
        !matches!(self.state, State::Released)
    }

    fn is_sending(&self) -> bool {
        self.is_established() && !self.closing_has_started
    }

    fn is_flushed(&self) -> bool {
        self.traffic.output.is_empty()
    }
}

#[cfg(test)]
mod tests;
