//! Backpressure: a stream that nobody reads, and both directions at once.

use crate::ends::{EDITIONS, Options, WIRES, bytes_over, nothing, on_a_loop, run, when_open};
use dom_websocket::{EventLoop, WebSocket, WebSocketStream};
use futures::future::join4;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use std::time::Duration;
use support::{Frame, Gate, Peer, bounded, bounded_by};

/// While nobody reads, the peer can send no more than what both kernels and the buffer hold.
#[test]
fn a_stream_that_nobody_reads_is_not_read_from() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_stuck = Gate::new(&event_loop);
        let stuck = is_stuck.clone();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_upgrade();
            let frame = Frame::binary(vec![1; 1 << 16]).bytes();
            let mut writer = wire.writer();
            writer.set_patience(Duration::from_millis(300));
            let mut sent = 0;
            // A frame may be cut.
            while let Ok(count) = writer.send_some(&frame[sent % frame.len()..]) {
                sent += count;
            }
            stuck.open();
            let rest = frame.len() - sent % frame.len();
            let frames = sent / frame.len() + 1;
            writer.set_patience(support::PATIENCE);
            writer.send(&frame[frame.len() - rest..]);
            wire.send_frame(&Frame::text(frames.to_string()));
            wire.answer_close(&Frame::close_without_code());
            assert!(sent < 32 << 20, "{sent}");
        });
        let stream = WebSocketStream::new(&event_loop, &peer.url()).unwrap();
        let inside = event_loop.clone();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            when_open(&inside, &is_stuck).await;
            let mut frames = 0;
            loop {
                let message = ends.readable.next().await.unwrap().unwrap();
                match message.as_text() {
                    None => frames += 1,
                    Some(text) => break assert_eq!(text, frames.to_string()),
                }
            }
            stream.close(nothing()).unwrap();
        });
        peer.join();
    });
}

/// What is known without a reader: the end of a connection whose messages have been read.
#[test]
fn closed_waits_for_the_reader() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let ((client, mut ends), (_server, mut others)) =
                    Options::of(edition).streams(&event_loop).await;
                others.writable.write("unread").await.unwrap();
                drop(others);
                event_loop.sleep(Duration::from_millis(100)).await;
                assert!(client.closed().now_or_never().is_none());
                assert_eq!(ends.readable.next().await, Some(Ok("unread".into())));
                // Draft 76 has it that a socket which is garbage is closed without a handshake.
                let _ = client.closed().await;
            });
        });
    }
}

/// Both ends write much at once, and one of them reads slowly.
#[test]
fn full_duplex_with_a_slow_reader() {
    const LEN: usize = 8 << 20;
    for wire in WIRES {
        bounded_by(Duration::from_secs(60), move || {
            on_a_loop(move |event_loop| async move {
                let ends = bytes_over(wire, &event_loop).await;
                let (client, server) = (ends.0.split(), ends.1.split());
                let write = |mut writer: futures::io::WriteHalf<_>| async move {
                    let piece = vec![b'x'; 100_000];
                    let mut left = LEN;
                    while left > 0 {
                        let len = left.min(piece.len());
                        writer.write_all(&piece[..len]).await.unwrap();
                        left -= len;
                    }
                    writer.close().await.unwrap();
                };
                let read = |mut reader: futures::io::ReadHalf<_>, pause: Duration| {
                    let event_loop = event_loop.clone();
                    async move {
                        let (mut buffer, mut all) = (vec![0; 64 * 1024], 0);
                        loop {
                            match reader.read(&mut buffer).await.unwrap() {
                                0 => break assert_eq!(all, LEN),
                                count => all += count,
                            }
                            if !pause.is_zero() {
                                event_loop.sleep(pause).await;
                            }
                        }
                    }
                };
                join4(
                    write(client.1),
                    write(server.1),
                    read(client.0, Duration::ZERO),
                    read(server.0, Duration::from_millis(1)),
                )
                .await;
            });
        });
    }
}

/// Whoever waits for the end is told of it by a reader that has taken the last message and asks for no other.
#[test]
fn closed_is_told_when_the_last_message_is_taken() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            let last = Frame::text("the last").bytes();
            wire.send(&[last, Frame::close(4000, "").bytes()].concat());
            wire.expect_from_client(&Frame::close(4000, ""));
            wire.finish();
            wire.expect_end();
        });
        let stream = WebSocketStream::new(&event_loop, &peer.url()).unwrap();
        let inside = event_loop.clone();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            let reading = async {
                inside.sleep(Duration::from_millis(200)).await;
                let message = ends.readable.next().await;
                assert_eq!(message, Some(Ok("the last".into())));
                std::future::pending::<()>().await;
            };
            // Polled by wakers of their own, as tasks are.
            let mut both = futures::stream::FuturesUnordered::new();
            both.push(reading.boxed_local());
            both.push(
                async {
                    assert_eq!(stream.closed().await.unwrap().close_code, Some(4000));
                }
                .boxed_local(),
            );
            both.next().await;
        });
        peer.join();
    });
}

/// A writer whose peer is gone learns of it, though nobody reads what the peer had sent before.
#[test]
fn a_writer_does_not_wait_for_a_peer_that_is_gone() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_sent = Gate::new(&event_loop);
        let sent = is_sent.clone();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_upgrade();
            // More than is read ahead.
            let frame = Frame::binary(vec![1; 1 << 16]).bytes();
            for _ in 0..32 {
                wire.send(&frame);
            }
            sent.open();
            wire.take(1 << 16);
            wire.reset();
        });
        let mut stream = WebSocket::builder(&event_loop, &peer.url())
            .open_byte_stream()
            .unwrap();
        let inside = event_loop.clone();
        run(&event_loop, async move {
            stream.opened().await.unwrap();
            when_open(&inside, &is_sent).await;
            let error = loop {
                let written = stream.write_all(&vec![2; 1 << 16]).await;
                if let Err(error) = written.and(stream.flush().await) {
                    break error;
                }
            };
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
            // What had come is there still.
            stream.read_exact(&mut vec![0; 1 << 20]).await.unwrap();
            assert!(stream.read_to_end(&mut Vec::new()).await.is_err());
        });
        peer.join();
    });
}
