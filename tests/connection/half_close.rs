//! `finish()`, and sockets that are half open: one end has sent all, and the other goes on.

use dom_websocket::{
    ActiveClose, AddEventListenerOptions, Blob, Edition, EventListener, EventLoop, Server,
    Timeouts, UserAgent, WebSocket,
};
use futures::channel::oneshot;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use support::{CLOSING, Frame, Peer, bounded, frame, run_until, settle, short_timeouts};

const EDITIONS: [Edition; 2] = [Edition::Html5, Edition::Living];

/// What happens to a socket: its type and the state at that moment, and the data or how clean it was.
fn record(socket: &WebSocket) -> Rc<RefCell<Vec<String>>> {
    let events = Rc::<RefCell<Vec<String>>>::default();
    for type_ in ["open", "message", "end", "error", "close"] {
        let events = events.clone();
        let listener = EventListener::new(move |event| {
            let state = event.target().ready_state();
            let detail = if let Some(message) = event.as_message_event() {
                message.data().to_string()
            } else if let Some(close) = event.as_close_event() {
                format!("{} {}", close.was_clean(), close.code())
            } else {
                String::new()
            };
            let line = format!("{state} {} {detail}", event.type_());
            events.borrow_mut().push(line.trim_end().to_owned());
        });
        // Ahead of the handlers, which may change the state.
        let options = AddEventListenerOptions {
            capture: true,
            ..Default::default()
        };
        socket.add_event_listener_with(type_, &listener, options);
    }
    events
}

fn html5(event_loop: &EventLoop, url: &str, half_open: bool) -> WebSocket {
    WebSocket::builder(event_loop, url)
        .edition(Edition::Html5)
        .half_open(half_open)
        .open()
        .unwrap()
}

/// After a client's `finish()` the server sends so much, in messages of 64 KiB; then it finishes too.
fn much_arrives_behind_our_finish(edition: Edition, messages: usize) {
    let event_loop = EventLoop::new();
    let server = Server::builder(&event_loop)
        .half_open(true)
        .compression(false)
        .listen("127.0.0.1:0")
        .unwrap();
    server.set_onconnection(move |socket, _| {
        let left = Rc::new(Cell::new(messages));
        let send = move |socket: &WebSocket| {
            while left.get() > 0 {
                let text = format!("{:>65535}", left.get());
                if socket.try_send(text).is_err() {
                    return;
                }
                left.set(left.get() - 1);
            }
            assert_eq!(socket.finish(), Ok(true));
        };
        let send = Rc::new(send);
        socket.set_ondrain({
            let send = send.clone();
            move |event| send(event.target())
        });
        socket.set_onend(move |event| {
            assert_eq!(event.target().ready_state(), WebSocket::OPEN);
            send(event.target());
        });
    });
    let socket = WebSocket::builder(&event_loop, &format!("ws://{}/", server.local_addr()))
        .edition(edition)
        .open()
        .unwrap();
    let left = Rc::new(Cell::new(messages));
    socket.set_onopen(|event| {
        assert_eq!(event.target().finish(), Ok(true));
        assert_eq!(event.target().ready_state(), WebSocket::CLOSING);
        assert_eq!(event.target().finish(), Ok(false));
    });
    socket.set_onmessage({
        let left = left.clone();
        move |event| {
            assert_eq!(event.target().ready_state(), WebSocket::CLOSING);
            assert_eq!(
                event.data().as_str().unwrap().trim(),
                left.get().to_string()
            );
            left.set(left.get() - 1);
        }
    });
    let is_closed = Rc::new(Cell::new(false));
    socket.set_onclose({
        let is_closed = is_closed.clone();
        move |event| {
            assert!(event.was_clean());
            is_closed.set(true);
            server.close();
        }
    });
    event_loop.run();
    assert!(is_closed.get());
    assert_eq!(left.get(), 0, "{edition:?}");
}

#[test]
fn sixteen_mebibytes_arrive_behind_our_finish() {
    for edition in EDITIONS {
        bounded(move || much_arrives_behind_our_finish(edition, 256));
    }
}

