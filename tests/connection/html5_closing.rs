//! How a client's connection ends: who starts the closing handshake, when, and what TCP sees of it.

use dom_websocket::{EventLoop, Timeouts, UserAgent, WebSocket};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use support::{
    AMPLE, CLOSING, End, Gate, PATIENCE, Peer, Recorder, bounded, frame, run_until, settle,
    short_timeouts,
};

fn open(event_loop: &EventLoop, url: &str) -> (WebSocket, Recorder) {
    let socket = support::html5(event_loop, url).unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

fn open_with(event_loop: &EventLoop, url: &str, timeouts: Timeouts) -> (WebSocket, Recorder) {
    let user_agent = UserAgent::builder().timeouts(timeouts).build();
    let socket = WebSocket::builder(event_loop, url)
        .edition(dom_websocket::Edition::Html5)
        .user_agent(&user_agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

/// Calls `close()` and sees to it that no event comes from inside.
fn close(socket: &WebSocket, recorder: &Recorder) {
    recorder.calling(|| socket.close());
    assert!(socket.ready_state() >= WebSocket::CLOSING);
}

#[test]
fn close_before_the_first_turn_opens_no_connection() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &url);
        close(&socket, &recorder);
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        assert_eq!(recorder.count(), 0);
        event_loop.run();
        assert_eq!(recorder.finished(), ["CLOSED close unclean"]);
        assert!(listener.accept().is_err(), "nobody called");
    });
}

#[test]
fn close_during_the_handshake_ends_the_connection() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let requested = Gate::new(&event_loop);
        let peer = Peer::serve({
            let requested = requested.clone();
            move |mut wire| {
                wire.take_request();
                requested.open();
                wire.expect_end();
            }
        });
        let (socket, recorder) = open(&event_loop, &peer.url());
        requested.run(&event_loop);
        close(&socket, &recorder);
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["CLOSED close unclean"]);
    });
}

#[test]
fn close_in_the_open_handler_starts_the_closing_handshake() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.send(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen({
            let recorder = recorder.clone();
            move |event| close(event.target(), &recorder)
        });
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn close_between_the_establishment_and_its_task_leaves_no_open_event() {
    // The moment can't be forced from outside: try until it was met. Whatever the moment, there is
    // no event but `close` behind close().
    fn was_met() -> bool {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let (answer, may_answer) = mpsc::channel();
        let peer = Peer::serve({
            let is_asked = is_asked.clone();
            move |mut wire| {
                let response = wire.take_request().response();
                is_asked.open();
                may_answer.recv().unwrap();
                let _ = wire.try_send(&response.bytes());
                let was_established = matches!(wire.take_some(), Ok(bytes) if bytes == CLOSING);
                let _ = wire.try_send(CLOSING);
                was_established
            }
        });
        let (socket, recorder) = open(&event_loop, &peer.url());
        is_asked.run(&event_loop);
        settle(&event_loop);
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
        answer.send(()).unwrap();
        woken.recv_timeout(PATIENCE).unwrap();
        // This task is in front of the one that the next turn's reading queues.
        event_loop.queue_task({
            let (socket, recorder) = (socket.clone(), recorder.clone());
            move || close(&socket, &recorder)
        });
        event_loop.run();
        let was_established = peer.join();
        let how = if was_established { "clean" } else { "unclean" };
        assert_eq!(recorder.finished(), [format!("CLOSED close {how}")]);
        was_established
    }
    bounded(|| while !was_met() {});
}

#[test]
fn close_behind_the_servers_closing_frame_is_part_of_the_same_handshake() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(&[&frame("last words"), CLOSING].concat());
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onmessage({
            let recorder = recorder.clone();
            move |event| {
                let socket = event.target();
                assert_eq!(
                    socket.ready_state(),
                    WebSocket::OPEN,
                    "its task has not run"
                );
                assert_eq!(
                    socket.send("too late"),
                    Ok(false),
                    "but the handshake has started"
                );
                close(socket, &recorder);
                assert_eq!(socket.ready_state(), WebSocket::CLOSING);
            }
        });
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "OPEN message last words", "CLOSED close clean"]
        );
    });
}

