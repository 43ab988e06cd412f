//! Frames of HTTP/2 (RFC 9113 section 4.1) by hand, for what no client or server that is well made would send.

use super::wire::Wire;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// Error codes (section 7).
pub const PROTOCOL_ERROR: u32 = 1;
pub const FLOW_CONTROL_ERROR: u32 = 3;
pub const REFUSED_STREAM: u32 = 7;
pub const CANCEL: u32 = 8;
pub const ENHANCE_YOUR_CALM: u32 = 11;
pub const HTTP_1_1_REQUIRED: u32 = 13;

/// The identifiers of settings (section 6.5.2, and RFC 8441 section 3).
pub const MAX_CONCURRENT_STREAMS: u16 = 3;
pub const INITIAL_WINDOW_SIZE: u16 = 4;
pub const ENABLE_CONNECT_PROTOCOL: u16 = 8;

/// HPACK's entry 8 of the static table: `:status: 200`.
pub const STATUS_200: u8 = 0x88;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http2Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Http2Frame {
    /// The error code of a RST_STREAM or GOAWAY.
    pub fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = len[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The preface with these settings, by identifier and value.
pub fn begin(settings: &[(u16, u32)]) -> Vec<u8> {
    [PREFACE, &self::settings(settings)].concat()
}

pub fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let payload = settings.iter().flat_map(|(id, value)| {
        let mut setting = id.to_be_bytes().to_vec();
        setting.extend(value.to_be_bytes());
        setting
    });
    frame(SETTINGS, 0, 0, payload.collect::<Vec<_>>())
}

pub fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, CANCEL.to_be_bytes())
}

pub fn go_away(last: u32, code: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, payload)
}

pub fn window_update(stream: u32, by: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, by.to_be_bytes())
}

/// A field, neither compressed nor remembered (RFC 7541 section 6.2.2).
pub fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        match u8::try_from(text.len()) {
            Ok(len @ ..127) => bytes.push(len),
            _ => {
                bytes.push(127);
                let mut rest = text.len() - 127;
                while rest >= 128 {
                    bytes.push((rest % 128) as u8 | 128);
                    rest /= 128;
                }
                bytes.push(rest as u8);
            }
        }
        bytes.extend(text.bytes());
    }
    bytes
}

/// The fields of an extended CONNECT.
pub fn fields_of_connect() -> Vec<u8> {
    [
        field(":method", "CONNECT"),
        field(":protocol", "websocket"),
        field(":scheme", "http"),
        field(":path", "/"),
        field(":authority", "example.com"),
        field("sec-websocket-version", "13"),
    ]
    .concat()
}

/// A request for a page, which is whole.
pub fn get(stream: u32) -> Vec<u8> {
    let fields = [
        field(":method", "GET"),
        field(":scheme", "http"),
        field(":path", "/"),
        field(":authority", "example.com"),
    ];
    frame(HEADERS, END_HEADERS | END_STREAM, stream, fields.concat())
}

pub fn connect(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, fields_of_connect())
}

pub fn take(wire: &mut Wire) -> Http2Frame {
    let head = wire.take(9);
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u32::from(*byte));
    Http2Frame {
        kind: head[3],
        flags: head[4],
        stream: number(&head[5..9]),
        payload: wire.take(number(&head[..3]) as usize),
    }
}

/// The next frame that is of this kind, and no acknowledgement.
#[track_caller]
pub fn take_kind(wire: &mut Wire, kind: u8) -> Http2Frame {
    loop {
        let frame = take(wire);
        let is_ack = matches!(kind, SETTINGS | PING) && frame.flags & ACK != 0;
        if frame.kind == kind && !is_ack {
            return frame;
        }
        let is_bad_end = frame.kind == GOAWAY && frame.code() != 0;
        assert!(!is_bad_end, "waiting for {kind}: {frame:?}");
    }
}

/// The code that the connection ends with; `None` if it ends without.
pub fn take_end(wire: &mut Wire) -> Option<u32> {
    let (mut bytes, _) = wire.take_rest();
    let mut code = None;
    while let Some(head) = bytes.get(..9) {
        let len = head[..3]
            .iter()
            .fold(0, |n, byte| n << 8 | usize::from(*byte));
        let frame = Http2Frame {
            kind: head[3],
            flags: head[4],
            stream: 0,
            payload: bytes.get(9..9 + len)?.to_vec(),
        };
        if frame.kind == GOAWAY {
            code = Some(frame.code());
        }
        bytes.drain(..9 + len);
    }
    code
}
