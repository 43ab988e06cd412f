//! What a client sends.

use dom_websocket::Edition;
use support::inflate;

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    /// With its code, if it has one, and its reason.
    Close(Option<u16>, String),
}

impl Sent {
    /// Takes the frames off the front of a client's bytes that are whole. What can't be told apart is none.
    pub(crate) fn take(edition: Edition, bytes: &mut Vec<u8>) -> Result<Vec<Self>, String> {
        let mut frames = Vec::new();
        while let Some((frame, len)) = match edition {
            Edition::Living => rfc6455(bytes)?,
            _ => hixie76(bytes)?,
        } {
            bytes.drain(..len);
            frames.push(frame);
        }
        Ok(frames)
    }
}

/// RFC 6455 section 5.2, for frames that are not fragmented.
fn rfc6455(bytes: &[u8]) -> Result<Option<(Sent, usize)>, String> {
    let &[first, second, ref rest @ ..] = bytes else {
        return Ok(None);
    };
    if second & 0x80 == 0 {
        return Err("a client masks its frames".into());
    }
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    if rest.len() < extended + 4 {
        return Ok(None);
    }
    let len = match extended {
        0 => usize::from(second & 0x7f),
        _ => rest[..extended]
            .iter()
            .fold(0, |len, byte| len << 8 | usize::from(*byte)),
    };
    let start = extended + 4;
    let Some(masked) = rest.get(start..start + len) else {
        return Ok(None);
    };
    let key = &rest[extended..start];
    let payload: Vec<u8> = masked
        .iter()
        .zip(key.iter().cycle())
        .map(|(b, k)| b ^ k)
        .collect();
    let message = |payload: &[u8]| match first & 0x40 {
        0 => payload.to_vec(),
        _ => inflate(payload, 128 * 1024),
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| "no text".to_owned());
    let frame = match first & !0x40 {
        0x81 => Sent::Text(text(message(&payload))?),
        0x82 => Sent::Binary(message(&payload)),
        0x8a => Sent::Pong(payload),
        0x88 => match payload[..] {
            [] => Sent::Close(None, String::new()),
            [high, low, ref reason @ ..] => Sent::Close(
                Some(u16::from_be_bytes([high, low])),
                text(reason.to_vec())?,
            ),
            _ => return Err("half a code".into()),
        },
        other => return Err(format!("a frame that begins with {other:x}")),
    };
    Ok(Some((frame, 2 + start + len)))
}

/// Draft 76, section 5.3: what a client may send.
fn hixie76(bytes: &[u8]) -> Result<Option<(Sent, usize)>, String> {
    match *bytes {
        [] | [0xff] => Ok(None),
        [0xff, 0, ..] => Ok(Some((Sent::Close(None, String::new()), 2))),
        [0, ref rest @ ..] => {
            let Some(len) = rest.iter().position(|byte| *byte == 0xff) else {
                return Ok(None);
            };
            let text = String::from_utf8(rest[..len].to_vec()).map_err(|_| "no text")?;
            Ok(Some((Sent::Text(text), len + 2)))
        }
        [other, ..] => Err(format!("a frame of type {other:x}")),
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) if text.len() > 64 => write!(f, "a text of {}", text.len()),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Binary(bytes) if bytes.len() > 64 => write!(f, "{} bytes", bytes.len()),
            Self::Binary(bytes) => write!(f, "bytes \"{}\"", bytes.escape_ascii()),
            Self::Pong(payload) => write!(f, "a pong of {}", payload.len()),
            Self::Close(code, reason) => write!(f, "Close {code:?} {reason:?}"),
        }
    }
}
