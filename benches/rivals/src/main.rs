//! dom-websocket beside other WebSocket crates. `benches/rivals/run` builds and runs it; PERFORMANCE.md has what
//! came out, and how it is measured.
//!
//! * `rivals server`: the server that all talk to.
//! * `rivals clients`: the names of the clients that this program has.
//! * `rivals client NAME WORKLOAD PORT SECONDS|MESSAGESm`: one of them, against a server that runs; prints its figures.
//! * `rivals bench …`, `rivals count …`, `rivals publish …`: see `bench.rs`, `count.rs` and `publish.rs`.
//!
//! A client whose run fails panics: `bench` says so, with what it wrote, and goes on with the next one. What was typed wrong ends
//! with a message and status 2.

// A program with ours alone drives nobody else.
#![cfg_attr(not(feature = "others"), allow(dead_code))]

mod bench;
mod client;
mod count;
mod payload;
mod plot;
mod publish;
mod results;
mod server;
mod usage;
mod workload;

use client::{Run, clients};
use std::str::FromStr;
use std::time::Duration;
use workload::{Extent, WORKLOADS};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["server"] => server::serve().expect("the server goes on"),
        ["clients"] => clients().iter().for_each(|(name, _)| println!("{name}")),
        ["client", name, workload, port, extent] => run_client(name, workload, port, extent),
        ["bench", mode, ref programs @ ..] => bench::bench(mode, programs),
        ["count", ref programs @ ..] => count::count(programs),
        ["publish"] => publish::print(),
        ["publish", document, plots] => publish::publish(document, plots),
        _ => misuse(&format!("what is {arguments:?}?")),
    }
}

fn run_client(name: &str, workload: &str, port: &str, extent: &str) {
    let clients = clients();
    let client = clients.iter().find(|(known, _)| *known == name);
    let (_, client) = client.unwrap_or_else(|| misuse(&format!("there is no client {name}")));
    let known = WORKLOADS.iter().find(|(known, _)| *known == workload);
    let (_, workload) =
        known.unwrap_or_else(|| misuse(&format!("there is no workload {workload}")));
    let (warm_up, extent) = match extent.strip_suffix('m') {
        Some(messages) => (Extent::Messages(0), Extent::Messages(number(messages))),
        None => {
            let extent = Duration::try_from_secs_f64(number(extent));
            let extent = extent.unwrap_or_else(|error| misuse(&error.to_string()));
            (Extent::Lasts(extent / 3), Extent::Lasts(extent))
        }
    };
    let figures = client(Run {
        port: number(port),
        workload: *workload,
        warm_up,
        extent,
    });
    for figure in figures.unwrap_or_default() {
        println!("{figure}");
    }
    // What is still open needs no closing.
    std::process::exit(0);
}

fn number<T: FromStr>(word: &str) -> T {
    let number = word.parse();
    number.unwrap_or_else(|_| misuse(&format!("{word} is no number for this")))
}

/// Ends the program over what was typed.
fn misuse(message: &str) -> ! {
    eprintln!("rivals: {message}");
    std::process::exit(2);
}
