//! `send()` and `bufferedAmount` of the living edition: text, bytes, and blobs that have yet to be read.

use dom_websocket::{Blob, DomException, EventLoop, Exception, Host, Limits, UserAgent, WebSocket};
use futures::channel::oneshot;
use std::borrow::Cow;
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use support::{
    DEFLATE, FAILURE, Frame, Gate, Peer, bounded, inflate, opened, run_until, session, session_of,
    settle,
};

/// More than the kernels of both ends take in.
const LARGE: usize = 16 << 20;

/// A blob of so many bytes that are read when the sender says so.
fn unread(size: usize) -> (Blob, oneshot::Sender<io::Result<Vec<u8>>>) {
    let (sender, receiver) = oneshot::channel();
    let blob = Blob::unread(size, async move {
        receiver
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    });
    (blob, sender)
}

#[test]
fn send_throws_while_connecting_and_counts_nothing() {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    for exception in [
        socket.send("x").unwrap_err(),
        socket.send(b"x").unwrap_err(),
        socket.send(Blob::new("x")).unwrap_err(),
        socket.send_utf16(&[0xd800]).unwrap_err(),
    ] {
        assert_eq!(exception.name(), "InvalidStateError");
    }
    assert_eq!(socket.buffered_amount(), 0);
}

#[test]
fn text_and_bytes_can_be_owned_and_shared() {
    bounded(|| {
        session(
            |mut wire| {
                wire.accept_upgrade();
                for _ in 0..6 {
                    wire.expect_from_client(&Frame::text("text"));
                }
                for _ in 0..6 {
                    wire.expect_from_client(&Frame::binary("bytes"));
                }
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    let socket = event.target();
                    let mut text = String::from("text");
                    socket.send(text.clone())?;
                    socket.send(&text)?;
                    socket.send(&mut text)?;
                    socket.send(Cow::Borrowed("text"))?;
                    socket.send(Box::<str>::from("text"))?;
                    assert_eq!(socket.try_send(Rc::<str>::from("text")), Ok(()));
                    let bytes = b"bytes".to_vec();
                    socket.send(bytes.clone())?;
                    socket.send(&bytes)?;
                    socket.send(bytes.as_slice())?;
                    socket.send(Cow::<[u8]>::Owned(bytes))?;
                    socket.send(*b"bytes")?;
                    assert_eq!(socket.try_send(Arc::<[u8]>::from(*b"bytes")), Ok(()));
                    socket.close();
                    Ok::<(), DomException>(())
                });
            },
        );
    });
}

#[test]
fn each_kind_of_data_leaves_in_order_as_the_frame_that_it_is() {
    bounded(|| {
        session(
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::text("ä世🎎"));
                wire.expect_from_client(&Frame::binary([0, 0xff]));
                wire.expect_from_client(&Frame::binary("blob"));
                wire.expect_from_client(&Frame::text(""));
                wire.expect_from_client(&Frame::binary(""));
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    let socket = event.target();
                    assert_eq!(socket.send("ä世🎎"), Ok(true));
                    assert_eq!(socket.send([0, 0xff]), Ok(true));
                    assert_eq!(socket.send(Blob::new("blob")), Ok(true));
                    assert_eq!(socket.send(""), Ok(true));
                    assert_eq!(socket.send(Blob::new("")), Ok(true));
                    assert_eq!(socket.buffered_amount(), 9 + 2 + 4);
                    socket.close();
                });
            },
        );
    });
}

#[test]
fn unpaired_surrogates_are_sent_as_replacement_characters() {
    bounded(|| {
        session(
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::text("a\u{fffd}b"));
                wire.expect_from_client(&Frame::text("\u{fffd}\u{fffd}"));
                wire.expect_from_client(&Frame::text("🎎"));
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    let socket = event.target();
                    assert_eq!(socket.send_utf16(&[0x61, 0xd83c, 0x62]), Ok(true));
                    assert_eq!(socket.buffered_amount(), 5);
                    assert_eq!(socket.send_utf16(&[0xdf8e, 0xd83c]), Ok(true));
                    assert_eq!(socket.send_utf16(&[0xd83c, 0xdf8e]), Ok(true));
                    socket.close();
                    assert_eq!(socket.send_utf16(&[0xd83c]), Ok(false));
                });
            },
        );
    });
}

