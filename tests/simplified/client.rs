//! The client's end, with a scripted server.

use crate::{MIB, RESPONSE, pattern, read_all, request, run};
use dom_websocket::{
    AbortController, ByteStream, DomExceptionKind, EventLoop, Failure, HandshakeFault, UserAgent,
    WebSocketError,
};
use futures::StreamExt;
use futures::channel::mpsc;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::time::Duration;
use support::{Peer, bounded, short_timeouts};

#[test]
fn nothing_of_the_authors_but_the_host_leaves_and_nothing_before_the_server_has_said_who_it_is() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            let request = wire.take_through(b"\r\n\r\n");
            wire.send(RESPONSE.split_at(30).0.as_bytes());
            // Whatever else there were would come before the rest of the response.
            std::thread::sleep(Duration::from_millis(100));
            wire.send(&[RESPONSE.split_at(30).1.as_bytes(), b"\0first"].concat());
            let early = wire.take(b"written before".len());
            wire.finish();
            wire.expect_end();
            (String::from_utf8(request).unwrap(), early)
        });
        let address = peer.address();
        let mut builder = UserAgent::builder();
        builder.header("Authorization", "secret").unwrap();
        builder.header("Cookie", "secret").unwrap();
        builder.blocked_ports([address.port()]);
        builder.follow_redirects(5);
        #[cfg(feature = "cookies")]
        {
            let jar = dom_websocket::CookieJar::new();
            assert!(jar.set(&peer.url(), "secret=secret"));
            builder.cookie_jar(&jar);
        }
        #[cfg(feature = "credentials")]
        builder.server_credentials(|_| async { dom_websocket::Credentials::new("a", "b").ok() });
        let mut stream = ByteStream::builder(&event_loop, &peer.url())
            .user_agent(&builder.build())
            .open()
            .unwrap();
        assert_eq!(stream.url(), peer.url());
        run(&event_loop, async move {
            stream.write_all(b"written before").await.unwrap();
            assert_eq!(read_all(&mut stream).await, b"\0first");
            stream.close().await.unwrap();
            assert_eq!(stream.closed().await.unwrap().close_code, Some(1005));
        });
        let (sent, early) = peer.join();
        assert_eq!(sent, request(&address.to_string()));
        assert_eq!(early, b"written before");
    });
}

#[test]
fn a_url_has_a_host_and_a_port_and_nothing_else() {
    let event_loop = EventLoop::new();
    for url in [
        "ws://h/x",
        "ws://h/?",
        "ws://h/?q",
        "ws://h/#",
        "ws://user@h/",
        "ws://user:password@h/",
        "http://h/",
        "/",
        "",
    ] {
        let error = ByteStream::connect(&event_loop, url).unwrap_err();
        assert_eq!(error.kind(), DomExceptionKind::Syntax, "{url}");
    }
}

/// What becomes of a client whose server answers so.
fn failure(response: &[u8]) -> Failure {
    let response = response.to_vec();
    let event_loop = EventLoop::new();
    let peer = Peer::serve(move |mut wire| {
        wire.take_through(b"\r\n\r\n");
        wire.send(&response);
        wire.finish();
        assert_eq!(wire.take_rest().0, b"", "it got something");
    });
    let mut builder = UserAgent::builder();
    let user_agent = builder.follow_redirects(5).build();
    let mut stream = ByteStream::builder(&event_loop, &peer.url())
        .user_agent(&user_agent)
        .open()
        .unwrap();
    let failure = run(&event_loop, async move {
        let of = |error: io::Error| {
            let error = error.into_inner().unwrap();
            let error = error.downcast::<WebSocketError>().unwrap();
            error.failure().unwrap().clone()
        };
        let opened = of(stream.opened().await.unwrap_err());
        let written = of(stream.write_all(b"secret").await.unwrap_err());
        let read = of(stream.read(&mut [0; 9]).await.unwrap_err());
        assert_eq!([&written, &read], [&opened; 2]);
        opened
    });
    peer.join();
    failure
}

