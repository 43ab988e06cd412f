//! Requests that are turned away, and those that ask for no WebSocket.

use super::http2_client::{Client, connect, run};
use dom_websocket::{Answer, Edition, EventLoop, HttpResponse, Server};
use h2::client::Builder;
use http::{Method, Request};
use support::http2::{self as frames, PREFACE};
use support::{bounded, run_with};

#[test]
fn who_is_turned_away_hears_why() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|request| match request.resource_name() {
            "/refuse" => Answer::Refuse,
            "/protocol" => Answer::accept_with("other"),
            _ => {
                let response =
                    HttpResponse::new(401).field("WWW-Authenticate", "Basic realm=\"x\"");
                Answer::Respond(response.body("text/plain", "Who are you?"))
            }
        });
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let mut answer = client.ask(connect("/refuse"), false).await.unwrap();
            assert_eq!(
                (answer.status(), answer.field("content-length")),
                (403, Some("0"))
            );
            assert_eq!(answer.take_rest().await, b"");
            let answer = client.ask(connect("/protocol"), false).await.unwrap();
            assert_eq!(answer.status(), 403);
            let mut answer = client.ask(connect("/who"), false).await.unwrap();
            assert_eq!(answer.status(), 401);
            assert_eq!(answer.field("www-authenticate"), Some("Basic realm=\"x\""));
            assert_eq!(answer.field("connection"), None);
            assert_eq!(answer.take_rest().await, b"Who are you?");

            let request = connect("/");
            let mut headers = request.headers_ref().unwrap().clone();
            headers.insert("sec-websocket-version", "8".parse().unwrap());
            let mut request = connect("/");
            *request.headers_mut().unwrap() = headers;
            let answer = client.ask(request, false).await.unwrap();
            assert_eq!(answer.status(), 400);
            assert_eq!(answer.field("sec-websocket-version"), Some("13"));

            let other = connect("/").extension(h2::ext::Protocol::from_static("connect-udp"));
            assert_eq!(client.ask(other, false).await.unwrap().status(), 501);
            let tunnel = Request::builder()
                .method(Method::CONNECT)
                .uri("example.com:443");
            assert_eq!(client.ask(tunnel, false).await.unwrap().status(), 405);
            for (method, status) in [("POST", 405), ("DELETE", 405), ("BREW", 501), ("GET", 400)] {
                let request = Request::builder().method(method).uri("http://example.com/");
                let answer = client.ask(request, true).await.unwrap();
                assert_eq!(answer.status(), status, "{method}");
            }
        });
    });
}

#[test]
fn a_page_is_served_beside_the_sockets() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        // More than a window.
        server.set_onhttp(|request| {
            assert!(request.is_http2());
            let path = request.resource_name();
            HttpResponse::new(200).body("text/plain", path.repeat(50_000))
        });
        run(&event_loop, &server, async |address| {
            let mut builder = Builder::new();
            builder.initial_connection_window_size(1 << 20);
            let mut client = Client::with(&mut builder, address).await;
            let mut socket = client.open("/").await;
            let get = |method| {
                Request::builder()
                    .method(method)
                    .uri("http://example.com/page?x")
            };
            let mut page = client.ask(get("GET"), true).await.unwrap();
            assert_eq!(
                (page.status(), page.field("content-type")),
                (200, Some("text/plain"))
            );
            assert_eq!(page.field("content-length"), Some("350000"));
            socket.echo("beside it").await;
            assert_eq!(page.take_rest().await, "/page?x".repeat(50_000).as_bytes());
            let mut head = client.ask(get("HEAD"), true).await.unwrap();
            assert_eq!(head.field("content-length"), Some("350000"));
            assert_eq!(head.take_rest().await, b"");
        });
    });
}

/// RFC 9113 section 8.2.2.
#[test]
fn fields_of_connections_are_left_out() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onhttp(|_| {
            let page = HttpResponse::new(200).field("TE", "gzip").field("X", "y");
            page.field("Upgrade", "x").field("Keep-Alive", "timeout=5")
        });
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let page = Request::builder().uri("http://example.com/");
            let page = client.ask(page, true).await.unwrap();
            assert_eq!((page.status(), page.field("x")), (200, Some("y")));
        });
    });
}

