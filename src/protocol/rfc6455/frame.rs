//! Frames (RFC 6455 section 5.2).

use super::Violation;
use crate::protocol::output::Head;

/// The largest payload of a control frame.
pub(super) const MAX_CONTROL_PAYLOAD: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xa,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    pub(super) fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

/// All of a frame but its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) is_final: bool,
    /// RSV1, which permessage-deflate gives a meaning.
    pub(super) is_compressed: bool,
    pub(super) opcode: Opcode,
    pub(super) mask: Option<[u8; 4]>,
    pub(super) len: u64,
}

impl Header {
    /// As bytes.
    #[inline]
    pub(super) fn encode(&self) -> Head {
        let mut bytes = [0; Head::LONGEST];
        bytes[0] = self.opcode as u8;
        bytes[0] |= if self.is_final { 0x80 } else { 0 };
        bytes[0] |= if self.is_compressed { 0x40 } else { 0 };
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        // The shortest form of the length is the only one.
        let mut len = match self.len {
            0..=125 => {
                bytes[1] = mask_bit | self.len as u8;
                2
            }
            126..=0xffff => {
                bytes[1] = mask_bit | 126;
                bytes[2..4].copy_from_slice(&(self.len as u16).to_be_bytes());
                4
            }
            _ => {
                bytes[1] = mask_bit | 127;
                bytes[2..10].copy_from_slice(&self.len.to_be_bytes());
                10
            }
        };
        if let Some(mask) = self.mask {
            bytes[len..len + 4].copy_from_slice(&mask);
            len += 4;
        }
        Head { bytes, len }
    }
}

/// Reads headers from a byte stream.
#[derive(Debug, Default)]
pub(super) struct HeaderReader {
    bytes: [u8; Head::LONGEST],
    len: usize,
}

impl HeaderReader {
    /// Nothing of a header has come.
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes a header's bytes off the front of `input`. `None`: it took all, and the header goes on.
    /// What is wrong with the first two bytes is seen with the second.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Header>, Violation> {
        if self.len == 0 {
            // Almost always all of it is there.
            let wanted = wanted(input)?;
            if let Some((header, rest)) = input.split_at_checked(wanted) {
                *input = rest;
                return parse(header).map(Some);
            }
        }
        loop {
            let wanted = wanted(&self.bytes[..self.len])?;
            if self.len == wanted {
                let header = parse(&self.bytes[..self.len])?;
                self.len = 0;
                return Ok(Some(header));
            }
            let count = (wanted - self.len).min(input.len());
            if count == 0 {
                return Ok(None);
            }
            let (taken, rest) = input.split_at(count);
            self.bytes[self.len..self.len + count].copy_from_slice(taken);
            self.len += count;
            *input = rest;
        }
    }
}

/// How long the header is that begins with these bytes, as far as is known.
fn wanted(bytes: &[u8]) -> Result<usize, Violation> {
    let &[first, second, ..] = bytes else {
        return Ok(2);
    };
    let opcode = Opcode::from_bits(first & 0x0f).ok_or(Violation::Protocol)?;
    // RSV2 and RSV3 have no meaning.
    if first & 0x30 != 0 {
        return Err(Violation::Protocol);
    }
    // 5.5. A control frame is not fragmented, and not longer than 125 bytes.
    if opcode.is_control() && (first & 0x80 == 0 || second & 0x7f > 125) {
        return Err(Violation::Protocol);
    }
    let len = match second & 0x7f {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    Ok(len + if second & 0x80 != 0 { 4 } else { 0 })
}

/// A whole header, whose first two bytes have been seen to be right.
fn parse(bytes: &[u8]) -> Result<Header, Violation> {
    let &[first, second, ..] = bytes else {
        return Err(Violation::Protocol);
    };
    let (len, mask_at) = match second & 0x7f {
        126 => {
            let len = u16::from_be_bytes([bytes[2], bytes[3]]);
            (u64::from(len), 4)
        }
        127 => {
            let mut len = [0; 8];
            len.copy_from_slice(&bytes[2..10]);
            (u64::from_be_bytes(len), 10)
        }
        len => (u64::from(len), 2),
    };
    let is_shortest = match mask_at {
        4 => len > 125,
        10 => len > 0xffff && len >> 63 == 0,
        _ => true,
    };
    if !is_shortest {
        return Err(Violation::Protocol);
    }
    let mask = (second & 0x80 != 0).then(|| {
        let mut mask = [0; 4];
        mask.copy_from_slice(&bytes[mask_at..mask_at + 4]);
        mask
    });
    Ok(Header {
        is_final: first & 0x80 != 0,
        is_compressed: first & 0x40 != 0,
        opcode: Opcode::from_bits(first & 0x0f).ok_or(Violation::Protocol)?,
        mask,
        len,
    })
}

/// A frame that is a message: not fragmented, not compressed, and all of it is there.
pub(super) struct WholeFrame<'a> {
    pub(super) is_text: bool,
    pub(super) mask: Option<[u8; 4]>,
    pub(super) payload: &'a [u8],
    /// What follows it.
    pub(super) rest: &'a [u8],
}

