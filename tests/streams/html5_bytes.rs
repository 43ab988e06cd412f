//! Bytes over draft 76, which carries text only.

use crate::ends::{Options, on_a_loop};
use dom_websocket::Edition;
use futures::{AsyncReadExt, AsyncWriteExt};
use std::io::ErrorKind;
use support::bounded;

const TEXT: &str = "aé世\u{1f50c}z";

#[test]
fn a_character_may_be_cut_anywhere() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (mut client, mut server) =
                Options::of(Edition::Html5).byte_streams(&event_loop).await;
            let mut expected = String::new();
            for first in 0..=TEXT.len() {
                for second in first..=TEXT.len() {
                    let parts = [&TEXT.as_bytes()[..first], &TEXT.as_bytes()[first..second]];
                    for part in parts.into_iter().chain([&TEXT.as_bytes()[second..]]) {
                        client.write_all(part).await.unwrap();
                        client.flush().await.unwrap();
                    }
                    expected.push_str(TEXT);
                }
            }
            for byte in TEXT.bytes() {
                assert_eq!(client.write(&[byte]).await.unwrap(), 1);
            }
            expected.push_str(TEXT);
            client.close().await.unwrap();
            let mut received = String::new();
            server.read_to_string(&mut received).await.unwrap();
            assert_eq!(received, expected);
        });
    });
}

#[test]
fn what_is_not_utf_8_is_refused_once_all_before_it_was_taken() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (mut client, mut server) =
                Options::of(Edition::Html5).byte_streams(&event_loop).await;
            assert_eq!(client.write(b"good\xffbad").await.unwrap(), 4);
            for wrong in [&b"\xffbad"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf5"] {
                let error = client.write(wrong).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidData, "{wrong:x?}");
            }
            // A character that is begun, and goes on as it must not.
            assert_eq!(client.write(b"\xe4\xb8").await.unwrap(), 2);
            let error = client.write(b"x").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            let error = client.close().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            // Nothing is lost by that: it can be ended.
            client.write_all(b"\x96").await.unwrap();
            client.close().await.unwrap();
            let mut received = String::new();
            server.read_to_string(&mut received).await.unwrap();
            assert_eq!(received, "good世");
        });
    });
}

/// Each byte as the character of its number: how binary data goes through.
#[test]
fn binary_data_as_iso_8859_1() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (mut client, mut server) =
                Options::of(Edition::Html5).byte_streams(&event_loop).await;
            let all: Vec<u8> = (0..=255).collect();
            let text: String = all.iter().map(|byte| char::from(*byte)).collect();
            client.write_all(text.as_bytes()).await.unwrap();
            client.close().await.unwrap();
            let mut received = String::new();
            server.read_to_string(&mut received).await.unwrap();
            let bytes = received.chars().map(|c| u8::try_from(c).unwrap());
            assert_eq!(bytes.collect::<Vec<_>>(), all);
        });
    });
}
