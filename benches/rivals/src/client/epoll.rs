//! The floor of [`Workload::Many`]: the system's own list of what is ready, and a read and a write for a message.

use super::drive::{CONNECTIONS, Library};
use super::floor::{Floor, frame, head};
use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use crate::usage::processor;
use crate::workload::{Extent, Progress, Workload};
use futures::executor::block_on;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{Read, Write};

pub fn run(run: Run) -> Option<Figures> {
    (run.workload == Workload::Many).then(|| vec![many(run)])
}

fn many(run: Run) -> f64 {
    let mut all = Connections::open(run.port);
    all.send_back(run.warm_up);
    let before = processor();
    let messages = all.send_back(run.extent);
    (processor() - before) / messages as f64
}

struct Connections {
    poll: Poll,
    streams: Vec<TcpStream>,
    frame: Vec<u8>,
}

impl Connections {
    fn open(port: u16) -> Self {
        let poll = Poll::new().unwrap();
        let mut streams = Vec::new();
        for index in 0..CONNECTIONS {
            let floor = Floor::<std::net::TcpStream>::new();
            let stream = block_on(floor.connect(port, "/")).into_stream();
            stream.set_nonblocking(true).unwrap();
            let mut stream = TcpStream::from_std(stream);
            let registry = poll.registry();
            registry
                .register(&mut stream, Token(index), Interest::READABLE)
                .unwrap();
            streams.push(stream);
        }
        let frame = frame(Message::Small, Payloads::new().bytes(Message::Small));
        Self {
            poll,
            streams,
            frame,
        }
    }

    fn send_back(&mut self, extent: Extent) -> usize {
        let mut progress = Progress::new(extent, Message::Small);
        for stream in &mut self.streams {
            stream.write_all(&self.frame).unwrap();
        }
        let mut in_flight = self.streams.len();
        let mut events = Events::with_capacity(CONNECTIONS);
        let mut input = [0; 4096];
        while in_flight > 0 {
            self.poll.poll(&mut events, None).unwrap();
            for event in &events {
                let stream = &mut self.streams[event.token().0];
                let len = stream.read(&mut input).unwrap();
                // So short a message comes in one piece.
                assert_eq!(len, head(Message::Small).len() + Message::Small.len());
                if progress.add(1) {
                    in_flight -= 1;
                } else {
                    stream.write_all(&self.frame).unwrap();
                }
            }
        }
        progress.done()
    }
}
