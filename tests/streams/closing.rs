//! How a stream ends: by this side, by the peer, cleanly or not.

use crate::ends::{EDITIONS, Options, against, nothing, on_a_loop, run, when_open};
use dom_websocket::{
    Edition, EventLoop, Failure, Message, Timeouts, UserAgent, WebSocket, WebSocketCloseInfo,
    WebSocketErrorKind, WireFailure,
};
use futures::{FutureExt, SinkExt, StreamExt};
use std::time::Duration;
use support::{Frame, Gate, PATIENCE, Peer, bounded};

fn info(code: u16, reason: &str) -> WebSocketCloseInfo {
    WebSocketCloseInfo::from((code, reason))
}

#[test]
fn the_arguments_of_close_are_checked_in_every_state() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            wire.answer_close(&Frame::close(3456, "pizza"));
        });
        let check = {
            let stream = stream.clone();
            move || {
                for code in [999, 1001, 2999, 5000] {
                    let error = stream.close(code).unwrap_err();
                    assert_eq!(error.name(), "InvalidAccessError");
                }
                let long = "\u{1f50c}".repeat(32);
                let error = stream.close((1000, &*long)).unwrap_err();
                assert_eq!(error.name(), "SyntaxError");
                assert_eq!(stream.finish(4).unwrap_err().name(), "InvalidAccessError");
            }
        };
        check();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            check();
            assert!(ends.readable.cancel(999).is_err());
            assert!(ends.writable.abort(999).is_err());
            assert!(ends.writable.finish(999).is_err());
            ends.writable.ready().await.unwrap();
            stream.close((3456, "pizza")).unwrap();
            let closed = stream.closed().await.unwrap();
            assert_eq!(closed, info(3456, "pizza"));
            check();
            stream.close((1000, "again")).unwrap();
            stream.finish(nothing()).unwrap();
        });
        peer.join();
    });
}

#[test]
fn a_reason_without_a_code_gets_1000() {
    for (how, expected) in [
        (nothing(), Frame::close_without_code()),
        (
            WebSocketCloseInfo {
                close_code: None,
                reason: "non-empty".into(),
            },
            Frame::close(1000, "non-empty"),
        ),
        (info(4000, ""), Frame::close(4000, "")),
    ] {
        // Each way of closing of the explainer.
        for way in 0..3 {
            let (how, expected) = (how.clone(), expected.clone());
            bounded(move || {
                let event_loop = EventLoop::new();
                let (stream, peer) = against(&event_loop, move |mut wire| {
                    wire.expect_from_client(&Frame::text("before"));
                    wire.answer_close(&expected);
                });
                run(&event_loop, async move {
                    let mut ends = stream.opened().await.unwrap();
                    ends.writable.write("before").await.unwrap();
                    match way {
                        0 => stream.close(how),
                        1 => ends.readable.cancel(how),
                        _ => ends.writable.abort(how),
                    }
                    .unwrap();
                    stream.closed().await.unwrap();
                    assert_eq!(ends.readable.next().await, None);
                });
                peer.join();
            });
        }
    }
}

#[test]
fn the_peers_clean_end_is_the_readables_end_and_an_error_to_the_writable() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            wire.send_frame(&Frame::close(4222, "\u{30ed}\u{30dc}"));
            wire.expect_from_client(&Frame::close(4222, ""));
            wire.finish();
            wire.expect_end();
        });
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            assert_eq!(stream.closed().await, Ok(info(4222, "\u{30ed}\u{30dc}")));
            assert_eq!(ends.readable.next().await, None);
            for error in [
                ends.writable.ready().await,
                ends.writable.write("late").await,
            ] {
                assert_eq!(error.unwrap_err().name(), "InvalidStateError");
            }
            ends.writable.close().await.unwrap();
        });
        peer.join();
    });
}

