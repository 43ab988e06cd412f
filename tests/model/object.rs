//! The object, as its standard describes it: "WebSockets" is the WHATWG standard, "r4820" HTML5 in March 2010.

use super::call::{Call, Data, HUGE, Reading, Type};
use super::case::Case;
use super::connection::{Closure, Connection, Feedback};
use super::listeners::Listeners;
use super::sent::Sent;
use super::trace::{self, Expected, Line};
use dom_websocket::{BinaryType, Edition, WebSocket};
use std::collections::VecDeque;
use std::ops::RangeInclusive;

pub(crate) struct Object {
    edition: Edition,
    origin: String,
    ready_state: u16,
    protocol: String,
    extensions: String,
    binary_type: BinaryType,
    /// What the server agrees to.
    agreed: (String, String),
    pub(crate) connection: Connection,
    listeners: Listeners,
    /// The WebSocket task source, and the host's own tasks: one queue.
    tasks: VecDeque<Task>,
    /// What the next listeners do that are called.
    reactions: VecDeque<Vec<Call>>,
    amount: Amount,
    /// What waits to be sent behind a blob that is being read.
    waiting: VecDeque<Waiting>,
    /// The blobs whose read has not ended.
    unread: VecDeque<usize>,
    blobs: usize,
    /// The document is still there.
    is_active: bool,
    /// How many frames had been sent when this task began, and how many have left for sure.
    sent_before: usize,
    departed: usize,
    pub(crate) trace: Vec<Expected>,
}

enum Task {
    Feedback(Feedback),
    Callback(u8),
}

enum Waiting {
    /// A blob of so many bytes, and how its read ended, if it has.
    Blob(usize, usize, Option<Reading>),
    Message(usize, Sent),
    Close(Option<u16>, String),
}

/// `bufferedAmount`: what was queued and "as of the last time the event loop reached step 1, had not yet been transmitted".
#[derive(Default)]
struct Amount {
    in_this_task: usize,
    /// May have left or not.
    in_tasks_before: usize,
    /// Waits behind a blob.
    waiting: usize,
    /// Will never leave: at least, and at most.
    stuck: (usize, usize),
}

impl Amount {
    /// "The number does not reset to zero once the connection closes."
    fn strand(&mut self) {
        self.stuck.0 += self.in_this_task;
        self.stuck.1 += self.in_this_task + self.in_tasks_before;
        (self.in_this_task, self.in_tasks_before) = (0, 0);
    }

    fn queue(&mut self, len: usize, is_sent: bool) {
        if is_sent {
            self.in_this_task += len;
        } else {
            self.stuck.0 += len;
            self.stuck.1 += len;
        }
    }
}

impl Object {
    /// The constructor.
    pub(crate) fn new(case: &Case, origin: String, extensions: &str) -> Self {
        let protocol = case.protocols().first().copied().unwrap_or_default();
        Self {
            edition: case.edition,
            origin,
            ready_state: WebSocket::CONNECTING,
            protocol: String::new(),
            extensions: String::new(),
            binary_type: BinaryType::Blob,
            agreed: (protocol.to_owned(), extensions.to_owned()),
            connection: Connection::new(case.edition, case.deflate),
            listeners: Listeners::new(case.edition),
            tasks: VecDeque::new(),
            reactions: case.reactions.iter().cloned().collect(),
            amount: Amount::default(),
            waiting: VecDeque::new(),
            unread: VecDeque::new(),
            blobs: 0,
            is_active: true,
            sent_before: 0,
            departed: 0,
            trace: Vec::new(),
        }
    }

    pub(crate) fn ready_state(&self) -> u16 {
        self.ready_state
    }

    /// Script's own task.
    pub(crate) fn run_script(&mut self, calls: &[Call]) {
        self.begin_task();
        self.perform(calls);
    }

