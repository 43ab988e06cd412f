//! HTTP/2 at both ends, or at one of them with the fuzzer at the other, in one event loop: sockets that come, talk and go, and
//! frames between them that are right, almost right and wrong, with cuts.
//!
//! `readyState` never goes back, and `close` is one event and the last; what a socket receives is what was sent on it, where nobody
//! has changed anything; nothing turns for ever; memory has a bound; and whatever was done, all of it ends.

mod frame;

use crate::memory;
use crate::pipe::{Direction, Transport};
use arbitrary::Arbitrary;
use dom_websocket::fuzzing::{dial_by, serve_http2};
use dom_websocket::{EventLoop, Http2, Http2Options, Server, Turn, UserAgent, WebSocket};
use frame::AnyFrame;
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

/// More than both ends hold of a few connections and sockets.
const MEMORY: usize = 16 * 1024 * 1024;
/// So many connections are made; for more the server is not there.
const CONNECTIONS: usize = 4;
const SOCKETS: usize = 8;

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    ours: Ours,
    options: AnyOptions,
    /// Of the network, both ways.
    capacity: u16,
    most: u8,
    steps: Vec<Step<'a>>,
}

/// Which ends are the library's.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    Both,
    Client,
    Server,
}

/// Waits are none, or longer than a run is.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct AnyOptions {
    streams: u8,
    window: u16,
    connections: u8,
    keeps_idle: bool,
    ping: Option<bool>,
    pong: bool,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Turn,
    Turns,
    /// The client's.
    Open,
    Send {
        server: bool,
        socket: u8,
        len: u16,
    },
    Close {
        server: bool,
        socket: u8,
    },
    /// Nobody holds it any more.
    Drop {
        server: bool,
        socket: u8,
    },
    CloseServer,
    /// The fuzzer says this to the server, or to the client.
    Say {
        to_server: bool,
        connection: u8,
        frame: AnyFrame<'a>,
    },
    Flip {
        to_server: bool,
        connection: u8,
        at: u16,
        bit: u8,
    },
    End {
        to_server: bool,
        connection: u8,
    },
    Reset {
        connection: u8,
    },
}

/// Both directions of a connection: to the server, to the client.
type Network = [Rc<RefCell<Direction>>; 2];

/// A socket, and what its listeners have heard.
struct End {
    socket: Option<WebSocket>,
    heard: Rc<Heard>,
    sent: Vec<Vec<u8>>,
    ready_state: u16,
}

#[derive(Default)]
struct Heard {
    /// The client's number, which both of a stream's ends know.
    number: Cell<Option<usize>>,
    received: RefCell<Vec<Vec<u8>>>,
    opened: Cell<u32>,
    closed: Cell<u32>,
}

struct World {
    event_loop: EventLoop,
    server: Server,
    user_agent: UserAgent,
    networks: Rc<RefCell<Vec<Network>>>,
    clients: Vec<End>,
    served: Rc<RefCell<Vec<End>>>,
    /// Somebody else has had a say.
    is_false: bool,
}

impl AnyOptions {
    fn options(self) -> Http2Options {
        let wait = |is_long: bool| Duration::from_secs(if is_long { 3600 } else { 0 });
        let mut options = Http2Options::default();
        options.streams = self.streams.into();
        options.window = self.window.into();
        options.connections = self.connections.into();
        options.idle = wait(self.keeps_idle);
        // Who is asked without end is asked so often that nothing else is done.
        options.ping = self.ping.map(|_| wait(true));
        options.pong = wait(self.pong);
        options
    }
}

impl End {
    fn new(socket: &WebSocket) -> Self {
        let heard = Rc::new(Heard::default());
        let here = heard.clone();
        socket.set_onopen(move |event| {
            assert_eq!(event.target().ready_state(), WebSocket::OPEN);
            here.opened.set(here.opened.get() + 1);
            assert_eq!((here.opened.get(), here.closed.get()), (1, 0));
        });
        let here = heard.clone();
        socket.set_onmessage(move |event| {
            assert_eq!((here.opened.get(), here.closed.get()), (1, 0));
            let data = event.data();
            let text = data.as_str().map(str::as_bytes);
            let bytes = text.or(data.as_bytes()).expect("no blob").to_vec();
            here.received.borrow_mut().push(bytes);
        });
        let here = heard.clone();
        socket.set_onerror(move |_| assert_eq!(here.closed.get(), 0));
        let here = heard.clone();
        socket.set_onclose(move |event| {
            assert_eq!(event.target().ready_state(), WebSocket::CLOSED);
            here.closed.set(here.closed.get() + 1);
            assert_eq!(here.closed.get(), 1, "a second close");
        });
        socket.set_binary_type(dom_websocket::BinaryType::ArrayBuffer);
        Self {
            ready_state: socket.ready_state(),
            socket: Some(socket.clone()),
            heard,
            sent: Vec::new(),
        }
    }

