//! draft-hixie-thewebsocketprotocol-76, client and server.

mod challenge;
mod client_handshake;
mod frame;
mod server_handshake;

use super::output::Output;
use super::{
    Abandoned, Answer, ClientHandshake, Closure, Failure, Feedback, Limits, Message, Payload,
    Protocol, Request, Response, Timeouts, Transport,
};
use challenge::Challenge;
use client_handshake::{Answered, ResponseReader};
use frame::{Decoder, Frame};
use rand::rngs::StdRng;
use server_handshake::ServerHandshake;
use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::Instant;

/// One connection of draft 76.
///
/// ```text
/// client                    server
/// AwaitingResponse          AwaitingAnswer --> AwaitingKey3
///        |                                          |
///        |  101, fields, the right 16 bytes         |  the 8 bytes; ours sent
///        '---------------------> AwaitingFrames <---'
///                                      | FF 00 from the peer; ours sent before or now
///                                      v
///                               AwaitingFlush
///                                      | ours has left: Closed, cleanly
///                                      v
///                                AwaitingEnd
///                                      | the peer's end
///                                      v
///   any other end, any bound: --->  Released
/// ```
pub(crate) struct Connection {
    state: State,
    output: Output,
    feedback: VecDeque<Feedback>,
    deadline: Option<Instant>,
    closing_has_started: bool,
    /// The peer ended its direction.
    input_has_ended: bool,
    limits: Limits,
    timeouts: Timeouts,
}

/// What the connection awaits.
enum State {
    AwaitingResponse(Box<ResponseReader>),
    /// The user agent's: whether there is another attempt. `None`: it has the response.
    AwaitingVerdict(Option<Box<Response>>),
    AwaitingAnswer {
        handshake: ServerHandshake,
        /// What came behind the head.
        input: Vec<u8>,
    },
    AwaitingKey3 {
        handshake: ServerHandshake,
        protocol: Option<String>,
        key3: Vec<u8>,
    },
    AwaitingFrames(Decoder),
    /// What is queued has to leave; then this is told.
    AwaitingFlush(Closure),
    AwaitingEnd,
    Released,
}

impl Connection {
    /// A client's connection; its request is ready to be sent.
    pub(crate) fn client(
        handshake: ClientHandshake,
        limits: Limits,
        timeouts: Timeouts,
        random: &mut StdRng,
    ) -> Self {
        let challenge = Challenge::new(random);
        let request = client_handshake::request(&handshake, &challenge, random);
        let reader = ResponseReader::new(handshake, &challenge, &limits);
        let state = State::AwaitingResponse(Box::new(reader));
        let mut connection = Self::new(state, limits, timeouts);
        connection.output.push(&request);
        connection
    }

    /// A server's end of a connection, once the head of the client's handshake is there; it awaits
    /// the application's answer. `None`: abort the connection.
    pub(super) fn server(
        request: &Request,
        secure: bool,
        limits: Limits,
        timeouts: Timeouts,
    ) -> Option<Self> {
        let handshake = ServerHandshake::new(request, secure)?;
        let state = State::AwaitingAnswer {
            handshake,
            input: Vec::new(),
        };
        Some(Self::new(state, limits, timeouts))
    }

    fn new(state: State, limits: Limits, timeouts: Timeouts) -> Self {
        Self {
            state,
            output: Output::default(),
            feedback: VecDeque::new(),
            deadline: None,
            closing_has_started: false,
            input_has_ended: false,
            limits,
            timeouts,
        }
    }

