//! Peers of the living edition that send too much, too slowly, or never read. Each costs its own
//! connection, and no other.

use dom_websocket::{EventLoop, Limits, Server, Timeouts, UserAgent, WebSocket};
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{
    AMPLE, DEFLATE, FAILURE, Frame, Gate, Head, PATIENCE, Peer, Recorder, Wire, bounded, deflate,
    run_until, run_with, session, short_timeouts,
};

const LIMITS: fn() -> Limits = || Limits {
    head: 2000,
    head_fields: 20,
    message: 1 << 20,
    ..Limits::default()
};

/// All events of a client of this peer; and a new connection on the same loop works.
fn events_with(timeouts: Timeouts, script: impl FnOnce(Wire) + Send + 'static) -> Vec<String> {
    let user_agent = UserAgent::builder()
        .limits(LIMITS())
        .timeouts(timeouts)
        .build();
    let event_loop = EventLoop::new();
    let open = |url: &str| {
        let socket = WebSocket::builder(&event_loop, url)
            .user_agent(&user_agent)
            .open()
            .unwrap();
        Recorder::of(&socket)
    };
    let hostile = Peer::serve(script);
    let recorder = open(&hostile.url());
    run_until(&event_loop, || recorder.has_ended());
    let harmless = Peer::serve(|mut wire| {
        wire.accept_upgrade();
        wire.send_frame(&Frame::text("hello"));
        wire.send_frame(&Frame::close(1000, ""));
        wire.expect_from_client(&Frame::close(1000, ""));
        wire.finish();
        wire.expect_end();
    });
    let second = open(&harmless.url());
    run_until(&event_loop, || second.has_ended());
    harmless.join();
    assert_eq!(
        second.finished(),
        ["OPEN open", "OPEN message hello", "CLOSED close clean 1000"]
    );
    event_loop.run();
    hostile.join();
    recorder.finished()
}

fn events_of(script: impl FnOnce(Wire) + Send + 'static) -> Vec<String> {
    events_with(Timeouts::default(), script)
}

const FAILED_WHEN_OPEN: [&str; 3] = ["OPEN open", FAILURE[0], FAILURE[1]];

#[test]
fn a_small_frame_that_inflates_without_measure_fails_with_1009() {
    bounded(|| {
        let events = events_of(|mut wire| {
            wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
            let bomb = deflate(&vec![0; 4 << 20]);
            assert!(bomb.len() < 20_000);
            wire.send_frame(&Frame::binary(bomb).compressed());
            wire.expect_from_client(&Frame::close(1009, ""));
            wire.expect_end();
        });
        assert_eq!(events, FAILED_WHEN_OPEN);
    });
}

#[test]
fn a_bomb_in_many_fragments_fails_with_1009() {
    bounded(|| {
        let events = events_of(|mut wire| {
            wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
            let bomb = deflate(&vec![0; 4 << 20]);
            let (first, rest) = bomb.split_at(100);
            wire.send_frame(&Frame::text(first).compressed().unfinished());
            for fragment in rest.chunks(100) {
                let frame = Frame::continuation(fragment).unfinished();
                // The other side may have had enough by now.
                let _ = wire.try_send(&frame.bytes());
            }
            wire.expect_from_client(&Frame::close(1009, ""));
        });
        assert_eq!(events, FAILED_WHEN_OPEN);
    });
}

#[test]
fn a_length_beyond_all_measure_fails_before_any_payload_is_there() {
    bounded(|| {
        for (header, code) in [
            (b"\x82\x7f\x80\0\0\0\0\0\0\0", 1002),
            (b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 1002),
            (b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),
            (b"\x82\x7f\0\0\0\0\0\x10\0\x01", 1009),
        ] {
            let events = events_of(move |mut wire| {
                wire.accept_upgrade();
                wire.send(header);
                wire.expect_from_client(&Frame::close(code, ""));
                wire.expect_end();
            });
            assert_eq!(events, FAILED_WHEN_OPEN, "{}", header.escape_ascii());
        }
    });
}

#[test]
fn fragments_without_end_fail_with_1009_at_the_limit() {
    bounded(|| {
        let events = events_of(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("x").unfinished());
            let fragment = Frame::continuation([b'x'; 1000]).unfinished().bytes();
            for _ in 0..1100 {
                let _ = wire.try_send(&fragment);
            }
            wire.expect_from_client(&Frame::close(1009, ""));
        });
        assert_eq!(events, FAILED_WHEN_OPEN);
    });
}

#[test]
fn a_peer_that_goes_on_sending_behind_its_mistake_is_left_after_the_bound() {
    bounded(|| {
        let events = events_with(short_timeouts(), |mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::new(0x83, ""));
            wire.send_forever(&Frame::text("x").bytes());
        });
        assert_eq!(events, FAILED_WHEN_OPEN);
    });
}

