//! Messages: fragments put together, inflated, checked (RFC 6455 sections 5.4, 6.2 and 8.1).

use super::Violation;
use super::close::Close;
use super::content::{Assembler, Content, MessageLimits};
use super::deflate::Inflater;
use super::frame::{Header, HeaderReader, MAX_CONTROL_PAYLOAD, Opcode, WholeFrame, apply_mask};
use crate::protocol::assembly::{Assembly, Overload};
use crate::protocol::burst::SHORT;
use crate::protocol::feedback_queue::FeedbackQueue;
use crate::protocol::opening::Role;
use crate::protocol::utf8::{Invalid, NotUtf8, TextAssembler};
use crate::protocol::{ConnectionOptions, Delivery, Feedback, Limits};
use std::time::Instant;

/// Payload is unmasked in pieces of this size.
const UNMASKED_AT_ONCE: usize = 4096;
/// What one input is inflated to at the most before others get their turn.
const INFLATED_AT_ONCE: usize = 256 * 1024;
/// As much is reserved for a message because its header says so. A peer that announces more has to send it.
const RESERVED: usize = 128 * 1024;

/// A control frame that asks for something.
#[derive(Debug, PartialEq)]
pub(super) enum Control {
    /// To be answered with this payload.
    Ping(Vec<u8>),
    /// Nothing follows.
    Close(Close),
}

/// Reads frames from a byte stream and puts messages together, byte by byte as they come: what is
/// wrong is seen with the first byte that can't be right.
pub(super) struct Receiver {
    role: Role,
    state: State,
    header: HeaderReader,
    /// The data message under way, between its first and its last frame.
    message: Option<Assembler>,
    pub(super) assembly: Assembly,
    inflater: Option<Box<Inflater>>,
    /// How much may still be inflated.
    budget: usize,
    limits: MessageLimits,
}

/// What the receiver awaits.
enum State {
    Header,
    Data(FramePayload),
    /// The message is complete, and some of it still to be inflated.
    Inflating,
    Control(FramePayload, Vec<u8>),
}

/// What is left of a frame's payload.
struct FramePayload {
    header: Header,
    left: u64,
}

impl Receiver {
    pub(super) fn new(
        role: Role,
        inflater: Option<Box<Inflater>>,
        delivery: Delivery,
        options: &ConnectionOptions,
    ) -> Self {
        Self {
            role,
            state: State::Header,
            header: HeaderReader::default(),
            message: None,
            assembly: Assembly::new(options),
            inflater,
            budget: 0,
            limits: MessageLimits::new(delivery, &options.limits),
        }
    }

    /// How messages are told from now on, the one under way too.
    pub(super) fn set_delivery(
        &mut self,
        delivery: Delivery,
        limits: &Limits,
        feedback: &mut FeedbackQueue,
    ) {
        self.limits = MessageLimits::new(delivery, limits);
        if let Some(message) = &mut self.message {
            message.content.cut(self.limits, feedback);
        }
    }

    /// There is an input, or the rest of one.
    pub(super) fn begin(&mut self) {
        self.budget = INFLATED_AT_ONCE;
    }

    /// No input follows: the rest of it is taken whatever it comes to.
    pub(super) fn take_all(&mut self) {
        self.limits.undispatched = usize::MAX;
    }

    /// More comes of what was taken, once there is [time](Self::begin) for it.
    pub(super) fn is_stopped(&self) -> bool {
        self.inflater
            .as_ref()
            .is_some_and(|inflater| inflater.is_stopped())
    }

    /// The bytes of the message that is being put together, if one is.
    pub(super) fn under_way(&self) -> Option<usize> {
        let message = self.message.as_ref()?;
        Some(message.content.len())
    }

    /// An input has been read.
    pub(super) fn end(
        &mut self,
        options: &ConnectionOptions,
        now: Instant,
    ) -> Result<(), Violation> {
        let under_way = self.under_way();
        let noted = self
            .assembly
            .note(under_way, self.limits.delivery, options, now);
        noted.map_err(|Overload| Violation::Overload)
    }

    /// Nothing of a frame or a message has come that has not been told.
    pub(super) fn is_between_messages(&self) -> bool {
        let is_at_header = matches!(self.state, State::Header) && self.header.is_empty();
        is_at_header && self.message.is_none() && !self.is_stopped()
    }

    /// What the next one is made of.
    pub(super) fn take_apart(&mut self) -> (Option<Box<Inflater>>, Delivery) {
        (self.inflater.take(), self.limits.delivery)
    }

    /// Gives back what only a busy connection needs.
    pub(super) fn rest(&mut self) {
        if let Some(inflater) = &mut self.inflater {
            inflater.rest();
        }
    }

