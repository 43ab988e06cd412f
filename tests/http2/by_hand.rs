//! Servers whose frames are written by hand (RFC 9113 section 4.1), for what none that is well made would send.

use super::peer::speaking;
use dom_websocket::{EventLoop, Failure, Http2Failure, Http2Options, Step, UserAgent, WebSocket};
use std::cell::RefCell;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::mpsc::channel;
use support::{FAILURE, Frame, Peer, Recorder, Wire, accept, bounded, run_until};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const END_HEADERS: u8 = 4;
const HTTP_1_1_REQUIRED: u32 = 13;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = len[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// SETTINGS_ENABLE_CONNECT_PROTOCOL, and SETTINGS_MAX_CONCURRENT_STREAMS.
fn settings(streams: u8) -> Vec<u8> {
    let payload = [0, 8, 0, 0, 0, 1, 0, 3, 0, 0, 0, streams];
    frame(SETTINGS, 0, 0, &payload)
}

/// `:status: 200`, as HPACK's static table has it.
fn ok(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &[0x88])
}

fn go_away(last: u32, code: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// A client that has begun HTTP/2, and heard how many streams there are.
fn begin(listener: &TcpListener, streams: u8) -> Wire {
    let mut wire = accept(listener);
    assert!(wire.take(24).starts_with(b"PRI"));
    wire.send(&settings(streams));
    wire
}

/// Waits for the next request: its stream.
fn take_request(wire: &mut Wire) -> u32 {
    loop {
        let head = wire.take(9);
        let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        wire.take(usize::try_from(len).unwrap());
        if head[3] == HEADERS {
            return u32::from_be_bytes(head[5..].try_into().unwrap());
        }
    }
}

fn user_agent(change: impl FnOnce(&mut Http2Options)) -> UserAgent {
    let mut options = Http2Options::default();
    change(&mut options);
    speaking().http2_options(options).compression(false).build()
}

fn open<T: Send + 'static>(
    peer: &Peer<T>,
    event_loop: &EventLoop,
    user_agent: &UserAgent,
) -> WebSocket {
    let url = peer.url();
    let mut builder = WebSocket::builder(event_loop, &url);
    builder.user_agent(user_agent).open().unwrap()
}

/// RFC 9113 section 6.5.2: the limit may change at any time.
#[test]
fn who_waits_for_a_place_hears_of_more() {
    bounded(|| {
        let (opened, is_open) = channel();
        let peer = Peer::listen(move |listener| {
            let mut wire = begin(&listener, 1);
            let stream = take_request(&mut wire);
            wire.send(&ok(stream));
            is_open.recv().unwrap();
            wire.send(&settings(2));
            let stream = take_request(&mut wire);
            wire.send(&ok(stream));
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| options.connections = 1);
        let sockets = [(); 2].map(|()| open(&peer, &event_loop, &user_agent));
        let count = || {
            let states = sockets.iter().map(WebSocket::ready_state);
            states.filter(|state| *state == WebSocket::OPEN).count()
        };
        run_until(&event_loop, || count() == 1);
        // By now the other one waits.
        support::settle(&event_loop);
        opened.send(()).unwrap();
        run_until(&event_loop, || count() == 2);
        peer.join();
    });
}

/// RFC 9113 section 6.8: no stream will be opened on it, so it takes no connection's place.
#[test]
fn who_waits_for_a_place_goes_elsewhere_behind_goaway() {
    bounded(|| {
        let (opened, is_open) = channel();
        let peer = Peer::listen(move |listener| {
            let mut first = begin(&listener, 1);
            let stream = take_request(&mut first);
            first.send(&ok(stream));
            is_open.recv().unwrap();
            first.send(&go_away(stream, 0));
            let mut second = begin(&listener, 1);
            let stream = take_request(&mut second);
            second.send(&ok(stream));
            [first, second]
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| options.connections = 1);
        let sockets = [(); 2].map(|()| open(&peer, &event_loop, &user_agent));
        let count = || {
            let states = sockets.iter().map(WebSocket::ready_state);
            states.filter(|state| *state == WebSocket::OPEN).count()
        };
        run_until(&event_loop, || count() == 1);
        support::settle(&event_loop);
        opened.send(()).unwrap();
        run_until(&event_loop, || count() == 2);
        peer.join();
    });
}

#[test]
fn many_small_messages_are_no_attack() {
    bounded(|| {
        const MANY: usize = 2000;
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 1);
            let stream = take_request(&mut wire);
            let mut burst = ok(stream);
            for _ in 0..MANY {
                burst.extend(frame(DATA, 0, stream, &Frame::text("x").bytes()));
            }
            wire.send(&burst);
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| (options.streams, options.window) = (1, 16 * 1024));
        let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
        run_until(&event_loop, || {
            recorder.count_of("message") == MANY || recorder.has_ended()
        });
        assert_eq!(recorder.count_of("message"), MANY);
        peer.join();
    });
}

