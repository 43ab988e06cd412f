//! A whole session of the living edition, cut behind each byte that the peer sends: by an orderly end,
//! and by a reset.
//!
//! What has to come of it is known for each cut: the events of all that was whole, in order, then one
//! `close` event. It is clean only if the closing handshake was finished; else the connection has
//! failed (RFC 6455 section 7.2.1), and an `error` event comes right before it.

use super::cut::Cut;
use dom_websocket::{EventLoop, Server, WebSocket};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use support::{
    DEFLATE, FAILURE, Frame, Head, Peer, Recorder, Wire, accept, bounded, deflate, run_until,
};

const PROTOCOL: &str = "chat";
const RESET_BEHIND_CLOSE: &str = "a reset right behind the peer's Close frame: whether ours had left \
    by then is a matter of luck";

/// Who starts the closing handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starter {
    Peer,
    Us,
}

/// What the peer sends behind its part of the opening handshake, and the event that each piece is.
/// All is masked if the peer is a client.
fn pieces(is_client: bool) -> Vec<(Vec<u8>, &'static str)> {
    let bytes = |frames: &[Frame]| {
        let frames = frames.iter().cloned();
        frames
            .flat_map(|frame| if is_client { frame.masked() } else { frame }.bytes())
            .collect()
    };
    vec![
        (
            bytes(&[
                // Cut in the middle of a character.
                Frame::text("fragments: ä世🎎".as_bytes().split_at(14).0).unfinished(),
                Frame::ping("between"),
                Frame::continuation("fragments: ä世🎎".as_bytes().split_at(14).1),
            ]),
            "OPEN message fragments: ä世🎎",
        ),
        (
            bytes(&[Frame::text(deflate(b"deflate, deflate, deflate")).compressed()]),
            "OPEN message deflate, deflate, deflate",
        ),
        (bytes(&[Frame::text("")]), "OPEN message "),
        (
            bytes(&[Frame::binary([0, 0xff, 0x80])]),
            "OPEN message [Blob of 3 bytes]",
        ),
    ]
}

fn close(is_client: bool) -> Vec<u8> {
    let close = Frame::close(4000, "that is all");
    if is_client { close.masked() } else { close }.bytes()
}

fn all_bytes(handshake: &Head, is_client: bool) -> Vec<u8> {
    let mut bytes = handshake.bytes();
    bytes.extend(pieces(is_client).into_iter().flat_map(|(bytes, _)| bytes));
    bytes.extend(close(is_client));
    bytes
}

/// What events a session may have whose peer sends so many of all bytes.
fn expected(handshake: usize, cut: Cut, starter: Starter, is_client: bool) -> Vec<Vec<String>> {
    let mut end = handshake;
    let mut events = Vec::new();
    let pieces = pieces(is_client);
    for (len, event) in [(0, "OPEN open")]
        .into_iter()
        .chain(pieces.iter().map(|(bytes, event)| (bytes.len(), *event)))
    {
        end += len;
        if cut.after >= end {
            events.push(event);
        }
    }
    let ending_in = |end: &[&str]| [&events, end].concat().iter().map(|&e| e.into()).collect();
    let is_whole = cut.after == end + close(is_client).len();
    let finished = ending_in(&["CLOSED close clean 4000 that is all"]);
    match (is_whole, cut.resets, starter) {
        (false, ..) => vec![ending_in(&FAILURE)],
        // See RESET_BEHIND_CLOSE. The code is that of the frame that was received, all the same.
        (true, true, Starter::Peer) => vec![
            finished,
            ending_in(&["CLOSED error", "CLOSED close unclean 4000 that is all"]),
        ],
        (true, ..) => vec![finished],
    }
}

#[track_caller]
fn check(expected: &[Vec<String>], cut: Cut, events: &[String]) {
    let note = if expected.len() > 1 {
        RESET_BEHIND_CLOSE
    } else {
        ""
    };
    assert!(
        expected.iter().any(|expected| expected == events),
        "{cut:?}: {events:#?}, expected {expected:#?} {note}"
    );
}

/// The object's side: greets, and closes once the peer has said all if it is the one to start.
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

/// The peer's side, from its part of the opening handshake on.
fn play(mut wire: Wire, bytes: &[u8], cut: Cut, starter: Starter, is_client: bool) {
    let before_close = bytes.len() - close(is_client).len();
    let _ = wire.try_send(&bytes[..cut.after.min(before_close)]);
    if cut.after > before_close {
        if starter == Starter::Us {
            if is_client {
                wire.take_upgrade();
            }
            // The greeting, and the answer to the ping, in either order.
            let frames = wire.take_through_close();
            assert_eq!(frames.len(), 3);
            assert!(frames.contains(&Frame::text("hello")));
            assert!(frames.contains(&Frame::pong("between")));
            assert_eq!(frames[2], Frame::close(3000, "enough"));
        }
        let _ = wire.try_send(&bytes[before_close..cut.after]);
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
            let request = wire.take_upgrade();
            let response = request.switching().with(DEFLATE.0, DEFLATE.1);
            let bytes = all_bytes(&response, false);
            play(wire, &bytes, Cut::of(request.resource()), starter, false);
        }
    });
    let address = peer.address();
    let event_loop = EventLoop::new();
    let handshake = response(address).bytes().len();
    // All at once: the throttle has one after the other go through its handshake.
    let sessions: Vec<_> = Cut::all(len_from_server(address))
        .map(|cut| {
            let url = peer.url_of(&cut.resource());
            let socket = WebSocket::with_protocol(&event_loop, &url, PROTOCOL).unwrap();
            let recorder = converse(&socket, starter);
            (cut, socket, recorder)
        })
        .collect();
    event_loop.run();
    peer.join();
    for (cut, socket, recorder) in sessions {
        assert_eq!(socket.ready_state(), WebSocket::CLOSED, "{cut:?}");
        let expected = expected(handshake, cut, starter, false);
        check(&expected, cut, &recorder.finished());
    }
}

/// What the scripted server answers, but for the key.
fn response(address: SocketAddr) -> Head {
    Head::upgrade("/", address)
        .with("Sec-WebSocket-Protocol", PROTOCOL)
        .switching()
        .with(DEFLATE.0, DEFLATE.1)
}

fn len_from_server(address: SocketAddr) -> usize {
    all_bytes(&response(address), false).len()
}

fn request(cut: Cut, address: SocketAddr) -> Head {
    Head::upgrade(&cut.resource(), address)
        .with("Sec-WebSocket-Protocol", PROTOCOL)
        .with(DEFLATE.0, DEFLATE.1)
}

fn cut_off_from_a_client(starter: Starter) {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let any = Cut {
        resets: false,
        after: 0,
    };
    let handshake = request(any, address).bytes().len();
    let len = all_bytes(&request(any, address), true).len();
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
            let bytes = all_bytes(&request(cut, address), true);
            play(wire, &bytes, cut, starter, true);
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
        let expected = expected(handshake, cut, starter, true);
        check(&expected, cut, &recorder.finished());
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
