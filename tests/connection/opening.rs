//! The living edition's opening handshake, as its client goes through it.

use dom_websocket::{Edition, EventLoop, Failure, Step, UserAgent, WebSocket};
use std::cell::Cell;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Instant;
use support::{
    DEFLATE, End, FAILURE, Gate, Head, Peer, Recorder, accept, bounded, session_of, short_timeouts,
};

/// All events of a socket that opens this URL.
fn events_of(url: &str, protocols: &[&str], user_agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .protocols(protocols.iter().copied())
        .user_agent(user_agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    if !recorder.events().contains(&"OPEN open".to_owned()) {
        assert_eq!((&*socket.protocol(), &*socket.extensions()), ("", ""));
    }
    recorder.finished()
}

/// All events of a client that offers these subprotocols, and whose handshake a server answers like
/// this, to end TCP right behind it.
fn events_of_answer(
    protocols: &[&str],
    answer: impl FnOnce(Head) -> Head + Send + 'static,
) -> Vec<String> {
    let peer = Peer::serve(|mut wire| {
        let request = wire.take_upgrade();
        wire.send(&answer(request).bytes());
        wire.finish();
        assert_eq!(wire.take_rest().0, b"", "nothing follows the request");
    });
    let events = events_of(&peer.url(), protocols, &UserAgent::default());
    peer.join();
    events
}

#[track_caller]
fn assert_fails(answer: impl FnOnce(Head) -> Head + Send + 'static, what: &str) {
    assert_eq!(events_of_answer(&[], answer), FAILURE, "{what}");
}

#[track_caller]
fn assert_opens(answer: impl FnOnce(Head) -> Head + Send + 'static, what: &str) {
    let events = events_of_answer(&[], answer);
    assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]], "{what}");
}

fn impatient() -> UserAgent {
    UserAgent::builder().timeouts(short_timeouts()).build()
}

#[test]
fn the_request_says_what_the_standard_asks_for() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| wire.take_upgrade());
        let url = peer.url_of("/chat?room=1");
        events_of(&url, &["chat", "superchat"], &UserAgent::default());
        let address = peer.address().to_string();
        let request = peer.join();
        assert_eq!(request.first_line, "GET /chat?room=1 HTTP/1.1");
        for (name, value) in [
            ("Host", &*address),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Protocol", "chat, superchat"),
            (
                "Sec-WebSocket-Extensions",
                "permessage-deflate; client_max_window_bits",
            ),
            ("Origin", "null"),
        ] {
            assert_eq!(request.field(name), Some(value), "{name}");
        }
        let key = request.field("Sec-WebSocket-Key").unwrap();
        assert!(key.len() == 24 && key.ends_with("=="), "{key}");
    });
}

#[test]
fn a_caret_is_encoded_in_the_path_and_stays_in_the_query() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| wire.take_upgrade());
        events_of(&peer.url_of("/a^b?c^d"), &[], &UserAgent::default());
        let request = peer.join();
        assert_eq!(request.first_line, "GET /a%5Eb?c^d HTTP/1.1");
    });
}

#[test]
fn the_urls_credentials_stay_in_it_and_are_sent_unasked() {
    bounded(|| {
        for (user, field) in [
            ("ednamode:nocapes!", Some("Basic ZWRuYW1vZGU6bm9jYXBlcyE=")),
            ("edna%3Amode:nocapes!", None),
        ] {
            let peer = Peer::serve(|mut wire| wire.take_upgrade());
            let url = peer.url().replace("ws://", &format!("ws://{user}@"));
            let event_loop = EventLoop::new();
            let socket = WebSocket::new(&event_loop, &url).unwrap();
            assert_eq!(socket.url(), url);
            event_loop.run();
            assert_eq!(peer.join().field("Authorization"), field, "{user}");
        }
    });
}

