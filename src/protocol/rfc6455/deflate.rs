//! permessage-deflate (RFC 7692 section 7).

use super::Violation;
use super::extension::Extension;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What a deflated message ends with, and what is left out of it.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// The largest window, which is the default.
const MAX_WINDOW_BITS: u8 = 15;
/// zlib can't deflate into a window of 2^8 bytes.
const MIN_DEFLATE_WINDOW_BITS: u8 = 9;
const NAME: &str = "permessage-deflate";
/// Messages below this size hardly get smaller by it.
const SMALLEST: usize = 16;

/// What a client offers: section 7.1.2.2's hint that the server may choose our window.
pub(super) const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// What both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Agreement {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
}

/// The parameters of an offer or a response.
#[derive(Debug, Default)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// In an offer it may stand without a value.
    client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    /// `None` if one is unknown, stands twice, or has a value that it can't have.
    fn parse(extension: &Extension<'_>) -> Option<Self> {
        let mut parameters = Self::default();
        for (name, value) in &extension.parameters {
            let value = value.as_deref();
            let is_new = match *name {
                "server_no_context_takeover" => {
                    value.is_none()
                        && !std::mem::replace(&mut parameters.server_no_context_takeover, true)
                }
                "client_no_context_takeover" => {
                    value.is_none()
                        && !std::mem::replace(&mut parameters.client_no_context_takeover, true)
                }
                "server_max_window_bits" => {
                    let bits = window_bits(value?)?;
                    parameters.server_max_window_bits.replace(bits).is_none()
                }
                "client_max_window_bits" => {
                    let bits = match value {
                        Some(value) => Some(window_bits(value)?),
                        None => None,
                    };
                    parameters.client_max_window_bits.replace(bits).is_none()
                }
                _ => false,
            };
            if !is_new {
                return None;
            }
        }
        Some(parameters)
    }
}

/// 8 to 15, without leading zeros.
fn window_bits(value: &str) -> Option<u8> {
    let bits: u8 = value.parse().ok()?;
    ((8..=MAX_WINDOW_BITS).contains(&bits) && bits.to_string() == value).then_some(bits)
}

impl Agreement {
    /// Client: judges a response to [`OFFER`]. `None`: fail the connection.
    pub(super) fn from_response(extension: &Extension<'_>) -> Option<Self> {
        if extension.name != NAME {
            return None;
        }
        let parameters = Parameters::parse(extension)?;
        let client_max_window_bits = match parameters.client_max_window_bits {
            None => MAX_WINDOW_BITS,
            // In a response it has a value.
            Some(bits) => bits?,
        };
        Some(Self {
            server_no_context_takeover: parameters.server_no_context_takeover,
            client_no_context_takeover: parameters.client_no_context_takeover,
            server_max_window_bits: parameters.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS),
            client_max_window_bits,
        })
    }

    /// Server: the first offer that can be met, and the response to it. Section 7.1: an offer with
    /// parameters that are not understood is declined.
    pub(super) fn from_offers(offers: &[Extension<'_>]) -> Option<(Self, String)> {
        offers
            .iter()
            .filter(|offer| offer.name == NAME)
            .find_map(|offer| Self::from_offer(&Parameters::parse(offer)?))
    }

    fn from_offer(offer: &Parameters) -> Option<(Self, String)> {
        let server_max_window_bits = offer.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS);
        if server_max_window_bits < MIN_DEFLATE_WINDOW_BITS {
            return None;
        }
        let mut response = NAME.to_owned();
        if offer.server_no_context_takeover {
            response.push_str("; server_no_context_takeover");
        }
        if offer.client_no_context_takeover {
            response.push_str("; client_no_context_takeover");
        }
        if let Some(bits) = offer.server_max_window_bits {
            response.push_str(&format!("; server_max_window_bits={bits}"));
        }
        // The client says that it would keep to a smaller window: it is as large as it likes.
        let client_max_window_bits = match offer.client_max_window_bits {
            Some(Some(bits)) => {
                response.push_str(&format!("; client_max_window_bits={bits}"));
                bits
            }
            Some(None) | None => MAX_WINDOW_BITS,
        };
        let agreement = Self {
            server_no_context_takeover: offer.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
        };
        Some((agreement, response))
    }

    pub(super) fn deflater(&self, is_server: bool) -> Deflater {
        let (window_bits, keeps_context) = if is_server {
            (
                self.server_max_window_bits,
                !self.server_no_context_takeover,
            )
        } else {
            (
                self.client_max_window_bits,
                !self.client_no_context_takeover,
            )
        };
        Deflater {
            window_bits,
            keeps_context,
            compress: None,
            deflated: Vec::new(),
        }
    }

    pub(super) fn inflater(&self, is_server: bool) -> Inflater {
        let keeps_context = if is_server {
            !self.client_no_context_takeover
        } else {
            !self.server_no_context_takeover
        };
        Inflater {
            keeps_context,
            decompress: None,
        }
    }
}

/// Compresses messages. Its memory is taken with the first one.
pub(super) struct Deflater {
    window_bits: u8,
    keeps_context: bool,
    compress: Option<Box<Compress>>,
    deflated: Vec<u8>,
}

impl Deflater {
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
    use super::super::extension;
    use super::*;
    use proptest::prelude::*;

    fn agreement(response: &str) -> Option<Agreement> {
        Agreement::from_response(&extension::parse_list(response)?[0])
    }

    fn answered(offers: &str) -> Option<String> {
        Agreement::from_offers(&extension::parse_list(offers)?).map(|(_, response)| response)
    }

    #[test]
    fn responses_to_our_offer() {
        for good in [
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=\"10\"; server_max_window_bits=15",
        ] {
            assert!(agreement(good).is_some(), "{good}");
        }
        for bad in [
            "permessage-bzip2",
            "permessage-deflate; unknown",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ] {
            assert!(agreement(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn answers_to_offers() {
        for (offers, answer) in [
            ("permessage-deflate", Some("permessage-deflate")),
            (OFFER, Some("permessage-deflate")),
            ("x-webkit-deflate-frame", None),
            (
                "permessage-deflate; foo, permessage-deflate",
                Some("permessage-deflate"),
            ),
            (
                "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10",
                Some("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"),
            ),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
            ),
            ("permessage-deflate; server_max_window_bits=8", None),
            ("permessage-deflate; client_max_window_bits=99", None),
        ] {
            assert_eq!(answered(offers).as_deref(), answer, "{offers}");
        }
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
        let both = agreement("permessage-deflate").unwrap();
        let mut inflater = both.inflater(true);
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
        let mut inflater = agreement("permessage-deflate").unwrap().inflater(false);
        assert_eq!(
            inflate_all(&mut inflater, b"\xff\xff\xff\xff"),
            Err(Violation::InvalidData)
        );
    }

    #[test]
    fn what_grows_goes_out_as_it_is_and_spoils_nothing() {
        let both = agreement("permessage-deflate").unwrap();
        let (mut deflater, mut inflater) = (both.deflater(false), both.inflater(true));
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
        let both = agreement("permessage-deflate").unwrap();
        let bomb = both
            .deflater(true)
            .deflate(&[0; 50_000_000])
            .unwrap()
            .to_vec();
        let mut left = 100_000i64;
        let result = both.inflater(false).inflate(&bomb, |bytes| {
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
            let both = agreement(&response).unwrap();
            let (mut deflater, mut inflater) = (both.deflater(true), both.inflater(false));
            for message in messages {
                if let Some(deflated) = deflater.deflate(&message) {
                    prop_assert_eq!(inflate_all(&mut inflater, deflated), Ok(message));
                }
            }
        }
    }
}
