//! The handshakes of the draft, and what is none.

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

const ESTABLISHED: fn() -> Result<Option<Subprotocol>, Answer> = || Ok(Some(Some("sample".into())));

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
