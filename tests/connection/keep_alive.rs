//! Pings of our own, for connections that are idle.

use dom_websocket::{
    Edition, EventLoop, Failure, Step, Timeouts, UserAgent, WebSocket, WireFailure,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};
use support::{AMPLE, CLOSING, FAILURE, Frame, Peer, Recorder, Wire, bounded, run_until};

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
            // Nothing more comes, not even a Close frame: nobody is there to read it.
            let (rest, _) = wire.take_rest();
            assert_eq!(rest, b"");
        });
        assert_eq!(events, [&["OPEN open"], &FAILURE[..]].concat());
    });
}

#[test]
fn whatever_a_peer_says_is_an_answer() {
    bounded(|| {
        let events = events(Edition::Living, AMPLE, |wire| {
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
        let events = events(Edition::Living, AMPLE, |wire| {
            let mut dozed = 0;
            for _ in 0..60 {
                let start = Instant::now();
                wire.send_frame(&Frame::pong(""));
                thread::sleep(PING / 10);
                dozed += usize::from(start.elapsed() > PING / 3);
            }
            wire.send_frame(&Frame::close(1000, ""));
            // Where this side dozed off it may have been asked; the other one may have done so, too.
            let asked = wire.take_through_close().len() - 1;
            assert!(asked <= dozed + 1, "{asked}, {dozed}");
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
            wire
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
        run_until(&event_loop, || recorder.count() == 1);
        let wire = Rc::new(RefCell::new(peer.join()));
        wire.borrow_mut().set_patience(Duration::from_millis(1));
        let answered = Rc::new(Cell::new(0));
        // Each of the loop's turns has a task that takes longer than the peer may, which answers meanwhile.
        while answered.get() < 3 {
            let (wire, answered) = (wire.clone(), answered.clone());
            event_loop.queue_task(move || {
                thread::sleep(2 * PING);
                if wire.borrow_mut().take_some().is_ok() {
                    wire.borrow_mut().send_frame(&Frame::pong(""));
                    answered.set(answered.get() + 1);
                }
                thread::sleep(PING / 2);
            });
            event_loop.turn();
            assert_eq!(recorder.events(), ["OPEN open"]);
        }
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
                    thread::sleep(AMPLE / 80);
                }
                left = left.saturating_sub(wire.take_some().unwrap().len());
            }
            assert!(start.elapsed() > AMPLE + PING);
            wire.finish();
            wire.take_rest();
        });
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder()
            .compression(false)
            .timeouts(Timeouts {
                ping: Some(PING),
                pong: AMPLE,
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
