//! Whom a server lets in, and how many of them.

use dom_websocket::{
    Document, Edition, EventLoop, HttpResponse, Limits, Server, ServerBuilder, WebSocket,
};
use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::rc::Rc;
use support::{Frame, Head, Recorder, bounded, run_until, run_with, settle};

/// Whether a client is let in that says this of itself.
fn lets_in(
    set: impl FnOnce(&mut ServerBuilder<'_>),
    host: Option<&'static str>,
    origin: Option<&'static str>,
) -> bool {
    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    set(&mut builder);
    let server = builder.listen("127.0.0.1:0").unwrap();
    server.set_onconnection(|socket, _| socket.close());
    let mut request = Head::upgrade("/", server.local_addr());
    let set_to = |request: Head, name: &str, value: Option<&str>| {
        let request = request.without(name);
        value.map_or(request.clone(), |value| request.and(name, value))
    };
    request = set_to(request, "Host", host);
    request = set_to(request, "Origin", origin);
    let response = run_with(&event_loop, &server, move |mut wire| {
        wire.send(&request.bytes());
        String::from_utf8(wire.take_through(b"\r\n\r\n")).unwrap()
    });
    server.close();
    assert!(
        response.contains(" 101 ") || response.contains(" 403 "),
        "{response}"
    );
    response.contains(" 101 ")
}

#[test]
fn only_who_means_this_host_is_let_in() {
    bounded(|| {
        for (host, is_let_in) in [
            ("localhost", true),
            ("LOCALHOST:8000", true),
            ("chat.example.com:443", true),
            ("chat.example.com", false),
            ("chat.example.com:80", false),
            ("[::1]:9", true),
            ("localhost.example.com", false),
            ("evil.example", false),
            ("localhost@evil.example", false),
            ("localhost\tx", false),
        ] {
            let set = |builder: &mut ServerBuilder<'_>| {
                let hosts = ["localhost", "chat.example.com:443", "[::1]"];
                builder.allowed_hosts(hosts).unwrap();
            };
            assert_eq!(lets_in(set, Some(host), None), is_let_in, "{host}");
        }
    });
}

#[test]
fn only_pages_of_these_origins_are_let_in() {
    bounded(|| {
        for (origin, is_let_in) in [
            (Some("https://chat.example.com"), true),
            (Some("https://CHAT.example.com:443"), true),
            (Some("https://chat.example.com:444"), false),
            (Some("http://chat.example.com"), false),
            (Some("https://chat.example.com.evil.example"), false),
            (Some("https://chat.example.com@evil.example"), false),
            (Some("chrome-extension://abc"), true),
            (Some("chrome-extension://abcd"), false),
            (Some("null"), false),
            (Some(""), false),
            (Some("file://"), false),
            // No browser's page.
            (None, true),
        ] {
            let set = |builder: &mut ServerBuilder<'_>| {
                let origins = ["https://chat.example.com/", "chrome-extension://abc"];
                builder.allowed_origins(origins).unwrap();
            };
            assert_eq!(lets_in(set, Some("h"), origin), is_let_in, "{origin:?}");
        }
        let set = |builder: &mut ServerBuilder<'_>| {
            builder.allowed_origins(["null"]).unwrap();
        };
        assert!(lets_in(set, Some("h"), Some("null")));
    });
}

/// Chromium has this of a page that is a file, where the standard has `null`.
#[test]
fn a_page_that_is_a_file_can_be_let_in() {
    bounded(|| {
        for (origin, is_let_in) in [
            ("file://", true),
            ("FILE:///", true),
            ("file:///etc/passwd", false),
            ("file://host", false),
            ("null", false),
        ] {
            let set = |builder: &mut ServerBuilder<'_>| {
                builder.allowed_origins(["file://"]).unwrap();
            };
            assert_eq!(lets_in(set, Some("h"), Some(origin)), is_let_in, "{origin}");
        }
    });
}

/// An address is the same however it is written.
#[test]
fn addresses_of_this_host_are_compared_as_addresses() {
    bounded(|| {
        for (host, is_let_in) in [
            ("[::1]:9", true),
            ("[0:0:0:0:0:0:0:1]", true),
            ("[::2]", false),
            ("[2001:DB8::1]", true),
            ("[2001:db8:0::1]:8000", true),
            ("[2001:db8::1:1]", false),
            ("127.0.0.1", true),
            ("127.1", true),
            ("127.0.0.2", false),
        ] {
            let set = |builder: &mut ServerBuilder<'_>| {
                let hosts = ["[0::1]", "[2001:0db8::0:1]", "127.0.0.1"];
                builder.allowed_hosts(hosts).unwrap();
            };
            assert_eq!(lets_in(set, Some(host), None), is_let_in, "{host}");
        }
    });
}

