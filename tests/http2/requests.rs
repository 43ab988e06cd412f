//! What is asked for, and what the answer makes of the socket.

use super::peer::{Peer, end_beside, speaking};
use dom_websocket::{EventLoop, Failure, Http2Failure, Step, UserAgentBuilder, WebSocket};
use http::{Method, Response};
use std::cell::RefCell;
use std::rc::Rc;
use support::{FAILURE, Frame, Recorder, bounded, deflate};

const SESSION: [&str; 3] = ["OPEN open", "OPEN message hello", "CLOSED close clean 1000"];

/// Has each failure of a user agent's sockets written down.
pub(super) fn failures(builder: &mut UserAgentBuilder) -> Rc<RefCell<Vec<Failure>>> {
    let failures = Rc::<RefCell<Vec<Failure>>>::default();
    let heard = failures.clone();
    builder.observer(move |observation| {
        if let Step::Failed(failure) = observation.step {
            heard.borrow_mut().push(failure.clone());
        }
    });
    failures
}

#[test]
fn a_socket_is_asked_for_by_an_extended_connect() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            let asked = client.request().await;
            // RFC 8441 section 5.
            let request = &asked.request;
            assert_eq!(request.method(), Method::CONNECT);
            let protocol = request.extensions().get::<h2::ext::Protocol>();
            assert_eq!(protocol.map(h2::ext::Protocol::as_str), Some("websocket"));
            assert_eq!(request.uri().scheme_str(), Some("http"));
            assert_eq!(request.uri().path_and_query().unwrap(), "/chat?a=%20b");
            let authority = request.uri().authority().unwrap().as_str().to_owned();
            assert_eq!(asked.field("sec-websocket-version"), Some("13"));
            assert_eq!(asked.field("origin"), Some("https://page.example"));
            assert_eq!(asked.field("sec-websocket-protocol"), Some("chat, talk"));
            assert_eq!(asked.field("x-name"), Some("value"));
            let offer = asked.field("sec-websocket-extensions").unwrap();
            assert!(offer.starts_with("permessage-deflate"), "{offer}");
            // RFC 9113 section 8.2.2.
            for name in ["host", "upgrade", "connection", "sec-websocket-key"] {
                assert_eq!(asked.field(name), None, "{name}");
            }
            let response = Response::builder()
                .header("sec-websocket-protocol", "talk")
                .header("sec-websocket-extensions", "permessage-deflate");
            let mut stream = asked.accept_with(response);
            client
                .during(async {
                    let frame = stream.take_frame().await;
                    assert!(frame.is_compressed());
                    stream.send(&Frame::text(deflate(b"hello")).compressed());
                    stream.close().await;
                })
                .await;
            client.drive().await;
            authority
        });
        let event_loop = EventLoop::new();
        let mut builder = speaking();
        builder.header("X-Name", "value").unwrap();
        let url = format!("ws://{}/chat?a= b", peer.address);
        let socket = WebSocket::builder(&event_loop, &url)
            .user_agent(&builder.build())
            .origin("https://page.example")
            .protocols(["chat", "talk"])
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| {
            assert_eq!(event.target().protocol(), "talk");
            assert_eq!(event.target().extensions(), "permessage-deflate");
            event.target().send("hello, hello, hello, hello").unwrap();
        });
        socket.set_onmessage(|event| event.target().close_with(1000, "").unwrap());
        event_loop.run();
        assert_eq!(recorder.finished(), SESSION);
        drop(event_loop);
        let address = socket.url().split('/').nth(2).unwrap().to_owned();
        assert_eq!(peer.end(), address);
    });
}

#[test]
fn answers_that_open_nothing() {
    bounded(|| {
        let is_field = |name| Failure::Handshake(dom_websocket::HandshakeFault::Field(name));
        let ok = Response::builder;
        for (response, protocols, cause) in [
            (ok().status(404), vec![], None),
            (ok().status(302).header("location", "/"), vec![], None),
            (ok().status(401), vec![], None),
            (
                ok().header("sec-websocket-protocol", "chat"),
                vec![],
                Some(is_field("sec-websocket-protocol")),
            ),
            (ok(), vec!["chat"], Some(is_field("sec-websocket-protocol"))),
            (
                ok().header("sec-websocket-extensions", "x"),
                vec![],
                Some(is_field("sec-websocket-extensions")),
            ),
        ] {
            let status = response.body(()).unwrap().into_parts().0;
            let expected = status.status.as_u16();
            let peer = Peer::new(async move |listener| {
                let mut client = listener.accept().await;
                let asked = client.request().await;
                let mut response = Response::builder().status(status.status);
                *response.headers_mut().unwrap() = status.headers;
                let mut stream = asked.accept_with(response);
                // The stream is reset, and the connection is there still.
                let reset = client.during(async { stream.receive.data().await }).await;
                assert!(reset.unwrap().is_err_and(|error| error.is_reset()));
            });
            let event_loop = EventLoop::new();
            let mut builder = speaking();
            let failures = failures(&mut builder);
            let socket = WebSocket::builder(&event_loop, &format!("ws://{}/", peer.address))
                .user_agent(&builder.build())
                .protocols(protocols)
                .open()
                .unwrap();
            let recorder = Recorder::of(&socket);
            event_loop.run();
            assert_eq!(recorder.finished(), FAILURE);
            match (failures.take().as_slice(), cause) {
                ([Failure::Status(response)], None) => assert_eq!(response.status(), expected),
                ([failure], Some(cause)) => assert_eq!(*failure, cause),
                other => panic!("{other:?}"),
            }
            // Until here the loop has its connection.
            end_beside(&event_loop, || peer.end());
        }
    });
}

#[test]
fn who_speaks_no_http_2_and_who_takes_no_websockets() {
    bounded(|| {
        let of_http_1 = Peer::new(async |listener| {
            let tcp = listener.tcp().await;
            tcp.writable().await.unwrap();
            let _ = tcp.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        let silent_end = Peer::new(async |listener| drop(listener.tcp().await));
        let without = Peer::new(async |listener| {
            let mut client = listener.accept_with(&h2::server::Builder::new()).await;
            client.drive().await;
        });
        for (peer, cause) in [
            (of_http_1, Http2Failure::NotSpoken),
            (silent_end, Http2Failure::NotSpoken),
            (without, Http2Failure::NoWebSockets),
        ] {
            let event_loop = EventLoop::new();
            let mut builder = speaking();
            let failures = failures(&mut builder);
            let recorder = Recorder::of(&peer.open(&event_loop, &builder.build()));
            event_loop.run();
            assert_eq!(recorder.finished(), FAILURE);
            assert_eq!(failures.take(), [Failure::Http2(cause)]);
            drop(event_loop);
            peer.end();
        }
    });
}
