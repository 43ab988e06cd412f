//! Messages between two event loops on two threads, over loopback TCP.
//!
//! `cargo bench --bench echo -- [ping-pong|in-flight|receive|large] [MESSAGES]`
//!
//! * `ping-pong`: one 64-byte message at a time, there and back;
//! * `in-flight`: 256 of them at once, each answered from `onmessage` with a plain `send`;
//! * `receive`: the server pushes 64-byte messages as fast as they leave;
//! * `large`: 1 MiB of text that is not ASCII, there and back, one at a time.
//!
//! Prints the wall time for a message as the client sees it. CPU and system calls are for the tools
//! that count them: `perf stat`, `strace -c -f`, `valgrind --tool=callgrind`.
#![allow(clippy::print_stdout)]

use dom_websocket::{EventLoop, Server, WebSocket};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::Instant;

struct Case {
    name: &'static str,
    in_flight: usize,
    text: String,
    messages: usize,
    pushed: bool,
}

fn cases() -> [Case; 4] {
    let small = "x".repeat(64);
    let case = |name, in_flight, text: &str, messages, pushed| Case {
        name,
        in_flight,
        text: text.to_owned(),
        messages,
        pushed,
    };
    [
        case("ping-pong", 1, &small, 20_000, false),
        case("in-flight", 256, &small, 1_000_000, false),
        case("receive", 1, &small, 1_000_000, true),
        case("large", 1, &"añb€世".repeat((1 << 20) / 10), 500, false),
    ]
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
        run(&case);
        let nanoseconds = start.elapsed().as_nanos() / case.messages as u128;
        println!("{:10} {nanoseconds:>9} ns a message", case.name);
    }
}

fn run(case: &Case) {
    let (address, addresses) = channel();
    let (text, messages, pushed) = (case.text.clone(), case.messages, case.pushed);
    let server =
        std::thread::spawn(move || serve(|a| address.send(a).unwrap(), text, messages, pushed));
    let url = format!("ws://{}/", addresses.recv().unwrap());
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, &url).unwrap();
    let (text, in_flight) = (case.text.clone(), if pushed { 0 } else { case.in_flight });
    let (sent, received) = (Rc::new(Cell::new(0)), Cell::new(0));
    let first = text.clone();
    let s = sent.clone();
    socket.set_onopen(move |event| {
        for _ in 0..in_flight.min(messages) {
            s.set(s.get() + 1);
            event.target().send(&first).unwrap();
        }
    });
    socket.set_onmessage(move |event| {
        received.set(received.get() + 1);
        if received.get() == messages {
            event.target().close();
        } else if !pushed && sent.get() < messages {
            sent.set(sent.get() + 1);
            event.target().send(&text).unwrap();
        }
    });
    event_loop.run();
    server.join().unwrap();
}

fn serve(listening: impl FnOnce(SocketAddr), text: String, messages: usize, pushed: bool) {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    listening(server.local_addr());
    let s = server.clone();
    let pushing = event_loop.clone();
    server.set_onconnection(move |socket, _| {
        s.close();
        socket.set_onmessage(|event| {
            event
                .target()
                .send(event.data().as_str().unwrap_or_default())
        });
        if pushed {
            push(&pushing, socket, &Rc::from(text.as_str()), messages);
        }
    });
    drop(server);
    event_loop.run();
}

/// Keeps about a megabyte queued, a task at a time.
fn push(event_loop: &EventLoop, socket: WebSocket, text: &Rc<str>, mut left: usize) {
    while left > 0 && socket.buffered_amount() < 1 << 20 {
        socket.send(text).unwrap();
        left -= 1;
    }
    if left > 0 {
        let (next, text) = (event_loop.clone(), text.clone());
        event_loop.queue_task(move || push(&next, socket, &text, left));
    }
}
