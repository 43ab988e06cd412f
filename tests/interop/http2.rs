//! Sessions over HTTP/2 (RFC 8441) with servers and clients that nobody here wrote.
//!
//! They need the peers that `.ci/run` installs and starts: `HTTP2_SERVERS` names the table of servers (name, URL, process,
//! traits), beside which the folder `certificates-of-http2` is; `HTTP2_CLIENTS` the folder of clients.

use super::conversation::{Log, converse, messages, record, session};
use super::installed::{Installed, run_client};
use super::serving::Sessions;
use dom_websocket::{
    EventLoop, Http2, HttpResponse, Limits, Observation, Server, Step, UserAgent, WebSocket,
};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use support::bounded_by;

/// A client is given up after 240 seconds.
const BOUND: Duration = Duration::from_secs(270);
/// More sockets than some servers have streams for.
const MANY: usize = 100;

fn server(name: &str) -> Installed {
    Installed::server("HTTP2_SERVERS", name)
}

fn certificate(name: &str) -> Vec<u8> {
    let table = PathBuf::from(std::env::var("HTTP2_SERVERS").expect("the table's path"));
    let file = table.with_file_name(Path::new("certificates-of-http2").join(name));
    std::fs::read(file).expect("the certificate can be read")
}

/// What a user agent did for its sockets.
#[derive(Default)]
struct Steps {
    connected: Cell<usize>,
    multiplexed: Cell<usize>,
    failures: RefCell<Vec<String>>,
}

impl Steps {
    fn note(&self, observation: &Observation<'_>) {
        let count = match observation.step {
            Step::Connected(_) => &self.connected,
            Step::Multiplexed => &self.multiplexed,
            Step::Failed(failure) => {
                self.failures.borrow_mut().push(failure.to_string());
                return;
            }
            _ => return,
        };
        count.set(count.get() + 1);
    }
}