#[test]
fn the_same_hosts_and_origins_are_let_in() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.allowed_hosts(["example.com"]).unwrap();
        builder.allowed_origins(["https://example.com"]).unwrap();
        let server = builder.listen("127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        server.set_onhttp(|_| HttpResponse::new(200));
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            for (host, origin, status) in [
                ("example.com", "https://example.com", 200),
                ("example.com", "https://evil.example", 403),
                ("evil.example", "https://example.com", 403),
            ] {
                let request = connect("/")
                    .uri(format!("http://{host}/"))
                    .header("origin", origin);
                let answer = client.ask(request, false).await.unwrap();
                assert_eq!(answer.status(), status, "{host} {origin}");
            }
            let page = Request::builder().uri("http://evil.example/");
            assert_eq!(client.ask(page, true).await.unwrap().status(), 421);
        });
    });
}

/// RFC 9113 section 8.3.1: one of the two may have been looked at by who let it through.
#[test]
fn who_names_two_hosts_is_turned_away() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|request| {
            assert_eq!(request.host(), Some("example.com"));
            Answer::accept()
        });
        server.set_onhttp(|_| HttpResponse::new(200));
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            for (host, status) in [
                ("example.com", 200),
                ("Example.com:80", 200),
                ("example.com:443", 400),
                ("evil.example", 400),
                ("", 400),
            ] {
                let request = connect("/").header("host", host);
                let answer = client.ask(request, false).await.unwrap();
                assert_eq!(answer.status(), status, "{host}");
                let page = Request::builder().uri("http://example.com/");
                let page = client.ask(page.header("host", host), true).await.unwrap();
                assert_eq!(page.status(), status, "{host}");
            }
        });
    });
}

/// undici believes in no answer without, which RFC 8441 section 5 has not.
#[test]
fn who_sends_a_key_gets_the_answer_to_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            // RFC 6455 section 1.3.
            let request = connect("/").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
            let answer = client.ask(request, false).await.unwrap();
            let accept = answer.field("sec-websocket-accept");
            assert_eq!(accept, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
            let request = connect("/").header("sec-websocket-key", "short");
            let answer = client.ask(request, false).await.unwrap();
            assert_eq!(
                (answer.status(), answer.field("sec-websocket-accept")),
                (200, None)
            );
        });
    });
}

#[test]
fn where_it_is_not_spoken_it_is_no_request() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.http2(None);
        for (edition, answer) in [
            (None, &b"HTTP/1.1 400 Bad Request\r\n"[..]),
            (Some(Edition::Living), b"HTTP/1.1 400 Bad Request\r\n"),
            // Draft 76 has no answer, and is all that this server speaks, HTTP/2 or not.
            (Some(Edition::Html5), b""),
        ] {
            if let Some(edition) = edition {
                builder.edition(edition);
            }
            if edition == Some(Edition::Html5) {
                builder.http2(dom_websocket::Http2Options::default());
            }
            let server = builder.listen("127.0.0.1:0").unwrap();
            let (came, _) = run_with(&event_loop, &server, |mut wire| {
                wire.send(PREFACE);
                wire.finish();
                wire.take_rest()
            });
            assert!(came.starts_with(answer), "{}", came.escape_ascii());
            assert_eq!(came.is_empty(), answer.is_empty());
        }
    });
}

#[test]
fn the_preface_comes_in_pieces() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        run_with(&event_loop, &server, |mut wire| {
            wire.send_one_by_one(&[frames::begin(&[]), frames::connect(1)].concat());
            let response = frames::take_kind(&mut wire, frames::HEADERS);
            assert_eq!(response.payload[0], frames::STATUS_200);
        });
        // What begins as it does, and goes on as something else.
        for request in [
            "PRI * HTTP/1.1\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSN",
            "P\r\n\r\n",
        ] {
            let (answer, _) = run_with(&event_loop, &server, move |mut wire| {
                wire.send_one_by_one(request.as_bytes());
                wire.finish();
                wire.take_rest()
            });
            assert!(answer.starts_with(b"HTTP/1.1 400 "), "{request}");
        }
    });
}