    fn send(&mut self, len: usize) {
        if let Some(socket) = &self.socket {
            let mut message = vec![0; len];
            let count = u8::try_from(self.sent.len() % 256).expect("it is a byte");
            message.iter_mut().for_each(|byte| *byte = count);
            if socket.send(message.clone()).is_ok() && socket.ready_state() == WebSocket::OPEN {
                self.sent.push(message);
            }
        }
    }

    fn look(&mut self) {
        if let Some(socket) = &self.socket {
            let now = socket.ready_state();
            assert!(now >= self.ready_state, "readyState goes back");
            self.ready_state = now;
        }
    }
}

impl World {
    fn new(input: &Input<'_>) -> Self {
        let event_loop = EventLoop::new();
        let options = input.options.options();
        let mut builder = Server::builder(&event_loop);
        let server = builder.http2(options.clone()).listen("127.0.0.1:0");
        let server = server.expect("a port is free");
        let served = Rc::<RefCell<Vec<End>>>::default();
        server.set_onconnection({
            let served = served.clone();
            move |socket, request| {
                let end = End::new(&socket);
                let number = request.resource_name().trim_start_matches('/').parse();
                end.heard.number.set(number.ok());
                served.borrow_mut().push(end);
            }
        });
        let networks = Rc::<RefCell<Vec<Network>>>::default();
        let (capacity, most) = (input.capacity.into(), usize::from(input.most) * 16);
        let ours = input.ours;
        dial_by({
            let (networks, server) = (networks.clone(), server.clone());
            move || {
                let is_there = networks.borrow().len() < CONNECTIONS;
                is_there.then(|| {
                    let [to_server, to_client] = [(), ()].map(|()| Direction::new(capacity, most));
                    let network = [to_server.clone(), to_client.clone()];
                    networks.borrow_mut().push(network);
                    if ours == Ours::Both {
                        let theirs = Transport {
                            input: to_server.clone(),
                            output: to_client.clone(),
                        };
                        serve_http2(&server, theirs);
                    }
                    Transport {
                        input: to_client,
                        output: to_server,
                    }
                })
            }
        });
        if ours == Ours::Server {
            let [to_server, to_client] = [(), ()].map(|()| Direction::new(capacity, most));
            let transport = Transport {
                input: to_server.clone(),
                output: to_client.clone(),
            };
            networks.borrow_mut().push([to_server, to_client]);
            serve_http2(&server, transport);
        }
        let mut builder = UserAgent::builder();
        builder.http2(Http2::PriorKnowledge).http2_options(options);
        Self {
            user_agent: builder.build(),
            event_loop,
            server,
            networks,
            clients: Vec::new(),
            served,
            is_false: ours != Ours::Both,
        }
    }

