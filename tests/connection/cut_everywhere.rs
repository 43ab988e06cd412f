//! A whole session of the living edition, cut behind each byte that the peer sends: by an orderly end,
//! and by a reset.
//!
//! What has to come of it is known for each cut: the events of all that was whole, in order, then one
//! `close` event. It is clean only if the closing handshake was finished; else the connection has
//! failed (RFC 6455 section 7.2.1), and an `error` event comes right before it.

use super::cut_session::{
    PROTOCOL, Session, Starter, cut_off_from_a_client, cut_off_from_a_server,
};
use dom_websocket::{EventLoop, WebSocket};
use std::net::SocketAddr;
use support::{DEFLATE, FAILURE, Frame, Head, Recorder, Wire, bounded, deflate};

struct Living;

/// All is masked if the peer is a client.
fn bytes(frames: &[Frame], is_client: bool) -> Vec<u8> {
    let frames = frames.iter().cloned();
    frames
        .flat_map(|frame| if is_client { frame.masked() } else { frame }.bytes())
        .collect()
}

impl Session for Living {
    const FINISHED: &'static [&'static str] = &["CLOSED close clean 4000 that is all"];
    const CUT: &'static [&'static str] = &FAILURE;
    // The code is that of the frame that was received, all the same.
    const RESET: &'static [&'static str] =
        &["CLOSED error", "CLOSED close unclean 4000 that is all"];

    fn request(resource: &str, server: SocketAddr) -> Head {
        Head::upgrade(resource, server)
            .with("Sec-WebSocket-Protocol", PROTOCOL)
            .with(DEFLATE.0, DEFLATE.1)
    }

    fn response(request: &Head) -> Head {
        request.switching().with(DEFLATE.0, DEFLATE.1)
    }

    fn take_request(wire: &mut Wire) -> Head {
        wire.take_upgrade()
    }

    fn take_response(wire: &mut Wire) {
        wire.take_upgrade();
    }

    fn pieces(is_client: bool) -> Vec<(Vec<u8>, &'static str)> {
        let (start, end) = "fragments: ä世🎎".as_bytes().split_at(14);
        let fragments = [
            // Cut in the middle of a character.
            Frame::text(start).unfinished(),
            Frame::ping("between"),
            Frame::continuation(end),
        ];
        let compressed = Frame::text(deflate(b"deflate, deflate, deflate")).compressed();
        let blob = Frame::binary([0, 0xff, 0x80]);
        vec![
            (
                bytes(&fragments, is_client),
                "OPEN message fragments: ä世🎎",
            ),
            (
                bytes(&[compressed], is_client),
                "OPEN message deflate, deflate, deflate",
            ),
            (bytes(&[Frame::text("")], is_client), "OPEN message "),
            (bytes(&[blob], is_client), "OPEN message [Blob of 3 bytes]"),
        ]
    }

    fn closing(is_client: bool) -> Vec<u8> {
        bytes(&[Frame::close(4000, "that is all")], is_client)
    }

    fn hear(wire: &mut Wire) {
        // The greeting, and the answer to the ping, in either order.
        let frames = wire.take_through_close();
        assert_eq!(frames.len(), 3);
        assert!(frames.contains(&Frame::text("hello")));
        assert!(frames.contains(&Frame::pong("between")));
        assert_eq!(frames[2], Frame::close(3000, "enough"));
    }

    fn open(event_loop: &EventLoop, url: &str) -> WebSocket {
        WebSocket::with_protocol(event_loop, url, PROTOCOL).unwrap()
    }

    fn converse(socket: &WebSocket, starter: Starter) -> Recorder {
        let recorder = Recorder::of(socket);
        socket.set_onopen(|event| {
            let socket = event.target();
            assert_eq!(
                (&*socket.protocol(), &*socket.extensions()),
                (PROTOCOL, DEFLATE.1)
            );
            socket.send("hello")
        });
        if starter == Starter::Us {
            socket.set_onmessage({
                let recorder = recorder.clone();
                move |event| {
                    if event.data().as_str().is_none() {
                        recorder
                            .calling(|| event.target().close_with(3000, "enough"))
                            .unwrap();
                    }
                }
            });
        }
        recorder
    }
}

#[test]
fn a_server_that_closes_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_server::<Living>(Starter::Peer));
}

#[test]
fn a_server_that_we_close_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_server::<Living>(Starter::Us));
}

#[test]
fn a_client_that_closes_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_client::<Living>(Starter::Peer));
}

#[test]
fn a_client_that_we_close_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_client::<Living>(Starter::Us));
}
