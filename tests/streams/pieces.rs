//! Messages in pieces.

use crate::ends::{EDITIONS, Options, nothing, on_a_loop};
use dom_websocket::{Edition, Message, Piece};
use futures::{SinkExt, StreamExt};
use support::bounded;

fn parts(piece: Piece) -> (Message, bool) {
    (piece.message, piece.is_last)
}

#[test]
fn text_is_cut_between_characters() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (client, server) = Options::of(edition).streams(&event_loop).await;
                let ((stream, ends), (_server, mut others)) = (client, server);
                // The first is received whole, perhaps; all are cut alike.
                let sent = ["aaé世界bbb", "", "abcd", "\u{1f50c}\u{1f50c}"];
                for message in sent {
                    others.writable.send(message.into()).await.unwrap();
                }
                let mut pieces = ends.readable.pieces(4);
                let mut whole = String::new();
                let mut all = Vec::new();
                while all.len() < sent.len() {
                    let piece = pieces.next().await.unwrap().unwrap();
                    assert!(piece.message.len() <= 4);
                    whole.push_str(piece.message.as_text().unwrap());
                    if piece.is_last {
                        all.push(std::mem::take(&mut whole));
                    }
                }
                assert_eq!(all, sent);
                // This one comes in pieces from the beginning.
                others.writable.send("1234567".into()).await.unwrap();
                for (text, is_last) in [("1234", false), ("567", true)] {
                    let piece = pieces.next().await.unwrap().unwrap();
                    assert_eq!(parts(piece), (text.into(), is_last));
                }
                others.writable.close().await.unwrap();
                assert_eq!(pieces.next().await, None);
                stream.close(nothing()).unwrap();
            });
        });
    }
}

/// A message that is longer than one may be, and than what is read ahead.
#[test]
fn a_message_of_any_length_goes_through() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let mut options = Options::of(edition);
                options.limits.message = 100_000;
                options.limits.undispatched = 50_000;
                let ((stream, ends), (_server, mut others)) = options.streams(&event_loop).await;
                let long: String = (0..400_000).map(|number| format!("{number:>10}")).collect();
                let mut pieces = ends.readable.pieces(10_000);
                others.writable.write(&*long).await.unwrap();
                let mut received = String::new();
                loop {
                    let piece = pieces.next().await.unwrap().unwrap();
                    assert!(piece.message.len() <= 10_000);
                    received.push_str(piece.message.as_text().unwrap());
                    if piece.is_last {
                        break;
                    }
                }
                assert!(received == long);
                stream.close(nothing()).unwrap();
            });
        });
    }
}

#[test]
fn binary_messages_are_cut_too() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let ((_stream, ends), (_server, mut others)) =
                Options::of(Edition::Living).streams(&event_loop).await;
            let mut pieces = ends.readable.pieces(0);
            others.writable.send([1, 2, 3, 4, 5].into()).await.unwrap();
            let mut received = Vec::new();
            while !received.last().is_some_and(|piece: &Piece| piece.is_last) {
                received.push(pieces.next().await.unwrap().unwrap());
            }
            let lens: Vec<_> = received.iter().map(|piece| piece.message.len()).collect();
            assert_eq!(lens, [4, 1], "four is the least");
        });
    });
}

/// They come together, so that the second has been received whole when pieces are asked for.
#[test]
fn bytes_that_are_there_already_are_cut_too() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (client, server) = Options::of(Edition::Living).streams(&event_loop).await;
            let ((stream, mut ends), (_server, mut others)) = (client, server);
            others.writable.feed("first".into()).await.unwrap();
            let bytes = Message::from(&b"0123456789"[..]);
            others.writable.feed(bytes).await.unwrap();
            others.writable.flush().await.unwrap();
            let first = ends.readable.next().await.unwrap().unwrap();
            assert_eq!(first, Message::from("first"));
            let mut pieces = ends.readable.pieces(4);
            for (part, is_last) in [("0123", false), ("4567", false), ("89", true)] {
                let piece = pieces.next().await.unwrap().unwrap();
                let part = Message::from(part.as_bytes());
                assert_eq!(parts(piece), (part, is_last));
            }
            stream.close(nothing()).unwrap();
        });
    });
}