/// A server's `finish()`, and a client that is half open.
#[test]
fn a_client_can_go_on_behind_a_servers_finish() {
    for edition in EDITIONS {
        bounded(move || {
            let event_loop = EventLoop::new();
            let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
            let heard = Rc::<RefCell<Vec<String>>>::default();
            server.set_onconnection({
                let heard = heard.clone();
                move |socket, _| {
                    assert_eq!(socket.finish_with(4000, "all said"), Ok(true));
                    let heard = heard.clone();
                    socket.set_onmessage(move |event| {
                        heard.borrow_mut().push(event.data().to_string());
                    });
                }
            });
            let url = format!("ws://{}/", server.local_addr());
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .half_open(true)
                .open()
                .unwrap();
            let events = record(&socket);
            socket.set_onend(|event| {
                event.target().send("one")?;
                event.target().send("two")?;
                event.target().finish()
            });
            socket.set_onclose(move |_| server.close());
            event_loop.run();
            assert_eq!(*heard.borrow(), ["one", "two"], "{edition:?}");
            let code = if edition == Edition::Living {
                4000
            } else {
                1005
            };
            let expected = [
                "1 open".into(),
                "1 end".into(),
                format!("3 close true {code}"),
            ];
            assert_eq!(*events.borrow(), expected);
        });
    }
}

#[test]
fn our_closing_frame_waits_for_the_application() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(&[&frame("last")[..], CLOSING].concat());
            wire.expect(&frame("answer"));
            wire.expect(&[&frame("more")[..], CLOSING].concat());
            wire.expect_end();
        });
        let socket = html5(&event_loop, &peer.url(), true);
        let events = record(&socket);
        socket.set_onend(|event| event.target().send("answer"));
        run_until(&event_loop, || events.borrow().len() == 3);
        settle(&event_loop);
        assert_eq!(socket.ready_state(), WebSocket::OPEN);
        assert_eq!(socket.send("more"), Ok(true));
        socket.close();
        event_loop.run();
        peer.join();
        let expected = ["1 open", "1 message last", "1 end", "3 close true 1005"];
        assert_eq!(*events.borrow(), expected);
    });
}

#[test]
fn where_nobody_listens_for_it_the_end_is_answered_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let socket = html5(&event_loop, &peer.url(), true);
        let closed = Rc::new(Cell::new(false));
        let is_closed = closed.clone();
        socket.set_onclose(move |event| is_closed.set(event.was_clean()));
        event_loop.run();
        peer.join();
        assert!(closed.get());
    });
}

#[test]
fn a_socket_that_is_not_half_open_has_no_end_event() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let socket = html5(&event_loop, &peer.url(), false);
        let events = record(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(*events.borrow(), ["1 open", "3 close true 1005"]);
    });
}

/// What `close()` drops in the living edition `finish()` delivers, until `close()` says that no more is wanted.
#[test]
fn messages_behind_finish_are_delivered_and_those_behind_close_are_not() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::close_without_code());
            wire.send_frame(&Frame::text("wanted"));
            receiver.recv().unwrap();
            wire.send_frame(&Frame::text("not wanted"));
            wire.send_frame(&Frame::close(1000, "bye"));
            wire.finish();
            wire.expect_end();
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let events = record(&socket);
        socket.set_onopen(|event| event.target().finish());
        run_until(&event_loop, || events.borrow().len() == 2);
        socket.close();
        sender.send(()).unwrap();
        event_loop.run();
        peer.join();
        assert_eq!(
            *events.borrow(),
            ["1 open", "2 message wanted", "3 close true 1000"]
        );
    });
}

#[test]
fn finish_is_for_an_open_socket() {
    bounded(|| {
        for edition in EDITIONS {
            let event_loop = EventLoop::new();
            let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
            server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
            let url = format!("ws://{}/", server.local_addr());
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .open()
                .unwrap();
            assert_eq!(socket.finish().unwrap_err().name(), "InvalidStateError");
            let too_long = "x".repeat(124);
            if edition == Edition::Living {
                let code = socket.finish_with(1001, "").unwrap_err();
                let reason = socket.finish_with(4000, &too_long).unwrap_err();
                assert_eq!(
                    (code.name(), reason.name()),
                    ("InvalidAccessError", "SyntaxError")
                );
            }
            run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
            socket.close();
            assert_eq!(socket.finish(), Ok(false));
            server.close();
            event_loop.run();
            assert_eq!(socket.ready_state(), WebSocket::CLOSED);
            assert_eq!(socket.finish(), Ok(false));
        }
    });
}

