//! For tests: a client and a server with nothing between them but time.

use super::opening::{
    AcceptOptions, Agreed, Answer, AwaitingRequest, AwaitingResponse, ClientRequest, Reply,
};
use super::{Closure, ConnectionOptions, Feedback, Protocol, Wire, WireFailure};
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

/// The wires that have messages.
pub(crate) const FRAMED: [Wire; 2] = [Wire::Rfc6455, Wire::Hixie76];

pub(crate) struct Pair {
    pub(crate) client: Box<dyn Protocol>,
    pub(crate) server: Box<dyn Protocol>,
    pub(crate) now: Instant,
    /// How many bytes cross at once.
    pub(crate) step: usize,
}

/// What a client is made of.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) wire: Wire,
    pub(crate) compression: bool,
    pub(crate) options: ConnectionOptions,
}

impl Client {
    pub(crate) fn new(wire: Wire) -> Self {
        Self {
            wire,
            compression: false,
            options: ConnectionOptions::default(),
        }
    }

    pub(crate) fn request(&self) -> ClientRequest {
        let url = match self.wire {
            Wire::Simplified => "ws://example.com/",
            _ => "ws://example.com/demo",
        };
        let mut request = ClientRequest::new(self.wire, url).unwrap();
        request.origin = "http://example.com".into();
        request.compression = self.compression.then(Default::default);
        request.protocols = match self.wire {
            Wire::Rfc6455 => vec!["other".into(), "sample".into()],
            Wire::Hixie76 => vec!["sample".into()],
            Wire::Simplified => Vec::new(),
        };
        request
    }
}

impl Pair {
    /// With the opening handshake behind it, whose bytes crossed so many at once.
    pub(crate) fn open(client: Client, server: ConnectionOptions, step: usize) -> Self {
        let (ours, theirs) = shake_hands(&client, step);
        let now = Instant::now();
        Self {
            client: ours.connect(&Arc::new(client.options), [1; 32], now),
            server: theirs.connect(&Arc::new(server), [2; 32], now),
            now,
            step,
        }
    }

    /// With that told at both ends.
    pub(crate) fn established(client: Client, server: ConnectionOptions) -> Self {
        let mut pair = Self::open(client, server, usize::MAX);
        for side in [&mut pair.client, &mut pair.server] {
            let told = side.poll_feedback();
            assert!(matches!(told, Some(Feedback::Established { .. })));
        }
        pair
    }

    /// Carries bytes both ways until nothing more comes.
    pub(crate) fn exchange(&mut self) {
        loop {
            let up = transmit(&mut *self.client, self.now);
            let down = transmit(&mut *self.server, self.now);
            for piece in up.chunks(self.step.min(up.len()).max(1)) {
                input(&mut *self.server, piece, self.now);
            }
            for piece in down.chunks(self.step.min(down.len()).max(1)) {
                input(&mut *self.client, piece, self.now);
            }
            if up.is_empty() && down.is_empty() {
                return;
            }
        }
    }
}

/// An opening handshake: what the client, and what the server agreed on.
fn shake_hands(client: &Client, step: usize) -> (Agreed, Agreed) {
    let request = client.request();
    let (path, origin, answer) = match request.wire {
        Wire::Simplified => ("/", None, Answer::accept()),
        _ => (
            "/demo",
            Some("http://example.com"),
            Answer::accept_with("sample"),
        ),
    };
    let (mut client, request) = AwaitingResponse::new(request, &client.options.limits, [76; 32]);
    let mut server = AwaitingRequest::new(AcceptOptions {
        simplified: true,
        ..AcceptOptions::default()
    });
    let mut up = &request[..];
    let server = feed(&mut up, step, |input| server.read(input).unwrap());
    let server = server.expect("a whole request");
    assert_eq!(server.request().resource_name(), path);
    assert_eq!(server.request().origin(), origin);
    let (_, mut server) = server.answer(answer).unwrap();
    let mut response = Vec::new();
    let mut theirs = match server.read(&mut &b""[..]) {
        Some(agreed) => agreed,
        None => {
            response = server.take_output();
            feed(&mut up, step, |input| server.read(input)).expect("the eight bytes")
        }
    };
    assert_eq!(up, b"");
    response.append(&mut theirs.unsent);
    let mut down = &response[..];
    let ours = feed(&mut down, step, |input| client.read(input).unwrap());
    let Some(Reply::Agreed(ours)) = ours else {
        panic!("{ours:?}");
    };
    (ours, theirs)
}

