//! Halves, handles and futures that are dropped: what was taken arrives, and nothing is left behind.

use crate::ends::{EDITIONS, Options, against, nothing, on_a_loop, run};
use dom_websocket::{EventLoop, Message, WebSocketStream};
use futures::future::join3;
use futures::{FutureExt, SinkExt, StreamExt};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use support::{Frame, block_on, bounded, run_until};

/// What the peer of a stream gets that is dropped like this.
fn dropping(drop: fn(crate::ends::Both), arrives: usize) {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((stream, mut ends), (_server, mut others)) =
                    Options::of(edition).streams(&event_loop).await;
                for number in 0..100 {
                    ends.writable.write(number.to_string()).await.unwrap();
                }
                drop((stream, ends));
                let mut expected = 0;
                while let Some(Ok(message)) = others.readable.next().await {
                    assert_eq!(message, Message::from(expected.to_string()));
                    expected += 1;
                }
                assert_eq!(expected, arrives);
            });
        });
    }
}

#[test]
fn what_was_taken_arrives_whatever_is_dropped_behind_it() {
    dropping(drop, 100);
    dropping(
        |(stream, ends)| drop((ends.writable, ends.readable, stream)),
        100,
    );
    dropping(
        |(stream, ends)| drop((ends.readable, ends.writable, stream)),
        100,
    );
    dropping(
        |(stream, ends)| drop((stream, ends.readable, ends.writable)),
        100,
    );
    dropping(
        |(stream, ends)| drop((stream, ends.writable, ends.readable)),
        100,
    );
}

#[test]
fn a_handle_that_goes_changes_nothing() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((stream, mut ends), (server, mut others)) =
                    Options::of(edition).streams(&event_loop).await;
                drop((stream, server));
                ends.writable.send("hello".into()).await.unwrap();
                assert_eq!(others.readable.next().await, Some(Ok("hello".into())));
                others.writable.send("hello too".into()).await.unwrap();
                assert_eq!(ends.readable.next().await, Some(Ok("hello too".into())));
            });
        });
    }
}

#[test]
fn a_writable_that_goes_has_finished_and_the_reader_goes_on() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let options = Options {
                    half_open: true,
                    ..Options::of(edition)
                };
                let ((stream, ends), (_server, mut others)) = options.streams(&event_loop).await;
                drop(ends.writable);
                assert_eq!(others.readable.next().await, None);
                others.writable.send("an answer".into()).await.unwrap();
                drop(others);
                let mut readable = ends.readable;
                assert_eq!(readable.next().await, Some(Ok("an answer".into())));
                assert_eq!(readable.next().await, None);
                stream.closed().await.unwrap();
            });
        });
    }
}

#[test]
fn a_readable_that_goes_closes_the_connection() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((stream, mut ends), (_server, mut others)) =
                    Options::of(edition).streams(&event_loop).await;
                // More than is read ahead is on its way.
                for _ in 0..4 {
                    others.writable.write("x".repeat(1 << 20)).now_or_never();
                }
                drop(ends.readable);
                assert!(ends.writable.ready().await.is_err());
                stream.closed().await.unwrap();
                assert_eq!(others.readable.next().await, None);
            });
        });
    }
}

/// A future that is dropped has taken no message, and a message that it owned was not sent.
#[test]
fn futures_that_are_dropped_take_nothing() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((stream, mut ends), (_server, mut others)) =
                    Options::of(edition).streams(&event_loop).await;
                for number in 0..200 {
                    assert!(ends.readable.next().now_or_never().is_none());
                    drop(stream.closed());
                    {
                        let mut closed = Box::pin(stream.closed());
                        assert!(closed.as_mut().now_or_never().is_none());
                    }
                    let message = Message::from(number.to_string());
                    others.writable.write(message.clone()).await.unwrap();
                    assert!(others.writable.flush().now_or_never().is_none());
                    loop {
                        // Polled once each, and dropped.
                        match ends.readable.next().now_or_never() {
                            Some(next) => {
                                assert_eq!(next, Some(Ok(message)));
                                break;
                            }
                            None => event_loop.sleep(Duration::from_millis(1)).await,
                        }
                    }
                }
            });
        });
    }
}

