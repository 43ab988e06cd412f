//! Servers whose frames are written by hand, for what none that is well made would send.

use super::frames::{accept_stream, begin, ok, open, settings, user_agent};
use super::peer::{end_beside, speaking};
use super::requests::failures;
use dom_websocket::{EventLoop, Failure, Http2Failure, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;
use support::http2::{
    self, ACK, DATA, ENABLE_CONNECT_PROTOCOL, END_HEADERS, END_STREAM, HEADERS, HTTP_1_1_REQUIRED,
    INITIAL_WINDOW_SIZE, PING, PREFACE, PUSH_PROMISE, RST_STREAM, SETTINGS, frame, go_away,
    take_kind,
};
use support::{
    AMPLE, FAILURE, Frame, Gate, Peer, Recorder, Wire, accept, bounded, run_until, settle,
};

/// Opens two sockets, of which one has to wait until the server has heard that the other is open.
fn open_two<T: Send + 'static>(peer: Peer<T>, is_open: &Sender<()>) {
    let event_loop = EventLoop::new();
    let user_agent = user_agent(|options| options.connections = 1);
    let sockets = [(); 2].map(|()| open(&peer, &event_loop, &user_agent));
    let count = || {
        let states = sockets.iter().map(WebSocket::ready_state);
        states.filter(|state| *state == WebSocket::OPEN).count()
    };
    run_until(&event_loop, || count() == 1);
    // By now the other one waits.
    settle(&event_loop);
    is_open.send(()).unwrap();
    run_until(&event_loop, || count() == 2);
    peer.join();
}

/// RFC 9113 section 6.5.2: the limit may change at any time.
#[test]
fn who_waits_for_a_place_hears_of_more() {
    bounded(|| {
        let (opened, is_open) = channel();
        let peer = Peer::listen(move |listener| {
            let mut wire = begin(&listener, 1);
            accept_stream(&mut wire);
            is_open.recv().unwrap();
            wire.send(&settings(2));
            accept_stream(&mut wire);
            wire
        });
        open_two(peer, &opened);
    });
}

/// RFC 9113 section 6.8: no stream will be opened on it, so it takes no connection's place.
#[test]
fn who_waits_for_a_place_goes_elsewhere_behind_goaway() {
    bounded(|| {
        let (opened, is_open) = channel();
        let peer = Peer::listen(move |listener| {
            let mut first = begin(&listener, 1);
            let stream = accept_stream(&mut first);
            is_open.recv().unwrap();
            first.send(&go_away(stream, 0));
            let mut second = begin(&listener, 1);
            accept_stream(&mut second);
            [first, second]
        });
        open_two(peer, &opened);
    });
}

/// RFC 9113 section 6.8: what is behind the last stream was not looked at, and may be asked for elsewhere.
#[test]
fn who_was_not_looked_at_asks_elsewhere_behind_goaway() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut first = begin(&listener, 2);
            let streams = [(); 2].map(|()| take_kind(&mut first, HEADERS).stream);
            first.send(&[go_away(streams[0], 0), ok(streams[0])].concat());
            let mut second = begin(&listener, 2);
            let stream = take_kind(&mut second, HEADERS).stream;
            let text = |stream, text| frame(DATA, 0, stream, Frame::text(text).bytes());
            second.send(&[ok(stream), text(stream, "second")].concat());
            first.send(&text(streams[0], "first"));
            [first, second]
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|_| ());
        let sockets = [(); 2].map(|()| Recorder::of(&open(&peer, &event_loop, &user_agent)));
        run_until(&event_loop, || sockets.iter().all(|s| s.count() == 2));
        for (recorder, text) in sockets.iter().zip(["first", "second"]) {
            let session = ["OPEN open".to_owned(), format!("OPEN message {text}")];
            assert_eq!(recorder.events(), session);
        }
        peer.join();
    });
}

/// What was answered was looked at: it is not asked for again.
#[test]
fn a_socket_that_goaway_forgets_ends() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 2);
            let streams = [(); 2].map(|()| take_kind(&mut wire, HEADERS).stream);
            wire.send(&[ok(streams[0]), ok(streams[1]), go_away(streams[0], 0)].concat());
            let close = Frame::close(1000, "").bytes();
            wire.send(&frame(DATA, END_STREAM, streams[0], close));
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|_| ());
        let sockets = [(); 2].map(|()| Recorder::of(&open(&peer, &event_loop, &user_agent)));
        event_loop.run();
        let lost = ["OPEN open", "CLOSED error", "CLOSED close unclean 1006"];
        assert_eq!(
            sockets[0].finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
        assert_eq!(sockets[1].finished(), lost);
        drop(peer.join());
    });
}

