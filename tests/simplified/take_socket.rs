//! Somebody else goes on with the transport.

use crate::{MIB, RESPONSE, both, pattern, read_all, request, run, serve};
use dom_websocket::{
    ByteStream, Edition, EventLoop, Server, TakenSocket, TakenTransport, WebSocket,
};
use futures::FutureExt;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::stream::{FuturesUnordered, StreamExt};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use support::{Peer, bounded};

fn tcp(taken: TakenSocket) -> (Vec<u8>, TcpStream) {
    let TakenTransport::Tcp(socket) = taken.transport else {
        panic!("{taken:?}");
    };
    socket.set_nonblocking(false).unwrap();
    (taken.unread, socket)
}

#[test]
fn whoever_takes_the_socket_gets_all_that_came_and_nobody_read() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, accepted) = serve(&event_loop);
        let peer = Peer::call(server.local_addr(), |mut wire| {
            wire.send(request("h").as_bytes());
            wire.send(b"one, two");
            wire.expect(RESPONSE.as_bytes());
            assert!(wire.take(2 * MIB) == pattern(2 * MIB));
            wire.send(b", three");
            wire.expect(b"from another server");
            wire.finish();
            wire.expect_end();
        });
        let mut stream = accepted.next(&event_loop);
        let (taken, mut stream) = run(&event_loop, async move {
            let mut one = [0; 3];
            stream.read_exact(&mut one).await.unwrap();
            assert_eq!(&one, b"one");
            stream.write_all(&pattern(2 * MIB)).await.unwrap();
            (stream.take_socket().await.unwrap(), stream)
        });
        let (mut all, mut socket) = tcp(taken);
        // The system may have the rest.
        let left = b", two, three".len() - all.len();
        let mut rest = vec![0; left];
        socket.read_exact(&mut rest).unwrap();
        all.extend(rest);
        assert_eq!(all, b", two, three");
        socket.write_all(b"from another server").unwrap();
        assert_eq!(socket.read_to_end(&mut Vec::new()).unwrap(), 0);
        drop(socket);
        peer.join();
        run(&event_loop, async move {
            assert_eq!(stream.closed().await.unwrap().close_code, Some(1005));
            assert_eq!(stream.read(&mut [0; 9]).await.unwrap(), 0);
            let error = stream.write(b"gone").await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            let error = stream.take_socket().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        });
    });
}

#[test]
fn it_can_be_asked_for_before_the_connection_is_established() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.send(&[RESPONSE.as_bytes(), b"first"].concat());
            wire.expect(b"answer");
            wire.expect_end();
        });
        let mut stream = ByteStream::connect(&event_loop, &peer.url()).unwrap();
        let taken = run(
            &event_loop,
            async move { stream.take_socket().await.unwrap() },
        );
        let (unread, mut socket) = tcp(taken);
        assert_eq!(unread, b"first");
        socket.write_all(b"answer").unwrap();
        drop(socket);
        peer.join();
        // Nothing of it is left in the loop.
        event_loop.run();

        let mut nobody = ByteStream::connect(&event_loop, &support::url_of_nobody()).unwrap();
        run(&event_loop, async move {
            let error = nobody.take_socket().await.unwrap_err();
            assert_eq!(error.kind(), nobody.opened().await.unwrap_err().kind());
        });
    });
}

#[test]
fn nothing_is_given_away_to_whoever_has_left() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (mut client, mut server) = both(&event_loop);
        let (mut client, taken) = run(&event_loop, async move {
            assert!(client.take_socket().now_or_never().is_none());
            client.write_all(b"goes on").await.unwrap();
            let mut part = [0; 7];
            server.read_exact(&mut part).await.unwrap();
            assert_eq!(&part, b"goes on");
            client.close().await.unwrap();
            let error = client.take_socket().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotConnected);
            // The peer's end has come, and this one can write still: so can whoever takes over.
            assert_eq!(read_all(&mut server).await, b"");
            (client, server.take_socket().await.unwrap())
        });
        let (unread, mut socket) = tcp(taken);
        assert_eq!(unread, b"");
        socket.write_all(b"the last word").unwrap();
        drop(socket);
        run(&event_loop, async move {
            assert_eq!(read_all(&mut client).await, b"the last word");
            assert!(client.closed().await.is_ok());
        });
    });
}

#[test]
fn a_wire_with_frames_is_not_given_away() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        for edition in [Edition::Living, Edition::Html5] {
            let mut stream = WebSocket::builder(&event_loop, &crate::url(&server))
                .edition(edition)
                .open_byte_stream()
                .unwrap();
            run(&event_loop, async move {
                let error = stream.take_socket().await.unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::Unsupported);
                stream.write_all(b"echo").await.unwrap();
                let mut echo = [0; 4];
                stream.read_exact(&mut echo).await.unwrap();
                assert_eq!(&echo, b"echo");
            });
        }
    });
}

/// What had come and was not read goes along, and whoever waits for the end of the stream is told.
#[test]
fn the_stream_has_ended_for_whoever_waits() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (mut client, mut server) = both(&event_loop);
        let inside = event_loop.clone();
        run(&event_loop, async move {
            client.write_all(b"unread").await.unwrap();
            let closed = server.closed();
            let taking = async move {
                inside.sleep(Duration::from_millis(100)).await;
                let taken = server.take_socket().await.unwrap();
                std::future::pending::<()>().await;
                drop((taken, server));
            };
            // Polled by wakers of their own, as tasks are.
            let mut both = FuturesUnordered::new();
            both.push(taking.boxed_local());
            both.push(
                async move {
                    assert_eq!(closed.await.unwrap().close_code, Some(1005));
                }
                .boxed_local(),
            );
            both.next().await;
            drop(client);
        });
    });
}
