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

#[cfg(all(test, unix))]
mod tests {
    use super::BROKEN_PIPE;
    use std::io::{BufRead, BufReader, Read, stdin};
    use std::process::{Command, Stdio};

    const CHILD: &str = "HAS_NO_READER";

    #[test]
    fn a_program_that_nobody_reads_any_more_ends_quietly() {
        if std::env::var_os(CHILD).is_some() {
            let _ = stdin().read(&mut [0]);
            println!("nobody reads it");
            return;
        }
        // Of one test among several threads the harness says nothing before it is over.
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=2"])
            .arg("output::tests::a_program_that_nobody_reads_any_more_ends_quietly")
            .env(CHILD, "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "running 1 test"));
        drop(lines);
        drop(child.stdin.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(BROKEN_PIPE));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}
