//! tokio-websockets. Writes at `flush`, or once 8 KiB have come together.

use super::drive::{Connection, Library, drive};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_websockets::{ClientBuilder, Message as Frame, WebSocketStream};

pub fn run(run: Run) -> Option<Figures> {
    let payloads = Payloads::new();
    let frames = Frames {
        small: payloads.small.leak(),
        binary: payloads.binary.into(),
        text: payloads.text.leak(),
    };
    super::floor::on_tokio(drive(TokioWebsockets(frames), run))
}

/// The messages, as they can be sent without a copy.
#[derive(Clone)]
struct Frames {
    small: &'static str,
    binary: Bytes,
    text: &'static str,
}

struct TokioWebsockets(Frames);

impl Library for TokioWebsockets {
    type Connection = Socket;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://127.0.0.1:{port}{path}");
        let builder = ClientBuilder::new().uri(&url).unwrap();
        let (socket, _) = builder.connect_on(stream).await.unwrap();
        Socket(socket, self.0.clone())
    }
}

struct Socket(WebSocketStream<TcpStream>, Frames);

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        let frame = match message {
            Message::Small => Frame::text(self.1.small),
            Message::Binary => Frame::binary(self.1.binary.clone()),
            Message::Text => Frame::text(self.1.text),
        };
        self.0.feed(frame).await.unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().await.unwrap();
    }

    async fn receive(&mut self) -> usize {
        self.0.next().await.unwrap().unwrap().as_payload().len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        *self.0.next().await.unwrap().unwrap().into_payload() == *expected
    }
}
