//! One connection's protocol.

use super::Violation;
use super::deflate::{Deflater, Inflater};
use super::frame::Opcode;
use super::keep_alive::{Due, KeepAlive};
use super::masks::Masks;
use super::message::{Control, Receiver};
use super::reader::Reader;
use super::sender::Sender;
use super::unread::Unread;
use crate::protocol::opening::{Agreed, Role};
use crate::protocol::timer::Timer;
use crate::protocol::traffic::{Traffic, left_to_traffic};
use crate::protocol::{
    Abandoned, Closure, ConnectionOptions, Delivery, Feedback, LARGE_READ_SIZE, Payload, Protocol,
    READ_SIZE, Transport, WireFailure,
};
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
    pub(super) role: Role,
    pub(super) state: State,
    pub(super) sender: Sender,
    pub(super) traffic: Traffic,
    pub(super) keep_alive: Option<Box<KeepAlive>>,
    /// A Close frame was queued.
    pub(super) closing_has_started: bool,
    /// A ping that is answered once there is room.
    pub(super) ping: Option<Box<[u8]>>,
    /// What there was neither time nor room for of the last input.
    pub(super) unread: Unread,
}

/// What the connection awaits.
pub(super) enum State {
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
        let established = Feedback::Established {
            protocol: agreed.protocol,
            extensions: agreed.extensions.as_str().to_owned(),
        };
        let mut connection = Self {
            role,
            state: State::AwaitingFrames(Reader::new(inflater, options.delivery)),
            sender: Sender::new(deflater, masks),
            traffic: Traffic::new(&agreed.unsent, established, options),
            keep_alive: KeepAlive::new(&options.timeouts, now).map(Box::new),
            closing_has_started: false,
            ping: None,
            unread: Unread::default(),
        };
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
            reader.receiver(self.role, &self.traffic.options).begin();
        }
        let mut unread = std::mem::take(&mut self.unread);
        let mut rest = unread.with(input);
        while self.read(&mut rest, now) {}
        let left = rest.len();
        if let State::AwaitingFrames(reader) = &mut self.state {
            let receiver = reader.receiver(self.role, &self.traffic.options);
            if let Err(violation) = receiver.end(&self.traffic.options, now) {
                self.violate(violation, now);
            } else {
                unread.leave(input, left);
                self.unread = unread;
            }
        } else {
            self.traffic.throw_away(left);
        }
    }

    /// One step of reading; false where `input` is used up or the rest of it is not for us.
    fn read(&mut self, input: &mut &[u8], now: Instant) -> bool {
        let State::AwaitingFrames(reader) = &mut self.state else {
            return false;
        };
        let receiver = reader.receiver(self.role, &self.traffic.options);
        match receiver.next(input, &mut self.traffic.feedback) {
            Ok(Some(Control::Ping(payload))) => {
                self.ping = Some(payload.into());
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
        self.traffic.tell(Feedback::Violated);
        self.traffic.start(Timer::TasksDone, now);
    }

    /// The peer is there, or is not listened to.
    fn hear(&mut self, now: Instant) {
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.hear(&self.traffic.options.timeouts, now);
        }
        // A peer that has finished, too, has nothing more to say.
        if matches!(self.state, State::AwaitingFrames(_)) {
            self.traffic.hear(now);
        }
    }

    /// Section 5.5.3: answers the last ping, once what waits before the pong is little.
    fn pong(&mut self) {
        // Section 5.5.2: unless a Close frame has been received.
        if !matches!(self.state, State::AwaitingFrames(_)) || self.traffic.output.len() > PONG_ROOM
        {
            return;
        }
        if let Some(payload) = self.ping.take() {
            self.sender
                .send_control(Opcode::Pong, &payload, &mut self.traffic.output);
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
            .map(|k| k.check(&self.traffic.options.timeouts, now))
        {
            Some(Due::Ping) => {
                self.sender
                    .send_control(Opcode::Ping, &[], &mut self.traffic.output);
                let queued = self.traffic.output.len();
                if let Some(keep_alive) = &mut self.keep_alive {
                    keep_alive.ask(queued, &self.traffic.options.timeouts, now);
                }
            }
            Some(Due::GiveUp) => self.fail(WireFailure::NoPong),
            Some(Due::Nothing) | None => {}
        }
    }
}

impl Protocol for Connection {
    left_to_traffic!();

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.hear(now);
        self.receive(bytes, now);
    }

    fn handle_pause(&mut self, now: Instant) {
        self.hear(now);
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.pause(&self.traffic.options, now);
        }
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        // There is nobody left to slow down.
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.receiver(self.role, &self.traffic.options).take_all();
        }
        while self.holds_input() {
            self.receive(&[], now);
        }
        if std::mem::replace(&mut self.traffic.input_has_ended, true) {
            return;
        }
        // Nothing follows where it was said to be closed.
        if !matches!(self.state, State::AwaitingEnd(None) | State::Released) {
            self.traffic.tell(Feedback::PeerEnded);
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
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.depart(count, &self.traffic.options.timeouts, now);
        }
        self.traffic.depart(count, now);
        self.pong();
        self.finish_if_flushed(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.keep_alive(now);
        if self.receiver().is_some_and(|r| r.assembly.is_late(now)) {
            return self.violate(Violation::TooSlow, now);
        }
        if !self.traffic.has_timed_out(now) {
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
        self.traffic.rest();
        self.sender.rest();
        if let State::AwaitingFrames(reader) = &mut self.state {
            reader.rest();
        }
    }

    fn send(&mut self, data: Payload<'_>) -> bool {
        if !self.is_sending() {
            return false;
        }
        if !self.traffic.take_room(data.bytes().len()) {
            self.fail(WireFailure::QueueFull);
            return false;
        }
        self.sender.send_message(data, &mut self.traffic.output);
        true
    }

    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant) {
        self.traffic.bound_the_end(now);
        self.end_sending(close, Timer::ClosingHandshake, now);
    }

    fn finish(&mut self, close: Option<(u16, &str)>, now: Instant) {
        self.end_sending(close, Timer::Finished, now);
    }

    fn set_delivery(&mut self, delivery: Delivery) {
        if let State::AwaitingFrames(reader) = &mut self.state {
            let receiver = reader.receiver(self.role, &self.traffic.options);
            receiver.set_delivery(
                delivery,
                &self.traffic.options.limits,
                &mut self.traffic.feedback,
            );
        }
    }

    fn fail(&mut self, cause: WireFailure) {
        self.end_abnormally(Closure::failed(cause));
    }

    fn abandon(&mut self, why: Abandoned, now: Instant) {
        self.traffic.bound_the_end(now);
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

    fn poll_timeout(&self) -> Option<(Timer, Instant)> {
        let keep_alive = self
            .keep_alive
            .as_ref()
            .and_then(|keep_alive| keep_alive.due());
        let deadline = self.traffic.deadline();
        let message = self.receiver().and_then(|r| r.assembly.due());
        // `None` is later than any instant.
        let all = [deadline, keep_alive, message].into_iter().flatten();
        all.min_by_key(|(_, at)| *at)
    }

    fn transport(&self) -> Transport {
        match self.state {
            State::AwaitingEnd(None) => Transport::Finishing,
            State::Released => Transport::Released,
            // A client waits for the server's end before its own.
            _ => Transport::Open,
        }
    }

    fn wants_input(&self) -> bool {
        if !matches!(self.state, State::AwaitingFrames(_)) {
            return self.traffic.may_throw_away();
        }
        let under_way = self.receiver().and_then(Receiver::under_way).unwrap_or(0);
        self.traffic
            .feedback
            .has_room(under_way, &self.traffic.options.limits)
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

    fn is_flushed(&self) -> bool {
        self.traffic.output.is_empty()
    }
}
