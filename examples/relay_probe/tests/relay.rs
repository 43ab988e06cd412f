//! A relay that does as it is told.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// What happens to one direction behind its handshake. Offsets count from there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Treatment {
    Pass,
    /// Each part is late.
    Delay(Duration),
    /// All of it, until then.
    Hold(Until),
    /// The bits of this mask are flipped in the byte at this offset.
    Flip(u64, u8),
    /// A byte comes in between.
    Insert(u64),
    /// A byte gets lost.
    Lose(u64),
    /// Both directions end.
    End(u64),
    /// Both are reset.
    Reset(u64),
    /// Nothing more is passed on, and nothing ends.
    Swallow(u64),
}

/// How long a direction is held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    /// It has brought so many bytes.
    Own(u64),
    /// The other one has brought so many.
    Other(u64),
    /// It has ended.
    OwnEnd,
    /// The other one has ended.
    OtherEnd,
}

/// A relay in front of a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Relay {
    pub(super) server: SocketAddr,
    /// From the client to the server.
    pub(super) there: Treatment,
    pub(super) back: Treatment,
    /// Whether the end of one direction is that of both.
    pub(super) ends_both: bool,
    /// How many bytes follow the heads and belong to the handshake: the request's, and the response's.
    pub(super) bodies: [usize; 2],
}

impl Relay {
    /// Relays one connection after the other, for as long as the process lives.
    pub(super) fn start(self) -> SocketAddr {
        serve(move |client| {
            let server = TcpStream::connect(self.server).expect("a server");
            let (there, back) = (Arc::new(Progress::default()), Arc::new(Progress::default()));
            let way =
                |from: &TcpStream, to: &TcpStream, treatment, own: &Arc<_>, other: &Arc<_>| Way {
                    from: from.try_clone().expect("a socket"),
                    to: to.try_clone().expect("a socket"),
                    treatment,
                    own: Arc::clone(own),
                    other: Arc::clone(other),
                    ends_both: self.ends_both,
                };
            let mut ways = [
                way(&client, &server, self.there, &there, &back),
                way(&server, &client, self.back, &back, &there),
            ];
            for (way, body) in ways.iter_mut().zip(self.bodies) {
                way.pass_handshake(body);
            }
            thread::scope(|scope| {
                for way in ways {
                    scope.spawn(|| way.pass());
                }
            });
        })
    }
}

/// Answers the first head with this, and ends.
pub(super) fn refuse(answer: &'static str) -> SocketAddr {
    serve(move |mut client| {
        read_head(&mut client);
        let _ = client.write_all(answer.as_bytes());
        let _ = client.shutdown(Shutdown::Write);
        // What is left unread would make a reset of it.
        let _ = std::io::copy(&mut client, &mut std::io::sink());
    })
}

fn serve(each: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().flatten().for_each(each));
    address
}

fn read_head(from: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && from.read(&mut byte).is_ok_and(|len| len > 0) {
        head.extend(byte);
    }
    head
}

#[derive(Default)]
struct Progress {
    carried: AtomicU64,
    is_over: AtomicBool,
}

struct Way {
    from: TcpStream,
    to: TcpStream,
    treatment: Treatment,
    own: Arc<Progress>,
    other: Arc<Progress>,
    ends_both: bool,
}

impl Way {
    fn pass_handshake(&mut self, body: usize) {
        let mut head = read_head(&mut self.from);
        let len = head.len();
        head.resize(len + body, 0);
        let _ = self.from.read_exact(&mut head[len..]);
        let _ = self.to.write_all(&head);
    }

    fn pass(mut self) {
        // What is held is looked at from time to time.
        let _ = self.from.set_read_timeout(Some(Duration::from_millis(20)));
        let mut held = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            let part = match self.from.read(&mut buffer) {
                Ok(0) => break,
                Ok(len) => &buffer[..len],
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    &[]
                }
                Err(_) => break,
            };
            let offset = self
                .own
                .carried
                .fetch_add(part.len() as u64, Ordering::SeqCst);
            held.extend_from_slice(part);
            if !self.treat(&mut held, offset, part.len() as u64) {
                return;
            }
        }
        self.own.is_over.store(true, Ordering::SeqCst);
        while matches!(self.treatment, Treatment::Hold(until) if !self.is_time(until)) {
            if self.other.is_over.load(Ordering::SeqCst) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.to.write_all(&held);
        if self.ends_both {
            // Or what the other side answers to its end would still get through.
            let _ = self.from.shutdown(Shutdown::Both);
            let _ = self.to.shutdown(Shutdown::Both);
        } else {
            let _ = self.to.shutdown(Shutdown::Write);
        }
    }

    /// Passes on what is held, or a part of it; `len` bytes have come, of which the first is at `offset`. False at the
    /// end.
    fn treat(&mut self, held: &mut Vec<u8>, offset: u64, len: u64) -> bool {
        let at = |there: u64| {
            (offset..offset + len)
                .contains(&there)
                .then(|| (there - offset) as usize)
        };
        match self.treatment {
            Treatment::Pass => {}
            Treatment::Delay(delay) => thread::sleep(delay),
            Treatment::Hold(until) if !self.is_time(until) => return true,
            Treatment::Hold(_) => {}
            Treatment::Flip(offset, mask) => {
                if let Some(at) = at(offset) {
                    held[at] ^= mask;
                }
            }
            Treatment::Insert(offset) => {
                if let Some(at) = at(offset) {
                    held.insert(at, b'x');
                }
            }
            Treatment::Lose(offset) => {
                if let Some(at) = at(offset) {
                    held.remove(at);
                }
            }
            Treatment::End(offset) => {
                if let Some(at) = at(offset) {
                    let _ = self.to.write_all(&held[..at]);
                    let _ = self.from.shutdown(Shutdown::Both);
                    let _ = self.to.shutdown(Shutdown::Both);
                    return false;
                }
            }
            Treatment::Reset(offset) => {
                if at(offset).is_some() {
                    for socket in [&self.from, &self.to] {
                        let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
                    }
                    let _ = self.from.shutdown(Shutdown::Read);
                    let _ = self.to.shutdown(Shutdown::Read);
                    return false;
                }
            }
            Treatment::Swallow(limit) => {
                let left = limit.saturating_sub(offset).min(len) as usize;
                held.truncate(left);
            }
        }
        let is_passed = self.to.write_all(held).is_ok();
        held.clear();
        is_passed
    }

    fn is_time(&self, until: Until) -> bool {
        match until {
            Until::Own(bytes) => self.own.carried.load(Ordering::SeqCst) >= bytes,
            Until::Other(bytes) => self.other.carried.load(Ordering::SeqCst) >= bytes,
            Until::OwnEnd => self.own.is_over.load(Ordering::SeqCst),
            Until::OtherEnd => self.other.is_over.load(Ordering::SeqCst),
        }
    }
}
