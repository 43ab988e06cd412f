//! What waits to be sent.

use super::ConnectionOptions;
use super::account::{Account, Frame};
use super::occasional::AtFirst;
use super::share::{OWN, Share};
use std::collections::VecDeque;
use std::io::IoSlice;

/// Frames up to this size share a segment, so that one turn's messages leave in one write.
const SHARED_SEGMENT: usize = 64 * 1024;
/// The smallest allocation.
const SMALLEST_SEGMENT: usize = 256;
/// The largest that an empty queue keeps, until it [rests](Output::rest).
const KEPT_SEGMENT: usize = SHARED_SEGMENT;

/// A queue of bytes for the transport that knows which of them are payload.
///
/// Small frames are copied behind each other; a large one gets a segment of its own, so that a
/// payload is copied once and its memory goes back as soon as it has left.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Those that are full.
    segments: VecDeque<Vec<u8>>,
    /// The one behind them.
    last: Vec<u8>,
    /// How much of the first segment has left.
    sent: usize,
    /// All bytes that wait.
    len: usize,
    account: Account,
    /// What it takes of [`Limits::all_send_queues`].
    share: Share,
}

/// As much as a message takes in the queue beside its payload: the account of its frame, and the longest header.
pub(crate) const MESSAGE_OVERHEAD: usize = 64;
const _: () = assert!(Frame::COST + Head::LONGEST <= MESSAGE_OVERHEAD);

/// What stands ahead of a payload.
pub(crate) struct Head {
    pub(crate) bytes: [u8; Head::LONGEST],
    pub(crate) len: usize,
}

impl Head {
    /// Two bytes, eight of length, four of masking key.
    pub(crate) const LONGEST: usize = 14;
}

