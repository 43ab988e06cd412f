//! The object of the living edition: its constructor, its attributes, its messages, its handlers.

use dom_websocket::{
    BinaryType, Dispatch, Document, DomException, DomExceptionKind, Edition, EventLoop,
    MessageData, UserAgent, WebSocket,
};
use std::cell::RefCell;
use std::rc::Rc;
use support::{DEFLATE, FAILURE, Frame, Gate, Peer, Recorder, bounded, run_until, session, settle};

fn url_with_base(url: &str, base: &str) -> Result<String, DomException> {
    let document = Document::new(base).unwrap();
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .document(&document)
        .open()?;
    Ok(socket.url().to_owned())
}

fn with_protocols(protocols: &[&'static str]) -> Result<(), &'static str> {
    WebSocket::builder(&EventLoop::new(), "ws://example.com/")
        .protocols(protocols.iter().copied())
        .open()
        .map(|_| ())
        .map_err(|exception| exception.name())
}

#[test]
fn the_edition_is_living_unless_another_is_asked_for() {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    assert_eq!(socket.edition(), Edition::Living);
    assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
    assert_eq!(socket.binary_type(), BinaryType::Blob);
    assert_eq!((&*socket.protocol(), &*socket.extensions()), ("", ""));
    assert_eq!(socket.buffered_amount(), 0);
}

#[test]
fn a_url_is_resolved_against_the_documents_address_and_serialised() {
    let base = "https://Example.com:8443/dir/page.html?query";
    for (url, resolved) in [
        ("chat", "wss://example.com:8443/dir/chat"),
        ("/chat?a=b", "wss://example.com:8443/chat?a=b"),
        ("?x", "wss://example.com:8443/dir/page.html?x"),
        ("", "wss://example.com:8443/dir/page.html?query"),
        ("../up", "wss://example.com:8443/up"),
        ("//other/", "wss://other/"),
        ("ws://h", "ws://h/"),
        ("WS://H:80/a b", "ws://h/a%20b"),
        ("wss://h:443", "wss://h/"),
        ("wss://h:80", "wss://h:80/"),
        ("http://h/", "ws://h/"),
        ("http://h:443/", "ws://h:443/"),
        ("HTTPS://h:443/", "wss://h/"),
        ("ws://b\u{fc}cher.example/", "ws://xn--bcher-kva.example/"),
        ("ws://h/?", "ws://h/?"),
        ("ws://user:pass@h/", "ws://user:pass@h/"),
        ("ws://0x7f.1/", "ws://127.0.0.1/"),
        ("ws://h/a^b?c^d", "ws://h/a%5Eb?c^d"),
        ("ws://h/%5E", "ws://h/%5E"),
        ("ws://h/^/../^", "ws://h/%5E"),
        ("^x", "wss://example.com:8443/dir/%5Ex"),
    ] {
        assert_eq!(url_with_base(url, base).as_deref(), Ok(resolved), "{url:?}");
    }
    assert_eq!(
        url_with_base("chat", "http://h/a/").as_deref(),
        Ok("ws://h/a/chat")
    );
    assert_eq!(
        url_with_base("chat^", "http://h/a^b/?^").as_deref(),
        Ok("ws://h/a%5Eb/chat%5E")
    );
}

#[test]
fn an_exceptions_kind_name_and_code_belong_together() {
    let event_loop = EventLoop::new();
    let open = |url, edition| {
        let mut builder = WebSocket::builder(&event_loop, url);
        builder.edition(edition).open()
    };
    let socket = open("ws://example.com/", Edition::Living).unwrap();
    for (exception, kind, name, code) in [
        (
            open("no URL", Edition::Living).unwrap_err(),
            DomExceptionKind::Syntax,
            "SyntaxError",
            DomException::SYNTAX_ERR,
        ),
        (
            open("ws://example.com:25/", Edition::Html5).unwrap_err(),
            DomExceptionKind::Security,
            "SecurityError",
            DomException::SECURITY_ERR,
        ),
        (
            socket.send("too early").unwrap_err(),
            DomExceptionKind::InvalidState,
            "InvalidStateError",
            DomException::INVALID_STATE_ERR,
        ),
        (
            socket.close_with(1001, "").unwrap_err(),
            DomExceptionKind::InvalidAccess,
            "InvalidAccessError",
            DomException::INVALID_ACCESS_ERR,
        ),
    ] {
        assert_eq!(exception.kind(), kind);
        assert_eq!((exception.name(), exception.code()), (name, code));
        assert_eq!((kind.name(), kind.code()), (name, code));
        let text = format!("{name}: {}", exception.message());
        assert_eq!(exception.to_string(), text, "as String(exception)");
    }
}

#[test]
fn what_is_no_websocket_url_is_a_syntax_error() {
    for url in [
        "ftp://h/",
        "mailto:x",
        "about:blank",
        "ws://",
        "ws:",
        "ws://h:65536/",
        "ws://exa mple/",
        "ws://h/#",
        "ws://h/#fragment",
        "http://h/#fragment",
        "#",
        "page#x",
    ] {
        let exception = url_with_base(url, "http://example.com/").unwrap_err();
        assert_eq!(exception.name(), "SyntaxError", "{url:?}");
        assert_eq!(exception.code(), DomException::SYNTAX_ERR);
    }
    // There is nothing to resolve it against.
    let exception = WebSocket::new(&EventLoop::new(), "/chat").unwrap_err();
    assert_eq!(exception.name(), "SyntaxError");
}

#[test]
fn an_exception_names_the_url_and_what_is_wrong_with_it() {
    for (url, message) in [
        (
            "localhost:8080/chat",
            "the URL `localhost:8080/chat` has the scheme localhost:, which is neither ws: nor wss:",
        ),
        (
            "example.com/chat",
            "the URL `example.com/chat` has no scheme: put ws:// or wss:// before it",
        ),
        (
            "ws://user:secret@example.com/?secret#here",
            "the URL `ws://example.com/` has a fragment (#), which no server would see",
        ),
        (
            "wss://example.com:port/",
            "the URL `wss://example.com:port/` has a port that is no number up to 65535",
        ),
    ] {
        for edition in [Edition::Living, Edition::Html5] {
            let exception = WebSocket::builder(&EventLoop::new(), url)
                .edition(edition)
                .open()
                .unwrap_err();
            assert_eq!(exception.message(), message);
        }
    }
}

#[test]
fn subprotocols_are_tokens_none_of_which_stands_twice() {
    let tokens = "!#$%&'*+-.^_`|~azAZ09";
    assert_eq!(with_protocols(&[]), Ok(()));
    assert_eq!(with_protocols(&[tokens, "chat", "chat.v2"]), Ok(()));
    for protocols in [
        &[""][..],
        &["a", ""],
        &["a b"],
        &["a\t"],
        &["a,b"],
        &["a\u{7f}"],
        &["a\0"],
        &["\u{fc}"],
        &["a", "a"],
        &["a", "b", "a"],
        &["chat", "Chat"],
    ] {
        assert_eq!(
            with_protocols(protocols),
            Err("SyntaxError"),
            "{protocols:?}"
        );
    }
    let separators = "()<>@,;:\\\"/[]?={} ";
    for (start, _) in separators.char_indices() {
        let protocol = &separators[start..=start];
        assert_eq!(
            with_protocols(&[protocol]),
            Err("SyntaxError"),
            "{protocol:?}"
        );
    }
}

#[test]
fn a_port_is_never_a_reason_to_throw() {
    for port in dom_websocket::BLOCKED_PORTS {
        let url = format!("ws://example.com:{port}/");
        assert!(WebSocket::new(&EventLoop::new(), &url).is_ok(), "{port}");
    }
}

#[test]
fn protocol_and_extensions_are_empty_until_open_and_stay_behind_close() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let extensions = "permessage-deflate; server_no_context_takeover";
        let peer = Peer::serve(move |mut wire| {
            wire.accept_upgrade_with(|head| {
                head.with("Sec-WebSocket-Protocol", "b")
                    .with(DEFLATE.0, extensions)
            });
            wire.send_frame(&Frame::close(1000, ""));
            wire.expect_from_client(&Frame::close(1000, ""));
        });
        let url = peer.url();
        let socket = WebSocket::builder(&event_loop, &url)
            .protocols(["a", "b"])
            .open()
            .unwrap();
        let show = |socket: &WebSocket| (socket.protocol(), socket.extensions());
        let seen = Rc::new(RefCell::new(vec![show(&socket)]));
        for type_ in ["open", "close"] {
            let seen = seen.clone();
            socket.add_event_listener(type_, move |event| {
                seen.borrow_mut().push(show(event.target()));
            });
        }
        event_loop.run();
        peer.join();
        let agreed = ("b".to_owned(), extensions.to_owned());
        let nothing = (String::new(), String::new());
        assert_eq!(*seen.borrow(), [nothing, agreed.clone(), agreed]);
    });
}

