//! The client side of the Autobahn test suite: runs the cases that its fuzzing server offers, echoing
//! what comes, and asks for the report.
//!
//! `cargo run --release --example autobahn -- --url ws://HOST:PORT --agent NAME [--cases A-B]`
#![allow(clippy::print_stdout, clippy::print_stderr)]

use dom_websocket::{BinaryType, EventLoop, WebSocket};
use std::cell::RefCell;
use std::error::Error;
use std::ops::RangeInclusive;
use std::rc::Rc;

fn main() -> Result<(), Box<dyn Error>> {
    let mut url = "ws://127.0.0.1:9001".to_owned();
    let mut agent = "dom-websocket".to_owned();
    let mut cases = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--url" => url = value()?,
            "--agent" => agent = value()?,
            "--cases" => cases = Some(range(&value()?)?),
            other => return Err(format!("unknown argument {other:?}").into()),
        }
    }

    let event_loop = EventLoop::new();
    let count: u32 = ask(&event_loop, &format!("{url}/getCaseCount"))?.parse()?;
    for case in cases.unwrap_or(1..=count) {
        let case = format!("{url}/runCase?case={case}&agent={agent}");
        let socket = WebSocket::new(&event_loop, &case)?;
        socket.set_binary_type(BinaryType::ArrayBuffer);
        socket.set_onmessage(|event| event.target().send(event.data()));
        event_loop.run();
    }
    let update = format!("{url}/updateReports?agent={agent}");
    WebSocket::new(&event_loop, &update)?.set_onclose(|_| {});
    event_loop.run();
    println!("{count} cases");
    Ok(())
}

fn range(text: &str) -> Result<RangeInclusive<u32>, Box<dyn Error>> {
    let (first, last) = text.split_once('-').ok_or("--cases takes A-B")?;
    Ok(first.parse()?..=last.parse()?)
}

/// The first message that a server sends.
fn ask(event_loop: &EventLoop, url: &str) -> Result<String, Box<dyn Error>> {
    let answer = Rc::new(RefCell::new(None));
    let socket = WebSocket::new(event_loop, url)?;
    let to = answer.clone();
    socket.set_onmessage(move |event| {
        to.replace(event.data().as_str().map(str::to_owned));
    });
    event_loop.run();
    let answer = answer.take();
    answer.ok_or_else(|| format!("no answer from {url}").into())
}
