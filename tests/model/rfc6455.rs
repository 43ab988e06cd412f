//! What a client makes of a server's bytes by RFC 6455, byte by byte. The numbers are the RFC's sections.

use super::item::LONGEST;
use super::received::Received;
use support::inflate;

const PROTOCOL_ERROR: u16 = 1002;
const INVALID_DATA: u16 = 1007;
const TOO_BIG: u16 = 1009;

pub(crate) struct Decoder {
    /// RFC 7692: permessage-deflate was agreed on.
    deflate: bool,
    header: Vec<u8>,
    frame: Option<Frame>,
    message: Option<Message>,
}

struct Frame {
    is_final: bool,
    opcode: u8,
    left: usize,
    /// A control frame's.
    payload: Vec<u8>,
}

/// 5.4: what the frames of one message have brought.
struct Message {
    is_text: bool,
    is_compressed: bool,
    payload: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new(deflate: bool) -> Self {
        Self {
            deflate,
            header: Vec::new(),
            frame: None,
            message: None,
        }
    }

    pub(crate) fn push(&mut self, byte: u8) -> Option<Received> {
        let result = match &mut self.frame {
            None => self.push_header(byte),
            Some(_) => self.push_payload(byte),
        };
        result.unwrap_or_else(|code| Some(Received::Violation(code)))
    }

    fn push_header(&mut self, byte: u8) -> Result<Option<Received>, u16> {
        self.header.push(byte);
        let &[first, second, ref rest @ ..] = &self.header[..] else {
            return Ok(None);
        };
        let opcode = first & 0x0f;
        let is_final = first & 0x80 != 0;
        let is_control = opcode & 0x8 != 0;
        // 5.2: "If an unknown opcode is received, the receiving endpoint MUST Fail the WebSocket Connection"; RSV2 and RSV3
        // "MUST be 0 unless an extension is negotiated".
        if !matches!(opcode, 0..=2 | 8..=10) || first & 0x30 != 0 {
            return Err(PROTOCOL_ERROR);
        }
        // 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
        if is_control && (!is_final || second & 0x7f > 125) {
            return Err(PROTOCOL_ERROR);
        }
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let key = if second & 0x80 != 0 { 4 } else { 0 };
        if rest.len() < extended + key {
            return Ok(None);
        }
        let len = match extended {
            0 => u64::from(second & 0x7f),
            _ => rest[..extended]
                .iter()
                .fold(0, |len, byte| len << 8 | u64::from(*byte)),
        };
        // 5.2: "the minimal number of bytes MUST be used to encode the length", "the most significant bit MUST be 0".
        let is_minimal = match extended {
            2 => len > 125,
            8 => len > 0xffff && len >> 63 == 0,
            _ => true,
        };
        // 5.1: "A client MUST close a connection if it detects a masked frame."
        if key > 0 || !is_minimal {
            return Err(PROTOCOL_ERROR);
        }
        // RFC 7692 section 6: RSV1 is for the first frame of a message, where the extension was agreed on.
        let is_compressed = first & 0x40 != 0;
        if is_compressed && (!self.deflate || !matches!(opcode, 1 | 2)) {
            return Err(PROTOCOL_ERROR);
        }
        if !is_control {
            // 5.4: a message under way goes on, or there is none.
            match (opcode, &self.message) {
                (0, None) | (1 | 2, Some(_)) => return Err(PROTOCOL_ERROR),
                (0, Some(_)) => {}
                _ => {
                    self.message = Some(Message {
                        is_text: opcode == 1,
                        is_compressed,
                        payload: Vec::new(),
                    });
                }
            }
            // 10.4: a limit of the implementation.
            let before = self
                .message
                .as_ref()
                .map_or(0, |message| message.payload.len());
            if len > (LONGEST - before) as u64 {
                return Err(TOO_BIG);
            }
        }
        self.header.clear();
        self.frame = Some(Frame {
            is_final,
            opcode,
            left: len as usize,
            payload: Vec::new(),
        });
        match len {
            0 => self.end_frame(),
            _ => Ok(None),
        }
    }

    fn push_payload(&mut self, byte: u8) -> Result<Option<Received>, u16> {
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        frame.left -= 1;
        let is_whole = frame.left == 0;
        match &mut self.message {
            Some(message) if frame.opcode < 8 => {
                message.payload.push(byte);
                message.check_so_far()?;
            }
            _ => frame.payload.push(byte),
        }
        match is_whole {
            true => self.end_frame(),
            false => Ok(None),
        }
    }

    fn end_frame(&mut self) -> Result<Option<Received>, u16> {
        let Some(frame) = self.frame.take() else {
            return Ok(None);
        };
        match frame.opcode {
            0x8 => close(&frame.payload).map(Some),
            0x9 => Ok(Some(Received::Ping(frame.payload))),
            // 5.5.3: a pong that nobody asked for "is not expected" to be answered.
            0xa => Ok(None),
            _ if !frame.is_final => Ok(None),
            _ => self.message.take().map(Message::finish).transpose(),
        }
    }
}

impl Message {
    /// 8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid
    /// UTF-8 stream, that endpoint MUST Fail the WebSocket Connection", "during the opening handshake or during subsequent
    /// data exchange": which we do at the first byte that can't be right.
    fn check_so_far(&self) -> Result<(), u16> {
        if !self.is_text || self.is_compressed {
            return Ok(());
        }
        match std::str::from_utf8(&self.payload) {
            Err(error) if error.error_len().is_some() => Err(INVALID_DATA),
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Received, u16> {
        let payload = match self.is_compressed {
            // RFC 7692 section 7.2.2. What servers send here is compressed each in a context of its own.
            true => inflate(&self.payload, 2 * LONGEST),
            false => self.payload,
        };
        match self.is_text {
            true => String::from_utf8(payload)
                .map(Received::Text)
                .map_err(|_| INVALID_DATA),
            false => Ok(Received::Binary(payload)),
        }
    }
}

/// 5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer".
fn close(body: &[u8]) -> Result<Received, u16> {
    let (code, reason) = match body {
        [] => (None, body),
        [_] => return Err(PROTOCOL_ERROR),
        [high, low, reason @ ..] => (Some(u16::from_be_bytes([*high, *low])), reason),
    };
    if code.is_some_and(|code| !may_be_sent(code)) {
        return Err(PROTOCOL_ERROR);
    }
    // 5.5.1: "UTF-8-encoded data".
    let reason = String::from_utf8(reason.to_vec()).map_err(|_| INVALID_DATA)?;
    Ok(Received::Close { code, reason })
}

/// 7.4.1 and 7.4.2, and 1012 to 1014, which IANA has registered since.
fn may_be_sent(code: u16) -> bool {
    match code {
        1004 | 1005 | 1006 | 1015 => false,
        1000..=1014 => true,
        3000..=4999 => true,
        _ => false,
    }
}