impl<'a> WholeFrame<'a> {
    /// The one that `input` begins with. `None`: something else does, or something is wrong with it, which
    /// [`HeaderReader`] finds out.
    #[inline]
    pub(super) fn at_front(input: &'a [u8], is_masked: bool) -> Option<Self> {
        let (&[first, second], rest) = input.split_first_chunk()?;
        let is_text = match first {
            0x81 => true,
            0x82 => false,
            _ => return None,
        };
        if (second & 0x80 != 0) != is_masked {
            return None;
        }
        let (len, rest) = match second & 0x7f {
            126 => {
                let (len, rest) = rest.split_first_chunk()?;
                (usize::from(u16::from_be_bytes(*len)), rest)
            }
            127 => {
                let (len, rest) = rest.split_first_chunk()?;
                (usize::try_from(u64::from_be_bytes(*len)).ok()?, rest)
            }
            len => (usize::from(len), rest),
        };
        // The shortest form of the length is the only one.
        match second & 0x7f {
            126 if len <= 125 => return None,
            127 if len <= 0xffff => return None,
            _ => {}
        }
        let (mask, rest) = match is_masked {
            true => {
                let (mask, rest) = rest.split_first_chunk()?;
                (Some(*mask), rest)
            }
            false => (None, rest),
        };
        let (payload, rest) = rest.split_at_checked(len)?;
        Some(Self {
            is_text,
            mask,
            payload,
            rest,
        })
    }
}

/// Section 5.3: masks, and unmasks, bytes that begin where the key does.
#[inline]
pub(super) fn apply_mask(bytes: &mut [u8], key: [u8; 4]) {
    let keys = [key; 8];
    let keys = keys.as_flattened();
    let mut chunks = bytes.chunks_exact_mut(keys.len());
    for chunk in &mut chunks {
        xor(chunk, keys);
    }
    let mut chunks = chunks.into_remainder().chunks_exact_mut(key.len());
    for chunk in &mut chunks {
        xor(chunk, &key);
    }
    xor(chunks.into_remainder(), &key);
}