#[test]
fn an_abrupt_end_is_the_same_error_everywhere_behind_what_came_before() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            wire.send_frame(&Frame::text("last words"));
            wire.finish();
        });
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            assert_eq!(ends.readable.next().await, Some(Ok("last words".into())));
            let error = stream.closed().await.unwrap_err();
            assert_eq!(
                (error.name(), error.close_code()),
                ("WebSocketError", Some(1006))
            );
            assert_eq!(
                error.failure(),
                Some(&Failure::Wire(WireFailure::EndOfStream))
            );
            assert_eq!(ends.readable.next().await, Some(Err(error.clone())));
            assert_eq!(ends.readable.next().await, None, "the error comes once");
            assert_eq!(ends.writable.ready().await, Err(error.clone()));
            assert_eq!(ends.writable.close().await, Err(error));
        });
        peer.join();
    });
}

#[test]
fn an_end_with_unwritten_data_is_not_clean_and_tells_the_peers_code() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let (stream, peer) = against(&event_loop, {
            let gate = gate.clone();
            move |mut wire| {
                wire.shrink_receive_buffer();
                gate.wait();
                wire.send_frame(&Frame::close(4567, ""));
                wire.finish();
            }
        });
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            ends.writable.write(vec![0; 20 << 20]).await.unwrap();
            gate.open();
            let error = stream.closed().await.unwrap_err();
            assert_eq!(error.close_code(), Some(4567));
            assert_eq!(ends.writable.flush().await, Err(error));
        });
        peer.join();
    });
}

#[test]
fn a_closing_handshake_that_is_not_answered_is_unclean() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            wire.expect_from_client(&Frame::close(4000, "because"));
            wire.finish();
        });
        run(&event_loop, async move {
            let _ends = stream.opened().await.unwrap();
            stream.close((4000, "because")).unwrap();
            assert_eq!(stream.closed().await.unwrap_err().close_code(), Some(1006));
        });
        peer.join();
    });
}

#[test]
fn closing_the_writable_ends_with_the_closing_handshake() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let (stream, peer) = against(&event_loop, {
            let gate = gate.clone();
            move |mut wire| {
                wire.expect_from_client(&Frame::close_without_code());
                gate.wait();
                wire.send_frame(&Frame::close_without_code());
                wire.finish();
            }
        });
        let inside = event_loop.clone();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            let mut closing = Box::pin(async { ends.writable.close().await });
            assert!(closing.as_mut().now_or_never().is_none());
            inside.sleep(Duration::from_millis(50)).await;
            assert!(closing.as_mut().now_or_never().is_none());
            drop(closing);
            gate.open();
            ends.writable.close().await.unwrap();
        });
        peer.join();
    });
}

/// What has come can be read; what comes is thrown away, however much, so that nobody has to read.
#[test]
fn after_close_the_handshake_needs_no_reader() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((client, mut ends), (_server, mut others)) =
                    Options::of(edition).streams(&event_loop).await;
                others.writable.send("one".into()).await.unwrap();
                others.writable.send("two".into()).await.unwrap();
                assert_eq!(ends.readable.next().await, Some(Ok("one".into())));
                // The second one has come, or is thrown away; the rest is far more than is read ahead.
                client.close(nothing()).unwrap();
                let text = "x".repeat(1 << 20);
                let mut sent = 0;
                while others.writable.write(&*text).await.is_ok() {
                    sent += 1;
                    if sent > 64 {
                        break;
                    }
                }
                client.closed().await.unwrap();
                let mut left = 0;
                while let Some(message) = ends.readable.next().await {
                    assert_eq!(message, Ok("two".into()));
                    left += 1;
                }
                assert!(left <= 1);
            });
        });
    }
}

#[test]
fn what_had_come_before_close_can_be_read_after_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let (stream, peer) = against(&event_loop, {
            let gate = gate.clone();
            move |mut wire| {
                for text in ["a", "b", "c"] {
                    wire.send_frame(&Frame::text(text));
                }
                gate.open();
                wire.answer_close(&Frame::close_without_code());
            }
        });
        let inside = event_loop.clone();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            when_open(&inside, &gate).await;
            assert_eq!(ends.readable.next().await, Some(Ok("a".into())));
            stream.close(nothing()).unwrap();
            stream.closed().await.unwrap();
            let rest: Vec<_> = ends.readable.map(Result::unwrap).collect().await;
            assert_eq!(rest, ["b", "c"].map(Message::from));
        });
        peer.join();
    });
}

