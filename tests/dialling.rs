//! `close()` at each step on the way to an open connection: one `close` event, at once, and not one
//! descriptor that stays open.
//!
//! Descriptors belong to the whole process, so there is one test here, and it has the process to itself.

mod support;

use dom_websocket::{Edition, EventLoop, UserAgent, WebSocket};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use support::{FAILURE, Gate, Peer, Recorder, Wire, bounded_by, run_until, settle};

/// Less than any timeout.
const AT_ONCE: Duration = Duration::from_secs(1);

const EDITIONS: [Edition; 2] = [Edition::Living, Edition::Html5];

/// What this process has open.
fn descriptors() -> BTreeMap<PathBuf, PathBuf> {
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // But for the folder that is being read.
        .filter_map(|path| Some((path.clone(), path.read_link().ok()?)))
        .collect()
}

/// A step, up to which a server comes before it falls silent.
struct Step {
    name: &'static str,
    /// What is opened, with the server's address in the place of `PEER`.
    url: &'static str,
    user_agent: fn(SocketAddr) -> UserAgent,
    script: fn(&mut Wire),
}

fn direct(_: SocketAddr) -> UserAgent {
    UserAgent::default()
}

#[cfg(feature = "tls")]
fn credulous(_: SocketAddr) -> UserAgent {
    UserAgent::builder()
        .dangerously_accept_any_certificate()
        .build()
}

const STEPS: &[Step] = &[
    Step {
        name: "a request without an answer",
        url: "ws://PEER/",
        user_agent: direct,
        script: |wire| {
            wire.take_upgrade();
        },
    },
    Step {
        name: "a request with half an answer",
        url: "ws://PEER/",
        user_agent: direct,
        script: |wire| {
            wire.take_upgrade();
            wire.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: w");
        },
    },
    #[cfg(feature = "tls")]
    Step {
        name: "TLS without an answer",
        url: "wss://PEER/",
        user_agent: credulous,
        script: |wire| {
            // A record of the handshake.
            wire.expect(&[22]);
        },
    },
    #[cfg(feature = "tls")]
    Step {
        name: "TLS with half an answer",
        url: "wss://PEER/",
        user_agent: credulous,
        script: |wire| {
            wire.expect(&[22]);
            wire.send(&[22, 3, 3, 1, 0, 2]);
        },
    },
];

fn open(event_loop: &EventLoop, edition: Edition, agent: &UserAgent, url: &str) -> Opening {
    let socket = WebSocket::builder(event_loop, url)
        .edition(edition)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    Opening { socket, recorder }
}

/// A socket that is connecting.
struct Opening {
    socket: WebSocket,
    recorder: Recorder,
}

impl Opening {
    #[track_caller]
    fn close(&self, event_loop: &EventLoop, what: &str) {
        settle(event_loop);
        assert_eq!(self.socket.ready_state(), WebSocket::CONNECTING, "{what}");
        let start = Instant::now();
        self.recorder.calling(|| self.socket.close());
        run_until(event_loop, || self.recorder.has_ended());
        assert!(start.elapsed() < AT_ONCE, "{what}: {:?}", start.elapsed());
        let events = self.recorder.finished();
        match self.socket.edition() {
            Edition::Html5 => assert_eq!(events, ["CLOSED close unclean"], "{what}"),
            _ => assert_eq!(events, FAILURE, "{what}"),
        }
    }
}

fn close_at(step: &Step, edition: Edition) {
    let what = format!("{}, {edition:?}", step.name);
    let event_loop = EventLoop::new();
    let is_there = Gate::new(&event_loop);
    let script = step.script;
    let peer = Peer::serve({
        let is_there = is_there.clone();
        move |mut wire| {
            script(&mut wire);
            is_there.open();
            wire.take_rest();
        }
    });
    let url = step.url.replace("PEER", &peer.address().to_string());
    let agent = (step.user_agent)(peer.address());
    let opening = open(&event_loop, edition, &agent, &url);
    is_there.run(&event_loop);
    opening.close(&event_loop, &what);
    // Nothing else is left to do, and the server knows.
    let start = Instant::now();
    event_loop.run();
    peer.join();
    assert!(start.elapsed() < AT_ONCE, "{what}: {:?}", start.elapsed());
}

/// Nobody accepts, and the queue of those who wait to be is full: the kernel does not answer any more.
fn close_while_connecting(edition: Edition) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener
        .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
        .unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let _queue = TcpStream::connect(address).unwrap();
    let refused = TcpStream::connect_timeout(&address, Duration::from_millis(100));
    assert!(refused.is_err(), "the queue is full");
    let event_loop = EventLoop::new();
    let opening = open(
        &event_loop,
        edition,
        &direct(address),
        &format!("ws://{address}/"),
    );
    wait(&event_loop);
    opening.close(&event_loop, "connecting");
}

/// There is another one before it.
fn close_while_waiting_for_its_turn(edition: Edition) {
    let event_loop = EventLoop::new();
    let is_there = Gate::new(&event_loop);
    let peer = Peer::listen({
        let is_there = is_there.clone();
        move |listener| {
            let mut wire = support::accept(&listener);
            wire.take(1);
            is_there.open();
            wire.take_rest();
        }
    });
    let agent = direct(peer.address());
    let first = open(&event_loop, edition, &agent, &peer.url());
    is_there.run(&event_loop);
    let second = open(&event_loop, edition, &agent, &peer.url());
    wait(&event_loop);
    second.close(&event_loop, "waiting for its turn");
    first.close(&event_loop, "whom another one waited for");
    peer.join();
}

/// Takes turns for as long as it takes to be connecting, which nobody can see from outside.
fn wait(event_loop: &EventLoop) {
    let is_over = Gate::new(event_loop);
    let opener = thread::spawn({
        let is_over = is_over.clone();
        move || {
            thread::sleep(Duration::from_millis(50));
            is_over.open();
        }
    });
    is_over.run(event_loop);
    opener.join().unwrap();
}

#[test]
fn close_ends_every_step_at_once_and_leaves_nothing_open() {
    bounded_by(Duration::from_secs(60), || {
        let all = |edition| {
            let mut left = Vec::new();
            let mut before = descriptors();
            let mut after = |what: String| {
                let now = descriptors();
                if now != before {
                    left.push(format!("{what}: {before:?} became {now:?}"));
                    before = now;
                }
            };
            close_while_waiting_for_its_turn(edition);
            after(format!("waiting for its turn, {edition:?}"));
            close_while_connecting(edition);
            after(format!("connecting, {edition:?}"));
            for step in STEPS {
                close_at(step, edition);
                after(format!("{}, {edition:?}", step.name));
            }
            left
        };
        // What the runtime opens for itself, and once.
        all(Edition::Living);
        for edition in EDITIONS {
            assert_eq!(all(edition), [""; 0]);
        }
    });
}