    /// Runs all tasks, and what comes of them.
    pub(crate) fn run_tasks(&mut self) {
        loop {
            self.queue_feedback();
            match self.tasks.pop_front() {
                Some(task) => {
                    self.begin_task();
                    self.run(task);
                }
                None => {
                    self.send_what_waits();
                    self.connection.flush();
                    if self.connection.feedback.is_empty() {
                        return;
                    }
                }
            }
        }
    }

    /// The server has received all.
    pub(crate) fn settle(&mut self) {
        self.amount.in_this_task = 0;
        self.amount.in_tasks_before = 0;
        if !self.connection.is_stranded {
            self.departed = self.connection.sent.len();
        }
    }

    /// All that the server may have received, and how much of it it must have.
    pub(crate) fn sent(&self) -> (&[Sent], usize) {
        let certain = match self.connection.is_stranded {
            true => self.departed,
            false => self.connection.sent.len(),
        };
        (&self.connection.sent, certain)
    }

    fn begin_task(&mut self) {
        self.sent_before = self.connection.sent.len();
        self.amount.in_tasks_before += self.amount.in_this_task;
        self.amount.in_this_task = 0;
    }

    fn queue_feedback(&mut self) {
        let feedback = self.connection.feedback.drain(..);
        self.tasks.extend(feedback.map(Task::Feedback));
    }

    /// "Feedback from the protocol".
    fn run(&mut self, task: Task) {
        match task {
            // HTML: a task of a document that is not fully active is not run.
            Task::Feedback(Feedback::Violated(code)) => self.connection.break_off(code),
            Task::Feedback(_) if !self.is_active => {}
            Task::Callback(id) => self.trace.push(Line {
                what: format!("callback {id}"),
                ready_state: self.ready_state,
                is_callback: true,
                buffered_amount: self.buffered_amount(),
            }),
            Task::Feedback(Feedback::Established) => {
                // Both texts would set OPEN again behind a close(). We don't (spec-notes/living.md, "Events";
                // spec-notes/html5-api.md, "close()").
                if self.ready_state == WebSocket::CONNECTING {
                    self.ready_state = WebSocket::OPEN;
                    (self.protocol, self.extensions) = self.agreed.clone();
                    self.fire(Type::Open, "");
                }
            }
            Task::Feedback(Feedback::Text(text)) => {
                self.receive(&trace::summary("text", text.as_bytes()));
            }
            // WebSockets, "a WebSocket message has been received" step 2: the type of now.
            Task::Feedback(Feedback::Binary(bytes)) => match self.binary_type {
                BinaryType::Blob => self.receive(&trace::summary("blob", &bytes)),
                BinaryType::ArrayBuffer => self.receive(&trace::summary("buffer", &bytes)),
            },
            // r4820: "to check to see if the readyState attribute's value is OPEN or CLOSING".
            Task::Feedback(Feedback::ErrorDetected) => {
                if matches!(self.ready_state, WebSocket::OPEN | WebSocket::CLOSING) {
                    self.fire(Type::Error, "");
                }
            }
            Task::Feedback(Feedback::ClosingStarted) => self.ready_state = WebSocket::CLOSING,
            Task::Feedback(Feedback::Closed(closure)) => self.close(closure),
        }
    }

    fn receive(&mut self, data: &str) {
        let may_be_told = match (self.edition, self.ready_state) {
            (_, WebSocket::OPEN) => true,
            // WebSockets: "if ready state is not OPEN (1), then return". r4820: "OPEN (1) or CLOSING (2)".
            (edition, WebSocket::CLOSING) => edition == Edition::Html5,
            _ => false,
        };
        if may_be_told {
            // r4820 sets the data and nothing else.
            let origin = match self.edition {
                Edition::Living => self.origin.clone(),
                _ => String::new(),
            };
            self.fire(Type::Message, &format!("{data} from {origin:?}"));
        }
    }

    /// "When the WebSocket connection is closed".
    fn close(&mut self, closure: Closure) {
        self.ready_state = WebSocket::CLOSED;
        // WebSockets step 2. r4820 has no such step.
        if closure.failed && self.edition == Edition::Living {
            self.fire(Type::Error, "");
        }
        let Closure {
            cleanly,
            code,
            reason,
            ..
        } = closure;
        self.fire(Type::Close, &format!("{cleanly} {code} {reason:?}"));
    }

