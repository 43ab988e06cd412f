//! What a client can have of a server over HTTP/2: streams, places, words, time.

use super::http2_client::{Client, connect as request, run};
use super::http2_server::{end_of, options, serves_others, serving};
use dom_websocket::{EventLoop, HttpResponse, Server, Timeouts};
use std::cell::RefCell;
use std::net::TcpStream;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::http2::{
    ACK, CANCEL, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PING, PREFACE,
    REFUSED_STREAM, RST_STREAM, SETTINGS, STATUS_200, begin, connect, fields_of_connect, frame,
    get, reset, settings, take, take_end, take_kind, window_update,
};
use support::{AMPLE, Recorder, Wire, bounded, run_until, run_with, short_timeouts};

#[test]
fn there_are_so_many_streams() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |builder| {
            builder.http2(options(|options| options.streams = 2));
        });
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[]), connect(1), connect(3), connect(5)].concat());
            let said = take_kind(&mut wire, SETTINGS).payload;
            // SETTINGS_MAX_CONCURRENT_STREAMS, SETTINGS_ENABLE_CONNECT_PROTOCOL.
            assert!(said.chunks(6).any(|setting| setting == [0, 3, 0, 0, 0, 2]));
            assert!(said.chunks(6).any(|setting| setting == [0, 8, 0, 0, 0, 1]));
            let refused = take_kind(&mut wire, RST_STREAM);
            assert_eq!((refused.stream, refused.code()), (5, REFUSED_STREAM));
            // One that has ended makes room.
            wire.send(&[reset(1), connect(7)].concat());
            while take_kind(&mut wire, HEADERS).stream != 7 {}
        });
    });
}

#[test]
fn a_stream_takes_a_place_among_the_connections() {
    bounded(|| {
        let event_loop = EventLoop::new();
        // One of them is TCP's.
        let server = serving(&event_loop, |builder| {
            builder.max_connections(3);
        });
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[]), connect(1), connect(3), connect(5)].concat());
            let refused = take_kind(&mut wire, RST_STREAM);
            assert_eq!((refused.stream, refused.code()), (5, REFUSED_STREAM));
            for stream in [1, 3] {
                let answer = take_kind(&mut wire, HEADERS);
                assert_eq!((answer.stream, answer.payload[0]), (stream, STATUS_200));
            }
            wire.send(&reset(3));
            let mut next = 7;
            // Its end is heard of in a turn of its own.
            loop {
                wire.send(&connect(next));
                match take(&mut wire) {
                    answer if answer.kind == HEADERS => break assert_eq!(answer.stream, next),
                    refused if refused.kind == RST_STREAM => next += 2,
                    _ => {}
                }
            }
        });
    });
}

#[test]
fn a_stream_takes_a_place_among_the_handshakes() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |builder| {
            builder.max_handshakes(1);
        });
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&begin(&[]));
            take_kind(&mut wire, SETTINGS);
            wire.send(&[connect(1), connect(3)].concat());
            let refused = take_kind(&mut wire, RST_STREAM);
            assert_eq!((refused.stream, refused.code()), (3, REFUSED_STREAM));
            assert_eq!(take_kind(&mut wire, HEADERS).stream, 1);
            wire.send(&connect(5));
            assert_eq!(take_kind(&mut wire, HEADERS).stream, 5);
        });
    });
}

#[test]
fn a_head_has_bounds() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |_| ());
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let mut other = client.open("/").await;
            // Over Limits::head, and over Limits::head_fields.
            let long = request("/").header("x", "y".repeat(17_000));
            assert_eq!(client.ask(long, false).await.unwrap().status(), 431);
            let many = (0..101).fold(request("/"), |many, _| many.header("x", "y"));
            assert_eq!(client.ask(many, false).await.unwrap().status(), 431);
            other.echo("still there").await;
        });
        // One that is made of references to a long one (an HPACK bomb).
        let mut bomb = fields_of_connect();
        bomb.extend([0x40, 1, b'x', 127, 0x81, 0x1d]);
        bomb.extend([b'y'; 3840 + 127 - 127 + 1]);
        bomb.extend([0xbe; 10_000]);
        let _ = end_of([frame(HEADERS, END_HEADERS, 1, bomb), vec![0; 9]].concat());
        serves_others(&event_loop, &server);
    });
}

/// A server of pages of this length, which are not waited for long.
fn serving_pages(event_loop: &EventLoop, len: usize) -> Server {
    let server = serving(event_loop, |builder| {
        builder.timeouts(short_timeouts());
    });
    server.set_onhttp(move |_| HttpResponse::new(200).body("text/plain", "x".repeat(len)));
    server
}

