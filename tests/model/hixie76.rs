//! What a client makes of a server's bytes by draft 76, byte by byte: the state machine of "data framing" (r4820; section 4.2
//! of the draft).

use super::item::LONGEST;
use super::received::Received;

#[derive(Default)]
pub(crate) struct Decoder {
    state: State,
}

#[derive(Default)]
enum State {
    #[default]
    FrameType,
    /// The high-order bit of the frame type is set: its length, of which more bytes follow.
    Length { frame_type: u8, length: usize },
    /// So many bytes are to be discarded.
    Discard { left: usize },
    /// The high-order bit is not set: its raw data, up to 0xFF.
    Data { frame_type: u8, raw: Vec<u8> },
}

impl Decoder {
    pub(crate) fn push(&mut self, byte: u8) -> Option<Received> {
        match &mut self.state {
            State::FrameType => {
                self.state = match byte & 0x80 {
                    0 => State::Data {
                        frame_type: byte,
                        raw: Vec::new(),
                    },
                    _ => State::Length {
                        frame_type: byte,
                        length: 0,
                    },
                };
                None
            }
            State::Length { frame_type, length } => {
                *length = *length * 128 + usize::from(byte & 0x7f);
                if *length > LONGEST {
                    return Some(Received::TooLarge);
                }
                let (frame_type, length) = (*frame_type, *length);
                match (byte & 0x80, frame_type, length) {
                    (0, 0xff, 0) => {
                        self.state = State::FrameType;
                        Some(Received::Close {
                            code: None,
                            reason: String::new(),
                        })
                    }
                    (0, _, 0) => self.detect_error(),
                    (0, ..) => {
                        self.state = State::Discard { left: length };
                        None
                    }
                    _ => None,
                }
            }
            State::Discard { left } => {
                *left -= 1;
                match left {
                    0 => self.detect_error(),
                    _ => None,
                }
            }
            State::Data { frame_type, raw } if byte != 0xff => {
                raw.push(byte);
                let len = match frame_type {
                    0 => text_len(raw),
                    _ => raw.len(),
                };
                (len > LONGEST).then_some(Received::TooLarge)
            }
            State::Data { frame_type: 0, raw } => {
                // "Any bytes or sequences of bytes that are not valid UTF-8 sequences must be interpreted as a U+FFFD."
                let data = String::from_utf8_lossy(raw).into_owned();
                self.state = State::FrameType;
                match data.len() {
                    0..=LONGEST => Some(Received::Text(data)),
                    _ => Some(Received::TooLarge),
                }
            }
            State::Data { .. } => self.detect_error(),
        }
    }

    /// "If error is true, then a WebSocket error has been detected."
    fn detect_error(&mut self) -> Option<Received> {
        self.state = State::FrameType;
        Some(Received::Unknown)
    }
}

/// The bytes of the text that it is. Those of a character of which more may follow count as they are.
fn text_len(raw: &[u8]) -> usize {
    let unfinished = raw.utf8_chunks().last().map_or(0, |last| {
        let error = std::str::from_utf8(last.invalid()).err();
        match error.is_some_and(|error| error.error_len().is_none()) {
            true => last.invalid().len(),
            false => 0,
        }
    });
    String::from_utf8_lossy(&raw[..raw.len() - unfinished]).len() + unfinished
}