/// With what is as long, or longer.
#[inline(always)]
fn xor(bytes: &mut [u8], keys: &[u8]) {
    for (byte, key) in bytes.iter_mut().zip(keys) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Option<(Header, usize)>, Violation> {
        let mut reader = HeaderReader::default();
        let mut input = bytes;
        let whole = reader
            .read(&mut input)
            .map(|header| header.map(|h| (h, input.len())));
        let mut reader = HeaderReader::default();
        let mut one_by_one = Ok(None);
        for (at, byte) in bytes.iter().enumerate() {
            one_by_one = reader
                .read(&mut &[*byte][..])
                .map(|header| header.map(|h| (h, bytes.len() - at - 1)));
            if one_by_one != Ok(None) {
                break;
            }
        }
        assert_eq!(one_by_one, whole, "{bytes:x?}");
        whole
    }

    fn encoded(header: Header) -> Vec<u8> {
        let head = header.encode();
        head.bytes[..head.len].to_vec()
    }

    #[test]
    fn the_headers_of_the_examples() {
        let header = |is_final, opcode, mask, len| Header {
            is_final,
            is_compressed: false,
            opcode,
            mask,
            len,
        };
        // RFC 6455 section 5.7.
        for (bytes, expected) in [
            (&b"\x81\x05"[..], header(true, Opcode::Text, None, 5)),
            (
                b"\x81\x85\x37\xfa\x21\x3d",
                header(true, Opcode::Text, Some([0x37, 0xfa, 0x21, 0x3d]), 5),
            ),
            (b"\x01\x03", header(false, Opcode::Text, None, 3)),
            (b"\x80\x02", header(true, Opcode::Continuation, None, 2)),
            (b"\x89\x05", header(true, Opcode::Ping, None, 5)),
            (b"\x82\x7e\x01\x00", header(true, Opcode::Binary, None, 256)),
            (
                b"\x82\x7f\0\0\0\0\0\x01\0\0",
                header(true, Opcode::Binary, None, 65536),
            ),
        ] {
            assert_eq!(read(bytes), Ok(Some((expected, 0))));
            assert_eq!(encoded(expected), bytes);
        }
    }

    #[test]
    fn headers_that_break_the_protocol() {
        for bytes in [
            &b"\x83\0"[..],
            b"\x8b\0",
            b"\xa1\0",
            b"\x91\0",
            b"\x09\0",
            b"\x89\x7e",
            b"\x88\xff",
            b"\x82\x7e\0\x7d",
            b"\x82\x7f\0\0\0\0\0\0\xff\xff",
            b"\x82\x7f\x80\0\0\0\0\0\0\0",
        ] {
            assert_eq!(read(bytes), Err(Violation::Protocol), "{bytes:x?}");
            let with_payload = [bytes, &[0; 70_000]].concat();
            for is_masked in [false, true] {
                assert!(WholeFrame::at_front(&with_payload, is_masked).is_none());
            }
        }
    }

    #[test]
    fn the_mask_of_the_example() {
        let mut bytes = *b"Hello";
        apply_mask(&mut bytes, [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(bytes, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    proptest! {
        #[test]
        fn masking_is_as_the_text_says(
            bytes in prop::collection::vec(any::<u8>(), 0..70), key: [u8; 4],
        ) {
            let mut masked = bytes.clone();
            apply_mask(&mut masked, key);
            for (i, byte) in bytes.iter().enumerate() {
                prop_assert_eq!(masked[i], byte ^ key[i % 4]);
            }
        }

        #[test]
        fn a_whole_frame_is_what_its_header_says(
            is_final: bool, is_compressed: bool, is_binary: bool, mask: Option<[u8; 4]>,
            len in prop_oneof![0usize..300, 65_500usize..65_600], cut in 0usize..20, is_masked: bool,
        ) {
            let opcode = if is_binary { Opcode::Binary } else { Opcode::Text };
            let header = Header { is_final, is_compressed, opcode, mask, len: len as u64 };
            let payload: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let mut bytes = encoded(header);
            bytes.extend(&payload);
            bytes.extend(b"rest");
            let input = &bytes[..bytes.len() - cut.min(bytes.len())];
            let is_one = is_final && !is_compressed && mask.is_some() == is_masked && cut <= 4;
            match WholeFrame::at_front(input, is_masked) {
                Some(frame) => {
                    prop_assert!(is_one);
                    prop_assert_eq!((frame.is_text, frame.mask), (!is_binary, mask));
                    prop_assert_eq!(frame.payload, &payload[..]);
                    prop_assert_eq!(frame.rest, &b"rest"[..4 - cut]);
                }
                None => prop_assert!(!is_one),
            }
        }

        #[test]
        fn any_header_survives_the_wire(
            is_final: bool, is_compressed: bool, mask: Option<[u8; 4]>, len in 0u64..1 << 40,
        ) {
            let header = Header { is_final, is_compressed, opcode: Opcode::Binary, mask, len };
            prop_assert_eq!(read(&encoded(header)), Ok(Some((header, 0))));
        }
    }
}