#[test]
fn buffered_amount_counts_bytes_before_they_are_compressed() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let text = "x".repeat(100_000);
        let peer = Peer::serve({
            let text = text.clone();
            move |mut wire| {
                wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
                let frame = wire.take_frame();
                assert!(frame.is_compressed() && frame.payload.len() < 10_000);
                assert!(inflate(&frame.payload, text.len()) == text.as_bytes());
                wire.answer_close(&Frame::close_without_code());
            }
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.send(&text).unwrap();
        assert_eq!(socket.buffered_amount(), text.len());
        run_until(&event_loop, || socket.buffered_amount() == 0);
        socket.close();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn buffered_amount_follows_the_network_and_no_task() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_read = Gate::new(&event_loop);
        let gate = may_read.clone();
        let (socket, _, peer) = opened(&event_loop, move |mut wire| {
            gate.wait();
            assert_eq!(wire.take_frame().payload.len(), LARGE);
            wire.answer_close(&Frame::close_without_code());
        });
        socket.send(vec![b'x'; LARGE]).unwrap();
        assert_eq!(socket.buffered_amount(), LARGE);
        settle(&event_loop);
        let stuck = socket.buffered_amount();
        assert!(stuck > 0 && stuck < LARGE, "{stuck} of {LARGE}");
        may_read.open();
        run_until(&event_loop, || socket.buffered_amount() == 0);
        socket.close();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn buffered_amount_grows_with_each_send_in_closing_and_in_closed() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
            wire.answer_close(&Frame::close_without_code());
        });
        socket.close();
        let mut amount = 0;
        let mut send_all = || {
            for (result, more) in [
                (socket.send("ä"), 2),
                (socket.send(b"abc"), 3),
                (socket.send(Blob::new("abcd")), 4),
                (socket.send(&unread(5).0), 5),
                (socket.send_utf16(&[0xd800]), 3),
            ] {
                assert_eq!(result, Ok(false));
                amount += more;
            }
            assert_eq!(socket.buffered_amount(), amount);
        };
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        send_all();
        event_loop.run();
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        send_all();
        event_loop.run();
        send_all();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1005"]
        );
    });
}

#[test]
fn a_full_queue_closes_the_connection_with_an_error_and_without_a_close_frame() {
    bounded(|| {
        let limits = Limits {
            send_queue: 1000,
            ..Limits::default()
        };
        let user_agent = UserAgent::builder().limits(limits).build();
        let (blob, _sender) = unread(200);
        for data in [Blob::new([b'y'; 200]), blob] {
            let amount = Rc::new(Cell::new(0));
            let events = session_of(
                &user_agent,
                |mut wire| {
                    wire.accept_upgrade();
                    // It is closed without a handshake, before the turn has sent anything.
                    assert_eq!(wire.take_rest().0, b"");
                },
                |socket, recorder| {
                    let (recorder, amount) = (recorder.clone(), amount.clone());
                    socket.set_onopen(move |event| {
                        let socket = event.target();
                        assert_eq!(socket.send("x".repeat(900)), Ok(true));
                        let overflowed = recorder.calling(|| socket.send(&data));
                        assert_eq!(overflowed, Ok(false));
                        assert_eq!(socket.ready_state(), WebSocket::OPEN);
                        assert_eq!(socket.send("z"), Ok(false));
                        amount.set(socket.buffered_amount());
                    });
                },
            );
            assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]]);
            assert_eq!(amount.get(), 1101);
        }
    });
}

