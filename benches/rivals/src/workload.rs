//! What clients do.

use crate::payload::Message;
use std::time::{Duration, Instant};

/// A workload, by the name of the figure that it yields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Workload {
    /// Messages that the server sends back.
    Echo(Echo),
    /// The server sends, 64 bytes a message.
    Receive,
    /// The client sends, 64 bytes a message, 128 for a flush.
    Send,
    /// Opening handshakes, one after the other.
    Connect,
    /// 1,000 connections, and a message of 64 bytes in flight on each.
    Many,
    /// 1,000 connections, and nothing on them; then the same after 64 KiB on each.
    Memory,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Echo {
    pub message: Message,
    pub in_flight: usize,
    /// So many are received; then as many are sent, and flushed.
    pub at_once: usize,
}

pub const WORKLOADS: [(&str, Workload); 10] = [
    ("ping", echo(Message::Small, 1, 1)),
    ("echo", echo(Message::Small, 256, 1)),
    ("batched", echo(Message::Small, 256, 128)),
    ("receive", Workload::Receive),
    ("send", Workload::Send),
    ("binary", echo(Message::Binary, 8, 1)),
    ("text", echo(Message::Text, 2, 1)),
    ("connect", Workload::Connect),
    ("many", Workload::Many),
    ("memory", Workload::Memory),
];

const fn echo(message: Message, in_flight: usize, at_once: usize) -> Workload {
    Workload::Echo(Echo {
        message,
        in_flight,
        at_once,
    })
}

/// How long it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    Lasts(Duration),
    Messages(usize),
}

impl Extent {
    /// How many messages that is, at a speed that any library may reach: for those that have to be told before.
    pub fn messages(self, a_second: usize) -> usize {
        match self {
            Self::Lasts(duration) => (duration.as_secs_f64() * a_second as f64) as usize,
            Self::Messages(messages) => messages,
        }
    }
}

/// Tells when an [`Extent`] is reached. It looks at the clock now and then only.
pub struct Progress {
    extent: Extent,
    start: Instant,
    done: usize,
    next_look: usize,
    interval: usize,
}

impl Progress {
    pub fn new(extent: Extent, message: Message) -> Self {
        let interval = if message == Message::Small { 64 } else { 4 };
        Self {
            extent,
            start: Instant::now(),
            done: 0,
            next_look: interval,
            interval,
        }
    }

    /// So many more messages are done. True once it is enough.
    pub fn add(&mut self, messages: usize) -> bool {
        self.done += messages;
        match self.extent {
            Extent::Messages(wanted) => self.done >= wanted,
            Extent::Lasts(_) if self.done < self.next_look => false,
            Extent::Lasts(duration) => {
                self.next_look = self.done + self.interval;
                self.start.elapsed() >= duration
            }
        }
    }

    pub fn done(&self) -> usize {
        self.done
    }
}
