//! `send()`, its exceptions and its result, and `bufferedAmount`.

use dom_websocket::{DomException, EventLoop, Limits, UserAgent, WebSocket};
use std::cell::RefCell;
use std::rc::Rc;
use support::{CLOSING, Gate, Peer, Recorder, Wire, bounded, frame, run_until, settle};

/// UTF-16 of "ab" with half a surrogate pair between.
const UNPAIRED: [u16; 3] = [0x61, 0xd83c, 0x62];

/// More than the kernels of both ends take in.
const LARGE: usize = 16 << 20;

/// A peer that opens the connection, answers the closing handshake, and returns all it was sent.
fn listener() -> Peer<Vec<u8>> {
    Peer::serve(|mut wire| {
        wire.accept_client();
        let bytes = wire.take_through_closing();
        wire.send(CLOSING);
        wire.expect_end();
        bytes
    })
}

/// A peer that opens the connection and reads nothing before the gate is open.
fn deaf_peer(event_loop: &EventLoop, script: fn(Wire)) -> (Peer, Gate) {
    let gate = Gate::new(event_loop);
    let peer = Peer::serve({
        let gate = gate.clone();
        move |mut wire| {
            wire.shrink_receive_buffer();
            wire.accept_client();
            gate.wait();
            script(wire);
        }
    });
    (peer, gate)
}

fn open(event_loop: &EventLoop, url: &str) -> (WebSocket, Recorder) {
    let socket = support::html5(event_loop, url).unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

fn error_name<T>(result: Result<T, DomException>) -> Option<&'static str> {
    result.err().map(|exception| exception.name())
}

#[test]
fn send_throws_before_the_connection_is_open() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
        let exception = socket.send("x").unwrap_err();
        assert_eq!(exception.name(), "InvalidStateError");
        assert_eq!(exception.code(), DomException::INVALID_STATE_ERR);
        assert_eq!(socket.buffered_amount(), 0, "nothing was taken");
    });
}

