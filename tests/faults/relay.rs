//! A relay between a client and where it wants to go, which does as a fault has it.

use super::fault::{Direction, Fault, Kind};
use socket2::SockRef;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// For one connection.
pub(crate) struct Relay {
    address: SocketAddr,
    thread: JoinHandle<[usize; 2]>,
}

impl Relay {
    pub(crate) fn to(upstream: SocketAddr, fault: Option<Fault>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let server = TcpStream::connect(upstream).unwrap();
            carry(client, server, fault)
        });
        Self { address, thread }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its end. How many bytes have gone up and down.
    pub(crate) fn join(self) -> [usize; 2] {
        self.thread.join().unwrap()
    }
}

/// Carries bytes both ways until both have ended. How many.
pub(crate) fn carry(client: TcpStream, server: TcpStream, fault: Option<Fault>) -> [usize; 2] {
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let [is_over, is_reset] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let way = |direction: Direction, from: &TcpStream, to: &TcpStream| Way {
        from: from.try_clone().unwrap(),
        to: to.try_clone().unwrap(),
        fault: fault.filter(|fault| fault.direction == direction),
        counts: counts.clone(),
        place: direction as usize,
        is_over: is_over.clone(),
        is_reset: is_reset.clone(),
    };
    let up = way(Direction::Up, &client, &server);
    let down = way(Direction::Down, &server, &client);
    let down = thread::spawn(move || down.run());
    up.run();
    down.join().unwrap();
    [0, 1].map(|place| counts[place].load(SeqCst))
}

/// One direction.
struct Way {
    from: TcpStream,
    to: TcpStream,
    fault: Option<Fault>,
    counts: Arc<[AtomicUsize; 2]>,
    place: usize,
    /// The connection was cut off, so that errors are to be expected.
    is_over: Arc<AtomicBool>,
    is_reset: Arc<AtomicBool>,
}

impl Way {
    fn run(mut self) {
        let ended = self.copy();
        let is_stalled = self.fault.is_some_and(|fault| fault.kind == Kind::Stall);
        if ended.is_ok() && !is_stalled && !self.is_over.load(SeqCst) {
            let _ = self.to.shutdown(Shutdown::Write);
            return;
        }
        // One end is gone: so is the other, and whoever reads here is told.
        self.is_over.store(true, SeqCst);
        let how = match self.is_reset.load(SeqCst) {
            // What the two ends are told comes when all handles are dropped.
            true => Shutdown::Read,
            false => Shutdown::Both,
        };
        for stream in [&self.from, &self.to] {
            let _ = stream.shutdown(how);
        }
    }

    fn copy(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let mut is_dropping = false;
        let mut is_splitting = false;
        loop {
            let count = self.from.read(&mut buffer)?;
            if count == 0 {
                // A fault behind the last byte.
                if let Some(fault) = self.due(0) {
                    self.commit(fault, &mut [])?;
                }
                return Ok(());
            }
            let mut bytes = &mut buffer[..count];
            if let Some(fault) = self.due(count) {
                let (before, rest) = bytes.split_at_mut(fault.at - self.passed());
                self.write(before, is_splitting)?;
                self.commit(fault, rest)?;
                match fault.kind {
                    Kind::Stall | Kind::HalfClose => is_dropping = true,
                    Kind::Split => is_splitting = true,
                    Kind::Delay | Kind::Flip | Kind::Reset => {}
                }
                self.fault = self.fault.filter(|fault| fault.kind == Kind::Stall);
                bytes = rest;
            }
            if !is_dropping {
                self.write(bytes, is_splitting)?;
            }
        }
    }

    fn passed(&self) -> usize {
        self.counts[self.place].load(SeqCst)
    }

    /// The fault, if it is to happen within so many bytes.
    fn due(&self, count: usize) -> Option<Fault> {
        let is_due = |fault: &Fault| match fault.kind {
            // That takes a byte.
            Kind::Flip => (self.passed()..self.passed() + count).contains(&fault.at),
            _ => (self.passed()..=self.passed() + count).contains(&fault.at),
        };
        self.fault.filter(is_due)
    }

    fn commit(&self, fault: Fault, rest: &mut [u8]) -> io::Result<()> {
        match fault.kind {
            // Others go on meanwhile. Nothing is measured.
            Kind::Delay => thread::sleep(Duration::from_millis(20)),
            Kind::Split | Kind::Stall => {}
            Kind::Reset => {
                for stream in [&self.from, &self.to] {
                    SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
                }
                self.is_reset.store(true, SeqCst);
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            Kind::HalfClose => self.to.shutdown(Shutdown::Write)?,
            Kind::Flip => {
                if let Some(byte) = rest.first_mut() {
                    *byte ^= 1 << (fault.at % 8);
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], is_splitting: bool) -> io::Result<()> {
        let len = if is_splitting { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(len) {
            self.to.write_all(piece)?;
            self.counts[self.place].fetch_add(piece.len(), SeqCst);
        }
        Ok(())
    }
}
