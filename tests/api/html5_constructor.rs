//! What the constructor throws, in which order, and what it does not throw.

use dom_websocket::{BLOCKED_PORTS, Document, DomException, EventLoop, UserAgent, WebSocket};

fn error_of(url: &str) -> Option<&'static str> {
    let result = support::html5(&EventLoop::new(), url);
    result.err().map(|exception| exception.name())
}

#[test]
fn what_is_no_absolute_websocket_url_is_a_syntax_error() {
    for url in [
        "",
        "example.com",
        "/path",
        "//example.com/",
        "http://example.com/",
        "https://example.com/",
        "wsx://example.com/",
        "ws:",
        "ws://",
        "ws://exa mple.com/",
        "ws://example.com:65536/",
        "ws://example.com/#",
        "ws://example.com/#fragment",
        "ws://example.com/?query#fragment",
    ] {
        assert_eq!(error_of(url), Some("SyntaxError"), "{url:?}");
    }
}

#[test]
fn the_url_attribute_is_the_resolved_url() {
    for (url, resolved) in [
        ("ws://example.com", "ws://example.com/"),
        ("WS://EXAMPLE.com:80/A b?", "ws://example.com/A%20b?"),
        ("wss://example.com:443/x/../y", "wss://example.com/y"),
        ("ws://bücher.example/ü", "ws://xn--bcher-kva.example/%C3%BC"),
        ("  ws://example.com/\n", "ws://example.com/"),
        // Today's URL Standard encodes it.
        ("ws://example.com/a^b?c^d", "ws://example.com/a^b?c^d"),
    ] {
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, url).unwrap();
        assert_eq!(socket.url(), resolved);
        assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
        assert_eq!(socket.protocol(), "");
        assert_eq!(socket.buffered_amount(), 0);
    }
}

#[test]
fn a_blocked_port_is_a_security_error() {
    for port in BLOCKED_PORTS {
        let url = format!("ws://example.com:{port}/");
        let exception = support::html5(&EventLoop::new(), &url).unwrap_err();
        assert_eq!(exception.name(), "SecurityError", "{port}");
        assert_eq!(exception.code(), DomException::SECURITY_ERR);
    }
}

#[test]
fn the_webs_own_ports_are_never_blocked() {
    let user_agent = UserAgent::builder().blocked_ports([80, 443, 8080]).build();
    let open = |url| {
        let event_loop = EventLoop::new();
        let result = WebSocket::builder(&event_loop, url)
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open();
        result.err().map(|exception| exception.name())
    };
    for url in ["ws://h/", "wss://h/", "ws://h:443/", "wss://h:80/"] {
        assert_eq!(open(url), None, "{url}");
    }
    assert_eq!(open("ws://h:8080/"), Some("SecurityError"));
    assert_eq!(open("ws://h:25/"), None, "the list is the caller's");
}

#[test]
fn a_subprotocol_is_printable_ascii_and_not_empty() {
    let open = |protocol| {
        let result = support::html5_with_protocol(&EventLoop::new(), "ws://example.com/", protocol);
        result.err().map(|exception| exception.name())
    };
    for protocol in ["", "a\tb", "a\nb", "\u{7f}", "ü", "a\0"] {
        assert_eq!(open(protocol), Some("SyntaxError"), "{protocol:?}");
    }
    for protocol in [" ", "a b", "~", "a,b;c=\"d\""] {
        assert_eq!(open(protocol), None, "{protocol:?}");
    }
}

#[test]
fn the_url_is_checked_before_the_port_and_the_port_before_the_subprotocol() {
    let open = |url, protocol| {
        support::html5_with_protocol(&EventLoop::new(), url, protocol)
            .unwrap_err()
            .name()
    };
    assert_eq!(open("ws://example.com:25/#x", ""), "SyntaxError");
    assert_eq!(open("ws://example.com:25/", ""), "SecurityError");
    assert_eq!(open("ws://example.com/", ""), "SyntaxError");
}

#[test]
fn the_origin_is_the_documents_in_lower_case() {
    for (url, origin) in [
        ("http://Example.com/page?x#y", "http://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:444/", "https://example.com:444"),
        ("file:///page.html", "null"),
        ("data:text/html,x", "null"),
        ("null", "null"),
    ] {
        assert_eq!(Document::new(url).unwrap().origin(), origin);
    }
    assert_eq!(Document::default().origin(), "null");
    assert_eq!(Document::new("/page").err().unwrap().name(), "SyntaxError");
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, "ws://example.com/")
        .edition(dom_websocket::Edition::Html5)
        .origin("no URL")
        .open();
    assert_eq!(socket.unwrap_err().name(), "SyntaxError");
}

#[test]
fn an_exception_says_what_is_wrong() {
    let exception = support::html5(&EventLoop::new(), "http://example.com/").unwrap_err();
    assert_eq!(exception.code(), DomException::SYNTAX_ERR);
    assert!(!exception.message().is_empty());
    assert_eq!(
        exception.to_string(),
        format!("SyntaxError: {}", exception.message())
    );
}
