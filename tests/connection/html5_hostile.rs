//! Peers that send too much, too slowly, or never read. Each costs its own connection, and no other.

use dom_websocket::{EventLoop, Limits, Server, Timeouts, UserAgent, WebSocket};
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use support::{
    AMPLE, Backend, CLOSING, Gate, Head, Peer, Recorder, Wire, bounded, frame, run_until, run_with,
    short_timeouts,
};

const LIMITS: fn() -> Limits = || Limits {
    head: 2000,
    head_fields: 20,
    message: 1000,
    skipped_frame: 1000,
    ..Limits::default()
};

/// All events of a client of this peer; and a new connection on the same loop works.
fn events_with(
    limits: Limits,
    timeouts: Timeouts,
    script: impl FnOnce(Wire) + Send + 'static,
) -> Vec<String> {
    let user_agent = UserAgent::builder()
        .limits(limits)
        .timeouts(timeouts)
        .build();
    let event_loop = EventLoop::new();
    let open = |url: &str| {
        let socket = WebSocket::builder(&event_loop, url)
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        Recorder::of(&socket)
    };
    let hostile = Peer::serve(script);
    let recorder = open(&hostile.url());
    run_until(&event_loop, || recorder.has_ended());
    let harmless = Peer::serve(|mut wire| {
        wire.accept_client();
        wire.send(&frame("hello"));
        wire.send(CLOSING);
        wire.expect(CLOSING);
        wire.expect_end();
    });
    let second = open(&harmless.url());
    run_until(&event_loop, || second.has_ended());
    harmless.join();
    assert_eq!(
        second.finished(),
        ["OPEN open", "OPEN message hello", "CLOSED close clean"]
    );
    hostile.join();
    event_loop.run();
    recorder.finished()
}

fn events_of(script: impl FnOnce(Wire) + Send + 'static) -> Vec<String> {
    events_with(LIMITS(), Timeouts::default(), script)
}

#[test]
fn a_response_head_without_end_is_cut_off() {
    bounded(|| {
        for (start, unit) in [
            ("", "x"),
            ("HTTP/1.1 101 x", "x"),
            ("HTTP/1.1 101 x\r\n", "n"),
            ("HTTP/1.1 101 x\r\nname:", "v"),
            ("HTTP/1.1 101 x\r\n", "a: b\r\n"),
            ("HTTP/1.1 101 x\r\n", "a:\r\n"),
        ] {
            let events = events_of(move |mut wire| {
                wire.take_request();
                wire.send(start.as_bytes());
                wire.send_forever(unit.as_bytes());
            });
            assert_eq!(events, ["CLOSED close unclean"], "{start:?} {unit:?}");
        }
    });
}

#[test]
fn a_response_with_too_many_fields_fails_although_it_ends() {
    bounded(|| {
        for (more, works) in [(16, true), (17, false)] {
            let events = events_of(move |mut wire| {
                let mut response = wire.take_request().response();
                for number in 0..more {
                    response = response.with(&format!("X-{number}"), "");
                }
                wire.send(&response.bytes());
                wire.finish();
                wire.take_rest();
            });
            assert_eq!(events[0] == "OPEN open", works, "{more} fields more");
        }
    });
}

#[test]
fn a_frame_over_its_limit_closes_the_connection() {
    bounded(|| {
        for (start, unit) in [
            // A text frame, and one of an unknown type, without end.
            (&b"\x00"[..], &b"x"[..]),
            (b"\x01", b"x"),
            // A length of 2^63, one over the limit by one, and one without end.
            (b"\x80\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00", b"x"),
            (b"\x80\x87\x69", b"x"),
            (b"\x80", b"\x80"),
            (b"\xff", b"\x80"),
            (b"\xff", b"\xff"),
        ] {
            let events = events_of(move |mut wire| {
                wire.accept_client();
                wire.send(&frame("before"));
                wire.send(start);
                wire.send_forever(unit);
            });
            assert_eq!(
                events,
                ["OPEN open", "OPEN message before", "CLOSED close unclean"],
                "{}",
                start.escape_ascii()
            );
        }
    });
}

#[test]
fn frames_of_the_limits_size_are_fine() {
    bounded(|| {
        let text = "x".repeat(1000);
        let events = events_of({
            let text = text.clone();
            move |mut wire| {
                wire.accept_client();
                for _ in 0..3 {
                    wire.send(&frame(&text));
                    wire.send(&[b"\x01", text.as_bytes(), b"\xff"].concat());
                    wire.send(&[b"\x80\x87\x68", text.as_bytes()].concat());
                }
                wire.send(CLOSING);
                wire.expect(CLOSING);
            }
        });
        assert_eq!(events.len(), 2 + 9);
        assert_eq!(events[7], format!("OPEN message {text}"));
        assert_eq!(events[10], "CLOSED close clean");
    });
}

#[test]
fn a_handshake_that_drips_is_cut_off_after_its_bound() {
    bounded(|| {
        let events = events_with(LIMITS(), short_timeouts(), |mut wire| {
            for byte in wire.take_request().response().bytes() {
                if wire.try_send(&[byte]).is_err() {
                    return;
                }
                thread::sleep(AMPLE / 40);
            }
            panic!("it took the whole response");
        });
        assert_eq!(events, ["CLOSED close unclean"]);
    });
}

