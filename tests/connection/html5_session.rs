//! A client's session with a scripted server: the handshake, the frames, the events.

use dom_websocket::{Event, EventLoop, WebSocket};
use std::cell::RefCell;
use std::rc::Rc;
use support::{CLOSING, End, Gate, Peer, Recorder, Wire, bounded, frame, run_until};

/// The server's script once the handshake is done: these bytes, then the closing handshake.
fn play(wire: &mut Wire, bytes: &[u8]) {
    wire.send(bytes);
    wire.send(CLOSING);
    wire.expect(CLOSING);
    wire.expect_end();
}

/// All events of a session with a server that sends these bytes and closes.
#[track_caller]
fn events_of(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.to_vec();
    let peer = Peer::serve(move |mut wire| {
        wire.accept_client();
        play(&mut wire, &bytes);
    });
    let event_loop = EventLoop::new();
    let socket = support::html5(&event_loop, &peer.url()).unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    peer.join();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    recorder.finished()
}

#[test]
fn a_session_goes_from_connecting_to_a_clean_close() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(&frame("hello"));
            play(&mut wire, &frame("hello to you"));
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url_of("/chat?room=1")).unwrap();
        assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
        assert_eq!(socket.url(), peer.url_of("/chat?room=1"));
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| assert_eq!(event.target().send("hello"), Ok(true)));
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            [
                "OPEN open",
                "OPEN message hello to you",
                "CLOSED close clean"
            ]
        );
    });
}

#[test]
fn the_request_has_the_fields_of_the_draft_and_no_other() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let request = wire.accept_client();
            play(&mut wire, b"");
            request
        });
        let host = peer.address().to_string();
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url_of("/a%20b?c"))
            .edition(dom_websocket::Edition::Html5)
            .origin("http://Example.com:8000/page")
            .protocol("chat with spaces")
            .open()
            .unwrap();
        event_loop.run();
        let request = peer.join();
        assert_eq!(request.first_line, "GET /a%20b?c HTTP/1.1");
        for (name, value) in [
            ("Upgrade", "WebSocket"),
            ("Connection", "Upgrade"),
            ("Host", &*host),
            ("Origin", "http://example.com:8000"),
            ("Sec-WebSocket-Protocol", "chat with spaces"),
        ] {
            assert_eq!(request.field(name), Some(value), "{name}");
        }
        let mut names: Vec<_> = request.fields.iter().map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "Connection",
                "Host",
                "Origin",
                "Sec-WebSocket-Key1",
                "Sec-WebSocket-Key2",
                "Sec-WebSocket-Protocol",
                "Upgrade",
            ]
        );
        assert_eq!(socket.protocol(), "chat with spaces");
    });
}

#[test]
fn an_opaque_origin_is_null_and_no_subprotocol_is_no_field() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let request = wire.accept_client();
            play(&mut wire, b"");
            request
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        let request = peer.join();
        assert_eq!(request.field("Origin"), Some("null"));
        assert_eq!(request.field("Sec-WebSocket-Protocol"), None);
        assert_eq!(socket.protocol(), "");
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn a_name_leads_to_whichever_of_its_addresses_answers() {
    bounded(|| {
        // The second is in nobody's tables: that it means this machine is the user agent's to know.
        for name in ["LocalHost", "Peer.LocalHost"] {
            let peer = Peer::serve(|mut wire| {
                let request = wire.accept_client();
                play(&mut wire, b"");
                request
            });
            let port = peer.address().port();
            let event_loop = EventLoop::new();
            // IPv6's loopback address may be another of its addresses: nobody listens there.
            let socket = support::html5(&event_loop, &format!("ws://{name}:{port}")).unwrap();
            let recorder = Recorder::of(&socket);
            event_loop.run();
            let host = format!("{}:{port}", name.to_lowercase());
            assert_eq!(peer.join().field("Host"), Some(&*host));
            assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
        }
    });
}

#[test]
fn the_subprotocol_is_known_from_the_open_event_on() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            play(&mut wire, b"");
        });
        let event_loop = EventLoop::new();
        let socket = support::html5_with_protocol(&event_loop, &peer.url(), "chat").unwrap();
        assert_eq!(socket.protocol(), "");
        let at_open = Rc::new(RefCell::new(String::new()));
        let seen = at_open.clone();
        socket.set_onopen(move |event| seen.replace(event.target().protocol()).clear());
        event_loop.run();
        peer.join();
        assert_eq!(*at_open.borrow(), "chat");
        assert_eq!(socket.protocol(), "chat", "still, after the close");
    });
}

#[test]
fn a_session_in_single_bytes_is_the_same_session() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let response = wire.take_request().response().bytes();
            wire.send_one_by_one(&response);
            wire.send_one_by_one(&frame("ä世🎎"));
            wire.send_one_by_one(b"\x80\x02\xff\x00");
            wire.send_one_by_one(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            [
                "OPEN open",
                "OPEN message ä世🎎",
                "OPEN error",
                "CLOSED close clean"
            ]
        );
    });
}

#[test]
fn frames_in_the_packet_that_ends_the_handshake_are_not_lost() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let mut packet = wire.take_request().response().bytes();
            packet.extend(frame("one"));
            packet.extend(frame("two"));
            packet.extend(CLOSING);
            wire.send(&packet);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            [
                "OPEN open",
                "OPEN message one",
                "OPEN message two",
                "CLOSED close clean"
            ]
        );
    });
}

