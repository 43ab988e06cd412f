//! Sessions with draft-76 servers and clients that nobody here wrote.
//!
//! They need the peers that `.ci/run` installs and starts: `DRAFT76_SERVERS` names the table of
//! servers (name, URL, process, traits), `DRAFT76_CLIENTS` the folder of clients.

use super::installed::{Installed, run_client};
use dom_websocket::{Answer, Edition, EventLoop, Server, Timeouts, UserAgent, WebSocket};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

fn server(name: &str) -> Installed {
    Installed::server("DRAFT76_SERVERS", name)
}

fn open(peer: &Installed, event_loop: &EventLoop) -> WebSocket {
    // Those that answer a closing frame wrongly need not be waited for so long.
    let user_agent = UserAgent::builder()
        .timeouts(Timeouts {
            closing_handshake: Duration::from_secs(10),
            ..Timeouts::default()
        })
        .build();
    let mut builder = WebSocket::builder(event_loop, &peer.url);
    builder
        .edition(Edition::Html5)
        .user_agent(&user_agent)
        .origin("http://example.com");
    if peer.is("subprotocol") {
        builder.protocol("chat");
    }
    builder.open().expect("the URL is right")
}

/// What the listeners of one socket saw.
type Log = Rc<RefCell<Vec<String>>>;

fn record(socket: &WebSocket) -> Log {
    let log = Log::default();
    for type_ in ["open", "message", "error", "close"] {
        let log = log.clone();
        socket.add_event_listener(type_, move |event| {
            let mut entry = type_.to_owned();
            if let Some(message) = event.as_message_event() {
                let text = message.data().to_string();
                entry.push_str(&format!(" {} bytes", text.len()));
            }
            if let Some(close) = event.as_close_event() {
                assert_eq!(event.target().ready_state(), WebSocket::CLOSED);
                entry.push_str(&format!(" clean={}", close.was_clean()));
            }
            log.borrow_mut().push(entry);
        });
    }
    log
}

fn texts(peer: &Installed) -> Vec<String> {
    let mut texts = vec![
        "hello".to_owned(),
        "Grüße, 世界! 🎉".to_owned(),
        "añb€".repeat(200 * 1024 / 7),
    ];
    if !peer.is("no-empty-text") {
        texts.insert(1, String::new());
    }
    texts
}

/// Each text there and back, one after the other, then `end`.
fn converse(socket: &WebSocket, texts: Vec<String>, end: impl Fn(&WebSocket) + 'static) {
    let first = texts[0].clone();
    socket.set_onopen(move |event| event.target().send(&first));
    let at = RefCell::new(0);
    socket.set_onmessage(move |event| {
        let mut at = at.borrow_mut();
        assert_eq!(event.data(), texts[*at].as_str(), "it comes back unchanged");
        *at += 1;
        match texts.get(*at) {
            Some(next) => assert_eq!(event.target().send(next), Ok(true)),
            None => end(event.target()),
        }
    });
}

/// What a session of these texts looks like, up to its end.
fn expected(texts: &[String]) -> Vec<String> {
    let messages = texts
        .iter()
        .map(|text| format!("message {} bytes", text.len()));
    std::iter::once("open".to_owned()).chain(messages).collect()
}

fn we_close(peer: &Installed) {
    let event_loop = EventLoop::new();
    let socket = open(peer, &event_loop);
    let log = record(&socket);
    converse(&socket, texts(peer), WebSocket::close);
    event_loop.run();
    let mut expected = expected(&texts(peer));
    expected.push(format!("close clean={}", peer.is("echoes-close")));
    assert_eq!(*log.borrow(), expected);
    let protocol = if peer.is("subprotocol") { "chat" } else { "" };
    assert_eq!(socket.protocol(), protocol);
}

fn they_close(peer: &Installed) {
    let event_loop = EventLoop::new();
    let socket = open(peer, &event_loop);
    let log = record(&socket);
    converse(&socket, vec!["hello".to_owned()], |socket| {
        assert_eq!(socket.send("goodbye"), Ok(true));
    });
    event_loop.run();
    let log: Vec<_> = log.borrow().clone();
    // Some echo "goodbye" before they go.
    let (end, before) = log.split_last().expect("there is an end");
    assert_eq!(before[..2], expected(&["hello".to_owned()]));
    assert!(before[2..].iter().all(|entry| entry == "message 7 bytes"));
    assert_eq!(*end, format!("close clean={}", peer.is("closes-first")));
}

macro_rules! servers {
    ($($name:ident),*) => {$(
        mod $name {
            use super::{server, they_close, we_close};

            #[test]
            #[ignore = "needs the peers that .ci/run starts"]
            fn echoes_until_we_close() {
                we_close(&server(stringify!($name)));
            }

            #[test]
            #[ignore = "needs the peers that .ci/run starts"]
            fn closes_when_it_is_asked_to() {
                they_close(&server(stringify!($name)));
            }
        }
    )*};
}

servers!(
    mod_pywebsocket,
    tornado,
    autobahn,
    perl,
    ruby,
    ws,
    faye,
    eventlet,
    netty,
    txws
);

/// A server of ours that echoes, and closes when it is told "goodbye"; runs one client against it.
fn serve(client: &str, mode: &str) {
    let event_loop = EventLoop::new();
    // Some clients take their time to begin, on a machine with much else to do.
    let timeouts = Timeouts {
        opening_handshake: Duration::from_secs(200),
        ..Timeouts::default()
    };
    let mut builder = Server::builder(&event_loop);
    let server = builder.timeouts(timeouts).listen("127.0.0.1:0");
    let server = server.expect("a free port");
    server.set_onrequest(|request| {
        assert_eq!(request.resource_name(), "/echo");
        match request.protocols().next() {
            Some(protocol) => Answer::accept_with(protocol),
            None => Answer::accept(),
        }
    });
    let ends = Rc::new(RefCell::new(Vec::new()));
    let all_ends = ends.clone();
    server.set_onconnection(move |socket, _| {
        socket.set_onmessage(|event| {
            let text = event.data().as_str().unwrap_or_default();
            if text == "goodbye" {
                event.target().close();
                Ok(false)
            } else {
                event.target().send(text)
            }
        });
        let ends = all_ends.clone();
        socket.set_onclose(move |event| ends.borrow_mut().push(event.was_clean()));
    });
    let client = format!("draft76-client-{client}");
    let url = format!("ws://{}/echo", server.local_addr());
    run_client(&event_loop, server, &url, "DRAFT76_CLIENTS", &client, mode);
    assert_eq!(*ends.borrow(), [true], "one connection, closed cleanly");
}

macro_rules! clients {
    ($($name:ident: $file:literal),*) => {$(
        mod $name {
            use super::serve;

            #[test]
            #[ignore = "needs the peers that .ci/run installs"]
            fn closes_first() {
                serve($file, "close-first");
            }

            #[test]
            #[ignore = "needs the peers that .ci/run installs"]
            fn answers_our_closing_frame() {
                serve($file, "server-closes");
            }
        }
    )*};
}

clients!(
    netty_client: "netty",
    autobahn_client: "autobahn",
    perl_client: "perl",
    mod_pywebsocket_client: "mod_pywebsocket"
);
