//! Messages between two event loops on two threads, over loopback TCP.
//!
//! `cargo bench --bench echo -- [ping-pong|in-flight|receive|large|binary] [MESSAGES] [URL]`
//!
//! * `ping-pong`: one 64-byte message at a time, there and back;
//! * `in-flight`: 256 of them at once, each answered from `onmessage` with a plain `send`;
//! * `receive`: the server pushes 64-byte messages as fast as they leave;
//! * `large`: 1 MiB of text that is not ASCII, there and back, one at a time;
//! * `binary`: 64 KiB of binary data, likewise.
//!
//! With a URL the other end is an echo server of its own (`cargo run --release --example echo_server`),
//! and `receive` makes no sense. `EDITION=html5` takes that edition. Compression is off.
//!
//! Prints the wall time for a message as the client sees it. CPU and system calls are for the tools
//! that count them: `perf stat`, `strace -c -f`, `valgrind --tool=callgrind`.
#![allow(clippy::print_stdout)]

use dom_websocket::{BinaryType, Edition, EventLoop, MessageData, Server, UserAgent, WebSocket};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

struct Case {
    name: &'static str,
    in_flight: usize,
    data: fn() -> MessageData,
    messages: usize,
    pushed: bool,
}

fn cases() -> [Case; 5] {
    let case = |name, in_flight, data, messages, pushed| Case {
        name,
        in_flight,
        data,
        messages,
        pushed,
    };
    [
        case("ping-pong", 1, small, 20_000, false),
        case("in-flight", 256, small, 1_000_000, false),
        case("receive", 1, small, 1_000_000, true),
        case("large", 1, large, 500, false),
        case("binary", 1, binary, 5_000, false),
    ]
}

fn small() -> MessageData {
    "x".repeat(64).into()
}

fn large() -> MessageData {
    "añb€世".repeat((1 << 20) / 10).into()
}

fn binary() -> MessageData {
    MessageData::ArrayBuffer(vec![7; 64 << 10])
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    for mut case in cases() {
        if arguments.first().is_some_and(|name| *name != case.name) {
            continue;
        }
        if let Some(messages) = arguments.get(1) {
            case.messages = messages.parse().expect("a number of messages");
        }
        let start = Instant::now();
        match arguments.get(2) {
            Some(url) => connect(url, &case),
            None => run(&case),
        }
        let nanoseconds = start.elapsed().as_nanos() / case.messages as u128;
        println!("{:10} {nanoseconds:>9} ns a message", case.name);
    }
}

/// Both ends here, each on a thread of its own.
fn run(case: &Case) {
    let (listening, address) = channel();
    let (data, messages) = (case.data, case.pushed.then_some(case.messages));
    let server = std::thread::spawn(move || serve(&listening, data(), messages));
    connect(&format!("ws://{}/", address.recv().unwrap()), case);
    server.join().unwrap();
}

fn connect(url: &str, case: &Case) {
    let event_loop = EventLoop::new();
    let edition = match std::env::var("EDITION") {
        Ok(edition) if edition == "html5" => Edition::Html5,
        _ => Edition::Living,
    };
    let socket = WebSocket::builder(&event_loop, url)
        .edition(edition)
        .user_agent(&UserAgent::builder().compression(false).build())
        .open()
        .unwrap();
    socket.set_binary_type(BinaryType::ArrayBuffer);
    let (messages, pushed) = (case.messages, case.pushed);
    let at_first = if pushed {
        0
    } else {
        case.in_flight.min(messages)
    };
    let first = (case.data)();
    socket.set_onopen(move |event| {
        for _ in 0..at_first {
            event.target().send(&first).unwrap();
        }
    });
    let (sent, received) = (Cell::new(at_first), Cell::new(0));
    let data = (case.data)();
    socket.set_onmessage(move |event| {
        received.set(received.get() + 1);
        if received.get() == messages {
            event.target().close();
        } else if !pushed && sent.get() < messages {
            sent.set(sent.get() + 1);
            event.target().send(&data).unwrap();
        }
    });
    event_loop.run();
}

/// Serves one client: echoes, or pushes so many messages.
fn serve(listening: &Sender<SocketAddr>, data: MessageData, pushed: Option<usize>) {
    let event_loop = EventLoop::new();
    let server = Server::builder(&event_loop)
        .compression(false)
        .listen("127.0.0.1:0")
        .unwrap();
    listening.send(server.local_addr()).unwrap();
    let (pushing, data) = (event_loop.clone(), Rc::new(data));
    let listener = server.clone();
    server.set_onconnection(move |socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
        if let Some(messages) = pushed {
            push(&pushing, socket, &data, messages);
        }
        listener.close();
    });
    drop(server);
    event_loop.run();
}

/// Keeps about a megabyte queued, a task at a time.
fn push(event_loop: &EventLoop, socket: WebSocket, data: &Rc<MessageData>, mut left: usize) {
    while left > 0 && socket.buffered_amount() < 1 << 20 {
        socket.send(&**data).unwrap();
        left -= 1;
    }
    if left > 0 {
        let (next, data) = (event_loop.clone(), data.clone());
        event_loop.queue_task(move || push(&next, socket, &data, left));
    }
}
