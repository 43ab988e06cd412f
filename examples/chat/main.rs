//! A chat: a demonstration, a room, or a terminal in one.
//!
//! ```text
//! cargo run --example chat                          both ends and both editions, on one event loop
//! cargo run --example chat -- --listen 127.0.0.1:9002     a room
//! cargo run --example chat -- ws://127.0.0.1:9002/        a terminal in that room, as many as you like
//! cargo run --example chat -- ws://127.0.0.1:9001/ < file  each line to any server; waits for the answers
//! ```
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "../output/mod.rs"]
mod output;

mod client;
mod demo;
mod message;
mod room;
mod screen;
mod typing;

use dom_websocket::Edition;
use std::error::Error;
use std::process::ExitCode;

const HELP: &str = "\
chat: a demonstration, a room, or a terminal in one

  chat                    a server and a client of each edition, on one event loop
  chat --listen ADDR      a room, such as at 127.0.0.1:9002
  chat [--name NAME] URL  a terminal in the room at this URL; with any other server, lines that are sent and received.
                          Of an input that is no terminal each line is sent, and answers are waited for.
  --edition html5         the WebSocket of 2010, over draft 76
  --help                  this text

Keys: Enter sends, Ctrl-U clears the line, Ctrl-C and Ctrl-D leave. NO_COLOR is respected.
";

fn main() -> ExitCode {
    let role = match Role::parse(std::env::args().skip(1)) {
        Ok(Some(role)) => role,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("chat: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match role.play() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chat: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What it is this time.
enum Role {
    Demonstration,
    Room(String),
    Terminal {
        url: String,
        name: String,
        edition: Edition,
    },
}

impl Role {
    /// `None` where help is wanted.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut name = std::env::var("USER").unwrap_or_else(|_| "guest".to_owned());
        let (mut url, mut address, mut edition) = (None, None, Edition::default());
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--name" => name = value()?,
                "--listen" => address = Some(value()?),
                "--edition" => edition = client::edition(&value()?)?,
                option if option.starts_with('-') => return Err(format!("what is {option}?")),
                _ if url.is_some() => return Err("one URL, please".to_owned()),
                _ => url = Some(argument),
            }
        }
        match (url, address) {
            (None, None) => Ok(Some(Self::Demonstration)),
            (None, Some(address)) => Ok(Some(Self::Room(address))),
            (Some(url), None) => Ok(Some(Self::Terminal { url, name, edition })),
            (Some(_), Some(_)) => Err("either --listen or a URL, please".to_owned()),
        }
    }

    /// Whether all went well.
    fn play(self) -> Result<bool, Box<dyn Error>> {
        match self {
            Self::Demonstration => demo::demonstrate(),
            Self::Room(address) => room::listen(&address),
            Self::Terminal { url, name, edition } => client::chat(&url, &name, edition),
        }
    }
}
