//! The messages that are sent.

/// A message; a library gets it in the form that is the cheapest for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// 64 bytes of ASCII text.
    Small,
    /// 64 KiB of binary data.
    Binary,
    /// 1 MiB of text, most of it not ASCII.
    Text,
}

impl Message {
    pub const ALL: [Self; 3] = [Self::Small, Self::Binary, Self::Text];

    pub fn len(self) -> usize {
        match self {
            Self::Small => 64,
            Self::Binary => 64 << 10,
            Self::Text => 1 << 20,
        }
    }
}

pub struct Payloads {
    pub small: String,
    pub binary: Vec<u8>,
    pub text: String,
}

impl Payloads {
    pub fn new() -> Self {
        // Characters of one to four bytes.
        let words = "Grüße, Привет мир, こんにちは世界, 你好世界, 😀🚀 ok. ";
        let mut text = words.repeat(Message::Text.len() / words.len());
        text.extend(std::iter::repeat_n('x', Message::Text.len() - text.len()));
        Self {
            small: "abcdefghijklmnop".repeat(4),
            binary: (0..64u32 << 10)
                .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect(),
            text,
        }
    }

    pub fn bytes(&self, message: Message) -> &[u8] {
        match message {
            Message::Small => self.small.as_bytes(),
            Message::Binary => &self.binary,
            Message::Text => self.text.as_bytes(),
        }
    }
}
