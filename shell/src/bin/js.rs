//! Runs scripts in one realm with `WebSocket` and what belongs to it.
//!
//! `js --engine boa|quickjs [--edition html5|living] [--origin O] [--base-url U] [--ca-file F] FILE...`
//!
//! `WebSocketStream` is there from the script on behind the one that has brought `ReadableStream` and `WritableStream`,
//! such as the npm package web-streams-polyfill.
//!
//! The features `boa` and `quickjs` bring the engines. Relative URLs are resolved against the base URL,
//! which is also `location`. The loop runs until nothing is left that could happen, or the script calls
//! `quit([status])`. An exception that nobody catches is written to standard error and the run goes on;
//! one at a script's top level makes the exit status 1. The status is 2 if it can't be used like this.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use dom_websocket::Edition;
use dom_websocket_shell::{Engine, Natives, Realm, Settings, user_agent};
use std::error::Error;
use std::io::{Write, stdout};
use std::process::{ExitCode, exit};
use url::Url;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("js: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether no script threw at its top level.
fn run() -> Result<bool, Box<dyn Error>> {
    let options = Options::parse(std::env::args().skip(1))?;
    let mut sources = Vec::new();
    for file in &options.files {
        let source = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        sources.push((&**file, source));
    }
    let natives = Natives::default();
    natives.define("print", |parameters| {
        match parameters {
            [stream, text] if stream == "out" => {
                // Whoever read the output may have gone.
                let _ = writeln!(stdout(), "{text}");
            }
            [_, text] => eprintln!("{text}"),
            _ => {}
        }
        None
    });
    natives.define("quit", |parameters| {
        let status = parameters.first().and_then(|status| status.parse().ok());
        exit(status.unwrap_or(0));
    });
    let realm = Realm::open(options.engine, &options.settings, &natives)?;
    let mut is_fine = true;
    for (file, source) in &sources {
        is_fine &= realm.evaluate(file, source);
        // It may have been a polyfill of streams.
        realm.install_streams();
    }
    realm.run_until(None, || false);
    Ok(is_fine)
}

struct Options {
    engine: Engine,
    settings: Settings,
    files: Vec<String>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut engine = None;
        let mut edition = Edition::default();
        let mut address = Url::parse("about:blank")?;
        let (mut origin, mut ca_file, mut files) = (None, None, Vec::new());
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--engine" => engine = Some(value()?.parse::<Engine>()?),
                "--edition" => {
                    edition = match value()?.as_str() {
                        "html5" => Edition::Html5,
                        "living" => Edition::Living,
                        other => return Err(format!("unknown edition {other:?}").into()),
                    }
                }
                "--origin" => origin = Some(value()?),
                "--base-url" => address = Url::parse(&value()?)?,
                "--ca-file" => ca_file = Some(value()?),
                other if other.starts_with("--") => {
                    return Err(format!("unknown argument {other:?}").into());
                }
                _ => files.push(argument),
            }
        }
        if files.is_empty() {
            return Err("a script's file is missing".into());
        }
        Ok(Self {
            engine: engine.ok_or("--engine boa|quickjs is missing")?,
            settings: Settings {
                edition,
                address,
                origin,
                user_agent: user_agent(ca_file.as_deref(), true)?,
                ca_file,
            },
            files,
        })
    }
}
