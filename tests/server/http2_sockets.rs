//! Streams as sockets: from the extended CONNECT to the end of the stream.

use super::http2_client::{Client, connect, run};
use dom_websocket::{Answer, Edition, EventLoop, Http2Options, Server, Turn, WebSocket};
use futures::{SinkExt, StreamExt};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::http2::{self as frames, begin};
use support::{Frame, Recorder, bounded, deflate, inflate, run_until, run_with};

/// A server that sends all back, and what its sockets went through.
fn echoing(event_loop: &EventLoop) -> (Server, Rc<RefCell<Vec<Recorder>>>) {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let recorders = Rc::<RefCell<Vec<Recorder>>>::default();
    server.set_onconnection({
        let recorders = recorders.clone();
        move |socket, _| {
            recorders.borrow_mut().push(Recorder::of(&socket));
            socket.set_onmessage(|event| event.target().send(event.data()));
        }
    });
    (server, recorders)
}

#[test]
fn a_socket_is_opened_by_an_extended_connect() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, recorders) = echoing(&event_loop);
        server.set_onrequest(|request| {
            assert!(request.is_http2());
            assert_eq!(request.resource_name(), "/chat?room=1");
            assert_eq!(request.host(), Some("example.com"));
            assert_eq!(request.origin(), Some("https://example.com"));
            // RFC 9113 section 8.2.3.
            assert_eq!(request.field("cookie"), Some("a=b; c=d"));
            assert_eq!(
                request
                    .fields()
                    .filter(|(name, _)| *name == "cookie")
                    .count(),
                1
            );
            assert_eq!(request.field("x"), Some("y"));
            assert_eq!(
                request.protocols().collect::<Vec<_>>(),
                ["chat", "superchat"]
            );
            Answer::accept_with("superchat")
        });
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let request = connect("/chat?room=1")
                .header("origin", "https://example.com")
                .header("cookie", "a=b")
                .header("x", "y")
                .header("cookie", "c=d")
                .header("sec-websocket-protocol", "chat, superchat");
            let mut socket = client.ask(request, false).await.unwrap();
            assert_eq!(socket.status(), 200);
            assert_eq!(socket.field("sec-websocket-protocol"), Some("superchat"));
            // RFC 8441 section 5: these have no place.
            for name in ["sec-websocket-accept", "upgrade", "connection"] {
                assert_eq!(socket.field(name), None, "{name}");
            }
            socket.echo("hello").await;
            socket.send(&Frame::ping("x"));
            socket.expect(&Frame::pong("x")).await;
            socket.send(&Frame::close(1000, "bye"));
            socket.expect(&Frame::close(1000, "")).await;
            // The server ends first (RFC 6455 section 7.1.1).
            assert_eq!(socket.take_rest().await, b"");
            socket.finish();
        });
        server.close();
        event_loop.run();
        let events = [
            "OPEN open",
            "OPEN message hello",
            "CLOSED close clean 1000 bye",
        ];
        assert_eq!(recorders.borrow()[0].finished(), events);
    });
}

#[test]
fn messages_are_compressed() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, _) = echoing(&event_loop);
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let request = connect("/").header("sec-websocket-extensions", "permessage-deflate");
            let mut socket = client.ask(request, false).await.unwrap();
            let extensions = socket.field("sec-websocket-extensions");
            assert_eq!(extensions, Some("permessage-deflate"));
            let text = "hello ".repeat(100);
            socket.send(&Frame::text(deflate(text.as_bytes())).compressed());
            let echo = socket.take_frame().await;
            assert!(echo.is_compressed());
            assert_eq!(inflate(&echo.payload, 1000), text.as_bytes());
        });
    });
}

/// Of each edition, and of each HTTP.
#[test]
fn a_port_is_for_all() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, recorders) = echoing(&event_loop);
        let address = server.local_addr();
        for edition in [Edition::Html5, Edition::Living] {
            let socket = WebSocket::builder(&event_loop, &format!("ws://{address}/"))
                .edition(edition)
                .open()
                .unwrap();
            socket.set_onopen(|event| event.target().close());
            run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
        }
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let mut sockets = Vec::new();
            for _ in 0..10 {
                sockets.push(client.open("/").await);
            }
            for socket in &mut sockets {
                socket.echo("one of many").await;
            }
            // One that ends is none of the others' business.
            sockets[3].reset();
            sockets[4].finish();
            for (index, socket) in sockets.iter_mut().enumerate() {
                match index {
                    3 => {}
                    4 => assert_eq!(socket.take_rest().await, b""),
                    _ => socket.echo("still there").await,
                }
            }
        });
        assert_eq!(recorders.borrow().len(), 12);
    });
}

