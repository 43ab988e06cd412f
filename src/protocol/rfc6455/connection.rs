//! One connection's protocol.

use super::Violation;
use super::close::{self, Close};
use super::deflate::{Deflater, Inflater};
use super::frame::Opcode;
use super::keep_alive::{Due, KeepAlive};
use super::masks::Masks;
use super::message::{Control, Receiver};
use super::reader::Reader;
use super::sender::Sender;
use crate::protocol::feedback_queue::FeedbackQueue;
use crate::protocol::occasional::Occasional;
use crate::protocol::opening::{Agreed, Role};
use crate::protocol::timer::{EndDeadline, Timer};
use crate::protocol::{
    Abandoned, ActiveClose, Closure, ConnectionOptions, Delivery, Feedback, LARGE_READ_SIZE,
    Payload, Protocol, READ_SIZE, Transport, WireFailure,
};
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

/// More than this waits to be sent: pings are answered later, and only the last of them.
pub(super) const PONG_ROOM: usize = 64 * 1024;

/// One connection of RFC 6455.
///
/// ```text
///             AwaitingFrames --- a Close frame, and ours is held ---> AwaitingOurs
///                   | a Close frame, ours sent before or now;               |
///                   | or a violation, by way of AwaitingTasks               | ours
///                   v                                                       |
///             AwaitingFlush <-----------------------------------------------'
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
    feedback: Occasional<FeedbackQueue>,
    deadline: Option<Box<EndDeadline>>,
    keep_alive: Option<Box<KeepAlive>>,
    /// A Close frame was queued.
    closing_has_started: bool,
    /// The peer ended its direction.
    input_has_ended: bool,
    /// A ping that is answered once there is room.
    ping: Option<Vec<u8>>,
    /// What there was neither time nor room for of the last input.
    unread: Vec<u8>,
    /// How much was thrown away since there is nothing more to be read.
    discarded: usize,
    options: Arc<ConnectionOptions>,
}

/// What the connection awaits.
enum State {
    AwaitingFrames(Reader),
    /// The peer has finished; our Close is to come, and this is told then.
    AwaitingOurs(Box<Closure>),
    /// The peer did something wrong: the tasks of what came before may still send.
    AwaitingTasks(Violation),
    /// What is queued has to leave; then this is told.
    AwaitingFlush(Box<Closure>),
    /// What is still to be told.
    AwaitingEnd(Option<Box<Closure>>),
    Released,
}

impl Connection {
    /// "The WebSocket connection is established".
    pub(in crate::protocol) fn new(
        agreed: Agreed,
        options: &Arc<ConnectionOptions>,
        random: [u8; 32],
        now: Instant,
    ) -> Self {
        let role = agreed.role;
        let deflate = agreed.extensions.deflate();
        let resources = &options.resources;
        let deflater = deflate.map(|deflate| Box::new(Deflater::new(&deflate, role, resources)));
        let inflater = deflate.map(|deflate| Box::new(Inflater::new(&deflate, role, resources)));
        let masks = (role == Role::Client).then(|| Masks::new(resources.generator(random)));
        let mut connection = Self {
            role,
            state: State::AwaitingFrames(Reader::new(inflater, options.delivery)),
            sender: Sender::new(deflater, masks),
            feedback: Occasional::default(),
            deadline: None,
            keep_alive: KeepAlive::new(&options.timeouts, now).map(Box::new),
            closing_has_started: false,
            input_has_ended: false,
            ping: None,
            unread: Vec::new(),
            discarded: 0,
            options: options.clone(),
        };
        if !agreed.unsent.is_empty() {
            connection.sender.output.push(&agreed.unsent);
        }
        connection.feedback.push(Feedback::Established {
            protocol: agreed.protocol,
            extensions: agreed.extensions.as_str().to_owned(),
        });
        if !agreed.unread.is_empty() {
            connection.receive(&agreed.unread, now);
        }
        connection
    }

    /// While frames are awaited, and something has come since it last rested.
    fn receiver(&self) -> Option<&Receiver> {
        match &self.state {
            State::AwaitingFrames(reader) => reader.get(),
            _ => None,
        }
    }