impl Output {
    /// Queues bytes that carry no payload: a handshake, a closing frame.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.push_frame(bytes, b"", b"");
    }

    /// Queues one frame. Nothing at all is none.
    pub(crate) fn push_frame(&mut self, before: &[u8], payload: &[u8], after: &[u8]) {
        let len = before.len() + payload.len() + after.len();
        if len == 0 {
            return;
        }
        let segment = self.segment_for(len);
        segment.extend_from_slice(before);
        segment.extend_from_slice(payload);
        segment.extend_from_slice(after);
        self.count(before.len(), payload.len(), after.len(), payload.len());
    }

    /// Queues one frame whose payload is changed once it is in place (masked), and stands for so many
    /// bytes of application data.
    #[inline(always)]
    pub(crate) fn push_changed(
        &mut self,
        head: &Head,
        payload: &[u8],
        amount: usize,
        change: impl FnOnce(&mut [u8]),
    ) {
        let segment = self.segment_for(Head::LONGEST + payload.len());
        // To copy as many bytes each time is quicker than to copy no more than there are.
        let start = segment.len() + head.len;
        segment.extend_from_slice(&head.bytes);
        segment.truncate(start);
        segment.extend_from_slice(payload);
        change(&mut segment[start..]);
        self.count(head.len, payload.len(), 0, amount);
    }

    /// A segment with room for so many bytes, where there is none or it would grow too large.
    #[inline]
    fn segment_for(&mut self, len: usize) -> &mut Vec<u8> {
        if self.last.len() + len > SHARED_SEGMENT || self.last.capacity() == 0 {
            self.begin_segment(len);
        }
        &mut self.last
    }

    fn begin_segment(&mut self, len: usize) {
        // Behind a full one more follows, in all likelihood.
        let least = match self.last.is_empty() {
            true => SMALLEST_SEGMENT,
            false => SHARED_SEGMENT,
        };
        let segment = Vec::with_capacity(len.max(least));
        let full = std::mem::replace(&mut self.last, segment);
        if !full.is_empty() {
            self.segments.push_back(full);
        }
    }

    #[inline]
    fn count(&mut self, before: usize, payload: usize, after: usize, amount: usize) {
        self.len += before + payload + after;
        self.account.add(Frame {
            before,
            payload,
            after,
            amount,
        });
    }

    /// Bytes that wait, framing included.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The memory that what waits takes: its bytes, and the accounts of its frames.
    pub(crate) fn memory(&self) -> usize {
        self.len + self.account.frames() * Frame::COST
    }

    /// Whether so many bytes more are within the limits.
    #[inline]
    pub(crate) fn has_room_for(&self, len: usize, options: &ConnectionOptions) -> bool {
        let (memory, limits) = (self.memory().saturating_add(len), &options.limits);
        memory <= limits.send_queue
            && (memory <= OWN || {
                let total = options.resources.queued();
                self.share.could_hold(memory, total, limits.all_send_queues)
            })
    }

    /// Takes the room for so many bytes more, if the limits have it.
    #[inline]
    pub(crate) fn take_room(&mut self, len: usize, options: &ConnectionOptions) -> bool {
        let (memory, limits) = (self.memory().saturating_add(len), &options.limits);
        memory <= limits.send_queue
            && (memory <= OWN || {
                let total = options.resources.queued();
                self.share.hold(memory, total, limits.all_send_queues)
            })
    }

    /// Gives back the room of what has left.
    #[inline]
    pub(crate) fn give_room_back(&mut self, options: &ConnectionOptions) {
        if !self.share.is_empty() {
            self.share.fall(self.memory(), options.resources.queued());
        }
    }

    /// Whether so many bytes more should wait until some have left.
    pub(crate) fn would_block(&self, len: usize, options: &ConnectionOptions) -> bool {
        let is_over = self.memory().saturating_add(len) > options.limits.high_water;
        !self.is_empty() && (is_over || !self.has_room_for(len, options))
    }

    /// Nothing will be sent any more. What was to be sent stays counted.
    pub(crate) fn discard(&mut self) {
        self.account.discard();
        *self = Self {
            account: std::mem::take(&mut self.account),
            share: std::mem::take(&mut self.share),
            ..Self::default()
        };
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of application data that wait.
    pub(crate) fn amount(&self) -> usize {
        self.account.amount()
    }

    /// Shows what waits, in order; how many slices were filled.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut start = self.sent;
        let mut filled = 0;
        let segments = self.segments.iter().chain([&self.last]);
        for (slice, segment) in slices.iter_mut().zip(segments) {
            *slice = IoSlice::new(&segment[start..]);
            start = 0;
            filled += 1;
        }
        if self.is_empty() { 0 } else { filled }
    }

    /// The transport took the first `count` bytes.
    pub(crate) fn advance(&mut self, count: usize) {
        let count = count.min(self.len);
        self.len -= count;
        self.release_segments(count);
        self.account.settle(count);
    }

    fn release_segments(&mut self, mut count: usize) {
        while let Some(first) = self.segments.front() {
            let left = first.len() - self.sent;
            if count < left {
                self.sent += count;
                return;
            }
            count -= left;
            self.sent = 0;
            self.segments.pop_front();
        }
        self.sent += count;
        if self.sent == self.last.len() {
            self.sent = 0;
            self.last.clear();
            if self.last.capacity() > KEPT_SEGMENT {
                self.last = Vec::new();
            }
        }
    }
}

