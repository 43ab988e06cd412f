//! A whole session, cut behind each byte that the peer sends: by an orderly end, and by a reset.
//!
//! What has to come of it is known for each cut: the events of all that was whole, in order, then
//! one `close` event, clean only if the closing handshake was finished.

use super::cut::Cut;
use dom_websocket::{EventLoop, Server, WebSocket};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use support::{CLOSING, Head, Peer, Recorder, Wire, accept, bounded, frame, run_until};

const PROTOCOL: &str = "chat";
const RESET_BEHIND_CLOSING: &str = "a reset right behind the peer's closing frame: whether ours had \
    left by then is a matter of luck";

/// Who starts the closing handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starter {
    Peer,
    Us,
}

/// What the peer sends behind its part of the opening handshake, and the event that each piece is.
fn pieces() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (frame("first"), "OPEN message first"),
        (frame("zweite: ä世🎎"), "OPEN message zweite: ä世🎎"),
        (b"\x80\x03\xff\0\xff".to_vec(), "OPEN error"),
        (frame(""), "OPEN message "),
    ]
}

fn all_bytes(handshake: &Head) -> Vec<u8> {
    let frames = pieces().into_iter().flat_map(|(bytes, _)| bytes);
    let mut bytes = handshake.bytes();
    bytes.extend(frames);
    bytes.extend(CLOSING);
    bytes
}

/// The events of a session whose peer sends so many of all bytes.
fn expected(handshake: usize, cut: Cut, starter: Starter) -> Vec<Vec<String>> {
    let mut end = handshake;
    let mut events = Vec::new();
    for (len, event) in [(0, "OPEN open")]
        .into_iter()
        .chain(pieces().iter().map(|(bytes, event)| (bytes.len(), *event)))
    {
        end += len;
        if cut.after >= end {
            events.push(event.to_owned());
        }
    }
    let ending_in = |end: &str| [&events[..], &[format!("CLOSED close {end}")]].concat();
    let is_whole = cut.after == end + CLOSING.len();
    match (is_whole, cut.resets, starter) {
        (false, ..) => vec![ending_in("unclean")],
        // See RESET_BEHIND_CLOSING.
        (true, true, Starter::Peer) => vec![ending_in("clean"), ending_in("unclean")],
        (true, ..) => vec![ending_in("clean")],
    }
}

#[track_caller]
fn check(cut: Cut, handshake: usize, starter: Starter, events: Vec<String>) {
    let expected = expected(handshake, cut, starter);
    let note = if expected.len() > 1 {
        RESET_BEHIND_CLOSING
    } else {
        ""
    };
    assert!(
        expected.contains(&events),
        "{cut:?}: {events:#?}, expected {expected:#?} {note}"
    );
}

/// The object's side: greets, and closes once the peer has said all if it is the one to start.
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

/// The peer's side, from its part of the opening handshake on.
fn play(mut wire: Wire, bytes: &[u8], cut: Cut, starter: Starter, is_server: bool) {
    let before_closing = bytes.len() - CLOSING.len();
    let _ = wire.try_send(&bytes[..cut.after.min(before_closing)]);
    if cut.after > before_closing {
        if starter == Starter::Us {
            if !is_server {
                wire.take_response();
            }
            wire.expect(&frame("hello"));
            wire.expect(CLOSING);
        }
        let _ = wire.try_send(&bytes[before_closing..cut.after]);
    }
    if cut.resets {
        wire.reset();
    } else {
        wire.finish();
        wire.take_rest();
    }
}

fn cut_off_from_a_server(starter: Starter) {
    let peer = Peer::listen(move |listener| {
        let address = listener.local_addr().unwrap();
        for _ in Cut::all(len_from_server(address)) {
            let mut wire = accept(&listener);
            let request = wire.take_request();
            let bytes = all_bytes(&request.response());
            play(wire, &bytes, Cut::of(request.resource()), starter, true);
        }
    });
    let address = peer.address();
    let event_loop = EventLoop::new();
    let handshake = response(address).bytes().len();
    // All at once: the throttle has one after the other go through its handshake.
    let sessions: Vec<_> = Cut::all(len_from_server(address))
        .map(|cut| {
            let url = peer.url_of(&cut.resource());
            let socket = support::html5_with_protocol(&event_loop, &url, PROTOCOL).unwrap();
            let recorder = converse(&socket, starter);
            (cut, socket, recorder)
        })
        .collect();
    event_loop.run();
    peer.join();
    for (cut, socket, recorder) in sessions {
        assert_eq!(socket.ready_state(), WebSocket::CLOSED, "{cut:?}");
        check(cut, handshake, starter, recorder.finished());
    }
}

/// What the scripted server answers, but for the bytes of the challenge.
fn response(address: SocketAddr) -> Head {
    let any = Cut {
        resets: false,
        after: 0,
    };
    Head::request(&any.resource(), address)
        .with("Origin", "null")
        .with("Sec-WebSocket-Protocol", PROTOCOL)
        .response()
}

fn len_from_server(address: SocketAddr) -> usize {
    all_bytes(&response(address)).len()
}

fn cut_off_from_a_client(starter: Starter) {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let request = move |cut: Cut| {
        Head::request(&cut.resource(), address).with("Sec-WebSocket-Protocol", PROTOCOL)
    };
    let any = Cut {
        resets: false,
        after: 0,
    };
    let handshake = request(any).bytes().len();
    let len = all_bytes(&request(any)).len();
    let sessions = Rc::new(RefCell::new(BTreeMap::new()));
    server.set_onconnection({
        let sessions = sessions.clone();
        move |socket, request| {
            assert_eq!(socket.ready_state(), WebSocket::OPEN);
            let recorder = converse(&socket, starter);
            let resource = request.resource_name().to_owned();
            let is_new = sessions
                .borrow_mut()
                .insert(resource, (socket, recorder))
                .is_none();
            assert!(is_new, "a second connection for one client");
        }
    });
    let peer = Peer::call(address, move |first| {
        drop(first);
        for cut in Cut::all(len) {
            let wire = Wire::connect(address);
            play(wire, &all_bytes(&request(cut)), cut, starter, false);
        }
    });
    // A client whose part of the handshake did not come whole becomes no connection.
    let established: Vec<_> = Cut::all(len).filter(|cut| cut.after >= handshake).collect();
    run_until(&event_loop, || sessions.borrow().len() == established.len());
    server.close();
    event_loop.run();
    peer.join();
    let sessions = sessions.take();
    assert_eq!(sessions.len(), established.len());
    for cut in established {
        let (socket, recorder) = &sessions[&cut.resource()];
        assert_eq!(socket.ready_state(), WebSocket::CLOSED, "{cut:?}");
        check(cut, handshake, starter, recorder.finished());
    }
}

#[test]
fn a_server_that_closes_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_server(Starter::Peer));
}

#[test]
fn a_server_that_we_close_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_server(Starter::Us));
}

#[test]
fn a_client_that_closes_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_client(Starter::Peer));
}

#[test]
fn a_client_that_we_close_can_be_cut_off_behind_any_byte() {
    bounded(|| cut_off_from_a_client(Starter::Us));
}