    /// Reads what was left of the last input, then this one.
    fn receive(&mut self, input: &[u8], now: Instant) {
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.receiver(self.role, &self.options).begin();
        }
        let mut unread = std::mem::take(&mut self.unread);
        let mut rest = input;
        if !unread.is_empty() {
            unread.extend_from_slice(input);
            rest = &unread;
        }
        while self.read(&mut rest, now) {}
        if let State::AwaitingFrames(reader) = &mut self.state {
            let receiver = reader.receiver(self.role, &self.options);
            if let Err(violation) = receiver.end(&self.options, now) {
                self.violate(violation, now);
            } else if !rest.is_empty() {
                self.unread = rest.to_vec();
            }
        } else {
            self.discarded = self.discarded.saturating_add(rest.len());
        }
    }

    /// One step of reading; false where `input` is used up or the rest of it is not for us.
    fn read(&mut self, input: &mut &[u8], now: Instant) -> bool {
        let State::AwaitingFrames(reader) = &mut self.state else {
            return false;
        };
        let receiver = reader.receiver(self.role, &self.options);
        match receiver.next(input, &mut self.feedback) {
            Ok(Some(Control::Ping(payload))) => {
                self.ping = Some(payload);
                self.pong();
            }
            Ok(Some(Control::Close(close))) => self.receive_close(close, now),
            Ok(None) => return false,
            Err(violation) => self.violate(violation, now),
        }
        true
    }

    /// The peer did something wrong.
    fn violate(&mut self, violation: Violation, now: Instant) {
        self.state = State::AwaitingTasks(violation);
        self.feedback.push(Feedback::Violated);
        self.start(Timer::TasksDone, now);
    }

    /// The peer is there, or is not listened to.
    fn hear(&mut self, now: Instant) {
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.hear(&self.options.timeouts, now);
        }
        // A peer that has finished, too, has nothing more to say.
        if self.is_finished() && matches!(self.state, State::AwaitingFrames(_)) {
            self.start(Timer::Finished, now);
        }
    }

    fn start(&mut self, timer: Timer, now: Instant) {
        let is_queued = !self.sender.output.is_empty();
        let timeouts = &self.options.timeouts;
        EndDeadline::start(&mut self.deadline, timer, is_queued, timeouts, now);
    }

    /// Section 5.5.1: the peer's Close frame, which is answered at once, or when the application has sent all.
    fn receive_close(&mut self, close: Close, now: Instant) {
        self.ping = None;
        // Neither is there anything to ask a peer that sends no more.
        self.keep_alive = None;
        let is_held = self.options.half_open && self.is_sending();
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
            self.feedback.push(Feedback::PeerFinished(closure));
        }
        self.state = State::AwaitingOurs(closure);
        if !is_held {
            self.answer_close(None, Timer::ClosingHandshake, now);
        }
    }

    /// Section 5.5.1: sends our Close frame, if it has not been sent, with the peer's own code where there is no
    /// other. What is queued has to leave within this bound.
    fn answer_close(&mut self, close: Option<(u16, &str)>, bound: Timer, now: Instant) {
        let State::AwaitingOurs(closure) = &mut self.state else {
            return;
        };
        let closure = std::mem::replace(&mut **closure, Closure::clean());
        if !std::mem::replace(&mut self.closing_has_started, true) {
            let echo = (closure.code != 1005).then_some((closure.code, ""));
            self.push_close(close.or(echo));
            self.feedback.push(Feedback::ClosingHandshakeStarted);
            self.start(bound, now);
        }
        self.flush_then(closure, now);
    }

    /// Section 7.1.7, "fail the WebSocket connection", over something that the peer sent: it learns why.
    fn fail_with(&mut self, violation: Violation, now: Instant) {
        if !self.closing_has_started {
            self.push_close(Some((violation.code(), "")));
            // Script sees this failure as an error and a close, not as a handshake.
            self.closing_has_started = true;
        }
        self.ping = None;
        self.start(Timer::EndOfStream, now);
        self.flush_then(Closure::failed(violation.failure()), now);
    }

    fn flush_then(&mut self, closure: Closure, now: Instant) {
        self.state = State::AwaitingFlush(Box::new(closure));
        self.finish_if_flushed(now);
    }

    fn finish_if_flushed(&mut self, now: Instant) {
        let State::AwaitingFlush(closure) = &mut self.state else {
            return;
        };
        if !self.sender.output.is_empty() {
            return;
        }
        let closure = std::mem::replace(&mut **closure, Closure::clean());
        let peer_ends_first = closure.cleanly
            && match self.options.active_close {
                // Section 7.1.1.
                ActiveClose::Standard => self.role == Role::Client,
                ActiveClose::Ours => false,
                ActiveClose::Peers => true,
            };
        if self.input_has_ended || !peer_ends_first {
            self.feedback.push(Feedback::Closed(closure));
            self.state = State::AwaitingEnd(None);
        } else {
            self.state = State::AwaitingEnd(Some(Box::new(closure)));
        }
        self.start(Timer::EndOfStream, now);
        if self.input_has_ended {
            self.release();
        }
    }

    /// Lets go of the transport; what is still to be told is told.
    fn release(&mut self) {
        if let State::AwaitingEnd(Some(closure)) =
            std::mem::replace(&mut self.state, State::Released)
        {
            self.feedback.push(Feedback::Closed(*closure));
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
        self.feedback.push(Feedback::Closed(closure));
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
        match self
            .keep_alive
            .as_mut()
            .map(|k| k.check(&self.options.timeouts, now))
        {
            Some(Due::Ping) => {
                self.sender.send_control(Opcode::Ping, &[]);
                let queued = self.sender.output.len();
                if let Some(keep_alive) = &mut self.keep_alive {
                    keep_alive.ask(queued, &self.options.timeouts, now);
                }
            }
            Some(Due::GiveUp) => self.fail(WireFailure::NoPong),
            Some(Due::Nothing) | None => {}
        }
    }

    /// Our direction ends behind what is queued; the peer's has this bound.
    fn end_sending(&mut self, close: Option<(u16, &str)>, bound: Timer, now: Instant) {
        match self.state {
            State::AwaitingOurs(_) => return self.answer_close(close, bound, now),
            _ if !self.is_sending() => return,
            _ => {}
        }
        self.push_close(close);
        self.closing_has_started = true;
        // Otherwise the end has a bound already.
        if !matches!(self.state, State::AwaitingTasks(_)) {
            self.start(bound, now);
        }
        self.feedback.push(Feedback::ClosingHandshakeStarted);
    }

    /// So many bytes have left: whoever takes what is queued may take its time.
    fn depart(&mut self, count: usize, now: Instant) {
        let is_queued = !self.sender.output.is_empty();
        let timeouts = &self.options.timeouts;
        EndDeadline::depart(&mut self.deadline, count, is_queued, timeouts, now);
    }

    fn has_timed_out(&self, now: Instant) -> bool {
        let deadline = self.deadline.as_ref();
        deadline.is_some_and(|deadline| deadline.has_come(now))
    }

    /// Our direction ends at leisure: the peer has a bound for each sign of life only.
    fn is_finished(&self) -> bool {
        let deadline = self.deadline.as_ref();
        deadline.is_some_and(|deadline| deadline.is_of(Timer::Finished))
    }

    /// No more is wanted of the peer than its end.
    fn bound_the_end(&mut self, now: Instant) {
        if self.is_finished() {
            self.start(Timer::ClosingHandshake, now);
        }
    }

    fn push_close(&mut self, close: Option<(u16, &str)>) {
        self.sender.send_control(Opcode::Close, &close::body(close));
    }
}

