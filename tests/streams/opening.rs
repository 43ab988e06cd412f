//! `WebSocketStream` from its constructor to `opened`.

use crate::ends::{against, nothing, on_a_loop, run};
use dom_websocket::{
    AbortController, Document, EventLoop, Failure, Message, WebSocket, WebSocketErrorKind,
    WebSocketStream, WireFailure,
};
use futures::{FutureExt, SinkExt, StreamExt};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use support::{Frame, Gate, Peer, Wire, bounded, url_of_nobody};

#[test]
fn the_constructor_checks_its_arguments_as_that_of_a_socket() {
    let event_loop = EventLoop::new();
    for url in [
        "ftp://example.com/",
        "ws://example.com/#fragment",
        "relative",
    ] {
        let error = WebSocketStream::new(&event_loop, url).unwrap_err();
        assert_eq!(error.name(), "SyntaxError", "{url}");
    }
    let mut builder = WebSocket::builder(&event_loop, "ws://example.com/");
    let twice = builder.protocols(["a", "a"]).open_stream();
    assert_eq!(twice.unwrap_err().name(), "SyntaxError");
    let bytes = builder.open_byte_stream();
    assert!(bytes.is_err());
    let stream = WebSocketStream::new(&event_loop, "http://Example.com/x").unwrap();
    assert_eq!(stream.url(), "ws://example.com/x");
    assert_eq!(stream, stream.clone());
    let shown = format!("{stream:?}");
    assert!(shown.contains("example.com"), "{shown}");
}

#[test]
fn opened_tells_what_was_agreed_on_and_messages_go_both_ways() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::text("to you"));
            wire.expect_from_client(&Frame::binary([1, 2, 3]));
            wire.send_frame(&Frame::text("to me"));
            wire.send_frame(&Frame::binary([4]));
            wire.send_frame(&Frame::text(""));
            wire.answer_close(&Frame::close_without_code());
        });
        let stream = WebSocket::builder(&event_loop, &peer.url())
            .protocols(["alpha", "beta"])
            .open_stream()
            .unwrap();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            assert_eq!((&*ends.protocol, &*ends.extensions), ("alpha", ""));
            ends.writable.send("to you".into()).await.unwrap();
            ends.writable.write([1, 2, 3]).await.unwrap();
            for expected in [Message::from("to me"), [4].into(), "".into()] {
                assert_eq!(ends.readable.next().await, Some(Ok(expected)));
            }
            stream.close(nothing()).unwrap();
            assert_eq!(stream.closed().await.unwrap().close_code, Some(1005));
            assert_eq!(ends.readable.next().await, None);
            assert_eq!(ends.readable.next().await, None);
            let again = stream.opened().await.unwrap_err();
            assert_eq!(again.kind(), WebSocketErrorKind::InvalidState);
        });
        peer.join();
    });
}

#[test]
fn a_server_that_can_not_be_reached_fails_both_futures_with_the_cause() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let stream = WebSocketStream::new(&event_loop, &url_of_nobody()).unwrap();
            let error = stream.opened().await.unwrap_err();
            assert_eq!(stream.closed().await.unwrap_err(), error);
            assert_eq!(
                (error.name(), error.close_code()),
                ("WebSocketError", Some(1006))
            );
            assert!(
                matches!(error.failure(), Some(Failure::NotConnected(_))),
                "{error:?}"
            );
            assert!(error.source().is_some());
        });
    });
}

#[test]
fn a_refused_handshake_fails_both_futures_and_the_observer_is_told_too() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.take_upgrade();
            wire.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        });
        let steps = Rc::new(RefCell::new(Vec::new()));
        let told = steps.clone();
        let stream = WebSocket::builder(&event_loop, &peer.url())
            .observer(move |observation| told.borrow_mut().push(observation.step.to_string()))
            .open_stream()
            .unwrap();
        run(&event_loop, async move {
            let error = stream.opened().await.unwrap_err();
            assert!(
                matches!(error.failure(), Some(Failure::Status(_))),
                "{error:?}"
            );
            assert!(stream.closed().await.is_err());
        });
        assert!(
            steps.borrow().last().unwrap().starts_with("failed"),
            "{steps:?}"
        );
        peer.join();
    });
}

/// A server that does not answer.
fn asked(is_asked: &Gate) -> impl FnOnce(Wire) + Send + use<> {
    let is_asked = is_asked.clone();
    move |mut wire| {
        wire.take_upgrade();
        is_asked.open();
        wire.take_rest();
    }
}

#[test]
fn close_while_the_handshake_is_under_way_fails_both_futures() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let peer = Peer::serve(asked(&is_asked));
        let stream = WebSocketStream::new(&event_loop, &peer.url()).unwrap();
        is_asked.run(&event_loop);
        let finish = stream.finish(nothing()).unwrap_err();
        assert_eq!(finish.name(), "InvalidStateError");
        stream.close(nothing()).unwrap();
        run(&event_loop, async move {
            for error in [
                stream.opened().await.map(drop),
                stream.closed().await.map(drop),
            ] {
                let error = error.unwrap_err();
                assert_eq!(error.name(), "WebSocketError");
                assert_eq!(
                    error.failure(),
                    Some(&Failure::Wire(WireFailure::Cancelled))
                );
            }
        });
        peer.join();
    });
}

