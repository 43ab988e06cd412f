//! Bytes both ways, whatever the messages.

use crate::ends::{EDITIONS, Options, nothing, on_a_loop, run};
use dom_websocket::{EventLoop, Failure, Limits, WebSocket, WebSocketError, WireFailure};
use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, SinkExt, StreamExt};
use std::io::{ErrorKind, IoSlice};
use support::{Frame, Peer, bounded, url_of_nobody};

#[test]
fn reads_know_nothing_of_messages() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (client, server) = Options::of(edition).sockets(&event_loop).await;
                let mut client = client.into_byte_stream().unwrap();
                let mut others = server.into_stream().unwrap().opened().await.unwrap();
                for text in ["a", "", "bcd", "efghij"] {
                    others.writable.send(text.into()).await.unwrap();
                }
                let mut bytes = [0; 7];
                client.read_exact(&mut bytes).await.unwrap();
                assert_eq!(&bytes, b"abcdefg");
                assert_eq!(client.read(&mut []).await.unwrap(), 0);
                assert_eq!(client.read(&mut bytes).await.unwrap(), 3);
                assert_eq!(&bytes[..3], b"hij");
                client.write_all(b"to you").await.unwrap();
                client.flush().await.unwrap();
                let message = others.readable.next().await.unwrap().unwrap();
                assert_eq!(message.as_bytes(), b"to you");
                others.writable.finish(nothing()).unwrap();
                for _ in 0..2 {
                    assert_eq!(client.read(&mut bytes).await.unwrap(), 0);
                }
            });
        });
    }
}

/// Bytes are read while their message is still coming.
#[test]
fn a_message_is_read_before_it_ends() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("begin").unfinished());
            wire.expect_from_client(&Frame::binary("more"));
            wire.send_frame(&Frame::continuation("end"));
            wire.send_frame(&Frame::close_without_code());
            wire.expect_from_client(&Frame::binary("behind the end"));
            wire.expect_from_client(&Frame::close_without_code());
            wire.finish();
            wire.expect_end();
        });
        let mut stream = WebSocket::builder(&event_loop, &peer.url())
            .open_byte_stream()
            .unwrap();
        run(&event_loop, async move {
            let mut begin = [0; 5];
            stream.read_exact(&mut begin).await.unwrap();
            assert_eq!(&begin, b"begin");
            stream.write_all(b"more").await.unwrap();
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, b"end");
            // The peer's end was held: ours is to come.
            stream.write_all(b"behind the end").await.unwrap();
            stream.close().await.unwrap();
            stream.closed().await.unwrap();
        });
        peer.join();
    });
}

#[test]
fn close_ends_one_direction() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (mut client, mut server) = Options::of(edition).byte_streams(&event_loop).await;
                client.write_all(b"question").await.unwrap();
                client.close().await.unwrap();
                client.close().await.unwrap();
                let late = client.write(b"late").await.unwrap_err();
                assert_eq!(late.kind(), ErrorKind::BrokenPipe);
                assert!(client.closed().now_or_never().is_none());
                let mut question = String::new();
                server.read_to_string(&mut question).await.unwrap();
                assert_eq!(question, "question");
                // As much as a peer has to say.
                let answer = "an answer ".repeat(100_000);
                server
                    .write_all(answer.as_bytes())
                    .await
                    .unwrap_or_else(|error| {
                        panic!("{edition:?} {error}");
                    });
                server.close().await.unwrap();
                let mut received = String::new();
                client.read_to_string(&mut received).await.unwrap();
                assert!(received == answer, "{edition:?} {}", received.len());
                client.closed().await.unwrap();
                server.closed().await.unwrap();
            });
        });
    }
}

#[test]
fn a_stream_that_is_dropped_delivers_what_it_took() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (mut client, mut server) = Options::of(edition).byte_streams(&event_loop).await;
                let text = "taken ".repeat(50_000);
                client.write_all(text.as_bytes()).await.unwrap();
                // What it has not read is no reason to lose it.
                server.write_all(b"unread").await.unwrap();
                drop(client);
                let mut received = String::new();
                let read = server.read_to_string(&mut received).await;
                assert_eq!(read.is_ok(), edition == dom_websocket::Edition::Living);
                if read.is_ok() {
                    assert!(received == text);
                }
            });
        });
    }
}

#[test]
fn an_end_that_is_not_clean_is_an_error_with_its_cause() {
    for (is_reset, kind) in [
        (false, ErrorKind::UnexpectedEof),
        (true, ErrorKind::ConnectionReset),
    ] {
        bounded(move || {
            let event_loop = EventLoop::new();
            let peer = Peer::serve(move |mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::text("last words"));
                wire.expect_from_client(&Frame::binary("read"));
                match is_reset {
                    true => wire.reset(),
                    false => wire.finish(),
                }
            });
            let mut stream = WebSocket::builder(&event_loop, &peer.url())
                .open_byte_stream()
                .unwrap();
            run(&event_loop, async move {
                let mut words = [0; 10];
                stream.read_exact(&mut words).await.unwrap();
                stream.write_all(b"read").await.unwrap();
                for _ in 0..2 {
                    let error = stream.read(&mut words).await.unwrap_err();
                    assert_eq!(error.kind(), kind);
                    let inside = error.get_ref().unwrap();
                    let inside = inside.downcast_ref::<WebSocketError>().unwrap();
                    assert_eq!(inside.close_code(), Some(1006));
                    if !is_reset {
                        let cause = Failure::Wire(WireFailure::EndOfStream);
                        assert_eq!(inside.failure(), Some(&cause));
                    }
                }
                assert_eq!(stream.write(b"x").await.unwrap_err().kind(), kind);
            });
            peer.join();
        });
    }
}