#[test]
fn a_peer_that_never_reads_is_left_after_the_bound() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_over = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_over = is_over.clone();
            move |mut wire| {
                wire.shrink_receive_buffer();
                wire.accept_client();
                is_over.wait();
            }
        });
        let user_agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        let sent = 16 << 20;
        socket.set_onopen(move |event| {
            event.target().send("x".repeat(sent)).unwrap();
            event.target().close();
        });
        event_loop.run();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
        let unsent = socket.buffered_amount();
        assert!(unsent > 0 && unsent < sent, "{unsent}");
        is_over.open();
        peer.join();
    });
}

#[test]
fn a_peer_that_closes_without_reading_and_then_resets_is_noticed_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (reset, may_reset) = mpsc::channel();
        let peer = Peer::serve(move |mut wire| {
            wire.shrink_receive_buffer();
            wire.accept_client();
            wire.take_some().unwrap();
            wire.send(CLOSING);
            wire.finish();
            may_reset.recv().unwrap();
            wire.reset();
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| event.target().send("x".repeat(16 << 20)));
        // Our closing frame is stuck behind what the peer does not read.
        run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSING);
        reset.send(()).unwrap();
        let start = Instant::now();
        run_until(&event_loop, || recorder.has_ended());
        // The bound of the closing handshake is 20 seconds.
        assert!(start.elapsed() < Duration::from_secs(5));
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
    });
}

/// What comes of a client of a strict server; and another client of the same server works.
fn serve(script: impl FnOnce(Wire, Head) + Send + 'static) -> Vec<String> {
    let event_loop = EventLoop::new();
    let server = Server::builder(&event_loop)
        .limits(LIMITS())
        .timeouts(short_timeouts())
        .listen("127.0.0.1:0")
        .unwrap();
    let recorders = Rc::new(RefCell::new(Vec::<Recorder>::new()));
    server.set_onconnection({
        let recorders = recorders.clone();
        move |socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data().as_str().unwrap()));
            recorders.borrow_mut().push(Recorder::of(&socket));
        }
    });
    let request = Head::request("/", server.local_addr());
    let of_hostile = request.clone();
    run_with(&event_loop, &server, move |wire| script(wire, of_hostile));
    run_with(&event_loop, &server, move |mut wire| {
        wire.open(&request);
        wire.send(&frame("hello"));
        wire.expect(&frame("hello"));
        wire.send(CLOSING);
        wire.expect(CLOSING);
        wire.expect_end();
    });
    server.close();
    event_loop.run();
    let mut recorders = recorders.take();
    let harmless = recorders.pop().unwrap();
    assert_eq!(
        harmless.finished(),
        ["OPEN open", "OPEN message hello", "CLOSED close clean"]
    );
    recorders.iter().flat_map(Recorder::finished).collect()
}

#[test]
fn a_request_head_without_end_is_cut_off() {
    bounded(|| {
        for (start, unit) in [
            ("", "x"),
            ("GET /", "x"),
            ("GET / HTTP/1.1\r\n", "n"),
            ("GET / HTTP/1.1\r\nname:", "v"),
            ("GET / HTTP/1.1\r\n", "a: b\r\n"),
        ] {
            let events = serve(move |mut wire, _| {
                wire.send(start.as_bytes());
                wire.send_forever(unit.as_bytes());
            });
            assert_eq!(events, [""; 0], "{start:?} {unit:?}");
        }
    });
}

#[test]
fn a_request_over_a_limit_gets_no_answer_although_it_ends() {
    bounded(|| {
        for (more, length, works) in [(14, 1, true), (15, 1, false), (1, 2000, false)] {
            let events = serve(move |mut wire, mut request| {
                for number in 0..more {
                    request = request.with(&format!("X-{number}"), &"x".repeat(length));
                }
                let _ = wire.try_send(&request.bytes());
                if works {
                    wire.take_response();
                } else {
                    assert_eq!(wire.take_rest().0, b"");
                }
            });
            assert_eq!(events.is_empty(), !works, "{more} fields of {length} bytes");
        }
    });
}

#[test]
fn a_request_that_drips_is_cut_off_after_its_bound() {
    bounded(|| {
        let events = serve(|mut wire, request| {
            for byte in request.bytes() {
                if wire.try_send(&[byte]).is_err() {
                    return;
                }
                thread::sleep(AMPLE / 40);
            }
            panic!("it took the whole request");
        });
        assert_eq!(events, [""; 0]);
    });
}

#[test]
fn a_client_whose_frame_is_over_the_limit_is_cut_off() {
    bounded(|| {
        for start in [&b"\x00"[..], b"\x01", b"\x80\xff\xff\xff\xff\x7f"] {
            let events = serve(move |mut wire, request| {
                wire.open(&request);
                wire.send(start);
                wire.send_forever(b"x");
            });
            assert_eq!(events, ["OPEN open", "CLOSED close unclean"]);
        }
    });
}

#[test]
fn a_hundred_clients_that_say_nothing_do_not_keep_out_the_next() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let backend = Backend::echoing(&event_loop);
        let address = backend.server.local_addr();
        let silent: Vec<io::Result<_>> = (0..100)
            .map(|_| std::net::TcpStream::connect(address))
            .collect();
        let request = Head::request("/", address);
        run_with(&event_loop, &backend.server, move |mut wire| {
            wire.open(&request);
            wire.send(&frame("hello"));
            wire.expect(&frame("hello"));
        });
        assert_eq!(backend.count(), 1);
        drop(silent);
        backend.server.close();
        event_loop.run();
    });
}
