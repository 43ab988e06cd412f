//! What a server sends.

use dom_websocket::Edition;
use proptest::prelude::*;
use support::{Frame, deflate};

/// Messages and skipped frames may be so long.
pub(crate) const LONGEST: usize = 4096;

/// A piece of what a server sends. What it means is for who reads it.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) bytes: Vec<u8>,
    /// It is of no frame in particular.
    pub(crate) is_noise: bool,
}

fn frames(bytes: Vec<u8>) -> Item {
    Item {
        bytes,
        is_noise: false,
    }
}

fn noise() -> impl Strategy<Value = Item> {
    prop::collection::vec(any_byte(), 1..12).prop_map(|bytes| Item {
        bytes,
        is_noise: true,
    })
}

const TEXTS: [&str; 5] = ["", "a", "hello", "ä世🎎", "\u{feff}mark"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
        1 => prop::sample::select(vec![125, 126, LONGEST - 16]).prop_map(|len| "m".repeat(len)),
    ]
}

/// One item of this edition's wire, right or wrong.
pub(crate) fn any(edition: Edition) -> BoxedStrategy<Item> {
    match edition {
        Edition::Living => prop_oneof![
            12 => right_frames().prop_map(frames),
            2 => closes().prop_map(frames),
            3 => wrong_frames().prop_map(frames),
            1 => noise(),
        ]
        .boxed(),
        _ => prop_oneof![
            10 => text().prop_map(|text| frames(support::frame(&text))),
            3 => prop::sample::select(vec![&b"\xff\0"[..], b"\xff\x80\0"])
                .prop_map(|bytes| frames(bytes.to_vec())),
            4 => unknown_frames().prop_map(frames),
            1 => noise(),
        ]
        .boxed(),
    }
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop::num::u8::ANY
}

fn right_frames() -> impl Strategy<Value = Vec<u8>> {
    let fragments = (text(), prop::option::of(0..126_usize)).prop_map(|(text, ping)| {
        // Anywhere, also inside a character.
        let (first, second) = text.as_bytes().split_at(text.len() / 2);
        let mut bytes = Frame::text(first).unfinished().bytes();
        bytes.extend(ping.map_or(Vec::new(), |len| Frame::ping("p".repeat(len)).bytes()));
        bytes.extend(Frame::continuation(second).bytes());
        bytes
    });
    prop_oneof![
        6 => text().prop_map(|text| Frame::text(text).bytes()),
        2 => prop::collection::vec(any_byte(), 0..200).prop_map(|data| Frame::binary(data).bytes()),
        2 => fragments,
        2 => text().prop_map(|text| Frame::text(deflate(text.as_bytes())).compressed().bytes()),
        1 => (0..126_usize).prop_map(|len| Frame::ping("p".repeat(len)).bytes()),
        1 => (0..126_usize).prop_map(|len| Frame::pong("p".repeat(len)).bytes()),
    ]
}

fn closes() -> impl Strategy<Value = Vec<u8>> {
    let code = prop::sample::select(vec![
        1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999, // may be sent
        0, 999, 1004, 1005, 1006, 1015, 2999, 5000, // may not
    ]);
    let reason = prop::sample::select(vec!["", "bye", "ä世🎎"]);
    prop_oneof![
        1 => Just(Frame::close_without_code().bytes()),
        3 => (code, reason).prop_map(|(code, reason)| Frame::close(code, reason).bytes()),
    ]
}

fn wrong_frames() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        Frame::new(0x83, "reserved").bytes(),
        Frame::new(0x8b, "").bytes(),
        Frame::new(0xa1, "RSV2").bytes(),
        Frame::new(0xc9, "RSV1 of a ping").bytes(),
        Frame::text("masked").masked().bytes(),
        Frame::ping("p".repeat(126)).bytes(),
        Frame::ping("a part").unfinished().bytes(),
        Frame::new(0x88, [3]).bytes(),
        Frame::new(0x88, b"\x03\xe8\xff").bytes(),
        Frame::text(b"\xc0\x80").bytes(),
        Frame::text(b"half of \xe4\xb8").bytes(),
        Frame::text(b"\xf4\x90").unfinished().bytes(),
        Frame::continuation("of nothing").bytes(),
        [
            Frame::text("a part").unfinished().bytes(),
            Frame::text("another").bytes(),
        ]
        .concat(),
        b"\x81\x7e\0\x05short".to_vec(),
        b"\x81\x7f\0\0\0\0\0\0\0\x05short".to_vec(),
        b"\x81\x7f\x80\0\0\0\0\0\0\x05".to_vec(),
        Frame::text("m".repeat(LONGEST + 1)).bytes(),
        [
            Frame::text("m".repeat(LONGEST)).unfinished().bytes(),
            Frame::continuation("m").bytes(),
        ]
        .concat(),
    ])
}

/// Of draft 76; and texts that are none.
fn unknown_frames() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        b"\x01data\xff".to_vec(),
        b"\x7f\xff".to_vec(),
        b"\x80\0".to_vec(),
        b"\x80\x03\xff\0\xff".to_vec(),
        b"\xff\x01\0".to_vec(),
        b"\xfe\x80\x80\x02ab".to_vec(),
        b"\0bad \xc0\x80\xe4\xb8 text\xff".to_vec(),
        b"\0\xf0\x9f\x8e\xff".to_vec(),
        [&b"\0"[..], &b"m".repeat(LONGEST - 2), b"\xc0\xff"].concat(),
        [&b"\0"[..], &b"m".repeat(LONGEST - 3), b"\xf0\x9f\xff"].concat(),
        [&b"\0"[..], &b"m".repeat(LONGEST + 1), b"\xff"].concat(),
        [&b"\x02"[..], &b"m".repeat(LONGEST + 1), b"\xff"].concat(),
        b"\x80\xa0\x01".to_vec(),
    ])
}
