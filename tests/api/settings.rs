//! Limits and bounds at their extremes.

use dom_websocket::{EventLoop, Limits, Server, Timeouts, UserAgent, WebSocket};
use std::time::Duration;
use support::{CLOSING, Peer, Recorder, bounded, frame};

/// A session between a client and a server of ours with these settings.
fn events_with(limits: Limits, timeouts: Timeouts) -> Vec<String> {
    let event_loop = EventLoop::new();
    let server = Server::builder(&event_loop)
        .limits(limits.clone())
        .timeouts(timeouts.clone())
        .listen("127.0.0.1:0")
        .unwrap();
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data().as_str().unwrap()));
    });
    let user_agent = UserAgent::builder()
        .limits(limits)
        .timeouts(timeouts)
        .build();
    let socket = WebSocket::builder(&event_loop, &format!("ws://{}/", server.local_addr()))
        .user_agent(&user_agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    socket.set_onopen(|event| event.target().send("hello"));
    socket.set_onmessage(|event| event.target().close());
    socket.set_onclose(move |_| server.close());
    event_loop.run();
    recorder.finished()
}

const SESSION: [&str; 3] = ["OPEN open", "OPEN message hello", "CLOSED close clean 1005"];

#[test]
fn no_limit_at_all_can_be_asked_for() {
    bounded(|| {
        let limits = Limits {
            head: usize::MAX,
            head_fields: usize::MAX,
            message: usize::MAX,
            skipped_frame: usize::MAX,
            all_messages: usize::MAX,
            discarded: usize::MAX,
            send_queue: usize::MAX,
            all_send_queues: usize::MAX,
            high_water: usize::MAX,
            undispatched: usize::MAX,
        };
        assert_eq!(events_with(limits, Timeouts::default()), SESSION);
    });
}

#[test]
fn waiting_for_ever_can_be_asked_for() {
    bounded(|| {
        let timeouts = Timeouts {
            opening_handshake: Duration::MAX,
            closing_handshake: Duration::MAX,
            end_of_stream: Duration::MAX,
            ..Timeouts::default()
        };
        assert_eq!(events_with(Limits::default(), timeouts), SESSION);
    });
}

#[test]
fn a_length_near_the_end_of_the_numbers_is_no_trouble_without_a_limit() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            // 2^64 - 1 and far more: never complete, and never in memory.
            wire.send(b"\x80\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
            wire.send(&frame("inside the frame that is skipped"));
            wire.finish();
            wire.expect_end();
        });
        let limits = Limits {
            skipped_frame: usize::MAX,
            all_messages: usize::MAX,
            discarded: usize::MAX,
            ..Limits::default()
        };
        let user_agent = UserAgent::builder().limits(limits).build();
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
    });
}

#[test]
fn with_nothing_undispatched_allowed_one_read_at_a_time_goes_through() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            for number in 0..1000 {
                wire.send(&frame(&number.to_string()));
            }
            wire.send(CLOSING);
            wire.expect(CLOSING);
        });
        let limits = Limits {
            undispatched: 0,
            ..Limits::default()
        };
        let user_agent = UserAgent::builder().limits(limits).build();
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        let events = recorder.finished();
        let expected: Vec<_> = (0..1000).map(|n| format!("OPEN message {n}")).collect();
        assert_eq!(events[1..1001], expected);
        assert_eq!(events[1001], "CLOSED close clean");
    });
}