#[test]
fn a_connection_that_is_never_established_fails_reads_and_writes() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let mut stream = WebSocket::builder(&event_loop, &url_of_nobody())
                .open_byte_stream()
                .unwrap();
            assert_eq!(stream.protocol(), "");
            let (mut buffer, refused) = ([0; 4], ErrorKind::ConnectionRefused);
            assert_eq!(stream.read(&mut buffer).await.unwrap_err().kind(), refused);
            assert_eq!(stream.write(b"x").await.unwrap_err().kind(), refused);
            assert_eq!(stream.flush().await.unwrap_err().kind(), refused);
            assert_eq!(stream.close().await.unwrap_err().kind(), refused);
            assert_eq!(stream.opened().await.unwrap_err().kind(), refused);
        });
    });
}

/// One message of what several slices have, and no longer than one should be.
#[test]
fn vectored_writes_are_one_message() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::binary("one two"));
            wire.expect_from_client(&Frame::binary(vec![7; 64 * 1024]));
            wire.answer_close(&Frame::close_without_code());
        });
        let agent = dom_websocket::UserAgent::builder()
            .compression(false)
            .build();
        let mut stream = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open_byte_stream()
            .unwrap();
        run(&event_loop, async move {
            let slices = ["one", "", " two"].map(|text| IoSlice::new(text.as_bytes()));
            assert_eq!(stream.write_vectored(&slices).await.unwrap(), 7);
            assert_eq!(
                stream.write_vectored(&[IoSlice::new(&[])]).await.unwrap(),
                0
            );
            assert_eq!(stream.write(&[7; 100_000]).await.unwrap(), 64 * 1024);
            stream.close().await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        });
        peer.join();
    });
}

/// Of a peer that does not read, no more is taken than the high water.
#[test]
fn writes_wait_for_room() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let mut options = Options::of(edition);
                options.limits.high_water = 10_000;
                let (mut client, mut server) = options.byte_streams(&event_loop).await;
                let mut taken = 0;
                while let Some(count) = client.write(&[b'x'; 8192]).now_or_never() {
                    taken += count.unwrap();
                }
                assert!((8192..=10_000).contains(&taken), "{taken}");
                let mut received = vec![0; taken];
                server.read_exact(&mut received).await.unwrap();
                client.write_all(&[b'y'; 100_000]).now_or_never();
                client.flush().await.unwrap();
            });
        });
    }
}

#[test]
fn a_write_takes_no_more_than_the_queue_may_hold() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let options = Options {
                    limits: Limits {
                        send_queue: 1000,
                        ..Limits::default()
                    },
                    ..Options::of(edition)
                };
                let (mut client, mut server) = options.byte_streams(&event_loop).await;
                let text = "\u{20ac}".repeat(5000);
                let writing = async {
                    client.write_all(text.as_bytes()).await.unwrap();
                    client.close().await.unwrap();
                };
                let mut all = String::new();
                let (_, read) = join(writing, server.read_to_string(&mut all)).await;
                read.unwrap();
                assert!(all == text);
            });
        });
    }
}

/// Slices are one text, of which a write takes as much as leaves in one message.
#[test]
fn slices_are_written_in_their_order() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (mut client, mut server) = Options::of(edition).byte_streams(&event_loop).await;
                let slices: Vec<String> = (0..7).map(|n| n.to_string().repeat(20_000)).collect();
                let whole = slices.concat();
                let mut written = 0;
                let write = async {
                    while written < whole.len() {
                        let (first, rest) = (written / 20_000, written % 20_000);
                        let left: Vec<_> = slices[first..]
                            .iter()
                            .enumerate()
                            .map(|(n, slice)| match n {
                                0 => IoSlice::new(&slice.as_bytes()[rest..]),
                                _ => IoSlice::new(slice.as_bytes()),
                            })
                            .collect();
                        let count = client.write_vectored(&left).await.unwrap();
                        assert!((1..=64 * 1024).contains(&count), "{count}");
                        written += count;
                    }
                    client.close().await.unwrap();
                };
                let read = async {
                    let mut received = String::new();
                    server.read_to_string(&mut received).await.unwrap();
                    assert!(received == whole, "{} bytes", received.len());
                    server.close().await.unwrap();
                };
                join(write, read).await;
            });
        });
    }
}

/// The peer had said all that it had to say.
#[test]
fn what_breaks_behind_the_peers_end_is_no_readers_error() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("all"));
            wire.send_frame(&Frame::close_without_code());
            wire.expect_from_client(&Frame::binary("heard"));
            wire.reset();
        });
        let mut stream = WebSocket::builder(&event_loop, &peer.url())
            .open_byte_stream()
            .unwrap();
        run(&event_loop, async move {
            let mut all = String::new();
            stream.read_to_string(&mut all).await.unwrap();
            assert_eq!(all, "all");
            stream.write_all(b"heard").await.unwrap();
            stream.flush().await.unwrap();
            stream.closed().await.unwrap_err();
            assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
        });
        peer.join();
    });
}

#[test]
fn a_stream_of_bytes_knows_its_subprotocol() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::close_without_code());
        });
        let stream = WebSocket::builder(&event_loop, &peer.url())
            .protocols(["chat", "superchat"])
            .open_byte_stream()
            .unwrap();
        run(&event_loop, async move {
            assert_eq!(stream.protocol(), "");
            stream.opened().await.unwrap();
            assert_eq!(stream.protocol(), "chat");
        });
        peer.join();
    });
}
