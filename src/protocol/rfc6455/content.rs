//! What there is of a message that is put together.

use super::Violation;
use crate::protocol::feedback_queue::FeedbackQueue;
use crate::protocol::utf8::{NotUtf8, TextAssembler, parts_of};
use crate::protocol::{Delivery, Feedback, Limits};

/// How much of a message is put together.
#[derive(Clone, Copy)]
pub(super) struct MessageLimits {
    /// Over it the message, or where it comes in parts the part, ends.
    pub(super) longest: usize,
    /// Over it there is nothing more to be put together before some of it has been dispatched.
    pub(super) undispatched: usize,
    pub(super) delivery: Delivery,
}

impl MessageLimits {
    pub(super) fn new(delivery: Delivery, limits: &Limits) -> Self {
        Self {
            longest: delivery.longest_part(limits),
            undispatched: limits.undispatched,
            delivery,
        }
    }
}

/// A data message under way.
pub(super) struct Assembler {
    pub(super) is_compressed: bool,
    pub(super) content: Content,
}

pub(super) enum Content {
    Text(TextAssembler),
    Binary(Vec<u8>),
}

impl Content {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        limits: MessageLimits,
        feedback: &mut FeedbackQueue,
    ) -> Result<(), Violation> {
        while self.len().saturating_add(bytes.len()) > limits.longest {
            let room = limits.longest.saturating_sub(self.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            // What is wrong ahead of the limit is seen first, in whatever pieces it comes.
            self.extend(now)?;
            if limits.delivery == Delivery::Messages {
                return Err(Violation::TooBig);
            }
            self.tell_part(feedback);
            bytes = later;
        }
        self.extend(bytes)
    }

    pub(super) fn reserve(&mut self, len: usize) {
        match self {
            Self::Text(text) => text.reserve(len),
            Self::Binary(bytes) => bytes.reserve(len),
        }
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        match self {
            Self::Text(text) => text.push(bytes)?,
            Self::Binary(all) => all.extend_from_slice(bytes),
        }
        Ok(())
    }

    /// Tells what there is so far, but for a character that is not whole.
    pub(super) fn tell_part(&mut self, feedback: &mut FeedbackQueue) {
        match self {
            Self::Text(text) => {
                let part = text.take_whole();
                if !part.is_empty() {
                    feedback.push(Feedback::TextPart(part));
                }
            }
            Self::Binary(bytes) if bytes.is_empty() => {}
            Self::Binary(bytes) => feedback.push(Feedback::BinaryPart(std::mem::take(bytes))),
        }
    }

    /// Tells what there is so far in parts, where it is too long for one, or is told as it comes.
    pub(super) fn cut(&mut self, limits: MessageLimits, feedback: &mut FeedbackQueue) {
        if !limits.delivery.is_told(self.len(), limits.longest) {
            return;
        }
        match self {
            Self::Text(text) => {
                let whole = text.take_whole();
                let parts = parts_of(&whole, limits.longest);
                parts.for_each(|part| feedback.push(Feedback::TextPart(part.to_owned())));
            }
            Self::Binary(bytes) => {
                let whole = std::mem::take(bytes);
                let parts = whole.chunks(limits.longest);
                parts.for_each(|part| feedback.push(Feedback::BinaryPart(part.to_vec())));
            }
        }
    }
}

impl From<NotUtf8> for Violation {
    fn from(_: NotUtf8) -> Self {
        Self::InvalidData
    }
}
