//! What a connection costs: connects, says nothing, and closes, one after the other.
//!
//! `cargo bench --bench connect -- [CONNECTIONS]`
//!
//! Both ends are here, on a thread each. `EDITION=html5` takes that edition.
#![allow(clippy::print_stdout)]

use dom_websocket::{Edition, EventLoop, Server, WebSocket};
use std::sync::mpsc::channel;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().filter(|argument| !argument.starts_with("--"));
    let connections: usize = match arguments.nth(1) {
        Some(connections) => connections.parse().expect("a number of connections"),
        None => 10_000,
    };
    let edition = match std::env::var("EDITION") {
        Ok(edition) if edition == "html5" => Edition::Html5,
        _ => Edition::Living,
    };
    let (listening, address) = channel();
    std::thread::spawn(move || {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").expect("a free port");
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        listening
            .send(server.local_addr())
            .expect("the client waits");
        event_loop.run();
    });
    let url = format!("ws://{}/", address.recv().expect("the server listens"));
    let event_loop = EventLoop::new();
    let start = Instant::now();
    for _ in 0..connections {
        let socket = WebSocket::builder(&event_loop, &url)
            .edition(edition)
            .open()
            .expect("the URL is right");
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
    }
    let nanoseconds = start.elapsed().as_nanos() / connections as u128;
    println!("connect    {nanoseconds:>9} ns a connection");
}
