//! The client's opening handshake (hixie-76 section 4.1).

use super::challenge::Challenge;
use crate::protocol::Limits;
use crate::protocol::url::Components;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// What a client asks for.
#[derive(Debug)]
pub(crate) struct ClientHandshake {
    pub(crate) url: Components,
    /// The origin's ASCII serialization, in lower case.
    pub(crate) origin: String,
    pub(crate) protocol: Option<String>,
}

impl ClientHandshake {
    /// Steps 5-14, 23-27: the bytes to send, with the fields in random order.
    pub(super) fn request(&self, challenge: &Challenge, random: &mut StdRng) -> Vec<u8> {
        // 6-14. The fields.
        let mut fields = vec![
            "Upgrade: WebSocket".to_owned(),
            "Connection: Upgrade".to_owned(),
            format!("Host: {}", self.url.host_and_port()),
            format!("Origin: {}", self.origin),
        ];
        if let Some(protocol) = &self.protocol {
            fields.push(format!("Sec-WebSocket-Protocol: {protocol}"));
        }
        // 23. The keys.
        fields.push(format!("Sec-WebSocket-Key1: {}", challenge.key1));
        fields.push(format!("Sec-WebSocket-Key2: {}", challenge.key2));
        // 24. In random order, so that no server depends on one.
        fields.shuffle(random);
        // 5, 24-27.
        let mut request = format!(
            "GET {} HTTP/1.1\r\n{}\r\n\r\n",
            self.url.resource_name,
            fields.join("\r\n")
        )
        .into_bytes();
        request.extend(challenge.key3);
        request
    }

    /// Step 41: whether the response's fields are those of a server that means this handshake.
    fn accepts(&self, fields: &[(Vec<u8>, Vec<u8>)]) -> bool {
        // Names and values are interpreted as UTF-8 with U+FFFD for what is none; what they are
        // compared with is ASCII, so comparing bytes is the same.
        let only = |name: &str| {
            let mut values = fields
                .iter()
                .filter(|(n, _)| n == name.as_bytes())
                .map(|(_, value)| value.as_slice());
            values.next().filter(|_| values.next().is_none())
        };
        fields.iter().all(|(name, _)| !name.is_empty())
            && only("upgrade") == Some(b"WebSocket")
            && only("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"upgrade"))
            && only("sec-websocket-origin") == Some(self.origin.as_bytes())
            && only("sec-websocket-location") == Some(self.url.construct().as_bytes())
            && match &self.protocol {
                Some(protocol) => only("sec-websocket-protocol") == Some(protocol.as_bytes()),
                // None was asked for: the field is ignored.
                None => true,
            }
    }
}

/// Reads the server's part: status line, fields, 16 bytes.
#[derive(Debug)]
pub(super) struct ResponseReader {
    state: State,
    handshake: ClientHandshake,
    expected: [u8; 16],
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// How many more bytes and fields the head may have.
    bytes_left: usize,
    fields_left: usize,
}

/// What the reader awaits, as the steps name it.
#[derive(Debug)]
enum State {
    StatusLine(Vec<u8>),
    Name(Vec<u8>),
    /// The byte behind the colon, where one space is skipped.
    ValueStart(Vec<u8>),
    Value(Vec<u8>, Vec<u8>),
    ValueLf(Vec<u8>, Vec<u8>),
    LastLf,
    Reply(Vec<u8>),
}

/// "Fail the WebSocket connection."
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed;

impl ResponseReader {
    pub(super) fn new(handshake: ClientHandshake, challenge: &Challenge, limits: &Limits) -> Self {
        Self {
            state: State::StatusLine(Vec::new()),
            handshake,
            expected: challenge.expected,
            fields: Vec::new(),
            bytes_left: limits.head,
            fields_left: limits.head_fields,
        }
    }

