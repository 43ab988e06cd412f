//! The ways in which a connection is not established, which script can't tell apart.

use dom_websocket::{EventLoop, Limits, Timeouts, UserAgent, WebSocket};
use std::time::{Duration, Instant};
use support::{End, Head, Peer, Recorder, Wire, bounded, short_timeouts, url_of_nobody};

/// What script sees of each failure, and all that it sees.
const FAILURE: [&str; 1] = ["CLOSED close unclean"];

/// All events of a socket that opens this URL.
fn events_of(url: &str, user_agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .edition(dom_websocket::Edition::Html5)
        .protocol("chat")
        .user_agent(user_agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    assert_eq!(socket.protocol(), "");
    recorder.finished()
}

/// All events of a client whose handshake a server answers like this.
fn events_of_answer(answer: impl FnOnce(Head) -> Vec<u8> + Send + 'static) -> Vec<String> {
    let peer = Peer::serve(|mut wire| {
        let request = wire.take_request();
        wire.send(&answer(request));
        // The client does not wait for our end, and sends nothing more.
        assert_eq!(wire.take_rest().0, b"");
    });
    let events = events_of(&peer.url(), &UserAgent::default());
    peer.join();
    events
}

fn impatient() -> UserAgent {
    UserAgent::builder().timeouts(short_timeouts()).build()
}

#[test]
fn a_refused_connection_is_a_close_alone() {
    bounded(|| {
        assert_eq!(events_of(&url_of_nobody(), &UserAgent::default()), FAILURE);
    });
}

#[test]
fn a_name_without_an_address_is_a_close_alone() {
    bounded(|| {
        let user_agent = UserAgent::builder()
            .timeouts(Timeouts {
                opening_handshake: Duration::from_secs(5),
                ..Timeouts::default()
            })
            .build();
        assert_eq!(events_of("ws://nonexistent.invalid/", &user_agent), FAILURE);
    });
}

#[test]
fn a_wss_url_fails_as_long_as_there_is_no_tls() {
    bounded(|| {
        let url = url_of_nobody().replace("ws:", "wss:");
        assert_eq!(events_of(&url, &UserAgent::default()), FAILURE);
    });
}

/// Without this the tests of rejected handshakes would prove nothing.
#[test]
fn the_scripted_servers_unchanged_response_is_accepted() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.finish();
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5_with_protocol(&event_loop, &peer.url(), "chat").unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
    });
}

#[test]
fn a_field_with_the_wrong_value_fails_the_connection() {
    bounded(|| {
        for (name, value) in [
            ("Upgrade", "websocket"),
            ("Upgrade", "WebSocket "),
            ("Connection", "keep-alive"),
            ("Connection", "keep-alive, Upgrade"),
            ("Sec-WebSocket-Origin", "http://example.org"),
            ("Sec-WebSocket-Origin", "NULL"),
            ("Sec-WebSocket-Location", "ws://example.com/"),
            ("Sec-WebSocket-Protocol", "Chat"),
            ("Sec-WebSocket-Protocol", "chat, other"),
        ] {
            let events =
                events_of_answer(move |request| request.response().with(name, value).bytes());
            assert_eq!(events, FAILURE, "{name}: {value}");
        }
    });
}

#[test]
fn a_location_of_another_resource_or_scheme_fails_the_connection() {
    bounded(|| {
        for change in [
            |location: &str| location.replace("ws:", "wss:"),
            |location: &str| format!("{location}other"),
            |location: &str| location.trim_end_matches('/').to_owned(),
            |location: &str| location.to_uppercase(),
        ] {
            let events = events_of_answer(move |request| {
                let response = request.response();
                let location = change(response.field("Sec-WebSocket-Location").unwrap());
                response.with("Sec-WebSocket-Location", &location).bytes()
            });
            assert_eq!(events, FAILURE);
        }
    });
}

#[test]
fn a_missing_or_repeated_field_fails_the_connection() {
    bounded(|| {
        for name in [
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Origin",
            "Sec-WebSocket-Location",
            "Sec-WebSocket-Protocol",
        ] {
            let events = events_of_answer(move |request| request.response().without(name).bytes());
            assert_eq!(events, FAILURE, "without {name}");
            let events = events_of_answer(move |request| {
                let mut response = request.response();
                let value = response.field(name).unwrap().to_owned();
                response.fields.push((name.to_lowercase(), value));
                response.bytes()
            });
            assert_eq!(events, FAILURE, "{name} twice");
        }
    });
}

