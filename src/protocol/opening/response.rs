//! A server's answer to an opening handshake, or a proxy's to CONNECT.

use super::tokens::trim;
use crate::protocol::{HandshakeFault, Limits};
use std::fmt;

/// The head of an HTTP response.
///
/// ```
/// use dom_websocket::{Step, UserAgent};
///
/// let user_agent = UserAgent::builder()
///     .observer(|observation| {
///         if let Step::Responded(response) = observation.step {
///             println!("{} from {:?}", response.status(), response.field("server"));
///         }
///     })
///     .build();
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    /// Names in lower case; what is not UTF-8 in a value is U+FFFD.
    pub(crate) fields: Vec<(String, String)>,
}

/// Fields whose values are secrets, or carry them.
const SECRETS: [&str; 7] = [
    "set-cookie",
    "set-cookie2",
    "location",
    "sec-websocket-location",
    "sec-websocket-protocol",
    "authentication-info",
    "proxy-authentication-info",
];

impl Response {
    /// The status code.
    ///
    /// ```
    /// use dom_websocket::Response;
    ///
    /// fn is_throttled(response: &Response) -> bool {
    ///     response.status() == 429
    /// }
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The fields, names in lower case, in the order in which they came. Where the value can be a secret
    /// (cookies, subprotocols, addresses with their queries) it is left out.
    ///
    /// ```
    /// use dom_websocket::Response;
    ///
    /// fn print(response: &Response) {
    ///     for (name, value) in response.fields() {
    ///         println!("{name}: {value}");
    ///     }
    /// }
    /// ```
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| {
            let value = if SECRETS.contains(&name.as_str()) {
                ""
            } else {
                value.as_str()
            };
            (name.as_str(), value)
        })
    }

    /// The value of the first field of this name, which is given in lower case, also where it can be a secret.
    ///
    /// ```
    /// use dom_websocket::Response;
    ///
    /// fn try_again_after(response: &Response) -> Option<u64> {
    ///     response.field("retry-after")?.parse().ok()
    /// }
    /// ```
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The values of the fields of this name, which is given in lower case.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a field that must not stand twice.
    pub(crate) fn only(&self, name: &'static str) -> Result<Option<&str>, HandshakeFault> {
        let mut all = self.all(name);
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(HandshakeFault::Field(name)),
        }
    }
}

/// Without secrets.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("fields", &self.fields().collect::<Vec<_>>())
            .finish()
    }
}

/// Collects a response's head from a byte stream, by the rules of HTTP/1.1 (RFC 9112).
pub(crate) struct ResponseReader {
    head: Vec<u8>,
    bytes_limit: usize,
    fields_limit: usize,
}

impl ResponseReader {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            head: Vec::new(),
            bytes_limit: limits.head,
            fields_limit: limits.head_fields,
        }
    }

    /// Takes the head's bytes off the front of `input`. `None`: it took all, and the head goes on.
    pub(crate) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Head>, HandshakeFault> {
        self.check_start(input)?;
        // Line by line, so that whatever comes in pieces is not parsed again for each piece.
        while let Some(end) = memchr::memchr(b'\n', input) {
            self.take(input, end + 1)?;
            if self.head.ends_with(b"\n\r\n") || self.head.ends_with(b"\n\n") {
                if let Some(head) = self.parse()? {
                    return Ok(Some(head));
                }
                // Another one begins.
                self.check_start(input)?;
            }
        }
        self.take(input, input.len())?;
        Ok(None)
    }

    /// What speaks another protocol may never come to the end of a line.
    fn check_start(&self, input: &[u8]) -> Result<(), HandshakeFault> {
        // No more than is taken: then it is too long.
        let most = self.bytes_limit.saturating_add(1);
        let mut start = self.head.iter().chain(input).copied().take(most);
        let mut bytes = start.by_ref().skip_while(|byte| b"\r\n".contains(byte));
        match (bytes.next(), bytes.next()) {
            (Some(first), Some(second)) if is_tls_alert([first, second]) => {
                Err(HandshakeFault::Tls)
            }
            (Some(first), Some(_)) if first != b'H' => Err(HandshakeFault::Malformed),
            _ => Ok(()),
        }
    }

    fn take(&mut self, input: &mut &[u8], count: usize) -> Result<(), HandshakeFault> {
        let (bytes, rest) = input.split_at(count);
        *input = rest;
        if self.head.len() + count > self.bytes_limit {
            return Err(HandshakeFault::TooLarge);
        }
        self.head.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads a whole head. `None`: it was an informational one, which another follows.
    fn parse(&mut self) -> Result<Option<Head>, HandshakeFault> {
        let lines = memchr::memchr_iter(b'\n', &self.head).count();
        let mut fields = vec![httparse::EMPTY_HEADER; self.fields_limit.min(lines)];
        let mut head = httparse::Response::new(&mut fields);
        match head.parse(&self.head) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(HandshakeFault::TooLarge),
            Ok(httparse::Status::Partial) | Err(_) => {
                return Err(HandshakeFault::Malformed);
            }
        }
        let status = head.code.unwrap_or_default();
        // Fetch "HTTP-network fetch": a status of 100 to 199, but for 101, is skipped.
        if status != 101 && (100..=199).contains(&status) {
            // The limit is for all of them together.
            self.bytes_limit -= self.head.len();
            self.head.clear();
            return Ok(None);
        }
        Ok(Some(Head {
            is_http_1_1: head.version == Some(1),
            response: Response {
                status,
                fields: head.headers.iter().map(field).collect(),
            },
        }))
    }
}

/// RFC 8446 section 5.1: an alert, of a version that has been.
pub(super) fn is_tls_alert(start: [u8; 2]) -> bool {
    start == [21, 3]
}

/// A head that has been read.
pub(crate) struct Head {
    pub(crate) is_http_1_1: bool,
    pub(crate) response: Response,
}

fn field(field: &httparse::Header<'_>) -> (String, String) {
    let value = String::from_utf8_lossy(field.value);
    (field.name.to_ascii_lowercase(), trim(&value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in_chunks(bytes: &[u8], size: usize, limit: usize) -> Result<bool, HandshakeFault> {
        let mut reader = ResponseReader::new(&Limits {
            head: limit,
            ..Limits::default()
        });
        for mut piece in bytes.chunks(size) {
            if reader.read(&mut piece)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is wrong is the same thing, and seen with the same byte, in whichever pieces it comes.
    #[test]
    fn any_split_has_the_same_fault() {
        use HandshakeFault::{Malformed, Tls, TooLarge};
        for (bytes, limit, outcome) in [
            (&b"HTTP/1.1 100 x\r\n\r\nno head"[..], 100, Err(Malformed)),
            (b"HTTP/1.1 100 x\r\n\r\n\x15\x03\x03", 100, Err(Tls)),
            (b"HTTP/1.1 100 x\r\n\r\nH", 100, Ok(false)),
            (
                b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 x\r\n\r\n",
                36,
                Ok(true),
            ),
            (
                b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 x\r\n\r\n",
                35,
                Err(TooLarge),
            ),
            (b"\rXY", 1, Err(TooLarge)),
            (b"\rXY", 2, Err(Malformed)),
            (b"XY", 0, Err(TooLarge)),
        ] {
            for size in [1, 2, 3, bytes.len()] {
                let came = read_in_chunks(bytes, size, limit);
                assert_eq!(came, outcome, "{bytes:?} of {limit} by {size}");
            }
        }
    }
}
