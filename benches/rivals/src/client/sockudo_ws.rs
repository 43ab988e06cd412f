//! sockudo-ws on tokio, with its own settings. Writes at `flush`, or once its buffer is full.

use super::drive::{Connection, Library, drive};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use sockudo_ws::client::WebSocketClient;
use sockudo_ws::{Config, Http1, Message as Frame, WebSocketStream};
use tokio::net::TcpStream;

pub fn run(run: Run) -> Option<Figures> {
    super::floor::on_tokio(drive(Sockudo(Frames::new()), run))
}

/// The messages, as they can be sent without a copy.
#[derive(Clone)]
pub struct Frames {
    pub small: Bytes,
    pub binary: Bytes,
    pub text: Bytes,
}

impl Frames {
    pub fn new() -> Self {
        let payloads = Payloads::new();
        Self {
            small: payloads.small.into(),
            binary: payloads.binary.into(),
            text: payloads.text.into(),
        }
    }
}

struct Sockudo(Frames);

impl Library for Sockudo {
    type Connection = Socket;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let client = WebSocketClient::<Http1>::new(Config::default());
        let host = format!("127.0.0.1:{port}");
        let (socket, _) = client.connect_raw(stream, &host, path, None).await.unwrap();
        Socket(socket, self.0.clone())
    }
}

struct Socket(WebSocketStream<TcpStream>, Frames);

impl Socket {
    async fn next(&mut self) -> Bytes {
        match self.0.next().await.unwrap().unwrap() {
            Frame::Text(bytes) | Frame::Binary(bytes) => bytes,
            frame => panic!("{frame:?}"),
        }
    }
}

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        let frame = match message {
            Message::Small => Frame::Text(self.1.small.clone()),
            Message::Binary => Frame::Binary(self.1.binary.clone()),
            Message::Text => Frame::Text(self.1.text.clone()),
        };
        self.0.feed(frame).await.unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().await.unwrap();
    }

    async fn receive(&mut self) -> usize {
        self.next().await.len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        self.next().await == expected
    }
}
