//! The server's side of the living edition: its handshake, its answers, and both editions on one port.

use dom_websocket::{
    Answer, Edition, EventLoop, Request, Server, ServerBuilder, Timeouts, WebSocket,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use support::{
    CLOSING, DEFLATE, End, FAILURE, Frame, Head, PATIENCE, Recorder, Wire, bounded, deflate, frame,
    run_with, settle,
};

/// The tasks of connections that are over come before the server's own end.
fn end(event_loop: &EventLoop, server: &Server) {
    settle(event_loop);
    server.close();
    event_loop.run();
}

/// What a server of ours makes of a client that plays this script.
fn served(
    prepare: impl Fn(&WebSocket) + 'static,
    script: impl FnOnce(Wire) + Send + 'static,
) -> Vec<String> {
    served_with(|request| request, prepare, script)
}

/// The same, behind a request that has been changed.
fn served_with(
    change: impl FnOnce(Head) -> Head,
    prepare: impl Fn(&WebSocket) + 'static,
    script: impl FnOnce(Wire) + Send + 'static,
) -> Vec<String> {
    let event_loop = EventLoop::new();
    // Whoever waits for this bound waits in vain.
    let server = Server::builder(&event_loop)
        .timeouts(Timeouts {
            end_of_stream: 2 * PATIENCE,
            ..Timeouts::of_server()
        })
        .listen("127.0.0.1:0")
        .unwrap();
    let recorders = Rc::new(RefCell::new(Vec::new()));
    server.set_onconnection({
        let recorders = recorders.clone();
        move |socket, _| {
            prepare(&socket);
            recorders.borrow_mut().push(Recorder::of(&socket));
        }
    });
    let request = change(Head::upgrade("/", server.local_addr()));
    run_with(&event_loop, &server, move |mut wire| {
        wire.upgrade(&request);
        script(wire);
    });
    end(&event_loop, &server);
    let recorders = recorders.take();
    recorders.iter().flat_map(Recorder::finished).collect()
}

/// What a client is answered whose request has been changed like this. Whether it became a connection
/// goes with it.
fn answer_to(
    set: fn(&mut ServerBuilder<'_>),
    onrequest: impl Fn(&Request) -> Answer + 'static,
    change: impl FnOnce(Head) -> Head,
) -> (String, bool) {
    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    set(&mut builder);
    let server = builder.listen("127.0.0.1:0").unwrap();
    let is_connected = Rc::new(Cell::new(false));
    server.set_onrequest(onrequest);
    server.set_onconnection({
        let is_connected = is_connected.clone();
        move |socket, _| {
            is_connected.set(true);
            socket.set_onopen(|event| event.target().close());
        }
    });
    let request = change(Head::upgrade("/", server.local_addr()));
    let response = run_with(&event_loop, &server, move |mut wire| {
        wire.send(&request.bytes());
        wire.finish();
        String::from_utf8_lossy(&wire.take_rest().0).into_owned()
    });
    end(&event_loop, &server);
    (response, is_connected.get())
}

fn accept_all(request: &Request) -> Answer {
    let first = request.protocols().next();
    first.map_or_else(Answer::accept, Answer::accept_with)
}

#[track_caller]
fn assert_turned_away(status_line: &str, change: impl FnOnce(Head) -> Head) -> String {
    let (response, is_connected) = answer_to(|_| (), accept_all, change);
    assert!(response.starts_with(status_line), "{response}");
    assert!(response.ends_with("\r\n\r\n"), "{response}");
    assert!(!is_connected);
    response
}

#[test]
fn both_editions_are_served_on_one_port() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let editions = Rc::new(RefCell::new(Vec::new()));
        server.set_onconnection({
            let editions = editions.clone();
            move |socket, request| {
                assert_eq!(request.edition(), socket.edition());
                editions.borrow_mut().push(socket.edition());
                socket.set_onmessage(|event| event.target().send(event.data()));
            }
        });
        let address = server.local_addr();
        run_with(&event_loop, &server, move |mut wire| {
            wire.upgrade(&Head::upgrade("/", address));
            wire.send_frame(&Frame::text("hello").masked());
            wire.expect_from_server(&Frame::text("hello"));
            wire.send_frame(&Frame::binary("bytes").masked());
            wire.expect_from_server(&Frame::binary("bytes"));
            wire.send_frame(&Frame::close_without_code().masked());
            wire.expect_from_server(&Frame::close_without_code());
            wire.expect_end();
        });
        run_with(&event_loop, &server, move |mut wire| {
            wire.open(&Head::request("/", address));
            wire.send(&frame("hello"));
            wire.expect(&frame("hello"));
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        end(&event_loop, &server);
        assert_eq!(*editions.borrow(), [Edition::Living, Edition::Html5]);
    });
}

#[test]
fn a_server_of_one_edition_gives_clients_of_the_other_no_connection() {
    bounded(|| {
        for only in [Edition::Living, Edition::Html5] {
            let event_loop = EventLoop::new();
            let server = Server::builder(&event_loop)
                .edition(only)
                .listen("127.0.0.1:0")
                .unwrap();
            let editions = Rc::new(RefCell::new(Vec::new()));
            server.set_onconnection({
                let editions = editions.clone();
                move |socket, _| editions.borrow_mut().push(socket.edition())
            });
            let address = server.local_addr();
            for request in [Head::upgrade("/", address), Head::request("/", address)] {
                run_with(&event_loop, &server, move |mut wire| {
                    wire.send(&request.bytes());
                    wire.finish();
                    wire.take_rest();
                });
            }
            end(&event_loop, &server);
            assert_eq!(*editions.borrow(), [only]);
        }
    });
}

#[test]
fn a_clients_request_is_there_to_be_looked_at_before_the_answer() {
    bounded(|| {
        let (response, is_connected) = answer_to(
            |_| (),
            |request| {
                assert_eq!(request.edition(), Edition::Living);
                assert_eq!(request.resource_name(), "/chat?room=1");
                assert_eq!(request.origin(), Some("http://example.com"));
                assert_eq!(request.field("COOKIE"), Some("a=b"));
                assert_eq!(request.field("x-none"), None);
                assert!(
                    request
                        .fields()
                        .any(|field| field == ("upgrade", "websocket"))
                );
                let protocols: Vec<_> = request.protocols().collect();
                assert_eq!(protocols, ["chat", "superchat", "other"]);
                Answer::accept_with("superchat")
            },
            |mut request| {
                request.first_line = "GET /chat?room=1 HTTP/1.1".into();
                let name = "Sec-WebSocket-Protocol";
                request = request.with("Cookie", "a=b").with(name, "chat,superchat");
                request.fields.push((name.to_lowercase(), " other".into()));
                request
            },
        );
        assert!(is_connected);
        assert!(
            response.contains("\r\nSec-WebSocket-Protocol: superchat\r\n"),
            "{response}"
        );
    });
}

#[test]
fn the_subprotocol_that_was_chosen_is_the_sockets_own() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|_| Answer::accept_with("b"));
        let protocols = Rc::new(RefCell::new(Vec::new()));
        server.set_onconnection({
            let protocols = protocols.clone();
            move |socket, _| {
                protocols.borrow_mut().push(socket.protocol());
                socket.close();
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let client = WebSocket::builder(&event_loop, &url)
            .protocols(["a", "b"])
            .open()
            .unwrap();
        let recorder = Recorder::of(&client);
        client.set_onclose(move |_| server.close());
        event_loop.run();
        assert_eq!(client.protocol(), "b");
        assert_eq!(*protocols.borrow(), ["b"]);
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1005"]
        );
    });
}