/// RFC 9112 section 3.2, RFC 6454 section 7.3. Whoever reads the other one would let in somebody else.
#[test]
fn whom_a_request_is_for_and_from_is_said_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::builder(&event_loop)
            .allowed_hosts(["localhost"])
            .unwrap()
            .allowed_origins(["http://localhost"])
            .unwrap()
            .listen("127.0.0.1:0")
            .unwrap();
        server.set_onconnection(|socket, _| socket.close());
        server.set_onhttp(|_| HttpResponse::new(200));
        let request = Head::upgrade("/", server.local_addr());
        let request = request.with("Host", "localhost");
        let request = request.with("Origin", "http://localhost");
        let page = "GET / HTTP/1.1\r\nHost: localhost\r\n";
        let target = |host: &str| format!("GET http://{host}/ HTTP/1.1");
        for (request, status) in [
            (request.clone().bytes(), " 101 "),
            (request.clone().and("Host", "evil.example").bytes(), " 400 "),
            (
                request.clone().and("Origin", "http://evil.example").bytes(),
                " 403 ",
            ),
            (
                request
                    .clone()
                    .with_first_line(&target("localhost"))
                    .bytes(),
                " 101 ",
            ),
            (
                request
                    .clone()
                    .with_first_line(&target("evil.example"))
                    .bytes(),
                " 403 ",
            ),
            (format!("{page}\r\n").into_bytes(), " 200 "),
            (
                format!("{page}Host: evil.example\r\n\r\n").into_bytes(),
                " 400 ",
            ),
            (
                format!("{page}\r\n")
                    .replace("GET /", "GET http://evil.example/")
                    .into_bytes(),
                " 421 ",
            ),
        ] {
            let shown = String::from_utf8_lossy(&request).into_owned();
            let answer = run_with(&event_loop, &server, move |mut wire| {
                wire.send(&request);
                String::from_utf8(wire.take_through(b"\r\n\r\n")).unwrap()
            });
            assert!(answer.contains(status), "{shown}: {answer}");
        }
    });
}

#[test]
fn what_is_no_host_and_no_origin_is_said() {
    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    for origin in [
        "example.com",
        "https://example.com/chat",
        "https://u@example.com",
        "chrome-extension://abc/page",
        "data:text",
        "*",
        "",
    ] {
        let error = builder.allowed_origins([origin]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{origin}");
    }
    for host in ["", "https://example.com", "a b", "h:x"] {
        let error = builder.allowed_hosts([host]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{host}");
    }
}

/// Elsewhere these stand for many. Taken for names they would let in nobody, and not say so.
#[test]
fn a_list_takes_no_patterns() {
    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    for host in ["*", "*.example.com", ".example.com", "example.*:80"] {
        let error = builder.allowed_hosts([host]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{host}");
        assert!(error.to_string().contains("is a pattern"), "{error}");
    }
    for origin in [
        "*",
        "https://*",
        "https://*.example.com",
        "http://localhost:*",
    ] {
        let error = builder.allowed_origins([origin]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{origin}");
        assert!(error.to_string().contains("is a pattern"), "{error}");
    }
}

/// By a name that was made to mean this address, a page reads nothing of ours either.
#[test]
fn pages_are_for_those_who_mean_this_host_too() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.allowed_hosts(["localhost"]).unwrap();
        let server = builder.listen("127.0.0.1:0").unwrap();
        server.set_onhttp(|_| HttpResponse::new(200).body("text/plain", "hello"));
        for (host, status) in [("localhost", " 200 "), ("evil.example", " 421 ")] {
            let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            let answer = run_with(&event_loop, &server, move |mut wire| {
                wire.send(request.as_bytes());
                String::from_utf8(wire.take_through(b"\r\n\r\n")).unwrap()
            });
            assert!(answer.contains(status), "{host}: {answer}");
        }
    });
}

/// Draft 76 has no words for it.
#[test]
fn a_page_of_2010_is_held_to_it_too() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.allowed_origins(["http://here.example"]).unwrap();
        let server = builder.listen("127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| socket.close());
        let url = format!("ws://{}/", server.local_addr());
        for (page, is_let_in) in [
            ("http://here.example/", true),
            ("http://there.example/", false),
        ] {
            let document = Document::new(page).unwrap();
            let mut builder = WebSocket::builder(&event_loop, &url);
            let builder = builder.document(&document).edition(Edition::Html5);
            let recorder = Recorder::of(&builder.open().unwrap());
            run_until(&event_loop, || recorder.has_ended());
            let opened = recorder.finished().iter().any(|event| event == "OPEN open");
            assert_eq!(opened, is_let_in, "{page}");
        }
    });
}

