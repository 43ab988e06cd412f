//! The objects: `WebSocket`, `WebSocketStream` and `ByteStream`, one at each end of a transport in memory, in one event
//! loop, with steps of script's and of the network's in any order.
//!
//! What is read is what was written, in order and once, and all of it where the connection was closed cleanly;
//! `readyState` never goes back, and `close` is one event and the last; every future ends; and neither end is left.

mod object;

use crate::pipe::{Direction, Transport};
use crate::settings::{AnyCompression, AnyOptions, AnyWire, agreed, extensions};
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::Role;
use dom_websocket::protocol::{ConnectionOptions, Limits, Timeouts, Wire};
use dom_websocket::{EventLoop, Turn, fuzzing};
use object::{End, Object};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::sync::Arc;

#[derive(Arbitrary, Debug)]
pub struct Input {
    wire: AnyWire,
    compression: Option<(AnyCompression, AnyCompression)>,
    ends: [AnyEnd; 2],
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
struct AnyEnd {
    kind: Kind,
    options: AnyOptions,
    /// Of the network, behind it.
    capacity: u16,
    most: u8,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    Socket,
    Stream,
    Bytes,
}

/// Where a step says `server` it is the server's, or what comes from it.
#[derive(Arbitrary, Debug)]
enum Step {
    Turn,
    Turns,
    Send {
        server: bool,
        is_text: bool,
        len: u16,
    },
    Read {
        server: bool,
        len: u16,
    },
    Close {
        server: bool,
        code: Option<u16>,
    },
    Finish {
        server: bool,
    },
    Flush {
        server: bool,
    },
    /// A socket becomes a stream.
    Become {
        server: bool,
        is_bytes: bool,
    },
    Drop {
        server: bool,
    },
    Cut {
        server: bool,
    },
    Reset,
    Flip {
        server: bool,
        at: u16,
        bit: u8,
    },
}

struct World {
    event_loop: EventLoop,
    ends: [End; 2],
    /// From the client, from the server.
    network: [Rc<RefCell<Direction>>; 2],
    /// What arrives may be other than what was sent, or nothing.
    is_false: bool,
    is_disturbed: bool,
}

/// Waits that are real are for nobody here.
fn options(any: AnyOptions) -> ConnectionOptions {
    let mut options = any.options();
    options.timeouts = Timeouts::default();
    options.limits.discarded = Limits::default().discarded;
    options
}

pub fn check(input: Input) {
    let wire = Wire::from(input.wire);
    let compression = match wire {
        Wire::Rfc6455 => input.compression,
        _ => None,
    };
    let (client, server) = compression.unzip();
    let (ours, theirs) = extensions(client, server);
    let event_loop = EventLoop::new();
    let network = [0, 1].map(|end: usize| {
        let AnyEnd { capacity, most, .. } = input.ends[end];
        Direction::new(capacity.into(), usize::from(most) * 16)
    });
    let roles = [(Role::Client, ours), (Role::Server, theirs)];
    let mut ends = roles
        .into_iter()
        .enumerate()
        .map(|(end, (role, extensions))| {
            let transport = Transport {
                output: network[end].clone(),
                input: network[1 - end].clone(),
            };
            let agreed = agreed(wire, role, extensions);
            let AnyEnd {
                kind, options: any, ..
            } = input.ends[end];
            let mut options = options(any);
            if wire == Wire::Simplified {
                options.half_open = true;
                options.delivery = dom_websocket::protocol::Delivery::Bytes;
                let stream =
                    fuzzing::byte_stream(&event_loop, agreed, transport, &Arc::new(options));
                return End::new(Object::bytes(stream), wire);
            }
            options.delivery = dom_websocket::protocol::Delivery::Messages;
            let socket = fuzzing::socket(&event_loop, agreed, transport, &Arc::new(options));
            let mut end = End::new(Object::socket(socket.expect("it has messages")), wire);
            match kind {
                Kind::Socket => {}
                Kind::Stream => end.become_stream(false),
                Kind::Bytes => end.become_stream(true),
            }
            end
        });
    let ends = [ends.next(), ends.next()].map(|end| end.expect("two ends"));
    let mut world = World {
        event_loop,
        ends,
        network,
        is_false: false,
        is_disturbed: false,
    };
    for step in &input.steps {
        world.step(step);
        world.look();
    }
    world.end();
}

impl World {
    fn step(&mut self, step: &Step) {
        match *step {
            Step::Turn => {
                self.event_loop.turn();
            }
            Step::Turns => self.turns(),
            Step::Send {
                server,
                is_text,
                len,
            } => {
                let was_lost = self.ends[usize::from(server)].send(is_text, len.into());
                self.is_disturbed |= was_lost;
            }
            Step::Read { server, len } => {
                self.ends[usize::from(server)].read(len.into());
            }
            Step::Close { server, code } => self.ends[usize::from(server)].close(code),
            Step::Finish { server } => self.ends[usize::from(server)].finish(),
            Step::Flush { server } => self.ends[usize::from(server)].flush(),
            Step::Become { server, is_bytes } => {
                self.ends[usize::from(server)].become_stream(is_bytes);
            }
            Step::Drop { server } => {
                self.is_disturbed = true;
                self.ends[usize::from(server)].drop_it();
            }
            Step::Cut { server } => {
                (self.is_false, self.is_disturbed) = (true, true);
                let mut direction = self.network[usize::from(server)].borrow_mut();
                direction.bytes.clear();
                direction.has_ended = true;
                direction.wake();
            }
            Step::Reset => {
                (self.is_false, self.is_disturbed) = (true, true);
                for direction in &self.network {
                    let mut direction = direction.borrow_mut();
                    direction.bytes.clear();
                    direction.error = Some(ErrorKind::ConnectionReset);
                    direction.wake();
                }
            }
            Step::Flip { server, at, bit } => {
                let mut direction = self.network[usize::from(server)].borrow_mut();
                let len = direction.bytes.len().max(1);
                if let Some(byte) = direction.bytes.get_mut(usize::from(at) % len) {
                    *byte ^= 1 << (bit % 8);
                    (self.is_false, self.is_disturbed) = (true, true);
                }
            }
        }
    }

    /// As long as there is more to do at once.
    fn turns(&self) {
        for _ in 0..100_000 {
            if self.event_loop.turn() != Turn::More {
                return;
            }
        }
        panic!("it turns for ever");
    }

    fn look(&mut self) {
        self.ends.iter_mut().for_each(End::look);
        if !self.is_false {
            let [client, server] = &self.ends;
            client.compare(server);
            server.compare(client);
        }
    }

    /// Whatever was done, it ends.
    fn end(&mut self) {
        for stage in 0..4 {
            // What one end reads makes room for what the other sends.
            loop {
                self.turns();
                let mut did = false;
                for end in &mut self.ends {
                    while end.read(4096) {
                        did = true;
                    }
                }
                self.look();
                if !did {
                    break;
                }
            }
            match stage {
                0 => self.ends.iter_mut().for_each(|end| end.close(None)),
                // Nobody is left to wait for.
                1 => {
                    for direction in &self.network {
                        let mut direction = direction.borrow_mut();
                        direction.has_ended = true;
                        direction.wake();
                    }
                }
                _ => {}
            }
        }
        for end in &mut self.ends {
            end.check_end();
        }
        if !self.is_false {
            let [client, server] = &self.ends;
            client.compare_at_the_end(server, self.is_disturbed);
            server.compare_at_the_end(client, self.is_disturbed);
        }
        let turn = self.event_loop.turn();
        assert_ne!(turn, Turn::More);
    }
}
