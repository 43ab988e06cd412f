//! A server's end of a connection until it is known which protocol the client speaks.

use super::head::{Malformed, RequestReader};
use super::{
    Abandoned, Answer, Closure, Failure, Feedback, Limits, Payload, Protocol, Timeouts, Transport,
    hixie76, rfc6455,
};
use crate::protocol::Edition;
use rand::rngs::StdRng;
use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::Instant;

/// What a server accepts and offers.
#[derive(Clone, Debug)]
pub(crate) struct ServerOptions {
    /// The only edition to accept; otherwise both.
    pub(crate) edition: Option<Edition>,
    /// Clients reach the server by `wss:`.
    pub(crate) secure: bool,
    /// permessage-deflate is agreed to.
    pub(crate) compression: bool,
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
}

/// Reads the head of a client's handshake and becomes the engine that it asks for.
pub(crate) struct Acceptor {
    state: State,
    options: ServerOptions,
    random: Option<StdRng>,
    /// When the opening handshake began.
    start: Option<Instant>,
    feedback: VecDeque<Feedback>,
}

enum State {
    AwaitingRequest(RequestReader),
    Speaking(Box<dyn Protocol>),
    Released,
}

impl Acceptor {
    pub(crate) fn new(options: ServerOptions, random: StdRng) -> Self {
        Self {
            state: State::AwaitingRequest(RequestReader::new(&options.limits)),
            options,
            random: Some(random),
            start: None,
            feedback: VecDeque::new(),
        }
    }

    fn engine(&self) -> Option<&dyn Protocol> {
        match &self.state {
            State::Speaking(engine) => Some(&**engine),
            _ => None,
        }
    }

    fn engine_mut(&mut self) -> Option<&mut dyn Protocol> {
        match &mut self.state {
            State::Speaking(engine) => Some(&mut **engine),
            _ => None,
        }
    }

    /// Picks the protocol by the head. `None`: close the connection without a word.
    fn read_request(&mut self, input: &mut &[u8]) -> Option<()> {
        let State::AwaitingRequest(reader) = &mut self.state else {
            return Some(());
        };
        let request = match reader.read(input) {
            Ok(Some(request)) => request,
            Ok(None) => return Some(()),
            Err(Malformed) => {
                let of_draft_76 = reader.is_of_draft_76();
                return self.turn_away(of_draft_76);
            }
        };
        let ServerOptions {
            edition,
            secure,
            compression,
            ref limits,
            ref timeouts,
        } = self.options;
        if edition.is_some_and(|only| only != request.edition) {
            return self.turn_away(request.edition == Edition::Html5);
        }
        let mut engine: Box<dyn Protocol> = match request.edition {
            Edition::Html5 => Box::new(hixie76::Connection::server(
                &request,
                secure,
                limits.clone(),
                timeouts.clone(),
            )?),
            Edition::Living => Box::new(rfc6455::Connection::server(
                &request,
                compression,
                limits.clone(),
                timeouts.clone(),
                self.random.take()?,
            )),
        };
        if let Some(start) = self.start {
            engine.handle_start(start);
        }
        let is_acceptable = engine.transport() == Transport::Paused;
        self.state = State::Speaking(engine);
        if is_acceptable {
            self.feedback
                .push_back(Feedback::Requested(Box::new(request)));
        }
        Some(())
    }
}

impl Acceptor {
    /// RFC 6455 section 4.2.1: a request that can't be accepted is answered with an error. Draft 76 has
    /// no such answer: the connection is closed.
    fn turn_away(&mut self, of_draft_76: bool) -> Option<()> {
        if of_draft_76 || self.options.edition == Some(Edition::Html5) {
            return None;
        }
        self.state = State::Speaking(Box::new(rfc6455::Connection::rejecting(
            self.options.limits.clone(),
            self.options.timeouts.clone(),
            self.random.take()?,
        )));
        Some(())
    }
}

impl Protocol for Acceptor {
    fn handle_start(&mut self, now: Instant) {
        self.start = Some(now);
    }

    fn handle_input(&mut self, mut bytes: &[u8], now: Instant) {
        if matches!(self.state, State::AwaitingRequest(_))
            && self.read_request(&mut bytes).is_none()
        {
            self.fail(Failure::Cancelled);
        }
        if let Some(engine) = self.engine_mut() {
            engine.handle_input(bytes, now);
        }
    }

    fn handle_end_of_input(&mut self, now: Instant) {
        match self.engine_mut() {
            Some(engine) => engine.handle_end_of_input(now),
            None => self.fail(Failure::EndOfStream),
        }
    }

    fn handle_transmitted(&mut self, count: usize, now: Instant) {
        if let Some(engine) = self.engine_mut() {
            engine.handle_transmitted(count, now);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let Some(engine) = self.engine_mut() {
            engine.handle_timeout(now);
        } else if self.poll_timeout().is_some_and(|deadline| deadline <= now) {
            self.fail(Failure::OpeningTimedOut);
        }
    }

    fn handle_pause(&mut self, now: Instant) {
        if let Some(engine) = self.engine_mut() {
            engine.handle_pause(now);
        }
    }

    fn handle_tasks_done(&mut self, now: Instant) {
        if let Some(engine) = self.engine_mut() {
            engine.handle_tasks_done(now);
        }
    }

    fn answer(&mut self, answer: Answer, now: Instant) {
        if let Some(engine) = self.engine_mut() {
            engine.answer(answer, now);
        }
    }

    fn send(&mut self, data: Payload<'_>) -> bool {
        self.engine_mut().is_some_and(|engine| engine.send(data))
    }

    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant) {
        if let Some(engine) = self.engine_mut() {
            engine.start_closing_handshake(close, now);
        }
    }

    fn fail(&mut self, cause: Failure) {
        match &mut self.state {
            State::Speaking(engine) => engine.fail(cause),
            State::AwaitingRequest(_) => {
                self.state = State::Released;
                self.feedback
                    .push_back(Feedback::Closed(Closure::failed(cause)));
            }
            State::Released => {}
        }
    }

    fn abandon(&mut self, why: Abandoned, now: Instant) {
        match self.engine_mut() {
            Some(engine) => engine.abandon(why, now),
            None => self.fail(Failure::Cancelled),
        }
    }

    fn poll_feedback(&mut self) -> Option<Feedback> {
        let first = self.feedback.pop_front();
        first.or_else(|| self.engine_mut()?.poll_feedback())
    }

    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.engine()
            .map_or(0, |engine| engine.poll_transmit(slices))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::AwaitingRequest(_) => self
                .start?
                .checked_add(self.options.timeouts.opening_handshake),
            State::Speaking(engine) => engine.poll_timeout(),
            State::Released => None,
        }
    }

    fn transport(&self) -> Transport {
        match &self.state {
            State::AwaitingRequest(_) => Transport::Open,
            State::Speaking(engine) => engine.transport(),
            State::Released => Transport::Released,
        }
    }

    fn is_established(&self) -> bool {
        self.engine().is_some_and(Protocol::is_established)
    }

    fn is_sending(&self) -> bool {
        self.engine().is_some_and(Protocol::is_sending)
    }

    fn buffered_amount(&self) -> usize {
        self.engine().map_or(0, Protocol::buffered_amount)
    }
}
