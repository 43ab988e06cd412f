//! The model and the real object, side by side.

use super::call::{Call, Data, Reading, SEND_QUEUE};
use super::case::{Case, End, Opening, Step};
use super::item::LONGEST;
use super::object::Object;
use super::peer::Peer;
use super::script::Script;
use super::trace;
use dom_websocket::{
    Document, Edition, EventLoop, Limits, Timeouts, Turn, UserAgent, UserAgentBuilder, WebSocket,
};
use proptest::test_runner::TestCaseError;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use support::{Head, PATIENCE};

/// What servers choose of permessage-deflate: each message stands alone.
const DEFLATE: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
/// The bound that a silent server sits out: long beside all that is done in one turn.
const BOUND: Duration = Duration::from_millis(100);
/// A case has failed, and is being shrunk: who waits in vain needs no patience.
static HAS_FAILED: AtomicBool = AtomicBool::new(false);

pub(crate) fn run(case: &Case) -> Result<(), TestCaseError> {
    let result = Lockstep::begin(case).and_then(Lockstep::run);
    if result.is_err() {
        HAS_FAILED.store(true, Ordering::Relaxed);
    }
    result.map_err(TestCaseError::fail)
}

struct Lockstep<'a> {
    case: &'a Case,
    model: Object,
    event_loop: EventLoop,
    woken: Receiver<()>,
    document: Document,
    socket: WebSocket,
    script: Rc<Script>,
    peer: Peer,
}

fn user_agent(case: &Case) -> UserAgent {
    let mut timeouts = Timeouts::default();
    if case.is_silent {
        timeouts.closing_handshake = BOUND;
        timeouts.end_of_stream = BOUND;
    }
    if case.opening == Opening::Silence {
        timeouts.opening_handshake = BOUND;
    }
    let limits = Limits {
        message: LONGEST,
        skipped_frame: LONGEST,
        send_queue: SEND_QUEUE,
        ..Limits::default()
    };
    let mut agent: UserAgentBuilder = UserAgent::builder();
    agent.limits(limits).timeouts(timeouts);
    agent.compression(case.deflate).build()
}

impl<'a> Lockstep<'a> {
    fn begin(case: &'a Case) -> Result<Self, String> {
        let peer = Peer::listen(case.edition);
        let event_loop = EventLoop::new();
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
        let origin = format!("ws://{}", peer.address());
        let document = Document::new("http://example.com/").map_err(|e| e.to_string())?;
        let socket = WebSocket::builder(&event_loop, &format!("{origin}/"))
            .edition(case.edition)
            .document(&document)
            .protocols(case.protocols().iter().copied())
            .user_agent(&user_agent(case))
            .open()
            .map_err(|exception| exception.to_string())?;
        let script = Script::new(&event_loop, &case.reactions);
        script.watch(&socket);
        let extensions = if case.deflate { DEFLATE } else { "" };
        Ok(Self {
            case,
            model: Object::new(case, origin, extensions),
            event_loop,
            woken,
            document,
            socket,
            script,
            peer,
        })
    }

    fn run(mut self) -> Result<(), String> {
        self.call(&self.case.at_first);
        let steps = self.open()?;
        for step in steps {
            if self.model.connection.is_closed() {
                break;
            }
            match step {
                Step::Server(burst) => {
                    for bytes in burst.writes() {
                        self.serve(&bytes)?;
                    }
                }
                Step::Script(calls) => {
                    self.call(calls);
                    self.catch_up()?;
                }
                Step::End(end) => self.end(*end)?,
                Step::Unload => {
                    self.model.unload();
                    self.document.unload();
                    self.catch_up()?;
                }
            }
        }
        if !self.model.connection.is_closed() && self.case.is_silent {
            // Nothing bounds a blob's read.
            let mut calls = vec![Call::EndReading(Reading::Right); 64];
            calls.push(Call::Close);
            self.call(&calls);
            self.catch_up()?;
        }
        if !self.model.connection.is_closed() {
            self.end(self.case.end)?;
        }
        // In CLOSED.
        self.call(&[
            Call::Send(Data::Text(5)),
            Call::Close,
            Call::CloseWith(Some(1001), String::new()),
        ]);
        self.catch_up()?;
        // Nothing is left, and nothing more comes.
        self.peer.reset();
        self.turn_until("idle", |_, turn| turn == Turn::Idle)?;
        self.compare()
    }

