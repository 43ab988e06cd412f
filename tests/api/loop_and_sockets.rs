//! Many sockets on one loop, the end of a loop that has sockets, and what both leave behind.

use dom_websocket::{EventLoop, Server, WebSocket};
use futures::future::join;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use support::{
    Backend, CLOSING, Gate, PATIENCE, Peer, block_on, bounded, frame, run_until, settle,
};

/// Gives this socket a handler of each kind that holds this, and the socket itself.
fn hold_in_handlers(socket: &WebSocket, held: &Rc<()>) {
    let holder = || {
        let (socket, held) = (socket.clone(), held.clone());
        move || {
            let _both = (&socket, &held);
        }
    };
    let hold = holder();
    socket.set_onopen(move |_| hold());
    let hold = holder();
    socket.set_onmessage(move |_| hold());
    let hold = holder();
    socket.set_onerror(move |_| hold());
    let hold = holder();
    socket.set_onclose(move |_| hold());
    for type_ in ["open", "close", "other"] {
        let hold = holder();
        socket.add_event_listener(type_, move |_| hold());
    }
}

fn holders(held: &Rc<()>) -> usize {
    Rc::strong_count(held) - 1
}

#[test]
fn a_hundred_sockets_go_through_their_sessions_at_once_and_leave_nothing() {
    bounded(|| {
        const COUNT: usize = 100;
        let event_loop = EventLoop::new();
        let held = Rc::new(());
        let backend = Backend::new(&event_loop, {
            let held = held.clone();
            move |socket| {
                hold_in_handlers(socket, &held);
                socket.set_onmessage(|event| event.target().send(event.data().as_str().unwrap()));
            }
        });
        let left = Rc::new(Cell::new(COUNT));
        let server = backend.server.clone();
        let recorders: Vec<_> = (0..COUNT)
            .map(|number| {
                let (socket, recorder) = backend.open(&event_loop);
                hold_in_handlers(&socket, &held);
                socket.set_onopen(move |event| event.target().send(format!("{number}")));
                socket.set_onmessage(|event| event.target().close());
                let (left, server) = (left.clone(), server.clone());
                socket.set_onclose(move |_| {
                    left.set(left.get() - 1);
                    if left.get() == 0 {
                        server.close();
                    }
                });
                recorder
            })
            .collect();
        assert!(holders(&held) > COUNT);
        event_loop.run();
        for (number, recorder) in recorders.iter().enumerate() {
            let message = format!("OPEN message {number}");
            assert_eq!(
                recorder.finished(),
                ["OPEN open", &message, "CLOSED close clean"]
            );
        }
        backend.sockets.take();
        drop((backend, server));
        assert_eq!(holders(&held), 0);
    });
}

#[test]
fn a_closed_socket_lets_go_of_listeners_that_hold_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let held = Rc::new(());
        let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
        hold_in_handlers(&socket, &held);
        socket.close();
        assert_eq!(holders(&held), 7);
        event_loop.run();
        assert_eq!(holders(&held), 0, "although there still is a handle");
    });
}

#[test]
fn a_listener_that_the_close_event_adds_is_let_go_too() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let held = Rc::new(());
        let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
        socket.set_onclose({
            let held = held.clone();
            move |event| hold_in_handlers(event.target(), &held)
        });
        socket.close();
        event_loop.run();
        assert_eq!(holders(&held), 0);
    });
}

/// A peer that opens the connection and returns what comes up to its end.
fn witness(event_loop: &EventLoop) -> (Peer<Vec<u8>>, Gate) {
    let is_open = Gate::new(event_loop);
    let peer = Peer::serve({
        let is_open = is_open.clone();
        move |mut wire| {
            wire.accept_client();
            is_open.open();
            wire.take_rest().0
        }
    });
    (peer, is_open)
}

#[test]
fn the_end_of_the_loop_ends_its_connections_and_lets_go_of_all_listeners() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let held = Rc::new(());
        let (peer, is_open) = witness(&event_loop);
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        hold_in_handlers(&socket, &held);
        socket.add_event_listener("close", |_| -> () { panic!("no task runs any more") });
        is_open.run(&event_loop);
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        drop(event_loop);
        assert_eq!(peer.join(), b"", "no closing frame");
        assert_eq!(holders(&held), 0);
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        // What is left of the object can be used.
        assert_eq!(socket.send("x"), Ok(false));
        socket.close();
    });
}

