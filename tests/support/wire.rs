//! One end of a TCP connection, blocking, whose every byte a test decides.

use super::bounds::PATIENCE;
use socket2::SockRef;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The scripted end of a connection.
pub struct Wire {
    stream: TcpStream,
    /// Read off the socket, and not yet taken by the script.
    ahead: Vec<u8>,
}

/// How the other side ended its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Fin,
    Reset,
}

/// Calls again where a process that was stopped and goes on is told so: a socket with a timeout is.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream,
            ahead: Vec::new(),
        }
    }

    pub fn connect(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).unwrap())
    }

    /// How long to wait for what this script reads or writes.
    pub fn set_patience(&mut self, patience: Duration) {
        self.stream.set_read_timeout(Some(patience)).unwrap();
        self.stream.set_write_timeout(Some(patience)).unwrap();
    }

    /// Keeps little in this end's kernel, for a script that reads slowly or not at all. It still is
    /// more than loopback's segments, which make TCP wait for its timers otherwise.
    pub fn shrink_receive_buffer(&mut self) {
        SockRef::from(&self.stream)
            .set_recv_buffer_size(256 * 1024)
            .unwrap();
    }

    /// A second handle on the same connection, for a thread that only writes.
    pub fn writer(&self) -> Self {
        Self::new(self.stream.try_clone().unwrap())
    }

    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends these bytes again and again, until the other side has had enough.
    pub fn send_forever(&mut self, unit: &[u8]) {
        let units = unit.repeat(1000 / unit.len() + 1);
        let start = Instant::now();
        while self.try_send(&units).is_ok() {
            assert!(start.elapsed() < PATIENCE, "the other side takes it all");
        }
    }

    /// One `write`; how much of it the kernel took.
    pub fn send_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        uninterrupted(|| self.stream.write(bytes))
    }

    /// Sends each byte in a segment of its own.
    #[track_caller]
    pub fn send_one_by_one(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.send(&[*byte]);
        }
    }

    /// What one `read` gives; empty at the other side's end.
    pub fn take_some(&mut self) -> io::Result<Vec<u8>> {
        if self.ahead.is_empty() {
            let mut buffer = vec![0; 64 * 1024];
            let count = uninterrupted(|| self.stream.read(&mut buffer))?;
            self.ahead.extend_from_slice(&buffer[..count]);
        }
        Ok(std::mem::take(&mut self.ahead))
    }

    /// Exactly so many bytes.
    #[track_caller]
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        while self.ahead.len() < count {
            self.read_ahead();
        }
        self.split_ahead(count)
    }

    fn split_ahead(&mut self, count: usize) -> Vec<u8> {
        let rest = self.ahead.split_off(count);
        std::mem::replace(&mut self.ahead, rest)
    }

    /// All bytes up to and with these.
    #[track_caller]
    pub fn take_through(&mut self, end: &[u8]) -> Vec<u8> {
        let mut searched = 0;
        loop {
            let found = memchr::memmem::find(&self.ahead[searched..], end);
            if let Some(start) = found {
                return self.split_ahead(searched + start + end.len());
            }
            searched = (self.ahead.len() + 1).saturating_sub(end.len());
            self.read_ahead();
        }
    }

    /// All frames up to and with the closing frame.
    #[track_caller]
    pub fn take_through_closing(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            match self.take(1)[..] {
                [0xff] => {
                    self.expect(b"\x00");
                    bytes.extend(b"\xff\x00");
                    return bytes;
                }
                [0x00] => {
                    bytes.push(0);
                    bytes.extend(self.take_through(b"\xff"));
                }
                ref other => panic!("a frame of type {other:x?} behind {bytes:x?}"),
            }
        }
    }

    #[track_caller]
    fn read_ahead(&mut self) {
        let mut buffer = [0; 16 * 1024];
        let count = uninterrupted(|| self.stream.read(&mut buffer)).unwrap();
        assert!(
            count > 0,
            "the other side ended behind {:?}",
            String::from_utf8_lossy(&self.ahead)
        );
        self.ahead.extend_from_slice(&buffer[..count]);
    }

    /// The next bytes are these.
    #[track_caller]
    pub fn expect(&mut self, bytes: &[u8]) {
        let taken = self.take(bytes.len());
        assert_eq!(
            taken.escape_ascii().to_string(),
            bytes.escape_ascii().to_string()
        );
    }

    /// Nothing more comes, and the other side ended its direction in an orderly way.
    #[track_caller]
    pub fn expect_end(&mut self) {
        let (bytes, end) = self.take_rest();
        assert_eq!(
            (bytes.escape_ascii().to_string(), end),
            (String::new(), End::Fin)
        );
    }

    /// All that comes up to the other side's end, whatever its kind.
    #[track_caller]
    pub fn take_rest(&mut self) -> (Vec<u8>, End) {
        let mut bytes = std::mem::take(&mut self.ahead);
        let end = match self.stream.read_to_end(&mut bytes) {
            Ok(_) => End::Fin,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
            Err(error) => panic!("no end came, but {error}"),
        };
        (bytes, end)
    }

    /// Ends this direction (FIN) and leaves the other open.
    pub fn finish(&mut self) {
        // The other side may have reset the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Ends both directions at once (RST).
    pub fn reset(self) {
        SockRef::from(&self.stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
}
