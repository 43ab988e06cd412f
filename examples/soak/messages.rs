//! What is sent: any length, and no two alike.

use rand::RngExt;
use rand::rngs::StdRng;

/// The text that messages are cut out of.
pub(crate) struct Messages {
    text: String,
}

/// One message, which can be made again to be compared with what has come back.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    start: usize,
    pub(crate) len: usize,
    pub(crate) is_binary: bool,
}

const TEXT: usize = 1 << 20;
const LONGEST: usize = 200_000;

impl Messages {
    pub(crate) fn new(random: &mut StdRng) -> Self {
        let letters = (0..TEXT).map(|_| char::from(random.random_range(b' '..=b'~')));
        Self {
            text: letters.collect(),
        }
    }

    /// Most are short, one of twenty may be long.
    pub(crate) fn draw(&self, random: &mut StdRng, may_be_binary: bool) -> Message {
        let most = match random.random_range(0..20) {
            0 => LONGEST,
            1..=5 => 16 * 1024,
            _ => 200,
        };
        let len = random.random_range(0..=most);
        Message {
            start: random.random_range(0..=TEXT - len),
            len,
            is_binary: may_be_binary && random.random(),
        }
    }

    pub(crate) fn content(&self, message: Message) -> &str {
        &self.text[message.start..][..message.len]
    }
}
