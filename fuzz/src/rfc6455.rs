//! One connection of RFC 6455, of either role, with permessage-deflate and without, and a peer that sends anything.
//!
//! Any split of what comes gives the same; what is told, answered and failed is what a second reader makes of the
//! bytes; and nothing takes more memory than the limits allow.

mod expected;
mod player;

use crate::frames::{self, Deflate, Deflater, Frame};
use crate::memory;
use crate::pieces::pieces;
use crate::settings::{AnyCompression, AnyOptions, agreed, extensions};
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::{Extensions, Role};
use dom_websocket::protocol::{ConnectionOptions, Delivery, Transport, Wire};
use expected::Expected;
use player::{Played, Player};
use std::sync::Arc;
use std::time::Instant;

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    is_server: bool,
    compression: Option<(AnyCompression, AnyCompression)>,
    options: AnyOptions,
    items: Vec<Item<'a>>,
    cuts: &'a [u8],
}

/// More than this is for patience.
const LONGEST: usize = 32 * 1024;

/// What the peer sends.
#[derive(Arbitrary, Debug)]
enum Item<'a> {
    Message {
        is_text: bool,
        is_deflated: bool,
        body: Body<'a>,
        /// The length of its fragments but for the last.
        fragment: Option<u8>,
        ping: bool,
        key: [u8; 4],
    },
    Control {
        opcode: u8,
        body: Body<'a>,
    },
    Frame {
        first: u8,
        is_masked: bool,
        form: u8,
        body: Body<'a>,
    },
    Raw(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Bytes(&'a [u8]),
    Text(&'a str),
    Repeated(u8, u16),
    /// Much, and short when deflated.
    Bomb(u8),
    Close(u16, &'a str),
}

impl Body<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Repeated(byte, count) => vec![*byte; usize::from(*count)],
            Self::Bomb(count) => vec![b'x'; usize::from(*count) * 4096],
            Self::Close(code, reason) => [&code.to_be_bytes(), reason.as_bytes()].concat(),
        }
    }
}

impl Input<'_> {
    fn role(&self) -> Role {
        match self.is_server {
            true => Role::Server,
            false => Role::Client,
        }
    }

    fn extensions(&self) -> Extensions {
        let (client, server) = self.compression.unzip();
        let (client, server) = extensions(client, server);
        if self.is_server { server } else { client }
    }

    /// The peer's.
    fn deflate(&self) -> Option<Deflate> {
        Deflate::of(&self.extensions(), !self.is_server)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut deflater = self.deflate().map(Deflater::new);
        let mut bytes = Vec::new();
        for item in &self.items {
            match item {
                Item::Message {
                    is_text,
                    is_deflated,
                    body,
                    fragment,
                    ping,
                    key,
                } => {
                    let mask = self.is_server.then_some(*key);
                    let mut first = if *is_text {
                        frames::TEXT
                    } else {
                        frames::BINARY
                    };
                    let mut payload = body.bytes();
                    if let (Some(deflater), true) = (&mut deflater, is_deflated) {
                        payload = deflater.deflate(&payload);
                        first |= 0x40;
                    }
                    let len = fragment.map_or(payload.len(), |len| usize::from(len) * 16 + 1);
                    let count = payload.len().div_ceil(len.max(1)).max(1);
                    for index in 0..count {
                        let end = ((index + 1) * len).min(payload.len());
                        let fragment = payload[index * len..end].to_vec();
                        let is_last = index + 1 == count;
                        let frame = Frame {
                            first: first | if is_last { 0x80 } else { 0 },
                            mask,
                            payload: fragment,
                        };
                        frame.encode(0, &mut bytes);
                        first = frames::CONTINUATION;
                        if *ping && !is_last && index < 8 {
                            let ping = Frame {
                                first: 0x80 | frames::PING,
                                mask,
                                payload: vec![index as u8; index],
                            };
                            ping.encode(0, &mut bytes);
                        }
                    }
                }
                Item::Control { opcode, body } => {
                    let mut payload = body.bytes();
                    payload.truncate(125);
                    let frame = Frame {
                        first: 0x80 | (frames::CLOSE + opcode % 3),
                        mask: self.is_server.then_some([1, 2, 3, 4]),
                        payload,
                    };
                    frame.encode(0, &mut bytes);
                }
                Item::Frame {
                    first,
                    is_masked,
                    form,
                    body,
                } => {
                    let frame = Frame {
                        first: *first,
                        mask: is_masked.then_some([9, 8, 7, 6]),
                        payload: body.bytes(),
                    };
                    frame.encode(*form, &mut bytes);
                }
                Item::Raw(raw) => bytes.extend_from_slice(raw),
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

pub fn check(input: Input<'_>) {
    let bytes = input.bytes();
    let whole = play(&input, &bytes, &[]);
    let cut = play(&input, &bytes, input.cuts);
    assert_eq!(whole, cut, "a split changes something");
    Expected::of(&input, &bytes).compare(&input, &whole);
}

fn play(input: &Input<'_>, bytes: &[u8], cuts: &[u8]) -> Played {
    let options = Arc::new(input.options.options());
    let now = Instant::now();
    let before = memory::in_use();
    let agreed = agreed(Wire::Rfc6455, input.role(), input.extensions());
    let mut connection = agreed.connect(&options, [7; 32], now);
    let (mut played, mut sent) = (Played::default(), Vec::new());
    let mut player = Player {
        connection: &mut *connection,
        played: &mut played,
        sent: &mut sent,
        options: &options,
        now,
    };
    player.look();
    for piece in pieces(bytes, cuts) {
        player.connection.handle_input(piece, now);
        let taken = memory::in_use().saturating_sub(before);
        assert!(
            taken <= bound(&options, piece.len(), player.played),
            "{taken} bytes"
        );
        player.go_on(bytes.len());
    }
    player.connection.handle_end_of_input(now);
    player.look();
    assert_eq!(connection.transport(), Transport::Released);
    assert!(played.closure.is_some(), "there is an end");
    played.sent = frames::all(&sent);
    for frame in &mut played.sent {
        frame.mask = frame.mask.map(|_| [0; 4]);
    }
    played
}

/// What it may all take: a connection holds what its limits say, the last input, and a few machines.
fn bound(options: &ConnectionOptions, input: usize, played: &Played) -> usize {
    let limits = &options.limits;
    let told: usize = played.messages.iter().map(|m| m.payload.len() + 64).sum();
    let told = 2 * (told + played.partial.len()) + 16 * played.other.len();
    // What is inflated at once, in parts that the application wants that short.
    let parts = match options.delivery {
        Delivery::Pieces(len) => 96 * (256 * 1024 / len.max(4)),
        _ => 0,
    };
    (2 << 20)
        + parts
        + told
        + 4 * (limits.message + limits.undispatched + limits.send_queue)
        + 66 * input
}
