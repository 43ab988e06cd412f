//! dom-websocket beside other WebSocket crates. `benches/rivals/run` builds and runs it; PERFORMANCE.md has what
//! came out, and how it is measured.
//!
//! * `rivals server`: the server that all talk to.
//! * `rivals clients`: the names of the clients that this program has.
//! * `rivals client NAME WORKLOAD PORT SECONDS|MESSAGESm`: one of them, against a server that runs; prints its figures.
//! * `rivals bench …`, `rivals count …`, `rivals publish …`: see `bench.rs`, `count.rs` and `publish.rs`.

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
        _ => panic!("what is {arguments:?}?"),
    }
}

fn run_client(name: &str, workload: &str, port: &str, extent: &str) {
    let clients = clients();
    let (_, client) = clients
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a client");
    let (_, workload) = WORKLOADS
        .iter()
        .find(|(known, _)| *known == workload)
        .expect("a workload");
    let (warm_up, extent) = match extent.strip_suffix('m') {
        Some(messages) => (
            Extent::Messages(0),
            Extent::Messages(messages.parse().expect("a number")),
        ),
        None => {
            let extent = Duration::from_secs_f64(extent.parse().expect("a number of seconds"));
            (Extent::Lasts(extent / 3), Extent::Lasts(extent))
        }
    };
    let figures = client(Run {
        port: port.parse().expect("a port"),
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
