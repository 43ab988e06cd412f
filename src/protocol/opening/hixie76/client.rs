//! The client's opening handshake (hixie-76 section 4.1).

use super::Challenge;
use crate::protocol::opening::response::is_tls_alert;
use crate::protocol::opening::{ClientRequest, Response};
use crate::protocol::{HandshakeFault, Limits};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Steps 5-14, 23-27: the bytes to send, with the fields in random order.
pub(crate) fn request(
    request: &ClientRequest,
    challenge: &Challenge,
    random: &mut StdRng,
) -> Vec<u8> {
    // 6-14. The fields.
    let mut fields = vec![
        "Upgrade: WebSocket".to_owned(),
        "Connection: Upgrade".to_owned(),
        format!("Host: {}", request.url.host_and_port()),
        format!("Origin: {}", request.origin),
    ];
    if let Some(protocol) = request.protocols.first() {
        fields.push(format!("Sec-WebSocket-Protocol: {protocol}"));
    }
    // 15. Cookies, and what else the user agent adds.
    let others = request.fields.iter();
    fields.extend(others.map(|(name, value)| format!("{name}: {value}")));
    // 23. The keys.
    fields.push(format!("Sec-WebSocket-Key1: {}", challenge.key1));
    fields.push(format!("Sec-WebSocket-Key2: {}", challenge.key2));
    // 24. In random order, so that no server depends on one.
    fields.shuffle(random);
    // 5, 24-27.
    let mut bytes = format!(
        "GET {} HTTP/1.1\r\n{}\r\n\r\n",
        request.url.resource_name,
        fields.join("\r\n")
    )
    .into_bytes();
    bytes.extend(challenge.key3);
    bytes
}

/// Step 41: whether the response's fields are those of a server that means this handshake.
pub(crate) fn check_fields(
    request: &ClientRequest,
    response: &Response,
) -> Result<(), HandshakeFault> {
    let wrong = |name| Err(HandshakeFault::Field(name));
    if response.fields.iter().any(|(name, _)| name.is_empty()) {
        return wrong("");
    }
    if response.only("upgrade")? != Some("WebSocket") {
        return wrong("upgrade");
    }
    if !response
        .only("connection")?
        .is_some_and(|value| value.eq_ignore_ascii_case("upgrade"))
    {
        return wrong("connection");
    }
    if response.only("sec-websocket-origin")? != Some(&request.origin) {
        return wrong("sec-websocket-origin");
    }
    if response.only("sec-websocket-location")? != Some(&request.url.construct()) {
        return wrong("sec-websocket-location");
    }
    // Where none was asked for the field is ignored.
    if let Some(protocol) = request.protocols.first() {
        if response.only("sec-websocket-protocol")? != Some(protocol) {
            return wrong("sec-websocket-protocol");
        }
    }
    Ok(())
}

/// Reads the server's part: status line, fields, 16 bytes.
#[derive(Default)]
pub(crate) struct ResponseFields {
    state: State,
    response: Response,
    /// How many more bytes and fields the head may have.
    bytes_left: usize,
    fields_left: usize,
}

/// What the reader awaits, as the steps name it.
enum State {
    StatusLine(Vec<u8>),
    Name(Vec<u8>),
    /// The byte behind the colon, where one space is skipped.
    ValueStart(Vec<u8>),
    Value(Vec<u8>, Vec<u8>),
    ValueLf(Vec<u8>, Vec<u8>),
    LastLf,
    Reply(Vec<u8>),
    /// Nothing more: what follows is frames.
    Over,
}

impl Default for State {
    fn default() -> Self {
        Self::StatusLine(Vec::new())
    }
}

/// What has been read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The status line.
    Status(u16),
    /// All fields.
    Fields,
    /// The sixteen bytes behind them.
    Reply([u8; 16]),
}

