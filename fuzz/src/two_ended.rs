//! Both ends of one connection of any wire, with a network between them that is slow, cuts and lies, in virtual time.
//!
//! Each end hears of one end of the connection, and of nothing behind it; `readyState` never goes back; what is
//! received is what was sent, in order and once, and all of it where the connection was closed cleanly;
//! `bufferedAmount` is exact after each step; memory stays within the limits; and it all ends within its bounds.

mod account;
mod end;

use crate::memory;
use crate::settings::{AnyCompression, AnyDelivery, AnyOptions, AnyWire, agreed, extensions};
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::Role;
use dom_websocket::protocol::{Abandoned, Transport, Wire, WireFailure};
use end::{End, Pipe};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Arbitrary, Debug)]
pub struct Input {
    wire: AnyWire,
    compression: Option<(AnyCompression, AnyCompression)>,
    client: AnyOptions,
    server: AnyOptions,
    steps: Vec<Step>,
}

/// Where a step says `server` it is the server's, or what comes from it.
#[derive(Arbitrary, Debug)]
enum Step {
    Send {
        server: bool,
        is_text: bool,
        len: u16,
    },
    Close {
        server: bool,
        code: Option<u16>,
        reason: u8,
    },
    Finish {
        server: bool,
        code: Option<u16>,
        reason: u8,
    },
    /// So much is taken by the network.
    Transmit {
        server: bool,
        most: u16,
    },
    /// So much arrives.
    Deliver {
        server: bool,
        most: u16,
    },
    /// So many tasks run.
    Poll {
        server: bool,
        count: u8,
    },
    /// All of that, as long as anything happens.
    Exchange,
    SetHalfOpen {
        server: bool,
        half_open: bool,
    },
    SetDelivery {
        server: bool,
        delivery: AnyDelivery,
    },
    Idle {
        server: bool,
    },
    /// Tenths of a second.
    Time(u16),
    Abandon {
        server: bool,
        by_document: bool,
    },
    Fail {
        server: bool,
    },
    /// What is on its way from there is lost, and nothing follows.
    Cut {
        server: bool,
    },
    Reset,
    /// A bit of what is on its way from there turns.
    Flip {
        server: bool,
        at: u16,
        bit: u8,
    },
}

struct World {
    /// The client, the server.
    ends: [End; 2],
    /// From the client, from the server.
    pipes: [Pipe; 2],
    now: Instant,
    /// Something happened after which a connection need not end cleanly.
    is_disturbed: bool,
    memory_before: usize,
    memory_bound: usize,
}

pub fn check(input: Input) {
    let wire = Wire::from(input.wire);
    let compression = match wire {
        Wire::Rfc6455 => input.compression,
        _ => None,
    };
    let (client, server) = compression.unzip();
    let (ours, theirs) = extensions(client, server);
    let is_compressed = !ours.as_str().is_empty();
    let now = Instant::now();
    let all = [input.client, input.server].map(AnyOptions::options);
    let memory_bound = all
        .iter()
        .map(|options| &options.limits)
        .map(|limits| limits.message + limits.undispatched + limits.send_queue)
        .sum::<usize>();
    let memory_before = memory::in_use();
    let [client, server] = all;
    let end = |role, extensions, options: dom_websocket::protocol::ConnectionOptions| {
        let limits = options.limits.clone();
        let agreed = agreed(wire, role, extensions);
        let connection = agreed.connect(&Arc::new(options), [role as u8; 32], now);
        End::new(connection, wire, is_compressed, limits)
    };
    let mut world = World {
        ends: [
            end(Role::Client, ours, client),
            end(Role::Server, theirs, server),
        ],
        pipes: Default::default(),
        now,
        is_disturbed: false,
        memory_before,
        memory_bound: 4 * memory_bound + (4 << 20),
    };
    for step in &input.steps {
        world.step(step);
        world.look();
    }
    world.end();
}