#[test]
fn a_write_that_is_dropped_while_it_waits_was_not_sent() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            let large = wire.take_frame();
            assert_eq!(large.payload.len(), 30 << 20);
            wire.expect_from_client(&Frame::text("next"));
            wire.answer_close(&Frame::close_without_code());
        });
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            ends.writable.write(vec![0; 30 << 20]).await.unwrap();
            assert!(ends.writable.write("dropped").now_or_never().is_none());
            assert!(ends.writable.ready().now_or_never().is_none());
            ends.writable.start_send_unpin("next".into()).unwrap();
            stream.close(nothing()).unwrap();
            stream.closed().await.unwrap();
        });
        peer.join();
    });
}

#[test]
fn the_loop_that_goes_ends_every_future() {
    for edition in EDITIONS {
        bounded(move || {
            let event_loop = EventLoop::new();
            let kept = Rc::<RefCell<Option<_>>>::default();
            event_loop.spawn({
                let (inside, kept) = (event_loop.downgrade(), kept.clone());
                async move {
                    let event_loop = inside.upgrade().unwrap();
                    let both = Options::of(edition).streams(&event_loop).await;
                    *kept.borrow_mut() = Some(both);
                }
            });
            run_until(&event_loop, || kept.borrow().is_some());
            let ((client, mut ends), (server, mut others)) = kept.take().unwrap();
            let connecting = WebSocketStream::new(&event_loop, "ws://192.0.2.1/").unwrap();
            others.writable.write("lost").now_or_never();
            // Somebody waits already.
            let mut closed = Box::pin(client.closed());
            let mut opened = Box::pin(connecting.opened());
            assert!(closed.as_mut().now_or_never().is_none());
            assert!(opened.as_mut().now_or_never().is_none());
            drop(event_loop);
            block_on(async {
                assert!(closed.await.is_err());
                assert!(opened.await.is_err());
                assert!(connecting.closed().await.is_err());
                assert!(server.closed().await.is_err());
                assert!(ends.readable.next().await.unwrap().is_err());
                assert!(ends.readable.next().await.is_none());
                assert!(ends.writable.ready().await.is_err());
                assert!(others.writable.flush().await.is_err());
                assert!(others.writable.close().await.is_err());
            });
        });
    }
}

/// `close()` of the sink: the end of our direction alone where the connection is half open, and of all of it elsewhere.
#[test]
fn a_sink_that_is_closed_leaves_the_reader_of_a_half_open_connection() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let options = Options {
                    half_open: true,
                    ..Options::of(edition)
                };
                let ((_stream, ends), (_server, mut others)) = options.streams(&event_loop).await;
                let (mut writable, mut readable) = (ends.writable, ends.readable);
                let answer = async {
                    assert_eq!(others.readable.next().await, None);
                    others
                        .writable
                        .send("behind your end".into())
                        .await
                        .unwrap();
                    others.writable.close().await.unwrap();
                };
                let read = async {
                    let message = readable.next().await;
                    assert_eq!(message, Some(Ok("behind your end".into())));
                    assert_eq!(readable.next().await, None);
                };
                let (closed, (), ()) = join3(writable.close(), answer, read).await;
                closed.unwrap();
            });
        });
    }
}

/// What still comes is more than is kept for a reader that does not read.
#[test]
fn a_sink_that_is_closed_waits_for_no_reader() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            for _ in 0..30 {
                wire.send_frame(&Frame::binary(vec![7; 100_000]));
            }
            wire.answer_close(&Frame::close_without_code());
        });
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            ends.writable.close().await.unwrap();
        });
        peer.join();
    });
}

#[test]
fn streams_show_what_they_are() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((stream, ends), _server) = Options::of(edition).streams(&event_loop).await;
                assert_eq!(stream.edition(), edition);
                let shown = format!("{stream:?}");
                assert!(
                    shown.starts_with("WebSocketStream { url: \"ws://"),
                    "{shown}"
                );
                assert_eq!(format!("{:?}", ends.writable), "WebSocketWritable { .. }");
                assert_eq!(format!("{:?}", ends.readable), "WebSocketReadable { .. }");
                let pieces = ends.readable.pieces(4);
                assert_eq!(format!("{pieces:?}"), "WebSocketPieces { .. }");
            });
        });
    }
    assert!(Message::from("").is_empty() && !Message::from("a").is_empty());
}
