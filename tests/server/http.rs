//! Requests that ask for no WebSocket, and clients that are turned away with the application's own words.

use dom_websocket::{Answer, Edition, EventLoop, HttpResponse, Server, WebSocket};
use std::cell::Cell;
use std::rc::Rc;
use support::{bounded, run_until, run_with};

/// The whole answer to these bytes.
fn ask(event_loop: &EventLoop, server: &Server, request: &'static str) -> String {
    let answer = run_with(event_loop, server, move |mut wire| {
        wire.send(request.as_bytes());
        wire.finish();
        wire.take_rest()
    });
    String::from_utf8(answer.0).unwrap()
}

const GET: &str = "GET /page?x HTTP/1.1\r\nHost: h\r\n\r\n";
const HANDSHAKE: &str = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

#[test]
fn a_page_is_served_beside_the_sockets() {
    for edition in [None, Some(Edition::Living), Some(Edition::Html5)] {
        bounded(move || {
            let event_loop = EventLoop::new();
            let mut builder = Server::builder(&event_loop);
            if let Some(edition) = edition {
                builder.edition(edition);
            }
            let server = builder.listen("127.0.0.1:0").unwrap();
            let address = server.local_addr();
            server.set_onrequest(|request| {
                assert_eq!(request.resource_name(), "/chat", "it gets no others");
                Answer::accept()
            });
            // A listener keeps the socket.
            server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
            server.set_onhttp(|request| {
                let path = request.resource_name();
                HttpResponse::new(200).body("text/plain", format!("{path} of {:?}", request.host()))
            });
            let answer = ask(&event_loop, &server, GET);
            assert!(
                answer.starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n"),
                "{answer}"
            );
            assert!(
                answer.ends_with("\r\n\r\n/page?x of Some(\"h\")"),
                "{answer}"
            );

            let socket = WebSocket::builder(&event_loop, &format!("ws://{address}/chat"))
                .edition(edition.unwrap_or_default())
                .open()
                .unwrap();
            let was_clean = Rc::new(Cell::new(false));
            let clean = was_clean.clone();
            socket.set_onopen(|event| event.target().close());
            socket.set_onclose(move |event| clean.set(event.was_clean()));
            run_until(&event_loop, || was_clean.get());
        });
    }
}

#[test]
fn without_somebody_who_answers_it_is_a_handshake_that_lacks_a_field() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let answer = ask(&event_loop, &server, GET);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        // What is half a handshake stays one.
        server.set_onhttp(|_| HttpResponse::new(200));
        for request in [
            "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key: x\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
        ] {
            let answer = ask(&event_loop, &server, request);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        }
    });
}

#[test]
fn a_client_is_turned_away_in_the_applications_words() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|_| {
            let response = HttpResponse::new(401).field("WWW-Authenticate", "Basic realm=\"x\"");
            Answer::Respond(response.body("text/plain", "Who are you?"))
        });
        let answer = ask(&event_loop, &server, HANDSHAKE);
        assert!(
            answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"),
            "{answer}"
        );
        assert!(answer.ends_with("\r\n\r\nWho are you?"), "{answer}");
        let draft_76 = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
            Origin: http://o\r\nSec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n\
            Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n12345678";
        assert_eq!(
            ask(&event_loop, &server, draft_76),
            "",
            "it knows no such answer"
        );
    });
}

#[test]
fn who_panics_over_a_request_answers_500() {
    bounded(|| {
        let event_loop = EventLoop::with_host(support_host::Quiet);
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onhttp(|_| panic!("on purpose"));
        let answer = ask(&event_loop, &server, GET);
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    });
}

mod support_host {
    use dom_websocket::{Exception, Host};

    /// Hears of exceptions, and says nothing.
    pub(super) struct Quiet;

    impl Host for Quiet {
        fn perform_microtask_checkpoint(&self) {}
        fn report_exception(&self, _: Exception) {}
    }
}
