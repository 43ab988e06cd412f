//! How long a socket lives that nobody has a handle of, and what becomes of its connection then.

use dom_websocket::{
    AbortController, AddEventListenerOptions, Dispatch, Document, Edition, EventListener,
    EventLoop, WebSocket,
};
use std::cell::RefCell;
use std::net::TcpListener;
use std::rc::Rc;
use support::{CLOSING, End, Gate, Peer, Wire, bounded, frame, run_until, settle};

/// A peer that opens the connection and plays on.
fn peer(event_loop: &EventLoop, script: impl FnOnce(Wire) + Send + 'static) -> (Peer, Gate) {
    let is_open = Gate::new(event_loop);
    let peer = Peer::serve({
        let is_open = is_open.clone();
        move |mut wire| {
            wire.accept_client();
            is_open.open();
            script(wire);
        }
    });
    (peer, is_open)
}

/// A socket without listeners that is open.
fn open(event_loop: &EventLoop, peer: &Peer) -> WebSocket {
    let socket = support::html5(event_loop, &peer.url()).unwrap();
    run_until(event_loop, || socket.ready_state() == WebSocket::OPEN);
    socket
}

#[derive(Clone, Default)]
struct Lines(Rc<RefCell<Vec<String>>>);

impl Lines {
    fn note(&self, event: Dispatch<'_>) {
        let line = match event.as_message_event() {
            Some(message) => format!("message {}", message.data()),
            None => event.type_().to_owned(),
        };
        self.0.borrow_mut().push(line);
    }

    fn listener(&self) -> impl Fn(Dispatch<'_>) + 'static {
        let lines = self.clone();
        move |event| lines.note(event)
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

#[test]
fn the_last_handle_of_a_socket_without_listeners_ends_tcp_behind_what_was_queued() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let long = "x".repeat(1 << 20);
        let expected = [frame("first"), frame(&long)].concat();
        let (peer, _) = peer(&event_loop, move |mut wire| {
            let (bytes, end) = wire.take_rest();
            assert!(
                bytes == expected,
                "{} bytes and no closing frame",
                bytes.len()
            );
            assert_eq!(end, End::Fin);
        });
        let socket = open(&event_loop, &peer);
        let second_handle = socket.clone();
        socket.send("first").unwrap();
        drop(socket);
        second_handle.send(&long).unwrap();
        drop(second_handle);
        event_loop.run();
        peer.join();
    });
}

#[test]
fn the_last_handle_of_a_socket_that_took_no_turn_opens_no_connection() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let event_loop = EventLoop::new();
        drop(support::html5(&event_loop, &url).unwrap());
        event_loop.run();
        assert!(listener.accept().is_err(), "nobody called");
    });
}

#[test]
fn the_last_handle_during_the_handshake_ends_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_asked = is_asked.clone();
            move |mut wire| {
                wire.take_request();
                is_asked.open();
                wire.expect_end();
            }
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        is_asked.run(&event_loop);
        drop(socket);
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_socket_that_is_listened_to_for_messages_lives_without_a_handle() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let lines = Lines::default();
        let (peer, _) = peer(&event_loop, |mut wire| {
            wire.send(&frame("one"));
            wire.expect(&frame("answer"));
            wire.send(&frame("two"));
            wire.expect(&frame("answer"));
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        socket.add_event_listener("message", lines.listener());
        socket.set_onmessage(|event| event.target().send("answer"));
        drop(socket);
        event_loop.run();
        peer.join();
        assert_eq!(lines.take(), ["message one", "message two"]);
    });
}

#[test]
fn any_listener_that_can_still_be_reached_keeps_a_connecting_socket_alive() {
    bounded(|| {
        for (type_, line) in [
            ("open", "open"),
            ("message", "message x"),
            ("error", "error"),
            ("close", "close"),
        ] {
            let event_loop = EventLoop::new();
            let lines = Lines::default();
            let (peer, _) = peer(&event_loop, |mut wire| {
                let _ = wire.try_send(&[b"\x80\x00", &frame("x")[..], CLOSING].concat());
                wire.take_rest();
            });
            let socket = support::html5(&event_loop, &peer.url()).unwrap();
            socket.add_event_listener(type_, lines.listener());
            drop(socket);
            event_loop.run();
            peer.join();
            assert_eq!(lines.take(), [line]);
        }
    });
}

#[test]
fn a_listener_that_no_event_can_reach_any_more_does_not_keep_its_socket_alive() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let lines = Lines::default();
        let (peer, _) = peer(&event_loop, |mut wire| {
            wire.expect(&frame("sent by the handler"));
            wire.expect_end();
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        socket.add_event_listener("open", lines.listener());
        socket.add_event_listener("other", lines.listener());
        socket.set_onopen(|event| event.target().send("sent by the handler"));
        drop(socket);
        // There is nothing to be heard but `open`: no message, no close.
        event_loop.run();
        peer.join();
        assert_eq!(lines.take(), ["open"]);
    });
}

#[test]
fn a_close_listener_hears_of_the_end_without_a_handle() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let lines = Lines::default();
        let (peer, _) = peer(&event_loop, |mut wire| {
            wire.expect(CLOSING);
            wire.send(CLOSING);
            wire.expect_end();
        });
        let socket = open(&event_loop, &peer);
        socket.add_event_listener("close", lines.listener());
        socket.close();
        drop(socket);
        event_loop.run();
        peer.join();
        assert_eq!(lines.take(), ["close"]);
    });
}

