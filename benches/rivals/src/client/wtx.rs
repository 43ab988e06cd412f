//! wtx on tokio. Each frame is a write of its own: it has no other way.

use super::drive::{Connection, Library, drive};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use std::rc::Rc;
use tokio::net::TcpStream;
use wtx::collection::Vector;
use wtx::misc::UriRef;
use wtx::rng::Xorshift64;
use wtx::web_socket::{
    Frame, OpCode, WebSocketBuffer, WebSocketConnector, WebSocketOwned, WebSocketPayloadOrigin,
};

pub fn run(run: Run) -> Option<Figures> {
    super::floor::on_tokio(drive(Wtx(Rc::new(Payloads::new())), run))
}

struct Wtx(Rc<Payloads>);

impl Library for Wtx {
    type Connection = Socket;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://127.0.0.1:{port}{path}");
        let connected: wtx::Result<_> = WebSocketConnector::default()
            .wsb(WebSocketBuffer::new())
            .no_masking(false)
            .connect(stream, &UriRef::new(&url))
            .await;
        Socket {
            socket: connected.unwrap(),
            masked: Vec::new(),
            received: Vector::new(),
            payloads: self.0.clone(),
        }
    }
}

struct Socket {
    socket: WebSocketOwned<(), Xorshift64, TcpStream, true>,
    /// It masks in place what it is given, so that each frame takes a copy.
    masked: Vec<u8>,
    received: Vector<u8>,
    payloads: Rc<Payloads>,
}

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        let code = match message {
            Message::Binary => OpCode::Binary,
            Message::Small | Message::Text => OpCode::Text,
        };
        self.masked.clear();
        self.masked.extend_from_slice(self.payloads.bytes(message));
        let mut frame = Frame::<&mut [u8], true>::new_fin(code, &mut self.masked[..]);
        self.socket.write_frame(&mut frame).await.unwrap();
    }

    async fn flush(&mut self) {}

    async fn receive(&mut self) -> usize {
        self.received.clear();
        let origin = WebSocketPayloadOrigin::Adaptive;
        let frame = self.socket.read_frame(&mut self.received, origin).await;
        frame.unwrap().payload().len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        self.received.clear();
        let origin = WebSocketPayloadOrigin::Adaptive;
        let frame = self.socket.read_frame(&mut self.received, origin).await;
        *frame.unwrap().payload() == expected
    }
}
