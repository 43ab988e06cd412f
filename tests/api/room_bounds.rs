//! Where room ends: the bounds themselves, behind a blob, and once nothing can be sent any more.

use dom_websocket::{Blob, Edition, EventLoop, Limits, Server, TrySendError, UserAgent, WebSocket};
use futures::FutureExt;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use support::{Frame, Gate, Peer, bounded, run_until, settle};

/// More than the kernels of both ends take in.
const LARGE: usize = 16 << 20;

/// A message counts behind a blob as it will in the queue itself: what was taken is sent, whatever the bound, and what is
/// longer than the queue should be is not taken behind others.
#[test]
fn what_try_send_takes_behind_a_blob_is_never_too_much() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let received = Rc::new(Cell::new(0));
        server.set_onconnection({
            let received = received.clone();
            move |socket, _| {
                let received = received.clone();
                socket.set_onmessage(move |_| received.set(received.get() + 1));
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        for bound in (1000..1064).step_by(4) {
            let limits = Limits {
                send_queue: bound,
                high_water: bound,
                ..Limits::default()
            };
            let agent = UserAgent::builder()
                .limits(limits)
                .compression(false)
                .build();
            let socket = WebSocket::builder(&event_loop, &url)
                .user_agent(&agent)
                .open()
                .unwrap();
            run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
            let (sender, receiver) = futures::channel::oneshot::channel::<Vec<u8>>();
            let blob = Blob::unread(
                4,
                async move { receiver.await.map_err(std::io::Error::other) },
            );
            socket.send(blob).unwrap();
            assert!(socket.try_send("x".repeat(bound - 4)).is_err());
            let mut taken = 1;
            while socket.try_send("").is_ok() {
                taken += 1;
            }
            assert!(taken > 5, "{taken} of {bound}");
            received.set(0);
            sender.send(b"blob".to_vec()).unwrap();
            run_until(&event_loop, || received.get() == taken);
            assert_eq!(socket.buffered_amount(), 0);
            socket.close();
        }
        server.close();
        event_loop.run();
    });
}

/// There is a bound behind a blob too, where the network has room.
#[test]
fn more_than_a_high_water_waits_behind_a_blob() {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
    let url = format!("ws://{}/", server.local_addr());
    let limits = Limits {
        high_water: 1000,
        ..Limits::default()
    };
    let agent = UserAgent::builder().limits(limits).build();
    let socket = WebSocket::builder(&event_loop, &url)
        .user_agent(&agent)
        .open()
        .unwrap();
    run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
    socket
        .send(Blob::unread(10, std::future::pending()))
        .unwrap();
    assert!(socket.try_send("x".repeat(500)).is_ok());
    let would_block = socket.try_send("x".repeat(5000)).unwrap_err();
    assert!(would_block.would_block());
}

/// The bound itself is what the longest message has.
#[test]
fn the_longest_message_is_as_long_as_the_queue_may_be() {
    bounded(|| {
        const BOUND: usize = 4096;
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let received = Rc::new(RefCell::new(Vec::new()));
        server.set_onconnection({
            let received = received.clone();
            move |socket, _| {
                let received = received.clone();
                socket.set_onmessage(move |event| {
                    received.borrow_mut().push(event.data().to_string())
                });
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let limits = Limits {
            send_queue: BOUND,
            ..Limits::default()
        };
        let agent = UserAgent::builder()
            .limits(limits)
            .compression(false)
            .build();
        for edition in [Edition::Living, Edition::Html5] {
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .user_agent(&agent)
                .open()
                .unwrap();
            run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
            let (longest, longer) = ("x".repeat(BOUND), "x".repeat(BOUND + 1));
            assert_eq!(socket.room_for(BOUND).now_or_never(), Some(true));
            assert_eq!(socket.room_for(BOUND + 1).now_or_never(), Some(false));
            let too_long = TrySendError::TooLong(longer.as_str());
            assert_eq!(socket.try_send(longer.as_str()), Err(too_long));
            assert_eq!(socket.try_send(longest.as_str()), Ok(()));
            run_until(&event_loop, || !received.borrow().is_empty());
            assert_eq!(received.take(), [longest]);
            socket.close();
        }
        server.close();
        event_loop.run();
    });
}

/// The peer's closing frame came behind the message that is dispatched: nothing can be sent any more, though the socket is
/// open still.
#[test]
fn there_is_no_room_once_the_peer_has_closed() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            let both = [Frame::text("last"), Frame::close(1000, "")].map(|frame| frame.bytes());
            wire.send(&both.concat());
            wire.take_through_close();
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let seen = Rc::new(RefCell::new(Vec::new()));
        socket.set_onmessage({
            let seen = seen.clone();
            move |event| {
                let socket = event.target();
                seen.borrow_mut().push((
                    socket.ready_state(),
                    socket.room_for(1).now_or_never(),
                    socket.try_send("late").is_ok(),
                ));
            }
        });
        event_loop.run();
        assert_eq!(seen.take(), [(WebSocket::OPEN, Some(false), false)]);
        peer.join();
    });
}

/// Whoever is told first that there is room closes the socket. Both wait before there is any, and are told in that order
/// but for a wake from another thread between the two.
#[test]
fn a_socket_that_closes_meanwhile_does_not_drain() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.accept_upgrade();
                gate.wait();
                wire.expect_from_client(&Frame::binary(vec![7; LARGE]));
                wire.answer_close(&Frame::close_without_code());
            }
        });
        let agent = UserAgent::builder().compression(false).build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.send(vec![7; LARGE]).unwrap();
        event_loop.spawn({
            let (socket, weak) = (socket.clone(), event_loop.downgrade());
            async move {
                assert!(socket.room_for(Limits::default().high_water / 2).await);
                weak.upgrade().unwrap().queue_task(move || socket.close());
            }
        });
        settle(&event_loop);
        assert!(socket.try_send("more").is_err());
        socket.set_ondrain(|event| assert_eq!(event.target().ready_state(), WebSocket::OPEN));
        settle(&event_loop);
        gate.open();
        event_loop.run();
        peer.join();
    });
}