#[test]
fn send_throws_over_an_unpaired_surrogate_in_every_state_but_the_first() {
    bounded(|| {
        let peer = listener();
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        assert_eq!(
            error_name(socket.send_utf16(&UNPAIRED)),
            Some("InvalidStateError")
        );
        let check = |socket: &WebSocket, state: u16| {
            assert_eq!(socket.ready_state(), state);
            let before = socket.buffered_amount();
            let exception = socket.send_utf16(&UNPAIRED).unwrap_err();
            assert_eq!(exception.name(), "SyntaxError", "in state {state}");
            assert_eq!(exception.code(), DomException::SYNTAX_ERR);
            assert_eq!(socket.buffered_amount(), before, "nothing was taken");
        };
        socket.set_onopen(move |event| {
            check(event.target(), WebSocket::OPEN);
            event.target().close();
            check(event.target(), WebSocket::CLOSING);
        });
        event_loop.run();
        check(&socket, WebSocket::CLOSED);
        assert_eq!(peer.join(), CLOSING, "nothing was sent");
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn the_strings_of_a_script_engine_are_sent_as_utf8() {
    bounded(|| {
        let peer = listener();
        let event_loop = EventLoop::new();
        let (socket, _recorder) = open(&event_loop, &peer.url());
        socket.set_onopen(|event| {
            let text: Vec<u16> = "ä世🎎\0".encode_utf16().collect();
            assert_eq!(event.target().send_utf16(&text), Ok(true));
            assert_eq!(event.target().send_utf16(&[]), Ok(true));
            event.target().close();
            assert_eq!(event.target().send_utf16(&text), Ok(false));
        });
        event_loop.run();
        assert_eq!(
            peer.join(),
            [&frame("ä世🎎\0"), &frame(""), CLOSING].concat()
        );
    });
}

#[test]
fn send_says_whether_the_text_was_queued() {
    bounded(|| {
        let peer = listener();
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen(|event| {
            let socket = event.target();
            assert_eq!(socket.send("queued"), Ok(true));
            socket.close();
            assert_eq!(socket.send("not queued"), Ok(false));
        });
        event_loop.run();
        assert_eq!(socket.send("not queued either"), Ok(false));
        event_loop.run();
        assert_eq!(peer.join(), [&frame("queued"), CLOSING].concat());
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn buffered_amount_counts_utf8_without_framing_and_stands_still_within_a_task() {
    bounded(|| {
        let peer = listener();
        let event_loop = EventLoop::new();
        let (socket, _recorder) = open(&event_loop, &peer.url());
        assert_eq!(socket.buffered_amount(), 0);
        let amounts = Rc::new(RefCell::new(Vec::new()));
        socket.set_onopen({
            let amounts = amounts.clone();
            move |event| {
                let socket = event.target();
                for text in ["", "abc", "ä", "世", "🎎", ""] {
                    socket.send(text).unwrap();
                    amounts.borrow_mut().push(socket.buffered_amount());
                    // The socket could take it all meanwhile; the amount is as of the task's start.
                    std::thread::yield_now();
                    assert_eq!(socket.buffered_amount(), *amounts.borrow().last().unwrap());
                }
            }
        });
        run_until(&event_loop, || !amounts.borrow().is_empty());
        assert_eq!(*amounts.borrow(), [0, 3, 5, 8, 12, 12]);
        run_until(&event_loop, || socket.buffered_amount() == 0);
        socket.close();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn buffered_amount_falls_to_zero_once_the_peer_reads() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (peer, may_read) = deaf_peer(&event_loop, |mut wire| {
            assert!(wire.take(LARGE + 2) == frame(&"x".repeat(LARGE)));
            wire.send(CLOSING);
            wire.expect(CLOSING);
        });
        let (socket, recorder) = open(&event_loop, &peer.url());
        run_until(&event_loop, || recorder.count() >= 1);
        assert_eq!(socket.send("x".repeat(LARGE)), Ok(true));
        assert_eq!(
            socket.buffered_amount(),
            LARGE,
            "nothing leaves inside the call"
        );
        settle(&event_loop);
        let stuck = socket.buffered_amount();
        assert!(
            stuck > 0 && stuck < LARGE,
            "{stuck} of {LARGE} wait for the peer"
        );
        may_read.open();
        run_until(&event_loop, || socket.buffered_amount() < stuck);
        run_until(&event_loop, || socket.buffered_amount() == 0);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn buffered_amount_grows_with_each_send_once_the_socket_is_closing() {
    bounded(|| {
        let peer = listener();
        let event_loop = EventLoop::new();
        let (socket, recorder) = open(&event_loop, &peer.url());
        socket.set_onopen(|event| {
            let socket = event.target();
            socket.close();
            socket.send("ä").unwrap();
            assert_eq!(socket.buffered_amount(), 2);
        });
        socket.set_onclose(|event| {
            assert_eq!(event.target().buffered_amount(), 2);
            event.target().send("abc").unwrap();
            assert_eq!(event.target().buffered_amount(), 5);
        });
        event_loop.run();
        assert_eq!(socket.buffered_amount(), 5, "it is never reset");
        socket.send("世").unwrap();
        assert_eq!(socket.buffered_amount(), 8);
        assert_eq!(peer.join(), CLOSING);
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn buffered_amount_keeps_what_an_abrupt_end_left_unsent() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (peer, may_reset) = deaf_peer(&event_loop, Wire::reset);
        let (socket, recorder) = open(&event_loop, &peer.url());
        run_until(&event_loop, || recorder.count() >= 1);
        socket.send("x".repeat(LARGE)).unwrap();
        settle(&event_loop);
        let unsent = socket.buffered_amount();
        assert!(unsent > 0);
        may_reset.open();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
        assert_eq!(socket.buffered_amount(), unsent);
        socket.send("abc").unwrap();
        assert_eq!(socket.buffered_amount(), unsent + 3);
    });
}

#[test]
fn text_over_the_queues_limit_closes_the_connection() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            let (bytes, _) = wire.take_rest();
            assert!(!bytes.ends_with(CLOSING), "there is no closing handshake");
        });
        let user_agent = UserAgent::builder()
            .limits(Limits {
                send_queue: 1000,
                ..Limits::default()
            })
            .build();
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        socket.set_onopen({
            let recorder = recorder.clone();
            move |event| {
                let socket = event.target();
                assert_eq!(socket.send("x".repeat(900)), Ok(true));
                let overflowed = recorder.calling(|| socket.send("y".repeat(200)));
                assert_eq!(overflowed, Ok(false));
                assert_eq!(
                    socket.ready_state(),
                    WebSocket::OPEN,
                    "its task has not run"
                );
                assert_eq!(socket.buffered_amount(), 1100);
                assert_eq!(
                    socket.send("z"),
                    Ok(false),
                    "not even what there is room for"
                );
                assert_eq!(socket.buffered_amount(), 1101);
            }
        });
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
        assert_eq!(socket.buffered_amount(), 1101);
    });
}

#[test]
fn the_queues_limit_counts_what_waits_and_not_what_was_ever_sent() {
    bounded(|| {
        let peer = listener();
        let user_agent = UserAgent::builder()
            .limits(Limits {
                send_queue: 1000,
                ..Limits::default()
            })
            .build();
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        run_until(&event_loop, || recorder.count() >= 1);
        for _ in 0..10 {
            assert_eq!(socket.send("x".repeat(900)), Ok(true));
            run_until(&event_loop, || socket.buffered_amount() == 0);
        }
        socket.close();
        event_loop.run();
        assert_eq!(peer.join().len(), 10 * 902 + CLOSING.len());
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}
