//! The connection, as both standards speak of it: "established", "the closing handshake has started", "closed".

use super::received::Received;
use super::sent::Sent;
use super::{hixie76, rfc6455};
use dom_websocket::Edition;

/// What the standards call the feedback from the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feedback {
    Established,
    Text(String),
    Binary(Vec<u8>),
    ErrorDetected,
    ClosingStarted,
    /// RFC 6455: the connection is to fail over what the server sent, and it is to be told this code. The RFC doesn't say
    /// when; it is once the tasks of what came before have run (ARCHITECTURE.md, "Laws").
    Violated(u16),
    Closed(Closure),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closure {
    pub(crate) cleanly: bool,
    pub(crate) code: u16,
    pub(crate) reason: String,
    /// "The user agent was required to fail the WebSocket connection", or it was flagged as full.
    pub(crate) failed: bool,
}

impl Closure {
    /// RFC 6455 section 7.1.5: 1006 where no Close frame was received.
    fn abnormal(failed: bool) -> Self {
        Self {
            cleanly: false,
            code: 1006,
            reason: String::new(),
            failed,
        }
    }
}

enum Decoder {
    Rfc6455(rfc6455::Decoder),
    Hixie76(hixie76::Decoder),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    Established,
    Closed,
}

pub(crate) struct Connection {
    decoder: Decoder,
    phase: Phase,
    closing_has_started: bool,
    /// What the server's Close frame said.
    finished: Option<Closure>,
    /// Nothing more is read.
    is_broken: bool,
    /// The connection is closed once what is queued has left.
    at_flush: Option<Closure>,
    /// What has not become tasks yet.
    pub(crate) feedback: Vec<Feedback>,
    /// All that the client has sent.
    pub(crate) sent: Vec<Sent>,
    /// Some of that may never have left.
    pub(crate) is_stranded: bool,
}

impl Connection {
    pub(crate) fn new(edition: Edition, deflate: bool) -> Self {
        Self {
            decoder: match edition {
                Edition::Living => Decoder::Rfc6455(rfc6455::Decoder::new(deflate)),
                _ => Decoder::Hixie76(hixie76::Decoder::default()),
            },
            phase: Phase::Connecting,
            closing_has_started: false,
            finished: None,
            is_broken: false,
            at_flush: None,
            feedback: Vec::new(),
            sent: Vec::new(),
            is_stranded: false,
        }
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.phase == Phase::Connecting
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    pub(crate) fn closing_has_started(&self) -> bool {
        self.closing_has_started
    }

    pub(crate) fn establish(&mut self) {
        if self.is_connecting() {
            self.phase = Phase::Established;
            self.feedback.push(Feedback::Established);
        }
    }

    fn is_reading(&self) -> bool {
        self.phase == Phase::Established && self.finished.is_none() && !self.is_broken
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            // RFC 6455 section 1.4: "After receiving a control frame indicating the connection should be closed, a peer
            // discards any further data received." Draft 76: "any data after the 0xFF frame is discarded".
            if !self.is_reading() {
                return;
            }
            let received = match &mut self.decoder {
                Decoder::Rfc6455(decoder) => decoder.push(*byte),
                Decoder::Hixie76(decoder) => decoder.push(*byte),
            };
            if let Some(received) = received {
                self.take(received);
            }
        }
    }

    fn take(&mut self, received: Received) {
        match received {
            Received::Text(text) => self.feedback.push(Feedback::Text(text)),
            Received::Binary(bytes) => self.feedback.push(Feedback::Binary(bytes)),
            // 5.5.2: "an endpoint MUST send a Pong frame in response, unless it already received a Close frame".
            Received::Ping(payload) => self.sent.push(Sent::Pong(payload)),
            Received::Unknown => self.feedback.push(Feedback::ErrorDetected),
            Received::Close { code, reason } => self.take_close(code, reason),
            Received::Violation(code) => {
                self.is_broken = true;
                self.feedback.push(Feedback::Violated(code));
            }
            // r4820: "then it must fail the WebSocket connection".
            Received::TooLarge => self.fail(),
        }
    }

    fn take_close(&mut self, code: Option<u16>, reason: String) {
        // 5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a
        // Close frame in response", and it "typically echos the status code".
        self.start_closing(code, String::new());
        let closure = Closure {
            cleanly: true,
            // 7.1.5: 1005 where it has none.
            code: code.unwrap_or(1005),
            reason,
            failed: false,
        };
        match self.decoder {
            // 7.1.1: the server ends TCP first.
            Decoder::Rfc6455(_) => {}
            // r4820, type 0xFF, substep 3: "close the WebSocket connection", once ours is on its way.
            Decoder::Hixie76(_) => self.at_flush = Some(closure.clone()),
        }
        self.finished = Some(closure);
    }

    /// "Start the WebSocket closing handshake", if it has not started.
    pub(crate) fn start_closing(&mut self, code: Option<u16>, reason: String) {
        if self.phase != Phase::Established || self.closing_has_started {
            return;
        }
        self.closing_has_started = true;
        self.sent.push(match self.decoder {
            Decoder::Rfc6455(_) => Sent::Close(code, reason),
            Decoder::Hixie76(_) => Sent::Close(None, String::new()),
        });
        self.feedback.push(Feedback::ClosingStarted);
    }

    /// Whether data may be sent: "the WebSocket connection is established and the closing handshake has not yet started".
    pub(crate) fn may_send(&self) -> bool {
        self.phase == Phase::Established && !self.closing_has_started
    }

    /// The task of a violation runs. 7.1.7: the server "SHOULD" be told, then TCP is closed.
    pub(crate) fn break_off(&mut self, code: u16) {
        if self.phase == Phase::Established {
            if !self.closing_has_started {
                self.closing_has_started = true;
                self.sent.push(Sent::Close(Some(code), String::new()));
            }
            self.at_flush = Some(Closure::abnormal(true));
        }
    }

    /// "Fail the WebSocket connection", over what is known on this side.
    pub(crate) fn fail(&mut self) {
        self.close(Closure::abnormal(true));
    }

    /// The queue is full, and lost: none of what was sent behind so many frames can have left.
    pub(crate) fn strand(&mut self, sent_before: usize) {
        self.sent.truncate(sent_before);
        self.is_stranded = true;
        self.fail();
    }

    /// What is queued has left.
    pub(crate) fn flush(&mut self) {
        if let Some(closure) = self.at_flush.take() {
            self.close(closure);
        }
    }

    /// The server ended TCP, in whatever way. 7.1.4: it was closed cleanly "if the TCP connection was closed after the
    /// WebSocket closing handshake was completed"; else 7.2.1 has it fail.
    pub(crate) fn end(&mut self) {
        let closure = self.finished.take();
        self.close(closure.unwrap_or_else(|| Closure::abnormal(true)));
    }

    /// The server lets the time pass that it has. In the opening handshake that is a failure; behind a Close frame of ours it
    /// is none: 7.1.1, "in abnormal cases (such as not having received a TCP Close from the server after a reasonable time
    /// period) a client MAY initiate the TCP Close".
    pub(crate) fn time_out(&mut self) {
        let closure = self.finished.take();
        let failed = self.is_connecting();
        self.close(closure.unwrap_or_else(|| Closure::abnormal(failed)));
    }

    fn close(&mut self, closure: Closure) {
        if self.phase != Phase::Closed {
            self.phase = Phase::Closed;
            self.at_flush = None;
            self.feedback.push(Feedback::Closed(closure));
        }
    }
}
