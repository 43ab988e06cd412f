//! One connection's engine.

use super::client_handshake::{Agreed, Answered, ResponseReader};
use super::close::{self, Close};
use super::frame::Opcode;
use super::keep_alive::{Due, KeepAlive};
use super::message::{Received, Receiver};
use super::sender::Sender;
use super::server_handshake::{BAD_REQUEST, FORBIDDEN, Rejection, ServerHandshake};
use super::{Role, Violation};
use crate::protocol::{
    Abandoned, Answer, ClientHandshake, Closure, Failure, Feedback, Limits, Payload, Protocol,
    Request, Response, Timeouts, Transport,
};
use rand::RngExt;
use rand::rngs::StdRng;
use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::Instant;

/// More than this waits to be sent: pings are answered later, and only the last of them.
pub(super) const PONG_ROOM: usize = 64 * 1024;

/// One connection of RFC 6455.
///
/// ```text
/// client                server
/// AwaitingResponse      AwaitingAnswer
///        |                    |
///        |  a 101 that holds  |  the application accepts      refused, malformed
///        '--> AwaitingFrames <'                                      |
///                   | a Close frame, ours sent before or now;        |
///                   | or a violation, by way of AwaitingTasks        |
///                   v                                                |
///             AwaitingFlush <----------------------------------------'
///                   | what is queued has left
///                   v
///              AwaitingEnd   a client lets the server end TCP first, within a bound
///                   | the peer's end
///                   v
///   any other end, any bound: ---> Released
/// ```
///
/// `Closed` is told on the way to `AwaitingEnd`, but by a client whose closing handshake was
/// finished: for it the connection is closed once TCP is.
pub(crate) struct Connection {
    role: Role,
    state: State,
    sender: Sender,
    feedback: VecDeque<Feedback>,
    deadline: Option<Instant>,
    keep_alive: Option<KeepAlive>,
    /// A Close frame was queued.
    closing_has_started: bool,
    /// The peer ended its direction.
    input_has_ended: bool,
    /// A ping that is answered once there is room.
    ping: Option<Vec<u8>>,
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
    AwaitingFrames(Box<Receiver>),
    /// The peer did something wrong: the tasks of what came before may still send.
    AwaitingTasks(Violation),
    /// What is queued has to leave; then this is told.
    AwaitingFlush(Closure),
    /// What is still to be told.
    AwaitingEnd(Option<Closure>),
    Released,
}

impl Connection {
    /// A client's connection; its request is ready to be sent.
    pub(crate) fn client(
        handshake: ClientHandshake,
        limits: Limits,
        timeouts: Timeouts,
        mut random: StdRng,
    ) -> Self {
        let nonce = random.random();
        let (reader, request) = ResponseReader::new(handshake, nonce, &limits);
        let state = State::AwaitingResponse(Box::new(reader));
        let mut connection = Self::new(Role::Client, state, limits, timeouts, random);
        connection.sender.output.push(&request);
        connection
    }

    /// A server's end of a connection, once the head of the client's handshake is there; it awaits
    /// the application's answer, or has turned the client away.
    pub(in crate::protocol) fn server(
        request: &Request,
        compression: bool,
        limits: Limits,
        timeouts: Timeouts,
        random: StdRng,
    ) -> Self {
        match ServerHandshake::new(request, compression) {
            Ok(handshake) => {
                let input = Vec::new();
                let state = State::AwaitingAnswer { handshake, input };
                Self::new(Role::Server, state, limits, timeouts, random)
            }
            Err(rejection) => {
                let state = State::Released;
                let mut connection = Self::new(Role::Server, state, limits, timeouts, random);
                connection.reject(rejection);
                connection
            }
        }
    }

    fn new(role: Role, state: State, limits: Limits, timeouts: Timeouts, random: StdRng) -> Self {
        Self {
            role,
            state,
            sender: Sender::new(role, random),
            feedback: VecDeque::new(),
            deadline: None,
            keep_alive: None,
            closing_has_started: false,
            input_has_ended: false,
            ping: None,
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
                    Ok(Some(Answered::Agreed(agreed))) => self.become_open(agreed, now),
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
            State::AwaitingFrames(receiver) => match receiver.next(input) {
                Ok(Some(Received::Message(message))) => {
                    self.feedback.push_back(Feedback::Message(message));
                }
                Ok(Some(Received::Ping(payload))) => {
                    self.ping = Some(payload);
                    self.pong();
                }
                Ok(Some(Received::Close(close))) => self.receive_close(close, now),
                Ok(None) => return false,
                Err(violation) => {
                    self.state = State::AwaitingTasks(violation);
                    self.feedback.push_back(Feedback::Violated);
                    self.deadline = now.checked_add(self.timeouts.end_of_stream);
                }
            },
            State::AwaitingVerdict(_)
            | State::AwaitingTasks(_)
            | State::AwaitingFlush(_)
            | State::AwaitingEnd(_)
            | State::Released => return false,
        }
        true
    }

