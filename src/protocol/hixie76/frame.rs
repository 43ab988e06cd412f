//! Data framing (hixie-76 sections 4.2 and 5.3).
//!
//! ```text
//! frame type byte <--------------------------------------.
//!   |      |                                             |
//!   |      `--> 0x00 to 0x7F --> data ... --> 0xFF ------+
//!   |                                                    |
//!   `--> 0x80 to 0xFF --> length ... --> data ... -------'
//! ```

use crate::protocol::assembly::{Assembly, Overload};
use crate::protocol::burst::SHORT;
use crate::protocol::feedback_queue::FeedbackQueue;
use crate::protocol::utf8::{Invalid, TextAssembler, parts_of};
use crate::protocol::{ConnectionOptions, Delivery, Limits, READ_SIZE};
use std::time::Instant;

/// Begins a text frame.
pub(super) const TEXT: u8 = 0x00;
/// Ends a text frame, and begins a closing frame.
pub(super) const END: u8 = 0xff;
/// The closing frame: type 0xFF, length 0.
pub(super) const CLOSING_FRAME: [u8; 2] = [0xff, 0x00];

/// One frame as the receiver understands it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Type 0x00.
    Text(String),
    /// A part of one whose end is still to come.
    TextPart(String),
    /// Type 0xFF with length 0. All that follows is discarded.
    Closing,
    /// Any other: its data is skipped.
    Unknown,
}

/// A frame is larger than the limits allow.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Reads frames from a byte stream.
#[derive(Debug)]
pub(super) struct Decoder {
    state: State,
    pub(super) assembly: Assembly,
    delivery: Delivery,
    /// Over it a message, or where it comes in parts a part, ends.
    longest: usize,
    skip_limit: usize,
}

/// What the decoder awaits.
#[derive(Debug)]
enum State {
    FrameType,
    Text(TextAssembler),
    /// The 0xFF that ends a frame of type 0x01 to 0x7F, after so many bytes.
    Terminator {
        skipped: usize,
    },
    Length {
        closes: bool,
        length: usize,
        /// Leading bytes carry no bits, so there can be any number of them: they count as skipped.
        bytes: usize,
    },
    Data {
        left: usize,
    },
}

impl Decoder {
    pub(super) fn new(options: &ConnectionOptions) -> Self {
        Self {
            state: State::FrameType,
            assembly: Assembly::new(options),
            delivery: options.delivery,
            longest: options.delivery.longest_part(&options.limits),
            skip_limit: options.limits.skipped_frame,
        }
    }

