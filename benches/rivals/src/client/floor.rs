//! The floors: the same bytes over plain TCP. The frames are made once, and what comes back is only counted.

use super::drive::{Connection, Library, drive};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use async_std::io::prelude::{ReadExt, WriteExt};
use futures::executor::block_on;
use std::io::{Read, Write};
use std::marker::PhantomData;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub fn blocking(run: Run) -> Option<Figures> {
    block_on(drive(Floor::<std::net::TcpStream>::new(), run))
}

pub fn tokio(run: Run) -> Option<Figures> {
    on_tokio(drive(Floor::<tokio::net::TcpStream>::new(), run))
}

pub fn async_std(run: Run) -> Option<Figures> {
    let floor = Floor::<async_std::net::TcpStream>::new();
    async_std::task::block_on(drive(floor, run))
}

/// Runs a future on tokio, on this thread alone.
pub fn on_tokio<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(future)
}

/// A TCP connection of some runtime.
pub trait Stream: Sized {
    const IS_ASYNC: bool = true;

    async fn connect(port: u16) -> Self;
    async fn read_some(&mut self, buffer: &mut [u8]) -> usize;
    async fn write_everything(&mut self, bytes: &[u8]);
}

impl Stream for std::net::TcpStream {
    const IS_ASYNC: bool = false;

    async fn connect(port: u16) -> Self {
        let stream = Self::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    async fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        Read::read(self, buffer).unwrap()
    }

    async fn write_everything(&mut self, bytes: &[u8]) {
        Write::write_all(self, bytes).unwrap();
    }
}

impl Stream for tokio::net::TcpStream {
    async fn connect(port: u16) -> Self {
        let stream = Self::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    async fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        AsyncReadExt::read(self, buffer).await.unwrap()
    }

    async fn write_everything(&mut self, bytes: &[u8]) {
        AsyncWriteExt::write_all(self, bytes).await.unwrap();
    }
}

impl Stream for async_std::net::TcpStream {
    async fn connect(port: u16) -> Self {
        let stream = Self::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    async fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        ReadExt::read(self, buffer).await.unwrap()
    }

    async fn write_everything(&mut self, bytes: &[u8]) {
        WriteExt::write_all(self, bytes).await.unwrap();
    }
}

pub struct Floor<S>(Rc<Frames>, PhantomData<S>);

struct Frames {
    masked: [Vec<u8>; Message::ALL.len()],
}

impl<S> Floor<S> {
    pub fn new() -> Self {
        let payloads = Payloads::new();
        let masked = Message::ALL.map(|message| frame(message, payloads.bytes(message)));
        Self(Rc::new(Frames { masked }), PhantomData)
    }
}

/// What comes before the payload, as a server has it.
pub fn head(message: Message) -> Vec<u8> {
    let first = if message == Message::Binary {
        0x82
    } else {
        0x81
    };
    match message {
        Message::Small => vec![first, message.len() as u8],
        Message::Binary | Message::Text => {
            [&[first, 127], &(message.len() as u64).to_be_bytes()[..]].concat()
        }
    }
}

/// As a client sends it.
pub fn frame(message: Message, payload: &[u8]) -> Vec<u8> {
    let key = [0x12, 0x34, 0x56, 0x78];
    let mut frame = head(message);
    frame[1] |= 0x80;
    frame.extend_from_slice(&key);
    frame.extend(
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    frame
}

impl<S: Stream> Library for Floor<S> {
    type Connection = Socket<S>;

    const IS_ASYNC: bool = S::IS_ASYNC;

    async fn connect(&self, port: u16, path: &str) -> Socket<S> {
        let mut stream = S::connect(port).await;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_everything(request.as_bytes()).await;
        let (mut response, mut len) = ([0; 1024], 0);
        let end = loop {
            len += stream.read_some(&mut response[len..]).await;
            if let Some(end) = memchr::memmem::find(&response[..len], b"\r\n\r\n") {
                break end + 4;
            }
        };
        Socket {
            stream,
            frames: self.0.clone(),
            unsent: Vec::new(),
            input: response[end..len].to_vec(),
            unread: 0..len - end,
            frame_len: 0,
            message_len: 0,
        }
    }
}

pub struct Socket<S> {
    stream: S,
    frames: Rc<Frames>,
    unsent: Vec<u8>,
    input: Vec<u8>,
    unread: std::ops::Range<usize>,
    frame_len: usize,
    message_len: usize,
}

impl<S: Stream> Socket<S> {
    pub fn into_stream(self) -> S {
        self.stream
    }

    async fn read(&mut self) {
        if self.input.len() < 256 << 10 {
            self.input = vec![0; 256 << 10];
        }
        let len = self.stream.read_some(&mut self.input).await;
        assert!(len > 0, "the server goes on");
        self.unread = 0..len;
    }
}

impl<S: Stream> Connection for Socket<S> {
    async fn feed(&mut self, message: Message) {
        let frame = &self.frames.masked[message as usize];
        if message == Message::Small {
            self.unsent.extend_from_slice(frame);
        } else {
            self.stream.write_everything(frame).await;
        }
    }

    async fn flush(&mut self) {
        if !self.unsent.is_empty() {
            self.stream.write_everything(&self.unsent).await;
            self.unsent.clear();
        }
    }

    async fn receive(&mut self) -> usize {
        let mut left = self.frame_len;
        loop {
            let taken = left.min(self.unread.len());
            self.unread.start += taken;
            left -= taken;
            if left == 0 {
                return self.message_len;
            }
            self.read().await;
        }
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        let mut frame = Vec::new();
        while !frame.ends_with(expected) {
            if self.unread.is_empty() {
                self.read().await;
            }
            frame.extend_from_slice(&self.input[self.unread.clone()]);
            self.unread.start = self.unread.end;
        }
        true
    }

    fn expect(&mut self, message: Message) {
        self.message_len = message.len();
        self.frame_len = head(message).len() + message.len();
    }
}