    /// One step of reading; false where `input` is used up or the rest of it is not for us.
    fn read(&mut self, input: &mut &[u8], now: Instant) -> bool {
        match &mut self.state {
            State::AwaitingResponse(reader) => {
                let answered = reader.read(input);
                let response = reader.take_response();
                self.feedback.extend(response.map(Feedback::Responded));
                match answered {
                    Ok(Some(Answered::Agreed(protocol, response))) => {
                        self.establish(protocol, Some(response));
                    }
                    Ok(Some(Answered::Rejected(response))) => {
                        self.state = State::AwaitingVerdict(Some(response));
                    }
                    Ok(None) => return false,
                    Err(cause) => self.fail(cause),
                }
            }
            State::AwaitingAnswer { input: kept, .. } => {
                kept.extend_from_slice(input);
                return false;
            }
            State::AwaitingKey3 {
                handshake,
                protocol,
                key3,
            } => {
                let (bytes, rest) = input.split_at(input.len().min(8 - key3.len()));
                key3.extend_from_slice(bytes);
                *input = rest;
                let Ok(key3) = <[u8; 8]>::try_from(key3.as_slice()) else {
                    return false;
                };
                self.output.push(&handshake.response(key3));
                let protocol = protocol.take();
                self.establish(protocol, None);
            }
            State::AwaitingFrames(decoder) => match decoder.next(input) {
                Ok(Some(Frame::Text(text))) => self
                    .feedback
                    .push_back(Feedback::Message(Message::Text(text))),
                Ok(Some(Frame::Unknown)) => self.feedback.push_back(Feedback::ErrorDetected),
                Ok(Some(Frame::Closing)) => self.receive_closing_frame(now),
                Ok(None) => return false,
                // "Content that is too large to be handled": fail the connection.
                Err(frame::TooLarge) => self.fail(Failure::TooLarge),
            },
            // "Any data on the connection after the 0xFF frame is discarded."
            State::AwaitingVerdict(_)
            | State::AwaitingFlush(_)
            | State::AwaitingEnd
            | State::Released => return false,
        }
        true
    }

    /// Section 4.1 step 46: "the WebSocket connection is established".
    fn establish(&mut self, protocol: Option<String>, response: Option<Box<Response>>) {
        self.state = State::AwaitingFrames(Decoder::new(&self.limits));
        self.deadline = None;
        self.feedback.push_back(Feedback::Established {
            protocol,
            extensions: String::new(),
            response,
        });
    }

    /// Section 4.2 step 3, the substeps for frame type 0xFF with length 0.
    fn receive_closing_frame(&mut self, now: Instant) {
        // 1-2. Our part of the handshake, if it has not been sent.
        self.start_closing_handshake(None, now);
        // 3. The handshake has finished once our part has left.
        self.state = State::AwaitingFlush(Closure::clean());
        self.finish_if_flushed(now);
    }

    fn finish_if_flushed(&mut self, now: Instant) {
        let State::AwaitingFlush(closure) = &self.state else {
            return;
        };
        if !self.output.is_empty() {
            return;
        }
        self.feedback.push_back(Feedback::Closed(closure.clone()));
        if self.input_has_ended {
            self.release();
        } else {
            self.state = State::AwaitingEnd;
            self.deadline = now.checked_add(self.timeouts.end_of_stream);
        }
    }

    fn release(&mut self) {
        self.state = State::Released;
        self.output.discard();
        self.deadline = None;
    }
}

impl Protocol for Connection {
    fn handle_start(&mut self, now: Instant) {
        if matches!(self.state, State::Released) {
            return;
        }
        self.deadline = now.checked_add(self.timeouts.opening_handshake);
    }

    fn handle_input(&mut self, mut bytes: &[u8], now: Instant) {
        while self.read(&mut bytes, now) {}
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        self.input_has_ended = true;
        match self.state {
            // Ours can still leave, and finish the closing handshake.
            State::AwaitingFlush(_) => self.finish_if_flushed(now),
            // Section 6.3: the peer closed the connection; so do we, at once.
            _ => self.fail(Failure::EndOfStream),
        }
    }

    fn handle_transmitted(&mut self, count: usize, now: Instant) {
        self.output.advance(count);
        self.finish_if_flushed(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.fail(if self.is_established() {
                Failure::ClosingTimedOut
            } else {
                Failure::OpeningTimedOut
            });
        }
    }

