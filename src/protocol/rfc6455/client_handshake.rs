//! The client's opening handshake (RFC 6455 section 4.1, as the WebSockets Standard alters it).

use super::deflate::{self, Agreement};
use super::{accept, extension, tokens};
use crate::protocol::Limits;
use crate::protocol::url::Components;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What a client asks for.
#[derive(Debug)]
pub(crate) struct ClientHandshake {
    pub(crate) url: Components,
    /// The origin's ASCII serialization.
    pub(crate) origin: String,
    pub(crate) protocols: Vec<String>,
    /// Offers permessage-deflate.
    pub(crate) compression: bool,
}

/// What the server agreed to.
#[derive(Debug)]
pub(super) struct Agreed {
    pub(super) protocol: Option<String>,
    pub(super) extensions: String,
    pub(super) deflate: Option<Agreement>,
}

/// "Fail the WebSocket connection."
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed;

impl ClientHandshake {
    /// WebSockets "establish a WebSocket connection", steps 3-10: the bytes to send.
    pub(super) fn request(&self, key: &str) -> Vec<u8> {
        let mut request = format!(
            "GET {} HTTP/1.1\r\n\
             Host: {}\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Key: {key}\r\n\
             Sec-WebSocket-Version: 13\r\n\
             Origin: {}\r\n",
            self.url.resource_name,
            self.url.host_and_port(),
            self.origin,
        );
        if !self.protocols.is_empty() {
            let protocols = self.protocols.join(", ");
            request.push_str(&format!("Sec-WebSocket-Protocol: {protocols}\r\n"));
        }
        if self.compression {
            request.push_str(&format!("Sec-WebSocket-Extensions: {}\r\n", deflate::OFFER));
        }
        request.push_str("\r\n");
        request.into_bytes()
    }

    /// WebSockets "establish a WebSocket connection" step 11, and the steps of RFC 6455 section 4.1 that
    /// it names.
    fn validate(&self, key: &str, head: &httparse::Response<'_, '_>) -> Result<Agreed, Failed> {
        // 11.1. A status other than 101 fails. HTTP/1.0 has no upgrades.
        if head.code != Some(101) || head.version != Some(1) {
            return Err(Failed);
        }
        let fields = Fields(head.headers);
        // 11.2. Protocols were offered, and none was chosen.
        let protocol = fields.only("Sec-WebSocket-Protocol")?;
        if !self.protocols.is_empty() && protocol.is_none_or(str::is_empty) {
            return Err(Failed);
        }
        // RFC 6455 4.1, 2. Upgrade: websocket.
        let upgrade = fields.only("Upgrade")?.ok_or(Failed)?;
        // 3. Connection contains the token Upgrade.
        let mut connection = fields.all("Connection");
        // 4. The key was understood.
        let accepted = fields.only("Sec-WebSocket-Accept")?.ok_or(Failed)?;
        if !upgrade.eq_ignore_ascii_case("websocket")
            || !connection.any(|value| tokens::list_contains(value, "upgrade"))
            || accepted != accept(key)
        {
            return Err(Failed);
        }
        // 5. No extension that was not offered.
        let deflate = self.agreed_extension(&fields)?;
        // 6. No subprotocol that was not offered.
        let protocol = match protocol {
            Some(protocol) if !self.protocols.iter().any(|offered| offered == protocol) => {
                return Err(Failed);
            }
            protocol => protocol.map(str::to_owned),
        };
        let extensions: Vec<_> = fields
            .all("Sec-WebSocket-Extensions")
            .filter(|value| !value.is_empty())
            .collect();
        Ok(Agreed {
            protocol,
            extensions: extensions.join(", "),
            deflate,
        })
    }

    fn agreed_extension(&self, fields: &Fields<'_>) -> Result<Option<Agreement>, Failed> {
        let mut agreed = None;
        for value in fields.all("Sec-WebSocket-Extensions") {
            for extension in extension::parse_list(value).ok_or(Failed)? {
                let agreement = Agreement::from_response(&extension)
                    .filter(|_| self.compression)
                    .ok_or(Failed)?;
                // Once is what was offered.
                if agreed.replace(agreement).is_some() {
                    return Err(Failed);
                }
            }
        }
        Ok(agreed)
    }
}

/// Fetch "HTTP-network fetch": a status of 100 to 199, but for 101, is skipped.
fn is_informational(head: &httparse::Response<'_, '_>) -> bool {
    head.code
        .is_some_and(|code| code != 101 && (100..=199).contains(&code))
}

/// The fields of a response.
struct Fields<'a>(&'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    /// The values of all fields of this name, without white space around them. One that is not UTF-8
    /// matches nothing.
    fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| std::str::from_utf8(field.value).map_or("\u{fffd}", tokens::trim))
    }

    /// The value of a field that must not stand twice.
    fn only(&self, name: &str) -> Result<Option<&'a str>, Failed> {
        let mut all = self.all(name);
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(Failed),
        }
    }
}

/// Reads the server's part.
pub(super) struct ResponseReader {
    handshake: ClientHandshake,
    key: String,
    head: Vec<u8>,
    bytes_limit: usize,
    fields_limit: usize,
}

impl ResponseReader {
    /// A reader, and the request that it reads the response to.
    pub(super) fn new(
        handshake: ClientHandshake,
        nonce: [u8; 16],
        limits: &Limits,
    ) -> (Self, Vec<u8>) {
        let key = BASE64_STANDARD.encode(nonce);
        let request = handshake.request(&key);
        let reader = Self {
            handshake,
            key,
            head: Vec::new(),
            bytes_limit: limits.head,
            fields_limit: limits.head_fields,
        };
        (reader, request)
    }

