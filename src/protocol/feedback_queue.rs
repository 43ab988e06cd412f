//! What a connection has to say and nobody has heard yet.

use super::occasional::AtFirst;
use super::packed::Packed;
use super::{Feedback, Limits};
use std::collections::VecDeque;

/// What an occurrence costs beside its payload.
const OVERHEAD: usize = 64;
const _: () = assert!(size_of::<Entry>() + size_of::<Feedback>() <= OVERHEAD);
/// An empty queue has room for so many at the most: two reads bring no more that are worth sending.
const KEPT: usize = 2048;
/// And for so many that are not short.
const KEPT_WHOLE: usize = 64;
/// Messages up to this size are packed.
pub(super) const SHORT: usize = 1024;
const _: () = assert!(SHORT <= u16::MAX as usize);

/// The occurrences that no task has taken yet.
///
/// Short messages lie packed, and each becomes a block of its own when it is taken: most are let go of before the next
/// is, which then gets the same block again.
#[derive(Default)]
pub(super) struct FeedbackQueue {
    queue: VecDeque<Entry>,
    /// All but short messages.
    whole: VecDeque<Feedback>,
    texts: Packed<String>,
    binaries: Packed<Vec<u8>>,
    cost: usize,
}

/// Where the next occurrence lies.
#[derive(Clone, Copy)]
enum Entry {
    /// A message of so many bytes among those that are packed.
    ShortText(u16),
    ShortBinary(u16),
    Whole,
}

impl FeedbackQueue {
    pub(super) fn push(&mut self, feedback: Feedback) {
        self.cost += OVERHEAD + feedback.payload_len();
        self.whole.push_back(feedback);
        self.queue.push_back(Entry::Whole);
    }

    /// A text message that is [`SHORT`].
    #[inline]
    pub(super) fn push_short_text(&mut self, text: &str) {
        self.cost += OVERHEAD + text.len();
        self.texts.push(text);
        self.queue.push_back(Entry::ShortText(text.len() as u16));
    }

    /// A binary message that is [`SHORT`].
    #[inline]
    pub(super) fn push_short_binary(&mut self, bytes: &[u8]) {
        self.cost += OVERHEAD + bytes.len();
        self.binaries.push(bytes);
        self.queue.push_back(Entry::ShortBinary(bytes.len() as u16));
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Feedback> {
        let feedback = match self.queue.pop_front()? {
            Entry::ShortText(len) => Feedback::Text(self.texts.take(len.into())),
            Entry::ShortBinary(len) => Feedback::Binary(self.binaries.take(len.into())),
            Entry::Whole => self.whole.pop_front()?,
        };
        self.cost -= OVERHEAD + feedback.payload_len();
        if self.queue.is_empty() {
            self.give_back();
        }
        Some(feedback)
    }

    /// After a burst. Out of line, as most are not the last.
    #[cold]
    fn give_back(&mut self) {
        if self.queue.capacity() > KEPT {
            self.queue = VecDeque::new();
        }
        if self.whole.capacity() > KEPT_WHOLE {
            self.whole = VecDeque::new();
        }
    }

    /// Takes the bytes out of all parts of binary messages.
    pub(super) fn take_parts(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.queue.len() {
            match self.pop() {
                Some(Feedback::BinaryPart(part)) => bytes.extend(part),
                Some(other) => self.push(other),
                None => break,
            }
        }
        bytes
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether there is room for more, where so many bytes of the next message have come. A message that nothing is
    /// ahead of may be of any length.
    pub(super) fn has_room(&self, under_way: usize, limits: &Limits) -> bool {
        self.cost.saturating_add(under_way) <= limits.undispatched || self.queue.is_empty()
    }

    pub(super) fn is_message_next(&self) -> bool {
        match self.queue.front() {
            Some(Entry::ShortText(_) | Entry::ShortBinary(_)) => true,
            Some(Entry::Whole) => self.whole.front().is_some_and(Feedback::is_message),
            None => false,
        }
    }

    /// The memory that all of them take, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }
}

impl AtFirst for FeedbackQueue {
    fn at_first() -> &'static Self {
        static AT_FIRST: FeedbackQueue = FeedbackQueue {
            queue: VecDeque::new(),
            whole: VecDeque::new(),
            texts: Packed::new(String::new()),
            binaries: Packed::new(Vec::new()),
            cost: 0,
        };
        &AT_FIRST
    }

    fn is_as_at_first(&self) -> bool {
        self.queue.is_empty()
    }

    fn rest(&mut self) {
        self.queue.shrink_to_fit();
        self.whole.shrink_to_fit();
        self.texts.rest();
        self.binaries.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_leaves_nothing_behind() {
        let mut queue = FeedbackQueue::default();
        for (burst, kept) in [(33_000, 0), (100, KEPT)] {
            for _ in 0..burst {
                queue.push(Feedback::Text(String::new()));
                queue.push_short_text("");
            }
            while queue.pop().is_some() {}
            assert!(queue.queue.capacity() <= kept && queue.cost() == 0);
            assert!(queue.whole.capacity() <= kept.min(KEPT_WHOLE));
        }
        queue.rest();
        assert_eq!(queue.queue.capacity(), 0);
    }

    #[test]
    fn short_messages_come_in_order_with_the_others() {
        let mut queue = FeedbackQueue::default();
        queue.push_short_text("first");
        queue.push_short_binary(&[2]);
        queue.push(Feedback::PeerEnded);
        assert_eq!(queue.cost(), 3 * OVERHEAD + 6);
        assert!(queue.is_message_next());
        assert_eq!(queue.pop(), Some(Feedback::Text("first".into())));
        queue.push_short_text("fourth");
        assert_eq!(queue.pop(), Some(Feedback::Binary(vec![2])));
        assert!(!queue.is_message_next());
        assert_eq!(queue.pop(), Some(Feedback::PeerEnded));
        assert_eq!(queue.pop(), Some(Feedback::Text("fourth".into())));
        assert_eq!((queue.pop(), queue.cost()), (None, 0));
    }
}
