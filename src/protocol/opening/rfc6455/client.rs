//! The client's opening handshake (RFC 6455 section 4.1, as the WebSockets Standard alters it).

use super::{Extensions, accept};
use crate::protocol::opening::{Agreed, ClientRequest, Response, Role, tokens};
use crate::protocol::{HandshakeFault, Wire};

/// "Fail the WebSocket connection" over this field.
fn wrong(field: &'static str) -> HandshakeFault {
    HandshakeFault::Field(field)
}

/// WebSockets "establish a WebSocket connection", steps 3-10: the bytes to send.
pub(crate) fn request(request: &ClientRequest, key: &str) -> Vec<u8> {
    let mut head = format!(
        "GET {} HTTP/1.1\r\n\
         Host: {}\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Origin: {}\r\n",
        request.url.resource_name,
        request.url.host_and_port(),
        request.origin,
    );
    if !request.protocols.is_empty() {
        let protocols = request.protocols.join(", ");
        head.push_str(&format!("Sec-WebSocket-Protocol: {protocols}\r\n"));
    }
    if let Some(compression) = request.compression {
        let offer = Extensions::offer(compression);
        head.push_str(&format!("Sec-WebSocket-Extensions: {offer}\r\n"));
    }
    for (name, value) in &request.fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// The fields of such a request over HTTP/2 (RFC 8441 section 5): there is no Host, Upgrade, Connection or key. Names are as they
/// are above.
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
pub(crate) fn http2_fields(request: &ClientRequest) -> Vec<(String, String)> {
    let mut fields = vec![
        ("Sec-WebSocket-Version".to_owned(), "13".to_owned()),
        ("Origin".to_owned(), request.origin.clone()),
    ];
    if !request.protocols.is_empty() {
        let protocols = request.protocols.join(", ");
        fields.push(("Sec-WebSocket-Protocol".to_owned(), protocols));
    }
    if let Some(compression) = request.compression {
        let offer = Extensions::offer(compression).to_string();
        fields.push(("Sec-WebSocket-Extensions".to_owned(), offer));
    }
    fields.extend(request.fields.iter().cloned());
    fields
}

/// The response to it, whose status is of those that succeed: the steps below that are not about the upgrade.
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
pub(crate) fn validate_http2(
    request: &ClientRequest,
    response: &Response,
) -> Result<Agreed, HandshakeFault> {
    agree(request, response, protocol(request, response)?)
}

/// WebSockets "establish a WebSocket connection" step 11 for a status of 101, and the steps of RFC 6455
/// section 4.1 that it names.
pub(crate) fn validate(
    request: &ClientRequest,
    key: &str,
    is_http_1_1: bool,
    response: &Response,
) -> Result<Agreed, HandshakeFault> {
    // HTTP/1.0 has no upgrades.
    if !is_http_1_1 {
        return Err(HandshakeFault::Malformed);
    }
    let protocol = protocol(request, response)?;
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
    agree(request, response, protocol)
}

/// 11.2. Protocols were offered, and none was chosen.
fn protocol<'a>(
    request: &ClientRequest,
    response: &'a Response,
) -> Result<Option<&'a str>, HandshakeFault> {
    let protocol = response.only("sec-websocket-protocol")?;
    if !request.protocols.is_empty() && protocol.is_none_or(str::is_empty) {
        return Err(wrong("sec-websocket-protocol"));
    }
    Ok(protocol)
}

/// What both have agreed on, if the server was free to.
fn agree(
    request: &ClientRequest,
    response: &Response,
    protocol: Option<&str>,
) -> Result<Agreed, HandshakeFault> {
    // 5. No extension that was not offered.
    let fields = response.all("sec-websocket-extensions");
    let extensions = Extensions::from_response(fields, request.compression)
        .ok_or(wrong("sec-websocket-extensions"))?;
    // 6. No subprotocol that was not offered.
    if protocol.is_some_and(|chosen| !request.protocols.iter().any(|p| p == chosen)) {
        return Err(wrong("sec-websocket-protocol"));
    }
    Ok(Agreed {
        protocol: protocol.map(str::to_owned),
        extensions,
        ..Agreed::new(Wire::Rfc6455, Role::Client)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::opening::client::{AwaitingResponse, Reply};
    use crate::protocol::{Limits, url};

    fn asked(protocols: &[&str]) -> ClientRequest {
        ClientRequest {
            wire: Wire::Rfc6455,
            url: url::parse("ws://server.example.com/chat").unwrap().1,
            origin: "http://example.com".into(),
            protocols: protocols.iter().map(|&p| p.to_owned()).collect(),
            compression: Some(Default::default()),
            fields: Vec::new(),
        }
    }

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn awaiting(protocols: &[&str], limits: &Limits) -> AwaitingResponse {
        AwaitingResponse::of_rfc_6455(asked(protocols), KEY.to_owned(), limits)
    }

    /// The agreement; or the fault, or the status of a rejection.
    fn read_with(
        protocols: &[&str],
        response: &str,
        limits: &Limits,
    ) -> Result<Result<Agreed, u16>, HandshakeFault> {
        let answered = awaiting(protocols, limits).read(&mut response.as_bytes())?;
        Ok(match answered.expect("a whole head") {
            Reply::Agreed(agreed) => Ok(agreed),
            Reply::Rejected(rejected) => Err(rejected.status()),
        })
    }

    fn read(protocols: &[&str], fields: &str) -> Result<Agreed, HandshakeFault> {
        let response = format!("HTTP/1.1 101 Switching Protocols\r\n{fields}\r\n\r\n");
        read_with(protocols, &response, &Limits::default()).map(|agreed| agreed.expect("it is 101"))
    }

    #[test]
    fn the_key_of_the_overview() {
        assert_eq!(super::super::key(*b"the sample nonce"), KEY);
        assert_eq!(accept(KEY), ACCEPT);
    }

    fn good() -> String {
        format!("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}")
    }

    #[test]
    fn the_request() {
        let request = request(&asked(&["chat", "superchat"]), KEY);
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
            agreed.extensions.as_str(),
            "permessage-deflate; server_no_context_takeover"
        );
    }

    #[test]
    fn responses_that_fail_it() {
        let malformed = || HandshakeFault::Malformed;
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
            read_with(&[], &response, &Limits::default())
        };
        for status in ["HTTP/1.0 101 x", "junk"] {
            assert_eq!(with_status(status), Err(malformed()), "{status}");
        }
        for status in [200, 301, 401, 404] {
            let response = with_status(&format!("HTTP/1.1 {status} x"));
            assert_eq!(response, Ok(Err(status)));
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
            HandshakeFault::TooLarge
        );
        assert_eq!(
            with(&format!("a: {}\r\n", "x".repeat(300))).unwrap_err(),
            HandshakeFault::TooLarge
        );
        let mut reader = awaiting(&[], &limits);
        assert_eq!(
            reader.read(&mut &[b'H'; 301][..]).unwrap_err(),
            HandshakeFault::TooLarge
        );
    }
}
