//! The sending half: frames, as they are queued (RFC 6455 section 5).

use super::deflate::Deflater;
use super::frame::{Header, Opcode, apply_mask};
use super::masks::Masks;
use crate::protocol::Payload;
use crate::protocol::output::Output;

/// Makes frames of what is sent.
pub(super) struct Sender {
    deflater: Option<Box<Deflater>>,
    /// A client's, whose frames are masked.
    masks: Option<Masks>,
}

impl Sender {
    pub(super) fn new(deflater: Option<Box<Deflater>>, masks: Option<Masks>) -> Self {
        Self { deflater, masks }
    }

    /// Queues a message, as one frame.
    #[inline]
    pub(super) fn send_message(&mut self, data: Payload<'_>, output: &mut Output) {
        let bytes = data.bytes();
        let opcode = match data {
            Payload::Text(_) => Opcode::Text,
            Payload::Binary(_) => Opcode::Binary,
        };
        let mask = self.mask(output);
        let deflater = self.deflater.as_mut();
        let deflated = deflater.and_then(|deflater| deflater.deflate(bytes));
        let is_compressed = deflated.is_some();
        let payload = deflated.unwrap_or(bytes);
        push(
            output,
            header(opcode, is_compressed, mask, payload),
            payload,
            bytes.len(),
        );
        if let Some(deflater) = &mut self.deflater {
            deflater.finish();
        }
    }

    /// Queues a control frame.
    pub(super) fn send_control(&mut self, opcode: Opcode, payload: &[u8], output: &mut Output) {
        let mask = self.mask(output);
        let header = header(opcode, false, mask, payload);
        push(output, header, payload, 0);
    }

    /// 5.3. A fresh key that nobody can predict for each frame of a client.
    #[inline]
    fn mask(&mut self, output: &Output) -> Option<[u8; 4]> {
        let is_one_of_many = !output.is_empty();
        let masks = self.masks.as_mut()?;
        Some(masks.key(is_one_of_many))
    }

    /// Gives back what only a busy connection needs.
    pub(super) fn rest(&mut self) {
        if let Some(masks) = &mut self.masks {
            masks.rest();
        }
        if let Some(deflater) = &mut self.deflater {
            deflater.rest();
        }
    }
}

#[inline]
fn header(opcode: Opcode, is_compressed: bool, mask: Option<[u8; 4]>, payload: &[u8]) -> Header {
    Header {
        is_final: true,
        is_compressed,
        opcode,
        mask,
        len: payload.len() as u64,
    }
}

/// Queues a frame; its payload is copied once, and masked where it lies.
#[inline]
fn push(output: &mut Output, header: Header, payload: &[u8], amount: usize) {
    output.push_changed(&header.encode(), payload, amount, |payload| {
        if let Some(mask) = header.mask {
            apply_mask(payload, mask);
        }
    });
}