    /// The opening handshake. What is left of the steps.
    fn open(&mut self) -> Result<&'a [Step], String> {
        let all = &self.case.steps[..];
        if !self.model.connection.is_connecting() {
            self.catch_up()?;
            return Ok(&[]);
        }
        if self.case.opening == Opening::Silence {
            self.model.connection.time_out();
            self.catch_up()?;
            return Ok(&[]);
        }
        self.model.run_tasks();
        self.turn_until("a request", |this, _| this.peer.request.is_some())?;
        self.call(&self.case.while_asking);
        if !self.model.connection.is_connecting() {
            self.catch_up()?;
            return Ok(&[]);
        }
        let request = self.peer.request.clone().ok_or("a request")?;
        let right = self.response(&request);
        let wrong = |head: Head| head.bytes();
        let bytes = match self.case.opening {
            Opening::Accept { with_frames } => {
                let mut bytes = right.bytes();
                self.model.connection.establish();
                let first = match all {
                    [Step::Server(burst), ..] if with_frames => burst.bytes(),
                    _ => Vec::new(),
                };
                self.model.connection.receive(&first);
                let rest = &all[usize::from(!first.is_empty())..];
                bytes.extend(first);
                self.peer.write(&bytes);
                self.catch_up()?;
                return Ok(rest);
            }
            Opening::Refuse => wrong(Head::status("404 Not Found")),
            Opening::WrongAnswer if self.case.edition == Edition::Living => {
                wrong(right.with("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="))
            }
            Opening::WrongAnswer => wrong(right.with_tail(b"sixteen bytes...")),
            Opening::UnaskedProtocol => wrong(right.with("Sec-WebSocket-Protocol", "other")),
            Opening::UnaskedExtension => wrong(right.with("Sec-WebSocket-Extensions", "x-other")),
            Opening::Cut(at, end) => {
                let bytes = right.bytes();
                self.peer
                    .write(&bytes[..bytes.len() * usize::from(at) / 256]);
                self.end(end)?;
                return Ok(&[]);
            }
            Opening::Silence => return Ok(&[]),
        };
        self.model.connection.fail();
        self.peer.write(&bytes);
        self.catch_up()?;
        Ok(&[])
    }

    fn response(&self, request: &Head) -> Head {
        match (self.case.edition, self.case.deflate) {
            (Edition::Living, true) => request
                .switching()
                .with("Sec-WebSocket-Extensions", DEFLATE),
            (Edition::Living, false) => request.switching(),
            _ => request.response(),
        }
    }

    fn call(&mut self, calls: &[Call]) {
        self.model.run_script(calls);
        self.script.perform(&self.socket, calls, None);
    }

    fn serve(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.model.connection.is_closed() {
            return Ok(());
        }
        self.model.connection.receive(bytes);
        self.peer.write(bytes);
        self.catch_up()
    }

    fn end(&mut self, end: End) -> Result<(), String> {
        self.model.connection.end();
        self.peer.end(end);
        self.catch_up()
    }

    /// Lets both come to rest, and compares them.
    fn catch_up(&mut self) -> Result<(), String> {
        self.model.run_tasks();
        let connection = &mut self.model.connection;
        if self.case.is_silent && connection.closing_has_started() && !connection.is_closed() {
            connection.time_out();
            self.model.run_tasks();
        }
        self.turn_until("the model's state", |this, _| this.has_caught_up())?;
        // What comes too much comes now.
        while self.event_loop.turn() == Turn::More {}
        self.peer.read();
        self.compare()?;
        self.model.settle();
        let (amount, expected) = (self.socket.buffered_amount(), self.model.buffered_amount());
        match expected.contains(&amount) {
            true => Ok(()),
            false => Err(format!(
                "at rest: bufferedAmount {amount}, expected {expected:?}"
            )),
        }
    }

    fn has_caught_up(&self) -> bool {
        let (_, certain) = self.model.sent();
        self.script.trace.borrow().len() >= self.model.trace.len()
            && self.socket.ready_state() == self.model.ready_state()
            && self.peer.sent.len() >= certain
            && (!self.model.connection.is_closed()
                || self.peer.has_ended
                || !self.peer.is_connected())
    }

    fn turn_until(
        &mut self,
        what: &str,
        is_so: impl Fn(&Self, Turn) -> bool,
    ) -> Result<(), String> {
        let patience = match HAS_FAILED.load(Ordering::Relaxed) {
            true => Duration::from_millis(300),
            false => PATIENCE,
        };
        let begun = Instant::now();
        loop {
            let turn = self.event_loop.turn();
            self.peer.read();
            if is_so(self, turn) {
                return Ok(());
            }
            if begun.elapsed() > patience {
                self.compare()?;
                return Err(format!("no end of waiting for {what}: {}", self.both()));
            }
            if turn != Turn::More {
                // The server, too, may have something to read.
                let _ = self.woken.recv_timeout(Duration::from_millis(1));
            }
        }
    }

    fn compare(&self) -> Result<(), String> {
        let seen = self.script.trace.borrow();
        if let Some(difference) = trace::difference(&self.model.trace, &seen) {
            return Err(format!("{difference}: {}", self.both()));
        }
        if seen.len() != self.model.trace.len() {
            return Err(format!("too few lines or too many: {}", self.both()));
        }
        let (sent, certain) = self.model.sent();
        let is_prefix = sent.starts_with(&self.peer.sent) && self.peer.sent.len() >= certain;
        if self.peer.defect.is_some() || !is_prefix {
            return Err(format!("what was sent differs: {}", self.both()));
        }
        Ok(())
    }

    /// What either has come to, to be read.
    fn both(&self) -> String {
        let seen = self.script.trace.borrow();
        let seen: Vec<_> = seen.iter().map(trace::told).collect();
        let expected: Vec<_> = self.model.trace.iter().map(trace::told).collect();
        format!(
            "\nseen, readyState {}: {seen:#?}\nexpected, readyState {}: {expected:#?}\n\
             received by the server, {:?}: {:?}\nexpected: {:?}",
            self.socket.ready_state(),
            self.model.ready_state(),
            self.peer.defect,
            self.peer.sent,
            self.model.sent(),
        )
    }
}
