//! Request fields that the application adds to the handshake's own.

use std::error::Error;
use std::fmt;

/// Fields that may be added to a handshake: none of them is the handshake's own, and no byte of them
/// ends a line.
#[derive(Clone, Default)]
pub(crate) struct Headers(Vec<(String, String)>);

/// A request field that can't be added.
///
/// ```
/// use dom_websocket::{InvalidHeader, UserAgent};
///
/// let mut builder = UserAgent::builder();
/// assert_eq!(builder.header("not a token", "").unwrap_err(), InvalidHeader::Name);
/// assert_eq!(builder.header("X-Name", "two\nlines").unwrap_err(), InvalidHeader::Value);
/// assert_eq!(builder.header("Sec-WebSocket-Key", "x").unwrap_err(), InvalidHeader::Reserved);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not a token (RFC 9110 section 5.1).
    Name,
    /// The value has a control character: CR, LF and NUL are the dangerous ones.
    Value,
    /// The field is the handshake's own, or HTTP's.
    Reserved,
}

/// Names, in lower case, that belong to the handshake or to HTTP's framing.
const RESERVED: [&str; 15] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// Not for another origin than the one that they were meant for.
const CREDENTIALS: [&str; 2] = ["authorization", "cookie"];

impl Headers {
    /// Adds one field behind those that there are.
    pub(crate) fn add(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        if !crate::protocol::opening::is_token(name) {
            return Err(InvalidHeader::Name);
        }
        let value = value.trim_matches([' ', '\t']);
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(InvalidHeader::Value);
        }
        let lower = name.to_ascii_lowercase();
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("sec-") {
            return Err(InvalidHeader::Reserved);
        }
        self.0.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    pub(super) fn followed_by(&self, others: &Self) -> Self {
        Self(self.iter().chain(others.iter()).cloned().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }

    /// The values of all fields of this name, which is in lower case.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Fetch "HTTP-redirect fetch", step 13: credentials don't follow to another origin.
    pub(super) fn forget_credentials(&mut self) {
        let is_one = |name: &str| CREDENTIALS.iter().any(|c| name.eq_ignore_ascii_case(c));
        self.0.retain(|(name, _)| !is_one(name));
    }
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the field's name is not a token",
            Self::Value => "the field's value has a control character",
            Self::Reserved => "the field belongs to the handshake",
        })
    }
}

impl Error for InvalidHeader {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_can_and_that_cannot_be_added() {
        let add = |name, value| Headers::default().add(name, value);
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("X-Empty", ""),
            ("x", " a\tb "),
            ("Cookie", "a=b"),
            ("User-Agent", "ü"),
        ] {
            assert_eq!(add(name, value), Ok(()), "{name}: {value}");
        }
        for name in ["", "a b", "a:", "a\r\nb", "ü", "a\0"] {
            assert_eq!(add(name, "x"), Err(InvalidHeader::Name), "{name:?}");
        }
        for value in ["a\r\nb: c", "a\nb", "a\rb", "a\0b", "\u{7f}", "\u{85}"] {
            assert_eq!(add("x", value), Err(InvalidHeader::Value), "{value:?}");
        }
        for name in [
            "Host",
            "upgrade",
            "CONNECTION",
            "Origin",
            "Sec-WebSocket-Key",
            "sec-websocket-protocol",
            "Sec-Fetch-Mode",
            "Transfer-Encoding",
            "Content-Length",
            "Proxy-Authorization",
        ] {
            assert_eq!(add(name, "x"), Err(InvalidHeader::Reserved), "{name}");
        }
    }
}