/// Knows the peers' authority. Where there is TLS the server chooses, elsewhere it is known to speak HTTP/2.
fn user_agent(peer: &Installed) -> (UserAgent, Rc<Steps>) {
    let steps = Rc::<Steps>::default();
    let noted = steps.clone();
    let http2 = match peer.url.starts_with("wss:") {
        true => Http2::Prefer,
        false => Http2::PriorKnowledge,
    };
    let mut builder = UserAgent::builder();
    builder
        .root_certificates(&certificate("ca.pem"))
        .unwrap()
        .http2(http2)
        .observer(move |observation: &Observation<'_>| noted.note(observation));
    (builder.build(), steps)
}

fn open(
    event_loop: &EventLoop,
    peer: &Installed,
    agent: &UserAgent,
    protocols: &[&str],
) -> WebSocket {
    WebSocket::builder(event_loop, &peer.url)
        .user_agent(agent)
        .origin("http://example.com")
        .protocols(protocols.iter().copied())
        .open()
        .expect("the URL is right")
}

/// Each message there and back; then we close.
fn we_close(peer: &Installed) -> Rc<Steps> {
    let event_loop = EventLoop::new();
    let (agent, steps) = user_agent(peer);
    let socket = open(&event_loop, peer, &agent, &["other", "chat"]);
    let log = record(&socket);
    let messages = messages();
    let count = messages.len();
    converse(&socket, messages, |socket| {
        socket.close_with(4000, "enough, danke schön").unwrap();
    });
    event_loop.run();
    let end = r#"close clean=true 4000 "enough, danke schön""#;
    assert_eq!(*log.borrow(), session(count, end), "{:?}", steps.failures);
    assert_eq!(socket.protocol(), "chat");
    let extensions = socket.extensions();
    assert_eq!(
        extensions.starts_with("permessage-deflate"),
        peer.is("deflate"),
        "{extensions:?}"
    );
    steps
}

/// The server closes, with a code and a reason of its own, when it is told to.
fn they_close(peer: &Installed) {
    let event_loop = EventLoop::new();
    let (agent, steps) = user_agent(peer);
    let socket = open(&event_loop, peer, &agent, &[]);
    let log = record(&socket);
    converse(&socket, vec!["hello".into()], |socket| {
        assert_eq!(socket.send("goodbye"), Ok(true));
    });
    event_loop.run();
    let name = peer.name.trim_end_matches("-tls");
    let end = format!(r#"close clean=true 4321 "bye from {name}""#);
    assert_eq!(*log.borrow(), session(1, &end), "{:?}", steps.failures);
    assert_eq!(socket.protocol(), "");
}

/// The standard has the connection fail where none of the subprotocols is chosen; other sockets go on.
fn no_common_subprotocol(peer: &Installed) {
    let event_loop = EventLoop::new();
    let (agent, _) = user_agent(peer);
    let other = open(&event_loop, peer, &agent, &["chat"]);
    let log = record(&other);
    other.set_onopen({
        let (event_loop, agent) = (event_loop.clone(), agent.clone());
        let (name, url) = (peer.name.clone(), peer.url.clone());
        move |event| {
            let failing = WebSocket::builder(&event_loop, &url)
                .user_agent(&agent)
                .protocols(["other", "another"])
                .open()
                .expect("the URL is right");
            let log = record(&failing);
            let other = event.target().clone();
            let name = name.clone();
            failing.set_onclose(move |_| {
                let end = r#"close clean=false 1006 """#;
                assert_eq!(*log.borrow(), ["error", end], "{name}");
                other.send("still there?").unwrap();
            });
        }
    });
    other.set_onmessage(|event| event.target().close_with(1000, "").unwrap());
    event_loop.run();
    let end = r#"close clean=true 1000 """#;
    assert_eq!(*log.borrow(), session(1, end));
}

/// More sockets than a server may have streams for: each speaks, and closes when all have been answered.
fn many(peer: &Installed) -> Rc<Steps> {
    let event_loop = EventLoop::new();
    let (agent, steps) = user_agent(peer);
    let answered = Rc::new(Cell::new(0));
    let logs: Vec<Log> = (0..MANY)
        .map(|i| {
            let socket = open(&event_loop, peer, &agent, &["chat"]);
            let log = record(&socket);
            let text = format!("hello from {i}");
            let sent = text.clone();
            socket.set_onopen(move |event| event.target().send(&sent));
            let answered = answered.clone();
            socket.set_onmessage(move |event| {
                assert_eq!(event.data(), text.as_str());
                answered.set(answered.get() + 1);
                event.target().close_with(4000, "").unwrap();
            });
            log
        })
        .collect();
    event_loop.run();
    assert_eq!(answered.get(), MANY, "{:?}", steps.failures);
    let end = r#"close clean=true 4000 """#;
    for log in logs {
        assert_eq!(*log.borrow(), session(1, end), "{:?}", steps.failures);
    }
    steps
}

macro_rules! servers {
    ($($name:ident: $server:literal),* $(,)?) => {$(
        mod $name {
            use super::*;

            #[test]
            #[ignore = "needs the peers that .ci/run starts"]
            fn echoes_until_we_close() {
                bounded_by(BOUND, || {
                    let steps = we_close(&server($server));
                    assert_eq!((steps.connected.get(), steps.multiplexed.get()), (1, 1));
                });
            }

            #[test]
            #[ignore = "needs the peers that .ci/run starts"]
            fn closes_when_it_is_asked_to() {
                bounded_by(BOUND, || they_close(&server($server)));
            }

            #[test]
            #[ignore = "needs the peers that .ci/run starts"]
            fn has_to_choose_a_subprotocol() {
                bounded_by(BOUND, || no_common_subprotocol(&server($server)));
            }
        }
    )*};
}

servers!(
    node: "node",
    node_tls: "node-tls",
    hypercorn: "hypercorn",
    hypercorn_tls: "hypercorn-tls",
    haproxy: "haproxy",
    haproxy_tls: "haproxy-tls",
    nghttpx: "nghttpx",
    nghttpx_tls: "nghttpx-tls",
    lighttpd: "lighttpd",
    lighttpd_tls: "lighttpd-tls",
    apache: "apache",
    apache_tls: "apache-tls",
);

/// Servers that take all of them over few connections, and how many that may be: lighttpd has eight streams for each.
macro_rules! many {
    ($($name:ident: $server:literal, $connections:literal),* $(,)?) => {$(
        #[test]
        #[ignore = "needs the peers that .ci/run starts"]
        fn $name() {
            bounded_by(BOUND, || {
                let steps = many(&server($server));
                assert_eq!(steps.multiplexed.get(), MANY);
                let connections = steps.connected.get();
                assert!(connections <= $connections, "{connections} connections");
            });
        }
    )*};
}

many!(
    many_to_node: "node", 1,
    many_to_node_by_tls: "node-tls", 1,
    many_to_haproxy: "haproxy-tls", 1,
    many_to_nghttpx: "nghttpx-tls", 1,
    many_to_apache: "apache-tls", 1,
    many_to_lighttpd: "lighttpd-tls", 13,
);

/// A server that speaks HTTP/2, or not even that, but takes WebSockets over HTTP/1.1 alone.
fn over_http1(peer: &Installed, connections: usize) {
    let steps = we_close(peer);
    assert_eq!(steps.multiplexed.get(), 0);
    assert_eq!(steps.connected.get(), connections);
}

#[test]
#[ignore = "needs the peers that .ci/run starts"]
fn falls_back_to_http1() {
    bounded_by(BOUND, || {
        // One connection to find out.
        for name in ["nginx-tls", "deno-tls", "refuser-tls"] {
            over_http1(&server(name), 2);
        }
    });
}

/// Who is known to speak HTTP/2 with extended CONNECT is asked for nothing else.
#[test]
#[ignore = "needs the peers that .ci/run starts"]
fn tries_nothing_else_with_prior_knowledge() {
    bounded_by(BOUND, || {
        for name in ["refuser", "ws"] {
            let peer = server(name);
            let event_loop = EventLoop::new();
            let (agent, steps) = user_agent(&peer);
            let log = record(&open(&event_loop, &peer, &agent, &[]));
            event_loop.run();
            let end = r#"close clean=false 1006 """#;
            assert_eq!(*log.borrow(), ["error", end], "{name}");
            assert_eq!(steps.connected.get(), 1, "{name}");
        }
    });
}

/// Runs one client against a server of ours, with TLS or without.
fn serve(client: &str, scheme: &str, extensions: &str, mode: &str) {
    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    // Some of what the clients send is longer than a server takes by itself.
    builder.limits(Limits::default());
    if scheme == "wss" {
        builder
            .tls(&certificate("good.pem"), &certificate("good.key"))
            .unwrap();
    }
    let server = builder.listen("127.0.0.1:0").expect("a free port");
    let port = server.local_addr().port();
    let sessions = Sessions::of(&server);
    // A browser comes from a page.
    server.set_onhttp(|_| HttpResponse::new(200).body("text/html", "<!DOCTYPE html>"));
    let url = format!("{scheme}://localhost:{port}/echo");
    let client = format!("http2-client-{client}");
    run_client(&event_loop, server, &url, "HTTP2_CLIENTS", &client, mode);
    sessions.judge(extensions, mode);
}

macro_rules! clients {
    ($($name:ident: $client:literal, $scheme:literal, $extensions:literal),* $(,)?) => {$(
        mod $name {
            use super::{BOUND, bounded_by, serve};

            #[test]
            #[ignore = "needs the peers that .ci/run installs"]
            fn closes_first() {
                bounded_by(BOUND, || serve($client, $scheme, $extensions, "close-first"));
            }

            #[test]
            #[ignore = "needs the peers that .ci/run installs"]
            fn answers_our_close() {
                bounded_by(BOUND, || serve($client, $scheme, $extensions, "server-closes"));
            }
        }
    )*};
}

clients!(
    node_client: "node", "ws", "permessage-deflate",
    node_client_by_tls: "node", "wss", "permessage-deflate",
    deno_client: "deno", "wss", "",
    undici_client: "undici", "wss", "permessage-deflate",
    chromium_client: "chromium", "wss", "permessage-deflate",
    firefox_client: "firefox", "wss", "permessage-deflate",
);