#[test]
fn a_server_that_answers_anything_else_gets_nothing_more() {
    bounded(|| {
        for status in ["200 OK", "301 x", "401 x", "403 x", "426 x"] {
            let head = format!(
                "HTTP/1.1 {status}\r\nLocation: /\r\nWWW-Authenticate: Basic realm=x\r\n\
                 Content-Length: 0\r\n\r\n"
            );
            let failure = failure(head.as_bytes());
            assert!(matches!(failure, Failure::Status(_)), "{failure:?}");
        }
        for (response, fault) in [
            (
                &b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nbytes"[..],
                HandshakeFault::Field("upgrade"),
            ),
            (
                b"HTTP/1.0 101 x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\nbytes",
                HandshakeFault::Malformed,
            ),
            (
                b"HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\n\r\nbytes",
                HandshakeFault::Field("connection"),
            ),
            (
                b"HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
                  WebSocket-Origin: null\r\n\r\nbytes",
                HandshakeFault::Field("websocket-origin"),
            ),
            (b"220 mail ready\r\n\r\n", HandshakeFault::Malformed),
        ] {
            assert_eq!(failure(response), Failure::Handshake(fault));
        }
        let ended = Failure::Handshake(HandshakeFault::Incomplete);
        assert_eq!(failure(b"HTTP/1.1 101 x\r\n"), ended);
    });
}

#[test]
fn a_server_that_says_nothing_is_left_after_the_bound_and_a_signal_comes_before() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (asked, is_asked) = mpsc::unbounded();
        let peer = Peer::listen(move |listener| {
            for _ in 0..2 {
                let mut wire = support::accept(&listener);
                wire.take_through(b"\r\n\r\n");
                asked.unbounded_send(()).unwrap();
                assert_eq!(wire.take_rest().0, b"");
            }
        });
        let user_agent = UserAgent::builder().timeouts(short_timeouts()).build();
        let mut builder = ByteStream::builder(&event_loop, "");
        let _ = builder.user_agent(&user_agent);
        let silent = ByteStream::builder(&event_loop, &peer.url())
            .user_agent(&user_agent)
            .open()
            .unwrap();
        let error = run(
            &event_loop,
            async move { silent.closed().await.unwrap_err() },
        );
        assert_eq!(error.failure(), Some(&Failure::OpeningTimedOut));
        let controller = AbortController::new();
        let aborted = ByteStream::builder(&event_loop, &peer.url())
            .signal(&controller.signal())
            .open()
            .unwrap();
        let error = run(&event_loop, async move {
            // The silent one's, and this one's.
            is_asked.take(2).collect::<Vec<_>>().await;
            controller.abort();
            aborted.closed().await.unwrap_err()
        });
        assert_eq!(error.name(), "AbortError");
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_peer_that_takes_its_time_gets_all_that_was_written_though_nobody_holds_the_stream() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.shrink_receive_buffer();
            wire.take_through(b"\r\n\r\n");
            wire.send(RESPONSE.as_bytes());
            // It says much, which nobody reads.
            wire.send(&[7; 100_000]);
            std::thread::sleep(Duration::from_millis(300));
            assert!(wire.take(MIB) == pattern(MIB));
            wire.expect_end();
        });
        let mut stream = ByteStream::connect(&event_loop, &peer.url()).unwrap();
        run(&event_loop, async move {
            stream.write_all(&pattern(MIB)).await.unwrap();
            drop(stream);
        });
        event_loop.run();
        peer.join();
    });
}

#[test]
fn a_connection_that_is_lost_is_an_error_and_no_end() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.send(&[RESPONSE.as_bytes(), b"part"].concat());
            wire.expect(b"taken");
            wire.reset();
        });
        let mut stream = ByteStream::connect(&event_loop, &peer.url()).unwrap();
        run(&event_loop, async move {
            let mut part = [0; 4];
            stream.read_exact(&mut part).await.unwrap();
            assert_eq!(&part, b"part");
            stream.write_all(b"taken").await.unwrap();
            let error = stream.read(&mut part).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
            assert_eq!(stream.closed().await.unwrap_err().close_code(), Some(1006));
        });
        peer.join();
    });
}
