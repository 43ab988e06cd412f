//! By way of a proxy's tunnel.

use crate::{MIB, RESPONSE, pattern, read_all, request, run};
use dom_websocket::{ByteStream, EventLoop, Proxy, TakenTransport, UserAgent};
use futures::io::AsyncWriteExt;
use support::{Peer, Wire, bounded};

/// A client behind this proxy.
fn proxied(event_loop: &EventLoop, proxy: String) -> ByteStream {
    let mut builder = UserAgent::builder();
    builder.proxies(Proxy::new(&proxy).unwrap());
    ByteStream::builder(event_loop, "ws://example.invalid/")
        .user_agent(&builder.build())
        .open()
        .unwrap()
}

/// The server's part, and half a close.
fn play(mut wire: Wire) {
    let head = wire.take_through(b"\r\n\r\n");
    assert_eq!(String::from_utf8(head).unwrap(), request("example.invalid"));
    wire.send(RESPONSE.as_bytes());
    wire.expect(b"all");
    wire.expect_end();
    wire.send(&pattern(16 * MIB));
    wire.finish();
}

async fn converse(mut stream: ByteStream) {
    stream.write_all(b"all").await.unwrap();
    stream.close().await.unwrap();
    assert!(read_all(&mut stream).await == pattern(16 * MIB));
    assert!(stream.closed().await.is_ok());
}

#[test]
fn a_tunnel_by_connect_carries_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            let connect = wire.accept_connect();
            assert_eq!(connect.target(), "example.invalid:80");
            play(wire);
        });
        let stream = proxied(&event_loop, format!("http://{}", peer.address()));
        run(&event_loop, converse(stream));
        peer.join();
    });
}

#[test]
fn a_tunnel_by_socks_carries_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_socks();
            wire.take_socks_request();
            wire.send(support::SOCKS_TUNNEL);
            play(wire);
        });
        let stream = proxied(&event_loop, format!("socks5://{}", peer.address()));
        run(&event_loop, converse(stream));
        peer.join();
    });
}

#[test]
fn what_a_proxy_sent_ahead_goes_along_with_the_socket() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_connect();
            wire.take_through(b"\r\n\r\n");
            wire.send(&[RESPONSE.as_bytes(), b"first"].concat());
            wire.expect_end();
        });
        let mut stream = proxied(&event_loop, format!("http://{}", peer.address()));
        let taken = run(
            &event_loop,
            async move { stream.take_socket().await.unwrap() },
        );
        assert_eq!(taken.unread, b"first");
        assert!(matches!(taken.transport, TakenTransport::Tcp(_)));
        drop(taken);
        peer.join();
    });
}
