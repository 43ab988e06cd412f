//! The client side of the Autobahn test suite: runs the cases that its fuzzing server offers, echoing
//! what comes, and asks for the report.
//!
//! `cargo run --release --example autobahn -- --url ws://HOST:PORT --agent NAME [--cases A-B] [--http2 MODE]`
#![allow(clippy::print_stderr)]

#[macro_use]
mod output;

mod command_line;

use dom_websocket::{
    BinaryType, EventLoop, Failure, Observation, Step, UserAgent, UserAgentBuilder, WebSocket,
};
use std::cell::RefCell;
use std::error::Error;
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::rc::Rc;

const HELP: &str = "\
autobahn: runs the cases that Autobahn's fuzzing server offers, and asks for the report

  --url URL     the server; ws://127.0.0.1:9001
  --agent NAME  what the report calls us; dom-websocket
  --cases A-B   these cases only
  --http2 MODE  off (the default), prefer or prior-knowledge: for what stands in front of the server (feature `http2`)
  --help        this text
";

fn main() -> ExitCode {
    let options = Options::parse(std::env::args().skip(1));
    command_line::run("autobahn", HELP, options, |options| run(&options))
}

struct Options {
    url: String,
    agent: String,
    cases: Option<RangeInclusive<u32>>,
    http2: String,
}

impl Options {
    /// `None` where help is wanted.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self {
            url: "ws://127.0.0.1:9001".to_owned(),
            agent: "dom-websocket".to_owned(),
            cases: None,
            http2: "off".to_owned(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--url" => options.url = value()?,
                "--agent" => options.agent = value()?,
                "--cases" => options.cases = Some(range(&value()?)?),
                "--http2" => options.http2 = value()?,
                other => return Err(format!("unknown argument {other:?}").into()),
            }
        }
        Ok(Some(options))
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let Options {
        url, agent, cases, ..
    } = options;
    let event_loop = EventLoop::new();
    let user_agent = user_agent(&options.http2)?;
    let open = |url: &str| {
        WebSocket::builder(&event_loop, url)
            .user_agent(&user_agent)
            .open()
    };
    let count: u32 = ask(&event_loop, open(&format!("{url}/getCaseCount"))?)?.parse()?;
    for case in cases.clone().unwrap_or(1..=count) {
        let socket = open(&format!("{url}/runCase?case={case}&agent={agent}"))?;
        socket.set_binary_type(BinaryType::ArrayBuffer);
        socket.set_onmessage(|event| event.target().send(event.data()));
        event_loop.run();
    }
    open(&format!("{url}/updateReports?agent={agent}"))?.set_onclose(|_| {});
    event_loop.run();
    println!("{count} cases");
    Ok(())
}

/// One that tells why sockets fail.
fn user_agent(http2: &str) -> Result<UserAgent, Box<dyn Error>> {
    let mut builder = UserAgent::builder();
    builder.observer(|observation: &Observation<'_>| match observation.step {
        // For the report: many cases are about breaking the protocol.
        Step::Failed(Failure::Wire(_)) => {}
        Step::Failed(_) => eprintln!("autobahn: {observation}"),
        _ => {}
    });
    set_http2(&mut builder, http2)?;
    Ok(builder.build())
}

#[cfg(feature = "http2")]
fn set_http2(builder: &mut UserAgentBuilder, mode: &str) -> Result<(), Box<dyn Error>> {
    let mode = mode.parse::<dom_websocket::Http2>();
    builder.http2(mode.map_err(|error| format!("--http2: {error}"))?);
    Ok(())
}

#[cfg(not(feature = "http2"))]
fn set_http2(_: &mut UserAgentBuilder, mode: &str) -> Result<(), Box<dyn Error>> {
    match mode {
        "off" => Ok(()),
        _ => Err("--http2 needs the feature `http2`".into()),
    }
}

fn range(text: &str) -> Result<RangeInclusive<u32>, Box<dyn Error>> {
    let parsed = text.split_once('-').and_then(|(first, last)| {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        Some(first..=last)
    });
    parsed.ok_or_else(|| "--cases takes A-B".into())
}

/// The first message that a server sends.
fn ask(event_loop: &EventLoop, socket: WebSocket) -> Result<String, Box<dyn Error>> {
    let answer = Rc::new(RefCell::new(None));
    let to = answer.clone();
    socket.set_onmessage(move |event| {
        to.replace(event.data().as_str().map(str::to_owned));
    });
    event_loop.run();
    let answer = answer.take();
    answer.ok_or_else(|| format!("no answer from {}", socket.url()).into())
}
