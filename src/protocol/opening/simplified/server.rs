//! The server's opening handshake.

use super::{NAME, REFUSED, agrees_to_upgrade};
use crate::protocol::opening::request::Version;
use crate::protocol::opening::{Request, tokens};

/// S6: the response.
pub(crate) const RESPONSE: &str =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";

/// S4: whether these fields, with names in lower case, are of a client of this wire, be they right or wrong: it asks
/// for an Upgrade to it, and has nothing of another wire's handshake.
pub(crate) fn is_meant(fields: &[(String, String)]) -> bool {
    let asks = |(name, value): &(String, String)| {
        name == "upgrade" && tokens::trim(value).eq_ignore_ascii_case(NAME)
    };
    let is_of_another = |(name, _): &(String, String)| REFUSED[2..].contains(&name.as_str());
    fields.iter().any(asks) && !fields.iter().any(is_of_another)
}

/// S5, S9, S10: whether a client's request is as it has to be.
pub(crate) fn is_acceptable(request: &Request) -> bool {
    let only = |name| {
        let mut values = request.fields_named(name).map(tokens::trim);
        values.next().filter(|_| values.next().is_none())
    };
    let is_well_formed = |(name, value): (&str, &str)| {
        tokens::is_token(name) && !value.contains(|c: char| c.is_ascii_control() && c != '\t')
    };
    request.version == Version::Http1_1
        && !request.resource_name().contains('#')
        && request.fields().all(is_well_formed)
        && only("host").is_some()
        && only("upgrade").is_some_and(|upgrade| upgrade.eq_ignore_ascii_case(NAME))
        && agrees_to_upgrade(request.fields_named("connection"))
        && !request.fields().any(|(name, _)| REFUSED.contains(&name))
}

#[cfg(test)]
mod tests {
    use crate::protocol::opening::{
        AcceptOptions, Agreed, Answer, AwaitingAnswer, AwaitingRequest, Refusal, Role,
    };
    use crate::protocol::{Limits, Wire};
    use proptest::prelude::*;

    const GOOD: &str =
        "GET / HTTP/1.1\r\nHost: h:81\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";

    fn options() -> AcceptOptions {
        AcceptOptions {
            simplified: true,
            ..AcceptOptions::default()
        }
    }

    fn read_with(
        options: &AcceptOptions,
        request: &[u8],
        step: usize,
    ) -> Result<(AwaitingAnswer, Vec<u8>), Refusal> {
        let mut awaiting = AwaitingRequest::new(options.clone());
        let mut rest = request;
        loop {
            assert!(!rest.is_empty(), "a whole head");
            let (mut piece, later) = rest.split_at(step.min(rest.len()));
            if let Some(awaiting) = awaiting.read(&mut piece)? {
                return Ok((awaiting, [piece, later].concat()));
            }
            assert_eq!(piece, b"");
            rest = later;
        }
    }

    /// The status of a refusal, or what lies behind the head; the same by any steps.
    fn read(options: &AcceptOptions, request: &str) -> Result<(Wire, Vec<u8>), String> {
        let read = |step| match read_with(options, request.as_bytes(), step) {
            Ok((awaiting, unread)) => Ok((awaiting.request().wire(), unread)),
            Err(refusal) => Err(status(&refusal)),
        };
        let whole = read(usize::MAX);
        for step in [1, 2, 3, 7] {
            assert_eq!(read(step), whole, "{request:?} by {step}");
        }
        whole
    }