    /// How messages are told from now on, the one under way too: what there is of it in parts, if it is too long for
    /// one, or is told as it comes.
    pub(super) fn set_delivery(&mut self, delivery: Delivery, limits: &Limits) -> Vec<String> {
        self.delivery = delivery;
        self.longest = delivery.longest_part(limits);
        match &mut self.state {
            State::Text(text) if delivery.is_told(text.len(), self.longest) => {
                let whole = text.take_whole();
                parts_of(&whole, self.longest).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The bytes of the text that is being put together, or of nothing, if a frame is under way.
    pub(super) fn under_way(&self) -> Option<usize> {
        match &self.state {
            State::FrameType => None,
            State::Text(text) => Some(text.len()),
            _ => Some(0),
        }
    }

    /// An input has been read.
    pub(super) fn end(
        &mut self,
        options: &ConnectionOptions,
        now: Instant,
    ) -> Result<(), Overload> {
        let under_way = self.under_way();
        self.assembly.note(under_way, self.delivery, options, now)
    }

    /// Whether a message is under way that is large already: its length is not known ahead.
    pub(super) fn is_in_large_message(&self) -> bool {
        matches!(&self.state, State::Text(text) if text.len() >= READ_SIZE)
    }

    /// Takes bytes off the front of `input` up to the end of the next frame. `None`: it took all,
    /// and the frame goes on. The numbers are those of the steps in section 4.2.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, TooLarge> {
        loop {
            let frame = match &mut self.state {
                // 1. Try to read a byte: the frame type.
                State::FrameType => {
                    let Some(frame_type) = take_byte(input) else {
                        return Ok(None);
                    };
                    if let Some(text) = self.take_whole(frame_type, input) {
                        return Ok(Some(Frame::Text(text)));
                    }
                    self.assembly.begin();
                    self.state = match frame_type {
                        TEXT => State::Text(TextAssembler::new(Invalid::IsReplaced)),
                        0x01..=0x7f => State::Terminator { skipped: 0 },
                        0x80..=0xff => State::Length {
                            closes: frame_type == END,
                            length: 0,
                            bytes: 0,
                        },
                    };
                    continue;
                }
                // 3. The high-order bit is not set: data up to 0xFF.
                State::Text(text) => {
                    // Nothing is an error where all that is invalid is replaced.
                    if self.delivery.is_in_parts() {
                        // One byte more than a part may have, and the part is told.
                        let room = (self.longest + 1).saturating_sub(text.len());
                        let data = &input[..input.len().min(room)];
                        let _ =
                            text.push(take(input, memchr::memchr(END, data).unwrap_or(data.len())));
                        if text.len() > self.longest {
                            return Ok(Some(Frame::TextPart(text.take_part(self.longest))));
                        }
                        // What stands for an unfinished character may be longer than it.
                        if input.first() == Some(&END) && text.finished_len() > self.longest {
                            return Ok(Some(Frame::TextPart(text.take_whole())));
                        }
                    }
                    let end = memchr::memchr(END, input);
                    let _ = text.push(take(input, end.unwrap_or(input.len())));
                    let len = match end {
                        Some(_) => text.finished_len(),
                        None => text.len(),
                    };
                    if len > self.longest {
                        return Err(TooLarge);
                    }
                    if end.is_none() {
                        let is_told = self.delivery == Delivery::Bytes;
                        let part = is_told.then(|| text.take_whole());
                        return Ok(part.filter(|part| !part.is_empty()).map(Frame::TextPart));
                    }
                    take_byte(input);
                    Frame::Text(text.finish().unwrap_or_default())
                }
                State::Terminator { skipped } => {
                    let end = memchr::memchr(END, input);
                    *skipped += take(input, end.unwrap_or(input.len())).len();
                    if *skipped > self.skip_limit {
                        return Err(TooLarge);
                    }
                    if end.is_none() {
                        return Ok(None);
                    }
                    take_byte(input);
                    Frame::Unknown
                }
                // 3. The high-order bit is set: a length in base 128, then as many bytes.
                State::Length {
                    closes,
                    length,
                    bytes,
                } => {
                    let Some(b) = take_byte(input) else {
                        return Ok(None);
                    };
                    *bytes += 1;
                    *length = length
                        .saturating_mul(128)
                        .saturating_add(usize::from(b & 0x7f));
                    if *length > self.skip_limit || *bytes > self.skip_limit {
                        return Err(TooLarge);
                    }
                    if b & 0x80 != 0 {
                        continue;
                    }
                    if *closes && *length == 0 {
                        return Ok(Some(Frame::Closing));
                    }
                    self.state = State::Data { left: *length };
                    continue;
                }
                State::Data { left } => {
                    *left -= take(input, (*left).min(input.len())).len();
                    if *left > 0 {
                        return Ok(None);
                    }
                    Frame::Unknown
                }
            };
            self.state = State::FrameType;
            return Ok(Some(frame));
        }
    }
}

impl Decoder {
    /// Takes short texts off the front of `input`, as long as all of the next is there and none of it has to be replaced.
    pub(super) fn take_short(&self, input: &mut &[u8], feedback: &mut FeedbackQueue) {
        if !matches!(self.state, State::FrameType) {
            return;
        }
        let longest = self.longest.min(SHORT);
        let mut len = 0;
        while let Some((&TEXT, data)) = input.split_first() {
            // Texts of one length often follow each other, and no text in UTF-8 has a byte that ends it.
            let text = text_of(data, len).or_else(|| {
                let near = &data[..data.len().min(longest + 1)];
                text_of(data, memchr::memchr(END, near)?)
            });
            let Some(text) = text else {
                return;
            };
            feedback.push_short_text(text);
            len = text.len();
            *input = &data[len + 1..];
        }
    }

    /// The text of a frame that has just begun, if all of it is there and none of it has to be replaced.
    fn take_whole(&self, frame_type: u8, input: &mut &[u8]) -> Option<String> {
        if frame_type != TEXT {
            return None;
        }
        let (data, rest) = input.split_at(memchr::memchr(END, input)?);
        if data.len() > self.longest {
            return None;
        }
        let text = simdutf8::basic::from_utf8(data).ok()?;
        *input = &rest[1..];
        Some(text.to_owned())
    }
}

/// The text of so many bytes, if it ends there and is in UTF-8.
#[inline]
fn text_of(data: &[u8], len: usize) -> Option<&str> {
    match data.split_at_checked(len)? {
        (text, [END, ..]) => simdutf8::basic::from_utf8(text).ok(),
        _ => None,
    }
}

fn take_byte(input: &mut &[u8]) -> Option<u8> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(*first)
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(count);
    *input = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPTIONS: fn() -> ConnectionOptions = || ConnectionOptions {
        limits: Limits {
            message: 100,
            skipped_frame: 300,
            ..Limits::default()
        },
        ..ConnectionOptions::default()
    };

    fn decode_in_chunks(bytes: &[u8], size: usize) -> Result<Vec<Frame>, TooLarge> {
        let mut decoder = Decoder::new(&OPTIONS());
        let mut frames = Vec::new();
        for mut chunk in bytes.chunks(size) {
            while let Some(frame) = decoder.next(&mut chunk)? {
                let closing = frame == Frame::Closing;
                frames.push(frame);
                if closing {
                    return Ok(frames);
                }
            }
            assert!(chunk.is_empty(), "the decoder takes all it is given");
        }
        Ok(frames)
    }

    fn decode(bytes: &[u8]) -> Result<Vec<Frame>, TooLarge> {
        let whole = decode_in_chunks(bytes, bytes.len().max(1));
        assert_eq!(decode_in_chunks(bytes, 1), whole, "{bytes:x?} byte by byte");
        whole
    }

    fn text(text: &str) -> Frame {
        Frame::Text(text.into())
    }

    #[test]
    fn text_frames() {
        assert_eq!(
            decode(b"\0Hello\xff\0\xff\0\xc3\xa4\xe4\xb8\x96\xff"),
            Ok(vec![text("Hello"), text(""), text("ä世")])
        );
        assert_eq!(
            decode(b"\0a\xc3\xff\0\x80\xff"),
            Ok(vec![text("a\u{fffd}"), text("\u{fffd}")])
        );
        assert_eq!(decode(b"\0unfinished"), Ok(vec![]));
    }

    #[test]
    fn the_closing_frame_in_all_its_spellings() {
        assert_eq!(decode(b"\xff\0\0ignored\xff"), Ok(vec![Frame::Closing]));
        assert_eq!(decode(b"\xff\x80\0"), Ok(vec![Frame::Closing]));
        assert_eq!(decode(b"\xff\x80\x80\x80\0"), Ok(vec![Frame::Closing]));
    }

    #[test]
    fn frames_of_unknown_types_are_skipped() {
        for bytes in [
            &b"\x01abc\xff"[..],
            b"\x7f\xff",
            b"\x80\0",
            b"\xfe\0",
            b"\x80\x03\xff\0\xff",
            b"\xff\x01x",
            b"\xff\x80\x80\x01x",
        ] {
            let mut with_text = bytes.to_vec();
            with_text.extend(b"\0next\xff");
            assert_eq!(
                decode(&with_text),
                Ok(vec![Frame::Unknown, text("next")]),
                "{bytes:x?}"
            );
        }
    }

    #[test]
    fn a_length_of_any_number_of_bytes() {
        let mut bytes = vec![0x80; 200];
        bytes.push(2);
        bytes.extend(b"xx\0next\xff");
        assert_eq!(decode(&bytes), Ok(vec![Frame::Unknown, text("next")]));
        // 300 in base 128 is 2, 44.
        let mut bytes = vec![0x80, 0x82, 44];
        bytes.extend([b'x'; 300]);
        assert_eq!(decode(&bytes), Ok(vec![Frame::Unknown]));
    }

    #[test]
    fn parts_are_no_longer_than_they_may_be_with_what_is_replaced() {
        for (data, step) in [
            (&b"abc\xe4"[..], 1),
            (b"abc\xe4", 9),
            (b"abcd\xe4\xb8", 3),
            (b"\xf0\x9f\x8e", 2),
            (b"\x80\x80\x80\xe4", 9),
            (b"abcdefg\xf0\x9f\x8e", 9),
        ] {
            let mut decoder = Decoder::new(&ConnectionOptions {
                delivery: Delivery::Pieces(4),
                ..OPTIONS()
            });
            let mut whole = String::new();
            for mut chunk in [b"\0", data, b"\xff"].concat().chunks(step) {
                while let Ok(Some(Frame::TextPart(part) | Frame::Text(part))) =
                    decoder.next(&mut chunk)
                {
                    assert!(part.len() <= 4, "{part:?} of {data:x?}");
                    whole.push_str(&part);
                }
            }
            assert_eq!(whole, String::from_utf8_lossy(data));
        }
    }

    #[test]
    fn what_is_over_a_limit_fails_at_once() {
        assert_eq!(decode(b"\x80\x82\x2d"), Err(TooLarge), "301 bytes");
        assert_eq!(decode(&[0xff; 30]), Err(TooLarge), "2^203 and more");
        assert_eq!(decode(&[0x80; 302]), Err(TooLarge), "a length without end");
        assert_eq!(decode(&[0x80; 301]), Ok(vec![]), "it may end yet");
        let mut text = vec![0x00];
        text.extend([b'x'; 101]);
        assert_eq!(decode(&text), Err(TooLarge), "no need to see the end");
        text[0] = 0x01;
        text.extend([b'x'; 200]);
        assert_eq!(decode(&text), Err(TooLarge));
    }

    /// What stands for an unfinished character is longer than it.
    #[test]
    fn what_is_replaced_counts_as_it_is_told() {
        let ending = |len: usize| {
            let mut text = vec![b'x'; len];
            text[0] = TEXT;
            text.extend(b"\xc3\xff");
            decode(&text)
        };
        assert!(ending(98).is_ok_and(|frames| frames.len() == 1));
        assert_eq!(ending(99), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_frames(
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(), Just(0x00), Just(0xff), Just(0x80), Just(0x02)], 0..120),
            size in 1usize..40,
        ) {
            let whole = decode_in_chunks(&bytes, bytes.len().max(1));
            prop_assert_eq!(decode_in_chunks(&bytes, size), whole);
        }
    }
}