    fn step(&mut self, step: &Step<'_>, ours: Ours) {
        match step {
            Step::Turn => {
                self.event_loop.turn();
            }
            Step::Turns => self.turns(),
            Step::Open if ours != Ours::Server && self.clients.len() < SOCKETS => {
                let url = format!("ws://127.0.0.1/{}", self.clients.len());
                let mut builder = WebSocket::builder(&self.event_loop, &url);
                let socket = builder.user_agent(&self.user_agent).open();
                let end = End::new(&socket.expect("the URL is right"));
                end.heard.number.set(Some(self.clients.len()));
                self.clients.push(end);
            }
            Step::Open => {}
            Step::Send {
                server,
                socket,
                len,
            } => self.on(*server, *socket, |end| end.send((*len).into())),
            Step::Close { server, socket } => self.on(*server, *socket, |end| {
                end.socket.iter().for_each(WebSocket::close);
            }),
            Step::Drop { server, socket } => {
                self.on(*server, *socket, |end| drop(end.socket.take()));
            }
            Step::CloseServer => self.server.close(),
            Step::Say {
                to_server,
                connection,
                frame,
            } => {
                let bytes = frame.bytes();
                self.network(*connection, |network| {
                    let mut direction = network[usize::from(!to_server)].borrow_mut();
                    if !direction.has_ended {
                        direction.bytes.extend(bytes);
                        direction.wake();
                    }
                });
            }
            Step::Flip {
                to_server,
                connection,
                at,
                bit,
            } => self.network(*connection, |network| {
                let mut direction = network[usize::from(!to_server)].borrow_mut();
                let len = direction.bytes.len().max(1);
                if let Some(byte) = direction.bytes.get_mut(usize::from(*at) % len) {
                    *byte ^= 1 << (bit % 8);
                }
            }),
            Step::End {
                to_server,
                connection,
            } => self.network(*connection, |network| {
                let mut direction = network[usize::from(!to_server)].borrow_mut();
                direction.has_ended = true;
                direction.wake();
            }),
            Step::Reset { connection } => self.network(*connection, |network| {
                for direction in network {
                    let mut direction = direction.borrow_mut();
                    direction.bytes.clear();
                    direction.error = Some(ErrorKind::ConnectionReset);
                    direction.wake();
                }
            }),
        }
    }

    fn on(&mut self, server: bool, socket: u8, what: impl FnOnce(&mut End)) {
        let mut served = self.served.borrow_mut();
        let ends = if server {
            &mut *served
        } else {
            &mut self.clients
        };
        let len = ends.len().max(1);
        ends.get_mut(usize::from(socket) % len).map(what);
    }

    /// Has somebody meddle with a connection, if there is one.
    fn network(&mut self, connection: u8, what: impl FnOnce(&Network)) {
        let networks = self.networks.borrow();
        let len = networks.len().max(1);
        if let Some(network) = networks.get(usize::from(connection) % len) {
            self.is_false = true;
            what(network);
        }
    }

    /// The fuzzer reads what its side is sent.
    fn drain(&self, ours: Ours) -> bool {
        let networks = self.networks.borrow();
        let theirs = match ours {
            Ours::Both => return false,
            Ours::Client => 0,
            Ours::Server => 1,
        };
        let mut did = false;
        for network in &*networks {
            let mut direction = network[theirs].borrow_mut();
            did |= !direction.bytes.is_empty();
            direction.bytes.clear();
            direction.wake();
        }
        did
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
        self.clients.iter_mut().for_each(End::look);
        let mut served = self.served.borrow_mut();
        served.iter_mut().for_each(End::look);
        if self.is_false {
            return;
        }
        for end in &*served {
            let number = end.heard.number.get().expect("it is asked for so");
            let client = &self.clients[number];
            assert!(client.sent.starts_with(&end.heard.received.borrow()));
            assert!(end.sent.starts_with(&client.heard.received.borrow()));
        }
    }

    /// Whatever was done, it ends.
    fn end(&mut self, ours: Ours) {
        for stage in 0..4 {
            for _ in 0..1000 {
                self.turns();
                if !self.drain(ours) {
                    break;
                }
            }
            self.look();
            match stage {
                0 => {
                    let served = self.served.borrow();
                    let ends = self.clients.iter().chain(&*served);
                    ends.flat_map(|end| &end.socket).for_each(WebSocket::close);
                }
                1 => {
                    self.server.close();
                    for direction in self.networks.borrow().iter().flatten() {
                        let mut direction = direction.borrow_mut();
                        direction.has_ended = true;
                        direction.wake();
                    }
                }
                _ => {}
            }
        }
        let served = self.served.borrow();
        for end in self.clients.iter().chain(&*served) {
            if let Some(socket) = &end.socket {
                assert_eq!(
                    socket.ready_state(),
                    WebSocket::CLOSED,
                    "{:?}",
                    end.heard.number
                );
                assert_eq!(end.heard.closed.get(), 1);
            }
        }
        assert_ne!(self.event_loop.turn(), Turn::More);
    }
}

pub fn check(input: Input<'_>) {
    let before = memory::in_use();
    let mut world = World::new(&input);
    for step in &input.steps {
        world.step(step, input.ours);
        world.look();
        let taken = memory::in_use().saturating_sub(before);
        assert!(taken < MEMORY, "{taken} bytes");
    }
    world.end(input.ours);
    dial_by(|| None::<Transport>);
}
