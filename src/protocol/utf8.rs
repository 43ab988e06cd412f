//! Text that arrives in pieces.

use std::mem;

const REPLACEMENT_CHARACTER: char = '\u{FFFD}';

/// What to do about bytes that are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// hixie-76 sections 4.3 and 5.4: each maximal part of a sequence becomes U+FFFD.
    IsReplaced,
    /// RFC 6455 section 8.1: the first such byte is an error.
    IsAnError,
}

/// There are bytes that are not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8;

/// Interprets a byte stream as UTF-8, wherever it is cut into pieces.
#[derive(Debug)]
pub(crate) struct TextAssembler {
    invalid: Invalid,
    text: String,
    /// The beginning of a character whose end has not come yet.
    partial: [u8; 4],
    partial_len: usize,
}

impl TextAssembler {
    pub(crate) fn new(invalid: Invalid) -> Self {
        Self {
            invalid,
            text: String::new(),
            partial: [0; 4],
            partial_len: 0,
        }
    }

    /// Makes room for so many bytes more.
    pub(crate) fn reserve(&mut self, len: usize) {
        self.text.reserve(len);
    }

    /// Takes the next piece. Each byte is checked once and copied once.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), NotUtf8> {
        while self.partial_len > 0 && !bytes.is_empty() {
            self.partial[self.partial_len] = bytes[0];
            bytes = &bytes[1..];
            self.partial_len += 1;
            self.resolve_partial()?;
        }
        // Almost always all is valid, but for a character that the piece has only the beginning of.
        let (whole, unfinished) = bytes.split_at(bytes.len() - unfinished_len(bytes));
        if let Ok(valid) = simdutf8::basic::from_utf8(whole) {
            self.text.push_str(valid);
            bytes = unfinished;
        }
        loop {
            match simdutf8::compat::from_utf8(bytes) {
                Ok(valid) => {
                    self.text.push_str(valid);
                    return Ok(());
                }
                Err(error) => {
                    let (valid, rest) = bytes.split_at(error.valid_up_to());
                    self.text
                        .push_str(std::str::from_utf8(valid).unwrap_or_default());
                    match error.error_len() {
                        Some(invalid) => {
                            self.replace()?;
                            bytes = &rest[invalid..];
                        }
                        None => {
                            self.partial[..rest.len()].copy_from_slice(rest);
                            self.partial_len = rest.len();
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    /// Moves out of `partial` all that is decided: a whole character, or what can't become one.
    fn resolve_partial(&mut self) -> Result<(), NotUtf8> {
        while self.partial_len > 0 {
            match std::str::from_utf8(&self.partial[..self.partial_len]) {
                Ok(character) => {
                    self.text.push_str(character);
                    self.partial_len = 0;
                }
                Err(error) => match error.error_len() {
                    Some(invalid) => {
                        self.replace()?;
                        self.partial.copy_within(invalid.., 0);
                        self.partial_len -= invalid;
                    }
                    None => return Ok(()),
                },
            }
        }
        Ok(())
    }

    fn replace(&mut self) -> Result<(), NotUtf8> {
        match self.invalid {
            Invalid::IsReplaced => self.text.push(REPLACEMENT_CHARACTER),
            Invalid::IsAnError => return Err(NotUtf8),
        }
        Ok(())
    }

    /// The number of bytes of text so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.partial_len
    }

    /// How long it is if it is complete, and what is invalid is replaced.
    pub(crate) fn finished_len(&self) -> usize {
        let replaced = if self.partial_len > 0 {
            REPLACEMENT_CHARACTER.len_utf8()
        } else {
            0
        };
        self.text.len() + replaced
    }

    /// Takes the beginning of the text: at most so many bytes of it, at least four, and whole characters.
    pub(crate) fn take_part(&mut self, len: usize) -> String {
        let rest = self.text.split_off(floor_char_boundary(&self.text, len));
        mem::replace(&mut self.text, rest)
    }

    /// Takes all whole characters.
    pub(crate) fn take_whole(&mut self) -> String {
        mem::take(&mut self.text)
    }

    /// The text is complete: an unfinished character is invalid. The assembler is empty again.
    pub(crate) fn finish(&mut self) -> Result<String, NotUtf8> {
        if mem::take(&mut self.partial_len) > 0 {
            self.replace()?;
        }
        Ok(mem::take(&mut self.text))
    }
}

/// The text in parts of at most so many bytes, at least four, each of whole characters.
pub(crate) fn parts_of(mut text: &str, len: usize) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (part, rest) = text.split_at(floor_char_boundary(text, len));
        text = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// The last place at or before `index` where a character ends.
pub(crate) fn floor_char_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// How many bytes at the end begin a character and do not end it.
fn unfinished_len(bytes: &[u8]) -> usize {
    let last_three = bytes.iter().rev().take(3);
    for (before, byte) in last_three.enumerate() {
        let len = match byte {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 0,
        };
        return if len > before + 1 { before + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assemble_with(
        invalid: Invalid,
        pieces: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<String, NotUtf8> {
        let mut assembler = TextAssembler::new(invalid);
        for piece in pieces {
            assembler.push(piece.as_ref())?;
        }
        assembler.finish()
    }

    fn assemble(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
        assemble_with(Invalid::IsReplaced, pieces).unwrap()
    }

    #[test]
    fn the_first_byte_that_can_begin_nothing_valid_is_an_error() {
        for (bytes, bad_at) in [
            (&b"ab\xc0"[..], 2),
            (b"\xf4\x90", 1),
            (b"\xce\xba\xed\xa0", 3),
            (b"\xe4\xb8x", 2),
            (b"\xf5", 0),
        ] {
            let mut assembler = TextAssembler::new(Invalid::IsAnError);
            for (at, byte) in bytes.iter().enumerate() {
                let result = assembler.push(&[*byte]);
                assert_eq!(result.is_err(), at == bad_at, "{bytes:x?} at {at}");
            }
        }
        let unfinished = assemble_with(Invalid::IsAnError, [b"\xe4\xb8"]);
        assert_eq!(unfinished, Err(NotUtf8));
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
            prop_assert_eq!(
                assemble_with(Invalid::IsAnError, bytes.chunks(size)).ok(),
                String::from_utf8(bytes).ok()
            );
        }
    }
}
