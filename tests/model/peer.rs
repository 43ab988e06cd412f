//! The server, in the same thread: nothing of it waits.

use super::case::End;
use super::sent::Sent;
use dom_websocket::Edition;
use socket2::SockRef;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use support::Head;

pub(crate) struct Peer {
    edition: Edition,
    listener: TcpListener,
    stream: Option<TcpStream>,
    received: Vec<u8>,
    pub(crate) request: Option<Head>,
    /// The frames behind it.
    pub(crate) sent: Vec<Sent>,
    /// What is none.
    pub(crate) defect: Option<String>,
    /// The client ended its direction, or all.
    pub(crate) has_ended: bool,
}

impl Peer {
    pub(crate) fn listen(edition: Edition) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self {
            edition,
            listener,
            stream: None,
            received: Vec::new(),
            request: None,
            sent: Vec::new(),
            defect: None,
            has_ended: false,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Takes all that has come.
    pub(crate) fn read(&mut self) {
        if self.stream.is_none() {
            self.stream = self.listener.accept().ok().map(|(stream, _)| stream);
            let Some(stream) = &self.stream else {
                return;
            };
            stream.set_nonblocking(true).unwrap();
            stream.set_nodelay(true).unwrap();
        }
        while let Some(stream) = self.stream.as_mut().filter(|_| !self.has_ended) {
            let mut buffer = [0; 16 * 1024];
            match stream.read(&mut buffer) {
                Ok(0) => self.has_ended = true,
                Ok(count) => self.received.extend(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.has_ended = true,
            }
        }
        if self.request.is_none() {
            self.take_request();
        }
        if self.request.is_some() && self.defect.is_none() {
            match Sent::take(self.edition, &mut self.received) {
                Ok(frames) => self.sent.extend(frames),
                Err(defect) => self.defect = Some(defect),
            }
        }
    }

    fn take_request(&mut self) {
        let tail = match self.edition {
            Edition::Living => 0,
            _ => 8,
        };
        let head = self.received.windows(4).position(|w| w == b"\r\n\r\n");
        let Some(head) = head.map(|at| at + 4) else {
            return;
        };
        if self.received.len() >= head + tail {
            let behind = self.received.split_off(head + tail);
            let (head, tail) = self.received.split_at(head);
            self.request = Some(Head::parse(head, tail));
            self.received = behind;
        }
    }

    /// The client may be gone.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if let Some(stream) = &mut self.stream {
            let _ = stream.write_all(bytes);
        }
    }

    pub(crate) fn end(&mut self, end: End) {
        match (end, &self.stream) {
            (End::Finish, Some(stream)) => _ = stream.shutdown(Shutdown::Write),
            (End::Reset, Some(_)) => self.reset(),
            (_, None) => {}
        }
    }

    /// Nothing is left of the connection, at either end.
    pub(crate) fn reset(&mut self) {
        if let Some(stream) = self.stream.take() {
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            self.has_ended = true;
        }
    }
}
