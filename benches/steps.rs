//! Steps that do the same work each time, for counting what they cost.
//!
//! `cargo bench --bench steps -- NAME COUNT` does the step so often. `.ci/costs` runs each under valgrind, and holds
//! its instructions and allocations against `benches/costs.txt`.
//!
//! Most have no socket, no clock and no other thread. Those that `living-` and `html5-` begin are all of it: a server
//! and a client on one loop, with TCP between.
#![allow(clippy::print_stdout)]

use dom_websocket::protocol::opening::{
    AcceptOptions, Agreed, Answer, AwaitingRequest, AwaitingResponse, ClientRequest, Reply, Role,
};
use dom_websocket::protocol::{ConnectionOptions, Payload, Protocol, Wire};
use dom_websocket::{
    Edition, EventInit, EventLoop, MessageData, MessageEvent, MessageEventInit, Server, UserAgent,
    WebSocket,
};
use std::cell::Cell;
use std::hint::black_box;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

/// A step's name, and what does it so often.
type Step = (&'static str, fn(usize));

const STEPS: [Step; 18] = [
    ("rfc6455-receive-client", |count| {
        receive(Wire::Rfc6455, Role::Client, 64, count)
    }),
    ("rfc6455-receive-server", |count| {
        receive(Wire::Rfc6455, Role::Server, 64, count)
    }),
    ("rfc6455-receive-64k", |count| {
        receive(Wire::Rfc6455, Role::Client, 65_536, count)
    }),
    ("rfc6455-send-client", |count| {
        send(Wire::Rfc6455, Role::Client, 64, count)
    }),
    ("rfc6455-send-server", |count| {
        send(Wire::Rfc6455, Role::Server, 64, count)
    }),
    ("rfc6455-send-64k", |count| {
        send(Wire::Rfc6455, Role::Client, 65_536, count)
    }),
    ("rfc6455-open", |count| open(Wire::Rfc6455, count)),
    ("hixie76-receive", |count| {
        receive(Wire::Hixie76, Role::Client, 64, count)
    }),
    ("hixie76-receive-64k", |count| {
        receive(Wire::Hixie76, Role::Client, 65_536, count)
    }),
    ("hixie76-send", |count| {
        send(Wire::Hixie76, Role::Client, 64, count)
    }),
    ("hixie76-open", |count| open(Wire::Hixie76, count)),
    ("dispatch", dispatch),
    ("task", task),
    ("living-echo", |count| echo(Edition::Living, 64, count)),
    ("living-echo-64k", |count| {
        echo(Edition::Living, 65_536, count)
    }),
    ("living-connect", |count| connect(Edition::Living, count)),
    ("html5-echo", |count| echo(Edition::Html5, 64, count)),
    ("html5-connect", |count| connect(Edition::Html5, count)),
];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    match &arguments[..] {
        [name, count] => {
            let (_, step) = STEPS
                .iter()
                .find(|(known, _)| known == name)
                .expect("a step's name");
            step(count.parse().expect("a number"));
        }
        _ => STEPS.iter().for_each(|(name, step)| {
            println!("{name}");
            step(10);
        }),
    }
}

fn connection(wire: Wire, role: Role) -> Box<dyn Protocol> {
    let options = Arc::new(ConnectionOptions::default());
    let mut connection = Agreed::new(wire, role).connect(&options, [7; 32], Instant::now());
    connection.poll_feedback();
    connection
}

/// Gives what is queued to `take`.
fn transmit(connection: &mut dyn Protocol, now: Instant, mut take: impl FnMut(&[u8])) {
    loop {
        let mut slices = [IoSlice::new(&[]); 32];
        let filled = connection.poll_transmit(&mut slices);
        if filled == 0 {
            return;
        }
        let mut len = 0;
        for slice in &slices[..filled] {
            take(slice);
            len += slice.len();
        }
        connection.handle_transmitted(len, now);
    }
}

/// A text of so many bytes is received and taken, as one read of up to 64 KiB brings them.
fn receive(wire: Wire, role: Role, len: usize, count: usize) {
    let now = Instant::now();
    let text = "x".repeat(len);
    let mut frame = Vec::new();
    let mut peer = connection(wire, role.peer());
    peer.send(Payload::Text(&text));
    transmit(&mut *peer, now, |bytes| frame.extend_from_slice(bytes));
    let at_once = (65_536 / frame.len()).clamp(1, count);
    let read = frame.repeat(at_once);
    let mut connection = connection(wire, role);
    for _ in 0..count / at_once {
        for piece in read.chunks(65_536) {
            connection.handle_input(piece, now);
        }
        while let Some(feedback) = connection.poll_feedback() {
            black_box(feedback);
        }
    }
}