impl Protocol for Connection {
    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.hear(now);
        self.receive(bytes, now);
    }

    fn handle_pause(&mut self, now: Instant) {
        self.hear(now);
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.pause(&self.options, now);
        }
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        // There is nobody left to slow down.
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.receiver(self.role, &self.options).take_all();
        }
        while self.holds_input() {
            self.receive(&[], now);
        }
        if std::mem::replace(&mut self.input_has_ended, true) {
            return;
        }
        // Nothing follows where it was said to be closed.
        if !matches!(self.state, State::AwaitingEnd(None) | State::Released) {
            self.feedback.push(Feedback::PeerEnded);
        }
        match self.state {
            // Ours can still leave, and finish the closing handshake.
            State::AwaitingFlush(_) => self.finish_if_flushed(now),
            State::AwaitingOurs(_) => {}
            // Section 7.2.1: a transport that is lost fails the connection.
            _ => self.fail(WireFailure::EndOfStream),
        }
    }

    fn handle_transmitted(&mut self, count: usize, now: Instant) {
        if let Some(output) = self.sender.output.get_mut() {
            output.advance(count);
        }
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.depart(count, &self.options.timeouts, now);
        }
        self.depart(count, now);
        self.pong();
        self.finish_if_flushed(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.keep_alive(now);
        if self.receiver().is_some_and(|r| r.assembly.is_late(now)) {
            return self.violate(Violation::TooSlow, now);
        }
        if !self.has_timed_out(now) {
            return;
        }
        if let State::AwaitingTasks(violation) = self.state {
            self.fail_with(violation, now);
        } else {
            // A Close that is not answered is no failure, just the end.
            self.end_abnormally(Closure::abnormal(WireFailure::ClosingTimedOut));
        }
    }

    fn handle_tasks_done(&mut self, now: Instant) {
        if let State::AwaitingTasks(violation) = self.state {
            self.fail_with(violation, now);
        }
    }

    fn handle_idleness(&mut self) {
        self.feedback.rest();
        self.sender.rest();
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.rest();
        }
    }

    fn send(&mut self, data: Payload<'_>) -> bool {
        if !self.is_sending() {
            return false;
        }
        if !self.has_room_for(data.bytes().len()) {
            self.fail(WireFailure::QueueFull);
            return false;
        }
        self.sender.send_message(data);
        true
    }

    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant) {
        self.bound_the_end(now);
        self.end_sending(close, Timer::ClosingHandshake, now);
    }

    fn finish(&mut self, close: Option<(u16, &str)>, now: Instant) {
        self.end_sending(close, Timer::Finished, now);
    }

    fn set_delivery(&mut self, delivery: Delivery) {
        if let State::AwaitingFrames(reader) = &mut self.state {
            let receiver = reader.receiver(self.role, &self.options);
            receiver.set_delivery(delivery, &self.options.limits, &mut self.feedback);
        }
    }

    fn set_half_open(&mut self, half_open: bool) {
        Arc::make_mut(&mut self.options).half_open = half_open;
    }

    fn fail(&mut self, cause: WireFailure) {
        self.end_abnormally(Closure::failed(cause));
    }

    fn abandon(&mut self, why: Abandoned, now: Instant) {
        self.bound_the_end(now);
        match (&self.state, why) {
            // WebSockets "garbage collection": no status code.
            (State::AwaitingTasks(violation), _) => self.fail_with(*violation, now),
            (State::AwaitingFrames(_) | State::AwaitingOurs(_), Abandoned::ByItsOwner) => {
                self.start_closing_handshake(None, now);
            }
            // WebSockets "make disappear": 1001.
            (State::AwaitingFrames(_) | State::AwaitingOurs(_), Abandoned::ByItsDocument) => {
                self.start_closing_handshake(Some((1001, "")), now);
            }
            (State::AwaitingFlush(_) | State::AwaitingEnd(_) | State::Released, _) => {}
        }
    }

    fn poll_feedback(&mut self) -> Option<Feedback> {
        self.feedback.get_mut()?.pop()
    }

    fn feedback_len(&self) -> usize {
        self.feedback.len()
    }

    fn is_message_next(&self) -> bool {
        self.feedback.is_message_next()
    }

    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.sender.output.slices(slices)
    }

    fn poll_timeout(&self) -> Option<(Timer, Instant)> {
        let keep_alive = self
            .keep_alive
            .as_ref()
            .and_then(|keep_alive| keep_alive.due());
        let deadline = self
            .deadline
            .as_ref()
            .and_then(|deadline| deadline.instant());
        let message = self.receiver().and_then(|r| r.assembly.due());
        // `None` is later than any instant.
        let all = [deadline, keep_alive, message].into_iter().flatten();
        all.min_by_key(|(_, at)| *at)
    }

    fn transport(&self) -> Transport {
        match self.state {
            // A client waits for the server's end before its own.
            State::AwaitingEnd(Some(_)) => Transport::Open,
            State::AwaitingEnd(None) => Transport::Finishing,
            State::Released => Transport::Released,
            _ => Transport::Open,
        }
    }

    fn wants_input(&self) -> bool {
        if !matches!(self.state, State::AwaitingFrames(_)) {
            return self.discarded <= self.options.limits.discarded;
        }
        let under_way = self.receiver().and_then(Receiver::under_way).unwrap_or(0);
        self.feedback.has_room(under_way, &self.options.limits)
    }

    fn holds_input(&self) -> bool {
        let receiver = self.receiver();
        receiver.is_some_and(|receiver| !self.unread.is_empty() || receiver.is_stopped())
    }

    fn read_size(&self) -> usize {
        let left = self.receiver().map_or(0, Receiver::left);
        left.clamp(READ_SIZE, LARGE_READ_SIZE)
    }

    fn is_established(&self) -> bool {
        !matches!(self.state, State::Released)
    }

    fn is_sending(&self) -> bool {
        matches!(
            self.state,
            State::AwaitingFrames(_) | State::AwaitingOurs(_) | State::AwaitingTasks(_)
        ) && !self.closing_has_started
    }

    fn buffered_amount(&self) -> usize {
        self.sender.output.amount()
    }

    fn has_room_for(&self, len: usize) -> bool {
        self.sender.output.memory().saturating_add(len) <= self.options.limits.send_queue
    }

    fn would_block(&self, len: usize) -> bool {
        self.sender.output.would_block(len, &self.options.limits)
    }

    fn is_flushed(&self) -> bool {
        self.sender.output.is_empty()
    }
}
