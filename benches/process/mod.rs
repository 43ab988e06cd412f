//! One end of what is measured, in a process of its own: this program again, with other arguments.

use crate::resident::{anonymous, resident};
use std::fs::read_to_string;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What a process has used.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    /// In KiB.
    pub(crate) resident: usize,
    /// The same without the pages of files, which the program and its libraries are.
    pub(crate) anonymous: usize,
    /// Hundredths of a second.
    pub(crate) ticks: usize,
}

impl Usage {
    fn of_this_process() -> Self {
        let stat = read_to_string("/proc/self/stat").expect("this needs Linux");
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |text: &str| text.parse::<usize>().expect("a number");
        Self {
            resident: resident(),
            anonymous: anonymous(),
            ticks: number(fields[11]) + number(fields[12]),
        }
    }

    fn tell(self) {
        println!("{} {} {}", self.resident, self.anonymous, self.ticks);
    }

    fn parse(line: &str) -> Self {
        let mut numbers = line.split(' ').map(|word| word.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        Self {
            resident: next(),
            anonymous: next(),
            ticks: next(),
        }
    }
}

/// Such a process, as the one that measures has it.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// What it had used before it [answered](answer).
    pub(crate) at_first: Usage,
}

impl Process {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            at_first: Usage::default(),
        };
        process.at_first = Usage::parse(&process.line());
        process
    }

    pub(crate) fn line(&mut self) -> String {
        self.output.next().expect("it goes on").unwrap()
    }

    pub(crate) fn say(&mut self, word: &str) {
        writeln!(self.input, "{word}").unwrap();
    }

    /// What it has used by now.
    pub(crate) fn usage(&mut self) -> Usage {
        self.say("usage");
        Usage::parse(&self.line())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In such a process: tells what it has used, now and when it is asked, and hands on what else is said.
pub(crate) fn answer(mut hear: impl FnMut() + Send + 'static) {
    Usage::of_this_process().tell();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            match line.as_deref() {
                Ok("usage") => Usage::of_this_process().tell(),
                _ => hear(),
            }
        }
    });
}