#[test]
fn without_a_handle_the_last_listeners_removal_ends_the_connection() {
    bounded(|| {
        type Remove = Box<dyn Fn(&WebSocket)>;
        let listeners: [fn(&WebSocket) -> Remove; 3] = [
            |socket| {
                socket.set_onmessage(|_| ());
                Box::new(WebSocket::clear_onmessage)
            },
            |socket| {
                let listener = socket.add_event_listener("close", |_| ());
                Box::new(move |socket| socket.remove_event_listener("close", &listener, false))
            },
            |socket| {
                let controller = AbortController::new();
                let options = AddEventListenerOptions {
                    signal: Some(controller.signal()),
                    ..Default::default()
                };
                let listener = EventListener::new(|_: Dispatch<'_>| ());
                socket.add_event_listener_with("error", &listener, options);
                Box::new(move |_| controller.abort())
            },
        ];
        for (number, add) in listeners.into_iter().enumerate() {
            let event_loop = EventLoop::new();
            let is_set = Gate::new(&event_loop);
            let may_send = is_set.clone();
            let (peer, _) = peer(&event_loop, move |mut wire| {
                may_send.wait();
                wire.send(&frame("now"));
                let (bytes, end) = wire.take_rest();
                assert_eq!((bytes, end), (vec![], End::Fin), "listener {number}");
            });
            let socket = open(&event_loop, &peer);
            let remove = add(&socket);
            let once = AddEventListenerOptions {
                once: true,
                ..Default::default()
            };
            let remover = EventListener::new(move |event: Dispatch<'_>| remove(event.target()));
            socket.add_event_listener_with("message", &remover, once);
            drop((socket, remover));
            is_set.open();
            event_loop.run();
            peer.join();
        }
    });
}

#[test]
fn without_a_handle_the_last_once_listeners_call_ends_the_connection() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let lines = Lines::default();
        let is_set = Gate::new(&event_loop);
        let may_send = is_set.clone();
        let (peer, _) = peer(&event_loop, move |mut wire| {
            may_send.wait();
            wire.send(&frame("now"));
            wire.expect_end();
        });
        let socket = open(&event_loop, &peer);
        let once = AddEventListenerOptions {
            once: true,
            ..Default::default()
        };
        let listener = EventListener::new(lines.listener());
        socket.add_event_listener_with("message", &listener, once);
        drop((socket, listener));
        is_set.open();
        event_loop.run();
        peer.join();
        assert_eq!(lines.take(), ["message now"]);
    });
}

#[test]
fn a_signal_removes_the_last_listener_from_outside_of_the_loop() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (peer, _) = peer(&event_loop, |mut wire| wire.expect_end());
        let socket = open(&event_loop, &peer);
        let controller = AbortController::new();
        let options = AddEventListenerOptions {
            signal: Some(controller.signal()),
            ..Default::default()
        };
        let listener = EventListener::new(|_: Dispatch<'_>| ());
        socket.add_event_listener_with("message", &listener, options);
        drop(socket);
        controller.abort();
        event_loop.run();
        peer.join();
    });
}

#[test]
fn the_last_handle_behind_close_lets_the_closing_frame_leave() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (peer, _) = peer(&event_loop, |mut wire| {
            wire.expect(&frame("last words"));
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let socket = open(&event_loop, &peer);
        socket.send("last words").unwrap();
        socket.close();
        drop(socket);
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_handle_in_a_task_of_its_own_keeps_the_socket_alive() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (peer, _) = peer(&event_loop, |mut wire| {
            wire.expect(&frame("from the task"));
            wire.expect_end();
        });
        let socket = open(&event_loop, &peer);
        event_loop.queue_task(move || {
            socket.send("from the task").unwrap();
        });
        event_loop.run();
        peer.join();
    });
}

/// Where nothing can reach a listener any more its socket goes with the last handle, and what the listener holds with it.
#[test]
fn a_listener_that_nothing_will_reach_keeps_nothing() {
    bounded(|| {
        let holding = |held: &Rc<()>| {
            let held = held.clone();
            move |_: Dispatch<'_>| drop(held.clone())
        };
        let event_loop = EventLoop::new();
        let held = Rc::new(());

        // The last event has been.
        let (first, _) = peer(&event_loop, |mut wire| {
            wire.expect(CLOSING);
            wire.send(CLOSING);
            wire.expect_end();
        });
        let socket = open(&event_loop, &first);
        socket.close();
        run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
        first.join();
        settle(&event_loop);
        socket.add_event_listener("close", holding(&held));
        socket.set_onend(holding(&held));
        drop(socket);
        assert_eq!(Rc::strong_count(&held), 1, "closed");

        // No message is told behind close() in the living edition, and no end in either.
        for edition in [Edition::Living, Edition::Html5] {
            let is_over = Gate::new(&event_loop);
            let may_end = is_over.clone();
            let silent = Peer::serve(move |mut wire| {
                match edition {
                    Edition::Html5 => drop(wire.accept_client()),
                    _ => drop(wire.accept_upgrade()),
                }
                may_end.wait();
            });
            let socket = WebSocket::builder(&event_loop, &silent.url())
                .edition(edition)
                .open()
                .unwrap();
            run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
            if edition == Edition::Living {
                socket.add_event_listener("message", holding(&held));
            }
            socket.set_onend(holding(&held));
            socket.close();
            drop(socket);
            assert_eq!(Rc::strong_count(&held), 1, "closing, {edition:?}");
            is_over.open();
            silent.join();
        }

        // Its page is gone.
        let document = Document::new("http://example.com/").unwrap();
        let socket = WebSocket::builder(&event_loop, "ws://127.0.0.1:9/")
            .document(&document)
            .open()
            .unwrap();
        document.unload();
        socket.add_event_listener("message", holding(&held));
        socket.set_onend(holding(&held));
        drop(socket);
        assert_eq!(Rc::strong_count(&held), 1, "unloaded");
    });
}
