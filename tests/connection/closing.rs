//! The closing handshake of the living edition, from both sides.

use dom_websocket::{EventLoop, Timeouts, UserAgent, WebSocket};
use std::thread;
use std::time::{Duration, Instant};
use support::{
    FAILURE, Frame, Gate, PATIENCE, Peer, Recorder, bounded, run_until, session, session_of,
    settle, short_timeouts,
};

const CLEAN_1005: &str = "CLOSED close clean 1005";

/// The largest reason, and one that is larger by a byte: in UTF-8, not in characters.
fn reasons() -> (String, String) {
    let largest = format!("{}x", "ä".repeat(61));
    assert_eq!(largest.len(), 123);
    (largest.clone(), format!("{}ä", "ä".repeat(61)))
}

#[test]
fn the_peers_code_and_reason_reach_the_close_event_and_the_code_goes_back() {
    bounded(|| {
        for (code, reason) in [
            (1000, ""),
            (1001, "going away"),
            (1011, "ä世🎎"),
            (1014, ""),
            (3000, ""),
            (4999, "\u{feff}behind a byte order mark"),
        ] {
            let events = session(
                move |mut wire| {
                    wire.accept_upgrade();
                    wire.send_frame(&Frame::close(code, reason));
                    wire.expect_from_client(&Frame::close(code, ""));
                    wire.finish();
                    wire.expect_end();
                },
                |_, _| (),
            );
            let close = format!("CLOSED close clean {code} {reason}");
            assert_eq!(events, ["OPEN open", close.trim_end()]);
        }
    });
}

#[test]
fn a_close_frame_without_a_code_is_1005() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::close_without_code());
                wire.expect_from_client(&Frame::close_without_code());
                wire.finish();
                wire.expect_end();
            },
            |_, _| (),
        );
        assert_eq!(events, ["OPEN open", CLEAN_1005]);
    });
}

#[test]
fn what_close_is_given_is_what_the_close_frame_says() {
    bounded(|| {
        let (largest, _) = reasons();
        for (code, reason, frame) in [
            (None, "", Frame::close_without_code()),
            // close(undefined, reason): there is no way to say so.
            (None, "why", Frame::close_without_code()),
            (Some(1000), "", Frame::close(1000, "")),
            (Some(3000), "ä世🎎", Frame::close(3000, "ä世🎎")),
            (Some(4999), &*largest, Frame::close(4999, &largest)),
        ] {
            let events = session(
                move |mut wire| {
                    wire.accept_upgrade();
                    wire.answer_close(&frame);
                },
                |socket, recorder| {
                    let (recorder, reason) = (recorder.clone(), reason.to_owned());
                    socket.set_onopen(move |event| {
                        let close = || event.target().close_with(code, &reason);
                        recorder.calling(close).unwrap();
                        assert_eq!(event.target().ready_state(), WebSocket::CLOSING);
                    });
                },
            );
            let code = code.map_or(1005, |code| code);
            let reason = if code == 1005 { "" } else { reason };
            let close = format!("CLOSED close clean {code} {reason}");
            assert_eq!(events, ["OPEN open", close.trim_end()]);
        }
    });
}

#[test]
fn the_close_event_tells_the_peers_code_and_not_ours() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close(3000, "ours"));
                wire.send_frame(&Frame::close(4000, "theirs"));
                wire.finish();
                wire.expect_end();
            },
            |socket, _| {
                socket.set_onopen(|event| event.target().close_with(3000, "ours"));
            },
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 4000 theirs"]);
    });
}

#[test]
fn the_arguments_of_close_are_checked_in_order_and_in_every_state() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.answer_close(&Frame::close(1000, ""));
        });
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        let check = |socket: &WebSocket, state: u16| {
            let (_, too_long) = reasons();
            for code in [0, 999, 1001, 1005, 1006, 2999, 5000, 65535] {
                for reason in ["", &too_long] {
                    let exception = socket.close_with(code, reason).unwrap_err();
                    assert_eq!(exception.name(), "InvalidAccessError", "{code} in {state}");
                }
            }
            for code in [None, Some(1000), Some(3000), Some(4999)] {
                let exception = socket.close_with(code, &too_long).unwrap_err();
                assert_eq!(exception.name(), "SyntaxError", "{code:?} in {state}");
            }
            assert_eq!(socket.ready_state(), state, "nothing was done");
        };
        check(&socket, WebSocket::CONNECTING);
        socket.set_onopen(move |event| {
            let socket = event.target();
            check(socket, WebSocket::OPEN);
            socket.close_with(1000, "").unwrap();
            check(socket, WebSocket::CLOSING);
            assert_eq!(socket.close_with(4000, "too late"), Ok(()));
        });
        event_loop.run();
        peer.join();
        check(&socket, WebSocket::CLOSED);
        assert_eq!(socket.close_with(4000, "far too late"), Ok(()));
        event_loop.run();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
    });
}

#[test]
fn queued_messages_leave_before_the_close_frame_and_none_behind_it() {
    bounded(|| {
        let large = "x".repeat(2 << 20);
        let events = session(
            {
                let large = large.clone();
                move |mut wire| {
                    wire.shrink_receive_buffer();
                    wire.accept_upgrade();
                    wire.expect_from_client(&Frame::text("first"));
                    assert!(wire.take_frame() == Frame::text(&large));
                    wire.expect_from_client(&Frame::binary("last"));
                    wire.answer_close(&Frame::close(3000, "bye"));
                }
            },
            |socket, _| {
                socket.set_onopen(move |event| {
                    let socket = event.target();
                    assert_eq!(socket.send("first"), Ok(true));
                    assert_eq!(socket.send(&large), Ok(true));
                    assert_eq!(socket.send(b"last"), Ok(true));
                    socket.close_with(3000, "bye").unwrap();
                    assert_eq!(socket.send("behind"), Ok(false));
                });
            },
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 3000 bye"]);
    });
}

#[test]
fn a_message_that_arrives_while_closing_is_not_dispatched() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::text("before"));
                wire.expect_from_client(&Frame::close_without_code());
                wire.send_frame(&Frame::text("while closing"));
                wire.send_frame(&Frame::close_without_code());
                wire.finish();
                wire.expect_end();
            },
            |socket, _| socket.set_onmessage(|event| event.target().close()),
        );
        assert_eq!(events, ["OPEN open", "OPEN message before", CLEAN_1005]);
    });
}