    fn answer(&mut self, answer: Answer, now: Instant) {
        let State::AwaitingAnswer { handshake, input } = &mut self.state else {
            return;
        };
        let protocol = match answer {
            Answer::Accept { protocol } if protocol.as_deref().is_none_or(is_protocol_name) => {
                protocol
            }
            // Section 6.2: abort the connection.
            Answer::Accept { .. } | Answer::Refuse => return self.fail(Failure::Cancelled),
        };
        let (handshake, input) = (handshake.clone(), std::mem::take(input));
        // The fields leave before the eight bytes have come: some proxies hold those back until
        // they have seen a 101.
        self.output
            .push(handshake.head(protocol.as_deref()).as_bytes());
        self.state = State::AwaitingKey3 {
            handshake,
            protocol,
            key3: Vec::with_capacity(8),
        };
        self.handle_input(&input, now);
    }

    fn send(&mut self, data: Payload<'_>) -> bool {
        if !self.is_sending() {
            return false;
        }
        let Payload::Text(text) = data else {
            debug_assert!(false, "draft 76 has no binary frames");
            return false;
        };
        if self.output.memory().saturating_add(text.len()) > self.limits.send_queue {
            self.fail(Failure::QueueFull);
            return false;
        }
        self.output
            .push_frame(&[frame::TEXT], text.as_bytes(), &[frame::END]);
        true
    }

    fn start_closing_handshake(&mut self, _: Option<(u16, &str)>, now: Instant) {
        // 1. If it has started, abort these steps.
        if !self.is_sending() {
            return;
        }
        // 2-4. FF, 00: it has started.
        self.output.push(&frame::CLOSING_FRAME);
        self.closing_has_started = true;
        self.feedback.push_back(Feedback::ClosingHandshakeStarted);
        // 5-6. Wait a while; `handle_timeout` closes the connection.
        self.deadline = now.checked_add(self.timeouts.closing_handshake);
    }

    fn fail(&mut self, cause: Failure) {
        match self.state {
            State::Released => {}
            // It was said to be closed already.
            State::AwaitingEnd => self.release(),
            _ => {
                self.feedback
                    .push_back(Feedback::Closed(Closure::failed(cause)));
                self.release();
            }
        }
    }

    fn abandon(&mut self, _: Abandoned, now: Instant) {
        match self.state {
            State::AwaitingFrames(_) => {
                self.closing_has_started = true;
                self.deadline = now.checked_add(self.timeouts.closing_handshake);
                self.state = State::AwaitingFlush(Closure::abnormal(Failure::Cancelled));
                self.finish_if_flushed(now);
            }
            State::AwaitingFlush(_) | State::AwaitingEnd => {}
            _ => self.fail(Failure::Cancelled),
        }
    }

    fn poll_feedback(&mut self) -> Option<Feedback> {
        self.feedback.pop_front()
    }

    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.output.slices(slices)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    fn transport(&self) -> Transport {
        match self.state {
            State::AwaitingAnswer { .. } => Transport::Paused,
            State::AwaitingEnd => Transport::Finishing,
            State::Released => Transport::Released,
            _ => Transport::Open,
        }
    }

    fn take_rejection(&mut self) -> Option<Box<Response>> {
        match &mut self.state {
            State::AwaitingVerdict(response) => response.take(),
            _ => None,
        }
    }

    fn is_established(&self) -> bool {
        matches!(
            self.state,
            State::AwaitingFrames(_) | State::AwaitingFlush(_) | State::AwaitingEnd
        )
    }

    fn is_sending(&self) -> bool {
        self.is_established() && !self.closing_has_started
    }

    fn buffered_amount(&self) -> usize {
        self.output.amount()
    }
}

/// r4820, the constructor's step 3: a subprotocol's name is printable ASCII and not empty. A space
/// is allowed.
pub(crate) fn is_protocol_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

#[cfg(test)]
mod tests;