/// Frames take more memory than what waits for them: they find it later.
#[test]
fn what_was_taken_behind_an_unread_blob_is_not_too_much_later() {
    bounded(|| {
        const COUNT: usize = 10;
        let limits = Limits {
            // The messages, and a little for each.
            send_queue: 10 * (1 << 16) + 12 * 64,
            ..Limits::default()
        };
        let user_agent = UserAgent::builder()
            .limits(limits)
            .compression(false)
            .build();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::binary("blob"));
            for _ in 0..COUNT {
                wire.expect_from_client(&Frame::text("x".repeat(1 << 16)));
            }
            wire.expect_from_client(&Frame::text("meanwhile"));
        });
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&user_agent)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        let (blob, bytes) = unread(4);
        assert_eq!(socket.send(&blob), Ok(true));
        for _ in 0..COUNT {
            assert_eq!(socket.send("x".repeat(1 << 16)), Ok(true));
        }
        bytes.send(Ok(b"blob".to_vec())).unwrap();
        run_until(&event_loop, || socket.buffered_amount() < 1 << 17);
        assert_eq!(socket.send("meanwhile"), Ok(true));
        event_loop.run();
        peer.join();
    });
}

#[test]
fn an_unread_blob_counts_at_once_and_holds_back_all_that_is_sent_behind_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
            wire.expect_from_client(&Frame::text("before"));
            wire.expect_from_client(&Frame::binary("read late"));
            wire.expect_from_client(&Frame::text("behind"));
            wire.expect_from_client(&Frame::binary("at once"));
            wire.expect_from_client(&Frame::binary("last"));
            wire.answer_close(&Frame::close(3000, "done"));
        });
        let (first, first_bytes) = unread(9);
        let (last, last_bytes) = unread(4);
        assert_eq!(socket.send("before"), Ok(true));
        assert_eq!(socket.send(&first), Ok(true));
        assert_eq!(socket.buffered_amount(), 6 + 9);
        assert_eq!(socket.send("behind"), Ok(true));
        assert_eq!(socket.send(b"at once"), Ok(true));
        assert_eq!(socket.send(&last), Ok(true));
        assert_eq!(socket.buffered_amount(), 6 + 9 + 6 + 7 + 4);
        socket.close_with(3000, "done").unwrap();
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        assert_eq!(socket.send("too late"), Ok(false));
        let too_late = 8;
        run_until(&event_loop, || {
            socket.buffered_amount() == 9 + 6 + 7 + 4 + too_late
        });
        // The one behind is there first.
        last_bytes.send(Ok(b"last".to_vec())).unwrap();
        settle(&event_loop);
        assert_eq!(socket.buffered_amount(), 9 + 6 + 7 + 4 + too_late);
        first_bytes.send(Ok(b"read late".to_vec())).unwrap();
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 3000 done"]
        );
        assert_eq!(socket.buffered_amount(), too_late);
    });
}

#[test]
fn messages_are_received_while_a_blob_is_being_read() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
            wire.send_frame(&Frame::ping("while reading"));
            wire.expect_from_client(&Frame::pong("while reading"));
            wire.send_frame(&Frame::text("received"));
            wire.expect_from_client(&Frame::binary("xyz"));
            wire.answer_close(&Frame::close_without_code());
        });
        let (blob, bytes) = unread(3);
        socket.send(&blob).unwrap();
        run_until(&event_loop, || recorder.count() == 2);
        bytes.send(Ok(b"xyz".to_vec())).unwrap();
        socket.close();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.events()[1], "OPEN message received");
    });
}

#[test]
fn a_blob_that_can_not_be_read_fails_the_connection() {
    bounded(|| {
        for bytes in [
            Err(io::Error::other("the file is gone")),
            // The file has changed.
            Ok(b"abcd".to_vec()),
            Ok(b"ab".to_vec()),
        ] {
            let event_loop = EventLoop::new();
            let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
                assert_eq!(wire.take_rest().0, b"", "nothing behind it leaves");
            });
            let (blob, sender) = unread(3);
            socket.send(&blob).unwrap();
            socket.send("behind").unwrap();
            socket.close();
            sender.send(bytes).unwrap();
            event_loop.run();
            peer.join();
            assert_eq!(recorder.finished(), ["OPEN open", FAILURE[0], FAILURE[1]]);
            assert_eq!(socket.buffered_amount(), 3 + 6, "it never left");
        }
    });
}