#[test]
fn a_client_that_the_application_refuses_gets_403() {
    bounded(|| {
        let (response, is_connected) = answer_to(|_| (), |_| Answer::Refuse, |request| request);
        assert!(response.starts_with("HTTP/1.1 403 "), "{response}");
        assert!(response.ends_with("\r\n\r\n"));
        assert!(!is_connected);
    });
}

#[test]
fn a_client_of_another_version_gets_426_and_the_version_that_is_spoken() {
    bounded(|| {
        for version in ["8", "0", "14", "13, 8"] {
            let response = assert_turned_away("HTTP/1.1 426 ", |request| {
                request.with("Sec-WebSocket-Version", version)
            });
            assert!(
                response.contains("\r\nSec-WebSocket-Version: 13\r\n"),
                "{response}"
            );
        }
    });
}

#[test]
fn a_request_that_is_no_handshake_gets_400() {
    bounded(|| {
        for name in ["Upgrade", "Connection", "Sec-WebSocket-Key", "Host"] {
            assert_turned_away("HTTP/1.1 400 ", |request| request.without(name));
        }
        for (name, value) in [
            ("Upgrade", "h2c"),
            ("Connection", "keep-alive"),
            ("Sec-WebSocket-Key", "AAAA"),
            ("Sec-WebSocket-Key", "not base64!"),
        ] {
            assert_turned_away("HTTP/1.1 400 ", |request| request.with(name, value));
        }
    });
}

/// RFC 6455 section 4.2.1: a GET of HTTP/1.1 or higher; section 4.2.2: else an error code is returned.
#[test]
fn a_request_line_that_is_no_handshakes_gets_400() {
    bounded(|| {
        for line in ["GET / HTTP/1.0", "POST / HTTP/1.1", "GET / XYZ/1.1"] {
            assert_turned_away("HTTP/1.1 400 ", |request| request.with_first_line(line));
        }
    });
}

/// RFC 6455 section 4.2.1 item 1.
#[test]
fn a_request_can_name_the_whole_url() {
    bounded(|| {
        let (response, is_connected) = answer_to(
            |_| (),
            |request| {
                assert_eq!(request.resource_name(), "/chat?a");
                Answer::accept()
            },
            |request| request.with_first_line("GET http://example.com/chat?a HTTP/1.1"),
        );
        assert!(is_connected, "{response}");
    });
}