    /// Takes bytes off the front of `input`. `Some`: the connection is established, with this
    /// subprotocol; what is left of `input` belongs to the frames.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Option<String>>, Failed> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            if self.take(byte)? {
                return Ok(Some(self.handshake.protocol.take()));
            }
        }
        Ok(None)
    }

    /// Steps 28-45 for one byte. True: the connection is established.
    fn take(&mut self, byte: u8) -> Result<bool, Failed> {
        if !matches!(self.state, State::Reply(_)) {
            self.bytes_left = self.bytes_left.checked_sub(1).ok_or(Failed)?;
        }
        match &mut self.state {
            // 28. Up to and with 0x0A.
            State::StatusLine(line) => {
                line.push(byte);
                if byte == b'\n' {
                    check_status_line(line)?;
                    self.state = State::Name(Vec::new());
                }
            }
            // 33-34. A field's name, in lower case, up to a colon.
            State::Name(name) => match byte {
                b'\r' if name.is_empty() => self.state = State::LastLf,
                b'\r' | b'\n' => return Err(Failed),
                b':' => self.state = State::ValueStart(std::mem::take(name)),
                _ => name.push(byte.to_ascii_lowercase()),
            },
            // 35-36. Its value, up to CR, without one space at its start.
            State::ValueStart(name) => {
                let name = std::mem::take(name);
                self.state = match byte {
                    b' ' => State::Value(name, Vec::new()),
                    b'\r' => State::ValueLf(name, Vec::new()),
                    b'\n' => return Err(Failed),
                    _ => State::Value(name, vec![byte]),
                };
            }
            State::Value(name, value) => match byte {
                b'\r' => {
                    self.state = State::ValueLf(std::mem::take(name), std::mem::take(value));
                }
                b'\n' => return Err(Failed),
                _ => value.push(byte),
            },
            // 37-39. LF; the field is complete.
            State::ValueLf(name, value) => {
                self.fields_left = self.fields_left.checked_sub(1).ok_or(Failed)?;
                if byte != b'\n' {
                    return Err(Failed);
                }
                self.fields
                    .push((std::mem::take(name), std::mem::take(value)));
                self.state = State::Name(Vec::new());
            }
            // 40-41. The empty line's LF; then the fields are judged.
            State::LastLf => {
                if byte != b'\n' || !self.handshake.accepts(&self.fields) {
                    return Err(Failed);
                }
                self.fields = Vec::new();
                self.state = State::Reply(Vec::with_capacity(16));
            }
            // 44-46. Sixteen bytes, which must be the expected ones.
            State::Reply(reply) => {
                reply.push(byte);
                if reply.len() == self.expected.len() {
                    return if *reply == self.expected {
                        Ok(true)
                    } else {
                        Err(Failed)
                    };
                }
            }
        }
        Ok(false)
    }
}

