//! Flow control (RFC 9113 section 5.2): whoever is slow is slow alone.

use super::http2_client::{Client, run};
use super::http2_server::serving_few;
use dom_websocket::{EventLoop, Server, WebSocket, WebSocketStream};
use futures::{SinkExt, StreamExt};
use h2::client::Builder;
use std::cell::RefCell;
use std::rc::Rc;
use support::http2::{
    self as frames, DATA, HEADERS, INITIAL_WINDOW_SIZE, begin, connect, settings, take_kind,
    window_update,
};
use support::{Frame, Wire, bounded, run_until, run_with};

type Sockets = Rc<RefCell<Vec<WebSocket>>>;

/// A server whose sockets say this as soon as they are open.
fn saying(event_loop: &EventLoop, what: &'static str) -> (Server, Sockets) {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let sockets = Sockets::default();
    server.set_onconnection({
        let sockets = sockets.clone();
        move |socket, _| {
            socket.set_onopen(move |event| event.target().send(what));
            sockets.borrow_mut().push(socket);
        }
    });
    (server, sockets)
}

/// What the next DATA frame has, of which stream.
fn data(wire: &mut Wire) -> (u32, Vec<u8>) {
    let frame = take_kind(wire, DATA);
    (frame.stream, frame.payload)
}

#[test]
fn windows_of_all_sizes() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, sockets) = saying(&event_loop, "0123456789");
        let frame = Frame::text("0123456789").bytes();
        let wire = run_with(&event_loop, &server, |mut wire| {
            wire.send(&begin(&[(INITIAL_WINDOW_SIZE, 0)]));
            wire.send(&[connect(1), connect(3)].concat());
            assert_eq!(take_kind(&mut wire, HEADERS).stream, 1);
            assert_eq!(take_kind(&mut wire, HEADERS).stream, 3);
            wire
        });
        let buffered = |index: usize| sockets.borrow()[index].buffered_amount();
        run_until(&event_loop, || sockets.borrow().len() == 2);
        run_until(&event_loop, || buffered(0) == 10 && buffered(1) == 10);
        let wire = run_with(&event_loop, &server, {
            let frame = frame.clone();
            move |_| {
                let mut wire = wire;
                // Room for one of them is none for the other.
                wire.send(&window_update(3, 1000));
                assert_eq!(data(&mut wire), (3, frame.clone()));
                for byte in &frame[..4] {
                    wire.send(&window_update(1, 1));
                    assert_eq!(data(&mut wire), (1, vec![*byte]));
                }
                wire
            }
        });
        run_until(&event_loop, || buffered(1) == 0);
        // Two bytes of it were the header.
        run_until(&event_loop, || buffered(0) == 8);
        run_with(&event_loop, &server, move |_| {
            let mut wire = wire;
            // All windows by three; then so far back that it is below nothing (section 6.9.2).
            wire.send(&settings(&[(INITIAL_WINDOW_SIZE, 3)]));
            assert_eq!(data(&mut wire), (1, frame[4..7].to_vec()));
            wire.send(&settings(&[(INITIAL_WINDOW_SIZE, 0)]));
            wire.send(&[window_update(1, 2), window_update(1, 2)].concat());
            assert_eq!(data(&mut wire), (1, vec![frame[7]]));
            wire.send(&window_update(1, 0x7fff_0000));
            assert_eq!(data(&mut wire), (1, frame[8..].to_vec()));
        });
        run_until(&event_loop, || buffered(0) == 0);
    });
}

#[test]
fn a_client_that_does_not_read_one_stream_reads_the_others() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let sockets = Sockets::default();
        server.set_onconnection({
            let sockets = sockets.clone();
            move |socket, request| {
                match request.resource_name() {
                    "/many" => socket.set_onopen(|event| {
                        for _ in 0..100 {
                            event.target().send("x".repeat(10_000)).unwrap();
                        }
                    }),
                    _ => socket.set_onmessage(|event| event.target().send(event.data())),
                }
                sockets.borrow_mut().push(socket);
            }
        });
        run(&event_loop, &server, async |address| {
            let mut builder = Builder::new();
            builder
                .initial_window_size(5000)
                .initial_connection_window_size(1 << 20);
            let mut client = Client::with(&mut builder, address).await;
            let mut many = client.open("/many").await;
            many.releases = false;
            many.take(5000).await;
            let mut other = client.open("/").await;
            for _ in 0..100 {
                other.echo("meanwhile").await;
            }
            many.releases = true;
            many.receive.flow_control().release_capacity(5000).unwrap();
            many.take(100 * 10_004 - 5000).await;
        });
        run_until(&event_loop, || sockets.borrow()[0].buffered_amount() == 0);
    });
}

