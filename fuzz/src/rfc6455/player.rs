//! Does as the protocol's law has it, and keeps what it hears.

use crate::frames::Frame;
use dom_websocket::protocol::{Closure, ConnectionOptions, Delivery, Feedback, Protocol};
use std::fmt;
use std::io::IoSlice;
use std::time::Instant;

/// What a connection told and sent.
#[derive(Default, PartialEq)]
pub(super) struct Played {
    pub(super) messages: Vec<Message>,
    /// Of a message that has not ended.
    pub(super) partial: Vec<u8>,
    pub(super) other: Vec<&'static str>,
    /// Without their keys, which depend on what else waited.
    pub(super) sent: Vec<Frame>,
    pub(super) closure: Option<Closure>,
}

#[derive(PartialEq)]
pub(super) struct Message {
    pub(super) is_text: bool,
    pub(super) payload: Vec<u8>,
}

/// Its length.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_text { "text" } else { "binary" };
        write!(f, "{kind} of {}", self.payload.len())
    }
}

/// Without content.
impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Played")
            .field("messages", &self.messages)
            .field("partial", &self.partial.len())
            .field("other", &self.other)
            .field("sent", &self.sent)
            .field("closure", &self.closure)
            .finish()
    }
}

pub(super) struct Player<'a> {
    pub(super) connection: &'a mut dyn Protocol,
    pub(super) played: &'a mut Played,
    pub(super) sent: &'a mut Vec<u8>,
    pub(super) options: &'a ConnectionOptions,
    pub(super) now: Instant,
}

impl Player<'_> {
    /// All that the connection holds of an input.
    pub(super) fn go_on(&mut self, len: usize) {
        self.look();
        let mut rounds = 0;
        while self.connection.holds_input() {
            assert!(self.connection.wants_input(), "all has been taken");
            self.connection.handle_input(&[], self.now);
            self.look();
            rounds += 1;
            assert!(rounds < 10_000 + 100 * len, "it goes on for ever");
        }
    }

    /// Does as the law has it.
    pub(super) fn look(&mut self) {
        loop {
            let len = self.connection.feedback_len();
            let Some(feedback) = self.connection.poll_feedback() else {
                assert_eq!(len, 0);
                break;
            };
            assert_eq!(self.connection.feedback_len(), len - 1);
            self.hear(feedback);
        }
        self.transmit();
        if self.connection.feedback_len() > 0 {
            self.look();
        }
    }

    fn hear(&mut self, feedback: Feedback) {
        assert_eq!(self.played.closure, None, "{feedback:?} behind the end");
        let longest = match self.options.delivery {
            Delivery::Messages => self.options.limits.message,
            Delivery::Pieces(len) => len.clamp(4, self.options.limits.message.max(4)),
            _ => 64 * 1024,
        };
        let (payload, is_text, is_last) = match feedback {
            Feedback::Text(text) => (text.into_bytes(), true, true),
            Feedback::TextPart(text) => (text.into_bytes(), true, false),
            Feedback::Binary(bytes) => (bytes, false, true),
            Feedback::BinaryPart(bytes) => (bytes, false, false),
            other => return self.hear_other(other),
        };
        assert!(payload.len() <= longest, "{} bytes", payload.len());
        if !is_last {
            assert_ne!(self.options.delivery, Delivery::Messages);
            assert!(!payload.is_empty(), "nothing is no part");
        }
        self.played.partial.extend(payload);
        if is_last {
            let payload = std::mem::take(&mut self.played.partial);
            self.played.messages.push(Message { is_text, payload });
        }
    }

    fn hear_other(&mut self, feedback: Feedback) {
        self.played.other.push(match feedback {
            Feedback::Established { .. } => "established",
            Feedback::Violated => {
                self.connection.handle_tasks_done(self.now);
                "violated"
            }
            Feedback::PeerFinished(_) => {
                self.connection.finish(None, self.now);
                "peer finished"
            }
            Feedback::ClosingHandshakeStarted => "closing",
            Feedback::PeerEnded => "peer ended",
            Feedback::Closed(closure) => {
                self.played.closure = Some(closure);
                "closed"
            }
            other => panic!("{other:?}"),
        });
    }

    fn transmit(&mut self) {
        loop {
            let mut slices = [IoSlice::new(&[]); 4];
            let filled = self.connection.poll_transmit(&mut slices);
            if filled == 0 {
                return;
            }
            let before = self.sent.len();
            for slice in &slices[..filled] {
                self.sent.extend_from_slice(slice);
            }
            let count = self.sent.len() - before;
            self.connection.handle_transmitted(count, self.now);
        }
    }
}
