//! fastwebsockets, on hyper as its documentation shows it. Each frame is a write of its own: it has no other way.

use super::drive::{Connection, Library, drive};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use fastwebsockets::{FragmentCollector, Frame, Payload, handshake};
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::rc::Rc;
use tokio::net::TcpStream;

pub fn run(run: Run) -> Option<Figures> {
    let payloads = Rc::new(Payloads::new());
    super::floor::on_tokio(drive(Fastwebsockets(payloads), run))
}

struct Fastwebsockets(Rc<Payloads>);

impl Library for Fastwebsockets {
    type Connection = Socket;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let request = Request::builder()
            .uri(path)
            .header(HOST, format!("127.0.0.1:{port}"))
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "upgrade")
            .header("Sec-WebSocket-Key", handshake::generate_key())
            .header("Sec-WebSocket-Version", "13")
            .body(Empty::<Bytes>::new())
            .unwrap();
        let (socket, _) = handshake::client(&TokioExecutor::new(), request, stream)
            .await
            .unwrap();
        Socket(FragmentCollector::new(socket), self.0.clone())
    }
}

struct Socket(FragmentCollector<TokioIo<Upgraded>>, Rc<Payloads>);

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        // It masks in place what it is given, so that each frame takes a copy.
        let payload = Payload::Owned(self.1.bytes(message).to_vec());
        let frame = match message {
            Message::Binary => Frame::binary(payload),
            Message::Small | Message::Text => Frame::text(payload),
        };
        self.0.write_frame(frame).await.unwrap();
    }

    async fn flush(&mut self) {}

    async fn receive(&mut self) -> usize {
        self.0.read_frame().await.unwrap().payload.len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        *self.0.read_frame().await.unwrap().payload == *expected
    }
}
