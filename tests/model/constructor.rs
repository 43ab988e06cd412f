//! The constructor's exceptions, of any arguments.

use dom_websocket::{Edition, EventLoop, WebSocket};
use proptest::prelude::*;

/// What the constructor throws, if anything.
fn expected(edition: Edition, url: &str, protocols: &[String]) -> Option<&'static str> {
    // WebSockets step 2 and r4820's "parse a WebSocket URL" step 1: the URL parser, without a base.
    let Ok(url) = url::Url::parse(url) else {
        return Some("SyntaxError");
    };
    match edition {
        Edition::Living => {
            // Steps 4-6.
            if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") {
                return Some("SyntaxError");
            }
            // Step 7.
            if url.fragment().is_some() {
                return Some("SyntaxError");
            }
            // Step 9: "occur more than once", in whatever case (spec-notes/living.md), "or otherwise fail to match the
            // requirements": RFC 6455 section 4.1 item 10, RFC 2616 "token".
            let lower: Vec<_> = protocols.iter().map(|p| p.to_ascii_lowercase()).collect();
            let is_twice = |(at, p)| lower[..at].contains(p);
            let is_token = |p: &String| !p.is_empty() && p.bytes().all(is_token_byte);
            let is_wrong =
                lower.iter().enumerate().any(is_twice) || !protocols.iter().all(is_token);
            is_wrong.then_some("SyntaxError")
        }
        _ => {
            // "Parse a WebSocket URL's components" steps 3 and 4.
            if !matches!(url.scheme(), "ws" | "wss") || url.fragment().is_some() {
                return Some("SyntaxError");
            }
            // Step 2 of the constructor: a blocked port, of which there is one here.
            if url.port() == Some(25) {
                return Some("SecurityError");
            }
            // Step 3. The IDL has one.
            let is_name =
                |p: &String| !p.is_empty() && p.bytes().all(|b| (0x20..0x7f).contains(&b));
            let is_right = protocols.len() <= 1 && protocols.iter().all(is_name);
            (!is_right).then_some("SyntaxError")
        }
    }
}

fn is_token_byte(byte: u8) -> bool {
    (0x21..0x7f).contains(&byte) && !br#"()<>@,;:\"/[]?={}"#.contains(&byte)
}

fn url() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["ws:", "WSS:", "http:", "https:", "ftp:", "", "w s:"]);
    let host = prop::sample::select(vec!["//h", "//EXAMPLE.com", "//[::1]", "//", "//a b", "h"]);
    let port = prop::sample::select(vec!["", ":", ":80", ":25", ":8080", ":65536", ":x"]);
    let rest = prop::sample::select(vec![
        "", "/", "/a^b?c", "/?", "#", "/p#f", "?q", "\\x", "/ä",
    ]);
    (scheme, host, port, rest).prop_map(|(s, h, p, r)| [s, h, p, r].concat())
}

fn protocols() -> impl Strategy<Value = Vec<String>> {
    let right = prop::sample::select(vec!["chat", "Chat", "superchat", "v1.2", "!#$%&'*+-.^_`|~"]);
    let wrong = prop::sample::select(vec!["", "a b", "a,b", "ä", "a\tb", "\u{7f}", "a/b", "{"]);
    let protocol = prop_oneof![4 => right, 1 => wrong].prop_map(str::to_owned);
    prop::collection::vec(protocol, 0..4)
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn the_constructor_throws_as_the_text_has_it(
        url in url(),
        protocols in protocols(),
        edition in prop::sample::select(vec![Edition::Living, Edition::Html5]),
    ) {
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &url)
            .edition(edition)
            .protocols(protocols.iter().map(String::as_str))
            .open();
        let thrown = socket.as_ref().err().map(|exception| exception.name());
        prop_assert_eq!(thrown, expected(edition, &url, &protocols));
        if let Ok(socket) = socket {
            prop_assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
            prop_assert_eq!((&*socket.protocol(), &*socket.extensions()), ("", ""));
            prop_assert_eq!(socket.buffered_amount(), 0);
        }
    }
}
