//! The client's opening handshake.

use super::{NAME, REFUSED, agrees_to_upgrade};
use crate::protocol::opening::{Agreed, ClientRequest, Response, Role};
use crate::protocol::{HandshakeFault, Wire};

/// S2: the bytes to send, which have nothing of the author's but the host.
pub(crate) fn request(request: &ClientRequest) -> Vec<u8> {
    let host = request.url.host_and_port();
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n")
        .into_bytes()
}

/// S7-S10: whether a response of status 101 is from a server that speaks this wire.
pub(crate) fn validate(is_http_1_1: bool, response: &Response) -> Result<Agreed, HandshakeFault> {
    let wrong = |name| Err(HandshakeFault::Field(name));
    // HTTP/1.0 has no upgrades.
    if !is_http_1_1 {
        return Err(HandshakeFault::Malformed);
    }
    if !response
        .only("upgrade")?
        .is_some_and(|upgrade| upgrade.eq_ignore_ascii_case(NAME))
    {
        return wrong("upgrade");
    }
    if !agrees_to_upgrade(response.all("connection")) {
        return wrong("connection");
    }
    let has = |name: &&str| response.field(name).is_some();
    match REFUSED.into_iter().find(has) {
        Some(name) => wrong(name),
        None => Ok(Agreed::new(Wire::Simplified, Role::Client)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Limits;
    use crate::protocol::opening::client::{AwaitingResponse, Reply};

    fn asked(url: &str) -> ClientRequest {
        ClientRequest::new(Wire::Simplified, url).unwrap()
    }

    /// The agreement; or the fault, or the status of a rejection.
    fn read_with(
        response: &[u8],
        step: usize,
        limits: &Limits,
    ) -> Result<Option<Result<Agreed, u16>>, HandshakeFault> {
        let (mut awaiting, _) = AwaitingResponse::new(asked("ws://h/"), limits, [7; 32]);
        let mut rest = response;
        while !rest.is_empty() {
            let (mut piece, later) = rest.split_at(step.min(rest.len()));
            match awaiting.read(&mut piece)? {
                None => assert_eq!(piece, b""),
                Some(Reply::Agreed(mut agreed)) => {
                    assert_eq!(piece, b"", "it has taken what lies behind");
                    agreed.unread.extend(later);
                    return Ok(Some(Ok(agreed)));
                }
                Some(Reply::Rejected(rejected)) => return Ok(Some(Err(rejected.status()))),
            }
            rest = later;
        }
        Ok(None)
    }

    fn read(response: &str) -> Result<Option<Result<Agreed, u16>>, HandshakeFault> {
        let limits = Limits::default();
        let whole = read_with(response.as_bytes(), usize::MAX, &limits);
        for step in [1, 2, 3, 7] {
            let split = read_with(response.as_bytes(), step, &limits);
            assert_eq!(split, whole, "{response:?} by {step}");
        }
        whole
    }

    fn agreed(unread: &[u8]) -> Result<Option<Result<Agreed, u16>>, HandshakeFault> {
        Ok(Some(Ok(Agreed {
            unread: unread.to_vec(),
            ..Agreed::new(Wire::Simplified, Role::Client)
        })))
    }

    const GOOD: &str =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";

    #[test]
    fn the_whole_request_whatever_else_is_asked_for() {
        for (url, host) in [
            ("ws://Example.com", "example.com"),
            ("ws://example.com:25/", "example.com:25"),
            ("wss://example.com:443/", "example.com"),
            ("ws://[::1]:8080/", "[::1]:8080"),
            ("wss://b\u{fc}cher.example", "xn--bcher-kva.example"),
        ] {
            let mut asked = asked(url);
            asked.origin = "https://secret.example".into();
            asked.protocols = vec!["secret".into()];
            asked.fields = vec![("Cookie".into(), "secret".into())];
            asked.compression = Some(Default::default());
            asked.url.resource_name = "/secret".into();
            let (_, request) = AwaitingResponse::new(asked, &Limits::default(), [7; 32]);
            assert_eq!(
                String::from_utf8(request).unwrap(),
                format!(
                    "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"
                ),
            );
        }
    }

    #[test]
    fn urls_have_a_host_and_a_port_and_nothing_else() {
        for url in [
            "ws://h/x",
            "ws://h//",
            "ws://h/?",
            "ws://h/?q",
            "ws://h?q",
            "ws://h/#",
            "ws://h#f",
            "ws://user@h/",
            "ws://user:password@h/",
            "ws://:password@h/",
            "http://h/",
            "https://h/",
            "ftp://h/",
            "/",
            "",
            "ws:",
            "ws://h:65536/",
        ] {
            assert_eq!(ClientRequest::new(Wire::Simplified, url), None, "{url}");
        }
    }

    #[test]
    fn responses_that_open_the_connection() {
        assert_eq!(read(GOOD), agreed(b""));
        assert_eq!(
            read(&format!("{GOOD}\0bytes\r\n\r\n")),
            agreed(b"\0bytes\r\n\r\n")
        );
        for (from, to) in [
            ("WebSocket", "websocket"),
            ("WebSocket", "\tWEBSOCKET  "),
            ("Connection: Upgrade", "connection: keep-alive, upgrade"),
            (
                "Connection: Upgrade",
                "Connection: x\r\nConnection: Upgrade",
            ),
            (
                "Connection: Upgrade",
                "Connection: Upgrade\r\nServer: x\r\nDate: y",
            ),
            ("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101 "),
            ("HTTP/1.1 101", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101"),
        ] {
            assert_eq!(read(&GOOD.replace(from, to)), agreed(b""), "{to}");
        }
    }

    #[test]
    fn responses_that_fail_the_connection() {
        let field = HandshakeFault::Field;
        let before = |line: &str| format!("{line}\r\nConnection");
        for (from, to, fault) in [
            ("HTTP/1.1", "HTTP/1.0", HandshakeFault::Malformed),
            ("HTTP/1.1", "HTTP/2", HandshakeFault::Malformed),
            ("HTTP/1.1", "ICY", HandshakeFault::Malformed),
            ("Upgrade: WebSocket\r\n", "", field("upgrade")),
            ("WebSocket", "WebSocket, h2c", field("upgrade")),
            ("WebSocket", "TLS/1.0", field("upgrade")),
            ("Connection: Upgrade\r\n", "", field("connection")),
            (
                "Connection: Upgrade",
                "Connection: close",
                field("connection"),
            ),
            (
                "Connection",
                &before("Upgrade: WebSocket"),
                field("upgrade"),
            ),
            (
                "Connection",
                &before("Content-Length: 0"),
                field("content-length"),
            ),
            (
                "Connection",
                &before("Transfer-Encoding: chunked"),
                field("transfer-encoding"),
            ),
            (
                "Connection",
                &before("Sec-WebSocket-Accept: x"),
                field("sec-websocket-accept"),
            ),
            (
                "Connection",
                &before("WebSocket-Origin: x"),
                field("websocket-origin"),
            ),
            (
                "Connection",
                " folded\r\nConnection",
                HandshakeFault::Malformed,
            ),
            (
                "Connection",
                "no colon\r\nConnection",
                HandshakeFault::Malformed,
            ),
            (
                "Connection",
                "na me: x\r\nConnection",
                HandshakeFault::Malformed,
            ),
            ("Connection:", "Connection :", HandshakeFault::Malformed),
            ("WebSocket", "Web\0Socket", HandshakeFault::Malformed),
            ("WebSocket", "WebSocket\rX: y", HandshakeFault::Malformed),
        ] {
            let response = GOOD.replacen(from, to, 1);
            assert_ne!(response, GOOD, "{to}");
            assert_eq!(read(&response), Err(fault), "{response:?}");
        }
    }

    #[test]
    fn any_other_status_turns_us_away() {
        for status in [200, 301, 400, 401, 403, 407, 426, 500] {
            let response = GOOD.replace("101 Switching", &format!("{status} x"));
            assert_eq!(read(&response), Ok(Some(Err(status))));
        }
    }

    #[test]
    fn a_head_has_bounds() {
        let limits = Limits {
            head: 100,
            head_fields: 3,
            ..Limits::default()
        };
        let with = |extra: &str| {
            let response = GOOD.replace("Connection", &format!("{extra}Connection"));
            read_with(response.as_bytes(), usize::MAX, &limits)
        };
        assert!(with("a: b\r\n").unwrap().is_some());
        assert_eq!(with("a: b\r\nc: d\r\n"), Err(HandshakeFault::TooLarge));
        let long = format!("a: {}\r\n", "b".repeat(50));
        assert_eq!(with(&long), Err(HandshakeFault::TooLarge));
        let endless = read_with(&[b'H'; 500], 7, &limits);
        assert_eq!(endless, Err(HandshakeFault::TooLarge));
    }
}