#[test]
fn a_message_tells_the_origin_of_the_sockets_url() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("x"));
            wire.send_frame(&Frame::binary("y"));
            wire.send_frame(&Frame::close(1000, ""));
            wire.expect_from_client(&Frame::close(1000, ""));
        });
        let url = peer.url_of("/path?query");
        let socket = WebSocket::builder(&event_loop, &url)
            .origin("http://page.example")
            .open()
            .unwrap();
        let origins = Rc::new(RefCell::new(Vec::new()));
        socket.set_onmessage({
            let origins = origins.clone();
            move |event| {
                assert!(event.is_trusted() && event.last_event_id().is_empty());
                origins.borrow_mut().push(event.origin().to_owned());
            }
        });
        event_loop.run();
        let origin = format!("ws://{}", peer.address());
        peer.join();
        assert_eq!(*origins.borrow(), [origin.clone(), origin]);
    });
}

#[test]
fn binary_messages_are_what_binary_type_says_when_their_task_runs() {
    bounded(|| {
        let data = Rc::new(RefCell::new(Vec::new()));
        session(
            |mut wire| {
                wire.accept_upgrade();
                // In one segment: all have been received before the first task runs.
                let frames = ["1", "2", "3"].map(|bytes| Frame::binary(bytes).bytes());
                wire.send(&[frames.concat(), Frame::text("4").bytes()].concat());
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
            },
            |socket, _| {
                let data = data.clone();
                socket.set_onmessage(move |event| {
                    data.borrow_mut().push(event.data().clone());
                    let next = match event.data() {
                        MessageData::Blob(_) => BinaryType::ArrayBuffer,
                        _ => BinaryType::Blob,
                    };
                    event.target().set_binary_type(next);
                });
            },
        );
        let data = data.take();
        let [
            MessageData::Blob(first),
            second,
            MessageData::Blob(third),
            fourth,
        ] = &data[..]
        else {
            panic!("{data:?}");
        };
        assert_eq!((first.size(), first.as_bytes()), (1, Some(&b"1"[..])));
        assert_eq!(*second, MessageData::ArrayBuffer(b"2".to_vec()));
        assert_eq!(third.as_bytes(), Some(&b"3"[..]));
        assert_eq!(*fourth, MessageData::Text("4".into()));
    });
}

