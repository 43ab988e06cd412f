//! permessage-deflate (RFC 7692 section 7.2).

use super::Violation;
use crate::protocol::opening::{DeflateParameters, MIN_DEFLATE_WINDOW_BITS, Role};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What a deflated message ends with, and what is left out of it.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// Messages below this size hardly get smaller by it.
const SMALLEST: usize = 16;

/// Compresses messages. Its memory is taken with the first one.
pub(super) struct Deflater {
    window_bits: u8,
    keeps_context: bool,
    compress: Option<Box<Compress>>,
    deflated: Vec<u8>,
}

impl Deflater {
    /// For what this end sends.
    pub(super) fn new(parameters: &DeflateParameters, role: Role) -> Self {
        let (window_bits, keeps_context) = parameters.of_sender(role);
        Self {
            window_bits,
            keeps_context,
            compress: None,
            deflated: Vec::new(),
        }
    }

    /// Section 7.2.1. `None`: the message would not get smaller, and goes out as it is.
    pub(super) fn deflate(&mut self, message: &[u8]) -> Option<&[u8]> {
        if message.len() < SMALLEST || self.window_bits < MIN_DEFLATE_WINDOW_BITS {
            return None;
        }
        let compress = self.compress.get_or_insert_with(|| {
            Box::new(Compress::new_with_window_bits(
                Compression::fast(),
                false,
                self.window_bits,
            ))
        });
        self.deflated.clear();
        let start = compress.total_in();
        loop {
            let consumed = (compress.total_in() - start) as usize;
            self.deflated.reserve((message.len() - consumed) / 2 + 64);
            let status = compress.compress_vec(
                &message[consumed..],
                &mut self.deflated,
                FlushCompress::Sync,
            );
            let is_done = (compress.total_in() - start) as usize == message.len()
                && self.deflated.len() < self.deflated.capacity();
            if status.is_err() || is_done {
                break;
            }
        }
        let has_tail = self.deflated.ends_with(&TAIL);
        self.deflated
            .truncate(self.deflated.len() - if has_tail { TAIL.len() } else { 0 });
        if !has_tail || self.deflated.len() >= message.len() {
            // The peer never sees what the window holds by now.
            compress.reset();
            return None;
        }
        if !self.keeps_context {
            self.compress = None;
        }
        Some(&self.deflated)
    }

    /// Gives back the memory of a large message.
    pub(super) fn trim(&mut self) {
        if self.deflated.capacity() > 4096 {
            self.deflated = Vec::new();
        }
    }
}

/// Decompresses messages. Its memory is taken with the first one.
pub(super) struct Inflater {
    keeps_context: bool,
    decompress: Option<Box<Decompress>>,
}

impl Inflater {
    /// For what this end receives.
    pub(super) fn new(parameters: &DeflateParameters, role: Role) -> Self {
        let (_, keeps_context) = parameters.of_sender(role.peer());
        Self {
            keeps_context,
            decompress: None,
        }
    }

    /// Section 7.2.2: inflates a piece of a message and hands on what comes of it, bit by bit, so that
    /// `take` can stop it.
    pub(super) fn inflate(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let decompress = self
            .decompress
            .get_or_insert_with(|| Box::new(Decompress::new(false)));
        let mut inflated = [0; 16 * 1024];
        loop {
            let (read, written) = (decompress.total_in(), decompress.total_out());
            let status = decompress
                .decompress(piece, &mut inflated, FlushDecompress::Sync)
                .map_err(|_| Violation::InvalidData)?;
            let read = (decompress.total_in() - read) as usize;
            let written = (decompress.total_out() - written) as usize;
            piece = &piece[read..];
            take(&inflated[..written])?;
            if status == Status::StreamEnd {
                // Section 7.2.3.4: a block with BFINAL set is followed by others.
                decompress.reset(false);
            }
            let is_full = written == inflated.len();
            if (piece.is_empty() && !is_full) || (read == 0 && written == 0) {
                return if piece.is_empty() {
                    Ok(())
                } else {
                    Err(Violation::InvalidData)
                };
            }
        }
    }