#[test]
fn a_flood_of_pings_from_a_peer_that_does_not_read_is_answered_in_part() {
    bounded(|| {
        let flood = 32 << 20;
        let events = events_of(move |mut wire| {
            wire.shrink_receive_buffer();
            wire.accept_upgrade();
            let ping = Frame::ping([b'x'; 125]).bytes();
            let pings = ping.repeat(500);
            for _ in 0..flood / pings.len() {
                wire.send(&pings);
            }
            wire.send_frame(&Frame::ping("the last"));
            let mut answered = 0;
            loop {
                let frame = wire.take_frame();
                if frame == Frame::pong("the last") {
                    break;
                }
                assert_eq!(frame, Frame::pong([b'x'; 125]));
                answered += frame.bytes().len();
            }
            // What the kernels took in, and little more.
            assert!(answered < flood / 2, "{answered} bytes");
            wire.send_frame(&Frame::close(1000, ""));
            wire.expect_from_client(&Frame::close(1000, ""));
            wire.finish();
            wire.expect_end();
        });
        assert_eq!(events, ["OPEN open", "CLOSED close clean 1000"]);
    });
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
            ("HTTP/1.1 101 x\r\n", "a:\n"),
        ] {
            let events = events_of(move |mut wire| {
                wire.take_upgrade();
                wire.send(start.as_bytes());
                wire.send_forever(unit.as_bytes());
            });
            assert_eq!(events, FAILURE, "{start:?} {unit:?}");
        }
    });
}

#[test]
fn a_response_with_too_many_fields_fails_although_it_ends() {
    bounded(|| {
        for (more, opens) in [(17, true), (18, false)] {
            let events = events_of(move |mut wire| {
                let mut response = wire.take_upgrade().switching();
                for number in 0..more {
                    response = response.with(&format!("X-{number}"), "y");
                }
                wire.send(&response.bytes());
                wire.finish();
                wire.take_rest();
            });
            assert_eq!(events[0] == "OPEN open", opens, "{more} fields more");
        }
    });
}

#[test]
fn a_response_that_drips_is_cut_off_after_its_bound() {
    bounded(|| {
        let events = events_with(short_timeouts(), |mut wire| {
            for byte in wire.take_upgrade().switching().bytes() {
                if wire.try_send(&[byte]).is_err() {
                    return;
                }
                thread::sleep(AMPLE / 40);
            }
            panic!("it took the whole response");
        });
        assert_eq!(events, FAILURE);
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
                wire.accept_upgrade();
                is_over.wait();
            }
        });
        let user_agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
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
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close unclean 1006"]
        );
        let unsent = socket.buffered_amount();
        assert!(unsent > 0 && unsent <= sent, "{unsent}");
        is_over.open();
        peer.join();
    });
}

#[test]
fn a_server_of_ours_survives_each_of_its_clients() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::builder(&event_loop)
            .limits(LIMITS())
            .timeouts(short_timeouts())
            .listen("127.0.0.1:0")
            .unwrap();
        let recorders = Rc::new(RefCell::new(Vec::<Recorder>::new()));
        server.set_onconnection({
            let recorders = recorders.clone();
            move |socket, _| recorders.borrow_mut().push(Recorder::of(&socket))
        });
        let address = server.local_addr();
        let request = Head::upgrade("/", address).with(DEFLATE.0, DEFLATE.1);
        let bomb = Frame::binary(deflate(&vec![0; 4 << 20])).compressed();
        for (frame, code) in [
            (bomb.masked().bytes(), 1009),
            (b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0".to_vec(), 1002),
            (b"\x82\xff\x7f\0\0\0\0\0\0\0\0\0\0\0".to_vec(), 1009),
            (Frame::text(b"\xff").masked().bytes(), 1007),
        ] {
            let request = request.clone();
            run_with(&event_loop, &server, move |mut wire| {
                wire.upgrade(&request);
                wire.send(&frame);
                wire.expect_from_server(&Frame::close(code, ""));
                wire.expect_end();
            });
        }
        // Those who never say what they want.
        for start in ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nName: "] {
            run_with(&event_loop, &server, move |mut wire| {
                wire.send(start.as_bytes());
                assert_eq!(wire.take_rest().0, b"");
            });
            run_with(&event_loop, &server, move |mut wire| {
                wire.send(start.as_bytes());
                wire.send_forever(b"x");
            });
        }
        run_with(&event_loop, &server, move |mut wire| {
            wire.upgrade(&request);
            wire.send_frame(&Frame::close(1000, "").masked());
            wire.expect_from_server(&Frame::close(1000, ""));
            wire.expect_end();
        });
        run_until(&event_loop, || {
            recorders.borrow().iter().all(Recorder::has_ended)
        });
        server.close();
        event_loop.run();
        let mut recorders = recorders.take();
        let harmless = recorders.pop().unwrap();
        assert_eq!(
            harmless.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
        assert_eq!(recorders.len(), 4);
        for recorder in recorders {
            assert_eq!(recorder.finished(), FAILED_WHEN_OPEN);
        }
    });
}

