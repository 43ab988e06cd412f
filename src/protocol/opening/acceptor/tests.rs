//! Who is let in, and who is turned away.

use super::*;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n\r\n";
const DRAFT_76: &str = "GET /demo HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nUpgrade: WebSocket\r\n\
    Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nOrigin: http://example.com\r\n\r\n";

fn read(request: &str, wire: Option<Wire>) -> Result<AwaitingAnswer, Refusal> {
    let options = AcceptOptions {
        wire,
        ..AcceptOptions::default()
    };
    let mut input = request.as_bytes();
    let awaiting = AwaitingRequest::new(options).read(&mut input)?;
    assert_eq!(input, b"");
    Ok(awaiting.expect("a whole head"))
}

#[test]
fn clients_that_are_turned_away_get_an_answer() {
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        ("nonsense\r\n\r\n", "400"),
        (&REQUEST.replace("Version: 13", "Version: 8"), "426"),
        (&REQUEST.replace(": a, b", ": a\u{1}, b"), "400"),
        (&REQUEST.replace(": a, b", ": a b"), "400"),
    ] {
        let rejection = read(request, None).unwrap_err();
        assert_eq!(&rejection.response[9..12], status.as_bytes(), "{request}");
    }
    for answer in [Answer::Refuse, Answer::accept_with("c")] {
        let rejection = read(REQUEST, None).unwrap().answer(answer).unwrap_err();
        assert_eq!(rejection, FORBIDDEN);
    }
}

#[test]
fn draft_76_has_no_such_answers() {
    for (request, wire) in [
        (&DRAFT_76.replace("GET /", "GET x"), None),
        (&DRAFT_76.replace("Upgrade: WebSocket", "Upgrade: x"), None),
        (&DRAFT_76.to_owned(), Some(Wire::Rfc6455)),
        (&REQUEST.to_owned(), Some(Wire::Hixie76)),
    ] {
        let is_other = wire == Some(Wire::Hixie76);
        let rejection = read(request, wire).unwrap_err();
        assert_eq!(rejection.response(), b"", "{request} {is_other}");
    }
    for answer in [
        Answer::Refuse,
        Answer::accept_with("x\r\nSet-Cookie: a=b"),
        Answer::accept_with(""),
    ] {
        let rejection = read(DRAFT_76, None).unwrap().answer(answer).unwrap_err();
        assert_eq!(rejection.response(), b"");
    }
}

#[test]
fn what_lies_behind_the_handshake_is_left() {
    let awaiting = read(REQUEST, None).unwrap();
    let (_, mut responding) = awaiting.answer(Answer::accept_with("b")).unwrap();
    let agreed = responding.read(&mut &b"\x81\x80"[..]).unwrap();
    assert!(agreed.unsent.starts_with(b"HTTP/1.1 101 "));
    assert_eq!(agreed.protocol.as_deref(), Some("b"));
    assert_eq!((agreed.wire, agreed.role), (Wire::Rfc6455, Role::Server));
    assert_eq!(agreed.unread, b"\x81\x80");
}

#[test]
fn the_head_leaves_before_the_eight_bytes_have_come() {
    let awaiting = read(DRAFT_76, None).unwrap();
    let (request, mut responding) = awaiting.answer(Answer::accept()).unwrap();
    assert_eq!(request.resource_name(), "/demo");
    assert_eq!(responding.read(&mut &b""[..]), None);
    assert!(responding.take_output().ends_with(b"\r\n\r\n"));
    assert_eq!(responding.read(&mut &b"^n:ds[4"[..]), None);
    assert_eq!(responding.take_output(), b"");
    let agreed = responding.read(&mut &b"U\0x\xff"[..]).unwrap();
    assert_eq!(agreed.unread, b"\0x\xff");
    assert_eq!(agreed.unsent, b"8jKS'y:G*Co,Wxa-");
    assert_eq!(responding.read(&mut &b"more"[..]), None, "it is over");
}