#[test]
fn a_signal_that_is_aborted_already_keeps_anything_from_being_attempted() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let controller = AbortController::new();
        controller.abort();
        let stream = WebSocket::builder(&event_loop, &url_of_nobody())
            .signal(&controller.signal())
            .observer(|observation| panic!("{observation}"))
            .open_stream()
            .unwrap();
        run(&event_loop, async move {
            assert_eq!(stream.opened().await.unwrap_err().name(), "AbortError");
            assert_eq!(stream.closed().await.unwrap_err().name(), "AbortError");
        });
    });
}

#[test]
fn a_signal_aborts_the_handshake() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let peer = Peer::serve(asked(&is_asked));
        let controller = AbortController::new();
        let url = peer.url();
        let mut builder = WebSocket::builder(&event_loop, &url);
        let stream = builder.signal(&controller.signal()).open_stream().unwrap();
        is_asked.run(&event_loop);
        controller.abort();
        run(&event_loop, async move {
            assert_eq!(stream.opened().await.unwrap_err().name(), "AbortError");
            assert_eq!(stream.closed().await.unwrap_err().name(), "AbortError");
        });
        peer.join();
    });
}

#[test]
fn a_signal_means_nothing_once_the_connection_is_established() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.expect_from_client(&Frame::text("still here"));
            wire.answer_close(&Frame::close_without_code());
        });
        let controller = AbortController::new();
        let url = peer.url();
        let mut builder = WebSocket::builder(&event_loop, &url);
        let stream = builder.signal(&controller.signal()).open_stream().unwrap();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            controller.abort();
            ends.writable.send("still here".into()).await.unwrap();
            ends.writable.close().await.unwrap();
        });
        peer.join();
    });
}

/// A plain socket fails with its signal too.
#[test]
fn a_signal_aborts_the_handshake_of_a_socket() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let controller = AbortController::new();
        let mut builder = WebSocket::builder(&event_loop, "ws://192.0.2.1/");
        let socket = builder.signal(&controller.signal()).open().unwrap();
        let recorder = support::Recorder::of(&socket);
        controller.abort();
        event_loop.run();
        assert_eq!(recorder.finished(), support::FAILURE);
    });
}

#[test]
fn opened_can_be_dropped_and_asked_for_again() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (stream, peer) = against(&event_loop, |mut wire| {
            wire.answer_close(&Frame::close_without_code());
        });
        assert!(stream.opened().now_or_never().is_none());
        run(&event_loop, async move {
            let mut dropped = Box::pin(stream.opened());
            assert!(dropped.as_mut().now_or_never().is_none());
            drop(dropped);
            let ends = stream.opened().await.unwrap();
            drop(ends);
            assert_eq!(stream.closed().await.unwrap().close_code, Some(1005));
        });
        peer.join();
    });
}

#[test]
fn unloading_a_document_ends_its_streams_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let document = Document::default();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("unread"));
            wire.answer_close(&Frame::close(1001, ""));
        });
        let url = peer.url();
        let mut builder = WebSocket::builder(&event_loop, &url);
        let stream = builder.document(&document).open_stream().unwrap();
        run(&event_loop, async move {
            let mut ends = stream.opened().await.unwrap();
            assert!(!document.unload());
            let error = stream.closed().await.unwrap_err();
            assert_eq!(ends.readable.next().await, Some(Err(error)));
            assert!(ends.writable.ready().await.is_err());
        });
        peer.join();
    });
}

/// A handshake's cookies count once it has succeeded, whoever holds the connection.
#[cfg(feature = "cookies")]
#[test]
fn the_cookies_of_a_streams_handshake_are_kept() {
    use dom_websocket::{CookieJar, UserAgent};

    bounded(|| {
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder().cookie_jar(&CookieJar::new()).build();
        for (sent, set) in [(None, "a=1"), (Some("a=1"), "a=2"), (Some("a=2"), "a=3")] {
            let peer = Peer::serve(move |mut wire| {
                let request = wire.accept_upgrade_with(|head| head.with("Set-Cookie", set));
                assert_eq!(request.field("Cookie"), sent);
                wire.answer_close(&Frame::close_without_code());
            });
            let url = peer.url();
            let mut builder = WebSocket::builder(&event_loop, &url);
            builder.user_agent(&agent);
            let stream = match set {
                "a=1" => builder.open_stream().unwrap(),
                // One that is handed over before it is open.
                _ => builder.open().unwrap().into_stream().unwrap(),
            };
            run(&event_loop, async move {
                let mut ends = stream.opened().await.unwrap();
                ends.writable.close().await.unwrap();
            });
            peer.join();
        }
    });
}