#[test]
fn who_finds_no_place_waits_for_one() {
    bounded(|| {
        for bounds_connections in [true, false] {
            let event_loop = EventLoop::new();
            let mut builder = Server::builder(&event_loop);
            match bounds_connections {
                true => builder.max_connections(2),
                false => builder.max_handshakes(2),
            };
            let server = builder.listen("127.0.0.1:0").unwrap();
            server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
            // Two who say nothing have all places; the system lets the third connect.
            let address = server.local_addr();
            let silent = [(); 2].map(|()| TcpStream::connect(address).unwrap());
            settle(&event_loop);
            let socket = WebSocket::new(&event_loop, &format!("ws://{address}/")).unwrap();
            let recorder = Recorder::of(&socket);
            settle(&event_loop);
            assert_eq!(recorder.count(), 0);
            drop(silent);
            run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
            socket.close();
            run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
        }
    });
}

#[test]
fn what_nobody_reads_is_bounded_over_all_clients() {
    const MOST: usize = 8 << 20;
    bounded(|| {
        let event_loop = EventLoop::new();
        let limits = Limits {
            all_send_queues: MOST,
            send_queue: usize::MAX,
            ..Limits::of_server()
        };
        let server = Server::builder(&event_loop)
            .limits(limits)
            .compression(false)
            .listen("127.0.0.1:0")
            .unwrap();
        let sockets = Rc::new(RefCell::new(Vec::<WebSocket>::new()));
        let cut_off = Rc::new(Cell::new(0));
        // Each gets as many bytes as it asks for.
        server.set_onconnection({
            let (sockets, cut_off) = (sockets.clone(), cut_off.clone());
            move |socket, _| {
                let cut_off = cut_off.clone();
                socket.set_onmessage(|event| {
                    let len = event.data().as_str().unwrap().parse().unwrap();
                    event.target().send("x".repeat(len))
                });
                socket.set_onclose(move |event| {
                    cut_off.set(cut_off.get() + usize::from(!event.was_clean()));
                });
                sockets.borrow_mut().push(socket);
            }
        });
        let address = server.local_addr();
        // They ask for more than the system has room for, and never read.
        let question = Frame::text((1 << 20).to_string()).masked().bytes();
        let deaf: Vec<TcpStream> = (0..8)
            .map(|_| {
                let mut deaf = TcpStream::connect(address).unwrap();
                deaf.write_all(&Head::upgrade("/", address).bytes())
                    .unwrap();
                deaf.write_all(&question.repeat(24)).unwrap();
                deaf
            })
            .collect();
        run_until(&event_loop, || cut_off.get() > 0);
        let honest = WebSocket::new(&event_loop, &format!("ws://{address}/")).unwrap();
        let recorder = Recorder::of(&honest);
        honest.set_onopen(|event| event.target().send("1000"));
        let answers = Cell::new(0);
        honest.set_onmessage(move |event| {
            let sockets = sockets.borrow();
            let open = |socket: &&WebSocket| socket.ready_state() == WebSocket::OPEN;
            let queued = sockets.iter().filter(open).map(WebSocket::buffered_amount);
            let of_their_own = 9 * 64 * 1024;
            assert!(queued.sum::<usize>() <= MOST + of_their_own);
            answers.set(answers.get() + 1);
            match answers.get() {
                100 => {
                    event.target().close();
                    Ok(true)
                }
                _ => event.target().send("1000"),
            }
        });
        run_until(&event_loop, || recorder.has_ended());
        let events = recorder.finished();
        assert_eq!(events.len(), 102);
        assert_eq!(events[101], "CLOSED close clean 1005");
        drop(deaf);
        server.close();
    });
}