#[test]
fn a_peer_that_floods_a_loop_which_takes_no_turn_is_slowed_down() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (is_open, is_stuck) = (Gate::new(&event_loop), Gate::new(&event_loop));
        let message = vec![b'x'; 1 << 20];
        let peer = Peer::serve({
            let (is_open, is_stuck) = (is_open.clone(), is_stuck.clone());
            let flood = Frame::binary(&message).bytes().repeat(32);
            move |mut wire| {
                wire.accept_upgrade();
                is_open.wait();
                wire.set_patience(Duration::from_millis(200));
                let mut left = &flood[..];
                while !left.is_empty() {
                    match wire.send_some(left) {
                        Ok(count) => left = &left[count..],
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::WouldBlock);
                            is_stuck.open();
                        }
                    }
                }
                assert!(is_stuck.is_open(), "there is a limit to what kernels take");
                wire.set_patience(PATIENCE);
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
            }
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let count = Rc::new(Cell::new(0));
        socket.set_onmessage({
            let count = count.clone();
            move |event| {
                assert!(event.data().as_bytes() == Some(&message));
                count.set(count.get() + 1);
            }
        });
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        is_open.open();
        // The kernels take in what they can; the library has nothing of it.
        is_stuck.wait();
        assert_eq!(count.get(), 0);
        event_loop.run();
        peer.join();
        assert_eq!(count.get(), 32);
    });
}

#[test]
fn reading_goes_on_behind_more_than_may_be_undispatched() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
                // A few bytes that come to many more than the limit of what is not dispatched.
                let large = Frame::binary(deflate(&vec![0; 4 << 20])).compressed();
                for _ in 0..8 {
                    wire.send_frame(&large);
                }
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            },
            |_, _| (),
        );
        assert_eq!(events.len(), 1 + 8 + 1);
        assert_eq!(events[8], "OPEN message [Blob of 4194304 bytes]");
        assert_eq!(events[9], "CLOSED close clean 1000");
    });
}

/// What one read inflates to is taken in portions, between which the others have their turn.
#[test]
fn bombs_are_taken_a_few_in_a_turn() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let bombs = Rc::new(Cell::new(0));
        server.set_onconnection({
            let bombs = bombs.clone();
            move |socket, _| {
                let bombs = bombs.clone();
                socket.set_onmessage(move |_| bombs.set(bombs.get() + 1));
            }
        });
        let request = Head::upgrade("/", server.local_addr()).with(DEFLATE.0, DEFLATE.1);
        let bomb = Frame::binary(deflate(&vec![0; 1 << 20])).compressed();
        let all = bomb.masked().bytes().repeat(BOMBS);
        let hostile = Peer::call(server.local_addr(), move |mut wire| {
            wire.upgrade(&request);
            wire.send(&all);
        });
        let mut before = 0;
        run_until(&event_loop, || {
            let now = bombs.get();
            assert!(now - before <= 2, "{} in one turn", now - before);
            before = now;
            now == BOMBS
        });
        hostile.join();
        server.close();
        event_loop.run();
    });
}

/// They fit into what one read takes.
const BOMBS: usize = 40;

/// Those whose connection is over are read no further than a bound.
#[test]
fn a_peer_that_floods_a_connection_that_is_over_is_left() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let limits = Limits {
            discarded: 100_000,
            ..Limits::of_server()
        };
        let server = Server::builder(&event_loop)
            .limits(limits)
            .timeouts(short_timeouts())
            .listen("127.0.0.1:0")
            .unwrap();
        let recorders = Rc::new(RefCell::new(Vec::new()));
        server.set_onconnection({
            let recorders = recorders.clone();
            move |socket, _| recorders.borrow_mut().push(Recorder::of(&socket))
        });
        let request = Head::upgrade("/", server.local_addr());
        run_with(&event_loop, &server, move |mut wire| {
            wire.upgrade(&request);
            wire.send_frame(&Frame::close(1000, "").masked());
            wire.expect_from_server(&Frame::close(1000, ""));
            wire.send_forever(b"x");
        });
        run_until(&event_loop, || recorders.borrow()[0].has_ended());
        server.close();
        event_loop.run();
        let recorder = recorders.borrow_mut().pop().unwrap();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
    });
}