#[test]
fn names_and_tokens_in_another_case_are_the_same() {
    bounded(|| {
        let (response, is_connected) = answer_to(
            |_| (),
            accept_all,
            |request| {
                let mut request = request
                    .with("Upgrade", "WebSocket")
                    .with("Connection", "keep-alive, UPGRADE");
                for (name, _) in &mut request.fields {
                    *name = name.to_uppercase();
                }
                request
            },
        );
        assert!(is_connected, "{response}");
    });
}

#[test]
fn compression_is_agreed_to_where_it_is_offered_and_wanted() {
    bounded(|| {
        let offering = |offer: Option<&'static str>| {
            move |request: Head| match offer {
                Some(offer) => request.with(DEFLATE.0, offer),
                None => request,
            }
        };
        for (offer, agreed) in [
            (None, None),
            (Some("permessage-deflate"), Some("permessage-deflate")),
            (
                Some("permessage-deflate; client_max_window_bits"),
                Some("permessage-deflate"),
            ),
            (
                Some("permessage-deflate; server_no_context_takeover"),
                Some("permessage-deflate; server_no_context_takeover"),
            ),
            (Some("foo, permessage-deflate"), Some("permessage-deflate")),
            (Some("permessage-deflate; foo"), None),
            (Some("foo"), None),
        ] {
            let (response, _) = answer_to(|_| (), accept_all, offering(offer));
            let field = agreed.map(|agreed| format!("\r\n{}: {agreed}\r\n", DEFLATE.0));
            match field {
                Some(field) => assert!(response.contains(&field), "{offer:?}: {response}"),
                None => assert!(!response.contains(DEFLATE.0), "{offer:?}: {response}"),
            }
        }
        let (response, is_connected) = answer_to(
            |builder| _ = builder.compression(false),
            accept_all,
            offering(Some(DEFLATE.1)),
        );
        assert!(is_connected && !response.contains(DEFLATE.0), "{response}");
    });
}

#[test]
fn a_client_can_compress_where_it_was_agreed_and_only_there() {
    bounded(|| {
        for (extensions, expected) in [
            (
                Some(DEFLATE.1),
                ["OPEN open", "OPEN message text"].as_slice(),
            ),
            (None, &["OPEN open"]),
        ] {
            let events = served_with(
                move |request| match extensions {
                    Some(extensions) => request.with(DEFLATE.0, extensions),
                    None => request,
                },
                |_| (),
                |mut wire| {
                    wire.send_frame(&Frame::text(deflate(b"text")).compressed().masked());
                    wire.finish();
                    wire.take_rest();
                },
            );
            assert_eq!(events, [expected, &FAILURE].concat());
        }
    });
}

#[test]
fn a_server_ends_tcp_as_soon_as_the_closing_handshake_is_finished() {
    bounded(|| {
        let events = served(
            |_| (),
            |mut wire| {
                wire.send_frame(&Frame::close(4000, "bye").masked());
                wire.expect_from_server(&Frame::close(4000, ""));
                // We have not ended our direction.
                wire.expect_end();
            },
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 4000 bye"]);
        let events = served(
            |socket| socket.set_onopen(|event| event.target().close_with(3000, "done")),
            |mut wire| {
                wire.expect_from_server(&Frame::close(3000, "done"));
                wire.send_frame(&Frame::close(3000, "").masked());
                wire.expect_end();
            },
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 3000"]);
    });
}

#[test]
fn a_client_that_breaks_the_protocol_is_told_and_left() {
    bounded(|| {
        let events = served(
            |_| (),
            |mut wire| {
                wire.send_frame(&Frame::text("not masked"));
                wire.expect_from_server(&Frame::close(1002, ""));
                assert_eq!(wire.take_rest(), (vec![], End::Fin));
            },
        );
        assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

#[test]
fn what_came_with_the_request_is_answered_ahead_of_a_violation() {
    bounded(|| {
        let frames = [Frame::text("early"), Frame::new(0x83, "")];
        let frames: Vec<u8> = frames
            .into_iter()
            .flat_map(|f| f.masked().bytes())
            .collect();
        let events = served_with(
            move |request| request.with_tail(&frames),
            |socket| socket.set_onmessage(|event| event.target().send(event.data())),
            |mut wire| {
                wire.expect_from_server(&Frame::text("early"));
                wire.expect_from_server(&Frame::close(1002, ""));
                assert_eq!(wire.take_rest(), (vec![], End::Fin));
            },
        );
        let expected = ["OPEN open", "OPEN message early", FAILURE[0], FAILURE[1]];
        assert_eq!(events, expected);
    });
}

/// RFC 6455 section 4.2.2 item 5.5.
#[test]
fn an_answer_with_a_subprotocol_that_was_not_offered_refuses_the_client() {
    bounded(|| {
        let (response, is_connected) = answer_to(
            |_| (),
            |_| Answer::accept_with("chat"),
            |request| request.with("Sec-WebSocket-Protocol", "other, Chat"),
        );
        assert!(response.starts_with("HTTP/1.1 403 "), "{response}");
        assert!(!is_connected);
    });
}