    fn status(refusal: &Refusal) -> String {
        let response = std::str::from_utf8(refusal.response()).unwrap();
        response.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    fn accepted(unread: &[u8]) -> Result<(Wire, Vec<u8>), String> {
        Ok((Wire::Simplified, unread.to_vec()))
    }

    #[test]
    fn a_whole_handshake() {
        let (awaiting, unread) = read_with(&options(), GOOD.as_bytes(), 5).unwrap();
        assert_eq!(awaiting.request().host(), Some("h:81"));
        assert_eq!(awaiting.request().protocols().count(), 0);
        let (_, mut responding) = awaiting.answer(Answer::accept()).unwrap();
        let agreed = responding.read(&mut &unread[..]).unwrap();
        assert_eq!(
            agreed,
            Agreed {
                unsent: super::RESPONSE.as_bytes().to_vec(),
                ..Agreed::new(Wire::Simplified, Role::Server)
            }
        );
        assert_eq!(responding.read(&mut &b"more"[..]), None, "it is over");
    }

    #[test]
    fn what_lies_behind_the_head_is_unread() {
        let (awaiting, unread) = read_with(
            &options(),
            format!("{GOOD}\0\r\n\r\n").as_bytes(),
            usize::MAX,
        )
        .unwrap();
        assert_eq!(unread, b"\0\r\n\r\n");
        let (_, mut responding) = awaiting.answer(Answer::accept()).unwrap();
        let agreed = responding.read(&mut &unread[..]).unwrap();
        assert_eq!(agreed.unread, b"\0\r\n\r\n");
    }

    #[test]
    fn an_application_may_refuse_and_there_are_no_subprotocols() {
        for answer in [Answer::Refuse, Answer::accept_with("x")] {
            let (awaiting, _) = read_with(&options(), GOOD.as_bytes(), 100).unwrap();
            assert_eq!(status(&awaiting.answer(answer).unwrap_err()), "403");
        }
    }

    #[test]
    fn requests_that_are_accepted() {
        for (from, to) in [
            ("", ""),
            ("WebSocket", "websocket"),
            ("WebSocket", "\tWEBSOCKET "),
            ("Connection: Upgrade", "CONNECTION:keep-alive, upgrade"),
            (
                "Connection: Upgrade",
                "Connection: x\r\nConnection: Upgrade",
            ),
            ("Upgrade: W", "Cookie: a=b\r\nVia: 1.1 relay\r\nUpgrade: W"),
            ("GET / ", "GET /path?query "),
            ("GET / ", "GET http://h:81/ "),
        ] {
            assert_eq!(
                read(&options(), &GOOD.replace(from, to)),
                accepted(b""),
                "{to}"
            );
        }
    }

    #[test]
    fn requests_that_are_refused() {
        for (from, to) in [
            ("HTTP/1.1", "HTTP/1.0"),
            ("HTTP/1.1", "HTTP/0.9"),
            ("HTTP/1.1", "HTTP/2"),
            ("HTTP/1.1", "HTTP/1.1 x"),
            ("HTTP/1.1", "HTTP/1.x"),
            ("HTTP/1.1", "http/1.1"),
            ("GET", "POST"),
            ("GET", "get"),
            ("GET ", "GET  "),
            ("GET /", "GET /#f"),
            ("GET / ", "GET * "),
            ("Host: h:81\r\n", ""),
            ("Host: h:81", "Host: h:81\r\nHost: h:81"),
            ("Upgrade: W", "Upgrade: WebSocket\r\nUpgrade: W"),
            ("Upgrade: W", "Upgrade: h2c\r\nUpgrade: W"),
            ("Connection: Upgrade\r\n", ""),
            ("Connection: Upgrade", "Connection: close"),
            ("Connection: Upgrade", "Connection: upgraded"),
            // Smuggling: a body, and what some parser would read differently.
            ("Upgrade: W", "Content-Length: 0\r\nUpgrade: W"),
            ("Upgrade: W", "Content-Length: 5\r\nUpgrade: W"),
            ("Upgrade: W", "Transfer-Encoding: chunked\r\nUpgrade: W"),
            ("Upgrade: W", "X: y\r\n folded\r\nUpgrade: W"),
            ("Upgrade: W", "X: y\r\n\tfolded: z\r\nUpgrade: W"),
            ("Upgrade: W", "X: y\nUpgrade: W"),
            ("Upgrade: W", "X: y\rZ: z\r\nUpgrade: W"),
            ("Upgrade: W", "X: \0\r\nUpgrade: W"),
            ("Upgrade: W", "X: \x7f\r\nUpgrade: W"),
            ("Upgrade: W", "X : y\r\nUpgrade: W"),
            ("Upgrade: W", "X@: y\r\nUpgrade: W"),
            ("Upgrade: W", ": y\r\nUpgrade: W"),
            ("Upgrade: W", "y\r\nUpgrade: W"),
        ] {
            let request = GOOD.replacen(from, to, 1);
            assert_ne!(request, GOOD);
            assert_eq!(read(&options(), &request), Err("400".into()), "{request:?}");
        }
    }

    #[test]
    fn whoever_means_another_wire_is_no_client_of_this_one() {
        let with = |extra: &str| GOOD.replace("Upgrade: W", &format!("{extra}\r\nUpgrade: W"));
        for (request, status) in [
            (with("Sec-WebSocket-Version: 13"), "400"),
            (with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), "426"),
            (with("Sec-WebSocket-Protocol: x"), "426"),
            (with("Origin: http://h"), "426"),
            // Draft 76 has no answer to such a client.
            (with("Sec-WebSocket-Key1: 1 2"), ""),
            (with("Sec-WebSocket-Key2: 1 2"), ""),
            (GOOD.replace("WebSocket", "h2c"), "400"),
            (GOOD.replace("WebSocket", "WebSocket, h2c"), "426"),
            (GOOD.replace("WebSocket", "TLS/1.0"), "400"),
        ] {
            assert_eq!(read(&options(), &request), Err(status.into()), "{request}");
        }
    }

