//! A whole session, cut behind each byte that the peer sends: by an orderly end, and by a reset.

use crate::{RESPONSE, request, run, serve};
use dom_websocket::{ByteStream, EventLoop, UserAgent};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::{Gate, Peer, accept, bounded};

const SAID: &[u8] = b"all of it";

/// What was read to the end, and whether that and the whole connection were clean.
async fn hear(mut stream: ByteStream) -> (Vec<u8>, bool) {
    let mut heard = Vec::new();
    let read = stream.read_to_end(&mut heard).await;
    let _ = stream.close().await;
    let closed = stream.closed().await;
    assert_eq!(read.is_ok(), closed.is_ok());
    (heard, closed.is_ok())
}

#[test]
fn a_server_can_be_cut_off_behind_any_byte() {
    bounded(|| {
        let said = [RESPONSE.as_bytes(), SAID].concat();
        let len = said.len();
        for resets in [false, true] {
            let event_loop = EventLoop::new();
            let said = said.clone();
            let peer = Peer::listen(move |listener| {
                for after in 0..=len {
                    let mut wire = accept(&listener);
                    wire.take_through(b"\r\n\r\n");
                    wire.send(&said[..after]);
                    if resets {
                        wire.reset();
                    } else {
                        wire.finish();
                        wire.take_rest();
                    }
                }
            });
            let user_agent = UserAgent::default();
            for after in 0..=len {
                let stream = ByteStream::builder(&event_loop, &peer.url())
                    .user_agent(&user_agent)
                    .open()
                    .unwrap();
                let (heard, is_clean) = run(&event_loop, hear(stream));
                let whole = after.saturating_sub(RESPONSE.len());
                assert_eq!(heard, SAID[..whole], "{after} {resets}");
                assert_eq!(
                    is_clean,
                    after >= RESPONSE.len() && !resets,
                    "{after} {resets}"
                );
            }
            peer.join();
        }
    });
}

#[test]
fn a_client_can_be_cut_off_behind_any_byte() {
    bounded(|| {
        let head = request("h");
        let said = [head.as_bytes(), SAID].concat();
        for resets in [false, true] {
            let event_loop = EventLoop::new();
            let (server, accepted) = serve(&event_loop);
            for after in 0..=said.len() {
                let gate = Gate::new(&event_loop);
                let over = gate.clone();
                let bytes = said[..after].to_vec();
                let is_whole = after >= head.len();
                let peer = Peer::call(server.local_addr(), move |mut wire| {
                    wire.send(&bytes);
                    if is_whole {
                        wire.expect(RESPONSE.as_bytes());
                    }
                    if resets {
                        wire.reset();
                    } else {
                        wire.finish();
                        wire.expect_end();
                    }
                    over.open();
                });
                if is_whole {
                    let stream = accepted.next(&event_loop);
                    let (heard, is_clean) = run(&event_loop, hear(stream));
                    assert_eq!(heard, SAID[..after - head.len()], "{after} {resets}");
                    assert_eq!(is_clean, !resets, "{after} {resets}");
                }
                gate.run(&event_loop);
                peer.join();
                assert!(accepted.is_empty(), "{after} {resets}");
            }
        }
    });
}
