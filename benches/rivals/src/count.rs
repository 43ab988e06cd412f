//! `rivals count PROGRAM…` counts what a message costs all clients of these programs, and prints results:
//! instructions and allocations of the client, in all its threads, under valgrind; and with perf its system calls.
//!
//! A count is a difference between two runs, so that what happens once is none of it. Other programs don't matter
//! to it, nor does the machine's speed. How many messages a read brings does, a little, and to system calls a lot.

use crate::bench::{PROCESSOR, clients};
use crate::server::Server;
use std::process::Command;

/// A workload, and how many messages the two runs have.
const WORKLOADS: [(&str, usize, usize); 4] = [
    ("batched", 10_000, 40_000),
    ("receive", 10_000, 40_000),
    ("send", 10_000, 40_000),
    ("connect", 50, 250),
];

/// Those where system calls are what a message costs.
const CALLING: [(&str, usize, usize); 2] = [("ping", 1_000, 4_000), ("many", 20_000, 80_000)];

pub fn count(programs: &[&str]) {
    let server = Server::start(programs[0]);
    for (program, client) in clients(programs) {
        for (tool, workloads) in [
            (Tool::Callgrind, &WORKLOADS[..]),
            (Tool::Memcheck, &WORKLOADS[..]),
            (Tool::Perf, &CALLING[..]),
        ] {
            for (workload, few, many) in workloads {
                let count = |messages: usize| {
                    let messages = format!("{messages}m");
                    tool.count(&[
                        program,
                        "client",
                        &client,
                        workload,
                        &server.port,
                        &messages,
                    ])
                };
                if let (Some(all), Some(once)) = (count(*many), count(*few)) {
                    let each = all.saturating_sub(once) as f64 / (many - few) as f64;
                    println!("{client}\t{} {workload}\t{each:.3}", tool.unit());
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
    Perf,
}

impl Tool {
    fn unit(self) -> &'static str {
        match self {
            Self::Callgrind => "instructions",
            Self::Memcheck => "allocations",
            Self::Perf => "calls",
        }
    }

    /// What a program's run counts, or nothing where the tool or the client can't.
    fn count(self, program: &[&str]) -> Option<u64> {
        let (command, label): (&[&str], _) = match self {
            Self::Callgrind => (
                &[
                    "valgrind",
                    "--tool=callgrind",
                    "--callgrind-out-file=/dev/null",
                ],
                "Collected : ",
            ),
            Self::Memcheck => (
                &["valgrind", "--undef-value-errors=no"],
                "total heap usage: ",
            ),
            Self::Perf => (
                &[
                    "perf",
                    "stat",
                    "-e",
                    "raw_syscalls:sys_enter",
                    "taskset",
                    "-c",
                    PROCESSOR,
                ],
                "raw_syscalls:sys_enter",
            ),
        };
        let output = Command::new(command[0])
            .args(&command[1..])
            .args(program)
            .env("LC_ALL", "C")
            .output()
            .ok()?;
        if output.stdout.is_empty() {
            return None;
        }
        let told = String::from_utf8_lossy(&output.stderr);
        // perf has the number before its name.
        let number = match self {
            Self::Perf => told.lines().find(|line| line.contains(label))?,
            Self::Callgrind | Self::Memcheck => told.split_once(label)?.1,
        };
        number
            .split_whitespace()
            .next()?
            .replace(',', "")
            .parse()
            .ok()
    }
}
