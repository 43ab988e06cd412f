//! What several examples have in common: `--help`, and what they say of a command line that is wrong.

use std::error::Error;
use std::fmt::Display;
use std::process::ExitCode;

/// Runs a program as its command line has it, which is `None` where help is wanted. The status is 2 where the command line
/// is wrong.
pub(crate) fn run<T>(
    name: &str,
    help: &str,
    options: Result<Option<T>, impl Display>,
    program: impl FnOnce(T) -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    let options = match options {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("{name}: {error}\n\n{help}");
            return ExitCode::from(2);
        }
    };
    match program(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}