#[test]
fn the_end_of_the_loop_lets_go_of_sockets_without_any_other_handle() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let held = Rc::new(());
        let (peer, is_open) = witness(&event_loop);
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        hold_in_handlers(&socket, &held);
        drop(socket);
        is_open.run(&event_loop);
        settle(&event_loop);
        assert!(holders(&held) > 0, "its listeners keep it alive");
        drop(event_loop);
        assert_eq!(peer.join(), b"");
        assert_eq!(holders(&held), 0);
    });
}

#[test]
fn the_end_of_a_loop_that_took_no_turn_lets_go_of_all_listeners() {
    let event_loop = EventLoop::new();
    let held = Rc::new(());
    let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
    hold_in_handlers(&socket, &held);
    drop(socket);
    drop(event_loop);
    assert_eq!(holders(&held), 0);
}

#[test]
fn the_end_of_the_loop_with_a_close_task_in_its_queue_lets_go_of_all_listeners() {
    bounded(|| {
        for takes_a_turn in [false, true] {
            let event_loop = EventLoop::new();
            let held = Rc::new(());
            let (peer, is_open) = witness(&event_loop);
            let socket = support::html5(&event_loop, &peer.url()).unwrap();
            hold_in_handlers(&socket, &held);
            if takes_a_turn {
                is_open.run(&event_loop);
            }
            // While it is connecting this queues the close task at once.
            socket.close();
            drop((socket, event_loop));
            assert_eq!(holders(&held), 0, "takes a turn: {takes_a_turn}");
            if takes_a_turn {
                peer.join();
            }
        }
    });
}

#[test]
fn a_listener_that_is_added_after_the_loops_end_does_not_keep_its_socket_alive() {
    let event_loop = EventLoop::new();
    let held = Rc::new(());
    let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
    drop(event_loop);
    socket.set_onmessage({
        let held = held.clone();
        move |_| drop(held.clone())
    });
    assert_eq!(socket.ready_state(), WebSocket::CLOSED, "it took no turn");
    assert_eq!(socket.send("x"), Ok(false));
    drop(socket);
    assert_eq!(holders(&held), 0, "the listener does not hold the socket");
}

#[test]
fn the_end_of_the_loop_ends_its_servers_and_handshakes() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let held = Rc::new(());
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let address = server.local_addr();
        server.set_onrequest({
            let (server, held) = (server.clone(), held.clone());
            move |_| {
                let _both = (&server, &held);
                dom_websocket::Answer::accept()
            }
        });
        let is_half_way = Gate::new(&event_loop);
        let client = Peer::call(address, {
            let is_half_way = is_half_way.clone();
            move |mut wire| {
                wire.send(b"GET / HTTP/1.1\r\n");
                is_half_way.open();
                wire.take_rest()
            }
        });
        is_half_way.run(&event_loop);
        settle(&event_loop);
        server.close();
        assert_eq!(holders(&held), 0, "close lets go of the callbacks");
        drop(event_loop);
        assert_eq!(client.join().0, b"");
        assert!(
            std::net::TcpStream::connect(address).is_err(),
            "nobody listens"
        );
    });
}

#[test]
fn a_socket_that_outlives_its_loop_keeps_the_loop_idle_and_no_connection() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (peer, is_open) = witness(&event_loop);
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        is_open.run(&event_loop);
        let handle = event_loop.handle();
        drop(event_loop);
        assert_eq!(peer.join(), b"");
        assert!(!handle.queue_task(|| ()));
        drop(socket);
    });
}