#[test]
fn no_two_requests_have_the_same_key() {
    bounded(|| {
        let keys = || {
            let peer = Peer::serve(|mut wire| wire.take_upgrade());
            events_of(&peer.url(), &[], &UserAgent::default());
            let request = peer.join();
            request.field("Sec-WebSocket-Key").unwrap().to_owned()
        };
        assert_ne!(keys(), keys());
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
            "HTTP/1.1 426 Upgrade Required",
            "HTTP/1.0 101 Switching Protocols",
            "HTTP/1.1 1010 x",
            "SSH-2.0-OpenSSH_9.0",
            "",
        ] {
            assert_fails(
                move |request| {
                    request
                        .switching()
                        .with("Location", "ws://example.com/")
                        .with("WWW-Authenticate", "Basic realm=x")
                        .with_first_line(status_line)
                },
                status_line,
            );
        }
    });
}

#[test]
fn a_redirection_is_not_followed() {
    bounded(|| {
        let target = TcpListener::bind("127.0.0.1:0").unwrap();
        let location = format!("ws://{}/", target.local_addr().unwrap());
        assert_fails(
            move |request| {
                request
                    .switching()
                    .with_first_line("HTTP/1.1 302 Found")
                    .with("Location", &location)
            },
            "302",
        );
        target.set_nonblocking(true).unwrap();
        assert!(target.accept().is_err());
    });
}

#[test]
fn a_field_that_is_missing_or_wrong_fails_the_connection() {
    bounded(|| {
        for (name, values) in [
            ("Upgrade", &["h2c", "websocket/13", ""][..]),
            ("Connection", &["keep-alive", "upgraded", "close", ""]),
            (
                "Sec-WebSocket-Accept",
                &["", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "AAAA"],
            ),
        ] {
            assert_fails(move |request| request.switching().without(name), name);
            for value in values {
                assert_fails(
                    move |request| request.switching().with(name, value),
                    &format!("{name}: {value}"),
                );
            }
        }
    });
}

#[test]
fn an_accept_value_in_another_case_fails_the_connection() {
    bounded(|| {
        assert_fails(
            |request| {
                let response = request.switching();
                let accept = response.field("Sec-WebSocket-Accept").unwrap();
                let other = accept.to_lowercase();
                assert_ne!(other, accept);
                response.with("Sec-WebSocket-Accept", &other)
            },
            "lower case",
        );
    });
}

#[test]
fn values_that_differ_in_case_and_company_open_the_connection() {
    bounded(|| {
        for (name, value) in [
            ("Upgrade", "WebSocket"),
            ("Upgrade", "WEBSOCKET"),
            ("Connection", "upgrade"),
            ("Connection", "keep-alive, Upgrade"),
            ("Connection", "Upgrade,keep-alive"),
            ("Server", "anything"),
            DEFLATE,
            (
                "Sec-WebSocket-Extensions",
                "permessage-deflate; server_no_context_takeover; client_max_window_bits=10",
            ),
        ] {
            assert_opens(
                move |request| request.switching().with(name, value),
                &format!("{name}: {value}"),
            );
        }
    });
}

#[test]
fn an_extension_that_was_not_offered_like_this_fails_the_connection() {
    bounded(|| {
        for extensions in [
            "foo",
            "permessage-deflate, foo",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate; foo",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate;",
        ] {
            assert_fails(
                move |request| request.switching().with(DEFLATE.0, extensions),
                extensions,
            );
        }
    });
}

#[test]
fn compression_that_was_turned_off_is_not_offered_and_can_not_be_chosen() {
    bounded(|| {
        let user_agent = UserAgent::builder().compression(false).build();
        let events = session_of(
            &user_agent,
            |mut wire| {
                let request = wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
                assert_eq!(request.field(DEFLATE.0), None);
                wire.take_rest();
            },
            |_, _| (),
        );
        assert_eq!(events, FAILURE);
    });
}

#[test]
fn a_socket_can_do_without_compression_and_with_it_whatever_its_user_agent_does() {
    bounded(|| {
        for compression in [true, false] {
            let peer = Peer::listen(|listener| {
                let request = accept(&listener).take_upgrade();
                request.field(DEFLATE.0).is_some()
            });
            let event_loop = EventLoop::new();
            let user_agent = UserAgent::builder().compression(!compression).build();
            let url = peer.url();
            let mut builder = WebSocket::builder(&event_loop, &url);
            let builder = builder.user_agent(&user_agent).compression(compression);
            let _socket = builder.open().unwrap();
            event_loop.run();
            assert_eq!(peer.join(), compression);
        }
    });
}

