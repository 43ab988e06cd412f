//! A server of other people's making: the crate `h2`, on a thread of its own.

use bytes::Bytes;
use dom_websocket::{EventLoop, Http2, Http2Options, UserAgent, UserAgentBuilder, WebSocket};
use futures::future::{Either, select};
use h2::server::{Builder, Connection, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use http::{Request, Response};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::resume_unwind;
use std::pin::pin;
use std::thread::{self, JoinHandle};
use support::{Frame, PATIENCE, Recorder};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// What becomes of a socket that closes when it is open.
pub(super) const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1005"];

/// A script under way.
pub(super) struct Peer<T> {
    pub(super) address: SocketAddr,
    script: JoinHandle<T>,
}

impl<T: Send + 'static> Peer<T> {
    /// Begins a script, which gets what clients connect to.
    pub(super) fn new<F: Future<Output = T>>(
        script: impl FnOnce(Listener) -> F + Send + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let script = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = Listener(TcpListener::from_std(listener).unwrap());
                let played = timeout(PATIENCE, script(listener)).await;
                played.expect("the server waits in vain")
            })
        });
        Self { address, script }
    }

    /// A socket to it.
    pub(super) fn open(&self, event_loop: &EventLoop, user_agent: &UserAgent) -> WebSocket {
        let url = format!("ws://{}/chat", self.address);
        open(&url, event_loop, user_agent)
    }

    /// All events of a socket to it that closes when it is open.
    pub(super) fn session(&self, event_loop: &EventLoop, user_agent: &UserAgent) -> Vec<String> {
        let socket = self.open(event_loop, user_agent);
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
        recorder.finished()
    }

    /// What the script came to.
    pub(super) fn end(self) -> T {
        self.script
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// A user agent that speaks HTTP/2 to whomever.
pub(super) fn speaking() -> UserAgentBuilder {
    let mut builder = UserAgent::builder();
    builder.http2(Http2::PriorKnowledge);
    builder
}

/// The same, with such options.
pub(super) fn speaking_with(change: impl FnOnce(&mut Http2Options)) -> UserAgentBuilder {
    let mut options = Http2Options::default();
    change(&mut options);
    let mut builder = speaking();
    builder.http2_options(options);
    builder
}

pub(super) fn open(url: &str, event_loop: &EventLoop, user_agent: &UserAgent) -> WebSocket {
    let mut builder = WebSocket::builder(event_loop, url);
    builder.user_agent(user_agent).open().unwrap()
}

/// Waits for the end of a script while the loop goes on.
pub(super) fn end_beside<T: Send + 'static>(
    event_loop: &EventLoop,
    end: impl FnOnce() -> T + Send + 'static,
) {
    let end = thread::spawn(end);
    while !end.is_finished() {
        event_loop.turn();
        thread::yield_now();
    }
    end.join().unwrap_or_else(|panic| resume_unwind(panic));
}

pub(super) struct Listener(TcpListener);

impl Listener {
    pub(super) async fn tcp(&self) -> tokio::net::TcpStream {
        self.0.accept().await.unwrap().0
    }

    /// The next connection, by a server that takes WebSockets.
    pub(super) async fn accept(&self) -> Client {
        self.accept_with(Builder::new().enable_connect_protocol())
            .await
    }

    pub(super) async fn accept_with(&self, builder: &Builder) -> Client {
        let connection = builder.handshake(self.tcp().await).await.unwrap();
        Client {
            connection,
            queue: VecDeque::new(),
        }
    }
}

/// One connection of a client's.
pub(super) struct Client {
    pub(super) connection: Connection<tokio::net::TcpStream, Bytes>,
    queue: VecDeque<Asked>,
}

impl Client {
    /// The next request, if there is one before the connection ends.
    pub(super) async fn next(&mut self) -> Option<Asked> {
        if let Some(asked) = self.queue.pop_front() {
            return Some(asked);
        }
        let (request, respond) = self.connection.accept().await?.ok()?;
        Some(Asked { request, respond })
    }

    /// The same, for who knows that there is one.
    pub(super) async fn request(&mut self) -> Asked {
        self.next().await.expect("a request")
    }

    /// Accepts the next WebSocket, and closes it with the client.
    pub(super) async fn close_next(&mut self) {
        let mut stream = self.request().await.accept();
        self.during(stream.close()).await;
    }

    pub(super) async fn reset_next(&mut self, reason: Reason) {
        self.request().await.respond.send_reset(reason);
    }

    /// Goes on until the client ends it.
    pub(super) async fn drive(&mut self) {
        assert!(self.next().await.is_none(), "another request");
    }

    /// Drives it beside what is done on its streams. Requests that come meanwhile are the next.
    pub(super) async fn during<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        loop {
            let accepting = pin!(self.connection.accept());
            let accepted = match select(what, accepting).await {
                Either::Left((result, _)) => return result,
                Either::Right((accepted, rest)) => {
                    what = rest;
                    accepted
                }
            };
            match accepted {
                Some(Ok((request, respond))) => self.queue.push_back(Asked { request, respond }),
                // What is under way hears of it.
                Some(Err(_)) | None => return what.await,
            }
        }
    }
}

pub(super) struct Asked {
    pub(super) request: Request<RecvStream>,
    pub(super) respond: SendResponse<Bytes>,
}

impl Asked {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let value = self.request.headers().get(name)?;
        value.to_str().ok()
    }

    pub(super) fn respond(
        &mut self,
        response: http::response::Builder,
        is_all: bool,
    ) -> SendStream<Bytes> {
        let response: Response<()> = response.body(()).unwrap();
        self.respond.send_response(response, is_all).unwrap()
    }

    pub(super) fn accept(self) -> Stream {
        self.accept_with(Response::builder())
    }

    pub(super) fn accept_with(mut self, response: http::response::Builder) -> Stream {
        Stream {
            send: self.respond(response, false),
            receive: self.request.into_body(),
            ahead: Vec::new(),
        }
    }
}

/// A stream on which a WebSocket is open.
pub(super) struct Stream {
    pub(super) send: SendStream<Bytes>,
    pub(super) receive: RecvStream,
    ahead: Vec<u8>,
}

impl Stream {
    pub(super) fn send(&mut self, frame: &Frame) {
        self.send.send_data(frame.bytes().into(), false).unwrap();
    }

    pub(super) async fn take(&mut self, count: usize) -> Vec<u8> {
        while self.ahead.len() < count {
            let data = self.receive.data().await.expect("more of it").unwrap();
            self.receive
                .flow_control()
                .release_capacity(data.len())
                .unwrap();
            self.ahead.extend_from_slice(&data);
        }
        let rest = self.ahead.split_off(count);
        std::mem::replace(&mut self.ahead, rest)
    }

    /// The client's next frame, which has at most 125 bytes, without its mask.
    pub(super) async fn take_frame(&mut self) -> Frame {
        let head = self.take(2).await;
        assert!(head[1] & 0x80 != 0, "it is masked");
        let mask = self.take(4).await;
        let mut payload = self.take(usize::from(head[1] & 0x7f)).await;
        for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        Frame::new(head[0], payload)
    }

    /// The client has ended the stream.
    pub(super) async fn end(&mut self) {
        // END_STREAM may stand on a frame of its own.
        while let Some(data) = self.receive.data().await {
            assert_eq!(data.unwrap(), "");
        }
    }

    /// Answers a Close, and sees the client end the stream.
    pub(super) async fn close(&mut self) {
        let close = self.take_frame().await;
        assert_eq!(close.bytes()[0], 0x88);
        self.send.send_data(close.bytes().into(), true).unwrap();
        self.end().await;
    }
}
