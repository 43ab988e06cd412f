//! Frames of RFC 6455, written and read a second time, slowly and plainly.

use dom_websocket::protocol::opening::Extensions;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// FIN, RSV1 to 3, the opcode.
    pub(crate) first: u8,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn opcode(&self) -> u8 {
        self.first & 0x0f
    }

    pub(crate) fn is_final(&self) -> bool {
        self.first & 0x80 != 0
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.first & 0x40 != 0
    }

    pub(crate) fn is_control(&self) -> bool {
        self.opcode() >= 8
    }

    /// Its bytes. `form`: how the length is written, the shortest way or a longer one.
    pub(crate) fn encode(&self, form: u8, into: &mut Vec<u8>) {
        let len = self.payload.len();
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        into.push(self.first);
        match (form % 8, len) {
            (7, _) | (_, 0x1_0000..) => {
                into.push(mask_bit | 127);
                into.extend((len as u64).to_be_bytes());
            }
            (6, _) | (_, 126..) => {
                into.push(mask_bit | 126);
                into.extend((len as u16).to_be_bytes());
            }
            _ => into.push(mask_bit | len as u8),
        }
        into.extend(self.mask.into_iter().flatten());
        let key = self.mask.unwrap_or_default();
        into.extend(
            self.payload
                .iter()
                .zip(key.iter().cycle())
                .map(|(b, k)| b ^ k),
        );
    }
}

/// What stands at the front of some bytes.
pub(crate) enum Front {
    /// A frame, and so many bytes.
    Whole(Frame, usize),
    /// A header that nobody may send.
    Wrong,
    /// All of its header is there: what there is of its payload.
    Header(Frame),
    /// Less than that.
    Part,
}

/// Section 5.2.
pub(crate) fn front(bytes: &[u8]) -> Front {
    let &[first, second, ..] = bytes else {
        return Front::Part;
    };
    let opcode = first & 0x0f;
    let is_control = opcode >= 8;
    if !matches!(opcode, CONTINUATION..=BINARY | CLOSE..=PONG)
        || first & 0x30 != 0
        || is_control && (first & 0x80 == 0 || second & 0x7f > 125)
    {
        return Front::Wrong;
    }
    let (len_bytes, least) = match second & 0x7f {
        126 => (2, 126),
        127 => (8, 0x1_0000),
        _ => (0, 0),
    };
    let mask_len = if second & 0x80 != 0 { 4 } else { 0 };
    let header = 2 + len_bytes + mask_len;
    if bytes.len() < header {
        return Front::Part;
    }
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0u64, |all, &byte| all << 8 | u64::from(byte))
    };
    let len = match len_bytes {
        0 => u64::from(second & 0x7f),
        _ => number(&bytes[2..2 + len_bytes]),
    };
    if len < least || len >> 63 != 0 {
        return Front::Wrong;
    }
    let mask: Option<[u8; 4]> = bytes[2 + len_bytes..header].try_into().ok();
    let key = mask.unwrap_or_default();
    let there = usize::try_from(len)
        .unwrap_or(usize::MAX)
        .min(bytes.len() - header);
    let payload = bytes[header..header + there].iter().zip(key.iter().cycle());
    let frame = Frame {
        first,
        mask,
        payload: payload.map(|(b, k)| b ^ k).collect(),
    };
    match there as u64 == len {
        true => Front::Whole(frame, header + there),
        false => Front::Header(frame),
    }
}

/// Frames that are all there.
pub(crate) fn all(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let Front::Whole(frame, len) = front(bytes) else {
            panic!("no whole frame: {bytes:x?}");
        };
        frames.push(frame);
        bytes = &bytes[len..];
    }
    frames
}

/// RFC 7692 section 7.1: what the sender keeps to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deflate {
    pub(crate) window_bits: u8,
    pub(crate) keeps_context: bool,
}

impl Deflate {
    /// As both ends have agreed.
    pub(crate) fn of(extensions: &Extensions, sender_is_server: bool) -> Option<Self> {
        let text = extensions.as_str();
        let sender = if sender_is_server { "server" } else { "client" };
        let bits = text.split_once(&format!("{sender}_max_window_bits="));
        let bits = bits.map(|(_, behind)| behind.split(';').next().unwrap_or_default());
        text.starts_with("permessage-deflate").then(|| Self {
            window_bits: bits.map_or(15, |bits| bits.trim().parse().expect("a number")),
            keeps_context: !text.contains(&format!("{sender}_no_context_takeover")),
        })
    }
}

const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// Nothing longer is looked at.
pub(crate) const LONGEST: usize = 1 << 22;

/// Section 7.2.1, for one sender.
pub(crate) struct Deflater {
    deflate: Deflate,
    machine: Compress,
}

impl Deflater {
    pub(crate) fn new(deflate: Deflate) -> Self {
        let level = Compression::new(6);
        let machine = Compress::new_with_window_bits(level, false, deflate.window_bits);
        Self { deflate, machine }
    }

    pub(crate) fn deflate(&mut self, message: &[u8]) -> Vec<u8> {
        if !self.deflate.keeps_context {
            self.machine.reset();
        }
        let mut deflated = Vec::with_capacity(message.len() + 64);
        let before = self.machine.total_in();
        loop {
            let taken = (self.machine.total_in() - before) as usize;
            deflated.reserve(64);
            let rest = &message[taken..];
            let done = self
                .machine
                .compress_vec(rest, &mut deflated, FlushCompress::Sync);
            done.expect("a message");
            if taken == message.len() && deflated.len() < deflated.capacity() {
                break;
            }
        }
        if deflated.ends_with(&TAIL) {
            deflated.truncate(deflated.len() - TAIL.len());
        }
        if deflated.is_empty() {
            // Section 7.2.3.6.
            deflated.push(0);
        }
        deflated
    }
}

/// Section 7.2.2, for one sender.
pub(crate) struct Inflater {
    deflate: Deflate,
    machine: Decompress,
}

impl Inflater {
    pub(crate) fn new(deflate: Deflate) -> Self {
        let machine = Decompress::new_with_window_bits(false, deflate.window_bits);
        Self { deflate, machine }
    }

    /// `None`: it can't be inflated, or not be judged.
    pub(crate) fn inflate(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        if !self.deflate.keeps_context {
            self.machine = Decompress::new_with_window_bits(false, self.deflate.window_bits);
        }
        let deflated = [payload, &TAIL].concat();
        let (mut message, before) = (Vec::new(), self.machine.total_in());
        loop {
            let taken = (self.machine.total_in() - before) as usize;
            message.reserve(4096);
            let (rest, len) = (&deflated[taken..], message.len());
            let status = self
                .machine
                .decompress_vec(rest, &mut message, FlushDecompress::Sync);
            if !matches!(status, Ok(Status::Ok | Status::BufError)) || message.len() > LONGEST {
                return None;
            }
            let is_stuck =
                message.len() == len && (self.machine.total_in() - before) as usize == taken;
            if is_stuck {
                return (taken == deflated.len()).then_some(message);
            }
        }
    }
}