#[test]
fn a_socket_can_be_opened_from_the_close_event_of_another() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            for _ in 0..3 {
                let mut wire = support::accept(&listener);
                wire.accept_client();
                wire.send(CLOSING);
                wire.expect(CLOSING);
                wire.expect_end();
            }
        });
        fn open(event_loop: &EventLoop, url: &str, left: usize, closed: Rc<Cell<usize>>) {
            let socket = support::html5(event_loop, url).unwrap();
            let (event_loop, url) = (event_loop.clone(), url.to_owned());
            socket.set_onclose(move |event| {
                assert!(event.was_clean());
                closed.set(closed.get() + 1);
                if left > 1 {
                    open(&event_loop, &url, left - 1, closed.clone());
                }
            });
        }
        let event_loop = EventLoop::new();
        let closed = Rc::default();
        open(&event_loop, &peer.url(), 3, Rc::clone(&closed));
        event_loop.run();
        peer.join();
        assert_eq!(closed.get(), 3);
    });
}

#[test]
fn what_a_turns_tasks_send_has_left_when_the_turn_ends_however_busy_the_others_are() {
    bounded(|| {
        const BUSY: usize = 3;
        const MESSAGES: usize = 60_000;
        let event_loop = EventLoop::new();
        let may_send = Gate::new(&event_loop);
        let have_sent: Vec<_> = (0..BUSY).map(|_| Gate::new(&event_loop)).collect();
        // Peers whose messages fill several reads.
        let busy: Vec<_> = have_sent
            .iter()
            .map(|has_sent| {
                let (may_send, has_sent) = (may_send.clone(), has_sent.clone());
                Peer::serve(move |mut wire| {
                    wire.accept_client();
                    may_send.wait();
                    wire.send(&frame("x").repeat(MESSAGES));
                    has_sent.open();
                    wire.take_rest();
                })
            })
            .collect();
        let (quiet, quiet_is_open) = witness(&event_loop);
        let received = Rc::new(Cell::new(0));
        let sockets: Vec<_> = busy
            .iter()
            .map(|peer| {
                let socket = support::html5(&event_loop, &peer.url()).unwrap();
                let received = received.clone();
                socket.set_onmessage(move |_| received.set(received.get() + 1));
                socket
            })
            .collect();
        let socket = support::html5(&event_loop, &quiet.url()).unwrap();
        quiet_is_open.run(&event_loop);
        let is_open = |socket: &WebSocket| socket.ready_state() == WebSocket::OPEN;
        run_until(&event_loop, || {
            sockets.iter().all(is_open) && is_open(&socket)
        });
        settle(&event_loop);
        may_send.open();
        for has_sent in &have_sent {
            has_sent.wait();
        }
        while received.get() < BUSY * MESSAGES {
            let socket_of_task = socket.clone();
            event_loop.queue_task(move || {
                socket_of_task.send("x").unwrap();
            });
            event_loop.turn();
            assert_eq!(socket.buffered_amount(), 0, "it waits for another turn");
        }
        drop((event_loop, sockets, socket));
        quiet.join();
        for peer in busy {
            peer.join();
        }
    });
}

#[test]
fn whoever_asks_to_be_called_while_the_loop_waits_is_called() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (tell, told) = mpsc::channel();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_client();
            told.recv().unwrap();
            wire.send(&frame("now"));
            wire.expect(CLOSING);
            wire.send(CLOSING);
            wire.expect_end();
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        socket.set_onmessage(|event| event.target().close());
        // Up to here nobody is to be called, and nobody watches in its stead.
        while socket.ready_state() != WebSocket::OPEN {
            event_loop.turn();
            thread::sleep(Duration::from_millis(1));
        }
        settle(&event_loop);
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
        while woken.try_recv().is_ok() {}
        tell.send(()).unwrap();
        woken.recv_timeout(PATIENCE).unwrap();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_loop_that_always_has_something_to_do_lets_others_have_their_turn() {
    bounded(|| {
        fn chain(event_loop: &EventLoop, goes_on: Rc<Cell<bool>>) {
            let next = event_loop.clone();
            event_loop.queue_task(move || {
                if goes_on.get() {
                    chain(&next, goes_on);
                }
            });
        }
        let event_loop = EventLoop::new();
        let goes_on = Rc::new(Cell::new(true));
        chain(&event_loop, goes_on.clone());
        let others = async { goes_on.set(false) };
        block_on(join(event_loop.until_idle(), others));
    });
}