#[test]
fn our_end_waits_for_a_blob_that_is_being_read() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::binary("read late"));
            wire.expect_from_client(&Frame::close(3000, "done"));
            wire.send_frame(&Frame::text("still wanted"));
            wire.send_frame(&Frame::close(3000, ""));
            wire.finish();
            wire.expect_end();
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let events = record(&socket);
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        let (sender, receiver) = oneshot::channel::<Vec<u8>>();
        let blob = Blob::unread(
            9,
            async move { receiver.await.map_err(std::io::Error::other) },
        );
        assert_eq!(socket.send(&blob), Ok(true));
        assert_eq!(socket.finish_with(3000, "done"), Ok(true));
        settle(&event_loop);
        sender.send(b"read late".to_vec()).unwrap();
        event_loop.run();
        peer.join();
        let expected = ["1 open", "2 message still wanted", "3 close true 3000"];
        assert_eq!(*events.borrow(), expected);
    });
}

#[test]
fn a_peer_that_is_silent_behind_our_finish_is_left_after_the_bound() {
    for edition in EDITIONS {
        bounded(move || {
            let event_loop = EventLoop::new();
            let peer = Peer::serve(move |mut wire| {
                if edition == Edition::Living {
                    wire.accept_upgrade();
                } else {
                    wire.accept_client();
                }
                wire.take_rest();
            });
            let timeouts = Timeouts {
                finished: Some(Duration::from_millis(100)),
                ..Timeouts::default()
            };
            let agent = UserAgent::builder().timeouts(timeouts).build();
            let socket = WebSocket::builder(&event_loop, &peer.url())
                .edition(edition)
                .user_agent(&agent)
                .open()
                .unwrap();
            let events = record(&socket);
            socket.set_onopen(|event| event.target().finish());
            event_loop.run();
            peer.join();
            assert_eq!(*events.borrow(), ["1 open", "3 close false 1006"]);
        });
    }
}

/// The other way round than the edition has it: a client that ends TCP at once, and one that leaves it to the server.
#[test]
fn who_ends_tcp_first_can_be_chosen() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder()
            .active_close(ActiveClose::Ours)
            .timeouts(Timeouts {
                end_of_stream: Duration::from_secs(60),
                ..Timeouts::default()
            })
            .build();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.answer_close(&Frame::close_without_code());
        });
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let events = record(&socket);
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
        peer.join();
        assert_eq!(*events.borrow(), ["1 open", "3 close true 1005"]);
    });
    bounded(|| {
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder()
            .active_close(ActiveClose::Peers)
            .timeouts(Timeouts {
                end_of_stream: Duration::from_secs(60),
                ..Timeouts::default()
            })
            .build();
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.send(CLOSING);
            wire.set_patience(Duration::from_millis(200));
            assert!(wire.take_some().is_err(), "the client waits for our end");
            wire.finish();
            wire.set_patience(support::PATIENCE);
            wire.expect_end();
        });
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(Edition::Html5)
            .user_agent(&agent)
            .open()
            .unwrap();
        let events = record(&socket);
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
        peer.join();
        assert_eq!(*events.borrow(), ["1 open", "3 close true 1005"]);
    });
}

#[test]
fn a_handle_that_is_dropped_behind_finish_lets_the_peer_go_on_no_longer_than_the_closing_handshake()
{
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.take_rest();
        });
        let agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(Edition::Html5)
            .user_agent(&agent)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        assert_eq!(socket.finish(), Ok(true));
        drop(socket);
        event_loop.run();
        peer.join();
    });
}

/// Whoever has been told of the peer's end, and keeps nothing of the socket, has no more to say: there is no second end,
/// and no message, for whose listeners it would be held for ever.
#[test]
fn an_end_that_nobody_can_answer_any_more_is_answered() {
    bounded(|| {
        for edition in EDITIONS {
            let event_loop = EventLoop::new();
            let server = Server::builder(&event_loop)
                .half_open(true)
                .listen("127.0.0.1:0")
                .unwrap();
            let ends = Rc::new(Cell::new(0));
            server.set_onconnection({
                let ends = ends.clone();
                move |socket, _| {
                    let ends = ends.clone();
                    socket.set_onmessage(|_| ());
                    socket.set_onend(move |event| {
                        ends.set(ends.get() + 1);
                        event.target().send("heard")
                    });
                }
            });
            let url = format!("ws://{}/", server.local_addr());
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .open()
                .unwrap();
            let events = record(&socket);
            socket.set_onopen(|event| event.target().finish());
            socket.set_onclose(move |_| server.close());
            event_loop.run();
            assert_eq!(ends.get(), 1);
            let expected = ["1 open", "2 message heard", "3 close true 1005"];
            assert_eq!(*events.borrow(), expected, "{edition:?}");
        }
    });
}
