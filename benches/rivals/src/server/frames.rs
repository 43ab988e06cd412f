//! What clients send, wire by wire.

use dom_websocket::protocol::Wire;
use memchr::memchr;

/// Where in a client's frames the bytes have come to.
pub trait Frames {
    /// Takes what came. Answers closing handshakes and pings, and messages too if they are to be sent back.
    /// Returns how many messages have ended in it.
    fn read(&mut self, input: &[u8], sends_back: bool, output: &mut Vec<u8>) -> usize;

    /// The client has started the closing handshake, and is answered.
    fn is_over(&self) -> bool;
}

pub fn frames(wire: Wire) -> Box<dyn Frames> {
    match wire {
        Wire::Hixie76 => Box::<Hixie76>::default(),
        _ => Box::<Rfc6455>::default(),
    }
}

/// A frame of a server with a short text.
pub fn text(wire: Wire, text: &str) -> Vec<u8> {
    match wire {
        Wire::Hixie76 => [b"\0", text.as_bytes(), b"\xff"].concat(),
        _ => [&[0x81, text.len() as u8], text.as_bytes()].concat(),
    }
}

#[derive(Default)]
struct Rfc6455 {
    /// What there is of a head so far: a read may have cut it.
    head: Vec<u8>,
    /// The bytes of payload that are to come.
    left: usize,
    /// Twice the masking key, from the next byte on.
    key: u64,
    is_sent_back: bool,
    is_over: bool,
}

impl Frames for Rfc6455 {
    fn read(&mut self, mut input: &[u8], sends_back: bool, output: &mut Vec<u8>) -> usize {
        let mut messages = 0;
        loop {
            let (payload, rest) = input.split_at(self.left.min(input.len()));
            if self.is_sent_back {
                let start = output.len();
                output.extend_from_slice(payload);
                unmask(&mut output[start..], self.key);
            }
            self.key = self.key.rotate_right(8 * (payload.len() % 8) as u32);
            self.left -= payload.len();
            if self.left > 0 {
                return messages;
            }
            input = rest;
            let Some((first, len)) = self.read_head(&mut input) else {
                return messages;
            };
            let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
            messages += usize::from(is_last && opcode < 8);
            self.is_over |= opcode == 8;
            self.is_sent_back = sends_back || opcode >= 8;
            if self.is_sent_back {
                output.push(if opcode == 9 { 0x8a } else { first });
                output.extend_from_slice(&self.head[1..len]);
            }
            self.head.clear();
        }
    }

    fn is_over(&self) -> bool {
        self.is_over && self.left == 0
    }
}

impl Rfc6455 {
    /// Takes a head off the front of `input`. Returns its first byte, and how much of it a server's has too, or
    /// nothing where it goes on.
    fn read_head(&mut self, input: &mut &[u8]) -> Option<(u8, usize)> {
        loop {
            let extended = match self.head.get(1).map(|len| len & 0x7f) {
                Some(126) => 2,
                Some(127) => 8,
                _ => 0,
            };
            let (len, wanted) = (2 + extended, 2 + extended + 4);
            // The second byte may tell that more is wanted.
            let wanted = if self.head.len() < 2 { 2 } else { wanted };
            let (taken, rest) = input.split_at(input.len().min(wanted - self.head.len()));
            self.head.extend_from_slice(taken);
            *input = rest;
            if self.head.len() < wanted {
                return None;
            }
            if wanted == 2 {
                continue;
            }
            self.head[1] &= 0x7f;
            self.left = match extended {
                0 => self.head[1].into(),
                _ => self.head[2..len]
                    .iter()
                    .fold(0, |all, byte| all << 8 | usize::from(*byte)),
            };
            let key = self.head[len..].iter().rev();
            let key = key.fold(0, |all, byte| all << 8 | u64::from(*byte));
            self.key = key << 32 | key;
            return Some((self.head[0], len));
        }
    }
}

fn unmask(bytes: &mut [u8], key: u64) {
    let key = key.to_le_bytes();
    for chunk in bytes.chunks_mut(8) {
        for (byte, key) in chunk.iter_mut().zip(key) {
            *byte ^= key;
        }
    }
}

#[derive(Default)]
struct Hixie76 {
    is_in_frame: bool,
    is_over: bool,
}

impl Frames for Hixie76 {
    fn read(&mut self, mut input: &[u8], sends_back: bool, output: &mut Vec<u8>) -> usize {
        let mut messages = 0;
        if sends_back {
            output.extend_from_slice(input);
        }
        while let Some(first) = input.first() {
            if !self.is_in_frame && *first == 0xff {
                self.is_over = true;
                if !sends_back {
                    output.extend_from_slice(b"\xff\0");
                }
                break;
            }
            self.is_in_frame = true;
            let Some(end) = memchr(0xff, input) else {
                break;
            };
            self.is_in_frame = false;
            messages += 1;
            input = &input[end + 1..];
        }
        messages
    }

    fn is_over(&self) -> bool {
        self.is_over
    }
}
