//! What a client can do to a server, and can't.

use super::http2_client::{Client, run};
use super::http2_server::{end_of, options, serves_others, serving, serving_few};
use dom_websocket::{EventLoop, Timeouts, WebSocket, WebSocketStream};
use std::cell::RefCell;
use support::http2::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR,
    GOAWAY, HEADERS, PING, PUSH_PROMISE, RST_STREAM, SETTINGS, begin, connect, field,
    fields_of_connect, frame, reset, settings, take, take_kind, window_update,
};
use support::{AMPLE, Frame, Recorder, bounded, run_until, run_with};

#[test]
fn a_flood_of_continuations_is_cut_off() {
    bounded(|| {
        let mut flood = frame(HEADERS, 0, 1, fields_of_connect());
        for _ in 0..10_000 {
            flood.extend(frame(CONTINUATION, 0, 1, ""));
        }
        let code = end_of(flood);
        assert!([Some(ENHANCE_YOUR_CALM), None].contains(&code), "{code:?}");
        let mut few = frame(HEADERS, 0, 1, fields_of_connect());
        for _ in 0..20 {
            few.extend(frame(CONTINUATION, 0, 1, field("x", "y")));
        }
        assert_eq!(end_of(few), Some(ENHANCE_YOUR_CALM));
    });
}

/// CVE-2023-44487.
#[test]
fn streams_that_are_opened_and_reset_are_soon_too_many() {
    bounded(|| {
        // In one read.
        let pairs = |count: u32| {
            let pair = |n| [connect(2 * n + 1), reset(2 * n + 1)].concat();
            (0..count).map(pair).collect::<Vec<_>>().concat()
        };
        assert_eq!(end_of(pairs(40)), Some(ENHANCE_YOUR_CALM));
        let code = end_of(pairs(10_000));
        assert!([Some(ENHANCE_YOUR_CALM), None].contains(&code), "{code:?}");

        // Each when the last was taken, and before it was answered.
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |_| ());
        let code = run_with(&event_loop, &server, |mut wire| {
            wire.send(&begin(&[]));
            let mut stream = 1;
            loop {
                let ping = frame(PING, 0, 0, [0; 8]);
                let _ = wire.try_send(&[connect(stream), reset(stream), ping].concat());
                let answer = loop {
                    let answer = take(&mut wire);
                    let is_pong = answer.kind == PING && answer.flags == ACK;
                    if is_pong || answer.kind == GOAWAY {
                        break answer;
                    }
                };
                if answer.kind == GOAWAY {
                    break answer.code();
                }
                stream += 2;
            }
        });
        assert_eq!(code, ENHANCE_YOUR_CALM);
        serves_others(&event_loop, &server);
    });
}

/// Whoever resets what was answered has used what he asked for.
#[test]
fn sockets_may_come_and_go() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |_| ());
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            for _ in 0..300 {
                client.open("/").await.reset();
            }
            client.open("/").await.echo("hello").await;
        });
    });
}

/// What answers them has no room, and nothing more is read.
#[test]
fn floods_whose_answers_nobody_reads_stand_still() {
    bounded(|| {
        for flood in [frame(PING, 0, 0, [0; 8]), settings(&[(4, 65_535)])] {
            let event_loop = EventLoop::new();
            let server = serving(&event_loop, |builder| {
                builder.timeouts(Timeouts {
                    opening_handshake: AMPLE,
                    ..Timeouts::of_server()
                });
                builder.http2(options(|options| options.idle = AMPLE));
            });
            run_with(&event_loop, &server, move |mut wire| {
                wire.shrink_receive_buffer();
                wire.send(&begin(&[]));
                let many = flood.repeat(5000);
                // In the end nothing is taken any more, and the connection is given up.
                while wire.try_send(&many).is_ok() {}
            });
            serves_others(&event_loop, &server);
        }
    });
}

/// The same by a socket: its pongs are left out, or it is cut off.
#[test]
fn a_flood_of_pings_on_a_stream_hurts_nobody() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |_| ());
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[]), connect(1)].concat());
            let many = frame(DATA, 0, 1, b"\x89\x80\0\0\0\0").repeat(1000);
            let _ = (0..300).try_for_each(|_| wire.try_send(&many));
        });
        serves_others(&event_loop, &server);
    });
}

/// The same from a client that reads.
#[test]
fn floods_are_answered_and_keep_nobody_waiting() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |_| ());
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&begin(&[]));
            let mut writer = wire.writer();
            let flood = std::thread::spawn(move || {
                writer.send(&frame(PING, 0, 0, [7; 8]).repeat(50_000));
                writer.send(&settings(&[]).repeat(1000));
            });
            let mut pongs = 0;
            while pongs < 50_000 {
                let answer = take(&mut wire);
                pongs += u32::from(answer.kind == PING && answer.flags == ACK);
            }
            flood.join().unwrap();
        });
    });
}

#[test]
fn frames_that_say_nothing_are_counted() {
    bounded(|| {
        let empty = frame(DATA, 0, 1, "");
        let many = [connect(1), empty.repeat(200)].concat();
        assert_eq!(end_of(many), Some(ENHANCE_YOUR_CALM));

        // Those that hold a few bytes are what they hold, on a stream that nobody reads.
        let event_loop = EventLoop::new();
        let server = serving_few(&event_loop, |options| options.window = 10_000);
        let unread = RefCell::new(Vec::<WebSocketStream>::new());
        server.set_onconnection(move |socket, _| {
            unread.borrow_mut().push(socket.into_stream().unwrap());
        });
        run_with(&event_loop, &server, |mut wire| {
            let ack = frame(SETTINGS, ACK, 0, "");
            wire.send(&[begin(&[]), ack, connect(1)].concat());
            take_kind(&mut wire, HEADERS);
            // More than a socket may have undispatched and the window lets through.
            let tiny = Frame::text("x").masked().bytes();
            wire.send(&frame(DATA, 0, 1, tiny).repeat(10_000));
            let reset = take_kind(&mut wire, RST_STREAM);
            assert_eq!((reset.stream, reset.code()), (1, FLOW_CONTROL_ERROR));
            wire.send(&connect(3));
            assert_eq!(take_kind(&mut wire, HEADERS).stream, 3);
        });
    });
}

