//! What a connection has to say and nobody has heard yet.

use super::burst::Burst;
use super::occasional::AtFirst;
use super::{Feedback, Limits};
use std::collections::VecDeque;

/// What an occurrence costs beside its payload.
const OVERHEAD: usize = 64;
const _: () = assert!(size_of::<Whole>() <= OVERHEAD);
/// An empty queue has room for so many at the most.
const KEPT: usize = 64;

/// The occurrences that no task has taken yet.
#[derive(Default)]
pub(super) struct FeedbackQueue {
    whole: VecDeque<Whole>,
    /// Short messages that came behind others.
    burst: Option<Box<Burst>>,
    cost: usize,
}

/// An occurrence that is not packed.
struct Whole {
    feedback: Feedback,
    /// It is the turn of this one when so many of the burst have been taken.
    behind: usize,
}

impl FeedbackQueue {
    #[inline(never)]
    pub(super) fn push(&mut self, feedback: Feedback) {
        self.cost += OVERHEAD + feedback.payload_len();
        let behind = self.burst.as_ref().map_or(0, |burst| burst.end());
        self.whole.push_back(Whole { feedback, behind });
    }

    /// A text message that is [short](super::burst::SHORT).
    #[inline(always)]
    pub(super) fn push_short_text(&mut self, text: &str) {
        if self.is_empty() {
            return self.push(Feedback::Text(text.to_owned()));
        }
        self.cost += OVERHEAD + text.len();
        self.burst.get_or_insert_default().push_text(text);
    }

    /// A binary message that is [short](super::burst::SHORT).
    #[inline]
    pub(super) fn push_short_binary(&mut self, bytes: &[u8]) {
        if self.is_empty() {
            return self.push(Feedback::Binary(bytes.to_vec()));
        }
        self.cost += OVERHEAD + bytes.len();
        self.burst.get_or_insert_default().push_binary(bytes);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Feedback> {
        let feedback = match &mut self.burst {
            Some(burst) if !is_next(&self.whole, burst.taken()) => burst.pop()?,
            _ => self.pop_whole()?,
        };
        self.cost -= OVERHEAD + feedback.payload_len();
        Some(feedback)
    }

    fn pop_whole(&mut self) -> Option<Feedback> {
        let whole = self.whole.pop_front()?;
        if self.whole.is_empty() && self.whole.capacity() > KEPT {
            self.whole = VecDeque::new();
        }
        Some(whole.feedback)
    }

    /// Takes the bytes out of all parts of binary messages.
    pub(super) fn take_parts(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.len() {
            match self.pop() {
                Some(Feedback::BinaryPart(part)) => bytes.extend(part),
                Some(other) => self.push(other),
                None => break,
            }
        }
        bytes
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.cost == 0
    }

    pub(super) fn len(&self) -> usize {
        let burst = self.burst.as_ref();
        self.whole.len() + burst.map_or(0, |burst| burst.len())
    }

    /// Whether there is room for more, where so many bytes of the next message have come. A message that nothing is
    /// ahead of may be of any length.
    pub(super) fn has_room(&self, under_way: usize, limits: &Limits) -> bool {
        self.cost.saturating_add(under_way) <= limits.undispatched || self.is_empty()
    }

    pub(super) fn is_message_next(&self) -> bool {
        let taken = self.burst.as_ref().map_or(0, |burst| burst.taken());
        match self.whole.front() {
            Some(whole) if whole.behind == taken => whole.feedback.is_message(),
            _ => !self.is_empty(),
        }
    }

    /// The memory that all of them take, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }
}

/// Whether it is the turn of the first of these, where so many of the burst have been taken.
#[inline]
fn is_next(whole: &VecDeque<Whole>, taken: usize) -> bool {
    whole.front().is_some_and(|whole| whole.behind == taken)
}

impl AtFirst for FeedbackQueue {
    fn at_first() -> &'static Self {
        static AT_FIRST: FeedbackQueue = FeedbackQueue {
            whole: VecDeque::new(),
            burst: None,
            cost: 0,
        };
        &AT_FIRST
    }

    fn is_as_at_first(&self) -> bool {
        self.is_empty()
    }

    fn rest(&mut self) {
        self.whole.shrink_to_fit();
        if let Some(burst) = &mut self.burst {
            burst.rest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_leaves_nothing_behind() {
        let mut queue = FeedbackQueue::default();
        for (burst, kept) in [(33_000, 0), (KEPT, KEPT)] {
            for _ in 0..burst {
                queue.push(Feedback::Text(String::new()));
                queue.push_short_text("");
            }
            while queue.pop().is_some() {}
            assert!(queue.whole.capacity() <= kept && queue.cost() == 0);
        }
        queue.rest();
        assert_eq!(queue.whole.capacity(), 0);
    }

    #[test]
    fn short_messages_come_in_order_with_the_others() {
        let mut queue = FeedbackQueue::default();
        queue.push_short_text("first");
        queue.push_short_binary(&[2]);
        queue.push(Feedback::PeerEnded);
        assert_eq!((queue.len(), queue.cost()), (3, 3 * OVERHEAD + 6));
        assert!(queue.is_message_next());
        assert_eq!(queue.pop(), Some(Feedback::Text("first".into())));
        queue.push_short_text("fourth");
        queue.push_short_text("fifth");
        queue.push(Feedback::ErrorDetected);
        queue.push_short_text("seventh");
        assert_eq!(queue.pop(), Some(Feedback::Binary(vec![2])));
        assert!(!queue.is_message_next());
        assert_eq!(queue.pop(), Some(Feedback::PeerEnded));
        assert!(queue.is_message_next());
        assert_eq!(queue.pop(), Some(Feedback::Text("fourth".into())));
        queue.rest();
        assert_eq!(queue.pop(), Some(Feedback::Text("fifth".into())));
        assert_eq!(queue.pop(), Some(Feedback::ErrorDetected));
        assert_eq!(queue.pop(), Some(Feedback::Text("seventh".into())));
        assert_eq!((queue.pop(), queue.len(), queue.cost()), (None, 0, 0));
    }
}
