//! Frames of RFC 6455, told apart from the library's own code.

use super::wire::Wire;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
/// The key of every frame that a scripted client sends: that of the text's examples.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// One frame. Frames are equal if their first byte and their payload are: the key is anybody's guess.
#[derive(Clone, Debug)]
pub struct Frame {
    /// FIN, RSV1 to RSV3, and the opcode.
    pub first: u8,
    pub key: Option<[u8; 4]>,
    pub payload: Vec<u8>,
}

impl Frame {
    /// A frame of a server, with any first byte.
    pub fn new(first: u8, payload: impl AsRef<[u8]>) -> Self {
        Self {
            first,
            key: None,
            payload: payload.as_ref().to_vec(),
        }
    }

    pub fn text(text: impl AsRef<[u8]>) -> Self {
        Self::new(FIN | 0x1, text)
    }

    pub fn binary(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(FIN | 0x2, bytes)
    }

    pub fn continuation(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(FIN, bytes)
    }

    pub fn ping(payload: impl AsRef<[u8]>) -> Self {
        Self::new(FIN | 0x9, payload)
    }

    pub fn pong(payload: impl AsRef<[u8]>) -> Self {
        Self::new(FIN | 0xa, payload)
    }

    pub fn close(code: u16, reason: &str) -> Self {
        Self::new(FIN | 0x8, [&code.to_be_bytes(), reason.as_bytes()].concat())
    }

    pub fn close_without_code() -> Self {
        Self::new(FIN | 0x8, "")
    }

    /// The frame of a client.
    pub fn masked(mut self) -> Self {
        self.key = Some(KEY);
        self
    }

    /// Another frame of the message follows.
    pub fn unfinished(mut self) -> Self {
        self.first &= !FIN;
        self
    }

    /// With the bit that says that the message is deflated.
    pub fn compressed(mut self) -> Self {
        self.first |= RSV1;
        self
    }

    pub fn is_compressed(&self) -> bool {
        self.first & RSV1 != 0
    }

    pub fn is_close(&self) -> bool {
        self.first & 0x0f == 0x8
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mask_bit = if self.key.is_some() { 0x80 } else { 0 };
        let mut bytes = vec![self.first];
        match self.payload.len() {
            len @ 0..=125 => bytes.push(mask_bit | len as u8),
            len @ 126..=0xffff => {
                bytes.push(mask_bit | 126);
                bytes.extend((len as u16).to_be_bytes());
            }
            len => {
                bytes.push(mask_bit | 127);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
        bytes.extend(self.key.iter().flatten());
        bytes.extend(masked(&self.payload, self.key));
        bytes
    }
}

fn masked(payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mut masked = payload.to_vec();
    if let Some(key) = key {
        for chunk in masked.chunks_mut(4) {
            for (byte, key) in chunk.iter_mut().zip(key) {
                *byte ^= key;
            }
        }
    }
    masked
}

impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        (self.first, &self.payload) == (other.first, &other.payload)
    }
}

impl Wire {
    #[track_caller]
    pub fn send_frame(&mut self, frame: &Frame) {
        self.send(&frame.bytes());
    }

    /// The next frame, whoever sent it.
    #[track_caller]
    pub fn take_frame(&mut self) -> Frame {
        let header = self.take(2);
        let (first, second) = (header[0], header[1]);
        let len = match second & 0x7f {
            126 => self.take(2),
            127 => self.take(8),
            len => vec![len],
        };
        let len = len
            .iter()
            .fold(0, |len, byte| len << 8 | usize::from(*byte));
        let key = (second & 0x80 != 0).then(|| self.take(4).try_into().unwrap());
        let payload = masked(&self.take(len), key);
        Frame {
            first,
            key,
            payload,
        }
    }

    /// The next frame is this one, masked by a client.
    #[track_caller]
    pub fn expect_from_client(&mut self, expected: &Frame) {
        let frame = self.take_frame();
        assert_eq!(frame, *expected);
        assert!(frame.key.is_some(), "a client masks {frame:?}");
    }

    /// The next frame is this one, as a server sends it.
    #[track_caller]
    pub fn expect_from_server(&mut self, expected: &Frame) {
        let frame = self.take_frame();
        assert_eq!(frame, *expected);
        assert!(frame.key.is_none(), "a server does not mask {frame:?}");
    }

    /// All frames up to and with the Close frame.
    #[track_caller]
    pub fn take_through_close(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            frames.push(self.take_frame());
            if frames.last().is_some_and(Frame::is_close) {
                return frames;
            }
        }
    }

    /// A server's part in a closing handshake that the client starts with this.
    #[track_caller]
    pub fn answer_close(&mut self, expected: &Frame) {
        self.expect_from_client(expected);
        self.send_frame(expected);
        self.finish();
        self.expect_end();
    }
}