#[test]
fn a_blob_keeps_the_socket_without_handles_until_it_has_left() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::binary("xyz"));
            wire.expect_from_client(&Frame::text("behind"));
            wire.answer_close(&Frame::close_without_code());
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        let (blob, bytes) = unread(3);
        socket.send(&blob).unwrap();
        socket.send("behind").unwrap();
        drop(socket);
        settle(&event_loop);
        bytes.send(Ok(b"xyz".to_vec())).unwrap();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_peers_close_frame_is_answered_while_a_blob_is_being_read() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
            wire.take_frame();
            wire.send_frame(&Frame::close(1000, ""));
            wire.expect_from_client(&Frame::close(1000, ""));
            wire.finish();
            wire.expect_end();
        });
        let (blob, bytes) = unread(3);
        socket.send("ready").unwrap();
        socket.send(&blob).unwrap();
        run_until(&event_loop, || recorder.has_ended());
        assert_eq!(socket.buffered_amount(), 3, "it can't be sent any more");
        bytes.send(Ok(b"xyz".to_vec())).unwrap();
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
        assert_eq!(socket.buffered_amount(), 3);
    });
}

#[test]
fn a_blob_that_is_never_read_does_not_keep_the_loop_of_a_closed_socket_busy() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
            wire.take_frame();
            wire.finish();
            wire.expect_end();
        });
        let (blob, _never) = unread(3);
        socket.send("ready").unwrap();
        socket.send(&blob).unwrap();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

/// Hears of panics.
struct CountingHost(Rc<Cell<usize>>);

impl Host for CountingHost {
    fn report_exception(&self, exception: Exception) {
        assert!(matches!(exception, Exception::Panic(_)), "{exception}");
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_blob_whose_reading_panics_is_reported_and_fails_the_connection() {
    bounded(|| {
        let panics = Rc::new(Cell::new(0));
        let event_loop = EventLoop::with_host(CountingHost(panics.clone()));
        let (socket, recorder, peer) = opened(&event_loop, |mut wire| {
            assert_eq!(wire.take_rest().0, b"", "nothing behind it leaves");
        });
        socket
            .send(Blob::unread(3, async { panic!("on purpose") }))
            .unwrap();
        socket.send("behind").unwrap();
        event_loop.run();
        peer.join();
        assert_eq!(panics.get(), 1);
        assert_eq!(recorder.finished(), ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

/// Nothing would have been sent any more, whatever came of the read.
#[test]
fn a_blob_that_can_not_be_read_behind_the_peers_close_frame_fails_nothing() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = || Gate::new(&event_loop);
        let (is_sent, is_answered, has_failed) = (gate(), gate(), gate());
        let (socket, recorder, peer) = opened(&event_loop, {
            let [is_sent, is_answered, has_failed] =
                [&is_sent, &is_answered, &has_failed].map(Gate::clone);
            move |mut wire| {
                is_sent.wait();
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
                is_answered.open();
                has_failed.wait();
                wire.finish();
                wire.take_rest();
            }
        });
        let (blob, read) = unread(4);
        assert!(socket.send(&blob).unwrap());
        is_sent.open();
        is_answered.run(&event_loop);
        read.send(Err(io::ErrorKind::NotFound.into())).unwrap();
        settle(&event_loop);
        assert_eq!(recorder.events(), ["OPEN open"]);
        has_failed.open();
        event_loop.run();
        peer.join();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1000"]
        );
        assert_eq!(socket.buffered_amount(), 4, "it stays counted");
    });
}
