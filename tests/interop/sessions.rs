//! Sessions with servers and clients of RFC 6455 that nobody here wrote.
//!
//! They need the peers that `.ci/run` installs and starts: `LIVING_SERVERS` names the table of
//! servers (name, URL, process, traits), `LIVING_CLIENTS` the folder of clients.

use super::conversation::{converse, messages, record, session};
use super::installed::{Installed, run_client};
use super::serving::Sessions;
use dom_websocket::{EventLoop, Limits, Server, WebSocket};
use std::time::Duration;
use support::bounded_by;

/// A client is given up after 240 seconds.
const BOUND: Duration = Duration::from_secs(270);

fn server(name: &str) -> Installed {
    Installed::server("LIVING_SERVERS", name)
}

fn open(peer: &Installed, event_loop: &EventLoop, protocols: &[&str]) -> WebSocket {
    WebSocket::builder(event_loop, &peer.url)
        .origin("http://example.com")
        .protocols(protocols.iter().copied())
        .open()
        .expect("the URL is right")
}

fn we_close(peer: &Installed) {
    let event_loop = EventLoop::new();
    let socket = open(peer, &event_loop, &["other", "chat"]);
    let log = record(&socket);
    let messages = messages();
    let count = messages.len();
    converse(&socket, messages, |socket| {
        socket.close_with(4000, "enough, danke schön").unwrap();
    });
    event_loop.run();
    let end = r#"close clean=true 4000 "enough, danke schön""#;
    assert_eq!(*log.borrow(), session(count, end));
    assert_eq!(socket.protocol(), "chat");
    let extensions = socket.extensions();
    if peer.is("deflate") {
        assert!(extensions.starts_with("permessage-deflate"), "{extensions}");
    } else {
        assert_eq!(extensions, "");
    }
}

fn they_close(peer: &Installed) {
    let event_loop = EventLoop::new();
    let socket = open(peer, &event_loop, &[]);
    let log = record(&socket);
    converse(&socket, vec!["hello".into()], |socket| {
        assert_eq!(socket.send("goodbye"), Ok(true));
    });
    event_loop.run();
    let end = format!(r#"close clean=true 4321 "bye from {}""#, peer.name);
    assert_eq!(*log.borrow(), session(1, &end));
    assert_eq!(socket.protocol(), "");
}

/// The standard has the connection fail where none of the subprotocols is chosen.
fn no_common_subprotocol(peer: &Installed) {
    let event_loop = EventLoop::new();
    let socket = open(peer, &event_loop, &["other", "another"]);
    let log = record(&socket);
    socket.set_onopen(|event| event.target().close());
    event_loop.run();
    if peer.is("takes-any-subprotocol") {
        assert_eq!(socket.protocol(), "other");
        assert_eq!(*log.borrow(), session(0, r#"close clean=true 1005 """#));
    } else {
        assert_eq!(*log.borrow(), ["error", r#"close clean=false 1006 """#]);
    }
}

macro_rules! servers {
    ($($name:ident: $server:literal),*) => {$(
        mod $name {
            use super::{BOUND, bounded_by, no_common_subprotocol, server, they_close, we_close};

            #[test]
            #[ignore = "needs the peers that .ci/run starts"]
            fn echoes_until_we_close() {
                bounded_by(BOUND, || we_close(&server($server)));
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
    ws: "ws",
    ws_plain: "ws-plain",
    nginx: "nginx",
    websockets: "websockets",
    deno: "deno",
    bun: "bun"
);

/// Runs one client against a server of ours.
fn serve(client: &str, offers: &str, mode: &str) {
    let event_loop = EventLoop::new();
    // Some of what the clients send is longer than a server takes by itself.
    let server = Server::builder(&event_loop)
        .limits(Limits::default())
        .listen("127.0.0.1:0")
        .expect("a free port");
    let url = format!("ws://{}/echo", server.local_addr());
    let sessions = Sessions::of(&server);
    let client = format!("living-client-{client}");
    run_client(&event_loop, server, &url, "LIVING_CLIENTS", &client, mode);
    sessions.judge(offers, mode);
}

macro_rules! clients {
    ($($name:ident: $client:literal, $extensions:literal),*) => {$(
        mod $name {
            use super::{BOUND, bounded_by, serve};

            #[test]
            #[ignore = "needs the peers that .ci/run installs"]
            fn closes_first() {
                bounded_by(BOUND, || serve($client, $extensions, "close-first"));
            }

            #[test]
            #[ignore = "needs the peers that .ci/run installs"]
            fn answers_our_close() {
                bounded_by(BOUND, || serve($client, $extensions, "server-closes"));
            }
        }
    )*};
}

clients!(
    ws_client: "ws", "permessage-deflate",
    undici_client: "undici", "permessage-deflate",
    websockets_client: "websockets", "permessage-deflate",
    deno_client: "deno", "",
    bun_client: "bun", "permessage-deflate",
    chromium_client: "chromium", "permessage-deflate"
);