    /// How much of the current frame is still to come, if it is a message's.
    pub(super) fn left(&self) -> usize {
        match &self.state {
            State::Data(payload) => usize::try_from(payload.left).unwrap_or(usize::MAX),
            State::Header | State::Inflating | State::Control(..) => 0,
        }
    }

    /// Takes bytes off the front of `input` up to the end of a control frame. `None`: it took all, or as much as
    /// there is time or room for. Messages that are complete become feedback, and parts of them where they are told so.
    pub(super) fn next(
        &mut self,
        input: &mut &[u8],
        feedback: &mut FeedbackQueue,
    ) -> Result<Option<Control>, Violation> {
        let next = self.read(input, feedback);
        if self.limits.delivery == Delivery::Bytes {
            if let Some(message) = &mut self.message {
                message.content.tell_part(feedback);
            }
        }
        next
    }

    fn read(
        &mut self,
        input: &mut &[u8],
        feedback: &mut FeedbackQueue,
    ) -> Result<Option<Control>, Violation> {
        loop {
            match &mut self.state {
                State::Header => {
                    if self.header.is_empty() && self.message.is_none() {
                        self.take_whole(input, feedback)?;
                    }
                    if feedback.cost() > self.limits.undispatched {
                        return Ok(None);
                    }
                    let Some(header) = self.header.read(input)? else {
                        return Ok(None);
                    };
                    self.begin_frame(header)?;
                }
                State::Data(payload) => {
                    let message = self.message.as_mut().ok_or(Violation::Protocol)?;
                    match &mut self.inflater {
                        Some(inflater) if message.is_compressed => {
                            let (budget, limits) = (&mut self.budget, self.limits);
                            payload.take(input, |bytes| {
                                let content = &mut message.content;
                                inflater.inflate(bytes, budget, |bytes| {
                                    content.push(bytes, limits, feedback)
                                })
                            })?;
                            if payload.left > 0 || inflater.is_stopped() {
                                return Ok(None);
                            }
                            self.state = match payload.header.is_final {
                                true => State::Inflating,
                                false => State::Header,
                            };
                        }
                        _ => {
                            payload.take(input, |bytes| {
                                message.content.push(bytes, self.limits, feedback)?;
                                Ok(bytes.len())
                            })?;
                            if payload.left > 0 {
                                return Ok(None);
                            }
                            let is_final = payload.header.is_final;
                            self.state = State::Header;
                            if is_final {
                                self.finish_message(feedback)?;
                            }
                        }
                    }
                }
                State::Inflating => {
                    if let (Some(inflater), Some(message)) = (&mut self.inflater, &mut self.message)
                    {
                        let is_done = inflater.finish(&mut self.budget, |bytes| {
                            message.content.push(bytes, self.limits, feedback)
                        })?;
                        if !is_done {
                            return Ok(None);
                        }
                    }
                    self.state = State::Header;
                    self.finish_message(feedback)?;
                }
                State::Control(payload, body) => {
                    payload.take(input, |bytes| {
                        body.extend_from_slice(bytes);
                        Ok(bytes.len())
                    })?;
                    if payload.left > 0 {
                        return Ok(None);
                    }
                    let (opcode, body) = (payload.header.opcode, std::mem::take(body));
                    self.state = State::Header;
                    match opcode {
                        Opcode::Close => return Ok(Some(Control::Close(Close::parse(&body)?))),
                        Opcode::Ping => return Ok(Some(Control::Ping(body))),
                        // A pong that nobody asked for is ignored, and so is any other.
                        _ => {}
                    }
                }
            }
        }
    }

    fn finish_message(&mut self, feedback: &mut FeedbackQueue) -> Result<(), Violation> {
        let message = self.message.take().ok_or(Violation::Protocol)?;
        feedback.push(match message.content {
            Content::Text(mut text) => Feedback::Text(text.finish()?),
            Content::Binary(bytes) => Feedback::Binary(bytes),
        });
        Ok(())
    }

