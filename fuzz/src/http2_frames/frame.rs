//! Frames as the fuzzer chooses them (RFC 9113 section 4.1).

use arbitrary::Arbitrary;

#[derive(Arbitrary, Debug)]
pub(super) enum AnyFrame<'a> {
    /// What a client begins with.
    Preface,
    Data {
        stream: Stream,
        payload: Payload<'a>,
        ends: bool,
        padding: Option<u8>,
    },
    Headers {
        stream: Stream,
        fields: Vec<Field<'a>>,
        ends: bool,
        goes_on: bool,
    },
    Continuation {
        stream: Stream,
        fields: Vec<Field<'a>>,
        goes_on: bool,
    },
    Reset {
        stream: Stream,
        code: u8,
    },
    /// With SETTINGS_ENABLE_CONNECT_PROTOCOL, and others.
    Settings {
        takes_web_sockets: Option<bool>,
        others: Vec<(u8, Number)>,
    },
    SettingsAck,
    Ping {
        is_ack: bool,
        payload: u8,
    },
    GoAway {
        last: Stream,
        code: u8,
    },
    WindowUpdate {
        stream: Stream,
        by: Number,
    },
    Push {
        stream: Stream,
        promised: Stream,
        fields: Vec<Field<'a>>,
    },
    Other {
        kind: u8,
        flags: u8,
        stream: Stream,
        payload: &'a [u8],
    },
    Many(u8, Few<'a>),
    Bytes(&'a [u8]),
}

/// What is there many times.
#[derive(Arbitrary, Debug)]
pub(super) enum Few<'a> {
    Ping,
    Settings,
    Empty(Stream),
    Small(Stream, &'a [u8]),
    Connect,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Stream {
    Connection,
    Client(u8),
    Server(u8),
    Any(u32),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Number {
    Small(u8),
    Middle(u16),
    Most,
    Any(u32),
}

#[derive(Arbitrary, Debug)]
pub(super) enum Payload<'a> {
    Bytes(&'a [u8]),
    /// A frame of the WebSocket's.
    Frame {
        opcode: u8,
        is_final: bool,
        is_masked: bool,
        len: u8,
    },
    Zeros(u16),
}

#[derive(Arbitrary, Debug)]
pub(super) enum Field<'a> {
    /// Those of an extended CONNECT.
    Connect,
    Status(u16),
    Named(u8, &'a str),
    Other(&'a str, &'a str),
    /// One of HPACK's tables.
    Indexed(u8),
    Remembered(&'a str, &'a str),
    Bytes(&'a [u8]),
}

const NAMES: &[&str] = &[
    ":status",
    ":method",
    ":protocol",
    ":path",
    ":authority",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "content-length",
    "connection",
    "host",
];

impl Stream {
    fn id(self) -> u32 {
        match self {
            Self::Connection => 0,
            Self::Client(index) => u32::from(index % 16) * 2 + 1,
            Self::Server(index) => u32::from(index % 16) * 2 + 2,
            Self::Any(id) => id,
        }
    }
}

impl Number {
    fn value(self) -> u32 {
        match self {
            Self::Small(value) => value.into(),
            Self::Middle(value) => value.into(),
            Self::Most => 0x7fff_ffff,
            Self::Any(value) => value,
        }
    }
}

impl Payload<'_> {
    fn bytes(&self) -> Vec<u8> {
        match *self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Zeros(len) => vec![0; len.into()],
            Self::Frame {
                opcode,
                is_final,
                is_masked,
                len,
            } => {
                let len = len % 126;
                let first = (opcode & 15) | u8::from(is_final) << 7;
                let mut bytes = vec![first, len | u8::from(is_masked) << 7];
                if is_masked {
                    bytes.extend([0; 4]);
                }
                bytes.extend(vec![b'x'; len.into()]);
                bytes
            }
        }
    }
}

/// A string of HPACK's (RFC 7541 section 5.2), of less than 127 bytes.
fn string(text: &str) -> Vec<u8> {
    let bytes = &text.as_bytes()[..text.len().min(126)];
    let len = u8::try_from(bytes.len()).expect("it is less");
    [&[len], bytes].concat()
}

fn field(first: u8, name: &str, value: &str) -> Vec<u8> {
    [vec![first], string(name), string(value)].concat()
}

fn connect() -> Vec<u8> {
    [
        field(0, ":method", "CONNECT"),
        field(0, ":protocol", "websocket"),
        field(0, ":scheme", "http"),
        field(0, ":path", "/0"),
        field(0, ":authority", "example.com"),
        field(0, "sec-websocket-version", "13"),
    ]
    .concat()
}

impl Field<'_> {
    fn bytes(&self) -> Vec<u8> {
        match *self {
            Self::Connect => connect(),
            Self::Status(status) => field(0, ":status", &status.to_string()),
            Self::Named(name, value) => field(0, NAMES[usize::from(name) % NAMES.len()], value),
            Self::Other(name, value) => field(0, name, value),
            Self::Indexed(index) => vec![0x80 | index],
            Self::Remembered(name, value) => field(0x40, name, value),
            Self::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

fn block(fields: &[Field<'_>]) -> Vec<u8> {
    fields.iter().flat_map(Field::bytes).collect()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len())
        .expect("it is short")
        .to_be_bytes();
    let mut bytes = len[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

impl AnyFrame<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Preface => [
                &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
                &frame(4, 0, 0, &[]),
            ]
            .concat(),
            Self::Data {
                stream,
                payload,
                ends,
                padding,
            } => {
                let mut payload = payload.bytes();
                if let Some(padding) = padding {
                    payload.insert(0, *padding);
                    payload.extend(vec![0; (*padding).into()]);
                }
                let flags = u8::from(*ends) | u8::from(padding.is_some()) << 3;
                frame(0, flags, stream.id(), &payload)
            }
            Self::Headers {
                stream,
                fields,
                ends,
                goes_on,
            } => {
                let flags = u8::from(*ends) | u8::from(!goes_on) << 2;
                frame(1, flags, stream.id(), &block(fields))
            }
            Self::Continuation {
                stream,
                fields,
                goes_on,
            } => frame(9, u8::from(!goes_on) << 2, stream.id(), &block(fields)),
            Self::Reset { stream, code } => {
                frame(3, 0, stream.id(), &u32::from(*code).to_be_bytes())
            }
            Self::Settings {
                takes_web_sockets,
                others,
            } => {
                let first = takes_web_sockets.map(|takes| (8, u32::from(takes)));
                let others = others.iter().map(|(id, number)| (id % 10, number.value()));
                let settings = first.into_iter().chain(others);
                let bytes =
                    settings.flat_map(|(id, value)| [&[0, id], &value.to_be_bytes()[..]].concat());
                frame(4, 0, 0, &bytes.collect::<Vec<_>>())
            }
            Self::SettingsAck => frame(4, 1, 0, &[]),
            Self::Ping { is_ack, payload } => frame(6, u8::from(*is_ack), 0, &[*payload; 8]),
            Self::GoAway { last, code } => {
                let code = u32::from(*code).to_be_bytes();
                frame(7, 0, 0, &[last.id().to_be_bytes(), code].concat())
            }
            Self::WindowUpdate { stream, by } => {
                frame(8, 0, stream.id(), &by.value().to_be_bytes())
            }
            Self::Push {
                stream,
                promised,
                fields,
            } => {
                let promised = promised.id().to_be_bytes();
                frame(5, 4, stream.id(), &[&promised[..], &block(fields)].concat())
            }
            Self::Other {
                kind,
                flags,
                stream,
                payload,
            } => frame(*kind, *flags, stream.id(), payload),
            Self::Many(count, few) => (0..*count).flat_map(|index| few.bytes(index)).collect(),
            Self::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

impl Few<'_> {
    fn bytes(&self, index: u8) -> Vec<u8> {
        match self {
            Self::Ping => frame(6, 0, 0, &[0; 8]),
            Self::Settings => frame(4, 0, 0, &[]),
            Self::Empty(stream) => frame(0, 0, stream.id(), &[]),
            Self::Small(stream, bytes) => frame(0, 0, stream.id(), bytes),
            Self::Connect => frame(1, 4, u32::from(index) * 2 + 1, &connect()),
        }
    }
}
