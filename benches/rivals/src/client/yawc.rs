//! yawc on tokio, made to check UTF-8, which it leaves to its user otherwise. Writes at `flush`, or once its
//! buffer is full.

use super::drive::{Connection, Library, drive};
use super::sockudo_ws::Frames;
use super::{Figures, Run};
use crate::payload::Message;
use futures::SinkExt;
use tokio::net::TcpStream;
use yawc::{Frame, Options, WebSocket};

pub fn run(run: Run) -> Option<Figures> {
    super::floor::on_tokio(drive(Yawc(Frames::new()), run))
}

struct Yawc(Frames);

impl Library for Yawc {
    type Connection = Socket;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let options = Options::default().with_utf8().without_compression();
        let options = options.with_limits(16 << 20, 32 << 20);
        let url = format!("ws://127.0.0.1:{port}{path}").parse().unwrap();
        let socket = WebSocket::handshake(url, stream, options).await.unwrap();
        Socket(socket, self.0.clone())
    }
}

struct Socket(WebSocket<TcpStream>, Frames);

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        let frame = match message {
            Message::Small => Frame::text(self.1.small.clone()),
            Message::Binary => Frame::binary(self.1.binary.clone()),
            Message::Text => Frame::text(self.1.text.clone()),
        };
        self.0.feed(frame).await.unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().await.unwrap();
    }

    async fn receive(&mut self) -> usize {
        self.0.next_frame().await.unwrap().payload().len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        *self.0.next_frame().await.unwrap().payload() == *expected
    }
}