#[test]
fn binary_type_can_be_set_in_every_state() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, "ws://127.0.0.1:1/").unwrap();
        socket.set_binary_type(BinaryType::ArrayBuffer);
        assert_eq!(socket.binary_type(), BinaryType::ArrayBuffer);
        event_loop.run();
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        socket.set_binary_type(BinaryType::Blob);
        assert_eq!(socket.binary_type(), BinaryType::Blob);
    });
}

/// The order in which the handler and the listeners of `error` are called that were set in these steps.
fn order(steps: &[&'static str]) -> Vec<&'static str> {
    let event_loop = EventLoop::new();
    // A blocked port: this fails at once.
    let socket = WebSocket::new(&event_loop, "ws://127.0.0.1:1/").unwrap();
    let calls = Rc::new(RefCell::new(Vec::new()));
    for &step in steps {
        let calls = calls.clone();
        let call = move |_: Dispatch<'_>| calls.borrow_mut().push(step);
        match step {
            "null" => socket.clear_onerror(),
            "handler" | "other handler" => socket.set_onerror(call),
            _ => drop(socket.add_event_listener("error", call)),
        }
    }
    event_loop.run();
    calls.take()
}

#[test]
fn a_handler_stands_where_it_was_first_set() {
    bounded(|| {
        let steps = ["a", "handler", "b"];
        assert_eq!(order(&steps), steps);
    });
}

#[test]
fn a_handler_that_is_replaced_keeps_its_place() {
    bounded(|| {
        let calls = order(&["a", "handler", "b", "other handler"]);
        assert_eq!(calls, ["a", "other handler", "b"]);
    });
}

#[test]
fn a_handler_that_was_null_in_between_goes_to_the_end() {
    bounded(|| {
        let calls = order(&["a", "handler", "b", "null", "handler"]);
        assert_eq!(calls, ["a", "b", "handler"]);
        assert_eq!(order(&["a", "handler", "b", "null"]), ["a", "b"]);
    });
}

fn in_document(event_loop: &EventLoop, url: &str, document: &Document) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .document(document)
        .user_agent(&UserAgent::default())
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

#[test]
fn a_documents_end_closes_with_1001_behind_what_was_queued_and_without_an_event() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::new("http://example.com/page").unwrap();
        let peer = Peer::serve(|mut wire| {
            let request = wire.accept_upgrade();
            assert_eq!(request.field("Origin"), Some("http://example.com"));
            wire.expect_from_client(&Frame::text("last words"));
            wire.answer_close(&Frame::close(1001, ""));
        });
        let (socket, recorder) = in_document(&event_loop, &peer.url(), &document);
        run_until(&event_loop, || recorder.count() == 1);
        socket.send("last words").unwrap();
        assert!(!document.unload());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.events(), ["OPEN open"]);
    });
}

