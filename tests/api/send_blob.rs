//! `send()` of blobs that have yet to be read, and of what is sent behind them.

use super::room::open;
use dom_websocket::{Blob, EventLoop, Exception, Host, Limits, WebSocket};
use futures::channel::oneshot;
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use support::{FAILURE, Frame, Gate, Peer, bounded, opened, run_until, settle};

/// A blob of so many bytes that are read when the sender says so.
pub(super) fn unread(size: usize) -> (Blob, oneshot::Sender<io::Result<Vec<u8>>>) {
    let (sender, receiver) = oneshot::channel();
    let blob = Blob::unread(size, async move {
        receiver
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    });
    (blob, sender)
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
        let peer = Peer::serve(move |mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::binary("blob"));
            for _ in 0..COUNT {
                wire.expect_from_client(&Frame::text("x".repeat(1 << 16)));
            }
            wire.expect_from_client(&Frame::text("meanwhile"));
        });
        let event_loop = EventLoop::new();
        let socket = open(&event_loop, &peer.url(), limits);
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