/// RFC 9113 section 8.1: END_STREAM says that it is whole.
#[test]
fn a_page_that_is_given_up_is_reset() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving_pages(&event_loop, 2000);
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[(INITIAL_WINDOW_SIZE, 1000)]), get(1)].concat());
            assert_eq!(take_kind(&mut wire, HEADERS).payload[0], STATUS_200);
            let part = take_kind(&mut wire, DATA);
            assert_eq!((part.flags, part.payload.len()), (0, 1000));
            let end = take(&mut wire);
            assert_eq!((end.kind, end.code()), (RST_STREAM, CANCEL), "{end:?}");
        });
    });
}

/// The window that a page was written for can be taken back: nothing of it waits for another one longer than the page's own time.
#[test]
fn what_has_no_window_any_more_is_not_kept() {
    const PAGES: u32 = 60;
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving_pages(&event_loop, 390_000);
        run_with(&event_loop, &server, |mut wire| {
            wire.shrink_receive_buffer();
            let begin = begin(&[(INITIAL_WINDOW_SIZE, 1 << 20)]);
            wire.send(&[begin, window_update(0, 1 << 30)].concat());
            let streams: Vec<u32> = (0..PAGES).map(|n| 2 * n + 1).collect();
            for stream in &streams {
                wire.send(&get(*stream));
            }
            // More has been written by now than the system takes.
            thread::sleep(Duration::from_millis(100));
            wire.send(&settings(&[(INITIAL_WINDOW_SIZE, 0)]));
            let mut left = streams.len();
            while left > 0 {
                let said = take(&mut wire);
                let is_end = said.kind == DATA && said.flags & END_STREAM != 0;
                left -= usize::from(is_end || said.kind == RST_STREAM);
            }
        });
    });
}

/// Each of them ends, and the socket on it hears of it.
#[test]
fn clients_that_fall_silent_are_given_up() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |builder| {
            let timeouts = Timeouts {
                opening_handshake: AMPLE,
                ..Timeouts::of_server()
            };
            builder.timeouts(timeouts).http2(options(|options| {
                options.idle = AMPLE;
                options.ping = Some(Duration::from_millis(200));
                options.pong = AMPLE;
            }));
        });
        let sockets = Rc::new(RefCell::new(Vec::new()));
        server.set_onconnection({
            let sockets = sockets.clone();
            move |socket, _| sockets.borrow_mut().push(Recorder::of(&socket))
        });
        let head = fields_of_connect();
        let all = [
            // Before the preface is whole.
            (PREFACE[..10].to_vec(), None),
            // Without a stream.
            (PREFACE.to_vec(), Some(0)),
            (begin(&[]), Some(0)),
            (
                [begin(&[]), frame(HEADERS, 0, 1, &head[..10])].concat(),
                Some(0),
            ),
            ([begin(&[]), connect(1), reset(1)].concat(), Some(0)),
            // With one: a PING is not answered.
            ([begin(&[]), connect(1)].concat(), None),
            ([begin(&[]), connect(1), vec![0; 5]].concat(), None),
        ];
        let address = server.local_addr();
        run_with(&event_loop, &server, move |_| {
            let all = all.map(|(begun, code)| {
                let mut wire = Wire::connect(address);
                wire.send(&begun);
                (wire, code)
            });
            for (mut wire, code) in all {
                assert_eq!(take_end(&mut wire), code);
            }
        });
        run_until(&event_loop, || {
            let sockets = sockets.borrow();
            sockets.iter().all(Recorder::has_ended)
        });
        // Who answers stays.
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[]), connect(1)].concat());
            for _ in 0..4 {
                let ping = take_kind(&mut wire, PING);
                wire.send(&frame(PING, ACK, 0, ping.payload));
            }
        });
    });
}

/// Whoever asks once SETTINGS have come is no later than he may be (RFC 8441 section 3).
#[test]
fn a_connection_that_is_not_kept_waits_for_its_first_stream() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |builder| {
            builder.http2(options(|options| options.idle = Duration::ZERO));
        });
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&begin(&[]));
            take_kind(&mut wire, SETTINGS);
            wire.send(&[frame(SETTINGS, ACK, 0, ""), frame(PING, 0, 0, [0; 8])].concat());
            while take(&mut wire).kind != PING {}
            wire.send(&connect(1));
            assert_eq!(take_kind(&mut wire, HEADERS).payload[0], STATUS_200);
            wire.send(&reset(1));
            assert_eq!(take_end(&mut wire), Some(0));
        });
    });
}

/// It has no stream yet, and the time for its handshake is over.
#[test]
fn a_connection_that_says_nothing_is_turned_away() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |builder| {
            builder.timeouts(Timeouts {
                opening_handshake: AMPLE,
                ..Timeouts::of_server()
            });
        });
        let address = server.local_addr();
        run_with(&event_loop, &server, move |mut wire| {
            let mut other = Wire::new(TcpStream::connect(address).unwrap());
            other.send(&PREFACE[..1]);
            wire.expect_end();
            other.expect_end();
        });
    });
}