/// RFC 8441 section 5: END_STREAM is the end of TCP's stream, RST_STREAM its reset.
#[test]
fn however_a_stream_ends_the_socket_hears_of_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, recorders) = echoing(&event_loop);
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            client.open("/end").await.finish();
            client.open("/reset").await.reset();
            // Both ends of a stream whose client has said all.
            let mut socket = client.ask(connect("/all"), true).await.unwrap();
            assert_eq!(socket.take_rest().await, b"");
            let mut socket = client.open("/half").await;
            socket.send(&Frame::text("half a").unfinished());
            socket.finish();
            let _ = socket.take_rest().await;
            let mut socket = client.open("/wrong").await;
            socket.send(&Frame::new(0x8f, ""));
            assert!(socket.take_frame().await.is_close());
            socket.finish();
            let _ = socket.take_rest().await;
            // And that of the whole connection.
            let _open = client.open("/lost").await;
            client.connection.abort();
        });
        server.close();
        event_loop.run();
        let recorders = recorders.borrow();
        assert_eq!(recorders.len(), 6);
        for recorder in recorders.iter() {
            let events = recorder.finished();
            assert_eq!(events.last().unwrap(), "CLOSED close unclean 1006");
        }
    });
}

#[test]
fn a_server_that_is_closed_says_so_and_its_sockets_go_on() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, _) = echoing(&event_loop);
        let closing = Rc::new(server);
        let to_close = closing.clone();
        closing.set_onrequest(move |request| {
            if request.resource_name() == "/last" {
                to_close.close();
            }
            Answer::accept()
        });
        run(&event_loop, &closing, async |address| {
            let mut client = Client::new(address).await;
            let mut socket = client.open("/").await;
            // It was closed while it was asked.
            let _ = client.ask(connect("/last"), false).await;
            while client.ask(connect("/"), false).await.is_ok() {}
            socket.echo("still there").await;
            socket.send(&Frame::close_without_code());
            socket.expect(&Frame::close_without_code()).await;
            socket.finish();
            let _ = socket.take_rest().await;
            client.connection.await.unwrap().unwrap();
        });
        event_loop.run();
    });
}

#[test]
fn a_server_that_shuts_down_closes_all() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, recorders) = echoing(&event_loop);
        let unanswered = Rc::new(Cell::new(usize::MAX));
        let server = Rc::new(server);
        server.set_onconnection({
            let (before, recorders) = (Cell::new(0), recorders.clone());
            let (server, unanswered) = (Rc::downgrade(&server), unanswered.clone());
            let spawner = event_loop.downgrade();
            move |socket, _| {
                recorders.borrow_mut().push(Recorder::of(&socket));
                before.set(before.get() + 1);
                if before.get() == 2 {
                    drop(server.upgrade().unwrap().shutdown(Duration::MAX));
                    return;
                }
                // The mute one is waited for only when the polite one has ended.
                let (server, spawner, unanswered) =
                    (server.clone(), spawner.clone(), unanswered.clone());
                socket.set_onclose(move |_| {
                    let (server, event_loop) =
                        (server.upgrade().unwrap(), spawner.upgrade().unwrap());
                    let ended = server.shutdown(Duration::from_millis(300));
                    let unanswered = unanswered.clone();
                    event_loop.spawn(async move { unanswered.set(ended.await.len()) });
                });
            }
        });
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let (mut polite, mut mute) = (client.open("/").await, client.open("/").await);
            polite.expect(&Frame::close(1001, "")).await;
            polite.send(&Frame::close(1001, ""));
            polite.finish();
            let _ = polite.take_rest().await;
            // It is cut.
            mute.expect(&Frame::close(1001, "")).await;
            assert!(mute.reset_by_server().await.is_some());
            drop((polite, mute));
            client.connection.await.unwrap().unwrap();
        });
        event_loop.run();
        assert_eq!(unanswered.get(), 1);
    });
}

/// It would keep the loop from its end for as long as its client likes.
#[test]
fn a_connection_without_streams_is_nothing_to_wait_for() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, _) = echoing(&event_loop);
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&begin(&[]));
            frames::take_kind(&mut wire, frames::SETTINGS);
            wire
        });
        server.close();
        event_loop.run();
        assert_eq!(event_loop.turn(), Turn::Idle);
    });
}

/// Nor is it kept behind the server's end, whether its client answers or not: no socket of it is to come.
#[test]
fn a_connection_without_streams_ends_with_its_server() {
    bounded(|| {
        for answers in [true, false] {
            let event_loop = EventLoop::new();
            let mut options = Http2Options::default();
            options.idle = Duration::from_secs(3600);
            let mut builder = Server::builder(&event_loop);
            let server = builder.http2(options).listen("127.0.0.1:0").unwrap();
            let mut wire = run_with(&event_loop, &server, |mut wire| {
                wire.send(&begin(&[]));
                frames::take_kind(&mut wire, frames::SETTINGS);
                wire.send(&frames::frame(frames::SETTINGS, frames::ACK, 0, ""));
                wire
            });
            let ended = server.shutdown(Duration::ZERO);
            event_loop.spawn(async move {
                assert_eq!(ended.await, []);
            });
            let end = thread::spawn(move || {
                if answers {
                    let ping = frames::take_kind(&mut wire, frames::PING);
                    // It may have ended meanwhile.
                    let _ =
                        wire.try_send(&frames::frame(frames::PING, frames::ACK, 0, ping.payload));
                }
                wire.take_rest();
            });
            while !end.is_finished() {
                event_loop.turn();
                thread::yield_now();
            }
            end.join().unwrap();
        }
    });
}

