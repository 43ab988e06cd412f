//! `print!` and `println!` for programs whose reader may go, as that of `chat | head` does: they end then, where those of the
//! standard library panic. `#[macro_use]` gives them to the modules below.

use std::fmt::Arguments;
use std::io::{self, Write};
use std::process::exit;

/// What a shell says of a program that SIGPIPE has ended.
const BROKEN_PIPE: i32 = 128 + 13;

macro_rules! print {
    ($($argument:tt)*) => {
        $crate::output::write(format_args!($($argument)*))
    };
}

macro_rules! println {
    () => {
        print!("\n")
    };
    ($($argument:tt)*) => {
        print!("{}\n", format_args!($($argument)*))
    };
}

pub(crate) fn write(text: Arguments<'_>) {
    match io::stdout().write_fmt(text) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit(BROKEN_PIPE),
        Err(error) => {
            let _ = writeln!(io::stderr(), "standard output: {error}");
            exit(1);
        }
    }
}