#[test]
fn a_documents_end_fails_a_connection_that_is_not_established() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let is_asked = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_asked = is_asked.clone();
            move |mut wire| {
                wire.take_upgrade();
                is_asked.open();
                wire.expect_end();
            }
        });
        let (_socket, recorder) = in_document(&event_loop, &peer.url(), &document);
        is_asked.run(&event_loop);
        document.unload();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.count(), 0);
    });
}

#[test]
fn a_documents_end_changes_nothing_about_a_closing_handshake_that_has_started() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.answer_close(&Frame::close(3000, "before"));
        });
        let (socket, recorder) = in_document(&event_loop, &peer.url(), &document);
        run_until(&event_loop, || recorder.count() == 1);
        socket.close_with(3000, "before").unwrap();
        document.unload();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.events(), ["OPEN open"]);
    });
}

#[test]
fn the_last_handle_without_listeners_closes_without_a_code_behind_what_was_queued() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::text("queued"));
            wire.answer_close(&Frame::close_without_code());
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.send("queued").unwrap();
        drop(socket);
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_listener_that_an_event_can_reach_keeps_the_socket_open() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_end = Gate::new(&event_loop);
        let peer = Peer::serve({
            let may_end = may_end.clone();
            move |mut wire| {
                wire.accept_upgrade();
                may_end.wait();
                wire.finish();
                wire.expect_end();
            }
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        drop(socket);
        run_until(&event_loop, || recorder.count() == 1);
        settle(&event_loop);
        may_end.open();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}