#[test]
fn many_small_messages_are_no_attack() {
    bounded(|| {
        for (window, many) in [(16 * 1024, 2000), (256 * 1024, 50_000)] {
            let peer = Peer::listen(move |listener| {
                let mut wire = begin(&listener, 1);
                wire.send(&frame(SETTINGS, ACK, 0, ""));
                let stream = take_kind(&mut wire, HEADERS).stream;
                wire.send(&ok(stream));
                let text = Frame::text("x").bytes();
                wire.send(&frame(DATA, 0, stream, text).repeat(many));
                wire
            });
            let event_loop = EventLoop::new();
            let user_agent = user_agent(|options| (options.streams, options.window) = (1, window));
            let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
            run_until(&event_loop, || {
                recorder.count_of("message") == many || recorder.has_ended()
            });
            assert_eq!(recorder.count_of("message"), many);
            peer.join();
        }
    });
}

#[test]
fn a_connection_whose_maker_gives_up_is_not_kept() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let has_begun = Gate::new(&event_loop);
        let begun = has_begun.clone();
        let peer = Peer::listen(move |listener| {
            let mut wire = accept(&listener);
            assert_eq!(wire.take(PREFACE.len()), PREFACE);
            begun.open();
            // No SETTINGS come.
            wire.take_rest();
        });
        let socket = open(&peer, &event_loop, &user_agent(|_| ()));
        has_begun.run(&event_loop);
        socket.close();
        end_beside(&event_loop, || peer.join());
    });
}

/// RFC 9113 section 7, for a stream and for a connection.
#[test]
fn a_server_that_wants_http_1_1_is_understood() {
    bounded(|| {
        let reset = frame(RST_STREAM, 0, 1, HTTP_1_1_REQUIRED.to_be_bytes());
        for refusal in [reset, go_away(0, HTTP_1_1_REQUIRED)] {
            let peer = Peer::listen(move |listener| {
                let mut wire = begin(&listener, 1);
                assert_eq!(take_kind(&mut wire, HEADERS).stream, 1);
                wire.send(&refusal);
                wire
            });
            let event_loop = EventLoop::new();
            let mut builder = speaking();
            let failures = failures(&mut builder);
            let recorder = Recorder::of(&open(&peer, &event_loop, &builder.build()));
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
            thread::sleep(Duration::from_millis(20));
            wire.send(&settings(1));
            wire.take(PREFACE.len());
            accept_stream(&mut wire);
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| options.idle = Duration::ZERO);
        let socket = open(&peer, &event_loop, &user_agent);
        run_until(&event_loop, || {
            socket.ready_state() != WebSocket::CONNECTING
        });
        assert_eq!(socket.ready_state(), WebSocket::OPEN);
        peer.join();
    });
}

/// The time that the loop is kept from looking is not the server's.
#[test]
fn a_busy_loop_costs_no_connection() {
    const PONG: Duration = Duration::from_millis(60);
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 1);
            accept_stream(&mut wire);
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| (options.ping, options.pong) = (Some(AMPLE), PONG));
        let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
        run_until(&event_loop, || recorder.count() == 1);
        let wire = Rc::new(RefCell::new(peer.join()));
        wire.borrow_mut().set_patience(Duration::from_millis(1));
        let answered = Rc::new(Cell::new(0));
        // Each of the loop's turns has a task that takes longer than the server may, which answers meanwhile.
        while answered.get() < 2 {
            let (wire, answered) = (wire.clone(), answered.clone());
            event_loop.queue_task(move || {
                thread::sleep(2 * PONG);
                let bytes = wire.borrow_mut().take_some().unwrap_or_default();
                let mut rest = &bytes[..];
                while let [0, 0, len, kind, flags, _, _, _, _, more @ ..] = rest {
                    let (payload, more) = more.split_at(usize::from(*len));
                    if (*kind, *flags) == (PING, 0) {
                        wire.borrow_mut().send(&frame(PING, ACK, 0, payload));
                        answered.set(answered.get() + 1);
                    }
                    rest = more;
                }
                thread::sleep(PONG / 2);
            });
            event_loop.turn();
            assert_eq!(recorder.events(), ["OPEN open"]);
        }
    });
}

#[test]
fn no_streams_at_all_are_no_setting_for_a_user_agent() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 1);
            accept_stream(&mut wire);
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
    let status = |kind: u8, code: &str| {
        let field = [&[0x08, 3][..], code.as_bytes()].concat();
        frame(HEADERS, END_HEADERS | kind, 1, field)
    };
    let close = frame(DATA, END_STREAM, 1, Frame::close(1000, "").bytes());
    let text = frame(DATA, 0, 1, Frame::text("x").bytes());
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, [0, 1, b'x', 1, b'y']);
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
            frame(PUSH_PROMISE, END_HEADERS, 1, pushed),
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
            frame(HEADERS, END_HEADERS, 1, [0, 1, b'x', 1, b'y']),
            FAILURE.to_vec(),
        ),
    ] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let mut wire = begin(&listener, 1);
                take_kind(&mut wire, HEADERS);
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
            let window = [(ENABLE_CONNECT_PROTOCOL, 1), (INITIAL_WINDOW_SIZE, 0)];
            wire.send(&http2::settings(&window));
            wire.take(PREFACE.len());
            accept_stream(&mut wire);
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
                let stream = take_kind(wire, HEADERS).stream;
                let close = Frame::close(1000, "").bytes();
                wire.send(&[ok(stream), frame(DATA, END_STREAM, stream, close)].concat());
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
