//! How many streams a server allows, and who waits for one (RFC 9113 section 5.1.2).

use super::frames::{accept_stream, begin, open, settings, user_agent};
use super::peer::{end_beside, speaking_with};
use super::requests::failures;
use dom_websocket::{EventLoop, Failure, WebSocket};
use std::io::ErrorKind;
use std::time::Duration;
use support::http2::{ACK, PING, SETTINGS, frame, take};
use support::{FAILURE, Peer, Recorder, Wire, bounded, run_until};

/// Waits until the client has taken note of what was sent to it.
fn take_ack(wire: &mut Wire, kind: u8) {
    loop {
        let frame = take(wire);
        if (frame.kind, frame.flags) == (kind, ACK) {
            return;
        }
    }
}

/// A server may allow none for now. It would say so on another connection, too.
#[test]
fn a_server_that_wants_no_streams_for_now_is_waited_for() {
    bounded(|| {
        for idle in [Duration::ZERO, Duration::from_secs(60)] {
            let peer = Peer::listen(|listener| {
                let mut wire = begin(&listener, 0);
                take_ack(&mut wire, SETTINGS);
                for _ in 0..3 {
                    wire.send(&frame(PING, 0, 0, [0; 8]));
                    take_ack(&mut wire, PING);
                }
                listener.set_nonblocking(true).unwrap();
                let another = listener.accept().map_err(|error| error.kind());
                assert_eq!(another.unwrap_err(), ErrorKind::WouldBlock);
                wire.send(&settings(3));
                for _ in 0..3 {
                    accept_stream(&mut wire);
                }
                wire
            });
            let event_loop = EventLoop::new();
            let user_agent = user_agent(|options| options.idle = idle);
            let sockets = [(); 3].map(|()| open(&peer, &event_loop, &user_agent));
            run_until(&event_loop, || {
                let is_open = |socket: &WebSocket| socket.ready_state() == WebSocket::OPEN;
                sockets.iter().all(is_open)
            });
            peer.join();
        }
    });
}

#[test]
fn who_waits_for_a_stream_has_the_time_of_an_opening_handshake() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = begin(&listener, 0);
            // In the end the client lets go of it.
            wire.take_rest();
        });
        let event_loop = EventLoop::new();
        let mut builder = speaking_with(|options| options.idle = Duration::from_millis(1));
        builder.timeouts(support::short_timeouts());
        let failures = failures(&mut builder);
        let user_agent = builder.build();
        let sockets = [(); 2].map(|()| Recorder::of(&open(&peer, &event_loop, &user_agent)));
        event_loop.run();
        for recorder in sockets {
            assert_eq!(recorder.finished(), FAILURE);
        }
        assert_eq!(
            failures.take(),
            [Failure::OpeningTimedOut, Failure::OpeningTimedOut]
        );
        end_beside(&event_loop, || peer.join());
    });
}
