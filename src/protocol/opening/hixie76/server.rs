//! The server's opening handshake (hixie-76 sections 5.1 and 5.2).

use super::challenge;
use crate::protocol::opening::Request;

/// What the server has made of a client's fields.
#[derive(Clone, Debug)]
pub(crate) struct ServerHandshake {
    location: String,
    origin: String,
    number1: u32,
    number2: u32,
}

impl ServerHandshake {
    /// Sections 5.1 and 5.2 steps 2-7. `None`: abort the connection. Each field that the text says a
    /// server should insist on is insisted on.
    pub(crate) fn new(request: &Request, secure: bool) -> Option<Self> {
        let is = |name, value: &str| {
            request
                .field(name)
                .is_some_and(|v| v.eq_ignore_ascii_case(value))
        };
        if !is("upgrade", "WebSocket") || !is("connection", "Upgrade") {
            return None;
        }
        // 2-3. The location: host and port as the client addresses us. The origin in lower case.
        let location = request.url(secure)?.construct();
        let origin = request.origin()?.to_ascii_lowercase();
        Some(Self {
            location,
            origin,
            // 4-7. The two numbers.
            number1: challenge::key_number(request.fields_named("sec-websocket-key1").next()?)?,
            number2: challenge::key_number(request.fields_named("sec-websocket-key2").next()?)?,
        })
    }

    /// Section 5.2 steps 10-12: the status line and the fields.
    pub(crate) fn head(&self, protocol: Option<&str>) -> String {
        let mut head = format!(
            "HTTP/1.1 101 WebSocket Protocol Handshake\r\n\
             Upgrade: WebSocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Location: {}\r\n\
             Sec-WebSocket-Origin: {}\r\n",
            self.location, self.origin
        );
        if let Some(protocol) = protocol {
            head.push_str("Sec-WebSocket-Protocol: ");
            head.push_str(protocol);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        head
    }

    /// Section 5.2 steps 8, 9 and 13: the answer to the challenge.
    pub(crate) fn response(&self, key3: [u8; 8]) -> [u8; 16] {
        challenge::response(self.number1, self.number2, key3)
    }
}

#[cfg(test)]
mod tests {
    use super::super::challenge::examples;
    use super::*;
    use crate::protocol::Wire;
    use crate::protocol::opening::request::{Version, changed_fields};

    const FIELDS: [(&str, &str); 6] = [
        ("host", "example.com"),
        ("connection", "Upgrade"),
        ("sec-websocket-key2", "12998 5 Y3 1  .P00"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-key1", "4 @1  46546xW%0l 1 5"),
        ("origin", "http://Example.com"),
    ];

    fn handshake(changed: (&str, Option<&str>)) -> Option<ServerHandshake> {
        let request = Request {
            wire: Wire::Hixie76,
            version: Version::Http1_1,
            resource_name: "/demo".into(),
            fields: changed_fields(&FIELDS, changed),
        };
        ServerHandshake::new(&request, false)
    }

    #[test]
    fn the_response_of_the_overview() {
        let handshake = handshake(("", None)).unwrap();
        assert_eq!(
            handshake.head(Some("sample")),
            "HTTP/1.1 101 WebSocket Protocol Handshake\r\n\
             Upgrade: WebSocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Location: ws://example.com/demo\r\n\
             Sec-WebSocket-Origin: http://example.com\r\n\
             Sec-WebSocket-Protocol: sample\r\n\r\n"
        );
        assert!(!handshake.head(None).contains("Protocol:"));
        assert_eq!(
            handshake.response(examples::ALL[0].key3),
            examples::ALL[0].response
        );
    }

    #[test]
    fn case_does_not_matter_where_the_text_says_so() {
        assert!(handshake(("upgrade", Some("wEBsOCKET"))).is_some());
        assert!(handshake(("connection", Some("upgrade"))).is_some());
    }

    #[test]
    fn the_location_is_the_one_that_the_client_addressed() {
        let head = handshake(("host", Some("EXAMPLE.com:8080")))
            .unwrap()
            .head(None);
        assert!(head.contains("Location: ws://example.com:8080/demo\r\n"));
        let head = handshake(("host", Some("example.com:80")))
            .unwrap()
            .head(None);
        assert!(head.contains("Location: ws://example.com/demo\r\n"));
    }

    #[test]
    fn fields_that_abort_the_connection() {
        for (name, _) in FIELDS {
            assert!(handshake((name, None)).is_none(), "without {name}");
        }
        for (name, value) in [
            ("upgrade", "TLS/1.0"),
            ("connection", "keep-alive"),
            ("host", "exa mple.com"),
            ("sec-websocket-key1", "12345"),
            ("sec-websocket-key2", examples::NOT_A_MULTIPLE),
        ] {
            assert!(handshake((name, Some(value))).is_none(), "{name}: {value}");
        }
    }
}
