//! `send()` and `bufferedAmount` of the living edition.

use super::send_blob::unread;
use dom_websocket::{Blob, DomException, EventLoop, Limits, UserAgent, WebSocket};
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use support::{
    DEFLATE, FAILURE, Frame, Gate, Peer, bounded, inflate, opened, run_until, session, session_of,
    settle,
};

/// More than the kernels of both ends take in.
const LARGE: usize = 16 << 20;

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