    /// DOM "dispatch", at an object without a parent.
    fn fire(&mut self, type_: Type, detail: &str) {
        for captures in [true, false] {
            for registration in self.listeners.pass(type_, captures) {
                if !self.listeners.begin(&registration) {
                    continue;
                }
                let name = type_.name();
                self.record(format!("{name} at {:?}: {detail}", registration.slot));
                let reaction = self.reactions.pop_front().unwrap_or_default();
                if self.perform(&reaction) {
                    return;
                }
            }
        }
    }

    /// Whether propagation was stopped.
    fn perform(&mut self, calls: &[Call]) -> bool {
        let mut is_stopped = false;
        for call in calls {
            let result = match call {
                Call::Send(data) => self.send(data),
                Call::Close => self.close_connection(None, ""),
                Call::CloseWith(code, reason) => self.close_connection(*code, reason),
                Call::SetBinaryType(binary_type) => {
                    self.binary_type = *binary_type;
                    "ok"
                }
                Call::Listen(type_, slot) => {
                    self.listeners.add(*type_, *slot);
                    "ok"
                }
                Call::StopListening(type_, slot) => {
                    self.listeners.remove(*type_, *slot);
                    "ok"
                }
                Call::StopImmediatePropagation => {
                    is_stopped = true;
                    "ok"
                }
                Call::EndReading(how) => {
                    self.end_reading(*how);
                    "ok"
                }
                Call::QueueTask(id) => {
                    self.queue_feedback();
                    self.tasks.push_back(Task::Callback(*id));
                    "ok"
                }
            };
            self.record(format!("{} -> {result}", trace::name(call)));
        }
        is_stopped
    }

