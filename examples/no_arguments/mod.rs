//! The command line of an example that takes no arguments.

use crate::command_line;
use std::error::Error;
use std::process::ExitCode;

/// Runs such a program.
pub(crate) fn run(
    name: &str,
    what: &str,
    program: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    let options = match std::env::args().nth(1).as_deref() {
        None => Ok(Some(())),
        Some("--help" | "-h") => Ok(None),
        Some(other) => Err(format!("unknown argument {other:?}")),
    };
    let help = format!("{name}: {what}. It takes no arguments.\n");
    command_line::run(name, &help, options, |()| program())
}
