//! A server that is attacked.

use super::attacker::{Attacker, ids};
use dom_websocket::{ByteStream, EventLoop, Http2Options, Limits, Server, WebSocket};
use futures::AsyncReadExt;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::channel;
use support::http2::{DATA, END_HEADERS, HEADERS, begin, connect, field, frame, take_kind};
use support::{Frame, run_until, run_with};

/// Sockets, and whoever has them and does nothing with them.
type Unread = Rc<RefCell<Vec<Box<dyn Any>>>>;

pub(super) struct Attacked {
    event_loop: EventLoop,
    server: Server,
    unread: Unread,
}

/// What one connection may have: so many streams with this window, and one beside them.
pub(super) fn options(streams: usize, window: usize) -> Http2Options {
    let mut options = Http2Options::default();
    options.streams = u32::try_from(streams + 1).unwrap();
    options.window = u32::try_from(window).unwrap();
    options
}

/// A socket soon has more undispatched than it may, and is not read any more.
pub(super) fn few(limits: Limits) -> Limits {
    Limits {
        undispatched: 1000,
        ..limits
    }
}

impl Attacked {
    /// Its sockets are streams of messages, which nobody reads.
    pub(super) fn messages(streams: usize, window: usize) -> Self {
        Self::new(streams, window, |socket| {
            Box::new(socket.into_stream().unwrap())
        })
    }

    /// The same of bytes.
    pub(super) fn bytes(streams: usize, window: usize) -> Self {
        Self::new(streams, window, |socket| {
            Box::new(socket.into_byte_stream().unwrap())
        })
    }

    fn new(streams: usize, window: usize, keep: fn(WebSocket) -> Box<dyn Any>) -> Self {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        let server = builder
            .compression(false)
            .http2(options(streams, window))
            .limits(few(Limits::of_server()))
            .listen("127.0.0.1:0")
            .unwrap();
        let unread = Unread::default();
        server.set_onconnection({
            let unread = unread.clone();
            move |socket, request| match request.resource_name() {
                "/echo" => socket.set_onmessage(|event| event.target().send(event.data())),
                _ => unread.borrow_mut().push(keep(socket)),
            }
        });
        Self {
            event_loop,
            server,
            unread,
        }
    }

    /// How many sockets there were.
    pub(super) fn count(&self) -> usize {
        self.unread.borrow().len()
    }

    pub(super) fn begin(&self) -> Attacker {
        run_with(&self.event_loop, &self.server, |mut wire| {
            wire.send(&begin(&[]));
            Attacker::new(wire)
        })
    }

    /// A connection with so many sockets.
    pub(super) fn open(&self, streams: usize) -> Attacker {
        self.run(self.begin(), move |attacker| {
            let heads = ids(streams).into_iter().flat_map(connect);
            attacker.wire.send(&heads.collect::<Vec<_>>());
            assert_eq!(attacker.take_answers(streams).len(), streams);
            attacker.settle();
        })
    }

    pub(super) fn script<T: Send + 'static>(
        &self,
        attacker: Attacker,
        script: impl FnOnce(Attacker) -> T + Send + 'static,
    ) -> T {
        run_with(&self.event_loop, &self.server, |_| script(attacker))
    }

    /// A part of a script that goes on.
    pub(super) fn run(
        &self,
        attacker: Attacker,
        part: impl FnOnce(&mut Attacker) + Send + 'static,
    ) -> Attacker {
        self.script(attacker, |mut attacker| {
            part(&mut attacker);
            attacker
        })
    }

    /// Reads so many bytes of this stream, or of the first.
    pub(super) fn read(&self, stream: Option<Box<ByteStream>>, count: usize) -> Box<ByteStream> {
        let first = || self.unread.take().remove(0).downcast().unwrap();
        let mut stream = stream.unwrap_or_else(first);
        let (done, is_done) = channel();
        self.event_loop.spawn(async move {
            let mut buffer = vec![0; count];
            stream.read_exact(&mut buffer).await.unwrap();
            done.send(stream).unwrap();
        });
        let mut read = None;
        run_until(&self.event_loop, || {
            read = is_done.try_recv().ok();
            read.is_some()
        });
        read.unwrap()
    }

    /// Another socket, behind so many on the same connection, is none the worse.
    pub(super) fn serves_a_sibling(&self, attacker: Attacker, streams: usize) {
        let id = ids(streams + 1)[streams];
        self.run(attacker, move |attacker| {
            let fields = [
                field(":method", "CONNECT"),
                field(":protocol", "websocket"),
                field(":scheme", "http"),
                field(":path", "/echo"),
                field(":authority", "example.com"),
                field("sec-websocket-version", "13"),
            ];
            let head = frame(HEADERS, END_HEADERS, id, fields.concat());
            let text = Frame::text("hello");
            let data = frame(DATA, 0, id, text.clone().masked().bytes());
            attacker.wire.send(&[head, data].concat());
            let echo = take_kind(&mut attacker.wire, DATA);
            assert_eq!((echo.stream, echo.payload), (id, text.bytes()));
        });
    }
}
