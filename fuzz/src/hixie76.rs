//! One connection of draft 76, of either role, and a peer that sends anything.
//!
//! Any split of what comes gives the same; and what is told is what a second reader makes of the bytes.

use crate::pieces::pieces;
use crate::settings::{AnyDelivery, AnyOptions};
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::{Agreed, Role};
use dom_websocket::protocol::{Closure, Delivery, Feedback, Transport, Wire, WireFailure};
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    is_server: bool,
    options: AnyOptions,
    items: Vec<Item<'a>>,
    cuts: &'a [u8],
}

/// More than this is for patience.
const LONGEST: usize = 16 * 1024;

/// What the peer sends.
#[derive(Arbitrary, Debug)]
enum Item<'a> {
    Text(&'a str),
    /// Without what would end it.
    Bytes(&'a [u8]),
    Repeated(char, u16),
    Skipped {
        frame_type: u8,
        data: &'a [u8],
    },
    Length {
        frame_type: u8,
        /// Leading bytes that carry no bits.
        zeros: u8,
        data: &'a [u8],
    },
    Closing,
    Raw(&'a [u8]),
}

impl Input<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for item in &self.items {
            match item {
                Item::Text(text) => frame(0, text.as_bytes(), &mut bytes),
                Item::Bytes(data) => frame(0, data, &mut bytes),
                Item::Repeated(character, count) => {
                    let text = String::from(*character).repeat(usize::from(*count));
                    frame(0, text.as_bytes(), &mut bytes);
                }
                Item::Skipped { frame_type, data } => frame(frame_type & 0x7f, data, &mut bytes),
                Item::Length {
                    frame_type,
                    zeros,
                    data,
                } => {
                    bytes.push(frame_type | 0x80);
                    bytes.extend(std::iter::repeat_n(0x80, usize::from(*zeros)));
                    let len = data.len();
                    for shift in [14, 7] {
                        if len >> shift > 0 {
                            bytes.push((len >> shift) as u8 | 0x80);
                        }
                    }
                    bytes.push(len as u8 & 0x7f);
                    bytes.extend_from_slice(data);
                }
                Item::Closing => bytes.extend([0xff, 0]),
                Item::Raw(raw) => bytes.extend_from_slice(raw),
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

/// A frame that 0xFF ends.
fn frame(frame_type: u8, data: &[u8], into: &mut Vec<u8>) {
    into.push(frame_type);
    into.extend(data.iter().filter(|&&byte| byte != 0xff));
    into.push(0xff);
}

/// What a connection told.
#[derive(Debug, Default, PartialEq)]
struct Played {
    told: Vec<Told>,
    partial: String,
    closure: Option<Closure>,
    cause: Option<WireFailure>,
    sent: Vec<u8>,
}

#[derive(Debug, PartialEq)]
enum Told {
    Text(String),
    Error,
}

pub fn check(input: Input<'_>) {
    let bytes = input.bytes();
    let whole = play(&input, &bytes, &[]);
    let cut = play(&input, &bytes, input.cuts);
    assert_eq!(whole, cut, "a split changes something");
    compare(&input, &bytes, &whole);
}

fn play(input: &Input<'_>, bytes: &[u8], cuts: &[u8]) -> Played {
    let role = match input.is_server {
        true => Role::Server,
        false => Role::Client,
    };
    let options = input.options.options();
    let longest = match options.delivery {
        Delivery::Messages => options.limits.message,
        Delivery::Pieces(len) => len.clamp(4, options.limits.message.max(4)),
        _ => 64 * 1024,
    };
    let is_in_parts = options.delivery != Delivery::Messages;
    let now = Instant::now();
    let mut connection = Agreed::new(Wire::Hixie76, role).connect(&Arc::new(options), [7; 32], now);
    let mut played = Played::default();
    let ends = pieces(bytes, cuts).map(Some).chain([None]);
    for piece in ends {
        match piece {
            Some(piece) => connection.handle_input(piece, now),
            None => connection.handle_end_of_input(now),
        }
        while let Some(feedback) = connection.poll_feedback() {
            assert_eq!(played.closure, None, "{feedback:?} behind the end");
            match feedback {
                Feedback::Text(text) => {
                    assert!(text.len() <= longest, "{} bytes", text.len());
                    let text = std::mem::take(&mut played.partial) + &text;
                    played.told.push(Told::Text(text));
                }
                Feedback::TextPart(part) => {
                    assert!(is_in_parts && !part.is_empty() && part.len() <= longest);
                    played.partial += &part;
                }
                Feedback::ErrorDetected => played.told.push(Told::Error),
                Feedback::PeerFinished(_) => connection.finish(None, now),
                Feedback::Closed(closure) => {
                    played.cause = closure.cause.as_deref().cloned();
                    played.closure = Some(closure);
                }
                Feedback::Binary(_) | Feedback::BinaryPart(_) | Feedback::Violated => {
                    panic!("{feedback:?} is none of this wire's");
                }
                _ => {}
            }
            let mut slices = [IoSlice::new(&[]); 4];
            let filled = connection.poll_transmit(&mut slices);
            let sent: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
            connection.handle_transmitted(sent.len(), now);
            played.sent.extend(sent);
        }
    }
    assert_eq!(connection.transport(), Transport::Released);
    played
}

/// Section 4.2, a second time.
fn compare(input: &Input<'_>, bytes: &[u8], played: &Played) {
    let limits = input.options.options().limits;
    let longest = match input.options.delivery() {
        AnyDelivery::Messages => limits.message,
        _ => usize::MAX,
    };
    let (told, end) = read(bytes, longest, limits.skipped_frame);
    assert_eq!(played.told, told);
    let closure = played.closure.as_ref().expect("an end");
    match end {
        End::Closing => {
            assert_eq!((closure.cleanly, closure.code), (true, 1005));
            assert_eq!(played.sent, [0xff, 0]);
        }
        End::TooLarge => {
            assert_eq!((closure.cleanly, closure.failed), (false, true));
            assert_eq!(played.cause, Some(WireFailure::TooLarge));
            assert_eq!(played.sent, []);
        }
        End::Open(partial) => {
            assert_eq!((closure.cleanly, closure.code), (false, 1006));
            assert_eq!(played.cause, Some(WireFailure::EndOfStream));
            assert_eq!(played.sent, []);
            if let AnyDelivery::Bytes = input.options.delivery() {
                assert!(partial.starts_with(&played.partial));
                assert!(partial.len() - played.partial.len() < 4);
            }
        }
    }
}

enum End {
    Closing,
    TooLarge,
    /// In the middle of a text, which is lossy at its end, or of nothing.
    Open(String),
}

fn read(mut bytes: &[u8], longest: usize, skipped: usize) -> (Vec<Told>, End) {
    let mut told = Vec::new();
    while let Some((&frame_type, rest)) = bytes.split_first() {
        if frame_type & 0x80 == 0 {
            let end = rest.iter().position(|&byte| byte == 0xff);
            let data = &rest[..end.unwrap_or(rest.len())];
            let text = String::from_utf8_lossy(data);
            if frame_type == 0 {
                // What is unfinished at the end of what has come may yet become a character.
                let len = match end {
                    Some(_) => text.len(),
                    None => finished(data),
                };
                if len > longest {
                    return (told, End::TooLarge);
                }
            } else if data.len() > skipped {
                return (told, End::TooLarge);
            }
            let Some(end) = end else {
                let text = if frame_type == 0 {
                    text.into_owned()
                } else {
                    String::new()
                };
                return (told, End::Open(text));
            };
            told.push(match frame_type {
                0 => Told::Text(text.into_owned()),
                _ => Told::Error,
            });
            bytes = &rest[end + 1..];
            continue;
        }
        let mut len = 0usize;
        let mut count = 0;
        loop {
            let Some(&byte) = rest.get(count) else {
                return (told, End::Open(String::new()));
            };
            count += 1;
            len = len
                .saturating_mul(128)
                .saturating_add(usize::from(byte & 0x7f));
            if len > skipped || count > skipped {
                return (told, End::TooLarge);
            }
            if byte & 0x80 == 0 {
                break;
            }
        }
        if frame_type == 0xff && len == 0 {
            return (told, End::Closing);
        }
        let Some(behind) = rest.get(count + len..) else {
            return (told, End::Open(String::new()));
        };
        told.push(Told::Error);
        bytes = behind;
    }
    (told, End::Open(String::new()))
}

/// The length of the text, and of the bytes that may become a character.
fn finished(data: &[u8]) -> usize {
    let mut len = 0;
    for chunk in data.utf8_chunks() {
        len += chunk.valid().len();
        let invalid = chunk.invalid();
        let is_unfinished = std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none())
            && data.ends_with(invalid);
        len += match invalid {
            [] => 0,
            _ if is_unfinished => invalid.len(),
            _ => 3,
        };
    }
    len
}
