//! The memory of 1,000 idle connections, as the system sees it.
//!
//! `cargo bench --bench memory -- [STATE] [CONNECTIONS] [--bound KIB]`
//!
//! Server and clients are processes of their own, and each tells how much its resident memory has grown, shared out
//! among its connections:
//!
//! * `fresh`: they were opened;
//! * `large`: each has sent 64 KiB, and got it back;
//! * `tiny`: each has sent 33,000 empty messages, and got them back;
//! * `compressed`: each has sent messages that were compressed, and got them back;
//! * `bombs`: 40 others have sent what inflates to more than the server takes, and were refused.
//! * `closed`: as `compressed`; then all were closed.
//!
//! With a bound, in KiB a connection, it fails where one end takes more: so the gate runs it.
#![allow(clippy::print_stdout)]

mod drive;
mod process;
mod resident;

use dom_websocket::{BinaryType, EventLoop, Limits, Server, UserAgent, WebSocket};
use drive::drive;
use process::{Process, answer};
use std::cell::Cell;
use std::process::exit;
use std::rc::Rc;
use std::time::Duration;

const STATES: [&str; 6] = ["fresh", "large", "tiny", "compressed", "bombs", "closed"];
/// What an idle connection may keep for a while, it has given up by then.
const IDLE: Duration = Duration::from_secs(6);
/// So many clients are connected at once, as far as the backlog of any system goes.
const AT_ONCE: usize = 50;
const BOMBS: usize = 40;
const BOMB: usize = 65 << 20;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    arguments.retain(|argument| argument != "--bench");
    let bound = arguments.iter().position(|argument| argument == "--bound");
    let bound = bound.map(|at| arguments.drain(at..at + 2).nth(1).expect("a bound"));
    let bound: f64 = bound.map_or(f64::MAX, |bound| bound.parse().expect("a number of KiB"));
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let connections =
        |word: Option<&&str>| word.map_or(1000, |word| word.parse().expect("a number"));
    match words[..] {
        ["server"] => serve(),
        ["client", state, url, connections] => connect(state, url, connections.parse().unwrap()),
        _ => {
            let mut is_within = true;
            println!("KiB a connection   server   client");
            for state in STATES {
                if words.first().is_none_or(|word| *word == state) {
                    let (server, client) = measure(state, connections(words.get(1)));
                    println!("{state:16} {server:>8.2} {client:>8.2}");
                    is_within &= server.max(client) <= bound;
                }
            }
            if !is_within {
                println!("more than {bound} KiB");
                exit(1);
            }
        }
    }
}

/// The resident memory of each end, in KiB for each connection.
fn measure(state: &str, connections: usize) -> (f64, f64) {
    let mut server = Process::start(&["server"]);
    let url = server.line();
    let mut client = Process::start(&["client", state, &url, &connections.to_string()]);
    assert_eq!(client.line(), "settled");
    std::thread::sleep(IDLE);
    let growth = |end: &mut Process| {
        let grown = end.usage().resident.saturating_sub(end.at_first.resident);
        grown as f64 / connections as f64
    };
    (growth(&mut server), growth(&mut client))
}

fn serve() {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    server.set_onconnection(|socket, _| {
        socket.set_binary_type(BinaryType::ArrayBuffer);
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    answer(|| ());
    println!("ws://{}/", server.local_addr());
    event_loop.run();
}

fn connect(state: &str, url: &str, connections: usize) {
    let event_loop = EventLoop::new();
    answer(|| ());
    let compresses = matches!(state, "compressed" | "closed");
    let user_agent = UserAgent::builder().compression(compresses).build();
    let mut sockets = Vec::new();
    for from in (0..connections).step_by(AT_ONCE) {
        let several = from..connections.min(from + AT_ONCE);
        sockets.extend(several.map(|_| open(&event_loop, url, &user_agent)));
        drive(&event_loop, || {
            sockets.iter().all(|s| s.ready_state() == WebSocket::OPEN)
        });
    }
    match state {
        "fresh" => {}
        "large" => exchange(&event_loop, &sockets, &"x".repeat(64 << 10), 1),
        "tiny" => exchange(&event_loop, &sockets, "", 33_000),
        "compressed" | "closed" => exchange(&event_loop, &sockets, &"some words, ".repeat(20), 8),
        "bombs" => send_bombs(&event_loop, url),
        _ => panic!("there is no state {state}"),
    }
    if state == "closed" {
        for socket in &sockets {
            socket.close();
        }
        drive(&event_loop, || {
            sockets.iter().all(|s| s.ready_state() == WebSocket::CLOSED)
        });
        sockets.clear();
    }
    println!("settled");
    let _waiting = event_loop.keep_alive();
    event_loop.run();
}

fn open(event_loop: &EventLoop, url: &str, user_agent: &UserAgent) -> WebSocket {
    let mut builder = WebSocket::builder(event_loop, url);
    builder.user_agent(user_agent).open().unwrap()
}

/// On one connection after the other, each sends a message so many times, and gets them back.
fn exchange(event_loop: &EventLoop, sockets: &[WebSocket], message: &str, times: usize) {
    for socket in sockets {
        let left = Rc::new(Cell::new(times));
        let counted = left.clone();
        socket.set_onmessage(move |_| counted.set(counted.get() - 1));
        for _ in 0..times {
            socket.send(message).unwrap();
        }
        drive(event_loop, || left.get() == 0);
    }
}

fn send_bombs(event_loop: &EventLoop, url: &str) {
    let bomb = vec![0; BOMB];
    let limits = Limits {
        send_queue: 2 * BOMB,
        ..Limits::default()
    };
    let user_agent = UserAgent::builder().limits(limits).build();
    for _ in 0..BOMBS {
        let socket = open(event_loop, url, &user_agent);
        drive(event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.send(&bomb).unwrap();
        drive(event_loop, || socket.ready_state() == WebSocket::CLOSED);
    }
}