    #[test]
    fn it_is_accepted_only_where_it_is_allowed() {
        let of = |wire, simplified| AcceptOptions {
            wire,
            simplified,
            ..AcceptOptions::default()
        };
        for wire in [None, Some(Wire::Rfc6455)] {
            assert_eq!(read(&of(wire, false), GOOD), Err("426".into()));
            assert_eq!(read(&of(wire, true), GOOD), accepted(b""));
        }
        assert_eq!(
            read(&of(Some(Wire::Hixie76), false), GOOD),
            Err(String::new())
        );
        assert_eq!(read(&of(Some(Wire::Hixie76), true), GOOD), accepted(b""));
        let only = of(Some(Wire::Simplified), false);
        assert_eq!(read(&only, GOOD), accepted(b""));
        let living = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        assert_eq!(read(&only, living), Err("400".into()));
        let (wire, _) = read(&of(None, true), living).unwrap();
        assert_eq!(wire, Wire::Rfc6455);
    }

    proptest! {
        #[test]
        fn no_request_is_read_in_two_ways(
            at in 0..GOOD.len(),
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b' ')], 0..4),
            replaced in 0usize..4,
            step in 1usize..20,
        ) {
            let (before, rest) = GOOD.as_bytes().split_at(at);
            let request = [before, &bytes, &rest[replaced.min(rest.len())..], b"\r\n\r\n"].concat();
            let read = |step| match read_with(&options(), &request, step) {
                Ok((awaiting, unread)) => Ok((awaiting.request().clone(), unread)),
                Err(refusal) => Err(status(&refusal)),
            };
            let whole = read(usize::MAX);
            prop_assert_eq!(&whole, &read(step));
            let Ok((request, _)) = whole else { return Ok(()); };
            prop_assert_eq!(request.wire(), Wire::Simplified);
            for name in ["host", "upgrade"] {
                prop_assert_eq!(request.fields_named(name).count(), 1);
            }
            for (name, value) in request.fields() {
                prop_assert!(!name.contains([' ', '\t', ':']));
                prop_assert!(!value.contains(['\r', '\n', '\0']));
            }
        }
    }

    #[test]
    fn a_head_has_bounds() {
        let options = AcceptOptions {
            limits: Limits {
                head: 120,
                head_fields: 4,
                ..Limits::default()
            },
            ..options()
        };
        let with = |extra: &str| read(&options, &GOOD.replace("Host", &format!("{extra}Host")));
        assert_eq!(with("a: b\r\n"), accepted(b""));
        assert_eq!(with("a: b\r\nc: d\r\n"), Err("400".into()));
        assert_eq!(
            with(&format!("a: {}\r\n", "b".repeat(60))),
            Err("400".into())
        );
    }
}
