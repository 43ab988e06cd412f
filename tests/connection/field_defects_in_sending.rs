//! What other implementations of the living edition's object were found to get wrong about sending, in
//! their source or by their users. Each test fails for one that makes the mistake which its comment
//! names.

use dom_websocket::{Blob, EventLoop, Limits, UserAgent, WebSocket};
use futures::channel::oneshot;
use std::io;
use std::sync::mpsc;
use support::{
    DEFLATE, FAILURE, Frame, Gate, bounded, inflate, opened, run_until, session, session_of, settle,
};

/// More than the kernels of both ends take in.
const LARGE: usize = 16 << 20;

/// The mistake: a task sets it to zero, whatever the network does.
#[test]
fn buffered_amount_stays_as_long_as_the_network_takes_nothing() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_end = Gate::new(&event_loop);
        let (socket, _, peer) = opened(&event_loop, {
            let may_end = may_end.clone();
            move |wire| {
                may_end.wait();
                wire.reset();
            }
        });
        socket.send("x".repeat(LARGE)).unwrap();
        settle(&event_loop);
        for _ in 0..10 {
            event_loop.queue_task(|| ());
            event_loop.turn();
            assert!(socket.buffered_amount() > 0);
        }
        may_end.open();
        event_loop.run();
        peer.join();
        let unsent = socket.buffered_amount();
        assert!(unsent > 0, "the end resets nothing");
        socket.send("abc").unwrap();
        assert_eq!(socket.buffered_amount(), unsent + 3);
    });
}

/// The mistake: a Close frame ends the connection at once, and what was queued is dropped.
#[test]
fn what_was_sent_before_the_peers_close_frame_leaves_before_the_answer_to_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_read = Gate::new(&event_loop);
        let (socket, recorder, peer) = opened(&event_loop, {
            let may_read = may_read.clone();
            move |mut wire| {
                assert_eq!(wire.take(1), b"\x81");
                wire.send_frame(&Frame::close(1000, ""));
                may_read.wait();
                let header = wire.take(1 + 8 + 4);
                assert_eq!(
                    header[..9],
                    [&b"\xff"[..], &(LARGE as u64).to_be_bytes()].concat()
                );
                wire.take(LARGE);
                wire.expect_from_client(&Frame::text("queued too"));
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            }
        });
        socket.send("x".repeat(LARGE)).unwrap();
        socket.send("queued too").unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSING);
        may_read.open();
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
        assert_eq!(socket.buffered_amount(), 0);
    });
}

/// The mistake: what goes wrong with sending is logged, and script hears nothing.
#[test]
fn a_network_that_rejects_what_is_sent_ends_in_an_error_and_a_close() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (reset, may_reset) = mpsc::channel();
        let (socket, recorder, peer) = opened(&event_loop, move |wire| {
            may_reset.recv().unwrap();
            wire.reset();
        });
        socket.send("x".repeat(LARGE)).unwrap();
        settle(&event_loop);
        reset.send(()).unwrap();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

/// The mistake: the queue between script and network has no bound.
#[test]
fn more_than_the_queue_holds_is_not_queued() {
    bounded(|| {
        let limits = Limits {
            send_queue: 1 << 20,
            ..Limits::default()
        };
        let user_agent = UserAgent::builder().limits(limits).build();
        let events = session_of(
            &user_agent,
            |mut wire| {
                wire.accept_upgrade();
                wire.take_rest();
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    let piece = "x".repeat(1000);
                    let mut sent = 0;
                    while event.target().send(&piece) == Ok(true) {
                        sent += piece.len();
                        assert!(sent <= 1 << 20);
                    }
                });
            },
        );
        assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

/// The mistake: it is zero, or stands still, behind OPEN.
#[test]
fn send_in_closing_and_in_closed_raises_buffered_amount() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, _, peer) = opened(&event_loop, |mut wire| {
            wire.answer_close(&Frame::close_without_code());
        });
        socket.close();
        assert_eq!(socket.send("abc"), Ok(false));
        assert_eq!(socket.buffered_amount(), 3);
        event_loop.run();
        peer.join();
        assert_eq!(socket.send("de"), Ok(false));
        assert_eq!(socket.buffered_amount(), 5);
    });
}

/// The mistake: each message is sent by a task of its own, in whatever order these run.
#[test]
fn a_thousand_messages_leave_in_the_order_in_which_they_were_sent() {
    bounded(|| {
        session(
            |mut wire| {
                wire.accept_upgrade();
                for number in 0..1000 {
                    wire.expect_from_client(&Frame::text(number.to_string()));
                }
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    for number in 0..1000 {
                        event.target().send(number.to_string()).unwrap();
                    }
                    event.target().close();
                });
            },
        );
    });
}

/// The mistake: the extension is agreed on, and used for what is received only.
#[test]
fn what_is_sent_is_compressed() {
    bounded(|| {
        let text = "again and again and again and again";
        session(
            move |mut wire| {
                wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
                let frame = wire.take_frame();
                assert!(frame.is_compressed() && frame.payload.len() < text.len());
                assert_eq!(inflate(&frame.payload, text.len()), text.as_bytes());
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(move |event| {
                    event.target().send(text).unwrap();
                    event.target().close();
                });
            },
        );
    });
}

/// The mistake: what is sent while a blob is being read overtakes it.
#[test]
fn nothing_overtakes_a_blob() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, _, peer) = opened(&event_loop, |mut wire| {
            wire.expect_from_client(&Frame::binary("blob"));
            wire.expect_from_client(&Frame::text("text"));
            wire.answer_close(&Frame::close_without_code());
        });
        let (is_read, reading) = oneshot::channel::<Vec<u8>>();
        let blob = Blob::unread(4, async { reading.await.map_err(io::Error::other) });
        socket.send(&blob).unwrap();
        socket.send("text").unwrap();
        socket.close();
        settle(&event_loop);
        is_read.send(b"blob".to_vec()).unwrap();
        event_loop.run();
        peer.join();
    });
}
