//! The sending half: frames, as they are queued (RFC 6455 section 5).

use super::deflate::Deflater;
use super::frame::{Header, Opcode, apply_mask};
use crate::protocol::Payload;
use crate::protocol::occasional::Occasional;
use crate::protocol::output::Output;
use crate::protocol::resources::Masks;

/// Makes frames of what is sent, and holds them until they have left.
pub(super) struct Sender {
    deflater: Option<Box<Deflater>>,
    /// A client's: where the keys come from that its frames are masked with.
    masks: Option<Masks>,
    /// What has yet to leave.
    pub(super) output: Occasional<Output>,
}

impl Sender {
    pub(super) fn new(deflater: Option<Box<Deflater>>, masks: Option<Masks>) -> Self {
        Self {
            deflater,
            masks,
            output: Occasional::default(),
        }
    }

    /// Queues a message, as one frame.
    pub(super) fn send_message(&mut self, data: Payload<'_>) {
        let bytes = data.bytes();
        let opcode = match data {
            Payload::Text(_) => Opcode::Text,
            Payload::Binary(_) => Opcode::Binary,
        };
        let mask = self.mask();
        let deflater = self.deflater.as_mut();
        let deflated = deflater.and_then(|deflater| deflater.deflate(bytes));
        let is_compressed = deflated.is_some();
        let payload = deflated.unwrap_or(bytes);
        push(
            &mut self.output,
            header(opcode, is_compressed, mask, payload),
            payload,
            bytes.len(),
        );
        if let Some(deflater) = &mut self.deflater {
            deflater.finish();
        }
    }

    /// Queues a control frame.
    pub(super) fn send_control(&mut self, opcode: Opcode, payload: &[u8]) {
        let header = header(opcode, false, self.mask(), payload);
        push(&mut self.output, header, payload, 0);
    }

    /// 5.3. A fresh key that nobody can predict for each frame of a client.
    fn mask(&self) -> Option<[u8; 4]> {
        self.masks.as_ref().map(Masks::key)
    }

    /// Gives back what only a busy connection needs.
    pub(super) fn rest(&mut self) {
        self.output.rest();
        if let Some(deflater) = &mut self.deflater {
            deflater.rest();
        }
    }
}

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
fn push(output: &mut Output, header: Header, payload: &[u8], amount: usize) {
    output.push_changed(header.encode().as_slice(), payload, amount, |payload| {
        if let Some(mask) = header.mask {
            apply_mask(payload, mask);
        }
    });
}
