//! Runs scripts and modules in one realm with `WebSocket` and what belongs to it, or reads them from a prompt.
//!
//! `js --help` tells how. `WebSocketStream` is there from the script on behind the one that has brought
//! `ReadableStream` and `WritableStream`, such as the npm package web-streams-polyfill.
//!
//! The loop runs until nothing is left that could happen, or the script calls `quit([status])`. An exception that
//! nobody catches is written to standard error and the run goes on, as a page does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

// Each file imports only from those above it here: terminal, output, interrupt; options; program; prompt.
#[cfg(feature = "prompt")]
mod interrupt;
mod options;
mod output;
mod program;
#[cfg(feature = "prompt")]
mod prompt;
mod terminal;

use dom_websocket_shell::Natives;
use options::{Command, Options, help, version};
use output::Output;
use program::{Program, Source};
use std::error::Error;
use std::process::ExitCode;
use std::rc::Rc;
use std::thread;

/// For Boa, which recurses on the stack where script does, and has no eye on how much is left. Memory comes with use.
const STACK: usize = 1 << 30;

fn main() -> ExitCode {
    let run = thread::Builder::new().stack_size(STACK).spawn(|| {
        run().unwrap_or_else(|error| {
            eprintln!("js: {error}");
            ExitCode::from(2)
        })
    });
    match run.map(thread::JoinHandle::join) {
        Ok(Ok(status)) => status,
        // The panic has said why.
        Ok(Err(_)) => ExitCode::from(101),
        Err(error) => {
            eprintln!("js: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (natives, output) = (Natives::default(), Rc::<Output>::default());
    let options = match Options::parse(&output) {
        Ok(Command::Run(options)) => *options,
        Ok(Command::Help) => {
            output.print("out", &help());
            return Ok(ExitCode::SUCCESS);
        }
        Ok(Command::Version) => {
            output.print("out", &version());
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(format!("{error}\nTry 'js --help'.").into()),
    };
    let sources = options.inputs.iter().map(program::read);
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    if options.is_interactive {
        return prompt(options, &sources, &natives, &output);
    }
    let program = Program::open(&options, &natives, &output)?;
    let has_run = program.run(&sources);
    let is_fine = program.finish() && has_run;
    Ok(if is_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(feature = "prompt")]
fn prompt(
    mut options: Options,
    sources: &[Source],
    natives: &Natives,
    output: &Rc<Output>,
) -> Result<ExitCode, Box<dyn Error>> {
    let interrupt = interrupt::Interrupt::default();
    options.settings.interrupt = interrupt.flag();
    let program = Program::open(&options, natives, output)?;
    program.run(sources);
    prompt::Prompt::new(&program, natives, interrupt).run(output)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "prompt"))]
fn prompt(
    _: Options,
    _: &[Source],
    _: &Natives,
    _: &Rc<Output>,
) -> Result<ExitCode, Box<dyn Error>> {
    Err("this program was built without a prompt: the feature `prompt` is needed".into())
}
