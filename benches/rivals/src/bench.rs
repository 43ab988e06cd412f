//! `rivals bench quick|full PROGRAM…` measures all clients of these programs, and prints results.
//!
//! The server has one processor, the client another. In each round all clients do a workload one after the other,
//! in another order each time; so what slows the machine down for a while slows all of them.

use crate::server::Server;
use crate::workload::WORKLOADS;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::fs::read_to_string;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Instant;

/// The clients' processor. The server has another.
pub const PROCESSOR: &str = "0";

pub fn bench(mode: &str, programs: &[&str]) {
    let (rounds, seconds) = match mode {
        "quick" => (1, "0.2"),
        "full" => (5, "0.6"),
        _ => crate::misuse(&format!("there is quick and full, and not {mode}")),
    };
    println!("# {rounds} rounds of {seconds} s");
    println!("# load before: {}", load());
    let (start, before) = (Instant::now(), busy());
    let Some(first) = programs.first() else {
        crate::misuse("bench wants the programs to measure");
    };
    let server = Server::start(first);
    let mut clients = clients(programs);
    for round in 0..rounds {
        for (workload, _) in WORKLOADS {
            // Memory is the same each time, and takes its time.
            if workload == "memory" && round > 0 {
                continue;
            }
            for (program, client) in &clients {
                let output = Command::new("timeout")
                    .args(["60", "taskset", "-c", PROCESSOR, program, "client", client])
                    .args([workload, &server.port, seconds])
                    .output()
                    .expect("coreutils and util-linux are there");
                if !output.status.success() {
                    let message = String::from_utf8_lossy(&output.stderr);
                    eprintln!("{client}, {workload}: {} {message}", output.status);
                    continue;
                }
                let figures = String::from_utf8_lossy(&output.stdout);
                for (figure, value) in [workload, "memory after"].iter().zip(figures.lines()) {
                    println!("{client}\t{figure}\t{value}");
                }
            }
        }
        clients.rotate_left(3);
        clients.reverse();
        eprintln!("round {} of {rounds}", round + 1);
    }
    drop(server);
    let after = busy();
    let all = (after.0 - before.0) / (after.1 - before.1);
    let processors = available_parallelism().expect("the system counts").get();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let ours = (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6;
    let others = all - ours / (start.elapsed().as_secs_f64() * processors as f64);
    println!("# load after: {}", load());
    println!(
        "# other programs had {:.0} % of the processors",
        100.0 * others.max(0.0)
    );
}

/// The clients of all programs, each with its program; with `CLIENTS=wtx,TCP` in the environment those alone
/// whose names begin so.
pub fn clients<'a>(programs: &[&'a str]) -> Vec<(&'a str, String)> {
    let wanted = std::env::var("CLIENTS").unwrap_or_default();
    let is_wanted = |name: &&str| wanted.split(',').any(|wanted| name.starts_with(wanted));
    let mut clients = Vec::new();
    for program in programs {
        let output = Command::new(program)
            .arg("clients")
            .output()
            .expect("it runs");
        let names = String::from_utf8(output.stdout).expect("names");
        let names = names.lines().filter(is_wanted);
        clients.extend(names.map(|name| (*program, name.to_owned())));
    }
    clients
}

/// How many programs wanted to run in the last 1, 5 and 15 minutes.
fn load() -> String {
    let load = read_to_string("/proc/loadavg").expect("this needs Linux");
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// How long the processors were busy, and how long that and idle, since the system's start.
fn busy() -> (f64, f64) {
    let times = read_to_string("/proc/stat").expect("this needs Linux");
    let times = times
        .lines()
        .next()
        .expect("all processors")
        .split_whitespace();
    let times: Vec<f64> = times
        .skip(1)
        .map(|time| time.parse().expect("a time"))
        .collect();
    let all: f64 = times.iter().sum();
    (all - times[3] - times[4], all)
}