#[test]
fn a_wrong_answer_to_the_challenge_fails_the_connection() {
    bounded(|| {
        for changed in [0, 7, 15] {
            let events = events_of_answer(move |request| {
                let mut response = request.response();
                response.tail[changed] ^= 1;
                response.bytes()
            });
            assert_eq!(events, FAILURE, "byte {changed}");
        }
    });
}

#[test]
fn any_status_but_101_fails_the_connection() {
    bounded(|| {
        for status_line in [
            "HTTP/1.1 200 OK",
            "HTTP/1.1 301 Moved Permanently",
            "HTTP/1.1 401 Unauthorized",
            "HTTP/1.1 404 Not Found",
            "HTTP/1.1 407 Proxy Authentication Required",
            "HTTP/1.1 1010 x",
            "HTTP/1.1 10 x",
            "HTTP/1.1 101",
            "HTTP/1.1",
            "",
        ] {
            let events = events_of_answer(move |request| {
                request
                    .response()
                    .with("Location", "ws://example.com/")
                    .with_first_line(status_line)
                    .bytes()
            });
            assert_eq!(events, FAILURE, "{status_line:?}");
        }
    });
}

#[test]
fn a_response_that_is_no_http_fails_the_connection() {
    bounded(|| {
        for garbage in [
            &b"\n"[..],
            b"SSH-2.0-OpenSSH_9.0\r\n",
            b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\n",
            b"HTTP/1.1 101 bare line feeds\nUpgrade: WebSocket\n\n",
            b"HTTP/1.1 101 x\r\nno colon\r\n",
            b"HTTP/1.1 101 x\r\n: no name\r\n\r\n",
            b"HTTP/1.1 101 x\r\nfield: value\r\r",
        ] {
            assert_eq!(
                events_of_answer(|_| garbage.to_vec()),
                FAILURE,
                "{}",
                garbage.escape_ascii()
            );
        }
    });
}

#[test]
fn a_response_that_ends_too_early_fails_the_connection() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let mut response = wire.take_request().response().bytes();
            response.pop();
            wire.send(&response);
            wire.finish();
            wire.expect_end();
        });
        assert_eq!(events_of(&peer.url(), &UserAgent::default()), FAILURE);
        peer.join();
    });
}

#[test]
fn a_response_without_end_fails_the_connection_at_the_limit() {
    bounded(|| {
        let user_agent = UserAgent::builder()
            .limits(Limits {
                head: 1000,
                ..Limits::default()
            })
            .build();
        for (start, unit) in [
            ("", "x"),
            ("HTTP/1.1 101 x\r\nfield: ", "x"),
            ("HTTP/1.1 101 x\r\n", "a: b\r\n"),
        ] {
            let peer = Peer::serve(move |mut wire| {
                wire.take_request();
                wire.send(start.as_bytes());
                while wire.try_send(unit.as_bytes()).is_ok() {}
            });
            assert_eq!(events_of(&peer.url(), &user_agent), FAILURE, "{start:?}");
            peer.join();
        }
    });
}

#[test]
fn a_silent_server_fails_the_connection_after_the_bound() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.take_request();
            assert_eq!(wire.take_rest(), (vec![], End::Fin));
        });
        let start = Instant::now();
        assert_eq!(events_of(&peer.url(), &impatient()), FAILURE);
        peer.join();
        assert!(start.elapsed() >= short_timeouts().opening_handshake);
    });
}

#[test]
fn script_can_not_tell_one_failure_from_another() {
    bounded(|| {
        let served = |script: fn(Wire)| Peer::serve(script).url();
        let urls = [
            "ws://nonexistent.invalid/".to_owned(),
            url_of_nobody(),
            // Not a WebSocket server, in four ways.
            served(|mut wire| wire.send(b"220 mail.example.com ESMTP\r\n")),
            served(|mut wire| drop(wire.take_request())),
            served(|wire| wire.reset()),
            served(|mut wire| {
                wire.take_request();
                wire.take_rest();
            }),
            // A right handshake, but for another origin.
            served(|mut wire| {
                let response = wire.take_request().response();
                wire.send(
                    &response
                        .with("Sec-WebSocket-Origin", "http://example.org")
                        .bytes(),
                );
                wire.take_rest();
            }),
        ];
        for url in urls {
            assert_eq!(events_of(&url, &impatient()), FAILURE, "{url}");
        }
    });
}
