//! Half closes with servers that nobody here wrote: 16 MiB behind our end, and behind theirs.
//!
//! They are those of `html5_sessions` and `sessions`, of whose traits `.ci/peers/start-draft76` and
//! `.ci/peers/start-living` tell.

use super::installed::Installed;
use dom_websocket::{Edition, EventLoop, UserAgent, WebSocket};
use md5::{Digest, Md5};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use support::bounded_by;

const BOUND: Duration = Duration::from_secs(270);
const MESSAGES: usize = 256;
const LENGTH: usize = 65_535;

/// Without compression, so that what is sent is what leaves.
fn open(peer: &Installed, edition: Edition, event_loop: &EventLoop) -> WebSocket {
    let user_agent = UserAgent::builder().compression(false).build();
    let mut builder = WebSocket::builder(event_loop, &peer.url);
    builder
        .edition(edition)
        .half_open(true)
        .user_agent(&user_agent)
        .origin("http://example.com");
    if peer.is("subprotocol") {
        builder.protocol("chat");
    }
    builder.open().expect("the URL is right")
}

/// Whether the one `close` event was clean.
fn ended_cleanly(socket: &WebSocket) -> Rc<Cell<Option<bool>>> {
    let end = Rc::new(Cell::new(None));
    let seen = end.clone();
    socket.set_onclose(move |event| assert_eq!(seen.replace(Some(event.was_clean())), None));
    end
}

/// Our end leaves with the question, in one segment.
fn much_arrives_behind_our_end(peer: &Installed, edition: Edition) {
    let event_loop = EventLoop::new();
    let socket = open(peer, edition, &event_loop);
    let end = ended_cleanly(&socket);
    socket.set_onopen(|event| {
        assert_eq!(event.target().send("much"), Ok(true));
        assert_eq!(event.target().finish(), Ok(true));
    });
    let left = Rc::new(Cell::new(MESSAGES));
    let missing = left.clone();
    socket.set_onmessage(move |event| {
        assert_eq!(event.target().ready_state(), WebSocket::CLOSING);
        assert_eq!(event.data(), format!("{:LENGTH$}", left.get()).as_str());
        left.set(left.get() - 1);
    });
    event_loop.run();
    assert_eq!(missing.get(), 0);
    assert_eq!(end.get(), Some(!peer.is("fin-for-close")));
}

/// Sends as much as there is room for, and our end behind the last.
fn send_all(socket: &WebSocket, texts: &mut Vec<String>) {
    while let Some(text) = texts.pop() {
        if let Err(error) = socket.try_send(text) {
            texts.push(error.into_inner());
            return;
        }
    }
    assert_eq!(socket.finish(), Ok(true));
}

fn much_arrives_behind_their_end(peer: &Installed, edition: Edition) {
    // What it prints is not of an earlier run.
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let run = now.expect("it is later than 1970").as_nanos();
    let texts: Vec<_> = (0..MESSAGES)
        .map(|n| format!("{:LENGTH$}", format!("{run} {n}")))
        .collect();
    let mut sum = Md5::new();
    for text in texts.iter().rev() {
        sum.update(text);
    }
    let sum: String = sum.finalize().iter().map(|b| format!("{b:02x}")).collect();

    let event_loop = EventLoop::new();
    let socket = open(peer, edition, &event_loop);
    let end = ended_cleanly(&socket);
    socket.set_onopen(|event| event.target().send("goodbye"));
    let texts = Rc::new(RefCell::new(texts));
    let more = texts.clone();
    socket.set_ondrain(move |event| send_all(event.target(), &mut more.borrow_mut()));
    socket.set_onend(move |event| send_all(event.target(), &mut texts.borrow_mut()));
    event_loop.run();
    assert_eq!(end.get(), Some(true));
    peer.await_line(&format!("heard {MESSAGES} {} {sum}", MESSAGES * LENGTH));
}

macro_rules! servers {
    ($test:ident, $body:ident, $traits:expr; $($name:ident),*) => {
        mod $test {
            use super::super::{BOUND, bounded_by};

            $(
                #[test]
                #[ignore = "needs the peers that .ci/run starts"]
                fn $name() {
                    let peer = super::server(stringify!($name));
                    assert!($traits.iter().any(|wanted| peer.is(wanted)));
                    bounded_by(BOUND, move || super::super::$body(&peer, super::EDITION));
                }
            )*
        }
    };
}

mod html5 {
    use super::{Edition, Installed};

    const EDITION: Edition = Edition::Html5;

    fn server(name: &str) -> Installed {
        Installed::server("DRAFT76_SERVERS", name)
    }

    servers!(
        behind_our_end, much_arrives_behind_our_end, ["much-behind-end", "much-before-answer"];
        mod_pywebsocket, autobahn, perl, ruby, ws, eventlet, netty
    );
    servers!(
        behind_their_end, much_arrives_behind_their_end, ["hears-behind-goodbye"];
        tornado, perl, ws, netty
    );
}

mod living {
    use super::{Edition, Installed};

    const EDITION: Edition = Edition::Living;

    fn server(name: &str) -> Installed {
        Installed::server("LIVING_SERVERS", name)
    }

    servers!(
        behind_our_end, much_arrives_behind_our_end, ["much-before-answer"];
        ws, nginx, deno, bun
    );
    servers!(
        behind_their_end, much_arrives_behind_their_end, ["hears-behind-goodbye"];
        ws, websockets
    );
}