impl World {
    fn step(&mut self, step: &Step) {
        let now = self.now;
        match *step {
            Step::Send {
                server,
                is_text,
                len,
            } => {
                let len = usize::from(len / 4);
                let is_taken = self.ends[usize::from(server)].send(is_text, len);
                self.is_disturbed |= is_taken == Some(false);
            }
            Step::Close {
                server,
                code,
                reason,
            } => {
                let reason = "é".repeat(reason.into());
                let close = code.map(|code| (code, &*reason));
                let connection = &mut self.ends[usize::from(server)].connection;
                connection.start_closing_handshake(close, now);
            }
            Step::Finish {
                server,
                code,
                reason,
            } => {
                let reason = "é".repeat(reason.into());
                let close = code.map(|code| (code, &*reason));
                self.ends[usize::from(server)].connection.finish(close, now);
            }
            Step::Transmit { server, most } => {
                self.transmit(server.into(), most.into());
            }
            Step::Deliver { server, most } => {
                self.deliver(server.into(), most.into());
            }
            Step::Poll { server, count } => {
                self.poll(server.into(), count.into());
            }
            Step::Exchange => while self.exchange() {},
            Step::SetHalfOpen { server, half_open } => {
                self.ends[usize::from(server)]
                    .connection
                    .set_half_open(half_open);
            }
            Step::SetDelivery { server, delivery } => {
                self.ends[usize::from(server)].set_delivery(delivery.into());
            }
            Step::Idle { server } => self.ends[usize::from(server)].connection.handle_idleness(),
            Step::Time(tenths) => {
                self.now += Duration::from_millis(u64::from(tenths) * 100);
                self.is_disturbed = true;
                self.tell_time();
            }
            Step::Abandon {
                server,
                by_document,
            } => {
                let why = match by_document {
                    true => Abandoned::ByItsDocument,
                    false => Abandoned::ByItsOwner,
                };
                self.is_disturbed = true;
                let end = &mut self.ends[usize::from(server)];
                end.is_abandoned = true;
                end.connection.abandon(why, now);
            }
            Step::Fail { server } => {
                self.is_disturbed = true;
                self.ends[usize::from(server)]
                    .connection
                    .fail(WireFailure::Cancelled);
            }
            Step::Cut { server } => {
                self.is_disturbed = true;
                self.pipes[usize::from(server)].cut();
            }
            Step::Reset => {
                self.is_disturbed = true;
                for (end, pipe) in self.ends.iter_mut().zip(&mut self.pipes) {
                    pipe.cut();
                    let error = ErrorKind::ConnectionReset;
                    end.connection.handle_transport_failure(error.into());
                    assert_eq!(end.connection.transport(), Transport::Released);
                }
            }
            Step::Flip { server, at, bit } => {
                self.is_disturbed |= self.pipes[usize::from(server)].flip(at.into(), bit);
            }
        }
    }

    /// The network takes something from this end; whether there was anything.
    fn transmit(&mut self, from: usize, most: usize) -> bool {
        self.ends[from].transmit(&mut self.pipes[from], most, self.now)
    }

    /// Something arrives from there at the other end; whether there was anything.
    fn deliver(&mut self, from: usize, most: usize) -> bool {
        let did = self.ends[1 - from].receive(&mut self.pipes[from], most, self.now);
        let told: usize = self.ends.iter().map(End::harness_memory).sum();
        let pipes: usize = self.pipes.iter().map(Pipe::len).sum();
        let taken = memory::in_use().saturating_sub(self.memory_before);
        assert!(
            taken <= self.memory_bound + 4 * (told + pipes),
            "{taken} bytes"
        );
        did
    }

    fn poll(&mut self, at: usize, count: usize) -> bool {
        let mut did = false;
        for _ in 0..count {
            let Some(feedback) = self.ends[at].poll() else {
                break;
            };
            did = true;
            let [client, server] = &mut self.ends;
            let (here, there) = match at {
                0 => (client, server),
                _ => (server, client),
            };
            let pipe = &self.pipes[1 - at];
            self.is_disturbed |= here.hear(feedback, there, pipe, self.now);
        }
        did
    }

    /// All that can happen at once, once; whether anything has.
    fn exchange(&mut self) -> bool {
        let mut did = false;
        for end in 0..2 {
            did |= self.transmit(end, usize::MAX);
            did |= self.deliver(end, usize::MAX);
            did |= self.poll(end, usize::MAX);
        }
        self.look();
        did
    }

    fn tell_time(&mut self) {
        for end in &mut self.ends {
            end.tell_time(self.now);
        }
    }

    fn look(&mut self) {
        self.ends.iter_mut().for_each(End::look);
    }

    fn has_ended(&self) -> bool {
        self.ends.iter().all(End::has_ended)
    }

    /// Whatever was done, it ends within its bounds.
    fn end(&mut self) {
        let mut is_closing = false;
        for _ in 0..1000 {
            while self.exchange() {}
            if self.has_ended() {
                break;
            }
            if !is_closing {
                is_closing = true;
                for end in &mut self.ends {
                    end.connection
                        .start_closing_handshake(Some((1000, "")), self.now);
                }
                continue;
            }
            let timers = self
                .ends
                .iter()
                .filter_map(|end| end.connection.poll_timeout());
            let (_, at) = timers
                .min_by_key(|(_, at)| *at)
                .expect("a bound for each wait");
            self.now = self.now.max(at);
            self.tell_time();
        }
        assert!(self.has_ended(), "it does not end");
        if !self.is_disturbed {
            for end in &self.ends {
                assert!(end.ended_cleanly(), "nothing was in the way");
            }
        }
    }
}