    /// "The WebSocket connection is established".
    fn become_open(&mut self, agreed: Agreed, now: Instant) {
        let is_server = self.role == Role::Server;
        let deflater = agreed.deflate.map(|deflate| deflate.deflater(is_server));
        self.sender.compress(deflater);
        let inflater = agreed.deflate.map(|deflate| deflate.inflater(is_server));
        let receiver = Receiver::new(self.role, inflater, self.limits.message);
        self.state = State::AwaitingFrames(Box::new(receiver));
        self.deadline = None;
        self.keep_alive = KeepAlive::new(&self.timeouts, now);
        self.feedback.push_back(Feedback::Established {
            protocol: agreed.protocol,
            extensions: agreed.extensions,
            response: agreed.response,
        });
    }

    /// Section 5.5.1: the peer's Close frame, answered with its own code.
    fn receive_close(&mut self, close: Close, now: Instant) {
        let answer = close.code.map(|code| (code, ""));
        self.start_closing_handshake(answer, now);
        self.ping = None;
        self.flush_then(
            Closure {
                cleanly: true,
                // Section 7.1.5: 1005 where the frame has no code.
                code: close.code.unwrap_or(1005),
                reason: close.reason,
                failed: false,
                cause: None,
            },
            now,
        );
    }

    /// Section 7.1.7, "fail the WebSocket connection", over something that the peer sent: it learns why.
    fn fail_with(&mut self, violation: Violation, now: Instant) {
        if !self.closing_has_started {
            self.push_close(Some((violation.code(), "")));
            // Script sees this failure as an error and a close, not as a handshake.
            self.closing_has_started = true;
        }
        self.ping = None;
        self.deadline = now.checked_add(self.timeouts.end_of_stream);
        self.flush_then(Closure::failed(violation.failure()), now);
    }

    /// A server's end of a connection whose request can't be made out.
    pub(in crate::protocol) fn rejecting(
        limits: Limits,
        timeouts: Timeouts,
        random: StdRng,
    ) -> Self {
        let mut connection = Self::new(Role::Server, State::Released, limits, timeouts, random);
        connection.reject(BAD_REQUEST);
        connection
    }

    fn reject(&mut self, Rejection(response): Rejection) {
        self.sender.output.push(response.as_bytes());
        self.state = State::AwaitingFlush(Closure::failed(Failure::Cancelled));
    }

    fn flush_then(&mut self, closure: Closure, now: Instant) {
        self.state = State::AwaitingFlush(closure);
        self.finish_if_flushed(now);
    }

    fn finish_if_flushed(&mut self, now: Instant) {
        let State::AwaitingFlush(closure) = &mut self.state else {
            return;
        };
        if !self.sender.output.is_empty() {
            return;
        }
        let closure = std::mem::replace(closure, Closure::clean());
        let peer_ends_first = self.role == Role::Client && closure.cleanly;
        if self.input_has_ended || !peer_ends_first {
            self.feedback.push_back(Feedback::Closed(closure));
            self.state = State::AwaitingEnd(None);
        } else {
            self.state = State::AwaitingEnd(Some(closure));
        }
        self.deadline = now.checked_add(self.timeouts.end_of_stream);
        if self.input_has_ended {
            self.release();
        }
    }

    /// Lets go of the transport; what is still to be told is told.
    fn release(&mut self) {
        if let State::AwaitingEnd(Some(closure)) =
            std::mem::replace(&mut self.state, State::Released)
        {
            self.feedback.push_back(Feedback::Closed(closure));
        }
        self.sender.output.discard();
        self.deadline = None;
        self.keep_alive = None;
    }

    /// The transport is closed before the closing handshake was finished.
    fn end_abnormally(&mut self, closure: Closure) {
        let closure = match &self.state {
            State::Released => return,
            State::AwaitingEnd(_) => return self.release(),
            // The code is the one that was received, and what failed by the peer's doing has failed,
            // whatever came of telling it so.
            State::AwaitingFlush(told) => Closure {
                cleanly: false,
                failed: closure.failed || told.failed,
                cause: told.cause.clone().or(closure.cause),
                ..told.clone()
            },
            // It comes first, whatever ended the connection meanwhile.
            State::AwaitingTasks(violation) => Closure::failed(violation.failure()),
            _ => closure,
        };
        self.feedback.push_back(Feedback::Closed(closure));
        self.release();
    }

    /// Section 5.5.3: answers the last ping, once what waits before the pong is little.
    fn pong(&mut self) {
        // Section 5.5.2: unless a Close frame has been received.
        if !matches!(self.state, State::AwaitingFrames(_)) || self.sender.output.len() > PONG_ROOM {
            return;
        }
        if let Some(payload) = self.ping.take() {
            self.sender.send_control(Opcode::Pong, &payload);
        }
    }

    /// Section 5.5.2: a ping for a peer that has been silent, and the end of one that stays so.
    fn keep_alive(&mut self, now: Instant) {
        if !self.is_sending() {
            self.keep_alive = None;
        }
        match self.keep_alive.as_mut().map(|k| k.check(now)) {
            Some(Due::Ping) => {
                self.sender.send_control(Opcode::Ping, &[]);
                let queued = self.sender.output.len();
                if let Some(keep_alive) = &mut self.keep_alive {
                    keep_alive.ask(queued, now);
                }
            }
            Some(Due::GiveUp) => self.fail(Failure::NoPong),
            Some(Due::Nothing) | None => {}
        }
    }