/// Whoever has a stream keeps its connection, and nothing else does.
#[test]
fn a_stream_goes_on_behind_the_shutdown_and_takes_the_connection_with_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut options = Http2Options::default();
        options.idle = Duration::from_secs(3600);
        let mut builder = Server::builder(&event_loop);
        let server = Rc::new(builder.http2(options).listen("127.0.0.1:0").unwrap());
        let spawner = event_loop.downgrade();
        server.set_onconnection(move |socket, _| {
            let (stream, event_loop) = (socket.into_stream().unwrap(), spawner.upgrade().unwrap());
            event_loop.spawn(async move {
                let mut ends = stream.opened().await.unwrap();
                while let Some(Ok(message)) = ends.readable.next().await {
                    ends.writable.send(message).await.unwrap();
                }
            });
        });
        let (to_end, spawner) = (Rc::downgrade(&server), event_loop.downgrade());
        server.set_onrequest(move |request| {
            if request.resource_name() == "/last" {
                let ended = to_end.upgrade().unwrap().shutdown(Duration::ZERO);
                let ended = async { assert_eq!(ended.await, []) };
                spawner.upgrade().unwrap().spawn(ended);
            }
            Answer::accept()
        });
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let mut socket = client.open("/").await;
            socket.echo("before").await;
            let _ = client.ask(connect("/last"), false).await;
            while client.ask(connect("/"), false).await.is_ok() {}
            socket.echo("behind").await;
            socket.send(&Frame::close_without_code());
            socket.expect(&Frame::close_without_code()).await;
            socket.finish();
            let _ = socket.take_rest().await;
            drop(socket);
            client.connection.await.unwrap().unwrap();
        });
    });
}

/// RFC 9113 section 3.3: the name of it in ALPN.
#[cfg(feature = "tls")]
#[test]
fn over_tls_it_is_chosen() {
    use futures_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use futures_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::Arc;
    bounded(|| {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (chain, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
        let certificate = CertificateDer::from(certified.cert.der().to_vec());
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.tls(chain.as_bytes(), key.as_bytes()).unwrap();
        let both = builder.listen("127.0.0.1:0").unwrap();
        let first_only = builder.http2(None).listen("127.0.0.1:0").unwrap();
        for (server, offered, chosen) in [
            (&both, &["h2", "http/1.1"][..], Some("h2")),
            (&both, &["http/1.1", "h2"], Some("h2")),
            (&both, &["http/1.1"], Some("http/1.1")),
            (&both, &[], None),
            (&first_only, &["h2", "http/1.1"], Some("http/1.1")),
        ] {
            server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
            let certificate = certificate.clone();
            let address = server.local_addr();
            run_with(&event_loop, server, move |_| {
                let mut roots = RootCertStore::empty();
                roots.add(certificate).unwrap();
                let mut config = ClientConfig::builder()
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                config.alpn_protocols = offered.iter().map(|name| (*name).into()).collect();
                let name = ServerName::try_from("localhost").unwrap();
                let session = ClientConnection::new(Arc::new(config), name).unwrap();
                let tcp = TcpStream::connect(address).unwrap();
                let mut tls = StreamOwned::new(session, tcp);
                if chosen != Some("h2") {
                    tls.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .unwrap();
                    let mut answer = [0; 12];
                    tls.read_exact(&mut answer).unwrap();
                    assert_eq!(&answer, b"HTTP/1.1 400");
                    let name = tls
                        .conn
                        .alpn_protocol()
                        .map(|name| str::from_utf8(name).unwrap());
                    assert_eq!(name, chosen);
                    return;
                }
                tls.write_all(&begin(&[])).unwrap();
                tls.write_all(&frames::connect(1)).unwrap();
                assert_eq!(tls.conn.alpn_protocol(), Some(&b"h2"[..]));
                loop {
                    let mut head = [0; 9];
                    tls.read_exact(&mut head).unwrap();
                    let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
                    tls.read_exact(&mut payload).unwrap();
                    assert_ne!(head[3], frames::GOAWAY);
                    if head[3] == frames::HEADERS {
                        assert_eq!(payload[0], frames::STATUS_200);
                        return;
                    }
                }
            });
        }
    });
}