#[test]
fn a_socket_that_nobody_reads_closes_its_own_window() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving_few(&event_loop, |options| options.window = 10_000);
        let unread = Rc::new(RefCell::new(None::<WebSocketStream>));
        server.set_onconnection({
            let unread = unread.clone();
            move |socket, request| match request.resource_name() {
                "/unread" => *unread.borrow_mut() = socket.into_stream().ok(),
                _ => socket.set_onmessage(|event| event.target().send(event.data())),
            }
        });
        let spawner = event_loop.downgrade();
        server.set_onrequest(move |request| {
            // Somebody reads at last.
            if let ("/read", Some(event_loop)) = (request.resource_name(), spawner.upgrade()) {
                let stream = unread.take().unwrap();
                event_loop.spawn(async move {
                    let mut ends = stream.opened().await.unwrap();
                    for _ in 0..100 {
                        let message = ends.readable.next().await.unwrap().unwrap();
                        assert_eq!(message.as_text().map(str::len), Some(1000));
                    }
                    ends.readable.next().await;
                });
            }
            dom_websocket::Answer::accept()
        });
        run(&event_loop, &server, async |address| {
            let mut client = Client::new(address).await;
            let mut stalled = client.open("/unread").await;
            let text = Frame::text("x".repeat(1000));
            for _ in 0..100 {
                stalled.send(&text);
            }
            let mut other = client.open("/").await;
            for _ in 0..100 {
                other.echo("meanwhile").await;
            }
            // Nobody has given it room.
            stalled.send.reserve_capacity(200_000);
            assert_eq!(stalled.send.capacity(), 0);
            let _read = client.open("/read").await;
            stalled.send(&Frame::close_without_code());
            stalled.expect(&Frame::close_without_code()).await;
        });
    });
}

/// However little stands in each frame: what the window lets through is no attack, and waits.
#[test]
fn tiny_messages_that_nobody_reads_wait() {
    const MANY: usize = 100_000;
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serving_few(&event_loop, |options| {
            (options.streams, options.window) = (2, 1 << 20);
        });
        let (unread, spawner) = (RefCell::new(None), event_loop.downgrade());
        server.set_onconnection(move |socket, _| {
            let stream: WebSocketStream = socket.into_stream().unwrap();
            // The second has the first read.
            let Some(first) = unread.replace(Some(stream)) else {
                return;
            };
            spawner.upgrade().unwrap().spawn(async move {
                let mut ends = first.opened().await.unwrap();
                for _ in 0..MANY {
                    ends.readable.next().await.unwrap().unwrap();
                }
                ends.writable.send("all".into()).await.unwrap();
            });
        });
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[]), connect(1)].concat());
            take_kind(&mut wire, HEADERS);
            // Until the window that was meant is there.
            wire.send(&frames::frame(frames::SETTINGS, frames::ACK, 0, ""));
            let tiny = Frame::text("x").masked().bytes();
            wire.send(&frames::frame(DATA, 0, 1, tiny).repeat(MANY));
            wire.send(&frames::frame(frames::PING, 0, 0, [0; 8]));
            loop {
                let said = frames::take(&mut wire);
                assert_ne!(said.kind, frames::GOAWAY, "{}", said.code());
                if (said.kind, said.flags) == (frames::PING, frames::ACK) {
                    break;
                }
            }
            wire.send(&connect(3));
            assert_eq!(data(&mut wire), (1, Frame::text("all").bytes()));
        });
    });
}

/// RFC 9113 section 6.1: how a stream is cut into frames is nothing to it.
#[test]
fn a_message_comes_byte_by_byte() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        run_with(&event_loop, &server, |mut wire| {
            wire.send(&[begin(&[]), connect(1)].concat());
            let message = Frame::text("hello").masked().bytes();
            let frames = message
                .iter()
                .map(|byte| frames::frame(DATA, 0, 1, [*byte]));
            wire.send(&frames.collect::<Vec<_>>().concat());
            assert_eq!(data(&mut wire), (1, Frame::text("hello").bytes()));
            // Padded (section 6.1), with an empty one in between.
            let padded = [&[3][..], &message, &[0; 3]].concat();
            wire.send(&frames::frame(DATA, 0, 1, ""));
            wire.send(&frames::frame(DATA, 8, 1, padded));
            assert_eq!(data(&mut wire), (1, Frame::text("hello").bytes()));
        });
    });
}