#[test]
fn a_connection_whose_maker_gives_up_is_not_kept() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            // No SETTINGS come.
            let (bytes, _) = wire.take_rest();
            assert!(bytes.starts_with(b"PRI"));
        });
        let event_loop = EventLoop::new();
        let socket = open(&peer, &event_loop, &user_agent(|_| ()));
        for _ in 0..20 {
            event_loop.turn();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        socket.close();
        let end = std::thread::spawn(|| peer.join());
        while !end.is_finished() {
            event_loop.turn();
            std::thread::yield_now();
        }
        end.join().unwrap();
    });
}

/// RFC 9113 section 7, for a stream and for a connection.
#[test]
fn a_server_that_wants_http_1_1_is_understood() {
    bounded(|| {
        let reset = frame(RST_STREAM, 0, 1, &HTTP_1_1_REQUIRED.to_be_bytes());
        for refusal in [reset, go_away(0, HTTP_1_1_REQUIRED)] {
            let peer = Peer::listen(move |listener| {
                let mut wire = begin(&listener, 1);
                assert_eq!(take_request(&mut wire), 1);
                wire.send(&refusal);
                wire
            });
            let event_loop = EventLoop::new();
            let failures = Rc::<RefCell<Vec<Failure>>>::default();
            let heard = failures.clone();
            let user_agent = speaking()
                .observer(move |observation| {
                    if let Step::Failed(failure) = observation.step {
                        heard.borrow_mut().push(failure.clone());
                    }
                })
                .build();
            let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
            event_loop.run();
            assert_eq!(recorder.finished(), FAILURE);
            let expected = Failure::Http2(Http2Failure::NoWebSockets);
            assert_eq!(failures.take(), [expected]);
            peer.join();
        }
    });
}

#[test]
fn a_connection_that_is_being_made_is_not_idle() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            std::thread::sleep(std::time::Duration::from_millis(20));
            wire.send(&settings(1));
            wire.take(24);
            let stream = take_request(&mut wire);
            wire.send(&ok(stream));
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| options.idle = std::time::Duration::ZERO);
        let socket = open(&peer, &event_loop, &user_agent);
        run_until(&event_loop, || {
            socket.ready_state() != WebSocket::CONNECTING
        });
        assert_eq!(socket.ready_state(), WebSocket::OPEN);
        peer.join();
    });
}

#[test]
fn no_streams_at_all_are_no_setting_for_a_user_agent() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 1);
            let stream = take_request(&mut wire);
            wire.send(&ok(stream));
            wire
        });
        let event_loop = EventLoop::new();
        let socket = open(
            &peer,
            &event_loop,
            &user_agent(|options| options.streams = 0),
        );
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        peer.join();
    });
}

