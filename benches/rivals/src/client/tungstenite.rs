//! tungstenite on a blocking socket. Writes at `flush`, or once 128 KiB have come together.

use super::drive::{Connection, Library, drive};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use bytes::Bytes;
use futures::executor::block_on;
use std::net::TcpStream;
use tungstenite::protocol::WebSocket;
use tungstenite::{Message as Frame, Utf8Bytes, client};

pub fn run(run: Run) -> Option<Figures> {
    block_on(drive(Tungstenite(Frames::new()), run))
}

/// The messages, as they can be sent without a copy: for all that is made of tungstenite.
#[derive(Clone)]
pub struct Frames {
    small: Utf8Bytes,
    binary: Bytes,
    text: Utf8Bytes,
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

    pub fn get(&self, message: Message) -> Frame {
        match message {
            Message::Small => Frame::Text(self.small.clone()),
            Message::Binary => Frame::Binary(self.binary.clone()),
            Message::Text => Frame::Text(self.text.clone()),
        }
    }
}

struct Tungstenite(Frames);

impl Library for Tungstenite {
    type Connection = Socket;

    const IS_ASYNC: bool = false;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (socket, _) = client(format!("ws://127.0.0.1:{port}{path}"), stream).unwrap();
        Socket(socket, self.0.clone())
    }
}

struct Socket(WebSocket<TcpStream>, Frames);

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        self.0.write(self.1.get(message)).unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().unwrap();
    }

    async fn receive(&mut self) -> usize {
        self.0.read().unwrap().len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        self.0.read().unwrap().into_data() == expected
    }
}
