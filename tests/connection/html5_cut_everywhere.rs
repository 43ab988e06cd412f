//! A whole session, cut behind each byte that the peer sends: by an orderly end, and by a reset.
//!
//! What has to come of it is known for each cut: the events of all that was whole, in order, then
//! one `close` event, clean only if the closing handshake was finished.

use super::cut_session::{
    PROTOCOL, Session, Starter, cut_off_from_a_client, cut_off_from_a_server,
};
use dom_websocket::{EventLoop, WebSocket};
use std::net::SocketAddr;
use support::{CLOSING, Head, Recorder, Wire, bounded, frame};

struct Html5;

impl Session for Html5 {
    const FINISHED: &'static [&'static str] = &["CLOSED close clean"];
    const CUT: &'static [&'static str] = &["CLOSED close unclean"];
    const RESET: &'static [&'static str] = Self::CUT;

    fn request(resource: &str, server: SocketAddr) -> Head {
        Head::request(resource, server).with("Sec-WebSocket-Protocol", PROTOCOL)
    }

    fn response(request: &Head) -> Head {
        request.response()
    }

    fn take_request(wire: &mut Wire) -> Head {
        wire.take_request()
    }

    fn take_response(wire: &mut Wire) {
        wire.take_response();
    }

    fn pieces(_: bool) -> Vec<(Vec<u8>, &'static str)> {
        vec![
            (frame("first"), "OPEN message first"),
            (frame("zweite: ä世🎎"), "OPEN message zweite: ä世🎎"),
            (b"\x80\x03\xff\0\xff".to_vec(), "OPEN error"),
            (frame(""), "OPEN message "),
        ]
    }

    fn closing(_: bool) -> Vec<u8> {
        CLOSING.to_vec()
    }

    fn hear(wire: &mut Wire) {
        wire.expect(&frame("hello"));
        wire.expect(CLOSING);
    }

    fn open(event_loop: &EventLoop, url: &str) -> WebSocket {
        support::html5_with_protocol(event_loop, url, PROTOCOL).unwrap()
    }

    fn converse(socket: &WebSocket, starter: Starter) -> Recorder {
        let recorder = Recorder::of(socket);
        socket.set_onopen(|event| event.target().send("hello"));
        if starter == Starter::Us {
            socket.set_onmessage({
                let recorder = recorder.clone();
                move |event| {
                    if *event.data() == "" {
                        recorder.calling(|| event.target().close());
                    }
                }
            });
        }
        recorder
    }
}

#[test]
fn a_server_that_closes_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_server::<Html5>(Starter::Peer));
}

#[test]
fn a_server_that_we_close_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_server::<Html5>(Starter::Us));
}

#[test]
fn a_client_that_closes_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_client::<Html5>(Starter::Peer));
}

#[test]
fn a_client_that_we_close_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_client::<Html5>(Starter::Us));
}
