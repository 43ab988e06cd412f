//! What is sent: bytes that look random, and that anybody can tell who knows where they stand.

use sha1::{Digest, Sha1};

/// Which bytes may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// All.
    Bytes,
    /// Those of text in UTF-8, for wires that carry nothing else: characters of one byte, control
    /// characters among them, and of two.
    Text,
}

/// Who sends it: what one end sends is nothing that it could have received.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sender {
    Client,
    Server,
}

/// A payload of a given length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload {
    pub(crate) alphabet: Alphabet,
    pub(crate) len: u64,
    pub(crate) sender: Sender,
}

const BLOCK: u64 = 8;

impl Payload {
    /// Fills the buffer with what stands at `position`.
    pub(crate) fn fill(&self, position: u64, buffer: &mut [u8]) {
        let (mut index, mut skipped) = (position / BLOCK, (position % BLOCK) as usize);
        let mut rest = buffer;
        while !rest.is_empty() {
            let block = &self.block(index)[skipped..];
            let taken = block.len().min(rest.len());
            rest[..taken].copy_from_slice(&block[..taken]);
            rest = &mut rest[taken..];
            (index, skipped) = (index + 1, 0);
        }
    }

    /// Eight bytes, of which no two blocks have the same but by chance.
    fn block(&self, index: u64) -> [u8; BLOCK as usize] {
        let seed = match self.sender {
            Sender::Client => 0x636c_6965_6e74,
            Sender::Server => 0x7365_7276_6572,
        };
        // The finalizer of SplitMix64.
        let mut bits = (index ^ seed)
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mut block = (bits ^ (bits >> 31)).to_le_bytes();
        if self.alphabet == Alphabet::Text {
            let [.., lead, continuation] = block;
            block = block.map(|byte| byte & 0x7f);
            // The end may cut the last block, but no character.
            if (index + 1) * BLOCK <= self.len {
                block[6] = 0xc2 + lead % 30;
                block[7] = 0x80 | (continuation & 0x3f);
            }
        }
        block
    }
}

/// Holds what arrives against what was sent.
pub(crate) struct Checker {
    payload: Payload,
    position: u64,
    wrong: Option<u64>,
    digest: Sha1,
    expected: Vec<u8>,
}

impl Checker {
    pub(crate) fn new(payload: Payload) -> Self {
        Self {
            payload,
            position: 0,
            wrong: None,
            digest: Sha1::new(),
            expected: Vec::new(),
        }
    }

    /// The next bytes, of which no more may come than the payload has.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        if self.wrong.is_none() {
            self.expected.resize(bytes.len(), 0);
            self.payload.fill(self.position, &mut self.expected);
            if self.expected != bytes {
                let mut pairs = bytes.iter().zip(&self.expected);
                let offset = pairs.position(|(found, expected)| found != expected);
                self.wrong = offset.map(|offset| self.position + offset as u64);
            }
        }
        self.position += bytes.len() as u64;
    }

    /// How many bytes came.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// How many are still to come.
    pub(crate) fn missing(&self) -> u64 {
        self.payload.len - self.position
    }

    /// Where the first byte lies that is another one than was sent.
    pub(crate) fn wrong(&self) -> Option<u64> {
        self.wrong
    }

    /// SHA-1 of what came, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        hex(self.digest.clone())
    }
}

/// SHA-1 in hexadecimal.
pub(crate) fn hex(digest: Sha1) -> String {
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn whole(alphabet: Alphabet, len: u64, sender: Sender) -> (Payload, Vec<u8>) {
        let payload = Payload {
            alphabet,
            len,
            sender,
        };
        let mut bytes = vec![0; len as usize];
        payload.fill(0, &mut bytes);
        (payload, bytes)
    }

    #[test]
    fn any_part_is_the_same_as_in_the_whole() {
        for alphabet in [Alphabet::Bytes, Alphabet::Text] {
            let (payload, all) = whole(alphabet, 67, Sender::Client);
            for start in 0..67 {
                for end in start..=67 {
                    let mut part = vec![0; end - start];
                    payload.fill(start as u64, &mut part);
                    assert_eq!(part, all[start..end]);
                }
            }
        }
    }

    #[test]
    fn text_of_any_length_is_text_and_bytes_are_all_there_are() {
        for len in 0..64 {
            let (_, bytes) = whole(Alphabet::Text, len, Sender::Server);
            assert!(std::str::from_utf8(&bytes).is_ok(), "{len}");
        }
        let (_, text) = whole(Alphabet::Text, 1 << 16, Sender::Client);
        assert!(text.contains(&0) && text.iter().any(|byte| *byte >= 0x80));
        let (_, bytes) = whole(Alphabet::Bytes, 1 << 16, Sender::Client);
        assert!((0..=255).all(|byte| bytes.contains(&byte)));
        let (_, others) = whole(Alphabet::Bytes, 1 << 16, Sender::Server);
        let blocks: HashSet<_> = bytes.chunks(8).collect();
        assert!(others.windows(8).all(|other| !blocks.contains(other)));
    }

    #[test]
    fn what_is_altered_lost_doubled_or_shifted_is_found_where_it_happened() {
        for alphabet in [Alphabet::Bytes, Alphabet::Text] {
            let (payload, sent) = whole(alphabet, 1000, Sender::Client);
            let found = |bytes: &[u8]| {
                let mut checker = Checker::new(payload);
                for part in bytes.chunks(37) {
                    checker.take(part);
                }
                (checker.wrong(), checker.position())
            };
            assert_eq!(found(&sent), (None, 1000));
            let mut altered = sent.clone();
            altered[517] ^= 1;
            assert_eq!(found(&altered), (Some(517), 1000));
            for at in (0..800).step_by(8) {
                let lost = [&sent[..at], &sent[at + 8..]].concat();
                let (wrong, position) = found(&lost);
                assert!(wrong.is_some_and(|wrong| (at..at + 8).contains(&(wrong as usize))));
                assert_eq!(position, 992);
                let doubled = [&sent[..at + 8], &sent[at..992]].concat();
                let (wrong, _) = found(&doubled);
                assert!(wrong.is_some_and(|wrong| (at + 8..at + 16).contains(&(wrong as usize))));
            }
        }
    }
}