/// What a stranger might say, whole and in part.
#[test]
fn nothing_that_is_wrong_hurts_others() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving(&event_loop, |_| ());
        let end = END_HEADERS | END_STREAM;
        let head = fields_of_connect();
        for (what, bytes) in [
            ("garbage", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
            ("zeros", vec![0; 100]),
            ("ones", vec![0xff; 100]),
            ("too long a frame", frame(DATA, 0, 1, vec![0; 20_000])),
            ("no such stream", frame(DATA, 0, 1, "x")),
            ("the server's stream", connect(2)),
            ("a stream that is none", connect(0)),
            ("one that was", [connect(5), connect(3)].concat()),
            ("a reset of none", reset(5)),
            ("window of none", window_update(9, 1)),
            (
                "window by nothing",
                [connect(1), window_update(1, 0)].concat(),
            ),
            (
                "window overflow",
                [connect(1), window_update(1, 0x7fff_ffff)].concat(),
            ),
            ("connection's", window_update(0, 0x7fff_ffff)),
            ("settings of no length", frame(SETTINGS, 0, 0, "x")),
            ("settings of a stream", frame(SETTINGS, 0, 1, "")),
            ("a window of settings", settings(&[(4, 0x8000_0000)])),
            ("frames of settings", settings(&[(5, 1)])),
            ("an ACK of nothing", frame(SETTINGS, ACK, 0, "").repeat(3)),
            ("short ping", frame(PING, 0, 0, "x")),
            ("a pong to nothing", frame(PING, ACK, 0, [9; 8])),
            ("a push", frame(PUSH_PROMISE, END_HEADERS, 1, [0; 4])),
            ("goaway", frame(GOAWAY, 0, 0, [0; 8])),
            (
                "goaway and on",
                [frame(GOAWAY, 0, 0, [0; 8]), connect(1)].concat(),
            ),
            (
                "an unknown frame",
                [frame(0xfa, 0xff, 3, "x"), connect(1)].concat(),
            ),
            ("HPACK's index", frame(HEADERS, END_HEADERS, 1, [0xff; 9])),
            ("an empty head", frame(HEADERS, END_HEADERS, 1, "")),
            ("half a head", frame(HEADERS, 0, 1, &head[..10])),
            (
                "another within",
                [frame(HEADERS, 0, 1, &head), connect(3)].concat(),
            ),
            (
                "continuation of none",
                frame(CONTINUATION, END_HEADERS, 1, ""),
            ),
            ("all at once", frame(HEADERS, end, 1, &head)),
            (
                "and more",
                [frame(HEADERS, end, 1, &head), frame(DATA, 0, 1, "x")].concat(),
            ),
            ("twice", [connect(1), connect(1)].concat()),
            (
                "trailers",
                [connect(1), frame(HEADERS, end, 1, field("x", "y"))].concat(),
            ),
            ("reset twice", [connect(1), reset(1), reset(1)].concat()),
            (
                "after its reset",
                [connect(1), reset(1), frame(DATA, 0, 1, "x")].concat(),
            ),
            (
                "reset by no code",
                [connect(1), frame(RST_STREAM, 0, 1, "x")].concat(),
            ),
            ("padding", [connect(1), frame(DATA, 8, 1, [9])].concat()),
            (
                "upper case",
                frame(
                    HEADERS,
                    END_HEADERS,
                    1,
                    [head.clone(), field("X", "y")].concat(),
                ),
            ),
            (
                "an upgrade",
                frame(
                    HEADERS,
                    END_HEADERS,
                    1,
                    [head.clone(), field("upgrade", "x")].concat(),
                ),
            ),
            (
                "a line break",
                frame(
                    HEADERS,
                    END_HEADERS,
                    1,
                    [head.clone(), field("x", "a\r\nb: c")].concat(),
                ),
            ),
            (
                "late pseudo",
                frame(
                    HEADERS,
                    END_HEADERS,
                    1,
                    [head.clone(), field(":path", "/x")].concat(),
                ),
            ),
            (
                "no path",
                frame(HEADERS, END_HEADERS, 1, &head[..head.len() / 2]),
            ),
        ] {
            let all = [begin(&[]), bytes].concat();
            for len in [all.len(), all.len() - 1] {
                let said = all[..len].to_vec();
                run_with(&event_loop, &server, move |mut wire| {
                    let _ = wire.try_send(&said);
                    wire.finish();
                    let _ = wire.take_rest();
                });
            }
            run_with(&event_loop, &server, move |mut wire| {
                let _ = wire.try_send(&all);
                wire.reset();
            });
            let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()));
            let socket = socket.unwrap();
            socket.set_onopen(|event| event.target().close());
            let recorder = Recorder::of(&socket);
            run_until(&event_loop, || recorder.has_ended());
            assert_eq!(recorder.count_of("open"), 1, "{what}");
        }
        serves_others(&event_loop, &server);
    });
}
