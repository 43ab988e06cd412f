//! Room in the queue: `room_for()` and `try_send()`.

use dom_websocket::{Blob, Edition, EventLoop, Limits, Server, TrySendError, UserAgent, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use support::{Frame, Gate, Peer, bounded, opened, run_until, settle};

/// More than the kernels of both ends take in.
pub(super) const LARGE: usize = 16 << 20;

/// A user agent whose queues are as long as what is sent.
fn uncompressed(limits: Limits) -> UserAgent {
    let mut builder = UserAgent::builder();
    builder.limits(limits).compression(false).build()
}

/// A socket of one, which is open.
pub(super) fn open(event_loop: &EventLoop, url: &str, limits: Limits) -> WebSocket {
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(&uncompressed(limits))
        .open()
        .unwrap();
    run_until(event_loop, || socket.ready_state() == WebSocket::OPEN);
    socket
}

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
        let agent = uncompressed(limits);
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
        // No turn is long enough to connect.
        event_loop.turn();
        assert_eq!(answers.take(), [], "it is connecting");
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        settle(&event_loop);
        assert_eq!(answers.take(), [(1, true)]);
        ask(LARGE);
        ask(LARGE + 2048);
        settle(&event_loop);
        let both = [(LARGE, true), (LARGE + 2048, false)];
        assert_eq!(answers.take(), both, "now, and never");
        socket.send(vec![7; LARGE]).unwrap();
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
        let mut agent = UserAgent::builder();
        let agent = agent.limits(limits).compression(false).build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.send(vec![7; LARGE - 1024]).unwrap();
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

/// A message that is not taken comes back, with the reason.
#[test]
fn try_send_gives_back_what_it_does_not_take() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        let url = format!("ws://{}/", server.local_addr());
        let limits = Limits {
            send_queue: 4096,
            high_water: 1024,
            ..Limits::default()
        };
        let agent = uncompressed(limits);
        let open = |edition| {
            WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .user_agent(&agent)
                .open()
                .unwrap()
        };
        for edition in [Edition::Living, Edition::Html5] {
            let socket = open(edition);
            let connecting = socket.try_send("early").unwrap_err();
            assert_eq!(connecting, TrySendError::WouldBlock("early"));
            run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
            let too_long = "x".repeat(5000);
            let refused = socket.try_send(too_long.clone()).unwrap_err();
            assert!(!refused.would_block());
            assert_eq!(refused, TrySendError::TooLong(too_long));
            // The first is taken, however long; then there is no room.
            assert!(socket.try_send("y".repeat(3000)).is_ok());
            let would_block = socket.try_send(String::from("next")).unwrap_err();
            assert!(would_block.would_block());
            assert_eq!(would_block.to_string(), "there is no room in the queue yet");
            assert_eq!(format!("{would_block:?}"), "WouldBlock(..)");
            assert_eq!(would_block.into_inner(), "next");
            assert_eq!(socket.buffered_amount(), 3000);
            let bytes = vec![1, 2, 3];
            match edition {
                Edition::Html5 => {
                    let refused = socket.try_send(bytes.clone()).unwrap_err();
                    assert_eq!(refused, TrySendError::Unsupported(bytes));
                }
                _ => assert!(socket.try_send(bytes).unwrap_err().would_block()),
            }
            run_until(&event_loop, || socket.buffered_amount() == 0);
            assert!(socket.try_send("next").is_ok());
            socket.close();
            assert_eq!(socket.try_send("late"), Err(TrySendError::Closed("late")));
            assert_eq!(socket.buffered_amount(), 4, "it does not count");
        }
        server.close();
        event_loop.run();
    });
}

/// All kinds of data, in order with what `send()` sends, and behind a blob that is being read.
#[test]
fn try_send_keeps_the_order() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (socket, _recorder, peer) = opened(&event_loop, |mut wire| {
            wire.expect_from_client(&Frame::text("one"));
            wire.expect_from_client(&Frame::text("two"));
            wire.expect_from_client(&Frame::binary("three"));
            wire.expect_from_client(&Frame::binary("four"));
            wire.expect_from_client(&Frame::text("five"));
            wire.answer_close(&Frame::close_without_code());
        });
        let (sender, receiver) = futures::channel::oneshot::channel::<Vec<u8>>();
        let blob = Blob::unread(
            4,
            async move { receiver.await.map_err(std::io::Error::other) },
        );
        assert_eq!(socket.try_send("one"), Ok(()));
        assert_eq!(socket.send("two"), Ok(true));
        assert_eq!(socket.try_send(b"three".to_vec()), Ok(()));
        assert!(socket.try_send(blob).is_ok());
        assert_eq!(socket.try_send(String::from("five")), Ok(()));
        assert_eq!(socket.buffered_amount(), 3 + 3 + 5 + 4 + 4);
        settle(&event_loop);
        sender.send(b"four".to_vec()).unwrap();
        run_until(&event_loop, || socket.buffered_amount() == 0);
        socket.close();
        event_loop.run();
        peer.join();
    });
}

/// Futures that wait for room end with the object, and hold nothing.
#[test]
fn no_room_is_waited_for_when_the_object_is_gone() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let socket = WebSocket::new(&event_loop, &url).unwrap();
        let answer = Rc::new(Cell::new(None));
        event_loop.spawn({
            let (room, answer) = (socket.room_for(1), answer.clone());
            async move { answer.set(Some(room.await)) }
        });
        settle(&event_loop);
        assert_eq!(answer.get(), None, "nobody answers");
        drop(socket);
        event_loop.run();
        assert_eq!(answer.get(), Some(false));
    });
}

/// A queue that is shorter than the high water is the one that counts: to ask never costs the connection.
#[test]
fn a_short_queue_blocks_and_closes_nothing() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        let limits = Limits {
            send_queue: 4096,
            ..Limits::default()
        };
        let socket = open(
            &event_loop,
            &format!("ws://{}/", server.local_addr()),
            limits,
        );
        for size in [1, 100, 3000] {
            let mut taken = 0;
            while socket.try_send("x".repeat(size)).is_ok() {
                taken += 1;
            }
            assert!(taken > 0);
            run_until(&event_loop, || socket.buffered_amount() == 0);
            assert_eq!(socket.ready_state(), WebSocket::OPEN);
        }
        // What waits behind a blob counts too.
        let (sender, receiver) = futures::channel::oneshot::channel::<Vec<u8>>();
        let blob = Blob::unread(1000, async move {
            receiver.await.map_err(std::io::Error::other)
        });
        assert!(socket.try_send(blob).is_ok());
        let mut taken = 0;
        while socket.try_send("x".repeat(10)).is_ok() {
            taken += 1;
        }
        assert!(taken > 1);
        sender.send(vec![7; 1000]).unwrap();
        run_until(&event_loop, || socket.buffered_amount() == 0);
        assert_eq!(socket.ready_state(), WebSocket::OPEN);
        socket.close();
        server.close();
        event_loop.run();
    });
}
