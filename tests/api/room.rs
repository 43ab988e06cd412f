//! Room in the queue: `room_for()`, `try_send()` and the event `drain`.

use dom_websocket::{EventLoop, Limits, UserAgent, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use support::{Frame, Gate, Peer, bounded, opened, run_until, settle};

/// More than the kernels of both ends take in.
const LARGE: usize = 16 << 20;

/// Who waits to send is told when there is room, or that there will be none.
#[test]
fn room_to_send_is_told() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.accept_upgrade();
                gate.wait();
                wire.expect_from_client(&Frame::binary(vec![7; LARGE]));
                wire.expect_from_client(&Frame::text("next"));
            }
        });
        let limits = Limits {
            send_queue: LARGE + 1024,
            high_water: LARGE,
            ..Limits::default()
        };
        let agent = UserAgent::builder()
            .limits(limits)
            .compression(false)
            .build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let answers = Rc::new(RefCell::new(Vec::new()));
        let ask = |len: usize| {
            let (room, answers) = (socket.room_for(len), answers.clone());
            event_loop.spawn(async move {
                let answer = room.await;
                answers.borrow_mut().push((len, answer));
            });
        };
        ask(1);
        settle(&event_loop);
        assert_eq!(answers.take(), [], "it is connecting");
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        settle(&event_loop);
        assert_eq!(answers.take(), [(1, true)]);
        ask(LARGE);
        ask(LARGE + 2048);
        settle(&event_loop);
        let both = [(LARGE, true), (LARGE + 2048, false)];
        assert_eq!(answers.take(), both, "now, and never");
        socket.send(&vec![7; LARGE]).unwrap();
        let most = LARGE - 4096;
        ask(most);
        settle(&event_loop);
        assert_eq!(answers.take(), [], "nobody reads");
        gate.open();
        run_until(&event_loop, || !answers.borrow().is_empty());
        assert_eq!(answers.take(), [(most, true)]);
        assert_eq!(socket.send("next"), Ok(true));
        run_until(&event_loop, || socket.buffered_amount() == 0);
        socket.close();
        ask(1);
        settle(&event_loop);
        assert_eq!(answers.take(), [(1, false)], "it is closing");
        event_loop.run();
        peer.join();
    });
}

/// Whoever waits for room is told also where the connection ends.
#[test]
fn no_room_is_waited_for_when_all_is_over() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.accept_upgrade();
                gate.wait();
                wire.reset();
            }
        });
        let limits = Limits {
            send_queue: LARGE,
            high_water: LARGE,
            ..Limits::default()
        };
        let agent = UserAgent::builder().limits(limits).build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        let noise: Vec<u8> = (0..LARGE as u32 - 1024)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        socket.send(&noise).unwrap();
        let answer = Rc::new(Cell::new(None));
        event_loop.spawn({
            let (room, answer) = (socket.room_for(LARGE - 4096), answer.clone());
            async move { answer.set(Some(room.await)) }
        });
        settle(&event_loop);
        assert_eq!(answer.get(), None);
        gate.open();
        event_loop.run();
        assert_eq!(answer.get(), Some(false));
        peer.join();
    });
}
