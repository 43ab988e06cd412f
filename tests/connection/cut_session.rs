//! A whole session, cut behind each byte that the peer sends: what it is of either edition, and what comes of it.

use super::cut::Cut;
use dom_websocket::{EventLoop, Server, WebSocket};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use support::{Head, Peer, Recorder, Wire, accept, run_until};

pub(super) const PROTOCOL: &str = "chat";
const RESET_BEHIND_CLOSING: &str = "a reset right behind the peer's part of the closing handshake: whether ours had left by \
    then is a matter of luck";

/// Who starts the closing handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starter {
    Peer,
    Us,
}

/// The session of an edition. `is_client`: the peer is one.
pub(super) trait Session: 'static {
    /// The last events, if the closing handshake was finished.
    const FINISHED: &'static [&'static str];
    /// If it was not.
    const CUT: &'static [&'static str];
    /// If a reset came right behind the peer's part of it, and overtook ours.
    const RESET: &'static [&'static str];

    fn request(resource: &str, server: SocketAddr) -> Head;
    fn response(request: &Head) -> Head;
    fn take_request(wire: &mut Wire) -> Head;
    fn take_response(wire: &mut Wire);
    /// What the peer sends behind its part of the opening handshake, and the event that each piece is.
    fn pieces(is_client: bool) -> Vec<(Vec<u8>, &'static str)>;
    /// The peer's part of the closing handshake.
    fn closing(is_client: bool) -> Vec<u8>;
    /// What the peer hears, with our part.
    fn hear(wire: &mut Wire);
    fn open(event_loop: &EventLoop, url: &str) -> WebSocket;
    /// The object's side: greets, and closes once the peer has said all if it is the one to start.
    fn converse(socket: &WebSocket, starter: Starter) -> Recorder;
}

fn all_bytes<S: Session>(handshake: &Head, is_client: bool) -> Vec<u8> {
    let mut bytes = handshake.bytes();
    let pieces = S::pieces(is_client).into_iter();
    bytes.extend(pieces.flat_map(|(bytes, _)| bytes));
    bytes.extend(S::closing(is_client));
    bytes
}

/// What events a session may have whose peer sends so many of all bytes.
fn expected<S: Session>(
    handshake: usize,
    cut: Cut,
    starter: Starter,
    is_client: bool,
) -> Vec<Vec<&'static str>> {
    let mut end = handshake;
    let mut events = Vec::new();
    let pieces = S::pieces(is_client);
    for (len, event) in [(0, "OPEN open")]
        .into_iter()
        .chain(pieces.iter().map(|(bytes, event)| (bytes.len(), *event)))
    {
        end += len;
        if cut.after >= end {
            events.push(event);
        }
    }
    let ending_in = |end: &[&'static str]| [&events, end].concat();
    let is_whole = cut.after == end + S::closing(is_client).len();
    match (is_whole, cut.resets, starter) {
        (false, ..) => vec![ending_in(S::CUT)],
        // See RESET_BEHIND_CLOSING.
        (true, true, Starter::Peer) => vec![ending_in(S::FINISHED), ending_in(S::RESET)],
        (true, ..) => vec![ending_in(S::FINISHED)],
    }
}

#[track_caller]
fn check(expected: &[Vec<&str>], cut: Cut, events: &[String]) {
    let note = if expected.len() > 1 {
        RESET_BEHIND_CLOSING
    } else {
        ""
    };
    assert!(
        expected.iter().any(|expected| expected == events),
        "{cut:?}: {events:#?}, expected {expected:#?} {note}"
    );
}

/// The peer's side, from its part of the opening handshake on.
fn play<S: Session>(mut wire: Wire, bytes: &[u8], cut: Cut, starter: Starter, is_client: bool) {
    let before_closing = bytes.len() - S::closing(is_client).len();
    let _ = wire.try_send(&bytes[..cut.after.min(before_closing)]);
    if cut.after > before_closing {
        if starter == Starter::Us {
            if is_client {
                S::take_response(&mut wire);
            }
            S::hear(&mut wire);
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

/// Of our client, whose server is scripted.
pub(super) fn cut_off_from_a_server<S: Session>(starter: Starter) {
    let peer = Peer::listen(move |listener| {
        let address = listener.local_addr().unwrap();
        for _ in Cut::all(len_from_server::<S>(address)) {
            let mut wire = accept(&listener);
            let request = S::take_request(&mut wire);
            let bytes = all_bytes::<S>(&S::response(&request), false);
            play::<S>(wire, &bytes, Cut::of(request.resource()), starter, false);
        }
    });
    let address = peer.address();
    let event_loop = EventLoop::new();
    let handshake = response::<S>(address).bytes().len();
    // All at once: the throttle has one after the other go through its handshake.
    let sessions: Vec<_> = Cut::all(len_from_server::<S>(address))
        .map(|cut| {
            let socket = S::open(&event_loop, &peer.url_of(&cut.resource()));
            let recorder = S::converse(&socket, starter);
            (cut, socket, recorder)
        })
        .collect();
    event_loop.run();
    peer.join();
    for (cut, socket, recorder) in sessions {
        assert_eq!(socket.ready_state(), WebSocket::CLOSED, "{cut:?}");
        let expected = expected::<S>(handshake, cut, starter, false);
        check(&expected, cut, &recorder.finished());
    }
}

/// What the scripted server answers, but for the bytes that prove it.
fn response<S: Session>(address: SocketAddr) -> Head {
    let request = S::request(&Cut::ANY.resource(), address);
    S::response(&request.with("Origin", "null"))
}

fn len_from_server<S: Session>(address: SocketAddr) -> usize {
    all_bytes::<S>(&response::<S>(address), false).len()
}

/// Of our server, whose client is scripted.
pub(super) fn cut_off_from_a_client<S: Session>(starter: Starter) {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let request = move |cut: Cut| S::request(&cut.resource(), address);
    let handshake = request(Cut::ANY).bytes().len();
    let len = all_bytes::<S>(&request(Cut::ANY), true).len();
    let sessions = Rc::new(RefCell::new(BTreeMap::new()));
    server.set_onconnection({
        let sessions = sessions.clone();
        move |socket, request| {
            assert_eq!(socket.ready_state(), WebSocket::OPEN);
            let recorder = S::converse(&socket, starter);
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
            let bytes = all_bytes::<S>(&request(cut), true);
            play::<S>(wire, &bytes, cut, starter, true);
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
        let expected = expected::<S>(handshake, cut, starter, true);
        check(&expected, cut, &recorder.finished());
    }
}