#[test]
fn messages_come_in_the_order_in_which_they_were_sent() {
    bounded(|| {
        let messages: Vec<String> = (0..500).map(|i| format!("message {i}")).collect();
        let bytes: Vec<u8> = messages.iter().flat_map(|m| frame(m)).collect();
        let events = events_of(&bytes);
        let expected: Vec<String> = messages
            .iter()
            .map(|m| format!("OPEN message {m}"))
            .collect();
        assert_eq!(events[1..events.len() - 1], expected);
    });
}

#[test]
fn an_empty_message_is_a_message() {
    bounded(|| {
        assert_eq!(
            events_of(b"\0\xff\0\xff"),
            [
                "OPEN open",
                "OPEN message ",
                "OPEN message ",
                "CLOSED close clean"
            ]
        );
    });
}

#[test]
fn a_frame_of_an_unknown_type_is_an_error_and_life_goes_on() {
    bounded(|| {
        for unknown in [
            &b"\x01text of another type\xff"[..],
            b"\x7f\xff",
            b"\x80\x00",
            b"\x80\x03\xff\x00\xff",
            b"\xff\x01x",
            b"\xfe\x80\x80\x02xx",
        ] {
            let bytes = [unknown, &frame("after it")].concat();
            assert_eq!(
                events_of(&bytes),
                [
                    "OPEN open",
                    "OPEN error",
                    "OPEN message after it",
                    "CLOSED close clean"
                ],
                "{unknown:x?}"
            );
        }
    });
}

#[test]
fn what_is_no_utf8_becomes_replacement_characters() {
    bounded(|| {
        assert_eq!(
            events_of(b"\0a\x80b\xff\0\xe4\xb8\xff\0\xc0\xaf\xff"),
            [
                "OPEN open",
                "OPEN message a\u{fffd}b",
                "OPEN message \u{fffd}",
                "OPEN message \u{fffd}\u{fffd}",
                "CLOSED close clean",
            ]
        );
    });
}

#[test]
fn what_follows_the_servers_closing_frame_is_discarded() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(&[CLOSING, b"\0too late\xff\x80\x00", CLOSING].concat());
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn a_server_that_ends_the_connection_without_a_closing_frame_is_an_unclean_close_alone() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(&[&frame("whole")[..], b"\0half"].concat());
            wire.finish();
            // Section 6.3: the client closes its side too; it sends nothing more.
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "OPEN message whole", "CLOSED close unclean"]
        );
    });
}

#[test]
fn a_server_that_resets_the_connection_is_an_unclean_close_alone() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(&frame("hello"));
            wire.reset();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| event.target().send("hello"));
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
    });
}

// Elsewhere a reset may take with it what came before.
#[cfg(target_os = "linux")]
#[test]
fn what_came_ahead_of_a_reset_is_dispatched_although_a_write_fails_first() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_open = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_open = is_open.clone();
            move |mut wire| {
                wire.accept_client();
                is_open.wait();
                wire.send(&[frame("one"), frame("two")].concat());
                wire.reset();
            }
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        run_until(&event_loop, || recorder.count() >= 1);
        is_open.open();
        peer.join();
        // This is written before the rest is read.
        assert_eq!(socket.send("into the void"), Ok(true));
        event_loop.run();
        assert_eq!(
            recorder.finished(),
            [
                "OPEN open",
                "OPEN message one",
                "OPEN message two",
                "CLOSED close unclean"
            ]
        );
    });
}

#[test]
fn what_one_task_sends_leaves_in_one_write() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            let packet = wire.take_some().unwrap();
            wire.send(CLOSING);
            let end = wire.take_rest();
            (packet, end)
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        socket.set_onopen(|event| {
            for i in 0..100 {
                event.target().send(format!("message {i}")).unwrap();
            }
            event.target().close();
        });
        event_loop.run();
        let (packet, end) = peer.join();
        let mut expected: Vec<u8> = (0..100)
            .flat_map(|i| frame(&format!("message {i}")))
            .collect();
        expected.extend(CLOSING);
        assert_eq!(
            packet.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
        assert_eq!(end, (vec![], End::Fin));
    });
}

#[test]
fn the_librarys_own_events_are_trusted_and_can_not_be_canceled() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            play(&mut wire, &[&frame("x"), &b"\x80\x00"[..]].concat());
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let seen = Rc::new(RefCell::new(Vec::new()));
        for type_ in ["open", "message", "error", "close"] {
            let seen = seen.clone();
            socket.add_event_listener(type_, move |event| {
                assert_eq!(event.type_(), type_);
                assert!(event.is_trusted());
                assert!(!event.bubbles() && !event.cancelable());
                event.prevent_default();
                assert!(!event.default_prevented());
                assert_eq!(event.event_phase(), Event::AT_TARGET);
                if let Some(event) = event.as_message_event() {
                    // r4820 sets nothing but the data.
                    assert_eq!((event.origin(), event.last_event_id()), ("", ""));
                }
                seen.borrow_mut().push(type_);
            });
        }
        event_loop.run();
        peer.join();
        assert_eq!(*seen.borrow(), ["open", "message", "error", "close"]);
    });
}