/// Shows `input` piece by piece until something comes of it.
fn feed<T>(
    input: &mut &[u8],
    step: usize,
    mut take: impl FnMut(&mut &[u8]) -> Option<T>,
) -> Option<T> {
    while !input.is_empty() {
        let (mut piece, rest) = input.split_at(step.min(input.len()));
        let taken = take(&mut piece);
        *input = &input[input.len() - rest.len() - piece.len()..];
        if taken.is_some() {
            return taken;
        }
        assert!(piece.is_empty(), "it takes all that it is given");
    }
    None
}

/// Gives a connection bytes, until it has gone through all of them or has no room.
pub(crate) fn input(connection: &mut dyn Protocol, bytes: &[u8], now: Instant) {
    connection.handle_input(bytes, now);
    while connection.holds_input() && connection.wants_input() {
        connection.handle_input(&[], now);
    }
}

/// Hands it a stream in pieces of these lengths, again and again.
pub(crate) fn input_in_pieces(
    connection: &mut dyn Protocol,
    mut stream: &[u8],
    lengths: &[usize],
    now: Instant,
) {
    for length in lengths.iter().cycle() {
        let (piece, later) = stream.split_at((*length).min(stream.len()));
        connection.handle_input(piece, now);
        stream = later;
        if stream.is_empty() {
            break;
        }
    }
}

/// Takes all that a connection wants to send.
pub(crate) fn transmit(connection: &mut dyn Protocol, now: Instant) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); 64];
    let filled = connection.poll_transmit(&mut slices);
    let bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
    connection.handle_transmitted(bytes.len(), now);
    bytes
}

/// Takes all that a connection has to say.
pub(crate) fn feedback(connection: &mut dyn Protocol) -> Vec<Feedback> {
    let len = connection.feedback_len();
    let all: Vec<_> = std::iter::from_fn(|| connection.poll_feedback()).collect();
    assert_eq!(all.len(), len);
    let end = all.iter().position(|f| matches!(f, Feedback::Closed(_)));
    assert!(end.is_none_or(|end| end + 1 == len), "{all:?}");
    all
}

pub(crate) fn text(text: &str) -> Feedback {
    Feedback::Text(text.into())
}

pub(crate) fn established(protocol: Option<&str>, extensions: &str) -> Feedback {
    Feedback::Established {
        protocol: protocol.map(str::to_owned),
        extensions: extensions.into(),
    }
}

pub(crate) fn closed(cleanly: bool) -> Feedback {
    Feedback::Closed(if cleanly {
        Closure::clean()
    } else {
        Closure::failed(WireFailure::Cancelled)
    })
}

/// One message of the peer's, as a wire carries it to a client.
pub(crate) fn framed(wire: Wire, message: &str, cuts: &[usize]) -> Vec<u8> {
    match wire {
        Wire::Hixie76 => [b"\0", message.as_bytes(), b"\xff"].concat(),
        _ => {
            let mut bytes = Vec::new();
            let mut rest = message.as_bytes();
            let mut opcode = 1;
            for cut in cuts {
                let (fragment, behind) = rest.split_at(*cut.min(&rest.len()).min(&125));
                bytes.extend([opcode, fragment.len() as u8]);
                bytes.extend(fragment);
                // A ping inside a message is none of it.
                bytes.extend(b"\x89\x01p");
                (rest, opcode) = (behind, 0);
            }
            match rest.len() {
                len @ 0..126 => bytes.extend([0x80 | opcode, len as u8]),
                len => {
                    bytes.extend([0x80 | opcode, 126]);
                    bytes.extend((len as u16).to_be_bytes());
                }
            }
            bytes.extend(rest);
            bytes
        }
    }
}