/// The reader goes on to the peer's end, in both editions.
#[test]
fn finish_ends_one_direction() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let options = Options {
                    half_open: true,
                    ..Options::of(edition)
                };
                let ((client, mut ends), (_server, mut others)) =
                    options.streams(&event_loop).await;
                ends.writable.write("question").await.unwrap();
                ends.writable.finish(nothing()).unwrap();
                let late = ends.writable.write("late").await.unwrap_err();
                assert_eq!(late.kind(), WebSocketErrorKind::InvalidState);
                assert_eq!(others.readable.next().await, Some(Ok("question".into())));
                assert_eq!(others.readable.next().await, None, "the peer has finished");
                // A reader that has ended is not cancelled: the writer goes on.
                drop(others.readable);
                for answer in ["one", "two"] {
                    others.writable.write(answer).await.unwrap();
                }
                others.writable.close().await.unwrap();
                let answers: Vec<_> = ends.readable.map(Result::unwrap).collect().await;
                assert_eq!(answers, ["one", "two"].map(Message::from));
                client.closed().await.unwrap();
            });
        });
    }
}

#[test]
fn draft_76_has_no_codes_and_no_binary_messages() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let ((client, mut ends), (server, _others)) =
                Options::of(Edition::Html5).streams(&event_loop).await;
            let error = ends.writable.send([1].into()).await.unwrap_err();
            assert_eq!(error.kind(), WebSocketErrorKind::NotSupported);
            ends.writable.send("still open".into()).await.unwrap();
            client.close((1, "ignored")).unwrap();
            assert_eq!(client.closed().await, Ok(info(1005, "")));
            assert!(
                server.closed().now_or_never().is_none(),
                "a message is unread"
            );
        });
    });
}

#[test]
fn a_message_longer_than_the_queue_is_refused_and_nothing_else_happens() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let mut options = Options::of(Edition::Living);
            options.limits.send_queue = 1000;
            let ((_client, mut ends), (_server, mut others)) = options.streams(&event_loop).await;
            for error in [
                ends.writable.write("x".repeat(1001)).await,
                ends.writable.send("x".repeat(1001).into()).await,
            ] {
                assert_eq!(error.unwrap_err().kind(), WebSocketErrorKind::TooLong);
            }
            ends.writable.send("short".into()).await.unwrap();
            assert_eq!(others.readable.next().await, Some(Ok("short".into())));
        });
    });
}

/// The violation takes effect once what came before it has been read.
#[test]
fn a_violation_is_answered_once_the_reader_has_come_to_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            wire.send_frame(&Frame::text("good"));
            wire.send_frame(&Frame::new(0x83, "bad"));
            wire.expect_from_client(&Frame::text("answer"));
            wire.expect_from_client(&Frame::close(1002, ""));
            wire.finish();
            wire.take_rest();
        });
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            assert_eq!(ends.readable.next().await, Some(Ok("good".into())));
            ends.writable.write("answer").await.unwrap();
            let error = ends.readable.next().await.unwrap().unwrap_err();
            assert_eq!(
                error.failure(),
                Some(&Failure::Wire(WireFailure::Violation))
            );
        });
        peer.join();
    });
}

/// Nobody is left to read what came before it.
#[test]
fn a_violation_behind_a_stream_that_was_dropped_waits_for_nobody() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::close_without_code());
            wire.send_frame(&Frame::new(0x83, "bad"));
            wire.expect_end();
        });
        // Whoever waits for this bound waits in vain.
        let timeouts = Timeouts {
            end_of_stream: 2 * PATIENCE,
            ..Timeouts::default()
        };
        let user_agent = UserAgent::builder().timeouts(timeouts).build();
        let stream = WebSocket::builder(&event_loop, &peer.url())
            .edition(Edition::Living)
            .user_agent(&user_agent)
            .open_stream()
            .unwrap();
        run(&event_loop, async move {
            let ends = stream.opened().await.unwrap();
            drop((stream, ends));
        });
        event_loop.run();
        peer.join();
    });
}
