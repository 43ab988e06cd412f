//! Streams of the host's own connections.

use dom_websocket::{EventLoop, Http2Exchange, Server, UserAgent, WebSocket};
use futures::io::{AsyncRead, AsyncWrite};
use std::cell::RefCell;
use std::io::{self, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use support::{FAILURE, Frame, Recorder, bounded};

/// What a host has of a server that says these frames.
struct Canned {
    says: io::Cursor<Vec<u8>>,
    hears: Rc<RefCell<Vec<u8>>>,
}

impl AsyncRead for Canned {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.says.read(buffer))
    }
}

impl AsyncWrite for Canned {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.hears.borrow_mut().extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn events(event_loop: &EventLoop, url: &str, user_agent: &UserAgent) -> Vec<String> {
    let mut builder = WebSocket::builder(event_loop, url);
    builder.user_agent(user_agent).protocol("chat");
    let socket = builder.open().unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    recorder.finished()
}

#[test]
fn a_host_lends_a_stream() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let heard = Rc::<RefCell<Vec<u8>>>::default();
        let hears = heard.clone();
        let mut builder = UserAgent::builder();
        builder.http2_lender(move |request| {
            assert_eq!(request.scheme(), "https");
            assert_eq!(
                (request.authority(), request.path()),
                ("example.com:8443", "/a?b")
            );
            let fields: Vec<_> = request.fields().collect();
            assert!(
                fields.contains(&("sec-websocket-version", "13")),
                "{fields:?}"
            );
            assert!(
                fields.contains(&("sec-websocket-protocol", "chat")),
                "{fields:?}"
            );
            let says = [Frame::text("from afar"), Frame::close(1000, "")];
            let says: Vec<_> = says.iter().flat_map(Frame::bytes).collect();
            let stream = Canned {
                says: io::Cursor::new(says),
                hears: hears.clone(),
            };
            let fields = [("Sec-WebSocket-Protocol", "chat")];
            async move { Ok(Some(Http2Exchange::new(200, fields, stream))) }
        });
        let events = events(&event_loop, "wss://example.com:8443/a?b", &builder.build());
        let session = [
            "OPEN open",
            "OPEN message from afar",
            "CLOSED close clean 1000",
        ];
        assert_eq!(events, session);
        // The answer to what was there at once: a Close.
        assert_eq!(heard.borrow()[0], 0x88);
    });
}

#[test]
fn a_host_that_has_none_and_one_that_fails() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection({
            let server = server.clone();
            move |socket, request| {
                assert!(!request.is_http2());
                server.close();
                socket.close_with(1000, "").unwrap();
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let without = UserAgent::builder()
            .http2_lender(|_| async { Ok(None::<Http2Exchange>) })
            .build();
        let session = ["OPEN open", "CLOSED close clean 1000"];
        assert_eq!(events(&event_loop, &url, &without), session);
        let failing = UserAgent::builder()
            .http2_lender(|_| async { Err(io::ErrorKind::ConnectionReset.into()) })
            .build();
        assert_eq!(events(&event_loop, &url, &failing), FAILURE);
    });
}
