//! Text that arrives in pieces.

use std::mem;

const REPLACEMENT_CHARACTER: char = '\u{FFFD}';

/// Interprets a byte stream as UTF-8 (hixie-76 sections 4.3 and 5.4): what is not valid becomes
/// U+FFFD, one for each maximal part of a sequence, wherever the stream is cut into pieces.
#[derive(Debug, Default)]
pub(crate) struct TextAssembler {
    text: String,
    /// The beginning of a character whose end has not come yet.
    partial: [u8; 4],
    partial_len: usize,
}

impl TextAssembler {
    /// Takes the next piece. Each byte is checked once and copied once.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while self.partial_len > 0 && !bytes.is_empty() {
            self.partial[self.partial_len] = bytes[0];
            bytes = &bytes[1..];
            self.partial_len += 1;
            self.resolve_partial();
        }
        loop {
            match simdutf8::compat::from_utf8(bytes) {
                Ok(valid) => {
                    self.text.push_str(valid);
                    return;
                }
                Err(error) => {
                    let (valid, rest) = bytes.split_at(error.valid_up_to());
                    self.text
                        .push_str(std::str::from_utf8(valid).unwrap_or_default());
                    match error.error_len() {
                        Some(invalid) => {
                            self.text.push(REPLACEMENT_CHARACTER);
                            bytes = &rest[invalid..];
                        }
                        None => {
                            self.partial[..rest.len()].copy_from_slice(rest);
                            self.partial_len = rest.len();
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Moves out of `partial` all that is decided: a whole character, or what can't become one.
    fn resolve_partial(&mut self) {
        while self.partial_len > 0 {
            match std::str::from_utf8(&self.partial[..self.partial_len]) {
                Ok(character) => {
                    self.text.push_str(character);
                    self.partial_len = 0;
                }
                Err(error) => match error.error_len() {
                    Some(invalid) => {
                        self.text.push(REPLACEMENT_CHARACTER);
                        self.partial.copy_within(invalid.., 0);
                        self.partial_len -= invalid;
                    }
                    None => return,
                },
            }
        }
    }

    /// The number of bytes of text so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.partial_len
    }

    /// The text is complete: an unfinished character becomes U+FFFD. The assembler is empty again.
    pub(crate) fn finish(&mut self) -> String {
        if mem::take(&mut self.partial_len) > 0 {
            self.text.push(REPLACEMENT_CHARACTER);
        }
        mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assemble(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
        let mut assembler = TextAssembler::default();
        for piece in pieces {
            assembler.push(piece.as_ref());
        }
        assembler.finish()
    }

    #[test]
    fn each_invalid_part_becomes_one_replacement_character() {
        for (bytes, text) in [
            (&b"plain"[..], "plain"),
            (b"", ""),
            (b"a\x80b", "a\u{FFFD}b"),
            (b"\xc0\xaf", "\u{FFFD}\u{FFFD}"),
            (b"\xe4\xb8", "\u{FFFD}"),
            (b"\xe4\xb8x", "\u{FFFD}x"),
            (b"\xf0\x9f\x8e\xe4\xb8\x96", "\u{FFFD}世"),
            (b"\xed\xa0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xef\xbb\xbfx", "\u{FEFF}x"),
        ] {
            assert_eq!(assemble([bytes]), text, "{bytes:x?}");
            assert_eq!(assemble(bytes.chunks(1)), text, "{bytes:x?} byte by byte");
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_what_the_whole_gives(
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(), Just(0xe4), Just(0xb8), Just(0x96), Just(0xf0), Just(0x9f)], 0..40),
            size in 1usize..5,
        ) {
            let whole = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert_eq!(assemble([&bytes]), whole.clone());
            prop_assert_eq!(assemble(bytes.chunks(size)), whole);
        }
    }
}