    fn push_close(&mut self, close: Option<(u16, &str)>) {
        self.sender.send_control(Opcode::Close, &close::body(close));
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
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.hear(now);
        }
        while self.read(&mut bytes, now) {}
    }

    fn handle_pause(&mut self, now: Instant) {
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.hear(now);
        }
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        self.input_has_ended = true;
        match self.state {
            // Ours can still leave, and finish the closing handshake.
            State::AwaitingFlush(_) => self.finish_if_flushed(now),
            // Section 7.2.1: a transport that is lost fails the connection.
            _ => self.fail(Failure::EndOfStream),
        }
    }

    fn handle_transmitted(&mut self, count: usize, now: Instant) {
        self.sender.output.advance(count);
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.depart(count, now);
        }
        self.pong();
        self.finish_if_flushed(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.keep_alive(now);
        if self.deadline.is_none_or(|deadline| deadline > now) {
            return;
        }
        if let State::AwaitingTasks(violation) = self.state {
            self.fail_with(violation, now);
        } else {
            // A handshake that takes too long fails; a Close that is not answered is just the end.
            self.end_abnormally(if self.is_established() {
                Closure::abnormal(Failure::ClosingTimedOut)
            } else {
                Closure::failed(Failure::OpeningTimedOut)
            });
        }
    }

    fn handle_tasks_done(&mut self, now: Instant) {
        if let State::AwaitingTasks(violation) = self.state {
            self.fail_with(violation, now);
        }
    }

    fn answer(&mut self, answer: Answer, now: Instant) {
        let State::AwaitingAnswer { handshake, input } = &mut self.state else {
            return;
        };
        let protocol = match answer {
            Answer::Accept { protocol } if handshake.offers(protocol.as_deref()) => protocol,
            Answer::Accept { .. } | Answer::Refuse => {
                self.reject(FORBIDDEN);
                return;
            }
        };
        let (handshake, input) = (handshake.clone(), std::mem::take(input));
        self.sender
            .output
            .push(handshake.response(protocol.as_deref()).as_bytes());
        let extensions = handshake.extensions().to_owned();
        let agreed = Agreed {
            protocol,
            extensions,
            deflate: handshake.deflate(),
            response: None,
        };
        self.become_open(agreed, now);
        self.handle_input(&input, now);
    }

    fn send(&mut self, data: Payload<'_>) -> bool {
        if !self.is_sending() {
            return false;
        }
        let memory = self.sender.output.memory();
        if memory.saturating_add(data.bytes().len()) > self.limits.send_queue {
            self.fail(Failure::QueueFull);
            return false;
        }
        self.sender.send_message(data);
        true
    }

    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant) {
        if !self.is_sending() {
            return;
        }
        self.push_close(close);
        self.closing_has_started = true;
        self.feedback.push_back(Feedback::ClosingHandshakeStarted);
        if !matches!(self.state, State::AwaitingTasks(_)) {
            self.deadline = now.checked_add(self.timeouts.closing_handshake);
        }
    }

    fn fail(&mut self, cause: Failure) {
        self.end_abnormally(Closure::failed(cause));
    }

    fn abandon(&mut self, why: Abandoned, now: Instant) {
        match (&self.state, why) {
            // WebSockets "garbage collection": no status code.
            (State::AwaitingTasks(violation), _) => self.fail_with(*violation, now),
            (State::AwaitingFrames(_), Abandoned::ByItsOwner) => {
                self.start_closing_handshake(None, now);
            }
            // WebSockets "make disappear": 1001.
            (State::AwaitingFrames(_), Abandoned::ByItsDocument) => {
                self.start_closing_handshake(Some((1001, "")), now);
            }
            (State::AwaitingFlush(_) | State::AwaitingEnd(_), _) => {}
            _ => self.fail(Failure::Cancelled),
        }
    }

    fn poll_feedback(&mut self) -> Option<Feedback> {
        self.feedback.pop_front()
    }

    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.sender.output.slices(slices)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let keep_alive = self.keep_alive.as_ref().and_then(KeepAlive::due);
        // `None` is later than any instant.
        [self.deadline, keep_alive].into_iter().flatten().min()
    }

    fn transport(&self) -> Transport {
        match self.state {
            State::AwaitingAnswer { .. } => Transport::Paused,
            // A client waits for the server's end before its own.
            State::AwaitingEnd(Some(_)) => Transport::Open,
            State::AwaitingEnd(None) => Transport::Finishing,
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
        match &self.state {
            State::AwaitingFrames(_) | State::AwaitingTasks(_) | State::AwaitingEnd(_) => true,
            // A client that was turned away never was.
            State::AwaitingFlush(_) => self.closing_has_started,
            _ => false,
        }
    }

    fn is_sending(&self) -> bool {
        matches!(
            self.state,
            State::AwaitingFrames(_) | State::AwaitingTasks(_)
        ) && !self.closing_has_started
    }

    fn buffered_amount(&self) -> usize {
        self.sender.output.amount()
    }
}
