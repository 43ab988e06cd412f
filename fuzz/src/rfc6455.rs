//! One connection of RFC 6455, of either role, with permessage-deflate and without, and a peer that sends anything.
//!
//! Any split of what comes gives the same; what is told, answered and failed is what a second reader makes of the
//! bytes; and nothing takes more memory than the limits allow.

use crate::frames::{self, Deflate, Deflater, Frame, Front, Inflater};
use crate::memory;
use crate::pieces::pieces;
use crate::settings::{AnyCompression, AnyDelivery, AnyOptions, agreed, extensions};
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::{Extensions, Role};
use dom_websocket::protocol::{
    Closure, ConnectionOptions, Delivery, Feedback, Protocol, Transport, Wire,
};
use std::fmt;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    is_server: bool,
    compression: Option<(AnyCompression, AnyCompression)>,
    options: AnyOptions,
    items: Vec<Item<'a>>,
    cuts: &'a [u8],
}

/// More than this is for patience.
const LONGEST: usize = 32 * 1024;

/// What the peer sends.
#[derive(Arbitrary, Debug)]
enum Item<'a> {
    Message {
        is_text: bool,
        is_deflated: bool,
        body: Body<'a>,
        /// The length of its fragments but for the last.
        fragment: Option<u8>,
        ping: bool,
        key: [u8; 4],
    },
    Control {
        opcode: u8,
        body: Body<'a>,
    },
    Frame {
        first: u8,
        is_masked: bool,
        form: u8,
        body: Body<'a>,
    },
    Raw(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Bytes(&'a [u8]),
    Text(&'a str),
    Repeated(u8, u16),
    /// Much, and short when deflated.
    Bomb(u8),
    Close(u16, &'a str),
}

impl Body<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Repeated(byte, count) => vec![*byte; usize::from(*count)],
            Self::Bomb(count) => vec![b'x'; usize::from(*count) * 4096],
            Self::Close(code, reason) => [&code.to_be_bytes(), reason.as_bytes()].concat(),
        }
    }
}

