//! The end of a document that has sockets.

use dom_websocket::{Document, EventLoop, WebSocket};
use std::cell::Cell;
use std::rc::Rc;
use support::{CLOSING, Frame, Gate, Peer, Recorder, bounded, frame, run_until};

fn open(event_loop: &EventLoop, document: &Document, url: &str) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .edition(dom_websocket::Edition::Html5)
        .document(document)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

#[test]
fn unloading_ends_each_connection_without_a_closing_frame_and_without_an_event() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::new("http://example.com/page").unwrap();
        let peers: Vec<_> = (0..3)
            .map(|_| {
                Peer::serve(|mut wire| {
                    let request = wire.accept_client();
                    assert_eq!(request.field("Origin"), Some("http://example.com"));
                    wire.take_rest().0
                })
            })
            .collect();
        let sockets: Vec<_> = peers
            .iter()
            .map(|peer| open(&event_loop, &document, &peer.url()))
            .collect();
        run_until(&event_loop, || sockets.iter().all(|(_, r)| r.count() == 1));
        assert!(document.is_fully_active());
        assert!(
            !document.unload(),
            "there were connections: it is not salvageable"
        );
        assert!(!document.is_fully_active());
        event_loop.run();
        for peer in peers {
            assert_eq!(peer.join(), b"");
        }
        for (_, recorder) in sockets {
            assert_eq!(recorder.events(), ["OPEN open"]);
        }
    });
}

#[test]
fn unloading_ends_a_connection_whose_handshake_is_under_way() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let is_asked = Gate::new(&event_loop);
        let peer = Peer::serve({
            let is_asked = is_asked.clone();
            move |mut wire| {
                wire.take_request();
                is_asked.open();
                wire.expect_end();
            }
        });
        let (_socket, recorder) = open(&event_loop, &document, &peer.url());
        is_asked.run(&event_loop);
        assert!(!document.unload());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.count(), 0);
    });
}

#[test]
fn a_document_without_a_connection_stays_salvageable() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let empty = Document::default();
        assert!(empty.unload());
        assert!(empty.unload(), "the second time too");
        let document = Document::default();
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(CLOSING);
            wire.expect(CLOSING);
        });
        let (socket, recorder) = open(&event_loop, &document, &peer.url());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
        assert!(document.unload(), "its socket is closed");
        drop(socket);
    });
}

#[test]
fn unloading_does_not_concern_another_documents_sockets() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (one, other) = (Document::default(), Document::default());
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.expect(CLOSING);
            wire.send(CLOSING);
        });
        let (socket, recorder) = open(&event_loop, &other, &peer.url());
        run_until(&event_loop, || recorder.count() >= 1);
        assert!(one.unload());
        socket.close();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn no_socket_can_be_opened_in_a_document_that_was_unloaded() {
    let event_loop = EventLoop::new();
    let document = Document::default();
    let same = document.clone();
    document.unload();
    let result = WebSocket::builder(&event_loop, "ws://example.com/")
        .edition(dom_websocket::Edition::Html5)
        .document(&same)
        .open();
    assert_eq!(result.unwrap_err().name(), "InvalidStateError");
}

#[test]
fn tasks_that_are_queued_when_the_document_is_unloaded_do_not_run() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let peer = Peer::serve(|mut wire| {
            let mut bytes = wire.take_request().response().bytes();
            bytes.extend(frame("one"));
            bytes.extend(frame("two"));
            bytes.extend(CLOSING);
            wire.send(&bytes);
            wire.take_rest();
        });
        let (socket, recorder) = open(&event_loop, &document, &peer.url());
        let seen = Rc::new(Cell::new(0));
        socket.set_onmessage({
            let (document, seen) = (document.clone(), seen.clone());
            move |_| {
                document.unload();
                seen.set(seen.get() + 1);
            }
        });
        socket.add_event_listener("message", |_| -> () { panic!("the listeners are gone") });
        event_loop.run();
        peer.join();
        assert_eq!(seen.get(), 1);
        assert_eq!(recorder.events(), ["OPEN open", "OPEN message one"]);
    });
}

#[test]
fn unloading_lets_go_of_all_listeners() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let held = Rc::new(());
        let socket = WebSocket::builder(&event_loop, "ws://example.com/")
            .edition(dom_websocket::Edition::Html5)
            .document(&document)
            .open()
            .unwrap();
        let hold = |socket: &WebSocket| {
            let (itself, held) = (socket.clone(), held.clone());
            socket.set_onclose(move |_| {
                let _both = (&itself, &held);
            });
        };
        hold(&socket);
        document.unload();
        assert_eq!(Rc::strong_count(&held), 1);
        event_loop.run();
    });
}

#[test]
fn a_listener_that_is_added_after_the_unloading_does_not_keep_its_socket_alive() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let held = Rc::new(());
        let socket = WebSocket::builder(&event_loop, "ws://example.com/")
            .edition(dom_websocket::Edition::Html5)
            .document(&document)
            .open()
            .unwrap();
        document.unload();
        socket.set_onclose({
            let held = held.clone();
            move |_| drop(held.clone())
        });
        drop(socket);
        event_loop.run();
        drop(event_loop);
        assert_eq!(
            Rc::strong_count(&held),
            1,
            "it holds nothing but this, and nobody holds it"
        );
    });
}

/// WebSockets "make disappear": "otherwise, do nothing".
#[test]
fn a_connection_of_today_that_is_closing_already_keeps_its_document_salvageable() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let may_answer = Gate::new(&event_loop);
        let peer = Peer::serve({
            let may_answer = may_answer.clone();
            move |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close(4000, ""));
                may_answer.wait();
                wire.send_frame(&Frame::close(4000, ""));
                wire.finish();
                wire.expect_end();
            }
        });
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .document(&document)
            .open()
            .unwrap();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.close_with(4000, "").unwrap();
        assert!(document.unload(), "it was not affected");
        may_answer.open();
        event_loop.run();
        peer.join();
    });
}

/// r4820 "unloading document cleanup steps": whichever is open is closed, also where it is closing.
#[test]
fn a_connection_of_2010_that_is_closing_does_not() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::new("http://example.com/").unwrap();
        let gate = Gate::new(&event_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.accept_client();
                gate.wait();
            }
        });
        let (socket, _recorder) = open(&event_loop, &document, &peer.url());
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.close();
        assert!(!document.unload());
        gate.open();
        event_loop.run();
        peer.join();
    });
}
