//! What a server says whose frames are written by hand, and the sockets that hear it.

use super::peer::{self, speaking_with};
use dom_websocket::{EventLoop, Http2Options, UserAgent, WebSocket};
use std::net::TcpListener;
use support::http2::{
    self, ENABLE_CONNECT_PROTOCOL, END_HEADERS, HEADERS, MAX_CONCURRENT_STREAMS, PREFACE,
    STATUS_200, frame, take_kind,
};
use support::{Peer, Wire, accept};

/// What a server says of itself: it takes WebSockets, so many at once.
pub(super) fn settings(streams: u32) -> Vec<u8> {
    http2::settings(&[
        (ENABLE_CONNECT_PROTOCOL, 1),
        (MAX_CONCURRENT_STREAMS, streams),
    ])
}

/// `:status: 200`.
pub(super) fn ok(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, [STATUS_200])
}

/// A client that has begun HTTP/2, and heard how many streams there are.
pub(super) fn begin(listener: &TcpListener, streams: u32) -> Wire {
    let mut wire = accept(listener);
    assert_eq!(wire.take(PREFACE.len()), PREFACE);
    wire.send(&settings(streams));
    wire
}

/// Accepts the next WebSocket: its stream.
pub(super) fn accept_stream(wire: &mut Wire) -> u32 {
    let stream = take_kind(wire, HEADERS).stream;
    wire.send(&ok(stream));
    stream
}

pub(super) fn user_agent(change: impl FnOnce(&mut Http2Options)) -> UserAgent {
    speaking_with(change).compression(false).build()
}

pub(super) fn open<T: Send + 'static>(
    peer: &Peer<T>,
    event_loop: &EventLoop,
    user_agent: &UserAgent,
) -> WebSocket {
    peer::open(&peer.url(), event_loop, user_agent)
}
