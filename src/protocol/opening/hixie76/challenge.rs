//! The challenge of the opening handshake (hixie-76 sections 1.3, 4.1 and 5.2).
//!
//! All numbers are big-endian: r4820 says little-endian, but its own examples are big-endian, and
//! the text was mended two revisions later.

use md5::{Digest, Md5};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;

/// The characters that a key is padded with: U+0021 to U+002F and U+003A to U+007E.
const PADDING: fn()
    -> std::iter::Chain<std::ops::RangeInclusive<u8>, std::ops::RangeInclusive<u8>> =
    || (0x21..=0x2f).chain(0x3a..=0x7e);

/// What a client sends to be proven wrong about the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(super) key1: String,
    pub(super) key2: String,
    pub(super) key3: [u8; 8],
    pub(crate) expected: [u8; 16],
}

impl Challenge {
    /// Section 4.1 steps 16-23, 26, 42 and 43.
    pub(crate) fn new(random: &mut StdRng) -> Self {
        let (number1, key1) = key(random);
        let (number2, key2) = key(random);
        let key3 = random.random();
        Self {
            key1,
            key2,
            key3,
            expected: response(number1, number2, key3),
        }
    }
}

/// Section 4.1 steps 16-22 for one of the two numbers: the number and the key that hides it.
fn key(random: &mut StdRng) -> (u32, String) {
    // 16. The number of spaces.
    let spaces = random.random_range(1..=12);
    // 17-18. The number: its product with the number of spaces fits 32 bits.
    let number = random.random_range(0..=u32::MAX / spaces);
    // 19-20. The product in base ten.
    let mut key = (number * spaces).to_string();
    // 21. One to twelve characters, neither digits nor spaces, anywhere.
    for _ in 0..random.random_range(1..=12) {
        let padding = PADDING().choose(random).map_or('!', char::from);
        key.insert(random.random_range(0..=key.len()), padding);
    }
    // 22. The spaces, anywhere but at the start or the end.
    for _ in 0..spaces {
        key.insert(random.random_range(1..key.len()), ' ');
    }
    (number, key)
}

/// Section 5.2 steps 4-7: the number that a key hides. `None`: abort the connection.
pub(super) fn key_number(key: &str) -> Option<u32> {
    // The digits, read as one number. No conforming client exceeds 32 bits.
    let mut digits: u64 = 0;
    for digit in key.bytes().filter(u8::is_ascii_digit) {
        digits = digits * 10 + u64::from(digit - b'0');
        if digits > u64::from(u32::MAX) {
            return None;
        }
    }
    // The number of spaces; none is a symptom of a cross-protocol attack.
    let spaces = key.bytes().filter(|&b| b == b' ').count() as u64;
    if spaces == 0 || digits % spaces != 0 {
        return None;
    }
    u32::try_from(digits / spaces).ok()
}

/// The MD5 fingerprint of both numbers and the eight bytes.
pub(super) fn response(number1: u32, number2: u32, key3: [u8; 8]) -> [u8; 16] {
    let mut challenge = [0; 16];
    challenge[..4].copy_from_slice(&number1.to_be_bytes());
    challenge[4..8].copy_from_slice(&number2.to_be_bytes());
    challenge[8..].copy_from_slice(&key3);
    Md5::digest(challenge).into()
}

/// The worked examples: the drafts' own four, and two of other implementations' test suites.
#[cfg(test)]
pub(super) mod examples {
    pub(in super::super) struct Example {
        pub(in super::super) key1: &'static str,
        pub(in super::super) number1: u32,
        pub(in super::super) key2: &'static str,
        pub(in super::super) number2: u32,
        pub(in super::super) key3: [u8; 8],
        pub(in super::super) response: [u8; 16],
    }

