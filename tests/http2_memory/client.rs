//! What a server can have a client hold.

use super::attacked::{few, options};
use super::attacker::Attacker;
use super::bounds::{
    HANDSHAKE, OPENING, SIZES, assert_bounded, assert_linear, of_rounds, of_streams,
};
use super::counting::Measure;
use dom_websocket::{EventLoop, Http2, Limits, UserAgent, WebSocket};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use support::http2::{
    DATA, ENABLE_CONNECT_PROTOCOL, END_HEADERS, HEADERS, PREFACE, RST_STREAM, STATUS_200, field,
    frame, settings, take_kind,
};
use support::{Frame, Gate, Peer, Recorder, accept, bounded, run_until};

/// A client's loop, and the server that attacks it.
struct Attacked {
    event_loop: EventLoop,
    user_agent: UserAgent,
    peer: Peer,
    go_on: Sender<()>,
    is_over: Gate,
}

/// `:status: 200`.
fn ok(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, [STATUS_200])
}

/// An answer that opens nothing, since nobody asked for that.
fn wrong(stream: u32) -> Vec<u8> {
    let head = [vec![STATUS_200], field("sec-websocket-protocol", "x")].concat();
    frame(HEADERS, END_HEADERS, stream, head)
}

/// A client that has begun HTTP/2.
fn begin(listener: &TcpListener) -> Attacker {
    let mut wire = accept(listener);
    assert_eq!(wire.take(PREFACE.len()), PREFACE);
    wire.send(&settings(&[(ENABLE_CONNECT_PROTOCOL, 1)]));
    Attacker::new(wire)
}

impl Attacked {
    /// The server answers so many requests, and waits for the client; then it attacks all streams but the last. On that it says
    /// something in the end.
    fn new(
        streams: usize,
        window: usize,
        answer: impl FnOnce(&mut Attacker, &[u32], &Receiver<()>) + Send + 'static,
        attack: impl FnOnce(&mut Attacker, &[u32]) + Send + 'static,
    ) -> Self {
        let event_loop = EventLoop::new();
        let user_agent = UserAgent::builder()
            .compression(false)
            .http2(Http2::PriorKnowledge)
            .http2_options(options(streams, window))
            .limits(few(Limits::default()))
            .build();
        let (go_on, goes_on) = channel();
        let is_over = Gate::new(&event_loop);
        let over = is_over.clone();
        let peer = Peer::listen(move |listener| {
            let mut attacker = begin(&listener);
            let mut take = |_| take_kind(&mut attacker.wire, HEADERS).stream;
            let ids: Vec<u32> = (0..=streams).map(&mut take).collect();
            let (last, ids) = ids.split_last().unwrap();
            attacker.wire.send(&ok(*last));
            answer(&mut attacker, ids, &goes_on);
            attack(&mut attacker, ids);
            attacker.settle();
            let text = Frame::text("hello").bytes();
            attacker.wire.send(&frame(DATA, 0, *last, text));
            over.open();
            // Until all is looked at.
            let _ = goes_on.recv();
        });
        Self {
            event_loop,
            user_agent,
            peer,
            go_on,
            is_over,
        }
    }

    fn open(&self) -> WebSocket {
        let url = self.peer.url();
        let mut builder = WebSocket::builder(&self.event_loop, &url);
        builder.user_agent(&self.user_agent).open().unwrap()
    }

    /// All of them, the last of which is read.
    fn open_all(&self, streams: usize) -> (Vec<WebSocket>, Recorder) {
        let sockets = (0..streams).map(|_| self.open()).collect();
        (sockets, Recorder::of(&self.open()))
    }

    /// The last socket has heard what was said to it.
    fn end(self, sibling: &Recorder) {
        run_until(&self.event_loop, || sibling.count_of("message") == 1);
        let heard = ["OPEN open", "OPEN message hello"];
        assert_eq!(sibling.events(), heard);
        drop(self.go_on);
        self.peer.join();
    }
}

#[test]
fn streams_that_nobody_reads() {
    bounded(|| {
        for (streams, window) in SIZES {
            for is_bytes in [false, true] {
                let attacked = Attacked::new(
                    streams,
                    window,
                    |attacker, ids, goes_on| {
                        let answers = ids.iter().flat_map(|id| ok(*id));
                        attacker.wire.send(&answers.collect::<Vec<_>>());
                        goes_on.recv().unwrap();
                    },
                    move |attacker, ids| attacker.drip(ids, &Frame::text("x"), window),
                );
                let (sockets, sibling) = attacked.open_all(streams);
                let is_open = |socket: &WebSocket| socket.ready_state() == WebSocket::OPEN;
                run_until(&attacked.event_loop, || sockets.iter().all(is_open));
                let (mut messages, mut bytes) = (Vec::new(), Vec::new());
                for socket in sockets {
                    match is_bytes {
                        false => messages.push(socket.into_stream().unwrap()),
                        true => bytes.push(socket.into_byte_stream().unwrap()),
                    }
                }
                let measure = Measure::new();
                attacked.go_on.send(()).unwrap();
                attacked.is_over.run(&attacked.event_loop);
                let what = format!("{streams} of a client's streams, unread");
                let bound = of_streams(streams, window) + of_rounds(1);
                assert_bounded(&what, &measure, bound);
                assert_linear(&what, &measure, 10 * streams * window);
                attacked.end(&sibling);
            }
        }
    });
}

/// All of it right behind the answer.
#[test]
fn streams_that_are_opening() {
    bounded(|| {
        for (streams, window) in SIZES {
            let attacked = Attacked::new(
                streams,
                window,
                |attacker, ids, _| {
                    let answers = ids.iter().flat_map(|id| ok(*id));
                    attacker.wire.send(&answers.collect::<Vec<_>>());
                },
                move |attacker, ids| attacker.drip(ids, &Frame::text("x"), window),
            );
            let measure = Measure::new();
            let (sockets, sibling) = attacked.open_all(streams);
            let into_stream = |socket: WebSocket| socket.into_stream().unwrap();
            let _unread: Vec<_> = sockets.into_iter().map(into_stream).collect();
            attacked.is_over.run(&attacked.event_loop);
            let what = format!("{streams} of a client's streams, opening");
            let bound = of_streams(streams, window) + of_rounds(OPENING) + streams * HANDSHAKE;
            assert_bounded(&what, &measure, bound);
            assert_linear(&what, &measure, 10 * streams * window);
            attacked.end(&sibling);
        }
    });
}

/// What comes on streams that the client has reset is nobody's.
#[test]
fn streams_that_are_let_go_of() {
    bounded(|| {
        let (streams, window) = (25, 4 * 1024);
        let attacked = Attacked::new(
            streams,
            window,
            |attacker, ids, _| {
                let answers = ids.iter().flat_map(|id| wrong(*id));
                attacker.wire.send(&answers.collect::<Vec<_>>());
                for _ in ids {
                    take_kind(&mut attacker.wire, RST_STREAM);
                }
            },
            move |attacker, ids| attacker.drip(ids, &Frame::text("x"), 2 * window),
        );
        let measure = Measure::new();
        let (_sockets, sibling) = attacked.open_all(streams);
        attacked.is_over.run(&attacked.event_loop);
        let bound = of_rounds(1) + streams * HANDSHAKE;
        assert_bounded("a client's streams, let go of", &measure, bound);
        attacked.end(&sibling);
    });
}