#[test]
fn both_sides_start_the_closing_handshake_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (is_open, has_closed) = (Gate::new(&event_loop), Gate::new(&event_loop));
        let peer = Peer::serve({
            let (is_open, has_closed) = (is_open.clone(), has_closed.clone());
            move |mut wire| {
                wire.accept_client();
                is_open.wait();
                wire.send(CLOSING);
                has_closed.open();
                wire.expect(CLOSING);
                wire.expect_end();
            }
        });
        let (socket, recorder) = open(&event_loop, &peer.url());
        run_until(&event_loop, || recorder.count() >= 1);
        is_open.open();
        // The server's frame is on its way; no turn has seen it.
        has_closed.wait();
        close(&socket, &recorder);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn close_a_second_time_does_nothing() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.send(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen({
            let recorder = recorder.clone();
            move |event| {
                close(event.target(), &recorder);
                close(event.target(), &recorder);
            }
        });
        socket.set_onclose(|event| event.target().close());
        event_loop.run();
        peer.join();
        close(&socket, &recorder);
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        event_loop.run();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn events_behind_close_are_dispatched_until_the_server_closes_too() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.send(&frame("still"));
            wire.send(b"\x80\x00");
            wire.send(&frame("here"));
            wire.send(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            [
                "OPEN open",
                "CLOSING message still",
                "CLOSING error",
                "CLOSING message here",
                "CLOSED close clean",
            ]
        );
    });
}

#[test]
fn the_closing_frame_follows_what_was_queued_and_nothing_follows_it() {
    bounded(|| {
        let long = "x".repeat(3_000_000);
        let expected = [&frame("first")[..], &frame(&long), CLOSING].concat();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_client();
            let bytes = wire.take_through_closing();
            assert!(
                bytes == expected,
                "{} bytes, {} expected",
                bytes.len(),
                expected.len()
            );
            wire.send(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen(move |event| {
            let socket = event.target();
            assert_eq!(socket.send("first"), Ok(true));
            assert_eq!(socket.send(&long), Ok(true));
            socket.close();
            assert_eq!(socket.send("never"), Ok(false));
        });
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn a_server_that_sends_on_behind_its_closing_frame_sees_an_end_and_no_reset() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(&[CLOSING, &frame("unread")].concat());
            wire.expect(CLOSING);
            wire.send(&frame(&"unread, too ".repeat(10_000)));
            // A reset would show up here: this reads until the client's end.
            wire.expect_end();
            wire.send(&frame("nobody answers this with a reset either"));
            wire.finish();
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (_socket, recorder) = open(&event_loop, &peer.url());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn the_close_event_does_not_wait_for_the_servers_end() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let has_seen_close = Gate::new(&event_loop);
        let peer = Peer::serve({
            let has_seen_close = has_seen_close.clone();
            move |mut wire| {
                wire.accept_client();
                wire.send(CLOSING);
                wire.expect(CLOSING);
                has_seen_close.wait();
            }
        });
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onclose(move |_| has_seen_close.open());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn a_server_that_never_ends_its_side_is_left_after_the_bound() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_over = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_over = is_over.clone();
            move |mut wire| {
                wire.accept_client();
                wire.send(CLOSING);
                wire.expect(CLOSING);
                wire.expect_end();
                is_over.wait();
            }
        });
        let (_socket, recorder) = open_with(&event_loop, &peer.url(), short_timeouts());
        let mut before = Instant::now();
        run_until(&event_loop, || {
            let has_ended = recorder.has_ended();
            if !has_ended {
                before = Instant::now();
            }
            has_ended
        });
        event_loop.run();
        let waited = before.elapsed();
        is_over.open();
        peer.join();
        assert!(waited >= short_timeouts().end_of_stream, "{waited:?}");
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn a_server_that_does_not_answer_the_closing_frame_is_left_after_the_bound() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.send(&frame("busy"));
            // Nobody has closed this side: what comes is the client's giving up.
            assert_eq!(wire.take_rest(), (vec![], End::Fin));
        });
        let event_loop = EventLoop::new();
        let timeouts = Timeouts {
            closing_handshake: AMPLE,
            ..Timeouts::default()
        };
        let (socket, recorder) = open_with(&event_loop, &peer.url(), timeouts);
        socket.set_onopen(|event| event.target().close());
        let start = Instant::now();
        event_loop.run();
        peer.join();
        assert!(start.elapsed() >= AMPLE);
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSING message busy", "CLOSED close unclean"]
        );
    });
}

#[test]
fn the_bound_of_the_opening_handshake_ends_with_it() {
    bounded(|| {
        let timeouts = Timeouts {
            opening_handshake: AMPLE,
            ..Timeouts::default()
        };
        let event_loop = EventLoop::new();
        let is_late = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_late = is_late.clone();
            move |mut wire| {
                wire.accept_client();
                is_late.wait();
                wire.send(&frame("late"));
                wire.send(CLOSING);
                wire.expect(CLOSING);
            }
        });
        let (_socket, recorder) = open_with(&event_loop, &peer.url(), timeouts);
        run_until(&event_loop, || recorder.count() >= 1);
        std::thread::sleep(AMPLE + Duration::from_millis(100));
        is_late.open();
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "OPEN message late", "CLOSED close clean"]
        );
    });
}

#[test]
fn a_connection_that_is_lost_while_closing_is_an_unclean_close() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.finish();
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
    });
}
