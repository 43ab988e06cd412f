//! A client of other people's making: the crate `h2`, on a thread of its own.

use bytes::Bytes;
use dom_websocket::{EventLoop, Server};
use h2::client::{Builder, SendRequest};
use h2::ext::Protocol;
use h2::{Reason, RecvStream, SendStream};
use http::{Method, Request, Response};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::thread;
use support::{Frame, Gate, PATIENCE};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;

/// Drives the loop until this script of a client is over.
pub(super) fn run<T: Send + 'static, F: Future<Output = T>>(
    event_loop: &EventLoop,
    server: &Server,
    script: impl FnOnce(SocketAddr) -> F + Send + 'static,
) -> T {
    let is_over = Gate::new(event_loop);
    let address = server.local_addr();
    let client = thread::spawn({
        let is_over = OpenWhenDropped(is_over.clone());
        move || {
            let _is_over = is_over;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async { timeout(PATIENCE, script(address)).await })
        }
    });
    is_over.run(event_loop);
    let outcome = client.join().unwrap_or_else(|panic| resume_unwind(panic));
    outcome.expect("the client waits in vain")
}

/// A script that fails is over too.
struct OpenWhenDropped(Gate);

impl Drop for OpenWhenDropped {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// A connection to a server.
pub(super) struct Client {
    sender: SendRequest<Bytes>,
    pub(super) connection: JoinHandle<Result<(), h2::Error>>,
}

/// A stream on which a WebSocket is open.
pub(super) struct Socket {
    pub(super) response: Response<()>,
    pub(super) send: SendStream<Bytes>,
    pub(super) receive: RecvStream,
    ahead: Vec<u8>,
    /// Whether what was read is given room for again.
    pub(super) releases: bool,
}

/// An extended CONNECT, and what it carries in fields.
pub(super) fn connect(path: &str) -> http::request::Builder {
    Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://example.com{path}"))
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
}

impl Client {
    pub(super) async fn new(address: SocketAddr) -> Self {
        Self::with(&mut Builder::new(), address).await
    }

    pub(super) async fn with(builder: &mut Builder, address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = builder.handshake(stream).await.unwrap();
        let client = Self {
            connection: tokio::spawn(connection),
            sender,
        };
        // RFC 8441 section 3: the server's SETTINGS say that it may be asked.
        while !client.sender.is_extended_connect_protocol_enabled() {
            assert!(!client.connection.is_finished(), "no SETTINGS came");
            yield_now().await;
        }
        client
    }

    /// Asks, and waits for the answer; `is_all` says whether nothing follows.
    pub(super) async fn ask(
        &mut self,
        request: http::request::Builder,
        is_all: bool,
    ) -> Result<Socket, h2::Error> {
        self.sender = self.sender.clone().ready().await?;
        let request = request.body(()).unwrap();
        let (response, send) = self.sender.send_request(request, is_all)?;
        let (head, receive) = response.await?.into_parts();
        Ok(Socket {
            response: Response::from_parts(head, ()),
            send,
            receive,
            ahead: Vec::new(),
            releases: true,
        })
    }

    /// A WebSocket.
    pub(super) async fn open(&mut self, path: &str) -> Socket {
        let socket = self.ask(connect(path), false).await.unwrap();
        assert_eq!(socket.status(), 200);
        socket
    }
}

impl Socket {
    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let value = self.response.headers().get(name)?;
        value.to_str().ok()
    }

    /// Sends a frame as a client does.
    pub(super) fn send(&mut self, frame: &Frame) {
        let bytes = frame.clone().masked().bytes();
        self.send.send_data(bytes.into(), false).unwrap();
    }

    pub(super) fn finish(&mut self) {
        self.send.send_data(Bytes::new(), true).unwrap();
    }

    pub(super) fn reset(&mut self) {
        self.send.send_reset(Reason::CANCEL);
    }

    /// More of what the server sends: false at its end.
    pub(super) async fn read(&mut self) -> Result<bool, h2::Error> {
        let Some(data) = self.receive.data().await.transpose()? else {
            return Ok(false);
        };
        self.ahead.extend_from_slice(&data);
        if self.releases {
            let flow = self.receive.flow_control();
            flow.release_capacity(data.len()).unwrap();
        }
        Ok(true)
    }

    pub(super) async fn take(&mut self, count: usize) -> Vec<u8> {
        while self.ahead.len() < count {
            assert!(self.read().await.unwrap(), "it ended too early");
        }
        let rest = self.ahead.split_off(count);
        std::mem::replace(&mut self.ahead, rest)
    }

    /// The server's next frame.
    pub(super) async fn take_frame(&mut self) -> Frame {
        let head = self.take(2).await;
        let len = match head[1] {
            126 => self.take(2).await,
            127 => self.take(8).await,
            len => vec![len],
        };
        let len = len
            .iter()
            .fold(0, |len, byte| len << 8 | usize::from(*byte));
        Frame::new(head[0], self.take(len).await)
    }

    pub(super) async fn expect(&mut self, frame: &Frame) {
        assert_eq!(self.take_frame().await, *frame);
    }

    /// Sends a text, which comes back.
    pub(super) async fn echo(&mut self, text: &str) {
        self.send(&Frame::text(text));
        self.expect(&Frame::text(text)).await;
    }

    /// All that is left, up to an orderly end.
    pub(super) async fn take_rest(&mut self) -> Vec<u8> {
        while self.read().await.unwrap() {}
        std::mem::take(&mut self.ahead)
    }

    /// Why the server reset the stream.
    pub(super) async fn reset_by_server(&mut self) -> Option<Reason> {
        poll_fn(|cx| self.send.poll_reset(cx)).await.ok()
    }
}