impl Input<'_> {
    fn role(&self) -> Role {
        match self.is_server {
            true => Role::Server,
            false => Role::Client,
        }
    }

    fn extensions(&self) -> Extensions {
        let (client, server) = self.compression.unzip();
        let (client, server) = extensions(client, server);
        if self.is_server { server } else { client }
    }

    /// The peer's.
    fn deflate(&self) -> Option<Deflate> {
        Deflate::of(&self.extensions(), !self.is_server)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut deflater = self.deflate().map(Deflater::new);
        let mut bytes = Vec::new();
        for item in &self.items {
            match item {
                Item::Message {
                    is_text,
                    is_deflated,
                    body,
                    fragment,
                    ping,
                    key,
                } => {
                    let mask = self.is_server.then_some(*key);
                    let mut first = if *is_text {
                        frames::TEXT
                    } else {
                        frames::BINARY
                    };
                    let mut payload = body.bytes();
                    if let (Some(deflater), true) = (&mut deflater, is_deflated) {
                        payload = deflater.deflate(&payload);
                        first |= 0x40;
                    }
                    let len = fragment.map_or(payload.len(), |len| usize::from(len) * 16 + 1);
                    let count = payload.len().div_ceil(len.max(1)).max(1);
                    for index in 0..count {
                        let end = ((index + 1) * len).min(payload.len());
                        let fragment = payload[index * len..end].to_vec();
                        let is_last = index + 1 == count;
                        let frame = Frame {
                            first: first | if is_last { 0x80 } else { 0 },
                            mask,
                            payload: fragment,
                        };
                        frame.encode(0, &mut bytes);
                        first = frames::CONTINUATION;
                        if *ping && !is_last && index < 8 {
                            let ping = Frame {
                                first: 0x80 | frames::PING,
                                mask,
                                payload: vec![index as u8; index],
                            };
                            ping.encode(0, &mut bytes);
                        }
                    }
                }
                Item::Control { opcode, body } => {
                    let mut payload = body.bytes();
                    payload.truncate(125);
                    let frame = Frame {
                        first: 0x80 | (frames::CLOSE + opcode % 3),
                        mask: self.is_server.then_some([1, 2, 3, 4]),
                        payload,
                    };
                    frame.encode(0, &mut bytes);
                }
                Item::Frame {
                    first,
                    is_masked,
                    form,
                    body,
                } => {
                    let frame = Frame {
                        first: *first,
                        mask: is_masked.then_some([9, 8, 7, 6]),
                        payload: body.bytes(),
                    };
                    frame.encode(*form, &mut bytes);
                }
                Item::Raw(raw) => bytes.extend_from_slice(raw),
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

/// What a connection told and sent.
#[derive(Default, PartialEq)]
struct Played {
    messages: Vec<Message>,
    /// Of a message that has not ended.
    partial: Vec<u8>,
    other: Vec<&'static str>,
    /// Without their keys, which depend on what else waited.
    sent: Vec<Frame>,
    closure: Option<Closure>,
}

#[derive(PartialEq)]
struct Message {
    is_text: bool,
    payload: Vec<u8>,
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

pub fn check(input: Input<'_>) {
    let bytes = input.bytes();
    let whole = play(&input, &bytes, &[]);
    let mut cut = play(&input, &bytes, input.cuts);
    if whole.other.contains(&"violated") {
        // How far a message was told that is wrong depends on how far it was inflated before that was seen.
        let (one, other) = (&whole.partial, &cut.partial);
        assert!(one.starts_with(other) || other.starts_with(one));
        cut.partial.clone_from(&whole.partial);
    }
    assert_eq!(whole, cut, "a split changes something");
    let expected = Expected::of(&input, &bytes);
    expected.compare(&input, &whole);
}

fn play(input: &Input<'_>, bytes: &[u8], cuts: &[u8]) -> Played {
    let options = Arc::new(input.options.options());
    let now = Instant::now();
    let before = memory::in_use();
    let agreed = agreed(Wire::Rfc6455, input.role(), input.extensions());
    let mut connection = agreed.connect(&options, [7; 32], now);
    let (mut played, mut sent) = (Played::default(), Vec::new());
    let mut player = Player {
        connection: &mut *connection,
        played: &mut played,
        sent: &mut sent,
        options: &options,
        now,
    };
    player.look();
    for piece in pieces(bytes, cuts) {
        player.connection.handle_input(piece, now);
        let taken = memory::in_use().saturating_sub(before);
        assert!(
            taken <= bound(&options, piece.len(), player.played),
            "{taken} bytes"
        );
        player.go_on(bytes.len());
    }
    player.connection.handle_end_of_input(now);
    player.look();
    assert_eq!(connection.transport(), Transport::Released);
    assert!(played.closure.is_some(), "there is an end");
    played.sent = frames::all(&sent);
    for frame in &mut played.sent {
        frame.mask = frame.mask.map(|_| [0; 4]);
    }
    played
}

/// What it may all take: a connection holds what its limits say, the last input, and a few machines.
fn bound(options: &ConnectionOptions, input: usize, played: &Played) -> usize {
    let limits = &options.limits;
    let told: usize = played.messages.iter().map(|m| m.payload.len() + 64).sum();
    let told = 2 * (told + played.partial.len()) + 16 * played.other.len();
    // What is inflated at once, in parts that the application wants that short.
    let parts = match options.delivery {
        Delivery::Pieces(len) => 96 * (256 * 1024 / len.max(4)),
        _ => 0,
    };
    (2 << 20)
        + parts
        + told
        + 4 * (limits.message + limits.undispatched + limits.send_queue)
        + 66 * input
}

struct Player<'a> {
    connection: &'a mut dyn Protocol,
    played: &'a mut Played,
    sent: &'a mut Vec<u8>,
    options: &'a ConnectionOptions,
    now: Instant,
}

impl Player<'_> {
    /// All that the connection holds of an input.
    fn go_on(&mut self, len: usize) {
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
    fn look(&mut self) {
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

/// What a second reader makes of the bytes.
#[derive(Debug, Default)]
struct Expected {
    messages: Vec<Message>,
    /// Of a message that is not compressed.
    partial: Vec<u8>,
    pings: Vec<Vec<u8>>,
    end: End,
}

#[derive(Debug, Default)]
enum End {
    /// They end between frames.
    #[default]
    Open,
    /// They end, or get too strange, where it can't be told what was seen of a fault.
    Unknown,
    Close(Option<u16>, String),
    /// With one of these codes.
    Failed(Vec<u16>),
}

/// A message under way.
struct Begun {
    /// So many pings came before it.
    pings: usize,
    is_text: bool,
    is_compressed: bool,
    payload: Vec<u8>,
}

impl Expected {
    fn of(input: &Input<'_>, mut bytes: &[u8]) -> Self {
        let mut expected = Self::default();
        let mut inflater = input.deflate().map(Inflater::new);
        let limit = match input.options.options().delivery {
            Delivery::Messages => input.options.options().limits.message,
            _ => usize::MAX,
        };
        let mut begun = None;
        loop {
            let (frame, len) = match frames::front(bytes) {
                Front::Whole(frame, len) => (frame, len),
                Front::Wrong => {
                    expected.end = End::Failed(vec![1002]);
                    break;
                }
                Front::Part if bytes.is_empty() => break,
                Front::Part | Front::Header(..) => {
                    expected.end = End::Unknown;
                    if let Front::Header(frame) = frames::front(bytes) {
                        begun = expected
                            .begin(input, begun, frame, inflater.is_some())
                            .ok()
                            .flatten();
                    }
                    break;
                }
            };
            bytes = &bytes[len..];
            let is_final = frame.is_final();
            if frame.is_control() {
                match expected.control(input, frame) {
                    Some(end) => {
                        expected.end = end;
                        break;
                    }
                    None => continue,
                }
            }
            begun = match expected.begin(input, begun, frame, inflater.is_some()) {
                Ok(begun) => begun,
                Err(end) => {
                    expected.end = end;
                    return expected;
                }
            };
            let Some(message) = &mut begun else { continue };
            if message.is_compressed {
                if is_final {
                    let inflated = inflater.as_mut().and_then(|i| i.inflate(&message.payload));
                    let Some(inflated) = inflated else {
                        expected.end = End::Unknown;
                        expected.pings.truncate(message.pings);
                        return expected;
                    };
                    message.payload = inflated;
                } else {
                    continue;
                }
            }
            let mut codes = Vec::new();
            if message.payload.len() > limit {
                codes.push(1009);
            }
            if message.is_text && (message.is_compressed || codes.is_empty()) {
                let error = std::str::from_utf8(&message.payload).err();
                if error.is_some_and(|e| is_final || e.error_len().is_some()) {
                    codes.push(1007);
                }
            }
            if !codes.is_empty() {
                expected.end = End::Failed(codes);
                if message.is_compressed {
                    // It may have been seen before all of it had come.
                    expected.pings.truncate(message.pings);
                }
                return expected;
            }
            if is_final && let Some(message) = begun.take() {
                expected.messages.push(Message {
                    is_text: message.is_text,
                    payload: message.payload,
                });
            }
        }
        match begun {
            // It may be wrong as far as it has come.
            Some(begun) if begun.is_compressed => {
                expected.end = End::Unknown;
                expected.pings.truncate(begun.pings);
            }
            Some(begun) => expected.partial = begun.payload,
            None => {}
        }
        expected
    }

    /// The message that this frame, all of which may not be there, begins or goes on with.
    fn begin(
        &self,
        input: &Input<'_>,
        begun: Option<Begun>,
        frame: Frame,
        inflates: bool,
    ) -> Result<Option<Begun>, End> {
        if frame.is_control() {
            return Ok(begun);
        }
        let is_begin = frame.opcode() != frames::CONTINUATION;
        if frame.mask.is_some() != input.is_server
            || frame.is_compressed() && !(inflates && is_begin)
            || is_begin == begun.is_some()
        {
            return Err(End::Failed(vec![1002]));
        }
        let mut message = begun.unwrap_or(Begun {
            is_text: frame.opcode() == frames::TEXT,
            is_compressed: frame.is_compressed(),
            payload: Vec::new(),
            pings: self.pings.len(),
        });
        message.payload.extend(frame.payload);
        Ok(Some(message))
    }

    fn control(&mut self, input: &Input<'_>, frame: Frame) -> Option<End> {
        if frame.mask.is_some() != input.is_server || frame.is_compressed() {
            return Some(End::Failed(vec![1002]));
        }
        match (frame.opcode(), &frame.payload[..]) {
            (frames::PING, payload) => {
                self.pings.push(payload.to_vec());
                None
            }
            (frames::PONG, _) => None,
            (_, []) => Some(End::Close(None, String::new())),
            (_, [_]) => Some(End::Failed(vec![1002])),
            (_, [high, low, reason @ ..]) => {
                let code = u16::from_be_bytes([*high, *low]);
                let reason = String::from_utf8(reason.to_vec());
                Some(match (code, reason) {
                    (0..=999 | 1004..=1006 | 1015..=2999 | 5000.., _) => End::Failed(vec![1002]),
                    (_, Err(_)) => End::Failed(vec![1007]),
                    (code, Ok(reason)) => End::Close(Some(code), reason),
                })
            }
        }
    }

    fn compare(&self, input: &Input<'_>, played: &Played) {
        let told = &played.messages;
        let count = self.messages.len();
        assert!(told.len() >= count, "{self:?} {played:?}");
        assert_eq!(told[..count], self.messages);
        let sent = &played.sent;
        for frame in sent {
            assert_eq!(frame.mask.is_some(), !input.is_server);
        }
        let pongs: Vec<_> = sent
            .iter()
            .filter(|frame| frame.opcode() == frames::PONG)
            .collect();
        assert!(pongs.len() >= self.pings.len());
        for (pong, ping) in pongs.iter().zip(&self.pings) {
            assert_eq!(pong.payload, *ping);
        }
        let closure = played.closure.as_ref().expect("an end");
        let close = sent.iter().find(|frame| frame.opcode() == frames::CLOSE);
        if let Some(close) = close {
            assert_eq!(Some(close), sent.last(), "nothing follows a Close");
        }
        if matches!(self.end, End::Unknown) {
            return;
        }
        assert_eq!(told.len(), count);
        if !matches!(self.end, End::Failed(_)) {
            assert_eq!(pongs.len(), self.pings.len());
        }
        let code = close.and_then(|close| Some(u16::from_be_bytes(*close.payload.first_chunk()?)));
        match &self.end {
            End::Open => {
                assert_eq!(close, None);
                assert_eq!((closure.cleanly, closure.code), (false, 1006));
                assert!(!played.other.contains(&"violated"));
                if let AnyDelivery::Bytes = input.options.delivery() {
                    let partial = &self.partial;
                    // A character that is not whole has not been told.
                    let untold = partial.len() - played.partial.len();
                    assert!(untold < 4 && partial.starts_with(&played.partial));
                }
            }
            End::Close(expected, reason) => {
                assert_eq!((closure.cleanly, closure.failed), (true, false));
                assert_eq!(closure.code, expected.unwrap_or(1005));
                assert_eq!(closure.reason, *reason);
                assert!(close.is_some());
                assert_eq!(code, *expected);
            }
            End::Failed(codes) => {
                assert!(played.other.contains(&"violated"));
                assert_eq!((closure.cleanly, closure.failed), (false, true));
                assert_eq!((closure.code, &*closure.reason), (1006, ""));
                assert!(
                    code.is_some_and(|code| codes.contains(&code)),
                    "{code:?} {codes:?}"
                );
            }
            End::Unknown => {}
        }
    }
}
