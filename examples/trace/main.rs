//! Opens a socket, does what standard input says, and prints one JSON object a line for each event,
//! exception and result.
//!
//! `cargo run --example trace -- URL [--edition html5|living] [--wire simplified] …`; `--help` has all flags and
//! commands. `--ca-file`, `--client-cert` and `--client-key` want the feature `tls`, `--proxy` wants `proxies`, `--http2` wants `http2`,
//! `--user` wants `credentials`, `--cookie-jar` wants `cookies`.
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "../output/mod.rs"]
mod output;

mod connection;
mod options;
mod session;
mod stream;
mod user_agent;

use connection::{Connection, Exception, Socket};
use dom_websocket::{EventLoop, UserAgent};
use options::{HELP, Options, Wire};
use serde_json::{Value, json};
use session::{Session, Stop};
use std::io::BufRead;
use std::process::ExitCode;
use stream::Stream;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => return misused(&format!("{error}\n\n{HELP}")),
    };
    let (user_agent, cookies) = match options.settings.user_agent() {
        Ok(user_agent) => user_agent,
        Err(error) => return misused(&error.to_string()),
    };
    let event_loop = EventLoop::new();
    let connection = match open(&event_loop, &options, &user_agent) {
        Ok(connection) => connection,
        Err(exception) => {
            print_exception(&exception);
            return ExitCode::SUCCESS;
        }
    };
    let session = Session::new(&event_loop, connection, options.timeout);
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else {
            return misused("standard input is not UTF-8");
        };
        match session.execute(&line) {
            Ok(()) => {}
            Err(Stop::Misuse(error)) => return misused(&error),
            Err(Stop::TimedOut) => return timed_out(),
        }
    }
    let end = session.wait("close", 1);
    if let Err(error) = cookies.save() {
        return misused(&format!("--cookie-jar: {error}"));
    }
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => timed_out(),
    }
}

fn open(
    event_loop: &EventLoop,
    options: &Options,
    user_agent: &UserAgent,
) -> Result<Box<dyn Connection>, Exception> {
    Ok(match options.wire {
        Wire::Edition(edition) => Box::new(Socket::open(event_loop, options, edition, user_agent)?),
        Wire::Simplified => Box::new(Stream::open(event_loop, options, user_agent)?),
    })
}

fn misused(error: &str) -> ExitCode {
    eprintln!("trace: {error}");
    ExitCode::from(2)
}

fn timed_out() -> ExitCode {
    eprintln!("trace: timed out");
    ExitCode::FAILURE
}

/// Adds bytes to a line, as text where they are some.
fn to_text(line: &mut Value, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => line["data"] = json!(text),
        Err(_) => line["hex"] = json!(to_hex(bytes)),
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn print_exception(exception: &Exception) {
    eprintln!("trace: {}: {}", exception.name, exception.message);
    println!("{}", json!({ "exception": exception.name }));
}
