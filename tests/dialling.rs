//! The end at each step on the way to an open connection: by `close()` it is one `close` event at once, and
//! however it comes not one descriptor stays open.
//!
//! Descriptors belong to the whole process, so there is one test here, and it has the process to itself.

#[cfg(feature = "credentials")]
use dom_websocket::Credentials;
#[cfg(feature = "proxies")]
use dom_websocket::Proxy;
use dom_websocket::{Edition, EventLoop, Timeouts, UserAgent, UserAgentBuilder, WebSocket};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
#[cfg(feature = "credentials")]
use std::future::ready;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
#[cfg(feature = "proxies")]
use support::TUNNEL;
use support::{
    AMPLE, FAILURE, Gate, Head, Peer, Recorder, Wire, accept, bounded_by, run_until, settle,
};

/// Less than any timeout, and longer than a machine stands still.
const AT_ONCE: Duration = Duration::from_secs(8);

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

/// How a socket ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// By `close()`.
    Close,
    /// With its event loop.
    Drop,
}

const ENDS: [End; 2] = [End::Close, End::Drop];
/// Time enough to get to each step.
const BOUND: Duration = AMPLE;

/// A step, up to which a server comes before it falls silent.
struct Step {
    name: &'static str,
    /// What is opened, with the server's address in the place of `PEER`.
    url: &'static str,
    /// Sets its user agent, for a peer at this address.
    set: fn(&mut UserAgentBuilder, SocketAddr),
    script: fn(&TcpListener) -> Wire,
}

fn direct(_: &mut UserAgentBuilder, _: SocketAddr) {}

#[cfg(feature = "tls")]
fn credulous(agent: &mut UserAgentBuilder, _: SocketAddr) {
    agent.dangerously_accept_any_certificate();
}

/// By a proxy whose URL begins like this.
#[cfg(feature = "proxies")]
fn proxied(agent: &mut UserAgentBuilder, start: &str, peer: SocketAddr) {
    agent.proxies(Proxy::new(&format!("{start}{peer}")).unwrap());
}

/// Answers the next client like this, and waits for its end.
fn turn_away(listener: &TcpListener, response: &Head) {
    let mut wire = accept(listener);
    wire.take_upgrade();
    wire.send(&response.bytes());
    wire.take_rest();
}

