//! The event `drain`: when to go on where there was no room.

use super::room::{LARGE, open};
use dom_websocket::{Edition, EventLoop, Limits, Server, UserAgent, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use support::{Frame, Gate, Peer, bounded, opened, run_until, settle};

/// Everything that was taken arrives, however often there was no room; `drain` says when to go on.
#[test]
fn drain_follows_each_time_there_was_no_room() {
    bounded(|| {
        const MESSAGES: usize = 500;
        for edition in [Edition::Living, Edition::Html5] {
            let event_loop = EventLoop::new();
            let server = Server::builder(&event_loop)
                .compression(false)
                .listen("127.0.0.1:0")
                .unwrap();
            let next = Rc::new(Cell::new(0));
            server.set_onconnection({
                let next = next.clone();
                move |socket, _| {
                    let next = next.clone();
                    socket.set_onmessage(move |event| {
                        let text = event.data().to_string();
                        assert_eq!(text.trim(), next.get().to_string());
                        next.set(next.get() + 1);
                    });
                }
            });
            let url = format!("ws://{}/", server.local_addr());
            let limits = Limits {
                high_water: 100_000,
                ..Limits::default()
            };
            let agent = UserAgent::builder().limits(limits).build();
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .user_agent(&agent)
                .open()
                .unwrap();
            let sent = Rc::new(Cell::new(0));
            let send = move |socket: &WebSocket| {
                while sent.get() < MESSAGES {
                    if socket.try_send(format!("{:>10000}", sent.get())).is_err() {
                        // A high water, no more.
                        assert!(socket.buffered_amount() <= 100_000);
                        return;
                    }
                    sent.set(sent.get() + 1);
                }
                socket.close();
            };
            let send = Rc::new(send);
            socket.set_onopen({
                let send = send.clone();
                move |event| send(event.target())
            });
            let drains = Rc::new(Cell::new(0));
            socket.set_ondrain({
                let drains = drains.clone();
                move |event| {
                    drains.set(drains.get() + 1);
                    assert!(event.target().buffered_amount() <= 50_000);
                    send(event.target());
                }
            });
            socket.set_onclose(move |_| server.close());
            event_loop.run();
            assert_eq!(next.get(), MESSAGES, "{edition:?}");
            assert!(drains.get() > 10);
        }
    });
}

/// A socket that only waits for room lives on; one whose `drain` will not come does not.
#[test]
fn a_drain_listener_keeps_the_object_alive_until_there_is_room() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::binary(vec![7; LARGE]));
            wire.expect_from_client(&Frame::text("next"));
            wire.answer_close(&Frame::close_without_code());
        });
        let socket = open(&event_loop, &peer.url(), Limits::default());
        socket.set_ondrain(|event| event.target().try_send("next").is_ok());
        assert!(socket.try_send(vec![7; LARGE]).is_ok());
        assert!(socket.try_send("early").unwrap_err().would_block());
        drop(socket);
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_closed_connection_has_no_drain() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let (socket, recorder, peer) = opened(&event_loop, {
            let gate = gate.clone();
            move |wire| {
                gate.wait();
                wire.reset();
            }
        });
        let drained = Rc::new(Cell::new(false));
        let is_drained = drained.clone();
        socket.set_ondrain(move |_| is_drained.set(true));
        socket.send(vec![7; LARGE]).unwrap();
        assert!(socket.try_send("next").unwrap_err().would_block());
        settle(&event_loop);
        gate.open();
        event_loop.run();
        peer.join();
        assert!(recorder.has_ended() && !drained.get());
    });
}

/// A message that needs more room than half of the high water is announced once it has it: nobody is told in vain.
#[test]
fn drain_waits_for_the_message_that_was_not_taken() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.accept_upgrade();
                gate.wait();
                wire.expect_from_client(&Frame::binary(vec![7; LARGE]));
                wire.expect_from_client(&Frame::binary(vec![7; LARGE]));
                wire.answer_close(&Frame::close_without_code());
            }
        });
        let socket = open(&event_loop, &peer.url(), Limits::default());
        let drains = Rc::new(Cell::new(0));
        socket.set_ondrain({
            let drains = drains.clone();
            move |event| {
                drains.set(drains.get() + 1);
                let _ = event.target().try_send(vec![7; LARGE]);
            }
        });
        // It is over the high water by itself, and so is the next: which has to wait until the queue is empty.
        assert!(socket.try_send(vec![7; LARGE]).is_ok());
        assert!(socket.try_send(vec![7; LARGE]).is_err());
        settle(&event_loop);
        assert_eq!(drains.get(), 0);
        gate.open();
        run_until(&event_loop, || drains.get() > 0);
        run_until(&event_loop, || socket.buffered_amount() == 0);
        assert_eq!(drains.get(), 1);
        socket.close();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn drain_follows_where_the_queue_is_shorter_than_the_high_water() {
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
        let drained = Rc::new(Cell::new(false));
        let is_drained = drained.clone();
        socket.set_ondrain(move |_| is_drained.set(true));
        while socket.try_send("x".repeat(1000)).is_ok() {}
        run_until(&event_loop, || drained.get());
        socket.close();
        server.close();
        event_loop.run();
    });
}

/// What is not taken because the connection is not established yet is waited for too.
#[test]
fn drain_follows_once_it_is_open() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let heard = Rc::new(Cell::new(false));
        server.set_onconnection({
            let heard = heard.clone();
            move |socket, _| {
                let heard = heard.clone();
                socket.set_onmessage(move |_| heard.set(true));
            }
        });
        let socket =
            WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr())).unwrap();
        let order = Rc::new(RefCell::new(Vec::new()));
        socket.set_onopen({
            let order = order.clone();
            move |_| order.borrow_mut().push("open")
        });
        socket.set_ondrain({
            let order = order.clone();
            move |event| {
                order.borrow_mut().push("drain");
                assert!(event.target().try_send("at last").is_ok());
            }
        });
        assert!(socket.try_send("early").unwrap_err().would_block());
        run_until(&event_loop, || heard.get());
        assert_eq!(*order.borrow(), ["open", "drain"]);
        socket.close();
        server.close();
        event_loop.run();
    });
}
