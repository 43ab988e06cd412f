//! The command line.

use crate::output::Output;
use dom_websocket::{Edition, Http2, Step};
use dom_websocket_shell::{Engine, Settings, user_agent};
use lexopt::{Arg, Parser, ValueExt};
use std::error::Error;
use std::io::{IsTerminal, stdin};
use std::rc::Rc;
use std::sync::Arc;
use url::Url;

/// What is asked for.
pub(crate) enum Command {
    Help,
    Version,
    Run(Box<Options>),
}

pub(crate) struct Options {
    pub(crate) engine: Engine,
    pub(crate) settings: Settings,
    /// An exception that nobody catches ends the run.
    pub(crate) is_strict: bool,
    /// What is to be run, in order.
    pub(crate) inputs: Vec<Input>,
    /// Whether a prompt comes behind it.
    pub(crate) is_interactive: bool,
    /// What stands behind `--`, for script.
    pub(crate) script_arguments: Vec<String>,
}

/// A script or a module, and where its text is.
pub(crate) struct Input {
    pub(crate) place: Place,
    pub(crate) is_module: bool,
}

pub(crate) enum Place {
    File(String),
    /// The command line.
    Code(String),
    StandardInput,
}

impl Options {
    pub(crate) fn parse(output: &Rc<Output>) -> Result<Command, Box<dyn Error>> {
        let mut parser = Parser::from_env();
        let mut engine = Engine::default();
        let mut edition = Edition::default();
        let mut address = Url::parse("about:blank")?;
        let (mut origin, mut ca_file, mut http2) = (None, None, Http2::default());
        let (mut is_module, mut is_strict, mut is_interactive) = (false, false, false);
        let (mut links_modules, mut hides_failures) = (false, false);
        let mut inputs = Vec::new();
        let mut script_arguments = Vec::new();
        loop {
            // What is behind `--` is script's, even if it looks like an option.
            let is_behind = parser.try_raw_args().is_some_and(|mut rest| {
                let is_end = rest.peek().is_some_and(|next| next == "--");
                is_end && {
                    rest.next();
                    script_arguments = rest
                        .map(|text| text.to_string_lossy().into_owned())
                        .collect();
                    true
                }
            });
            if is_behind {
                break;
            }
            let Some(argument) = parser.next()? else {
                break;
            };
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
                Arg::Short('V') | Arg::Long("version") => return Ok(Command::Version),
                Arg::Short('e') | Arg::Long("eval") => {
                    let place = Place::Code(parser.value()?.string()?);
                    inputs.push(Input { place, is_module });
                }
                Arg::Short('m') | Arg::Long("module") => is_module = true,
                Arg::Short('i') | Arg::Long("interactive") => is_interactive = true,
                Arg::Long("link-modules") => links_modules = true,
                Arg::Long("hide-failures") => hides_failures = true,
                Arg::Long("strict") => is_strict = true,
                Arg::Long("engine") => engine = parser.value()?.parse()?,
                Arg::Long("edition") => {
                    edition = match parser.value()?.string()?.as_str() {
                        "html5" => Edition::Html5,
                        "living" => Edition::Living,
                        other => return Err(format!("unknown edition {other:?}").into()),
                    }
                }
                Arg::Long("origin") => origin = Some(parser.value()?.string()?),
                Arg::Long("base-url") => {
                    let text = parser.value()?.string()?;
                    address = Url::parse(&text).map_err(|error| format!("{text:?}: {error}"))?;
                }
                Arg::Long("ca-file") => ca_file = Some(parser.value()?.string()?),
                Arg::Long("http2") => http2 = parser.value()?.parse()?,
                Arg::Value(file) => inputs.push(Input::named(file.string()?, is_module)),
                other => return Err(other.unexpected().into()),
            }
        }
        if inputs.is_empty() && !is_interactive {
            if stdin().is_terminal() {
                is_interactive = true;
            } else {
                inputs.push(Input::named("-".into(), is_module));
            }
        }
        let mut user_agent = user_agent(ca_file.as_deref(), true)?;
        user_agent.http2(http2);
        if !hides_failures {
            let output = output.clone();
            // `log_failures()` would write through a prompt.
            user_agent.observer(move |observation| {
                if let Step::Failed(cause) = observation.step {
                    let url = observation.url;
                    output.print(
                        "err",
                        &format!("WebSocket connection to {url} failed: {cause}"),
                    );
                }
            });
        }
        Ok(Command::Run(Box::new(Self {
            engine,
            settings: Settings {
                edition,
                address,
                origin,
                user_agent: user_agent.build(),
                ca_file,
                links_modules,
                interrupt: Arc::default(),
            },
            is_strict,
            inputs,
            is_interactive,
            script_arguments,
        })))
    }
}

impl Input {
    fn named(name: String, is_module: bool) -> Self {
        Self {
            is_module: is_module || name.ends_with(".mjs"),
            place: match name.as_str() {
                "-" => Place::StandardInput,
                _ => Place::File(name),
            },
        }
    }
}

/// The answer to `--help`.
pub(crate) fn help() -> String {
    let engines: Vec<_> = Engine::all().iter().map(|engine| engine.name()).collect();
    format!(
        "\
Usage: js [OPTION]... [FILE]... [-- ARGUMENT...]

Runs scripts in one realm with the browser's WebSocket, until nothing is left that could happen. A FILE
of the name *.mjs is a module; - is standard input. Without any, there is a prompt, or standard input is
run if it is no terminal. Script finds each ARGUMENT in scriptArgs.

      --engine NAME    {} (default: {})
  -e, --eval CODE      run CODE
  -m, --module         what follows on the command line is modules, whatever it is called
  -i, --interactive    a prompt, behind all that is run
      --strict         an exception that nobody catches, or a rejection that nobody handles, ends the run with status 1
      --edition NAME   living, the default, or html5
      --base-url URL   what relative URLs are relative to; also location
      --origin ORIGIN  the origin of sockets, if it is not that of the base URL
      --ca-file FILE   certificates to trust in place of the system's
      --http2 MODE     off, the default; prefer: where a wss: server chooses it; or prior-knowledge: whatever it says
      --hide-failures  write nothing about connections that failed; script still has its events
      --link-modules   modules are the program's own work, as in an engine that has none
  -h, --help           print this
  -V, --version        print the version

The status is 0, or what script gives to quit(); 1 if a script throws or a module fails; 2 if something is wrong with
the command line or a FILE can't be read.",
        engines.join(" or "),
        Engine::default().name(),
    )
}

/// The answer to `--version`.
pub(crate) fn version() -> String {
    let engines: Vec<_> = Engine::all().iter().map(|engine| engine.name()).collect();
    format!("js {} ({})", env!("CARGO_PKG_VERSION"), engines.join(", "))
}
