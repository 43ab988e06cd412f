//! What connections that are gone leave behind: opens and closes one after the other, and tells what memory there is.
//!
//! `cargo bench --bench cycles -- [CONNECTIONS] [socket | stream]`
//!
//! Both ends are here, on a thread each, as `WebSocket`, or as `ByteStream` over the simplified wire. After each tenth of the
//! connections, and a rest in which what is idle gives back what it has, it tells what is allocated, in bytes and in blocks, and what
//! is resident.
#![allow(clippy::print_stdout)]

mod resident;

use dom_websocket::{ByteStream, EventLoop, Server, WebSocket};
use futures::future::{Either, select};
use futures::{AsyncReadExt, AsyncWriteExt};
use resident::resident;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::io;
use std::pin::pin;
use std::sync::mpsc::channel;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Longer than anything that is idle keeps what it does not need.
const REST: Duration = Duration::from_secs(6);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut words = words.iter().filter(|word| !word.starts_with("--"));
    let connections: u64 = match words.next() {
        Some(count) => count.parse().expect("a number of connections"),
        None => 100_000,
    };
    let cycle = match words.next().map_or("socket", String::as_str) {
        "socket" => socket,
        "stream" => stream,
        word => panic!("there is no {word}"),
    };
    let (listening, address) = channel();
    std::thread::spawn(move || {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").expect("a free port");
        server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
        let handle = event_loop.downgrade();
        server.set_onbytestream(move |stream, _| {
            let event_loop = handle.upgrade().expect("it runs");
            event_loop.spawn(async { read_and_close(stream).await.expect("a client's end") });
        });
        listening
            .send(server.local_addr())
            .expect("the client waits");
        event_loop.run();
    });
    let address = address.recv().expect("the server listens");
    let event_loop = EventLoop::new();
    println!("connections      bytes    blocks  resident KiB");
    let tenth = connections.div_ceil(10).max(1);
    for count in 0..=connections {
        if count % tenth == 0 {
            rest(&event_loop);
            let stats = ALLOCATOR.stats();
            let bytes = stats.bytes_allocated - stats.bytes_deallocated;
            let blocks = stats.allocations - stats.deallocations;
            println!("{count:>11} {bytes:>10} {blocks:>9} {:>13}", resident());
        }
        cycle(&event_loop, &format!("ws://{address}/"));
    }
}

/// Goes on for a while, without a connection.
fn rest(event_loop: &EventLoop) {
    drive(event_loop, event_loop.sleep(REST));
}

/// Drives the loop until this ends.
fn drive<T>(event_loop: &EventLoop, future: impl Future<Output = T>) -> T {
    let future = pin!(future);
    let driven = pin!(event_loop.drive());
    match event_loop.block_on(select(future, driven)) {
        Either::Left((result, _)) => result,
        Either::Right((never, _)) => match never {},
    }
}

fn socket(event_loop: &EventLoop, url: &str) {
    let socket = WebSocket::new(event_loop, url).expect("the URL is right");
    socket.set_onopen(|event| event.target().close());
    event_loop.run();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
}

fn stream(event_loop: &EventLoop, url: &str) {
    let stream = ByteStream::connect(event_loop, url).expect("the URL is right");
    let closed = drive(event_loop, async {
        stream.opened().await?;
        read_and_close(stream).await
    });
    closed.expect("the server's end");
}

/// Ends our direction, and reads up to the peer's end.
async fn read_and_close(mut stream: ByteStream) -> io::Result<()> {
    stream.close().await?;
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}