    pub(in super::super) const ALL: [Example; 6] = [
        // Section 1.2, the overview.
        Example {
            key1: "4 @1  46546xW%0l 1 5",
            number1: 829_309_203,
            key2: "12998 5 Y3 1  .P00",
            number2: 259_970_620,
            key3: *b"^n:ds[4U",
            response: *b"8jKS'y:G*Co,Wxa-",
        },
        // Section 1.3, the opening handshake.
        Example {
            key1: "18x 6]8vM;54 *(5:  {   U1]8  z [  8",
            number1: 155_712_099,
            key2: "1_ tx7X d  <  nw  334J702) 7]o}` 0",
            number2: 173_347_027,
            key3: *b"Tm[K T2u",
            response: *b"fQJ,fN/4F4!~K~MH",
        },
        // Section 4.1, the client's steps.
        Example {
            key1: "P388 O503D&ul7 {K%gX( %7  15",
            number1: 777_007_543,
            key2: "1 N ?|k UT0or 3o  4 I97N 5-S3O 31",
            number2: 114_997_259,
            key3: [0x47, 0x30, 0x22, 0x2d, 0x5a, 0x3f, 0x47, 0x58],
            response: *b"0st3Rl&q-2ZU^weu",
        },
        // Section 5.2, the server's steps.
        Example {
            key1: "3e6b263  4 17 80",
            number1: 906_585_445,
            key2: "17  9 G`ZD9   2 2b 7X 3 /r90",
            number2: 179_922_739,
            key3: *b"WjN}|M(6",
            response: *b"n`9eBk9z$R8pOtVb",
        },
        // A Ruby and Node driver's.
        Example {
            key1: "1   38 wZ3f9 23O0 3l 0r",
            number1: 197_703_290,
            key2: "27   0E 6 2  1665:< ;U 1H",
            number2: 300_690_739,
            key3: [0x91, 0x25, 0x3e, 0xd3, 0xa9, 0xe7, 0x6a, 0x88],
            response: [
                0xb4, 0x9c, 0x6e, 0x40, 0x53, 0x04, 0x04, 0x26, 0xe5, 0x1b, 0xbf, 0x6c, 0xb7, 0x9f,
                0x1d, 0xf9,
            ],
        },
        // A Python server's.
        Example {
            key1: "36 7   74 i  92 2'm 9 0G",
            number1: 367_749_229,
            key2: "y  R2 48 Q1O4  e|BV3 i5 1  u- 65",
            number2: 225_585_015,
            key3: [0x01, 0xd1, 0xdd, 0x3b, 0xd1, 0x56, 0x63, 0xff],
            response: [
                0x0b, 0x99, 0xfa, 0x55, 0xbd, 0x01, 0x23, 0x7b, 0x45, 0xa2, 0xf1, 0xd0, 0x87, 0x8a,
                0xee, 0xeb,
            ],
        },
    ];

    /// Its digits are not an integral multiple of its spaces.
    pub(in super::super) const NOT_A_MULTIPLE: &str = "2 L785 8o% s9Sy9@V. 4<1P5";
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    /// Section 4.1 steps 17 and 18: any number whose product with the number of spaces fits 32 bits.
    #[test]
    fn keys_hide_any_number() {
        let mut random = StdRng::from_seed([76; 32]);
        let numbers: Vec<u32> = (0..1000).map(|_| key(&mut random).0).collect();
        let large = numbers.iter().filter(|number| **number >= 1 << 28);
        assert!((300..700).contains(&large.count()));
        assert_eq!(key_number("42949 67295"), Some(u32::MAX));
        assert_eq!(key_number("42949 67296"), None);
    }

    #[test]
    fn the_six_worked_examples() {
        for example in &examples::ALL {
            assert_eq!(key_number(example.key1), Some(example.number1));
            assert_eq!(key_number(example.key2), Some(example.number2));
            assert_eq!(
                response(example.number1, example.number2, example.key3),
                example.response
            );
        }
    }

    #[test]
    fn keys_that_no_conforming_client_sends() {
        assert_eq!(key_number(examples::NOT_A_MULTIPLE), None);
        assert_eq!(key_number("12345"), None, "no space");
        assert_eq!(key_number("4294967296 "), None, "more than 32 bits");
        assert_eq!(key_number(&format!("{} ", "9".repeat(400))), None);
        assert_eq!(key_number(" x "), Some(0), "no digits are the number 0");
    }

    #[test]
    fn a_key_hides_its_number_as_the_steps_say() {
        let mut random = StdRng::seed_from_u64(76);
        for _ in 0..2_000 {
            let (number, key) = key(&mut random);
            assert_eq!(key_number(&key), Some(number), "{key:?}");
            let spaces = key.matches(' ').count();
            let digits = key.bytes().filter(u8::is_ascii_digit).count();
            let padding = key.len() - spaces - digits;
            assert!((1..=12).contains(&spaces) && (1..=12).contains(&padding));
            assert!(!key.starts_with(' ') && !key.ends_with(' '), "{key:?}");
            assert!(key.bytes().all(|b| (0x20..=0x7e).contains(&b)), "{key:?}");
        }
    }

    #[test]
    fn a_challenge_expects_what_a_server_answers() {
        let challenge = Challenge::new(&mut StdRng::seed_from_u64(1));
        let number = |key| key_number(key).unwrap();
        assert_eq!(
            response(
                number(&challenge.key1),
                number(&challenge.key2),
                challenge.key3
            ),
            challenge.expected
        );
        assert_ne!(challenge, Challenge::new(&mut StdRng::seed_from_u64(2)));
    }
}
