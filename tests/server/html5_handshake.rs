//! The server's part of the opening handshake, with clients of ours and with raw ones.

use dom_websocket::{Answer, EventLoop, Request, Server, WebSocket};
use std::cell::RefCell;
use std::rc::Rc;
use support::{
    Backend, End, Head, Recorder, Wire, bounded, frame, run_until, run_with, short_timeouts,
};

/// What comes of a client that sends these bytes and ends its side: nothing, and no connection.
fn assert_aborted(change: impl Fn(Head) -> Vec<u8>, what: &str) {
    let event_loop = EventLoop::new();
    let backend = Backend::new(&event_loop, |_| ());
    let bytes = change(Head::request("/", backend.server.local_addr()));
    let (answer, end) = run_with(&event_loop, &backend.server, move |mut wire| {
        wire.send(&bytes);
        wire.take_rest()
    });
    assert_eq!(answer.escape_ascii().to_string(), "", "{what}");
    assert_eq!(end, End::Fin, "{what}");
    backend.server.close();
    event_loop.run();
    assert_eq!(backend.count(), 0, "{what}");
}

#[test]
fn the_request_tells_what_the_client_asks_for() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let backend = Backend::new(&event_loop, |socket| {
            socket.set_onopen(|event| event.target().close());
        });
        let host = backend.server.local_addr().to_string();
        let requests = Rc::new(RefCell::new(Vec::<Request>::new()));
        backend.server.set_onrequest({
            let requests = requests.clone();
            move |request| {
                requests.borrow_mut().push(request.clone());
                Answer::accept_with("chat")
            }
        });
        let socket = WebSocket::builder(&event_loop, &format!("ws://{host}/room?a=%C3%BC"))
            .edition(dom_websocket::Edition::Html5)
            .origin("http://example.com/page")
            .protocol("chat")
            .open()
            .unwrap();
        let server = backend.server.clone();
        socket.set_onclose(move |_| server.close());
        event_loop.run();
        let request = requests.borrow_mut().pop().unwrap();
        assert!(requests.borrow().is_empty(), "asked once");
        assert_eq!(request.resource_name(), "/room?a=%C3%BC");
        assert_eq!(request.origin(), Some("http://example.com"));
        assert_eq!(request.host(), Some(&*host));
        assert_eq!(request.protocols().collect::<Vec<_>>(), ["chat"]);
        assert_eq!(request.field("UPGRADE"), Some("WebSocket"));
        assert_eq!(request.field("cookie"), None);
        let mut names: Vec<_> = request.fields().map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names.len(), 7);
        assert_eq!(names[3..5], ["sec-websocket-key1", "sec-websocket-key2"]);
    });
}

#[test]
fn the_eight_bytes_may_come_later_than_the_fields_and_the_fields_are_answered_first() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let backend = Backend::echoing(&event_loop);
        let request = Head::request("/", backend.server.local_addr());
        run_with(&event_loop, &backend.server, move |mut wire| {
            wire.send(&request.clone().with_tail(b"").bytes());
            // Some proxies hold the eight bytes back until they see a 101.
            wire.take_through(b"\r\n\r\n");
            wire.send_one_by_one(&request.tail);
            wire.expect(&request.response().tail);
            wire.send(&frame("hello"));
            wire.expect(&frame("hello"));
        });
        assert_eq!(backend.count(), 1);
    });
}

#[test]
fn the_fields_come_in_any_order_and_case_and_so_does_a_request_in_single_bytes() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let backend = Backend::echoing(&event_loop);
        let mut request = Head::request("/", backend.server.local_addr())
            .with("Connection", "UPGRADE")
            .with("Upgrade", "websocket")
            .with("Cookie", "a=b")
            .with("X-Empty", "");
        request.fields.reverse();
        for (name, _) in &mut request.fields {
            name.make_ascii_uppercase();
        }
        run_with(&event_loop, &backend.server, move |mut wire| {
            wire.send_one_by_one(&request.bytes());
            assert_eq!(wire.take_response().tail, request.response().tail);
        });
        run_until(&event_loop, || backend.count() == 1);
    });
}

#[test]
fn the_location_is_the_address_that_the_client_used() {
    bounded(|| {
        for (host, secure, location) in [
            ("Example.COM", false, "ws://example.com/x"),
            ("example.com:80", false, "ws://example.com/x"),
            ("example.com:8080", false, "ws://example.com:8080/x"),
            ("example.com", true, "wss://example.com/x"),
            ("example.com:443", true, "wss://example.com/x"),
            ("[::1]:81", false, "ws://[::1]:81/x"),
        ] {
            let event_loop = EventLoop::new();
            let server = Server::builder(&event_loop)
                .secure(secure)
                .listen("127.0.0.1:0")
                .unwrap();
            let request = Head::request("/x", server.local_addr()).with("Host", host);
            let response = run_with(&event_loop, &server, move |mut wire| {
                wire.send(&request.bytes());
                wire.take_response()
            });
            assert_eq!(response.field("Sec-WebSocket-Location"), Some(location));
        }
    });
}