const STEPS: &[Step] = &[
    Step {
        name: "a request without an answer",
        url: "ws://PEER/",
        set: direct,
        script: |listener| {
            let mut wire = accept(listener);
            wire.take_upgrade();
            wire
        },
    },
    Step {
        name: "a request with half an answer",
        url: "ws://PEER/",
        set: direct,
        script: |listener| {
            let mut wire = accept(listener);
            wire.take_upgrade();
            wire.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: w");
            wire
        },
    },
    Step {
        name: "a redirect's second request",
        url: "ws://PEER/",
        set: |agent, _| _ = agent.follow_redirects(1),
        script: |listener| {
            turn_away(listener, &Head::status("302 Found").with("Location", "/b"));
            let mut wire = accept(listener);
            wire.take_upgrade();
            wire
        },
    },
    #[cfg(feature = "credentials")]
    Step {
        name: "a request with credentials",
        url: "ws://edna:mode@PEER/",
        set: |agent, _| {
            let credentials = || Credentials::new("edna", "nocapes").ok();
            agent.server_credentials(move |_| ready(credentials()));
        },
        script: |listener| {
            let challenge = "Basic realm=\"x\"";
            let asking = Head::status("401 Unauthorized").with("WWW-Authenticate", challenge);
            turn_away(listener, &asking);
            let mut wire = accept(listener);
            wire.take_upgrade();
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "CONNECT with credentials",
        url: "ws://server.invalid/",
        set: |agent, peer| {
            let credentials = || Credentials::new("edna", "mode").ok();
            proxied(agent, "http://", peer);
            agent.proxy_credentials(move |_| ready(credentials()));
        },
        script: |listener| {
            turn_away(
                listener,
                &Head::asking(&["Digest realm=\"x\", nonce=\"n\""]),
            );
            let mut wire = accept(listener);
            wire.take_upgrade();
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "CONNECT without an answer",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "http://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.take_upgrade().target();
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "CONNECT with half an answer",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "http://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.take_upgrade().target();
            wire.send(&TUNNEL[..20]);
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "a request through a tunnel",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "http://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.accept_connect();
            wire.take_upgrade();
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "SOCKS5 without an answer",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "socks5://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.take_socks_methods();
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "SOCKS5 without an answer to the password",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "socks5://edna:mode@", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.take_socks_methods();
            wire.send(&[5, 2]);
            wire.take_socks_password();
            wire
        },
    },
    #[cfg(feature = "proxies")]
    Step {
        name: "SOCKS5 without an answer to the request",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "socks5://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.accept_socks();
            wire.take_socks_request();
            wire
        },
    },
    #[cfg(all(feature = "proxies", feature = "tls"))]
    Step {
        name: "TLS to a proxy without an answer",
        url: "ws://server.invalid/",
        set: |agent, peer| proxied(agent, "https://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.expect(&[22]);
            wire
        },
    },
    #[cfg(all(feature = "proxies", feature = "tls"))]
    Step {
        name: "TLS through a tunnel without an answer",
        url: "wss://server.invalid/",
        set: |agent, peer| proxied(agent, "http://", peer),
        script: |listener| {
            let mut wire = accept(listener);
            wire.accept_connect();
            wire.expect(&[22]);
            wire
        },
    },
    #[cfg(feature = "tls")]
    Step {
        name: "TLS without an answer",
        url: "wss://PEER/",
        set: credulous,
        script: |listener| {
            let mut wire = accept(listener);
            // A record of the handshake.
            wire.expect(&[22]);
            wire
        },
    },
    #[cfg(feature = "tls")]
    Step {
        name: "TLS with half an answer",
        url: "wss://PEER/",
        set: credulous,
        script: |listener| {
            let mut wire = accept(listener);
            wire.expect(&[22]);
            wire.send(&[22, 3, 3, 1, 0, 2]);
            wire
        },
    },
];

/// A socket that is connecting.
struct Opening {
    socket: WebSocket,
    recorder: Recorder,
}

fn open(event_loop: &EventLoop, edition: Edition, agent: &UserAgent, url: &str) -> Opening {
    let socket = WebSocket::builder(event_loop, url)
        .edition(edition)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    Opening { socket, recorder }
}

impl Opening {
    /// Comes to this end.
    #[track_caller]
    fn end(self, event_loop: EventLoop, end: End) {
        settle(&event_loop);
        assert_eq!(self.socket.ready_state(), WebSocket::CONNECTING);
        let start = Instant::now();
        match end {
            End::Close => self.recorder.calling(|| self.socket.close()),
            End::Drop => {
                drop(event_loop);
                // There is nobody left to dispatch anything.
                assert_eq!(self.recorder.count(), 0);
                return;
            }
        }
        run_until(&event_loop, || self.recorder.has_ended());
        self.assert_failed();
        // Nothing else is left to do.
        event_loop.run();
        assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    }

    #[track_caller]
    fn assert_failed(&self) {
        let events = self.recorder.finished();
        match self.socket.edition() {
            Edition::Html5 => assert_eq!(events, ["CLOSED close unclean"]),
            _ => assert_eq!(events, FAILURE),
        }
    }
}

/// A socket whose server has come up to this step, and the server.
fn open_up_to(
    step: &Step,
    edition: Edition,
    event_loop: &EventLoop,
    timeouts: Timeouts,
) -> (Opening, Peer) {
    let is_there = Gate::new(event_loop);
    let script = step.script;
    let peer = Peer::listen({
        let is_there = is_there.clone();
        move |listener| {
            let mut wire = script(&listener);
            is_there.open();
            wire.take_rest();
        }
    });
    let url = step.url.replace("PEER", &peer.address().to_string());
    let mut agent = UserAgent::builder();
    (step.set)(&mut agent, peer.address());
    let agent = agent.timeouts(timeouts).build();
    let opening = open(event_loop, edition, &agent, &url);
    is_there.run(event_loop);
    (opening, peer)
}

