//! The server's end, with scripted clients.

use crate::{Accepted, RESPONSE, read_all, request, run, serve};
use dom_websocket::protocol::Wire as Protocol;
use dom_websocket::{Answer, Edition, EventLoop, Server};
use futures::io::AsyncWriteExt;
use std::cell::RefCell;
use std::rc::Rc;
use support::{End, Gate, Peer, Wire, bounded};

/// What a server answers each of these requests, to the end of TCP.
fn answers(event_loop: &EventLoop, server: &Server, requests: Vec<Vec<u8>>) -> Vec<(String, End)> {
    let (address, gate) = (server.local_addr(), Gate::new(event_loop));
    let done = gate.clone();
    let peer = Peer::call(address, move |first| {
        drop(first);
        let answer = |request: &Vec<u8>| {
            let mut wire = Wire::connect(address);
            wire.send(request);
            let (answer, end) = wire.take_rest();
            (String::from_utf8(answer).unwrap(), end)
        };
        let answers = requests.iter().map(answer).collect();
        done.open();
        answers
    });
    gate.run(event_loop);
    peer.join()
}

#[test]
fn clients_of_any_wire_come_to_one_port() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, accepted) = serve(&event_loop);
        let address = server.local_addr();
        let peer = Peer::call(address, move |mut wire| {
            wire.send(request("h").as_bytes());
            wire.send(b"behind the head");
            wire.expect(RESPONSE.as_bytes());
            wire.expect(b"welcome");
            let mut living = Wire::connect(address);
            living.send(
                b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            );
            let response = living.take_through(b"\r\n\r\n");
            let accept = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
            assert!(response.windows(accept.len()).any(|part| part == accept));
            wire.finish();
            wire.expect_end();
        });
        let mut stream = accepted.next(&event_loop);
        assert_eq!(stream.url(), "ws://h/");
        run(&event_loop, async move {
            stream.write_all(b"welcome").await.unwrap();
            assert_eq!(read_all(&mut stream).await, b"behind the head");
            stream.close().await.unwrap();
            assert_eq!(stream.closed().await.unwrap().close_code, Some(1005));
        });
        peer.join();
        assert!(accepted.is_empty());
    });
}

#[test]
fn without_a_callback_its_client_is_answered_as_ever() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let requests = vec![request("h").into_bytes()];
        let answers = answers(&event_loop, &server, requests);
        assert!(answers[0].0.starts_with("HTTP/1.1 426 "), "{answers:?}");
    });
}

#[test]
fn hostile_requests_are_refused_and_what_is_smuggled_behind_them_is_not_answered() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, accepted) = serve(&event_loop);
        let with = |line: &str| {
            let request = request("h").replacen("Upgrade: W", &format!("{line}\r\nUpgrade: W"), 1);
            // Another request behind the head.
            [request.as_bytes(), self::request("h").as_bytes()].concat()
        };
        let requests = [
            with("Content-Length: 5"),
            with("Content-Length: 0"),
            with("Transfer-Encoding: chunked"),
            with("Upgrade: WebSocket"),
            with("Host: other"),
            with("X: y\r\n folded"),
            with("X: y\nZ: z"),
            with("X : y"),
            with("X: \0"),
            request("h").replace("HTTP/1.1", "HTTP/1.0").into_bytes(),
            request("h").replace("GET", "POST").into_bytes(),
            request("h")
                .replace("Connection: Upgrade", "Connection: close")
                .into_bytes(),
            request(&"h".repeat(20_000)).into_bytes(),
        ];
        let answers = answers(&event_loop, &server, requests.to_vec());
        for (request, (answer, end)) in requests.iter().zip(answers) {
            let request = request.escape_ascii();
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request}: {answer}");
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
            assert_eq!(answer.matches("HTTP/").count(), 1, "{answer}");
            assert_eq!(end, End::Fin);
        }
        assert!(accepted.is_empty());
    });
}

#[test]
fn the_application_sees_the_request_and_may_refuse_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        let server = builder
            .edition(Edition::Html5)
            .listen("127.0.0.1:0")
            .unwrap();
        let accepted = Accepted::of(&server);
        let seen = Rc::new(RefCell::new(Vec::new()));
        let log = seen.clone();
        server.set_onrequest(move |request| {
            assert_eq!(request.wire(), Protocol::Simplified);
            assert_eq!(request.edition(), Edition::default());
            log.borrow_mut().push(request.host().unwrap().to_owned());
            match request.host() {
                Some("refused") => Answer::Refuse,
                Some("named") => Answer::accept_with("chat"),
                _ => Answer::accept(),
            }
        });
        let hosts = ["refused", "named", "not an address"];
        let requests = hosts.map(|host| request(host).into_bytes()).to_vec();
        for (answer, _) in answers(&event_loop, &server, requests) {
            assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        }
        assert_eq!(*seen.borrow(), ["refused", "named"]);
        let peer = Peer::call(server.local_addr(), |mut wire| {
            wire.send(request("example.com").as_bytes());
            wire.expect(RESPONSE.as_bytes());
            // Nobody holds the stream.
            wire.expect_end();
        });
        drop(accepted.next(&event_loop));
        server.close();
        event_loop.run();
        peer.join();
    });
}