    /// Takes the head's bytes off the front of `input`. `None`: it took all, and the head goes on.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Agreed>, Failed> {
        // Line by line, so that whatever comes in pieces is not parsed again for each piece.
        while let Some(end) = memchr::memchr(b'\n', input) {
            self.take(input, end + 1)?;
            if self.head.ends_with(b"\n\r\n") || self.head.ends_with(b"\n\n") {
                if let Some(agreed) = self.parse()? {
                    return Ok(Some(agreed));
                }
            }
        }
        self.take(input, input.len())?;
        Ok(None)
    }

    fn take(&mut self, input: &mut &[u8], count: usize) -> Result<(), Failed> {
        let (bytes, rest) = input.split_at(count);
        *input = rest;
        if self.head.len() + count > self.bytes_limit {
            return Err(Failed);
        }
        self.head.extend_from_slice(bytes);
        Ok(())
    }

    /// Judges a whole head. `None`: it was an informational one, which another follows.
    fn parse(&mut self) -> Result<Option<Agreed>, Failed> {
        let lines = memchr::memchr_iter(b'\n', &self.head).count();
        let mut fields = vec![httparse::EMPTY_HEADER; self.fields_limit.min(lines)];
        let mut head = httparse::Response::new(&mut fields);
        match head.parse(&self.head) {
            Ok(httparse::Status::Complete(_)) if !is_informational(&head) => {
                return self.handshake.validate(&self.key, &head).map(Some);
            }
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) | Err(_) => return Err(Failed),
        }
        // The limit is for all of them together.
        self.bytes_limit -= self.head.len();
        self.head.clear();
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::url;

    fn handshake(protocols: &[&str]) -> ClientHandshake {
        ClientHandshake {
            url: url::parse("ws://server.example.com/chat").unwrap().1,
            origin: "http://example.com".into(),
            protocols: protocols.iter().map(|&p| p.to_owned()).collect(),
            compression: true,
        }
    }

    const NONCE: [u8; 16] = *b"the sample nonce";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn read_with(protocols: &[&str], response: &str, limits: &Limits) -> Result<Agreed, Failed> {
        let (reader, request) = ResponseReader::new(handshake(protocols), NONCE, limits);
        assert!(request.starts_with(b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"));
        let mut reader = reader;
        assert_eq!(reader.key, "dGhlIHNhbXBsZSBub25jZQ==");
        let mut input = response.as_bytes();
        reader
            .read(&mut input)
            .map(|agreed| agreed.expect("a whole head"))
    }

    fn read(protocols: &[&str], fields: &str) -> Result<Agreed, Failed> {
        let response = format!("HTTP/1.1 101 Switching Protocols\r\n{fields}\r\n\r\n");
        read_with(protocols, &response, &Limits::default())
    }

    fn good() -> String {
        format!("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}")
    }

    #[test]
    fn the_request() {
        let request = handshake(&["chat", "superchat"]).request("dGhlIHNhbXBsZSBub25jZQ==");
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
        for (from, to) in [
            ("Upgrade: websocket\r\n", ""),
            ("Upgrade: websocket", "Upgrade: h2c"),
            (
                "Upgrade: websocket",
                "Upgrade: websocket\r\nUpgrade: websocket",
            ),
            ("Connection: Upgrade\r\n", ""),
            ("Connection: Upgrade", "Connection: upgraded"),
            (ACCEPT, "s3pPLMBiTxaQ9kYGzzhZRbK+xOO="),
            (ACCEPT, &ACCEPT.to_lowercase()),
            ("Sec-WebSocket-Accept", "Sec-WebSocket-Accepted"),
            ("Connection", "bad name: x\r\nConnection"),
        ] {
            let fields = good().replacen(from, to, 1);
            assert_eq!(read(&[], &fields).unwrap_err(), Failed, "{fields}");
        }
        for extra in [
            "Sec-WebSocket-Protocol: chat",
            "Sec-WebSocket-Extensions: foo",
            "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: permessage-deflate",
        ] {
            let fields = format!("{}\r\n{extra}", good());
            assert_eq!(read(&[], &fields).unwrap_err(), Failed, "{extra}");
        }
        for protocol in [
            "",
            "Sec-WebSocket-Protocol: \r\n",
            "Sec-WebSocket-Protocol: c\r\n",
            "Sec-WebSocket-Protocol: A\r\n",
            "Sec-WebSocket-Protocol: a, b\r\n",
            "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n",
        ] {
            let fields = format!("{protocol}{}", good());
            assert_eq!(
                read(&["a", "b"], &fields).unwrap_err(),
                Failed,
                "{protocol}"
            );
        }
        for status in [
            "HTTP/1.1 200 OK",
            "HTTP/1.0 101 x",
            "HTTP/1.1 301 x",
            "junk",
        ] {
            let response = format!("{status}\r\n{}\r\n\r\n", good());
            let result = read_with(&[], &response, &Limits::default());
            assert_eq!(result.unwrap_err(), Failed, "{status}");
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
        assert_eq!(with("a: b\r\nc: d\r\ne: f\r\n").unwrap_err(), Failed);
        assert_eq!(
            with(&format!("a: {}\r\n", "x".repeat(300))).unwrap_err(),
            Failed
        );
        let mut reader = ResponseReader::new(handshake(&[]), NONCE, &limits).0;
        assert_eq!(reader.read(&mut &[b'x'; 301][..]).unwrap_err(), Failed);
    }
}
