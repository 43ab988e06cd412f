//! What is left of a stream on its connection.

use super::frames::{begin, ok, open, user_agent};
use super::peer::{end_beside, speaking};
use super::requests::failures;
use dom_websocket::{EventLoop, Failure, HandshakeFault};
use support::http2::{
    ACK, CANCEL, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PROTOCOL_ERROR, RST_STREAM,
    STATUS_200, WINDOW_UPDATE, field, frame, take, take_kind,
};
use support::{FAILURE, Frame, Peer, Recorder, bounded};

/// An answer that opens nothing, since nobody asked for that.
fn wrong(stream: u32) -> Vec<u8> {
    let head = [vec![STATUS_200], field("sec-websocket-protocol", "x")].concat();
    frame(HEADERS, END_HEADERS, stream, head)
}

/// RFC 9113 section 6.9: what nobody reads any more is taken off the connection's window all the same.
#[test]
fn what_was_not_read_is_given_back() {
    bounded(|| {
        const MUCH: usize = 16_000;
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 100);
            let mut window = 65_535;
            for _ in 0..20 {
                let stream = loop {
                    let said = take(&mut wire);
                    match said.kind {
                        WINDOW_UPDATE if said.stream == 0 => {
                            let by = u32::from_be_bytes(said.payload.try_into().unwrap());
                            window += usize::try_from(by).unwrap();
                        }
                        HEADERS => break said.stream,
                        _ => {}
                    }
                };
                assert!(window >= MUCH, "{window}");
                window -= MUCH;
                let much = frame(DATA, 0, stream, [0; MUCH]);
                wire.send(&[wrong(stream), much].concat());
            }
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|options| (options.streams, options.window) = (1, 16 * 1024));
        for _ in 0..20 {
            let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
            event_loop.run();
            assert_eq!(recorder.finished(), FAILURE);
        }
        drop(peer.join());
    });
}

/// RFC 9113 section 5.1: the server may have sent it before it heard of the reset. However much that is, other sockets go on.
#[test]
fn what_comes_behind_a_reset_hurts_nobody() {
    bounded(|| {
        const MANY: usize = 100;
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 200);
            let mut take_request = || take_kind(&mut wire, HEADERS).stream;
            let streams: Vec<_> = (0..MANY).map(|_| take_request()).collect();
            let last = take_request();
            for stream in &streams {
                wire.send(&wrong(*stream));
            }
            wire.send(&ok(last));
            for _ in 0..MANY {
                take_kind(&mut wire, RST_STREAM);
            }
            for _ in 0..25 {
                for stream in &streams {
                    wire.send(&frame(DATA, 0, *stream, [0; 256]));
                }
                wire.send(&frame(PING, 0, 0, [0; 8]));
                loop {
                    let said = take(&mut wire);
                    assert_ne!(said.kind, GOAWAY);
                    assert_ne!(said.kind, RST_STREAM);
                    if (said.kind, said.flags) == (PING, ACK) {
                        break;
                    }
                }
            }
            let close = Frame::close(1000, "").bytes();
            wire.send(&frame(DATA, END_STREAM, last, close));
            wire
        });
        let event_loop = EventLoop::new();
        let user_agent = user_agent(|_| ());
        let mut recorders: Vec<_> = (0..=MANY)
            .map(|_| Recorder::of(&open(&peer, &event_loop, &user_agent)))
            .collect();
        event_loop.run();
        let last = recorders.pop().unwrap();
        assert_eq!(last.finished(), ["OPEN open", "CLOSED close clean 1000"]);
        for recorder in recorders {
            assert_eq!(recorder.finished(), FAILURE);
        }
        drop(peer.join());
    });
}

/// RFC 9113 section 8.5: nothing but DATA comes on a stream that is connected.
#[test]
fn a_tunnel_has_no_trailers() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 1);
            let stream = take_kind(&mut wire, HEADERS).stream;
            let field = [0, 1, b'x', 1, b'y'];
            let trailers = frame(HEADERS, END_HEADERS | END_STREAM, stream, field);
            wire.send(&[ok(stream), trailers].concat());
            let reset = take_kind(&mut wire, RST_STREAM);
            assert_eq!((reset.stream, reset.code()), (stream, PROTOCOL_ERROR));
        });
        let event_loop = EventLoop::new();
        let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent(|_| ())));
        event_loop.run();
        let session = ["OPEN open", "CLOSED error", "CLOSED close unclean 1006"];
        assert_eq!(recorder.finished(), session);
        end_beside(&event_loop, || peer.join());
    });
}

/// RFC 9113 section 8.6: HTTP/2 has no 101, and nobody waits for what follows it.
#[test]
fn a_101_is_no_interim_answer() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 1);
            let stream = take_kind(&mut wire, HEADERS).stream;
            let status = field(":status", "101");
            wire.send(&frame(HEADERS, END_HEADERS, stream, status));
            let reset = take_kind(&mut wire, RST_STREAM);
            assert_eq!((reset.stream, reset.code()), (stream, CANCEL));
        });
        let event_loop = EventLoop::new();
        let mut builder = speaking();
        let failures = failures(&mut builder);
        let user_agent = builder.build();
        let recorder = Recorder::of(&open(&peer, &event_loop, &user_agent));
        event_loop.run();
        assert_eq!(recorder.finished(), FAILURE);
        let malformed = Failure::Handshake(HandshakeFault::Malformed);
        assert_eq!(failures.take(), [malformed]);
        end_beside(&event_loop, || peer.join());
    });
}
