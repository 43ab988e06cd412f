//! Many sockets, for a while: clients that open, talk, close in every way and come back, against servers that are killed, and an
//! account of every message.
//!
//! `cargo run --release --example soak -- [--sockets N] [--servers M] [--seconds S] [--kill-every S] [--edition E] [--seed N]`
//!
//! The clients share one event loop. The servers echo; each is a process of its own, which is killed (SIGKILL) in turn and
//! starts anew at its port. A line each second tells how it goes, a report at the end what has become of each message.
//! The exit status is 1 if one was lost, doubled, changed or out of turn, if a socket did not end by exactly one `close`, or
//! if a connection broke whose server lived.
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "../output/mod.rs"]
mod output;

mod clients;
mod ledger;
mod messages;
mod options;
mod server;
mod session;

use options::{Command, HELP};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match options::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Command::Serve(address)) => server::serve(address),
        Ok(Command::Soak(plan)) => {
            raise_limit_of_files();
            match clients::run(&plan) {
                Ok(true) => return ExitCode::SUCCESS,
                Ok(false) => return ExitCode::FAILURE,
                Err(error) => Err(error),
            }
        }
        Err(error) => {
            eprint!("soak: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// As many as the system allows: each socket is one. The servers inherit it.
fn raise_limit_of_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        // Where it can't be, the sockets that find no room say so.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}
