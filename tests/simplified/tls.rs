//! As `wss:`.

use crate::{Accepted, MIB, after_the_end, read_all, run};
use dom_websocket::{ByteStream, EventLoop, Server, TakenTransport, UserAgent};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::time::Duration;
use support::{bounded, bounded_by};

/// Both ends of a connection: the client's first.
fn both(event_loop: &EventLoop) -> (ByteStream, ByteStream) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let mut builder = Server::builder(event_loop);
    builder.tls(chain.as_bytes(), key.as_bytes()).unwrap();
    let server = builder.listen("127.0.0.1:0").unwrap();
    let accepted = Accepted::of(&server);
    let mut builder = UserAgent::builder();
    builder.root_certificates(chain.as_bytes()).unwrap();
    let url = format!("wss://localhost:{}/", server.local_addr().port());
    let client = ByteStream::builder(event_loop, &url)
        .user_agent(&builder.build())
        .open()
        .unwrap();
    let server = accepted.next(event_loop);
    assert_eq!(server.url(), url);
    (client, server)
}

#[test]
fn all_that_is_sent_after_the_peers_end_arrives() {
    bounded_by(Duration::from_secs(100), || {
        let event_loop = EventLoop::new();
        let (client, server) = both(&event_loop);
        run(&event_loop, after_the_end(client, server, 16 * MIB));
        let (client, server) = both(&event_loop);
        run(&event_loop, after_the_end(server, client, 16 * MIB));
    });
}

#[test]
fn an_end_of_tcp_is_no_end_of_tls() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (mut client, mut server) = both(&event_loop);
        run(&event_loop, async move {
            server.write_all(b"part").await.unwrap();
            server.flush().await.unwrap();
            let mut part = [0; 4];
            client.read_exact(&mut part).await.unwrap();
            let TakenTransport::Tls(socket) = server.take_socket().await.unwrap().transport else {
                panic!("it is TLS");
            };
            // Without a word of TLS.
            drop(socket);
            let error = client.read(&mut part).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            assert_eq!(client.closed().await.unwrap_err().close_code(), Some(1006));
        });
    });
}

#[test]
fn whoever_takes_the_socket_goes_on_in_tls() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (mut client, mut server) = both(&event_loop);
        run(&event_loop, async move {
            client.write_all(b"read").await.unwrap();
            client.flush().await.unwrap();
            server.read_exact(&mut [0; 4]).await.unwrap();
            let taken = server.take_socket().await.unwrap();
            assert_eq!(taken.unread, b"");
            let TakenTransport::Tls(mut socket) = taken.transport else {
                panic!("it is TLS");
            };
            client.write_all(b"later").await.unwrap();
            client.close().await.unwrap();
            assert_eq!(read_all(&mut socket).await, b"later");
            socket.write_all(b"from another server").await.unwrap();
            socket.close().await.unwrap();
            assert_eq!(read_all(&mut client).await, b"from another server");
            assert!(client.closed().await.is_ok());
        });
    });
}