    /// Takes messages of one frame, which almost all are, off the front of `input`, as long as all of the next is there.
    fn take_whole(&self, input: &mut &[u8], feedback: &mut FeedbackQueue) -> Result<(), Violation> {
        // Where it is told as it comes, what came before is told, too: byte by byte.
        let wrong = |why: NotUtf8| match self.limits.delivery {
            Delivery::Bytes => Ok(()),
            _ => Err(why.into()),
        };
        let mut unmasked = [0; SHORT];
        while feedback.cost() <= self.limits.undispatched {
            // 5.1. A client's frames are masked, a server's are not.
            let whole = WholeFrame::at_front(input, self.role == Role::Server);
            let longest = self.limits.longest;
            let Some(frame) = whole.filter(|frame| frame.payload.len() <= longest) else {
                break;
            };
            let len = frame.payload.len();
            match (frame.is_text, frame.mask) {
                (is_text, key) if len <= SHORT => {
                    let mut payload = frame.payload;
                    if let Some(key) = key {
                        let unmasked = &mut unmasked[..len];
                        unmasked.copy_from_slice(payload);
                        apply_mask(unmasked, key);
                        payload = unmasked;
                    }
                    match is_text {
                        true => match text(payload) {
                            Ok(text) => feedback.push_short_text(text),
                            Err(why) => return wrong(why),
                        },
                        false => feedback.push_short_binary(payload),
                    }
                }
                (true, None) => match text(frame.payload) {
                    Ok(text) => feedback.push(Feedback::Text(text.to_owned())),
                    Err(why) => return wrong(why),
                },
                // It is unmasked piece by piece, and checked at once.
                (true, Some(_)) => break,
                (false, key) => {
                    let mut bytes = frame.payload.to_vec();
                    if let Some(key) = key {
                        apply_mask(&mut bytes, key);
                    }
                    feedback.push(Feedback::Binary(bytes));
                }
            }
            *input = frame.rest;
        }
        Ok(())
    }

    fn begin_frame(&mut self, header: Header) -> Result<(), Violation> {
        // 5.1. A client's frames are masked, a server's are not.
        if header.mask.is_some() != (self.role == Role::Server) {
            return Err(Violation::Protocol);
        }
        let payload = FramePayload {
            header,
            left: header.len,
        };
        // RFC 7692 section 6: RSV1 stands on the first frame of a data message, where it was agreed.
        let may_be_compressed =
            self.inflater.is_some() && matches!(header.opcode, Opcode::Text | Opcode::Binary);
        if header.is_compressed && !may_be_compressed {
            return Err(Violation::Protocol);
        }
        if header.opcode.is_control() {
            let body = Vec::with_capacity(header.len.min(MAX_CONTROL_PAYLOAD as u64) as usize);
            self.state = State::Control(payload, body);
            return Ok(());
        }
        let content = match header.opcode {
            Opcode::Text => Some(Content::Text(TextAssembler::new(Invalid::IsAnError))),
            Opcode::Binary => Some(Content::Binary(Vec::new())),
            _ => None,
        };
        // 5.4. A continuation continues something, and nothing begins inside something else.
        match (content, &mut self.message) {
            (Some(content), message @ None) => {
                self.assembly.begin();
                *message = Some(Assembler {
                    is_compressed: header.is_compressed,
                    content,
                });
            }
            (None, Some(_)) => {}
            _ => return Err(Violation::Protocol),
        }
        if let Some(message) = &mut self.message {
            let len = (message.content.len() as u64).saturating_add(header.len);
            let is_whole = !message.is_compressed && self.limits.delivery == Delivery::Messages;
            if is_whole && len > self.limits.longest as u64 {
                return Err(Violation::TooBig);
            }
            if !message.is_compressed {
                let len = usize::try_from(header.len).unwrap_or(usize::MAX);
                message
                    .content
                    .reserve(len.min(self.limits.longest).min(RESERVED));
            }
        }
        self.state = State::Data(payload);
        Ok(())
    }
}

impl FramePayload {
    /// Takes what there is of the payload, unmasked, off the front of `input`, or as much of it as `take` says that
    /// it has taken.
    fn take(
        &mut self,
        input: &mut &[u8],
        mut take: impl FnMut(&[u8]) -> Result<usize, Violation>,
    ) -> Result<(), Violation> {
        let count = usize::try_from(self.left).map_or(input.len(), |left| left.min(input.len()));
        let bytes = &input[..count];
        let taken = match self.header.mask {
            Some(mut key) if !bytes.is_empty() => {
                // The key goes on where the last piece ended.
                key.rotate_left(((self.header.len - self.left) % 4) as usize);
                let mut unmasked = [0; UNMASKED_AT_ONCE];
                let mut taken = 0;
                for piece in bytes.chunks(UNMASKED_AT_ONCE) {
                    let unmasked = &mut unmasked[..piece.len()];
                    unmasked.copy_from_slice(piece);
                    apply_mask(unmasked, key);
                    let count = take(unmasked)?;
                    taken += count;
                    if count < piece.len() {
                        break;
                    }
                }
                taken
            }
            _ => take(bytes)?,
        };
        self.left -= taken as u64;
        *input = &input[taken..];
        Ok(())
    }
}

/// Section 8.1.
fn text(bytes: &[u8]) -> Result<&str, NotUtf8> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| NotUtf8)
}