/// Steps 28-31: neither the version before the code nor the phrase behind it matters.
fn check_status_line(line: &[u8]) -> Result<(), Failed> {
    // 28. At least seven bytes, CR LF at the end, two spaces.
    if line.len() < 7 || !line.ends_with(b"\r\n") {
        return Err(Failed);
    }
    let mut parts = line.splitn(3, |&b| b == b' ');
    let (_, code, rest) = (parts.next(), parts.next(), parts.next());
    // 29-31. The bytes between the first two spaces: three digits; only 101 goes on.
    if code == Some(b"101") && rest.is_some() {
        Ok(())
    } else {
        Err(Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::challenge::examples;
    use super::*;
    use crate::protocol::url;
    use rand::SeedableRng;

    /// The handshake of the draft's overview.
    fn overview() -> (ClientHandshake, Challenge) {
        let example = &examples::ALL[0];
        (
            ClientHandshake {
                url: url::parse("ws://example.com/demo").unwrap().1,
                origin: "http://example.com".into(),
                protocol: Some("sample".into()),
            },
            Challenge {
                key1: example.key1.into(),
                key2: example.key2.into(),
                key3: example.key3,
                expected: example.response,
            },
        )
    }

    const STATUS: &str = "HTTP/1.1 101 WebSocket Protocol Handshake\r\n";
    const FIELDS: &str = "Upgrade: WebSocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Origin: http://example.com\r\n\
        Sec-WebSocket-Location: ws://example.com/demo\r\n\
        Sec-WebSocket-Protocol: sample\r\n";
    const REPLY: &str = "\r\n8jKS'y:G*Co,Wxa-";

    fn read_with(
        handshake: ClientHandshake,
        response: &str,
        limits: &Limits,
    ) -> Result<Option<Option<String>>, Failed> {
        let challenge = overview().1;
        let mut reader = ResponseReader::new(handshake, &challenge, limits);
        let mut input = response.as_bytes();
        let result = reader.read(&mut input);
        if let Ok(Some(_)) = result {
            assert_eq!(input, b"", "no byte of the handshake is left");
        }
        result
    }

    fn read(response: &str) -> Result<Option<Option<String>>, Failed> {
        read_with(overview().0, response, &Limits::default())
    }

    const ESTABLISHED: fn() -> Result<Option<Option<String>>, Failed> =
        || Ok(Some(Some("sample".into())));

    #[test]
    fn the_request_of_the_overview_but_for_the_order_of_its_fields() {
        let (handshake, challenge) = overview();
        let mut orders = std::collections::HashSet::new();
        for seed in 0..50 {
            let mut random = StdRng::seed_from_u64(seed);
            let request = handshake.request(&challenge, &mut random);
            let (head, key3) = request.split_at(request.len() - 8);
            assert_eq!(key3, b"^n:ds[4U");
            let head = String::from_utf8(head.to_vec()).unwrap();
            let (line, fields) = head.split_once("\r\n").unwrap();
            assert_eq!(line, "GET /demo HTTP/1.1");
            let mut fields: Vec<_> = fields
                .strip_suffix("\r\n\r\n")
                .unwrap()
                .split("\r\n")
                .collect();
            orders.insert(fields.join(","));
            fields.sort_unstable();
            assert_eq!(
                fields,
                [
                    "Connection: Upgrade",
                    "Host: example.com",
                    "Origin: http://example.com",
                    "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5",
                    "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00",
                    "Sec-WebSocket-Protocol: sample",
                    "Upgrade: WebSocket",
                ]
            );
        }
        assert!(orders.len() > 40, "the order is random");
    }

    #[test]
    fn the_host_field_leaves_out_only_the_schemes_own_port() {
        for (url, host) in [
            ("ws://Example.com:443/", "Host: example.com:443\r\n"),
            ("wss://example.com:80/", "Host: example.com:80\r\n"),
            ("wss://example.com:443/", "Host: example.com\r\n"),
            ("ws://[::1]:81/", "Host: [::1]:81\r\n"),
        ] {
            let (mut handshake, challenge) = overview();
            handshake.url = url::parse(url).unwrap().1;
            let request = handshake.request(&challenge, &mut StdRng::seed_from_u64(0));
            assert!(String::from_utf8_lossy(&request).contains(host), "{url}");
        }
    }

    #[test]
    fn the_response_of_the_overview() {
        assert_eq!(read(&format!("{STATUS}{FIELDS}{REPLY}")), ESTABLISHED());
    }

    #[test]
    fn status_lines() {
        for good in [
            " 101 \r\n",
            "X 101 \r\n",
            "HTTP/1.1 101 \r\n",
            "HTTP/9 101 FYI I am not a webserver\r\n",
            "\0\rbinary 101 x\r\r\n",
        ] {
            assert_eq!(
                read(&format!("{good}{FIELDS}{REPLY}")),
                ESTABLISHED(),
                "{good:?}"
            );
        }
        for bad in [
            "HTTP/1.1 101\r\n",
            "HTTP/1.1  101 x\r\n",
            "HTTP/1.1 101 x\n",
            "HTTP/1.1 0101 x\r\n",
            "HTTP/1.1 1x1 x\r\n",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 301 Moved\r\n",
            "HTTP/1.1 401 x\r\n",
            "HTTP/1.1 407 x\r\n",
            " 101\r\n",
            "\n",
            "\r\n",
        ] {
            assert_eq!(
                read(&format!("{bad}{FIELDS}{REPLY}")),
                Err(Failed),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn fields_that_still_match() {
        for (from, to) in [
            ("Upgrade: W", "UPGRADE:W"),
            ("Connection: Upgrade", "connection: uPGRADE"),
            ("Upgrade: W", "Set-Cookie: a=b\r\nX:\r\nY: \r\nUpgrade: W"),
            ("Upgrade: W", "Upgrade : x\r\nUpgrade: W"),
            ("Upgrade: W", "na me: \u{fc}\r\nUpgrade: W"),
        ] {
            let fields = FIELDS.replacen(from, to, 1);
            assert_eq!(
                read(&format!("{STATUS}{fields}{REPLY}")),
                ESTABLISHED(),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn fields_that_fail_the_connection() {
        for (from, to) in [
            ("Upgrade: WebSocket\r\n", ""),
            ("Upgrade: WebSocket", "Upgrade: websocket"),
            ("Upgrade: WebSocket", "Upgrade:  WebSocket"),
            ("Upgrade: WebSocket", "Upgrade: WebSocket "),
            ("Upgrade: W", "Upgrade: WebSocket\r\nUpgrade: W"),
            ("Connection: Upgrade", "Connection: Upgrade, x"),
            ("Connection: Upgrade\r\n", ""),
            ("http://example.com", "http://example.org"),
            ("http://example.com", "http://Example.com"),
            ("Sec-WebSocket-Origin: http://example.com\r\n", ""),
            ("ws://example.com/demo", "ws://example.com:80/demo"),
            ("ws://example.com/demo", "wss://example.com/demo"),
            ("ws://example.com/demo", "ws://example.com/Demo"),
            ("Protocol: sample", "Protocol: Sample"),
            ("Sec-WebSocket-Protocol: sample\r\n", ""),
            (
                "Sec-WebSocket-P",
                "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-P",
            ),
            ("Upgrade: W", ": empty name\r\nUpgrade: W"),
            ("Upgrade: W", "x\r\nUpgrade: W"),
            ("Upgrade: W", "x\nUpgrade: W"),
            ("Upgrade: W", "x: y\nUpgrade: W"),
            ("Upgrade: W", "x:\nUpgrade: W"),
            ("Upgrade: W", "x: y\rz\r\nUpgrade: W"),
            ("Upgrade: W", " folded\r\nUpgrade: W"),
            ("Upgrade: W", "\rUpgrade: W"),
        ] {
            let fields = FIELDS.replacen(from, to, 1);
            assert_ne!(fields, FIELDS);
            assert_eq!(
                read(&format!("{STATUS}{fields}{REPLY}")),
                Err(Failed),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_subprotocol_is_ignored_where_none_was_asked_for() {
        for line in ["", "Sec-WebSocket-Protocol: default\r\n"] {
            let mut handshake = overview().0;
            handshake.protocol = None;
            let fields = FIELDS.replace("Sec-WebSocket-Protocol: sample\r\n", &line.repeat(2));
            let response = format!("{STATUS}{fields}{REPLY}");
            assert_eq!(
                read_with(handshake, &response, &Limits::default()),
                Ok(Some(None))
            );
        }
    }

    #[test]
    fn the_wrong_sixteen_bytes_fail() {
        assert_eq!(
            read(&format!("{STATUS}{FIELDS}\r\n8jKS'y:G*Co,Wxa+")),
            Err(Failed)
        );
        assert_eq!(read(&format!("{STATUS}{FIELDS}\r\n8jKS'y:G")), Ok(None));
    }

    #[test]
    fn a_head_has_bounds() {
        let limits = Limits {
            head: 400,
            head_fields: 8,
            ..Limits::default()
        };
        let with = |extra: &str| {
            let response = format!("{STATUS}{extra}{FIELDS}{REPLY}");
            read_with(overview().0, &response, &limits)
        };
        assert_eq!(with("a: b\r\nc: d\r\ne: f\r\n"), ESTABLISHED());
        assert_eq!(with("a: b\r\nc: d\r\ne: f\r\ng: h\r\n"), Err(Failed));
        assert_eq!(with(&format!("a: {}\r\n", "b".repeat(300))), Err(Failed));
        assert_eq!(with(&"n".repeat(500)), Err(Failed));
        assert_eq!(
            read_with(overview().0, &"HTTP ".repeat(100), &limits),
            Err(Failed),
            "a status line without end"
        );
    }
}