    /// The message is complete.
    pub(super) fn finish(
        &mut self,
        take: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        self.inflate(&TAIL, take)?;
        if !self.keeps_context {
            self.decompress = None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::opening::Extensions;
    use proptest::prelude::*;

    fn both(response: &str) -> DeflateParameters {
        let extensions = Extensions::from_response(std::iter::once(response), true);
        extensions.unwrap().deflate().unwrap()
    }

    fn inflate_all(inflater: &mut Inflater, message: &[u8]) -> Result<Vec<u8>, Violation> {
        let mut whole = Vec::new();
        let mut take = |bytes: &[u8]| {
            whole.extend_from_slice(bytes);
            Ok(())
        };
        for piece in message.chunks(3) {
            inflater.inflate(piece, &mut take)?;
        }
        inflater.finish(&mut take)?;
        Ok(whole)
    }

    #[test]
    fn the_examples_of_the_rfc() {
        let both = both("permessage-deflate");
        let mut inflater = Inflater::new(&both, Role::Server);
        for message in [
            // 7.2.3.1, 7.2.3.2 twice with the window kept, 7.2.3.3, 7.2.3.4, 7.2.3.5.
            &b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..],
            b"\xf2\x00\x11\x00\x00",
            b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
            b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
        ] {
            assert_eq!(inflate_all(&mut inflater, message), Ok(b"Hello".to_vec()));
        }
        assert_eq!(inflate_all(&mut inflater, b"\x00"), Ok(vec![]));
    }

    #[test]
    fn what_is_not_deflated_data() {
        let mut inflater = Inflater::new(&both("permessage-deflate"), Role::Client);
        assert_eq!(
            inflate_all(&mut inflater, b"\xff\xff\xff\xff"),
            Err(Violation::InvalidData)
        );
    }

    #[test]
    fn what_grows_goes_out_as_it_is_and_spoils_nothing() {
        let both = both("permessage-deflate");
        let (mut deflater, mut inflater) = (
            Deflater::new(&both, Role::Client),
            Inflater::new(&both, Role::Server),
        );
        let noise: Vec<u8> = (0..2000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let text = b"some text that is long enough, some text that is long enough".repeat(4);
        for message in [&text[..], &noise, &text, b"", &text] {
            match deflater.deflate(message) {
                Some(deflated) => {
                    assert_eq!(inflate_all(&mut inflater, deflated), Ok(message.to_vec()))
                }
                None => assert!(message == noise || message.is_empty()),
            }
        }
    }

    #[test]
    fn a_bomb_can_be_stopped() {
        let both = both("permessage-deflate");
        let bomb = Deflater::new(&both, Role::Server)
            .deflate(&[0; 50_000_000])
            .unwrap()
            .to_vec();
        let mut left = 100_000i64;
        let result = Inflater::new(&both, Role::Client).inflate(&bomb, |bytes| {
            left -= bytes.len() as i64;
            if left < 0 {
                Err(Violation::TooBig)
            } else {
                Ok(())
            }
        });
        assert_eq!(result, Err(Violation::TooBig));
        assert!(left > -20_000, "it stops there and then");
    }

    proptest! {
        #[test]
        fn messages_survive_any_agreement(
            messages in prop::collection::vec(prop::collection::vec(0u8..4, 0..3000), 1..5),
            bits in 9u8..16, takeover: bool,
        ) {
            let mut response = format!("permessage-deflate; server_max_window_bits={bits}");
            if !takeover {
                response.push_str("; server_no_context_takeover");
            }
            let both = both(&response);
            let (mut deflater, mut inflater) = (Deflater::new(&both, Role::Server), Inflater::new(&both, Role::Client));
            for message in messages {
                if let Some(deflated) = deflater.deflate(&message) {
                    prop_assert_eq!(inflate_all(&mut inflater, deflated), Ok(message));
                }
            }
        }
    }
}
