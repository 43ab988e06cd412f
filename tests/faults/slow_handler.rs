//! A message handler that takes four seconds. What has come meanwhile has come in time, for every socket of the loop.

use super::bystanders::Bystanders;
use super::route::World;
use dom_websocket::{EventLoop, Timeouts, UserAgent, WebSocket};
use std::thread;
use std::time::Duration;
use support::{Backend, Frame, Gate, Peer, Recorder, Wire, bounded, run_until};

/// Of everything that another socket waits for. It ends while the handler is at it.
const BOUND: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(4);

fn impatient() -> UserAgent {
    let mut agent = UserAgent::builder();
    agent.timeouts(Timeouts {
        opening_handshake: BOUND,
        closing_handshake: BOUND,
        ping: Some(BOUND / 30),
        pong: BOUND,
        ..Timeouts::default()
    });
    agent.build()
}

fn open(event_loop: &EventLoop, url: &str) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(&impatient())
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

/// A server's part: answers pings, and at last the Close frame.
fn live_on(mut wire: Wire) {
    while !wire.take_frame().is_close() {
        wire.send_frame(&Frame::pong(""));
    }
    wire.send_frame(&Frame::close_without_code());
    wire.finish();
    wire.take_rest();
}

#[test]
fn a_handler_that_takes_four_seconds_costs_no_other_socket_its_connection() {
    bounded(|| {
        let world = World::new();
        let event_loop = EventLoop::new();
        let gate = || Gate::new(&event_loop);
        let (is_asked, is_told, is_pinged, is_slow) = (gate(), gate(), gate(), gate());

        // One that has been asked for, and is answered meanwhile.
        let opening = Peer::serve({
            let (is_asked, is_slow) = (is_asked.clone(), is_slow.clone());
            move |mut wire| {
                let request = wire.take_upgrade();
                is_asked.open();
                is_slow.wait();
                wire.send(&request.switching().bytes());
                live_on(wire);
            }
        });
        // One that we have closed.
        let closing = Peer::serve({
            let (is_told, is_slow) = (is_told.clone(), is_slow.clone());
            move |mut wire| {
                wire.accept_upgrade();
                while !wire.take_frame().is_close() {}
                is_told.open();
                is_slow.wait();
                wire.send_frame(&Frame::close_without_code());
                wire.finish();
                wire.take_rest();
            }
        });
        // One that we have asked for a sign of life.
        let living = Peer::serve({
            let (is_pinged, is_slow) = (is_pinged.clone(), is_slow.clone());
            move |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::ping(""));
                is_pinged.open();
                is_slow.wait();
                wire.send_frame(&Frame::pong(""));
                live_on(wire);
            }
        });

        let slow = Backend::echoing(&event_loop);
        let slow_socket = WebSocket::new(&event_loop, &slow.url()).unwrap();
        slow_socket.set_onmessage({
            let is_slow = is_slow.clone();
            move |event| {
                is_slow.open();
                thread::sleep(LONG);
                event.target().close();
            }
        });
        let slow_events = Recorder::of(&slow_socket);
        run_until(&event_loop, || slow_events.count_of("open") == 1);

        let bystanders = Bystanders::begin(&event_loop, &world);
        let (closing_socket, closing_events) = open(&event_loop, &closing.url());
        run_until(&event_loop, || closing_events.count_of("open") == 1);
        let (living_socket, living_events) = open(&event_loop, &living.url());
        is_pinged.run(&event_loop);
        let (opening_socket, opening_events) = open(&event_loop, &opening.url());
        closing_socket.close();
        run_until(&event_loop, || is_asked.is_open() && is_told.is_open());
        slow_socket.send("now").unwrap();

        run_until(&event_loop, || slow_events.has_ended());
        run_until(&event_loop, || {
            opening_events.count() > 0 && closing_events.has_ended()
        });
        assert_eq!(opening_events.events(), ["OPEN open"]);
        assert_eq!(
            closing_events.finished(),
            ["OPEN open", "CLOSED close clean 1005"]
        );
        assert_eq!(living_events.events(), ["OPEN open"]);
        bystanders.advance(&event_loop);
        opening_socket.close();
        living_socket.close();
        run_until(&event_loop, || {
            opening_events.has_ended() && living_events.has_ended()
        });
        for events in [&opening_events, &living_events] {
            assert_eq!(events.finished(), ["OPEN open", "CLOSED close clean 1005"]);
        }
        bystanders.end(&event_loop);
        slow.server.close();
        event_loop.run();
        for peer in [opening, closing, living] {
            peer.join();
        }
        world.join();
    });
}
