//! What does a relay do to a connection? Both ends push bytes at each other at once, and see what arrives.
//!
//! `cargo run --release --example relay_probe` runs both ends in one process, with nothing between them, over all three
//! wires. `-- --listen ADDR` is the server and `-- --connect URL` the client, with whatever relays between; `--help`
//! has all flags. `--proxy` wants the feature `proxies`, and `--ca-file` and `wss:` want `tls`.
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "../output/mod.rs"]
mod output;

mod client;
mod lines;
mod options;
mod outcome;
mod payload;
mod probe;
mod progress;
mod server;
mod stream;
#[cfg(test)]
mod tests;
mod verdict;

use dom_websocket::EventLoop;
use futures::future::{Either, select};
use options::{Command, HELP, Plan, Route, Wire};
use outcome::{HEAD, Outcome};
use std::error::Error;
use std::io::Write;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use verdict::Relay;

fn main() -> ExitCode {
    let result = match Command::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            println!("{HELP}");
            Ok(true)
        }
        Ok(Command::Alone { plan, json }) => alone(&plan, json),
        Ok(Command::Listen { address, timeout }) => listen(&address, timeout, |address| {
            println!("listening on {address}");
            // Whoever waits for it may be at the end of a pipe.
            let _ = std::io::stdout().flush();
        })
        .map(|()| true),
        Ok(Command::Connect { plan, route, json }) => connect(&plan, &route, json),
        Err(error) => Err(format!("{error}\n\n{HELP}").into()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("relay_probe: {error}");
            ExitCode::from(2)
        }
    }
}

/// Serves until the process ends.
fn listen(
    address: &str,
    timeout: Duration,
    bound: impl FnOnce(std::net::SocketAddr),
) -> Result<(), Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let server = probe::listen(&event_loop, address, timeout)
        .map_err(|error| format!("{address}: {error}"))?;
    bound(server.local_addr());
    event_loop.run();
    Ok(())
}

/// Whether the relay passed all.
fn connect(plan: &Plan, route: &Route, json: bool) -> Result<bool, Box<dyn Error>> {
    let outcome = run(plan, route)?;
    if outcome.relay != Relay::Passed {
        eprintln!("relay_probe: {}: {}", outcome.relay, outcome.reason);
    }
    println!("{outcome}");
    if json {
        println!("{}", outcome.json());
    }
    Ok(outcome.relay == Relay::Passed)
}

/// Both ends here, each with a loop and a thread of its own.
fn alone(plan: &Plan, json: bool) -> Result<bool, Box<dyn Error>> {
    let (bound, is_bound) = mpsc::channel();
    let timeout = plan.timeout;
    thread::spawn(move || {
        let bound = |address| {
            let _ = bound.send(address);
        };
        if let Err(error) = listen("127.0.0.1:0", timeout, bound) {
            eprintln!("relay_probe: {error}");
        }
    });
    let route = Route {
        url: format!("ws://{}/", is_bound.recv()?),
        proxy: None,
        ca_file: None,
    };
    let mut outcomes = Vec::new();
    for wire in Wire::ALL {
        let plan = Plan {
            wire,
            ..plan.clone()
        };
        outcomes.push(run(&plan, &route)?);
    }
    println!("{HEAD}");
    for outcome in &outcomes {
        println!("{}", outcome.row());
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.intact) {
        eprintln!("relay_probe: {outcome}");
    }
    if json {
        for outcome in &outcomes {
            println!("{}", outcome.json());
        }
    }
    Ok(outcomes
        .iter()
        .all(|outcome| outcome.relay == Relay::Passed))
}

/// One connection, on a loop of its own.
fn run(plan: &Plan, route: &Route) -> Result<Outcome, Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let _busy = event_loop.keep_alive();
    let probing = pin!(probe::probe(&event_loop, plan, route));
    match event_loop.block_on(select(probing, pin!(event_loop.until_idle()))) {
        Either::Left((outcome, _)) => outcome,
        Either::Right(((), probing)) => event_loop.block_on(probing),
    }
}
