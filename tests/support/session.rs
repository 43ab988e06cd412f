//! A client of the living edition with a scripted server, from its beginning to its end.

use super::bounds::run_until;
use super::peer::Peer;
use super::recorder::Recorder;
use super::wire::Wire;
use dom_websocket::{EventLoop, UserAgent, WebSocket};

/// What script sees of a connection that fails before it is established.
pub const FAILURE: [&str; 2] = ["CLOSED error", "CLOSED close unclean 1006"];

/// All events of a client of this server; the socket goes through `prepare` first. The loop has become
/// idle, and the script has ended.
pub fn session(
    script: impl FnOnce(Wire) + Send + 'static,
    prepare: impl FnOnce(&WebSocket, &Recorder),
) -> Vec<String> {
    session_of(&UserAgent::default(), script, prepare)
}

/// The same, of this user agent.
pub fn session_of(
    user_agent: &UserAgent,
    script: impl FnOnce(Wire) + Send + 'static,
    prepare: impl FnOnce(&WebSocket, &Recorder),
) -> Vec<String> {
    let peer = Peer::serve(script);
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, &peer.url())
        .user_agent(user_agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    prepare(&socket, &recorder);
    event_loop.run();
    peer.join();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    recorder.finished()
}

/// A client that is open, whose server plays this script behind the handshake.
pub fn opened(
    event_loop: &EventLoop,
    script: impl FnOnce(Wire) + Send + 'static,
) -> (WebSocket, Recorder, Peer) {
    let peer = Peer::serve(|mut wire| {
        wire.accept_upgrade();
        script(wire);
    });
    let socket = WebSocket::new(event_loop, &peer.url()).unwrap();
    let recorder = Recorder::of(&socket);
    // It may hear of more at once.
    run_until(event_loop, || recorder.count() >= 1);
    (socket, recorder, peer)
}