fn end_at(step: &Step, edition: Edition, end: End) {
    let event_loop = EventLoop::new();
    let (opening, peer) = open_up_to(step, edition, &event_loop, Timeouts::default());
    let start = Instant::now();
    opening.end(event_loop, end);
    // The server knows.
    peer.join();
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
}

/// All steps at once: each has a user agent of its own.
fn time_out_at_every_step(edition: Edition) {
    let event_loop = EventLoop::new();
    let start = Instant::now();
    let all: Vec<_> = STEPS
        .iter()
        .map(|step| {
            let timeouts = Timeouts {
                opening_handshake: BOUND,
                ..Timeouts::default()
            };
            open_up_to(step, edition, &event_loop, timeouts)
        })
        .collect();
    event_loop.run();
    for (opening, peer) in all {
        opening.assert_failed();
        peer.join();
    }
    assert!(start.elapsed() >= BOUND);
    assert!(start.elapsed() < BOUND + AT_ONCE, "{:?}", start.elapsed());
}

/// Nobody accepts, and the queue of those who wait to be is full: the kernel does not answer any more.
fn end_while_connecting(edition: Edition, end: End) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener
        .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
        .unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let _queue = TcpStream::connect(address).unwrap();
    let refused = TcpStream::connect_timeout(&address, Duration::from_millis(50));
    assert!(refused.is_err(), "the queue is full");
    let event_loop = EventLoop::new();
    let agent = UserAgent::default();
    let opening = open(&event_loop, edition, &agent, &format!("ws://{address}/"));
    wait(&event_loop);
    opening.end(event_loop, end);
}

/// There is another one before it, which stays. That others take long is no fault of its own.
fn close_while_waiting_for_its_turn(edition: Edition) {
    let event_loop = EventLoop::new();
    let is_there = Gate::new(&event_loop);
    let peer = Peer::serve({
        let is_there = is_there.clone();
        move |mut wire| {
            wire.take(1);
            is_there.open();
            wire.take_rest();
        }
    });
    let agent = UserAgent::default();
    let first = open(&event_loop, edition, &agent, &peer.url());
    is_there.run(&event_loop);
    let second = open(&event_loop, edition, &agent, &peer.url());
    wait(&event_loop);
    second.recorder.calling(|| second.socket.close());
    run_until(&event_loop, || second.recorder.has_ended());
    assert_eq!(first.recorder.count(), 0);
    first.end(event_loop, End::Close);
    peer.join();
}

/// Takes turns for as long as it takes to be connecting, which nobody can see from outside.
fn wait(event_loop: &EventLoop) {
    let is_over = Gate::new(event_loop);
    let opener = thread::spawn({
        let is_over = is_over.clone();
        move || {
            thread::sleep(Duration::from_millis(30));
            is_over.open();
        }
    });
    is_over.run(event_loop);
    opener.join().unwrap();
}

#[test]
fn no_step_outlives_its_end_or_leaves_anything_open() {
    bounded_by(Duration::from_secs(120), || {
        let all = |edition| {
            let mut left = Vec::new();
            let mut before = descriptors();
            let mut after = |what: &str| {
                let now = descriptors();
                if now != before {
                    left.push(format!("{edition:?}, {what}: {before:?} became {now:?}"));
                    before = now;
                }
            };
            close_while_waiting_for_its_turn(edition);
            after("waiting for its turn");
            for end in ENDS {
                end_while_connecting(edition, end);
                after(&format!("connecting, {end:?}"));
                for step in STEPS {
                    end_at(step, edition, end);
                    after(&format!("{}, {end:?}", step.name));
                }
            }
            time_out_at_every_step(edition);
            after("at the bound");
            left
        };
        // What the runtime opens for itself, and once.
        all(Edition::Living);
        for edition in EDITIONS {
            assert_eq!(all(edition), [""; 0]);
        }
    });
}
