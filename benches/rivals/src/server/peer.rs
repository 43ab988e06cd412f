//! A client of the server's.

use super::frames::{Frames, frames, text};
use crate::payload::Payloads;
use dom_websocket::protocol::Wire;
use dom_websocket::protocol::opening::{
    AcceptOptions, Answer, AwaitingRequest, Request, Responding,
};
use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;

/// What all peers share: nobody needs it between two reads.
pub struct Buffers {
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Buffers {
    pub fn new() -> Self {
        Self {
            input: vec![0; 512 << 10],
            output: Vec::new(),
        }
    }
}

pub struct Peer {
    stream: TcpStream,
    state: State,
    /// What the socket did not take.
    unsent: Vec<u8>,
    sent: usize,
}

enum State {
    Requesting(AwaitingRequest),
    Responding(Responding, Request),
    Open(Box<dyn Frames>, Work),
    Over,
}

enum Work {
    SendBack,
    /// So many bytes of the frames, which repeat themselves.
    Push(usize, Vec<u8>),
    /// So many messages, and the answer to the last.
    Take(usize, Vec<u8>),
}

impl Peer {
    pub fn new(stream: TcpStream) -> Self {
        let mut options = AcceptOptions::default();
        options.compression = None;
        Self {
            stream,
            state: State::Requesting(AwaitingRequest::new(options)),
            unsent: Vec::new(),
            sent: 0,
        }
    }

    /// Reads and writes what can be. An error is the end.
    pub fn go_on(&mut self, buffers: &mut Buffers) -> io::Result<()> {
        self.flush()?;
        loop {
            let len = match self.stream.read(&mut buffers.input) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            buffers.output.clear();
            self.read(&buffers.input[..len], &mut buffers.output)?;
            self.send(&buffers.output)?;
            // A read that is short has taken all there was.
            if len < buffers.input.len() {
                break;
            }
        }
        while self.unsent.is_empty()
            && let State::Open(_, Work::Push(left, frames)) = &mut self.state
            && *left > 0
        {
            let some = &frames[..frames.len().min(*left)];
            *left -= some.len();
            let written = write(&mut self.stream, some)?;
            self.unsent.extend_from_slice(&some[written..]);
        }
        if self.unsent.is_empty()
            && matches!(&self.state, State::Open(frames, _) if frames.is_over())
        {
            self.stream.shutdown(Shutdown::Write)?;
            self.state = State::Over;
        }
        Ok(())
    }

    fn read(&mut self, mut input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
        let refused = |_| ErrorKind::InvalidData;
        if let State::Requesting(awaiting) = &mut self.state
            && let Some(asked) = awaiting.read(&mut input).map_err(refused)?
        {
            let (request, mut responding) = asked.answer(Answer::accept()).map_err(refused)?;
            output.extend(responding.take_output());
            self.state = State::Responding(responding, request);
        }
        if let State::Responding(responding, request) = &mut self.state
            && let Some(agreed) = responding.read(&mut input)
        {
            output.extend_from_slice(&agreed.unsent);
            let work = work(agreed.wire, request.resource_name());
            self.state = State::Open(frames(agreed.wire), work);
            self.read_frames(&agreed.unread, output);
        }
        self.read_frames(input, output);
        Ok(())
    }

    fn read_frames(&mut self, input: &[u8], output: &mut Vec<u8>) {
        if let State::Open(frames, work) = &mut self.state {
            let messages = frames.read(input, matches!(work, Work::SendBack), output);
            if let Work::Take(left, answer) = work
                && *left > 0
            {
                *left = left.saturating_sub(messages);
                if *left == 0 {
                    output.extend_from_slice(answer);
                }
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.unsent.is_empty() {
            let written = write(&mut self.stream, bytes)?;
            self.unsent.extend_from_slice(&bytes[written..]);
        } else {
            self.unsent.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sent += write(&mut self.stream, &self.unsent[self.sent..])?;
        if self.sent == self.unsent.len() {
            (self.unsent, self.sent) = (Vec::new(), 0);
        }
        Ok(())
    }
}

/// As much as the socket takes.
fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(len) => written += len,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

fn work(wire: Wire, path: &str) -> Work {
    let (path, number) = path.split_once('?').unwrap_or((path, "0"));
    let number: usize = number.parse().unwrap_or(0);
    match path {
        "/push" => {
            let frame = text(wire, &Payloads::new().small);
            Work::Push(number * frame.len(), frame.repeat(4096))
        }
        "/take" => Work::Take(number, text(wire, "ok")),
        _ => Work::SendBack,
    }
}
