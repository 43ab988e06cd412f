//! What tests of proxies share: sessions by way of a scripted one.

use dom_websocket::{
    Edition, EventLoop, Proxies, Proxy, Timeouts, UserAgent, UserAgentBuilder, WebSocket,
};
use std::time::{Duration, Instant};
use support::{AMPLE, FAILURE, Frame, Head, PATIENCE, Peer, Recorder, Wire};

pub(crate) const EDITIONS: [Edition; 2] = [Edition::Living, Edition::Html5];
/// Nobody resolves this but a proxy.
pub(crate) const URL: &str = "ws://server.invalid/chat";
pub(crate) const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];
pub(crate) fn user_agent(proxy: &str) -> UserAgentBuilder {
    let mut builder = UserAgent::builder();
    builder.proxies(Proxies::from(Proxy::new(proxy).unwrap()));
    builder
}

/// All events of a living socket of this URL, and what became of the proxy. `PEER` in its URL stands for
/// where this script runs.
pub(crate) fn session<T: Send + 'static>(
    proxy: &str,
    url: &str,
    script: impl FnOnce(Wire) -> T + Send + 'static,
) -> (Vec<String>, T) {
    let peer = Peer::serve(script);
    let agent = user_agent(&proxy.replace("PEER", &peer.address().to_string())).build();
    let events = events(url, &agent);
    (events, peer.join())
}

pub(crate) fn events(url: &str, agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = open(&event_loop, url, agent);
    event_loop.run();
    socket.1.finished()
}

pub(crate) fn open(event_loop: &EventLoop, url: &str, agent: &UserAgent) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

/// The server behind a tunnel: opens the connection and closes it.
pub(crate) fn serve(wire: &mut Wire) -> Head {
    let request = wire.accept_upgrade();
    close(wire);
    request
}

pub(crate) fn close(wire: &mut Wire) {
    wire.send_frame(&Frame::close(1000, ""));
    wire.expect_from_client(&Frame::close(1000, ""));
    wire.finish();
    wire.expect_end();
}

/// What a proxy is sent whose part ends before there is a tunnel; the socket fails like any other.
#[track_caller]
pub(crate) fn failure(proxy: &str, script: impl FnOnce(&mut Wire) + Send + 'static) -> Vec<u8> {
    let start = Instant::now();
    let (events, rest) = session(proxy, URL, |mut wire| {
        script(&mut wire);
        wire.take_rest().0
    });
    assert_eq!(events, FAILURE);
    assert!(start.elapsed() < PATIENCE / 2, "it is over at once");
    rest
}

/// How long a socket lasts whose proxy does this, under a bound.
pub(crate) fn lasts(proxy: &str, script: impl FnOnce(Wire) + Send + 'static) -> Duration {
    let peer = Peer::serve(script);
    let proxy = proxy.replace("PEER", &peer.address().to_string());
    let agent = user_agent(&proxy)
        .timeouts(Timeouts {
            opening_handshake: AMPLE,
            ..Timeouts::default()
        })
        .build();
    let start = Instant::now();
    assert_eq!(events(URL, &agent), FAILURE);
    let lasted = start.elapsed();
    peer.join();
    lasted
}
