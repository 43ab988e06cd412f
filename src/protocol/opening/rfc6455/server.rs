//! The server's opening handshake (RFC 6455 section 4.2).

use super::{Compression, Extensions, accept};
use crate::protocol::opening::request::Version;
use crate::protocol::opening::{Refusal, Request, tokens};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// The key of the RFC's own example has bits set behind its last byte.
const KEY_ENCODING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What the server has made of a client's fields.
#[derive(Clone, Debug)]
pub(crate) struct ServerHandshake {
    accept: String,
    extensions: Extensions,
}

pub(crate) const BAD_REQUEST: Refusal =
    Refusal::with("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
/// Section 4.4: the version that is spoken here.
const OTHER_VERSION: Refusal = Refusal::with(
    "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\
     Connection: close, Upgrade\r\nContent-Length: 0\r\n\r\n",
);
/// The same over HTTP/2, where nothing can be upgraded (RFC 9113 section 8.6).
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
const OTHER_VERSION_OVER_HTTP2: Refusal = Refusal::with(
    "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n",
);
/// The application refused.
pub(crate) const FORBIDDEN: Refusal =
    Refusal::with("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

impl ServerHandshake {
    /// Section 4.2.1: what a client's handshake has to contain.
    pub(crate) fn new(
        request: &Request,
        compression: Option<Compression>,
    ) -> Result<Self, Refusal> {
        let contains = |name, token| {
            request
                .fields_named(name)
                .any(|value| tokens::list_contains(value, token))
        };
        // 1. HTTP/1.1 or later, and a resource name, which has no fragment. 3, 4. Upgrade and Connection.
        // 2. Host.
        if request.version != Version::Http1_1
            || request.resource_name().contains('#')
            || !contains("upgrade", "websocket")
            || !contains("connection", "upgrade")
            || only(request, "host").is_none()
        {
            return Err(BAD_REQUEST);
        }
        // 6. The version.
        if !is_of_this_version(request) {
            return Err(OTHER_VERSION);
        }
        // 5. A key of 16 bytes.
        Ok(Self {
            accept: accept(key(request).ok_or(BAD_REQUEST)?),
            extensions: agree(request, compression)?,
        })
    }

    /// Section 4.2.2 step 5: the response.
    pub(crate) fn response(&self, protocol: Option<&str>) -> String {
        let mut response = format!(
            "HTTP/1.1 101 Switching Protocols\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            self.accept
        );
        for (name, value) in agreed(protocol, &self.extensions) {
            response.push_str(&format!("{name}: {value}\r\n"));
        }
        response.push_str("\r\n");
        response
    }

    /// The extensions in use, as the response has them.
    pub(crate) fn extensions(&self) -> Extensions {
        self.extensions.clone()
    }
}

/// The same of a request over HTTP/2 (RFC 8441 section 5), where there is neither an upgrade nor a key.
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
#[derive(Clone, Debug)]
pub(crate) struct Http2Handshake {
    /// For a client that has sent a key all the same, and may believe in no answer without.
    accept: Option<String>,
    extensions: Extensions,
}

#[cfg(all(feature = "http2", not(target_family = "wasm")))]
impl Http2Handshake {
    pub(crate) fn new(
        request: &Request,
        compression: Option<Compression>,
    ) -> Result<Self, Refusal> {
        if request.resource_name().contains('#') || only(request, "host").is_none() {
            return Err(BAD_REQUEST);
        }
        if !is_of_this_version(request) {
            return Err(OTHER_VERSION_OVER_HTTP2);
        }
        Ok(Self {
            accept: key(request).map(accept),
            extensions: agree(request, compression)?,
        })
    }

    /// The fields of the response.
    pub(crate) fn fields<'a>(
        &'a self,
        protocol: Option<&'a str>,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let accept = self.accept.as_deref();
        let accept = accept.map(|accept| ("Sec-WebSocket-Accept", accept));
        accept.into_iter().chain(agreed(protocol, &self.extensions))
    }

    /// The extensions in use, as the response has them.
    pub(crate) fn extensions(&self) -> Extensions {
        self.extensions.clone()
    }
}

/// What the response says of what was agreed on.
fn agreed<'a>(
    protocol: Option<&'a str>,
    extensions: &'a Extensions,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let protocol = protocol.map(|protocol| ("Sec-WebSocket-Protocol", protocol));
    let extensions = Some(extensions.as_str()).filter(|extensions| !extensions.is_empty());
    let extensions = extensions.map(|extensions| ("Sec-WebSocket-Extensions", extensions));
    protocol.into_iter().chain(extensions)
}

/// The value of a field that stands once.
fn only<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.fields_named(name).map(tokens::trim);
    values.next().filter(|_| values.next().is_none())
}

/// One of 16 bytes.
fn key(request: &Request) -> Option<&str> {
    only(request, "sec-websocket-key")
        .filter(|key| KEY_ENCODING.decode(key).is_ok_and(|key| key.len() == 16))
}

fn is_of_this_version(request: &Request) -> bool {
    only(request, "sec-websocket-version") == Some("13")
}

fn agree(request: &Request, compression: Option<Compression>) -> Result<Extensions, Refusal> {
    // 8. The subprotocols are tokens: the answer repeats one of them.
    if !request.protocols().all(tokens::is_token) {
        return Err(BAD_REQUEST);
    }
    // 9. The extensions. Section 9.1: a list that does not match the grammar fails the connection.
    let offers = request.fields_named("sec-websocket-extensions");
    Extensions::from_offers(offers, compression).ok_or(BAD_REQUEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Wire;
    use crate::protocol::opening::request::changed_fields;

    const FIELDS: [(&str, &str); 6] = [
        ("host", "server.example.com"),
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        (
            "sec-websocket-extensions",
            "permessage-deflate; client_max_window_bits",
        ),
    ];

    fn handshake(changed: (&str, Option<&str>)) -> Result<ServerHandshake, Refusal> {
        let request = Request {
            wire: Wire::Rfc6455,
            version: Version::Http1_1,
            resource_name: "/chat".into(),
            fields: changed_fields(&FIELDS, changed),
        };
        ServerHandshake::new(&request, Some(Default::default()))
    }

    #[test]
    fn the_response_of_the_overview() {
        let response = handshake(("sec-websocket-extensions", None))
            .unwrap()
            .response(Some("chat"));
        assert_eq!(
            response,
            "HTTP/1.1 101 Switching Protocols\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
             Sec-WebSocket-Protocol: chat\r\n\r\n"
        );
        let response = handshake(("", None)).unwrap().response(None);
        assert!(response.contains("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    }

    #[test]
    fn clients_that_are_turned_away() {
        for (name, value, rejection) in [
            ("host", None, BAD_REQUEST),
            ("upgrade", Some("h2c"), BAD_REQUEST),
            ("connection", Some("close"), BAD_REQUEST),
            ("sec-websocket-key", None, BAD_REQUEST),
            ("sec-websocket-key", Some("c2hvcnQ="), BAD_REQUEST),
            ("sec-websocket-version", None, OTHER_VERSION),
            ("sec-websocket-version", Some("8"), OTHER_VERSION),
            ("sec-websocket-extensions", Some("a b;;"), BAD_REQUEST),
        ] {
            assert_eq!(handshake((name, value)).unwrap_err(), rejection, "{name}");
        }
    }
}