#[test]
fn the_subprotocol_has_to_be_exactly_one_of_those_offered() {
    bounded(|| {
        let name = "Sec-WebSocket-Protocol";
        for chosen in ["other", "Chat", "chat, superchat", "", "chat;"] {
            let events = events_of_answer(&["chat", "superchat"], move |request| {
                request.switching().with(name, chosen)
            });
            assert_eq!(events, FAILURE, "{chosen:?}");
        }
        let events = events_of_answer(&["chat"], move |request| request.switching().without(name));
        assert_eq!(events, FAILURE, "offered, and none chosen");
        let events = events_of_answer(&[], move |request| request.switching().with(name, "chat"));
        assert_eq!(events, FAILURE, "chosen, and none offered");
        let events = events_of_answer(&["chat"], move |request| {
            let mut response = request.switching();
            response.fields.push((name.to_lowercase(), "chat".into()));
            response
        });
        assert_eq!(events, FAILURE, "twice");
        let events = events_of_answer(&["chat", "superchat"], move |request| {
            request.switching().with(name, "superchat")
        });
        assert_eq!(events[0], "OPEN open", "the second one");
    });
}

#[test]
fn a_silent_server_fails_the_connection_after_the_bound() {
    bounded(|| {
        let start = Instant::now();
        let events = session_of(
            &impatient(),
            |mut wire| {
                wire.take_upgrade();
                assert_eq!(wire.take_rest(), (vec![], End::Fin));
            },
            |_, _| (),
        );
        assert_eq!(events, FAILURE);
        assert!(start.elapsed() >= short_timeouts().opening_handshake);
    });
}

/// Fetch, "HTTP-network fetch": a response from 100 to 199 other than 101 is ignored.
#[test]
fn an_interim_response_is_passed_over() {
    bounded(|| {
        for interim in ["100 Continue", "102 Processing", "103 Early Hints"] {
            let peer = Peer::serve(move |mut wire| {
                let request = wire.take_upgrade();
                let interim = format!("HTTP/1.1 {interim}\r\nLink: </style.css>\r\n\r\n");
                wire.send(interim.as_bytes());
                wire.send(&request.switching().bytes());
                wire.finish();
                wire.take_rest();
            });
            let events = events_of(&peer.url(), &[], &UserAgent::default());
            peer.join();
            assert_eq!(events[0], "OPEN open", "{interim}");
        }
    });
}

/// It need not read the request to its end.
#[test]
fn a_server_is_heard_that_answers_before_it_has_read_the_request() {
    bounded(|| {
        let gate_loop = EventLoop::new();
        let gate = Gate::new(&gate_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.send(b"HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n");
                gate.wait();
            }
        });
        let mut agent = UserAgent::builder();
        for i in 0..16 {
            agent
                .header(&format!("X-{i}"), &"y".repeat(1 << 20))
                .unwrap();
        }
        let status = Rc::new(Cell::new(None));
        agent.observer({
            let status = status.clone();
            move |observation| {
                if let Step::Failed(Failure::Status(response)) = observation.step {
                    status.set(Some(response.status()));
                }
            }
        });
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent.build())
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        assert_eq!(recorder.finished(), FAILURE);
        assert_eq!(status.get(), Some(431));
        gate.open();
        peer.join();
    });
}

/// What is behind the head of a refusal is not read, and is no reason for a reset.
#[test]
fn a_server_that_refuses_with_a_body_sees_a_clean_end() {
    bounded(|| {
        for edition in [Edition::Living, Edition::Html5] {
            let peer = Peer::serve(|mut wire| {
                wire.take_through(b"\r\n\r\n");
                let mut response =
                    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9000\r\n\r\n".to_vec();
                response.extend([b'x'; 9000]);
                wire.send(&response);
                wire.take_rest().1
            });
            let event_loop = EventLoop::new();
            let socket = WebSocket::builder(&event_loop, &peer.url())
                .edition(edition)
                .open()
                .unwrap();
            socket.set_onclose(|_| ());
            event_loop.run();
            assert_eq!(peer.join(), End::Fin, "{edition:?}");
        }
    });
}
