//! A chat: a demonstration, a room, or a terminal in one.
//!
//! ```text
//! cargo run --example chat                          both ends and both editions, on one event loop
//! cargo run --example chat -- --listen 127.0.0.1:9002     a room
//! cargo run --example chat -- ws://127.0.0.1:9002/        a terminal in that room, as many as you like
//! cargo run --example chat -- ws://127.0.0.1:9001/ < file  each line to any server; waits for the answers
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod client;
mod demo;
mod message;
mod room;
mod screen;
mod typing;

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

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut name = std::env::var("USER").unwrap_or_else(|_| "guest".to_owned());
    let (mut url, mut address, mut edition) = (None, None, Default::default());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            "--name" => name = value()?,
            "--listen" => address = Some(value()?),
            "--edition" => edition = client::edition(&value()?)?,
            option if option.starts_with('-') => {
                return Err(format!("what is {option}? --help tells what there is").into());
            }
            _ if url.is_some() => return Err("one URL, please".into()),
            _ => url = Some(argument),
        }
    }
    let is_well = match (url, address) {
        (None, None) => demo::demonstrate()?,
        (None, Some(address)) => room::listen(&address)?,
        (Some(url), None) => client::chat(&url, &name, edition)?,
        (Some(_), Some(_)) => return Err("either --listen or a URL, please".into()),
    };
    Ok(match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