impl AtFirst for Output {
    fn at_first() -> &'static Self {
        static AT_FIRST: Output = Output {
            segments: VecDeque::new(),
            last: Vec::new(),
            sent: 0,
            len: 0,
            account: Account::new(),
            share: Share::new(),
        };
        &AT_FIRST
    }

    /// What was [discarded](Self::discard) stays counted.
    fn is_as_at_first(&self) -> bool {
        self.is_empty() && self.amount() == 0 && self.share.is_empty()
    }

    fn rest(&mut self) {
        self.segments.shrink_to_fit();
        if self.is_empty() {
            self.last = Vec::new();
        }
        self.account.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waiting(output: &Output) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 16];
        let filled = output.slices(&mut slices);
        slices[..filled].iter().flat_map(|s| s.to_vec()).collect()
    }

    #[test]
    fn only_payload_counts_as_buffered() {
        let mut output = Output::default();
        output.push(b"head");
        output.push_frame(b"<", b"payload", b">");
        output.push_frame(b"<", b"", b">");
        assert_eq!((output.len(), output.amount()), (15, 7));
        for (taken, left) in [(4, 7), (1, 7), (3, 4), (4, 0), (1, 0)] {
            output.advance(taken);
            assert_eq!(output.amount(), left);
        }
        assert_eq!(waiting(&output), b"<>"[..]);
        output.advance(2);
        assert!(output.is_empty() && waiting(&output).is_empty());
    }

    #[test]
    fn a_payload_that_is_no_application_data_can_leave_in_parts() {
        let mut output = Output::default();
        let head = Head {
            bytes: [b'<'; Head::LONGEST],
            len: 1,
        };
        output.push_changed(&head, b"pong", 0, |_| ());
        output.push_changed(&head, b"z", 3, |_| ());
        for (taken, left) in [(3, 3), (2, 3), (1, 3), (1, 0)] {
            output.advance(taken);
            assert_eq!(output.amount(), left);
        }
    }

    #[test]
    fn nothing_takes_no_memory() {
        let mut output = Output::default();
        output.push_frame(b"", b"", b"");
        assert!(output.is_empty());
        assert_eq!(output.memory(), 0);
    }

    #[test]
    fn a_large_message_gives_its_memory_back() {
        let mut output = Output::default();
        output.push_frame(b"\0", &[b'x'; 1 << 20], b"\xff");
        output.push(b"\xff\0");
        output.advance((1 << 20) + 4);
        assert!(output.is_empty());
        assert!(output.segments.is_empty() && output.last.capacity() <= KEPT_SEGMENT);
        output.rest();
        assert_eq!(output.segments.capacity() + output.last.capacity(), 0);
    }

    #[test]
    fn small_frames_leave_together_and_a_large_one_when_it_has_left_is_gone() {
        let mut output = Output::default();
        let frame =
            |output: &mut Output, len: usize| output.push_frame(b"<", &vec![b'x'; len - 2], b">");
        let slices = |output: &Output| output.slices(&mut [IoSlice::new(&[]); 16]);
        for _ in 0..SHARED_SEGMENT / 1024 {
            frame(&mut output, 1024);
        }
        assert_eq!(slices(&output), 1);
        frame(&mut output, 1024);
        frame(&mut output, 1 << 20);
        frame(&mut output, 1024);
        assert_eq!(slices(&output), 4);
        output.advance(SHARED_SEGMENT + 1024 + (1 << 20) - 1);
        assert_eq!(waiting(&output).len(), 1 + 1024);
        output.advance(1);
        assert!(output.segments.is_empty() && slices(&output) == 1);
        assert!(output.last.capacity() <= SHARED_SEGMENT);
    }

    #[test]
    fn an_empty_queue_keeps_a_segment_that_is_not_too_large() {
        let mut output = Output::default();
        for (len, is_kept) in [(10, true), (KEPT_SEGMENT, true), (KEPT_SEGMENT + 1, false)] {
            output.rest();
            output.push(&vec![b'x'; len]);
            let capacity = output.last.capacity();
            output.advance(len);
            let kept = output.last.capacity();
            assert_eq!(kept, if is_kept { capacity } else { 0 }, "{len}");
        }
    }

    #[test]
    fn what_waits_blocks_over_the_high_water_and_nothing_does_not() {
        let options = ConnectionOptions::default();
        let mut output = Output::default();
        assert!(!output.would_block(options.limits.high_water + 1, &options));
        output.push(b"some");
        let room = options.limits.high_water - output.memory();
        assert!(!output.would_block(room, &options));
        assert!(output.would_block(room + 1, &options));
    }

    proptest! {
        #[test]
        fn any_partial_write_leaves_the_rest(
            sizes in prop::collection::vec(prop_oneof![0usize..50, Just(70_000)], 1..8),
            steps in prop::collection::vec(1usize..40_000, 1..60),
        ) {
            let mut output = Output::default();
            let mut all = Vec::new();
            for (i, size) in sizes.iter().enumerate() {
                let payload = vec![i as u8; *size];
                output.push_frame(b"\0", &payload, b"\xff");
                all.push(0);
                all.extend(payload);
                all.push(0xff);
            }
            let mut rest = &all[..];
            for step in steps {
                prop_assert_eq!(waiting(&output), rest);
                let step = step.min(rest.len());
                output.advance(step);
                rest = &rest[step..];
            }
            output.advance(rest.len());
            prop_assert!(output.is_empty());
            prop_assert_eq!(output.amount(), 0);
        }
    }
}