/// What a server sends, once it has been asked or before, and what the socket makes of it.
#[test]
fn answers_of_all_kinds() {
    const END_STREAM: u8 = 1;
    const PUSH_PROMISE: u8 = 5;
    let status = |kind: u8, code: &str| {
        let field = [&[0x08, 3][..], code.as_bytes()].concat();
        frame(HEADERS, END_HEADERS | kind, 1, &field)
    };
    let close = frame(DATA, END_STREAM, 1, &Frame::close(1000, "").bytes());
    let text = frame(DATA, 0, 1, &Frame::text("x").bytes());
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0, 1, b'x', 1, b'y']);
    let pushed = [&2_u32.to_be_bytes()[..], &[0x82, 0x86, 0x84]].concat();
    let cut = ["CLOSED error", "CLOSED close unclean 1006"];
    let clean = ["OPEN open", "CLOSED close clean 1000"];
    let interim = status(0, "103");
    // `Limits::head_fields` is 100.
    let fields = |count: usize| {
        let block = [&[0x88][..], &[0, 1, b'x', 1, b'y'].repeat(count)].concat();
        frame(HEADERS, END_HEADERS, 1, &block)
    };
    for (what, answer, expected) in [
        (
            "no body",
            status(END_STREAM, "200"),
            [&["OPEN open"][..], &cut].concat(),
        ),
        (
            "interim answers",
            [interim.repeat(50), ok(1), close.clone()].concat(),
            clean.to_vec(),
        ),
        (
            "an interim answer that ends",
            status(END_STREAM, "103"),
            FAILURE.to_vec(),
        ),
        ("trailers", [ok(1), text.clone(), trailers].concat(), {
            [&["OPEN open", "OPEN message x"][..], &cut].concat()
        }),
        (
            "a push",
            frame(PUSH_PROMISE, END_HEADERS, 1, &pushed),
            FAILURE.to_vec(),
        ),
        ("data first", text, FAILURE.to_vec()),
        (
            "many fields",
            [fields(100), close.clone()].concat(),
            clean.to_vec(),
        ),
        (
            "too many fields",
            [fields(101), close.clone()].concat(),
            FAILURE.to_vec(),
        ),
        (
            "no status",
            frame(HEADERS, END_HEADERS, 1, &[0, 1, b'x', 1, b'y']),
            FAILURE.to_vec(),
        ),
    ] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let mut wire = begin(&listener, 1);
                take_request(&mut wire);
                wire.send(&answer);
                wire
            });
            let event_loop = EventLoop::new();
            let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent(|_| ())));
            event_loop.run();
            assert_eq!(recorder.finished(), expected, "{what}");
            drop(peer.join());
        });
    }
}

#[test]
fn an_answer_to_what_nobody_asked_ends_the_connection() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            wire.send(&[settings(1), ok(1)].concat());
            wire
        });
        let event_loop = EventLoop::new();
        let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent(|_| ())));
        event_loop.run();
        assert_eq!(recorder.finished(), FAILURE);
        drop(peer.join());
    });
}

/// RFC 9113 section 6.9.2: a window can be none from the beginning.
#[test]
fn a_socket_whose_window_never_opens_ends_in_its_time() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            let window = [0, 8, 0, 0, 0, 1, 0, 4, 0, 0, 0, 0];
            wire.send(&frame(SETTINGS, 0, 0, &window));
            wire.take(24);
            let stream = take_request(&mut wire);
            wire.send(&ok(stream));
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = speaking().timeouts(support::short_timeouts()).build();
        let socket = open(&peer, &event_loop, &user_agent);
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| {
            event.target().send("x").unwrap();
            event.target().close();
        });
        event_loop.run();
        assert_eq!(recorder.events()[0], "OPEN open");
        assert_eq!(
            recorder.events().last().unwrap(),
            "CLOSED close unclean 1006"
        );
        drop(peer.join());
    });
}

/// RFC 9113 section 8.7: what was never sent may be sent.
#[test]
fn a_connection_that_ended_while_nobody_looked_costs_no_socket() {
    bounded(|| {
        let (looked_away, nobody_looks) = channel();
        let (ended, has_ended) = channel();
        let peer = Peer::listen(move |listener| {
            let answer = |wire: &mut Wire| {
                let stream = take_request(wire);
                let close = Frame::close(1000, "").bytes();
                wire.send(&[ok(stream), frame(DATA, 1, stream, &close)].concat());
            };
            let mut wire = begin(&listener, 1);
            answer(&mut wire);
            nobody_looks.recv().unwrap();
            drop(wire);
            ended.send(()).unwrap();
            let mut wire = begin(&listener, 1);
            answer(&mut wire);
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|_| ());
        let one = || {
            let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
            event_loop.run();
            assert_eq!(
                recorder.finished(),
                ["OPEN open", "CLOSED close clean 1000"]
            );
        };
        one();
        looked_away.send(()).unwrap();
        has_ended.recv().unwrap();
        one();
        drop(peer.join());
    });
}
