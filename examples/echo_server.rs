//! Echoes every message until it is killed.
//!
//! `cargo run --example echo_server -- [--listen ADDR] [--edition auto|html5]`
#![allow(clippy::print_stdout, clippy::print_stderr)]

use dom_websocket::{EventLoop, Server};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut listen = "127.0.0.1:9001".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--listen" => listen = value()?,
            // This version knows one edition, so "auto" is it.
            "--edition" => match value()?.as_str() {
                "auto" | "html5" => {}
                other => return Err(format!("unknown edition {other:?}").into()),
            },
            other => return Err(format!("unknown argument {other:?}").into()),
        }
    }

    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, &listen)?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| {
            let text = event.data().as_str().unwrap_or_default();
            event.target().send(text)
        });
    });
    println!("listening on {}", server.local_addr());
    event_loop.run();
    Ok(())
}