    fn send(&mut self, data: &Data) -> &'static str {
        let blob = self.blobs;
        if matches!(data, Data::Unread(_)) {
            self.unread.push_back(blob);
            self.blobs += 1;
        }
        // WebSockets step 1; r4820: INVALID_STATE_ERR.
        if self.ready_state == WebSocket::CONNECTING {
            return "InvalidStateError";
        }
        let text = match data {
            Data::Text(len) => Data::text(*len),
            Data::Surrogate => match self.edition {
                // WebIDL: a USVString.
                Edition::Living => String::from_utf16_lossy(&Data::SURROGATE),
                // r4820: SYNTAX_ERR.
                _ => return "SyntaxError",
            },
            // r4820's `send()` has no binary data, which we tell from text (spec-notes/html5-api.md, "send()").
            Data::Bytes(_) | Data::Blob(_) | Data::Unread(_) if self.edition == Edition::Html5 => {
                return "NotSupportedError";
            }
            Data::Unread(len) => {
                let is_waiting = self.may_send();
                if is_waiting {
                    self.amount.waiting += len;
                    self.waiting.push_back(Waiting::Blob(blob, *len, None));
                } else {
                    self.amount.queue(*len, false);
                }
                return if is_waiting { "true" } else { "false" };
            }
            Data::Bytes(len) | Data::Blob(len) => {
                let is_sent = self.transmit(*len, Sent::Binary(Data::bytes(*len)));
                return if is_sent { "true" } else { "false" };
            }
        };
        match self.transmit(text.len(), Sent::Text(text)) {
            true => "true",
            false => "false",
        }
    }

    /// "Must increase the bufferedAmount attribute by the number of bytes", whatever becomes of them.
    fn transmit(&mut self, len: usize, frame: Sent) -> bool {
        let may_send = self.may_send();
        // "If the data cannot be sent, e.g. because it would need to be buffered but the buffer is full, the user agent must
        // flag the WebSocket as full and then close the WebSocket connection."
        let is_sent = may_send && len < HUGE;
        if may_send && !is_sent {
            self.amount.strand();
            self.connection.strand(self.sent_before);
        }
        if is_sent && !self.waiting.is_empty() {
            self.amount.waiting += len;
            self.waiting.push_back(Waiting::Message(len, frame));
            return true;
        }
        if is_sent {
            self.connection.sent.push(frame);
        }
        self.amount.queue(len, is_sent);
        is_sent
    }

    fn may_send(&self) -> bool {
        self.connection.may_send() && self.ready_state == WebSocket::OPEN
    }

    fn end_reading(&mut self, how: Reading) {
        let Some(read) = self.unread.pop_front() else {
            return;
        };
        for waiting in &mut self.waiting {
            if let Waiting::Blob(blob, _, end) = waiting {
                if *blob == read {
                    *end = Some(how);
                }
            }
        }
    }

    /// Messages leave in the order of `send()`; one that is a blob once it has been read, and "the handshake will only start
    /// after the messages are sent".
    fn send_what_waits(&mut self) {
        self.begin_task();
        while let Some(waiting) = self.waiting.front() {
            if !self.connection.may_send() {
                // It stays counted.
                return self.waiting.clear();
            }
            match waiting {
                Waiting::Blob(_, _, None) => return,
                Waiting::Blob(_, len, Some(Reading::Right)) => {
                    let frame = Sent::Binary(Data::bytes(*len));
                    self.send_waiting(*len, frame);
                }
                // It can't be read. What else is queued may have left, or is lost.
                Waiting::Blob(..) => {
                    self.begin_task();
                    self.amount.strand();
                    self.connection.strand(self.sent_before);
                }
                Waiting::Message(len, frame) => self.send_waiting(*len, frame.clone()),
                Waiting::Close(code, reason) => {
                    self.connection.start_closing(*code, reason.clone());
                }
            }
            self.waiting.pop_front();
        }
    }

    fn send_waiting(&mut self, len: usize, frame: Sent) {
        self.amount.waiting -= len;
        self.amount.queue(len, true);
        self.connection.sent.push(frame);
    }

    /// WebSockets "make disappear"; r4820 "unloading document cleanup steps".
    pub(crate) fn unload(&mut self) {
        self.is_active = false;
        match self.edition {
            Edition::Living if self.connection.is_connecting() => self.connection.fail(),
            // "With the status code to use being 1001", and "otherwise do nothing".
            Edition::Living => self.connection.start_closing(Some(1001), String::new()),
            // "Close the WebSocket connection."
            _ => self.connection.fail(),
        }
    }

    fn close_connection(&mut self, code: Option<u16>, reason: &str) -> &'static str {
        // r4820's has no arguments.
        if self.edition == Edition::Living {
            // Steps 1 and 2.
            if code.is_some_and(|code| code != 1000 && !(3000..=4999).contains(&code)) {
                return "InvalidAccessError";
            }
            if reason.len() > 123 {
                return "SyntaxError";
            }
        }
        if self.ready_state >= WebSocket::CLOSING {
            // "Do nothing."
        } else if self.connection.is_connecting() {
            self.connection.fail();
            self.ready_state = WebSocket::CLOSING;
        } else {
            // A reason without a code can't be expressed.
            let reason = code.map_or("", |_| reason).to_owned();
            match self.waiting.is_empty() {
                true => self.connection.start_closing(code, reason),
                false => self.waiting.push_back(Waiting::Close(code, reason)),
            }
            self.ready_state = WebSocket::CLOSING;
        }
        "ok"
    }

    fn record(&mut self, what: String) {
        let attributes = trace::attributes(
            self.ready_state,
            &self.protocol,
            &self.extensions,
            self.binary_type,
        );
        self.trace.push(Line {
            what: format!("{what} {attributes}"),
            ready_state: self.ready_state,
            is_callback: false,
            buffered_amount: self.buffered_amount(),
        });
    }

    pub(crate) fn buffered_amount(&self) -> RangeInclusive<usize> {
        let Amount {
            in_this_task,
            in_tasks_before,
            waiting,
            stuck,
        } = self.amount;
        let certain = in_this_task + waiting;
        stuck.0 + certain..=stuck.1 + certain + in_tasks_before
    }
}