impl ResponseFields {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            bytes_left: limits.head,
            fields_left: limits.head_fields,
            ..Self::default()
        }
    }

    /// What has been read up to now.
    pub(crate) fn response(&self) -> &Response {
        &self.response
    }

    /// Takes bytes off the front of `input`, up to the end of the next part. `None`: it took all.
    pub(crate) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Read>, HandshakeFault> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            if let Some(read) = self.take(byte)? {
                return Ok(Some(read));
            }
        }
        Ok(None)
    }

    /// Steps 28-45 for one byte.
    fn take(&mut self, byte: u8) -> Result<Option<Read>, HandshakeFault> {
        if !matches!(self.state, State::Reply(_)) {
            let left = self.bytes_left.checked_sub(1);
            self.bytes_left = left.ok_or(HandshakeFault::TooLarge)?;
        }
        match &mut self.state {
            // 28. Up to and with 0x0A.
            State::StatusLine(line) => {
                line.push(byte);
                // Nothing behind it could be a status, and no 0x0A may follow.
                if <[u8; 2]>::try_from(line.as_slice()).is_ok_and(is_tls_alert) {
                    return Err(HandshakeFault::Tls);
                }
                if byte == b'\n' {
                    // 29-31. Only 101 goes on.
                    self.response.status = status(line)?;
                    self.state = State::Name(Vec::new());
                    return Ok(Some(Read::Status(self.response.status)));
                }
            }
            // 33-34. A field's name, in lower case, up to a colon.
            State::Name(name) => match byte {
                b'\r' if name.is_empty() => self.state = State::LastLf,
                b'\r' | b'\n' => return Err(HandshakeFault::Malformed),
                b':' => self.state = State::ValueStart(std::mem::take(name)),
                _ => name.push(byte.to_ascii_lowercase()),
            },
            // 35-36. Its value, up to CR, without one space at its start.
            State::ValueStart(name) => {
                let name = std::mem::take(name);
                self.state = match byte {
                    b' ' => State::Value(name, Vec::new()),
                    b'\r' => State::ValueLf(name, Vec::new()),
                    b'\n' => return Err(HandshakeFault::Malformed),
                    _ => State::Value(name, vec![byte]),
                };
            }
            State::Value(name, value) => match byte {
                b'\r' => {
                    self.state = State::ValueLf(std::mem::take(name), std::mem::take(value));
                }
                b'\n' => return Err(HandshakeFault::Malformed),
                _ => value.push(byte),
            },
            // 37-39. LF; the field is complete.
            State::ValueLf(name, value) => {
                let left = self.fields_left.checked_sub(1);
                self.fields_left = left.ok_or(HandshakeFault::TooLarge)?;
                if byte != b'\n' {
                    return Err(HandshakeFault::Malformed);
                }
                // What is not UTF-8 is U+FFFD.
                let field = (
                    String::from_utf8_lossy(name).into_owned(),
                    String::from_utf8_lossy(value).into_owned(),
                );
                self.response.fields.push(field);
                self.state = State::Name(Vec::new());
            }
            // 40. The empty line's LF; 41 judges the fields.
            State::LastLf => {
                if byte != b'\n' {
                    return Err(HandshakeFault::Malformed);
                }
                self.state = State::Reply(Vec::with_capacity(16));
                return Ok(Some(Read::Fields));
            }
            // 44. Sixteen bytes.
            State::Reply(reply) => {
                reply.push(byte);
                if let Ok(reply) = <[u8; 16]>::try_from(reply.as_slice()) {
                    self.state = State::Over;
                    return Ok(Some(Read::Reply(reply)));
                }
            }
            State::Over => return Err(HandshakeFault::Malformed),
        }
        Ok(None)
    }
}

/// Steps 28-30, the status: neither the version before it nor the phrase behind it matters.
fn status(line: &[u8]) -> Result<u16, HandshakeFault> {
    // 28. At least seven bytes, CR LF at the end, two spaces.
    if line.len() < 7 || !line.ends_with(b"\r\n") {
        return Err(HandshakeFault::Malformed);
    }
    let mut parts = line.splitn(3, |&b| b == b' ');
    // 29-30. The bytes between the first two spaces: three digits.
    match (parts.next(), parts.next(), parts.next()) {
        (_, Some(code), Some(_)) if code.len() == 3 && code.iter().all(u8::is_ascii_digit) => {
            let digits = code.iter().map(|digit| u16::from(digit - b'0'));
            Ok(digits.fold(0, |code, digit| code * 10 + digit))
        }
        _ => Err(HandshakeFault::Malformed),
    }
}

#[cfg(test)]
mod tests;
