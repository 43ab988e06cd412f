//! Observers that act on what they are told, or fail over it.

use dom_websocket::{Edition, EventLoop, Failure, Server, Step, Timeouts, UserAgent, WebSocket};
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use support::{Peer, accept, bounded};

/// Also one that follows no more: nobody goes on in its name.
#[test]
fn a_socket_that_is_closed_over_a_redirect_follows_it_no_further() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            wire.take_upgrade();
            let address = listener.local_addr().unwrap();
            let redirect = format!("HTTP/1.1 302 Found\r\nLocation: ws://{address}/other\r\n\r\n");
            wire.send(redirect.as_bytes());
            wire.take_rest();
            listener.set_nonblocking(true).unwrap();
            listener.accept().err().map(|error| error.kind())
        });
        let event_loop = EventLoop::new();
        let steps = Rc::new(RefCell::new(Vec::new()));
        let socket: Rc<RefCell<Option<WebSocket>>> = Rc::default();
        let agent = UserAgent::builder().follow_redirects(3).build();
        let opened = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .observer({
                let (steps, socket) = (steps.clone(), socket.clone());
                move |observation| {
                    let line = observation.step.to_string();
                    if line.starts_with("responded") {
                        let socket = socket.borrow().clone();
                        socket.expect("it is open by now").close();
                    }
                    steps.borrow_mut().push(line);
                }
            })
            .open()
            .unwrap();
        *socket.borrow_mut() = Some(opened);
        event_loop.run();
        assert_eq!(peer.join(), Some(ErrorKind::WouldBlock), "one connection");
        let steps = steps.borrow();
        let told: Vec<_> = steps.iter().filter_map(|s| s.split(' ').next()).collect();
        assert_eq!(
            told,
            [
                "resolved",
                "connecting",
                "connected",
                "requested",
                "responded",
                "failed:"
            ]
        );
    });
}

/// The cause is what happened, whatever is done about it.
#[test]
fn a_socket_that_is_closed_over_a_refusal_was_refused() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.take_upgrade();
            wire.send(b"HTTP/1.1 403 Forbidden\r\n\r\n");
            wire.take_rest();
        });
        let event_loop = EventLoop::new();
        let cause = Rc::new(RefCell::new(None));
        let socket: Rc<RefCell<Option<WebSocket>>> = Rc::default();
        let opened = WebSocket::builder(&event_loop, &peer.url())
            .observer({
                let (cause, socket) = (cause.clone(), socket.clone());
                move |observation| match observation.step {
                    Step::Responded(_) => socket.borrow().as_ref().unwrap().close(),
                    Step::Failed(failure) => {
                        cause.replace(Some(failure.clone()));
                    }
                    _ => {}
                }
            })
            .open()
            .unwrap();
        *socket.borrow_mut() = Some(opened);
        event_loop.run();
        peer.join();
        let cause = cause.take();
        assert!(
            matches!(&cause, Some(Failure::Status(response)) if response.status() == 403),
            "{cause:?}"
        );
    });
}

/// One that panics takes nothing from anybody else.
#[test]
fn an_observer_that_panics_is_an_exception_to_report() {
    for (at, port) in [("opened", None), ("closed", None), ("failed", Some(1))] {
        bounded(move || {
            let event_loop = EventLoop::new();
            let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
            server.set_onconnection(|socket, _| socket.close());
            let port = port.unwrap_or(server.local_addr().port());
            let socket = WebSocket::builder(&event_loop, &format!("ws://127.0.0.1:{port}/"))
                .observer(move |observation| {
                    assert!(
                        !observation.step.to_string().starts_with(at),
                        "as it should"
                    );
                })
                .open()
                .unwrap();
            let is_closed = Rc::new(Cell::new(false));
            socket.set_onclose({
                let is_closed = is_closed.clone();
                move |_| {
                    is_closed.set(true);
                    server.close();
                }
            });
            let run = || catch_unwind(AssertUnwindSafe(|| event_loop.run()));
            assert!(run().is_err(), "nobody else takes the panic");
            event_loop.run();
            assert!(is_closed.get(), "{at}");
        });
    }
}

/// It may hold its own socket, and go with the loop all the same.
#[test]
fn it_is_let_go_with_the_loop() {
    let event_loop = EventLoop::new();
    let held: Rc<RefCell<Option<WebSocket>>> = Rc::default();
    let token = Rc::new(());
    let socket = WebSocket::builder(&event_loop, "ws://127.0.0.1:9999/")
        .observer({
            let (held, token) = (held.clone(), token.clone());
            move |_| drop((held.clone(), token.clone()))
        })
        .open()
        .unwrap();
    *held.borrow_mut() = Some(socket);
    drop((held, event_loop));
    assert_eq!(Rc::strong_count(&token), 1);
}

/// Also where the rest of it never comes: draft 76 has sixteen bytes behind the fields.
#[test]
fn an_answer_is_told_that_never_ends() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let request = wire.take_request();
            let response = request.response().with_tail(b"");
            wire.send(&response.bytes());
            wire.take_rest();
        });
        let mut agent = UserAgent::builder();
        agent.timeouts(Timeouts {
            opening_handshake: support::AMPLE,
            ..Timeouts::default()
        });
        let told = Rc::new(RefCell::new(Vec::new()));
        agent.observer({
            let told = told.clone();
            move |observation| match observation.step {
                Step::Responded(response) => told.borrow_mut().push(response.status().to_string()),
                Step::Failed(failure) => told.borrow_mut().push(failure.to_string()),
                _ => {}
            }
        });
        let event_loop = EventLoop::new();
        let _socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(Edition::Html5)
            .user_agent(&agent.build())
            .open()
            .unwrap();
        event_loop.run();
        peer.join();
        let late = Failure::OpeningTimedOut.to_string();
        assert_eq!(told.take(), ["101".to_owned(), late]);
    });
}
