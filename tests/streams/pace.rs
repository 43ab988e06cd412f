//! Backpressure: a stream that nobody reads, and both directions at once.

use crate::ends::{EDITIONS, Options, WIRES, bytes_over, nothing, on_a_loop, run};
use dom_websocket::{EventLoop, WebSocketStream};
use futures::future::join4;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use std::time::Duration;
use support::{Frame, Peer, bounded, bounded_by};

/// While nobody reads, the peer can send no more than what both kernels and the buffer hold.
#[test]
fn a_stream_that_nobody_reads_is_not_read_from() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            let frame = Frame::binary(vec![1; 1 << 16]).bytes();
            let mut writer = wire.writer();
            writer.set_patience(Duration::from_millis(300));
            let mut sent = 0;
            // A frame may be cut.
            while let Ok(count) = writer.send_some(&frame[sent % frame.len()..]) {
                sent += count;
            }
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
            inside.sleep(Duration::from_millis(1500)).await;
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
