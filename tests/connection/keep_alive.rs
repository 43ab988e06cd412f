//! Pings of our own, for connections that are idle.

use dom_websocket::{
    Edition, EventLoop, Failure, Step, Timeouts, UserAgent, WebSocket, WireFailure,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};
use support::{CLOSING, FAILURE, Frame, Peer, Recorder, Wire, bounded};

const PING: Duration = Duration::from_millis(60);
const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];

fn events(
    edition: Edition,
    pong: Duration,
    script: impl FnOnce(&mut Wire) + Send + 'static,
) -> Vec<String> {
    let peer = Peer::serve(move |mut wire| {
        if edition == Edition::Html5 {
            wire.accept_client();
        } else {
            wire.accept_upgrade();
        }
        script(&mut wire);
    });
    let event_loop = EventLoop::new();
    let agent = UserAgent::builder()
        .timeouts(Timeouts {
            ping: Some(PING),
            pong,
            ..Timeouts::default()
        })
        .build();
    let socket = WebSocket::builder(&event_loop, &peer.url())
        .edition(edition)
        .user_agent(&agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    peer.join();
    recorder.finished()
}

fn take_ping(wire: &mut Wire) -> Frame {
    let ping = wire.take_frame();
    assert_eq!(ping.first, 0x89, "{ping:?}");
    ping
}

fn close(wire: &mut Wire) {
    wire.send_frame(&Frame::close(1000, ""));
    // A ping may be under way.
    wire.take_through_close();
    wire.finish();
    wire.expect_end();
}

#[test]
fn an_idle_peer_is_asked_again_and_again() {
    bounded(|| {
        // However long it may take with its answer.
        let events = events(Edition::Living, Duration::from_secs(20), |wire| {
            let start = Instant::now();
            for _ in 0..5 {
                let ping = take_ping(wire);
                wire.send_frame(&Frame::pong(&ping.payload));
            }
            assert!(start.elapsed() >= 4 * PING);
            close(wire);
        });
        assert_eq!(events, SESSION);
    });
}

#[test]
fn a_peer_that_does_not_answer_is_gone() {
    bounded(|| {
        let events = events(Edition::Living, PING, |wire| {
            take_ping(wire);
            let start = Instant::now();
            // Nothing more comes, not even a Close frame: nobody is there to read it.
            let (rest, _) = wire.take_rest();
            assert_eq!(rest, b"");
            let took = start.elapsed();
            assert!(took < 20 * PING, "{took:?}");
        });
        assert_eq!(events, [&["OPEN open"], &FAILURE[..]].concat());
    });
}

#[test]
fn whatever_a_peer_says_is_an_answer() {
    bounded(|| {
        let events = events(Edition::Living, 3 * PING, |wire| {
            for frame in [
                Frame::pong("unasked"),
                Frame::ping(""),
                Frame::text("a").unfinished(),
                Frame::continuation("b"),
            ] {
                take_ping(wire);
                wire.send_frame(&frame);
                if frame == Frame::ping("") {
                    wire.expect_from_client(&Frame::pong(""));
                }
            }
            close(wire);
        });
        assert_eq!(
            events,
            ["OPEN open", "OPEN message ab", "CLOSED close clean 1000"]
        );
    });
}

#[test]
fn a_busy_peer_is_not_asked() {
    bounded(|| {
        let events = events(Edition::Living, PING, |wire| {
            for _ in 0..40 {
                wire.send_frame(&Frame::pong(""));
                thread::sleep(PING / 10);
            }
            wire.send_frame(&Frame::close(1000, ""));
            // This side may have dozed off once itself.
            assert!(wire.take_through_close().len() < 3);
            wire.finish();
            wire.expect_end();
        });
        assert_eq!(events, SESSION);
    });
}

#[test]
fn draft_76_has_no_pings() {
    bounded(|| {
        let events = events(Edition::Html5, PING, |wire| {
            thread::sleep(4 * PING);
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        assert_eq!(events, ["OPEN open", "CLOSED close clean"]);
    });
}

/// The time that the loop is kept from looking is not the peer's.
#[test]
fn a_busy_loop_costs_no_connection() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            for _ in 0..3 {
                let ping = take_ping(&mut wire);
                wire.send_frame(&Frame::pong(&ping.payload));
            }
            close(&mut wire);
        });
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder()
            .timeouts(Timeouts {
                ping: Some(PING),
                pong: PING,
                ..Timeouts::default()
            })
            .build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        // Each of the loop's turns has a task that takes longer than the peer may.
        while !recorder.has_ended() {
            event_loop.queue_task(|| thread::sleep(2 * PING));
            event_loop.turn();
        }
        peer.join();
        assert_eq!(recorder.finished(), SESSION);
    });
}

/// Nor is the time that the ping waits behind what else is sent.
#[test]
fn a_slow_upload_costs_no_connection() {
    bounded(|| {
        // Much more than what the system holds back.
        const MESSAGE: usize = 16 * 1024 * 1024;
        let peer = Peer::serve(|mut wire| {
            wire.shrink_receive_buffer();
            wire.accept_upgrade();
            let start = Instant::now();
            let mut left = MESSAGE;
            while left > 0 {
                // But for the last of it, which the system holds by then.
                if left > MESSAGE / 2 {
                    thread::sleep(Duration::from_millis(5));
                }
                left = left.saturating_sub(wire.take_some().unwrap().len());
            }
            assert!(start.elapsed() > 9 * PING);
            wire.finish();
            wire.take_rest();
        });
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder()
            .compression(false)
            .timeouts(Timeouts {
                ping: Some(PING),
                pong: 3 * PING,
                ..Timeouts::default()
            })
            .build();
        let cause = Rc::new(RefCell::new(None));
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .observer({
                let cause = cause.clone();
                move |observation| {
                    if let Step::Failed(failure) = observation.step {
                        cause.replace(Some(failure.clone()));
                    }
                }
            })
            .open()
            .unwrap();
        socket.set_onopen(|event| event.target().send(vec![7; MESSAGE]).map(drop));
        event_loop.run();
        peer.join();
        assert_eq!(
            cause.take(),
            Some(Failure::Wire(WireFailure::EndOfStream)),
            "its end, not ours"
        );
    });
}
