//! `rivals count PROGRAM…` counts what a message costs all clients of these programs, under valgrind, and prints
//! results: instructions of the client, in all its threads, and allocations.
//!
//! A count is a difference between two runs, so that what happens once is none of it. Other programs don't matter
//! to it, nor does the machine's speed. How many messages a read brings does, a little.

use crate::bench::clients;
use crate::server::Server;
use std::process::Command;

const WORKLOADS: [(&str, usize, usize); 4] = [
    ("batched", 10_000, 40_000),
    ("receive", 10_000, 40_000),
    ("send", 10_000, 40_000),
    ("connect", 50, 250),
];

pub fn count(programs: &[&str]) {
    let server = Server::start(programs[0]);
    for (program, client) in clients(programs) {
        for (workload, few, many) in WORKLOADS {
            for (what, tool) in [
                ("instructions", Tool::Callgrind),
                ("allocations", Tool::Memcheck),
            ] {
                let count =
                    |messages| tool.count(program, &client, workload, &server.port, messages);
                if let (Some(all), Some(once)) = (count(many), count(few)) {
                    let each = all.saturating_sub(once) as f64 / (many - few) as f64;
                    println!("{client}\t{what} {workload}\t{each:.3}");
                }
            }
        }
        eprintln!("{client}");
    }
}

#[derive(Clone, Copy)]
enum Tool {
    Callgrind,
    Memcheck,
}

impl Tool {
    fn count(
        self,
        program: &str,
        client: &str,
        workload: &str,
        port: &str,
        messages: usize,
    ) -> Option<usize> {
        let (arguments, label): (&[&str], _) = match self {
            Self::Callgrind => {
                let arguments = &["--tool=callgrind", "--callgrind-out-file=/dev/null"];
                (arguments, "Collected : ")
            }
            Self::Memcheck => (&["--undef-value-errors=no"], "total heap usage: "),
        };
        let output = Command::new("valgrind")
            .args(arguments)
            .args([
                program,
                "client",
                client,
                workload,
                port,
                &format!("{messages}m"),
            ])
            .output()
            .expect("valgrind is there");
        let told = String::from_utf8_lossy(&output.stderr);
        let (_, number) = told.split_once(label)?;
        number
            .split_whitespace()
            .next()?
            .replace(',', "")
            .parse()
            .ok()
    }
}