#[test]
fn messages_that_were_received_before_close_was_called_are_not_dispatched_behind_it() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                let three = ["1", "2", "3"].map(|text| Frame::text(text).bytes());
                wire.send(&three.concat());
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| socket.set_onmessage(|event| event.target().close()),
        );
        assert_eq!(events, ["OPEN open", "OPEN message 1", CLEAN_1005]);
    });
}

#[test]
fn messages_right_ahead_of_the_peers_close_frame_are_dispatched() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                let frames = [Frame::text("1"), Frame::text("2"), Frame::close(1000, "")];
                wire.send(&frames.map(|frame| frame.bytes()).concat());
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            },
            |_, _| (),
        );
        assert_eq!(
            events,
            [
                "OPEN open",
                "OPEN message 1",
                "OPEN message 2",
                "CLOSED close clean 1000"
            ]
        );
    });
}

#[test]
fn both_sides_can_close_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_closing = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_closing = is_closing.clone();
            move |mut wire| {
                wire.accept_upgrade();
                is_closing.wait();
                // Ours leaves without a look at theirs.
                wire.send_frame(&Frame::close(4001, "peer"));
                wire.expect_from_client(&Frame::close(4000, "us"));
                wire.finish();
                wire.expect_end();
            }
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        socket.set_onopen(move |event| {
            event.target().close_with(4000, "us").unwrap();
            is_closing.open();
        });
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 4001 peer"]
        );
    });
}

#[test]
fn the_peers_closing_handshake_makes_the_state_closing_before_the_close_event() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_end = Gate::new(&event_loop);
        let peer = Peer::serve({
            let may_end = may_end.clone();
            move |mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
                may_end.wait();
                wire.finish();
                wire.expect_end();
            }
        });
        let user_agent = UserAgent::builder()
            .timeouts(Timeouts {
                end_of_stream: Duration::from_secs(60),
                ..Timeouts::default()
            })
            .build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSING);
        settle(&event_loop);
        // For a client the connection is closed once the server has ended TCP.
        assert_eq!(recorder.events(), ["OPEN open"]);
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        assert_eq!(socket.send("too late"), Ok(false));
        may_end.open();
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
    });
}

#[test]
fn a_server_that_does_not_end_tcp_is_left_after_the_bound_and_the_close_is_clean() {
    bounded(|| {
        let timeouts = Timeouts {
            closing_handshake: PATIENCE,
            ..short_timeouts()
        };
        let user_agent = UserAgent::builder().timeouts(timeouts).build();
        let start = Instant::now();
        let events = session_of(
            &user_agent,
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close_without_code());
                wire.send_frame(&Frame::close_without_code());
                wire.take_rest();
            },
            |socket, _| socket.set_onopen(|event| event.target().close()),
        );
        assert_eq!(events, ["OPEN open", CLEAN_1005]);
        assert!(start.elapsed() >= short_timeouts().end_of_stream);
    });
}

#[test]
fn a_close_frame_that_is_not_answered_is_an_unclean_close_after_the_bound() {
    bounded(|| {
        let user_agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let events = session_of(
            &user_agent,
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close_without_code());
                wire.take_rest();
            },
            |socket, _| socket.set_onopen(|event| event.target().close()),
        );
        // It was closed, and did not fail.
        assert_eq!(events, ["OPEN open", "CLOSED close unclean 1006"]);
    });
}

#[test]
fn a_server_that_ends_tcp_in_place_of_an_answer_has_failed() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            },
            |socket, _| {
                socket.set_onopen(|event| event.target().close_with(1000, ""));
            },
        );
        assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

#[test]
fn a_pong_or_a_message_does_not_prolong_the_wait_for_the_peers_close_frame() {
    bounded(|| {
        let user_agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let start = Instant::now();
        let events = session_of(
            &user_agent,
            move |mut wire| {
                wire.accept_upgrade();
                while wire.try_send(&Frame::text("x").bytes()).is_ok() {
                    thread::sleep(Duration::from_millis(10));
                    assert!(start.elapsed() < Duration::from_secs(5));
                }
            },
            |socket, _| socket.set_onopen(|event| event.target().close()),
        );
        assert_eq!(events, ["OPEN open", "CLOSED close unclean 1006"]);
    });
}

#[test]
fn a_socket_that_nobody_holds_waits_for_the_peers_close_frame_no_longer_than_the_bound() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let user_agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::close_without_code());
            assert_eq!(wire.take_rest().0, b"");
        });
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&user_agent)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        drop(socket);
        event_loop.run();
        peer.join();
    });
}

/// RFC 6455 section 5.5.2: "unless it already received a Close frame".
#[test]
fn a_ping_is_answered_between_our_close_frame_and_the_peers() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close(4000, ""));
                wire.send_frame(&Frame::ping("still there?"));
                wire.expect_from_client(&Frame::pong("still there?"));
                wire.send_frame(&Frame::close(4000, ""));
                wire.finish();
                wire.expect_end();
            },
            |socket, _| socket.set_onopen(|event| event.target().close_with(4000, "").is_ok()),
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 4000"]);
    });
}