#[test]
fn a_bad_handshake_ends_without_an_answer_and_without_a_connection() {
    bounded(|| {
        for name in [
            "Upgrade",
            "Connection",
            "Host",
            "Origin",
            "Sec-WebSocket-Key1",
            "Sec-WebSocket-Key2",
        ] {
            assert_aborted(|request| request.without(name).bytes(), name);
        }
        for (name, value) in [
            ("Upgrade", "TLS/1.0"),
            ("Connection", "keep-alive"),
            ("Host", "exa mple.com"),
            ("Sec-WebSocket-Key1", "12345"),
            ("Sec-WebSocket-Key1", "4 @1  46546xW%0l 1 6"),
            ("Sec-WebSocket-Key2", "2 L785 8o% s9Sy9@V. 4<1P5"),
            ("Sec-WebSocket-Key2", "9 9999999999"),
        ] {
            let what = format!("{name}: {value}");
            assert_aborted(|request| request.with(name, value).bytes(), &what);
        }
        for first_line in [
            "POST / HTTP/1.1",
            "GET x HTTP/1.1",
            "GET /",
            "",
            "\x16\x03\x01",
        ] {
            assert_aborted(
                |request| request.with_first_line(first_line).bytes(),
                first_line,
            );
        }
    });
}

#[test]
fn a_client_that_is_too_slow_is_left_after_the_bound() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::builder(&event_loop)
            .timeouts(short_timeouts())
            .listen("127.0.0.1:0")
            .unwrap();
        let request = Head::request("/", server.local_addr());
        let address = server.local_addr();
        let bytes = request.bytes();
        let all = [0, 10, bytes.len() - 1];
        let answers = run_with(&event_loop, &server, move |_| {
            let slow = all.map(|sent| {
                let mut wire = Wire::connect(address);
                wire.send(&bytes[..sent]);
                wire
            });
            slow.map(|mut wire| wire.take_rest().0)
        });
        for (sent, answer) in all.into_iter().zip(answers) {
            // The fields are answered before the eight bytes have come, but the reply is not.
            assert!(!answer.ends_with(b"8jKS'y:G*Co,Wxa-"));
            assert_eq!(answer.is_empty(), sent <= 10);
        }
    });
}

#[test]
fn a_refused_client_sees_a_failure_and_becomes_no_connection() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let backend = Backend::new(&event_loop, |_| ());
        backend
            .server
            .set_onrequest(|request| match request.origin() {
                Some("http://example.com") => Answer::accept(),
                _ => Answer::Refuse,
            });
        let (socket, recorder) = backend.open(&event_loop);
        let server = backend.server.clone();
        socket.set_onclose(move |_| server.close());
        event_loop.run();
        assert_eq!(recorder.finished(), ["CLOSED close unclean"]);
        assert_eq!(backend.count(), 0);
    });
}

#[test]
fn the_application_chooses_the_subprotocol() {
    bounded(|| {
        for (offered, chosen, works) in [
            (Some("chat"), Some("chat"), true),
            (Some("chat"), Some("other"), false),
            (Some("chat"), None, false),
            (None, None, true),
            // A client that asked for none ignores it.
            (None, Some("chat"), true),
            // No subprotocol has such a name: the client is refused.
            (None, Some(""), false),
        ] {
            let event_loop = EventLoop::new();
            let backend = Backend::new(&event_loop, move |socket| {
                assert_eq!(socket.protocol(), chosen.unwrap_or_default());
            });
            backend
                .server
                .set_onrequest(move |_| chosen.map_or_else(Answer::accept, Answer::accept_with));
            let url = backend.url();
            let mut builder = WebSocket::builder(&event_loop, &url);
            builder.edition(dom_websocket::Edition::Html5);
            if let Some(offered) = offered {
                builder.protocol(offered);
            }
            let socket = builder.open().unwrap();
            let recorder = Recorder::of(&socket);
            socket.set_onopen(move |event| {
                assert_eq!(event.target().protocol(), offered.unwrap_or_default());
                event.target().close();
            });
            let server = backend.server.clone();
            socket.set_onclose(move |_| server.close());
            event_loop.run();
            assert_eq!(
                recorder.count_of("open"),
                usize::from(works),
                "{offered:?} {chosen:?}"
            );
            recorder.finished();
        }
    });
}
