//! The client's opening handshake (RFC 6455 section 4.1, as the WebSockets Standard alters it).

use super::deflate::{self, Agreement};
use super::{accept, extension, tokens};
use crate::protocol::{ClientHandshake, Failure, HandshakeFault, Limits, Response, response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What the server agreed to.
#[derive(Debug)]
pub(super) struct Agreed {
    pub(super) protocol: Option<String>,
    pub(super) extensions: String,
    pub(super) deflate: Option<Agreement>,
    /// The server's own end has none.
    pub(super) response: Option<Box<Response>>,
}

/// "Fail the WebSocket connection" over this field.
fn wrong(field: &'static str) -> Failure {
    Failure::Handshake(HandshakeFault::Field(field))
}

/// WebSockets "establish a WebSocket connection", steps 3-10: the bytes to send.
fn request(handshake: &ClientHandshake, key: &str) -> Vec<u8> {
    let mut request = format!(
        "GET {} HTTP/1.1\r\n\
         Host: {}\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Origin: {}\r\n",
        handshake.url.resource_name,
        handshake.url.host_and_port(),
        handshake.origin,
    );
    if !handshake.protocols.is_empty() {
        let protocols = handshake.protocols.join(", ");
        request.push_str(&format!("Sec-WebSocket-Protocol: {protocols}\r\n"));
    }
    if handshake.compression {
        request.push_str(&format!("Sec-WebSocket-Extensions: {}\r\n", deflate::OFFER));
    }
    for (name, value) in &handshake.fields {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.into_bytes()
}

/// WebSockets "establish a WebSocket connection" step 11, and the steps of RFC 6455 section 4.1 that
/// it names.
fn validate(
    handshake: &ClientHandshake,
    key: &str,
    head: response::Head,
) -> Result<Agreed, Failure> {
    let response = head.response;
    // 11.1. A status other than 101 fails. HTTP/1.0 has no upgrades.
    if response.status != 101 {
        return Err(Failure::Status(Box::new(response)));
    }
    if !head.is_http_1_1 {
        return Err(Failure::Handshake(HandshakeFault::Malformed));
    }
    // 11.2. Protocols were offered, and none was chosen.
    let protocol = response.only("sec-websocket-protocol")?;
    if !handshake.protocols.is_empty() && protocol.is_none_or(str::is_empty) {
        return Err(wrong("sec-websocket-protocol"));
    }
    // RFC 6455 4.1, 2. Upgrade: websocket.
    if !response
        .only("upgrade")?
        .is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
    {
        return Err(wrong("upgrade"));
    }
    // 3. Connection contains the token Upgrade.
    if !response
        .all("connection")
        .any(|value| tokens::list_contains(value, "upgrade"))
    {
        return Err(wrong("connection"));
    }
    // 4. The key was understood.
    if response.only("sec-websocket-accept")? != Some(&accept(key)) {
        return Err(wrong("sec-websocket-accept"));
    }
    // 5. No extension that was not offered.
    let deflate =
        agreed_extension(handshake, &response).ok_or(wrong("sec-websocket-extensions"))?;
    // 6. No subprotocol that was not offered.
    if protocol.is_some_and(|chosen| !handshake.protocols.iter().any(|p| p == chosen)) {
        return Err(wrong("sec-websocket-protocol"));
    }
    let protocol = protocol.map(str::to_owned);
    let extensions: Vec<_> = response
        .all("sec-websocket-extensions")
        .filter(|value| !value.is_empty())
        .collect();
    Ok(Agreed {
        protocol,
        extensions: extensions.join(", "),
        deflate,
        response: Some(Box::new(response)),
    })
}

/// `None`: one that was not offered.
fn agreed_extension(handshake: &ClientHandshake, response: &Response) -> Option<Option<Agreement>> {
    let mut agreed = None;
    for value in response.all("sec-websocket-extensions") {
        for extension in extension::parse_list(value)? {
            let agreement =
                Agreement::from_response(&extension).filter(|_| handshake.compression)?;
            // Once is what was offered.
            if agreed.replace(agreement).is_some() {
                return None;
            }
        }
    }
    Some(agreed)
}

/// Reads the server's part.
pub(super) struct ResponseReader {
    handshake: ClientHandshake,
    key: String,
    reader: response::ResponseReader,
    response: Option<Box<Response>>,
}

/// The server's part, once its head is there.
#[derive(Debug)]
pub(super) enum Answered {
    Agreed(Agreed),
    /// It turned us away, and another attempt may follow.
    Rejected(Box<Response>),
}

impl ResponseReader {
    /// A reader, and the request that it reads the response to.
    pub(super) fn new(
        handshake: ClientHandshake,
        nonce: [u8; 16],
        limits: &Limits,
    ) -> (Self, Vec<u8>) {
        let key = BASE64_STANDARD.encode(nonce);
        let request = request(&handshake, &key);
        let reader = Self {
            handshake,
            key,
            reader: response::ResponseReader::new(limits),
            response: None,
        };
        (reader, request)
    }

    /// Takes the head's bytes off the front of `input`. `None`: it took all, and the head goes on.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Answered>, Failure> {
        let Some(head) = self.reader.read(input)? else {
            return Ok(None);
        };
        self.response = Some(Box::new(head.response.clone()));
        if self.handshake.retries.allow(head.response.status) {
            return Ok(Some(Answered::Rejected(Box::new(head.response))));
        }
        let agreed = validate(&self.handshake, &self.key, head)?;
        Ok(Some(Answered::Agreed(agreed)))
    }

    /// What the server answered, once.
    pub(super) fn take_response(&mut self) -> Option<Box<Response>> {
        self.response.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Retries, url};

    fn handshake(protocols: &[&str]) -> ClientHandshake {
        ClientHandshake {
            url: url::parse("ws://server.example.com/chat").unwrap().1,
            origin: "http://example.com".into(),
            protocols: protocols.iter().map(|&p| p.to_owned()).collect(),
            compression: true,
            fields: Vec::new(),
            retries: Retries::default(),
        }
    }

    const NONCE: [u8; 16] = *b"the sample nonce";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn read_with(protocols: &[&str], response: &str, limits: &Limits) -> Result<Agreed, Failure> {
        let (reader, request) = ResponseReader::new(handshake(protocols), NONCE, limits);
        assert!(request.starts_with(b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"));
        let mut reader = reader;
        assert_eq!(reader.key, "dGhlIHNhbXBsZSBub25jZQ==");
        let mut input = response.as_bytes();
        reader
            .read(&mut input)
            .map(|answered| match answered.expect("a whole head") {
                Answered::Agreed(agreed) => agreed,
                Answered::Rejected(response) => panic!("{response:?}"),
            })
    }

    fn read(protocols: &[&str], fields: &str) -> Result<Agreed, Failure> {
        let response = format!("HTTP/1.1 101 Switching Protocols\r\n{fields}\r\n\r\n");
        read_with(protocols, &response, &Limits::default())
    }

    fn good() -> String {
        format!("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}")
    }

    #[test]
    fn the_request() {
        let handshake = handshake(&["chat", "superchat"]);
        let request = request(&handshake, "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(
            String::from_utf8(request).unwrap(),
            "GET /chat HTTP/1.1\r\n\
             Host: server.example.com\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Version: 13\r\n\
             Origin: http://example.com\r\n\
             Sec-WebSocket-Protocol: chat, superchat\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        );
    }

    #[test]
    fn responses_that_establish_the_connection() {
        for (from, to) in [
            ("", ""),
            ("Upgrade: websocket", "UPGRADE:WebSocket "),
            ("Connection: Upgrade", "connection: keep-alive, upgrade"),
            (
                "Connection: Upgrade",
                "Connection: x\r\nConnection: Upgrade",
            ),
            ("Accept: ", "Accept:   "),
        ] {
            let fields = good().replacen(from, to, 1);
            assert!(read(&[], &fields).is_ok(), "{fields}");
        }
        let agreed = read(
            &["a", "b"],
            &format!("{}\r\nSec-WebSocket-Protocol: b\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover", good()),
        )
        .unwrap();
        assert_eq!(agreed.protocol.as_deref(), Some("b"));
        assert_eq!(
            agreed.extensions,
            "permessage-deflate; server_no_context_takeover"
        );
        assert!(agreed.deflate.is_some());
    }

    #[test]
    fn responses_that_fail_it() {
        let malformed = || Failure::Handshake(HandshakeFault::Malformed);
        for (from, to, cause) in [
            ("Upgrade: websocket\r\n", "", wrong("upgrade")),
            ("Upgrade: websocket", "Upgrade: h2c", wrong("upgrade")),
            (
                "Upgrade: websocket",
                "Upgrade: websocket\r\nUpgrade: websocket",
                wrong("upgrade"),
            ),
            ("Connection: Upgrade\r\n", "", wrong("connection")),
            (
                "Connection: Upgrade",
                "Connection: upgraded",
                wrong("connection"),
            ),
            (
                ACCEPT,
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOO=",
                wrong("sec-websocket-accept"),
            ),
            (
                ACCEPT,
                &ACCEPT.to_lowercase(),
                wrong("sec-websocket-accept"),
            ),
            (
                "Sec-WebSocket-Accept",
                "Sec-WebSocket-Accepted",
                wrong("sec-websocket-accept"),
            ),
            ("Connection", "bad name: x\r\nConnection", malformed()),
        ] {
            let fields = good().replacen(from, to, 1);
            assert_eq!(read(&[], &fields).unwrap_err(), cause, "{fields}");
        }
        for extra in [
            "foo",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate\r\nSec-WebSocket-Extensions: permessage-deflate",
        ] {
            let fields = format!("{}\r\nSec-WebSocket-Extensions: {extra}", good());
            let cause = wrong("sec-websocket-extensions");
            assert_eq!(read(&[], &fields).unwrap_err(), cause, "{extra}");
        }
        let cause = wrong("sec-websocket-protocol");
        let unasked = format!("{}\r\nSec-WebSocket-Protocol: chat", good());
        assert_eq!(read(&[], &unasked).unwrap_err(), cause);
        for protocol in [
            "",
            "Sec-WebSocket-Protocol: \r\n",
            "Sec-WebSocket-Protocol: c\r\n",
            "Sec-WebSocket-Protocol: A\r\n",
            "Sec-WebSocket-Protocol: a, b\r\n",
            "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n",
        ] {
            let fields = format!("{protocol}{}", good());
            assert_eq!(read(&["a", "b"], &fields).unwrap_err(), cause, "{protocol}");
        }
        let with_status = |status: &str| {
            let response = format!("{status}\r\n{}\r\n\r\n", good());
            read_with(&[], &response, &Limits::default()).unwrap_err()
        };
        for status in ["HTTP/1.0 101 x", "junk"] {
            assert_eq!(with_status(status), malformed(), "{status}");
        }
        for status in ["200", "301", "401", "404"] {
            match with_status(&format!("HTTP/1.1 {status} x")) {
                Failure::Status(response) => assert_eq!(response.status().to_string(), status),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn responses_that_another_attempt_may_follow() {
        for (status, is_rejection) in [(401, true), (302, false), (403, false)] {
            let mut handshake = handshake(&[]);
            handshake.retries.unauthorized = true;
            let mut reader = ResponseReader::new(handshake, NONCE, &Limits::default()).0;
            let response = format!("HTTP/1.1 {status} x\r\nWWW-Authenticate: y\r\n\r\n");
            match reader.read(&mut response.as_bytes()) {
                Ok(Some(Answered::Rejected(response))) => {
                    assert!(is_rejection);
                    assert_eq!(response.only("www-authenticate"), Ok(Some("y")));
                }
                Err(Failure::Status(_)) => assert!(!is_rejection),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_head_has_bounds() {
        let limits = Limits {
            head: 300,
            head_fields: 5,
            ..Limits::default()
        };
        let with = |extra: &str| {
            let response = format!("HTTP/1.1 101 x\r\n{}\r\n{extra}\r\n", good());
            read_with(&[], &response, &limits)
        };
        assert!(with("a: b\r\nc: d\r\n").is_ok());
        assert_eq!(
            with("a: b\r\nc: d\r\ne: f\r\n").unwrap_err(),
            Failure::HeadTooLarge
        );
        assert_eq!(
            with(&format!("a: {}\r\n", "x".repeat(300))).unwrap_err(),
            Failure::HeadTooLarge
        );
        let mut reader = ResponseReader::new(handshake(&[]), NONCE, &limits).0;
        assert_eq!(
            reader.read(&mut &[b'x'; 301][..]).unwrap_err(),
            Failure::HeadTooLarge
        );
    }
}
