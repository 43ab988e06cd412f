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
mod tests {
    use super::super::challenge::examples;
    use super::*;
    use crate::protocol::opening::client::{AwaitingResponse, Reply};
    use crate::protocol::{Wire, url};
    use rand::SeedableRng;

    /// The handshake of the draft's overview.
    fn overview() -> (ClientRequest, Challenge) {
        let example = &examples::ALL[0];
        (
            ClientRequest {
                wire: Wire::Hixie76,
                url: url::parse("ws://example.com/demo").unwrap().1,
                origin: "http://example.com".into(),
                protocols: vec!["sample".into()],
                compression: None,
                fields: Vec::new(),
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

    type Subprotocol = Option<String>;

    fn read_with(
        request: ClientRequest,
        response: &str,
        limits: &Limits,
    ) -> Result<Option<Subprotocol>, Answer> {
        let expected = overview().1.expected;
        let mut awaiting = AwaitingResponse::of_draft_76(request, expected, limits);
        match awaiting.read(&mut response.as_bytes()) {
            Ok(Some(Reply::Agreed(agreed))) => {
                assert_eq!(agreed.unread, b"", "no byte of the handshake is left");
                Ok(Some(agreed.protocol))
            }
            Ok(Some(Reply::Rejected(rejected))) => Err(Answer::Status(rejected.status())),
            Ok(None) => Ok(None),
            Err(fault) => Err(Answer::Fault(fault)),
        }
    }

    /// One that opens no connection.
    #[derive(Debug, PartialEq)]
    enum Answer {
        Status(u16),
        Fault(HandshakeFault),
    }

    const MALFORMED: Answer = Answer::Fault(HandshakeFault::Malformed);
    const TOO_LARGE: Answer = Answer::Fault(HandshakeFault::TooLarge);

    fn read(response: &str) -> Result<Option<Subprotocol>, Answer> {
        read_with(overview().0, response, &Limits::default())
    }

    const ESTABLISHED: fn() -> Result<Option<Subprotocol>, Answer> =
        || Ok(Some(Some("sample".into())));

    #[test]
    fn the_request_of_the_overview_but_for_the_order_of_its_fields() {
        let (asked, challenge) = overview();
        let mut orders = std::collections::HashSet::new();
        for seed in 0..50 {
            let mut random = StdRng::seed_from_u64(seed);
            let request = request(&asked, &challenge, &mut random);
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
            let (mut asked, challenge) = overview();
            asked.url = url::parse(url).unwrap().1;
            let request = request(&asked, &challenge, &mut StdRng::seed_from_u64(0));
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
            match read(&format!("{bad}{FIELDS}{REPLY}")).unwrap_err() {
                Answer::Status(status) => assert!(bad.contains(&status.to_string()), "{bad:?}"),
                other => assert_eq!(other, MALFORMED, "{bad:?}"),
            }
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
        let field = |name| Answer::Fault(HandshakeFault::Field(name));
        for (from, to, cause) in [
            ("Upgrade: WebSocket\r\n", "", field("upgrade")),
            ("Upgrade: WebSocket", "Upgrade: websocket", field("upgrade")),
            (
                "Upgrade: WebSocket",
                "Upgrade:  WebSocket",
                field("upgrade"),
            ),
            (
                "Upgrade: WebSocket",
                "Upgrade: WebSocket ",
                field("upgrade"),
            ),
            (
                "Upgrade: W",
                "Upgrade: WebSocket\r\nUpgrade: W",
                field("upgrade"),
            ),
            (
                "Connection: Upgrade",
                "Connection: Upgrade, x",
                field("connection"),
            ),
            ("Connection: Upgrade\r\n", "", field("connection")),
            (
                "http://example.com",
                "http://example.org",
                field("sec-websocket-origin"),
            ),
            (
                "http://example.com",
                "http://Example.com",
                field("sec-websocket-origin"),
            ),
            (
                "Sec-WebSocket-Origin: http://example.com\r\n",
                "",
                field("sec-websocket-origin"),
            ),
            (
                "ws://example.com/demo",
                "ws://example.com:80/demo",
                field("sec-websocket-location"),
            ),
            (
                "ws://example.com/demo",
                "wss://example.com/demo",
                field("sec-websocket-location"),
            ),
            (
                "ws://example.com/demo",
                "ws://example.com/Demo",
                field("sec-websocket-location"),
            ),
            (
                "Protocol: sample",
                "Protocol: Sample",
                field("sec-websocket-protocol"),
            ),
            (
                "Sec-WebSocket-Protocol: sample\r\n",
                "",
                field("sec-websocket-protocol"),
            ),
            (
                "Sec-WebSocket-P",
                "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-P",
                field("sec-websocket-protocol"),
            ),
            ("Upgrade: W", ": empty name\r\nUpgrade: W", field("")),
            ("Upgrade: W", "x\r\nUpgrade: W", MALFORMED),
            ("Upgrade: W", "x\nUpgrade: W", MALFORMED),
            ("Upgrade: W", "x: y\nUpgrade: W", MALFORMED),
            ("Upgrade: W", "x:\nUpgrade: W", MALFORMED),
            ("Upgrade: W", "x: y\rz\r\nUpgrade: W", MALFORMED),
            ("Upgrade: W", " folded\r\nUpgrade: W", MALFORMED),
            ("Upgrade: W", "\rUpgrade: W", MALFORMED),
        ] {
            let fields = FIELDS.replacen(from, to, 1);
            assert_ne!(fields, FIELDS);
            assert_eq!(
                read(&format!("{STATUS}{fields}{REPLY}")),
                Err(cause),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_subprotocol_is_ignored_where_none_was_asked_for() {
        for line in ["", "Sec-WebSocket-Protocol: default\r\n"] {
            let mut asked = overview().0;
            asked.protocols.clear();
            let fields = FIELDS.replace("Sec-WebSocket-Protocol: sample\r\n", &line.repeat(2));
            let response = format!("{STATUS}{fields}{REPLY}");
            assert_eq!(
                read_with(asked, &response, &Limits::default()),
                Ok(Some(None))
            );
        }
    }

    #[test]
    fn the_wrong_sixteen_bytes_fail() {
        assert_eq!(
            read(&format!("{STATUS}{FIELDS}\r\n8jKS'y:G*Co,Wxa+")),
            Err(Answer::Fault(HandshakeFault::Challenge))
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
        assert_eq!(with("a: b\r\nc: d\r\ne: f\r\ng: h\r\n"), Err(TOO_LARGE));
        assert_eq!(with(&format!("a: {}\r\n", "b".repeat(300))), Err(TOO_LARGE));
        assert_eq!(with(&"n".repeat(500)), Err(TOO_LARGE));
        assert_eq!(
            read_with(overview().0, &"HTTP ".repeat(100), &limits),
            Err(TOO_LARGE),
            "a status line without end"
        );
    }
}
