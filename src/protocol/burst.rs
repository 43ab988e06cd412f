//! Short messages that come many at once.

use super::Feedback;
use super::packed::Packed;
use std::collections::VecDeque;

/// A message up to this size is short.
pub(super) const SHORT: usize = 1024;
const _: () = assert!(SHORT <= u16::MAX as usize);
/// An empty one has room for so many at the most: two reads bring no more that are worth sending.
const KEPT: usize = 2048;

/// Short messages that wait behind others.
///
/// They lie packed, and each becomes a block of its own when it is taken: most are let go of before the next is, which
/// then gets the same block again.
#[derive(Default)]
pub(super) struct Burst {
    messages: VecDeque<Message>,
    texts: Packed<String>,
    binaries: Packed<Vec<u8>>,
    /// So many have been taken.
    taken: usize,
}

/// What a message is, and its length.
enum Message {
    Text(u16),
    Binary(u16),
}

impl Burst {
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    #[inline]
    pub(super) fn push_text(&mut self, text: &str) {
        self.texts.push(text);
        self.push(Message::Text(text.len() as u16));
    }

    #[inline]
    pub(super) fn push_binary(&mut self, bytes: &[u8]) {
        self.binaries.push(bytes);
        self.push(Message::Binary(bytes.len() as u16));
    }

    #[inline]
    fn push(&mut self, message: Message) {
        self.messages.push_back(message);
    }

    /// How many have been taken since the beginning.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// How many that will be when all that are here have been taken.
    pub(super) fn end(&self) -> usize {
        self.taken.wrapping_add(self.len())
    }

    /// Takes the first.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Feedback> {
        let message = match self.messages.pop_front()? {
            Message::Text(len) => Feedback::Text(self.texts.take(len.into())),
            Message::Binary(len) => Feedback::Binary(self.binaries.take(len.into())),
        };
        self.taken = self.taken.wrapping_add(1);
        if self.messages.is_empty() {
            self.give_back();
        }
        Some(message)
    }

    /// Out of line, as most are not the last.
    #[cold]
    fn give_back(&mut self) {
        if self.messages.capacity() > KEPT {
            self.messages = VecDeque::new();
        }
    }

    /// Gives back what only a busy one needs.
    pub(super) fn rest(&mut self) {
        self.messages.shrink_to_fit();
        self.texts.rest();
        self.binaries.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_empty_keeps_little_and_one_that_rests_nothing() {
        let mut burst = Burst::default();
        for (messages, kept) in [(33_000, 0), (100, KEPT)] {
            for _ in 0..messages {
                burst.push_text("");
            }
            while burst.pop().is_some() {}
            assert!(burst.messages.capacity() <= kept && burst.end() == burst.taken());
        }
        burst.rest();
        assert_eq!(burst.messages.capacity(), 0);
    }
}