/// A text of so many bytes is sent; what a turn has queued leaves at once.
fn send(wire: Wire, role: Role, len: usize, count: usize) {
    let now = Instant::now();
    let text = "x".repeat(len);
    let mut connection = connection(wire, role);
    let at_once = (65_536 / len).clamp(1, count);
    for _ in 0..count / at_once {
        for _ in 0..at_once {
            assert!(connection.send(Payload::Text(&text)));
        }
        transmit(&mut *connection, now, |bytes| {
            black_box(bytes);
        });
    }
}

/// Both ends of an opening handshake.
fn open(wire: Wire, count: usize) {
    let options = ConnectionOptions::default();
    for _ in 0..count {
        let request = ClientRequest::new(wire, "ws://example.com/demo").expect("a URL");
        let (mut client, request) = AwaitingResponse::new(request, &options.limits, [7; 32]);
        let mut up = &request[..];
        let awaiting = AwaitingRequest::new(AcceptOptions::default()).read(&mut up);
        let awaiting = awaiting.expect("a right request").expect("all of it");
        let (_, mut server) = awaiting.answer(Answer::accept()).expect("it is accepted");
        let mut down = server.take_output();
        if let Some(agreed) = server.read(&mut up) {
            down.extend(agreed.unsent);
        }
        let reply = client.read(&mut &down[..]);
        assert!(matches!(reply, Ok(Some(Reply::Agreed(_)))));
    }
}

/// An event for a listener in Rust.
fn dispatch(count: usize) {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "ws://example.com/").expect("a URL");
    socket.set_onmessage(|event| {
        black_box(event.data());
    });
    for _ in 0..count {
        let event = MessageEvent::new(
            "message",
            MessageEventInit {
                event: EventInit::default(),
                data: MessageData::from("x"),
                ..Default::default()
            },
        );
        socket.dispatch_event(&event).expect("it is initialized");
    }
}

/// A task of the host's.
fn task(count: usize) {
    let event_loop = EventLoop::new();
    for _ in 0..count / 100 {
        for _ in 0..100 {
            event_loop.queue_task(|| {
                black_box(());
            });
        }
        event_loop.turn();
    }
}

/// A server that sends each message back, and its URL.
fn echo_server(event_loop: &EventLoop) -> (Server, String) {
    let server = Server::listen(event_loop, "127.0.0.1:0").expect("a free port");
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    let url = format!("ws://{}/", server.local_addr());
    (server, url)
}

/// A text of so many bytes goes there and back; up to 64 are under way.
fn echo(edition: Edition, len: usize, count: usize) {
    let event_loop = EventLoop::new();
    let (server, url) = echo_server(&event_loop);
    let socket = WebSocket::builder(&event_loop, &url)
        .edition(edition)
        .user_agent(&UserAgent::builder().compression(false).build())
        .open()
        .expect("a URL");
    let text = "x".repeat(len);
    let at_first = (65_536 / len).clamp(1, 64).min(count);
    let first = text.clone();
    socket.set_onopen(move |event| {
        for _ in 0..at_first {
            event.target().send(&first).expect("it is open");
        }
    });
    let (sent, received) = (Cell::new(at_first), Cell::new(0));
    socket.set_onmessage(move |event| {
        received.set(received.get() + 1);
        if received.get() == count {
            event.target().close();
            server.close();
        } else if sent.get() < count {
            sent.set(sent.get() + 1);
            event.target().send(&text).expect("it is open");
        }
    });
    event_loop.run();
}

/// A connection is opened and closed.
fn connect(edition: Edition, count: usize) {
    let event_loop = EventLoop::new();
    let (server, url) = echo_server(&event_loop);
    open_next(&event_loop, edition, server, url.into(), count);
    event_loop.run();
}

fn open_next(event_loop: &EventLoop, edition: Edition, server: Server, url: Arc<str>, left: usize) {
    if left == 0 {
        return server.close();
    }
    let mut builder = WebSocket::builder(event_loop, &url);
    let socket = builder.edition(edition).open().expect("a URL");
    socket.set_onopen(|event| event.target().close());
    let next = event_loop.downgrade();
    socket.set_onclose(move |_| {
        let event_loop = next.upgrade().expect("it runs");
        open_next(&event_loop, edition, server.clone(), url.clone(), left - 1);
    });
}
