//! Sessions with servers and clients of RFC 6455 that nobody here wrote.
//!
//! They need the peers that `.ci/run` installs and starts: `LIVING_SERVERS` names the table of
//! servers (name, URL, process, traits), `LIVING_CLIENTS` the folder of clients.

use super::installed::{Installed, run_client};
use dom_websocket::{
    Answer, BinaryType, Blob, Edition, EventLoop, Limits, MessageData, Server, WebSocket,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use support::bounded_by;

const MIB: usize = 1024 * 1024;
/// A client is given up after 60 seconds.
const BOUND: Duration = Duration::from_secs(90);

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

/// What the listeners of one socket saw.
type Log = Rc<RefCell<Vec<String>>>;

fn record(socket: &WebSocket) -> Log {
    let log = Log::default();
    for type_ in ["open", "message", "error", "close"] {
        let log = log.clone();
        socket.add_event_listener(type_, move |event| {
            let mut entry = type_.to_owned();
            if let Some(close) = event.as_close_event() {
                let (clean, code, reason) = (close.was_clean(), close.code(), close.reason());
                entry.push_str(&format!(" clean={clean} {code} {reason:?}"));
            }
            log.borrow_mut().push(entry);
        });
    }
    log
}

/// An open connection, this many messages, and its end.
fn session(messages: usize, end: &str) -> Vec<String> {
    let messages = vec!["message".to_owned(); messages];
    [vec!["open".to_owned()], messages, vec![end.to_owned()]].concat()
}

/// What deflate can't make smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    StdRng::seed_from_u64(6455).fill_bytes(&mut bytes);
    bytes
}

fn messages() -> Vec<MessageData> {
    let repetitive = "The same again. ".repeat(MIB / 16);
    vec![
        MessageData::from("hello"),
        MessageData::from("Grüße, 世界! 🎉"),
        MessageData::from(""),
        MessageData::ArrayBuffer(vec![]),
        MessageData::Blob(Blob::new([])),
        MessageData::ArrayBuffer(vec![0, 255, 128]),
        MessageData::Blob(Blob::new([0, 255, 128])),
        MessageData::ArrayBuffer(noise(70_000)),
        MessageData::Blob(Blob::new(noise(70_000))),
        MessageData::ArrayBuffer(noise(16 * MIB)),
        // The second one is little more than a look back at the first.
        MessageData::from(&repetitive[..]),
        MessageData::from(&repetitive[..10_000]),
    ]
}

/// Each message there and back, one after the other, then `end`.
fn converse(socket: &WebSocket, messages: Vec<MessageData>, end: impl Fn(&WebSocket) + 'static) {
    let messages = Rc::new(messages);
    let at = Rc::new(Cell::new(0));
    let (all, echoed) = (messages.clone(), at.clone());
    let send_next = move |socket: &WebSocket| match all.get(echoed.get()) {
        Some(next) => {
            socket.set_binary_type(match next {
                MessageData::ArrayBuffer(_) => BinaryType::ArrayBuffer,
                _ => BinaryType::Blob,
            });
            assert_eq!(socket.send(next), Ok(true));
        }
        None => end(socket),
    };
    let send_next = Rc::new(send_next);
    let send_first = send_next.clone();
    socket.set_onopen(move |event| send_first(event.target()));
    socket.set_onmessage(move |event| {
        let i = at.replace(at.get() + 1);
        // Not assert_eq!: it would print all of it.
        assert!(
            *event.data() == messages[i],
            "message {i} came back changed"
        );
        send_next(event.target());
    });
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

/// A server of ours that echoes, and closes when it is told "goodbye"; runs one client against it.
fn serve(client: &str, offers: &str, mode: &str) {
    let event_loop = EventLoop::new();
    // Some of what the clients send is longer than a server takes by itself.
    let server = Server::builder(&event_loop)
        .limits(Limits::default())
        .listen("127.0.0.1:0")
        .expect("a free port");
    server.set_onrequest(|request| {
        assert_eq!(request.edition(), Edition::Living);
        assert_eq!(request.resource_name(), "/echo");
        match request.protocols().find(|&protocol| protocol == "chat") {
            Some(protocol) => Answer::accept_with(protocol),
            None => Answer::accept(),
        }
    });
    let sessions = Rc::new(RefCell::new(Vec::new()));
    let all_sessions = sessions.clone();
    server.set_onconnection(move |socket, _| {
        socket.set_onmessage(|event| {
            let socket = event.target();
            if event.data() == "goodbye" {
                socket.close_with(4321, "bye from us")
            } else {
                socket.send(event.data()).map(|_| ())
            }
        });
        let sessions = all_sessions.clone();
        socket.set_onclose(move |event| {
            sessions.borrow_mut().push((
                event.target().protocol(),
                event.target().extensions(),
                event.was_clean(),
                event.code(),
                event.reason().to_owned(),
            ));
        });
    });
    let client = format!("living-client-{client}");
    run_client(&event_loop, server, "LIVING_CLIENTS", &client, mode);
    let sessions = sessions.borrow();
    let [(protocol, extensions, was_clean, code, reason)] = &sessions[..] else {
        panic!("one connection: {sessions:?}");
    };
    assert_eq!(protocol, "chat");
    assert_eq!(extensions, offers);
    let (their_code, reasons): (_, &[_]) = match mode {
        "close-first" => (4001, &["done"]),
        // The answer to our frame: the code has to come back, the reason may.
        _ => (4321, &["", "bye from us"]),
    };
    assert_eq!((*was_clean, *code), (true, their_code));
    assert!(reasons.contains(&&reason[..]), "{reason}");
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
