//! Runs the tests of web-platform-tests for `WebSocket` in a JavaScript engine.
//!
//! `wpt CHECKOUT --engine boa|jsc|quickjs --ws PORT --wss PORT`; `--help` lists the rest. `--program FILE`, in place of
//! `--engine`, is a program of another kind to run them in (see `program.rs`).
//!
//! `CHECKOUT` has the folders `websockets`, `resources`, `common` and `interfaces`; WPT's WebSocket
//! server listens on the two ports, and on that of `--h2`, without which nothing is run over HTTP/2. `.ci/wpt` gets
//! and starts all that. Every `*.any.js`, `*.window.js` and `*.worker.js` below `websockets`, and every page, is run in
//! each of its variants, if it needs no more than a realm; what else it would need is counted.
//!
//! `--folder` names other folders, about what a page has beside sockets: every `*.any.js` below them is run, as if in a
//! worker. The other half of WPT's server listens on the port for HTTP.
//!
//! The tests of `WebSocketStream` need streams, which no engine brings: they are run if `--streams` is a script that
//! does, which runs first.
//!
//! Prints a line for each file and a total. Exit status 1 if a subtest did not end as the expectations
//! say: that is, one failed that should have passed, or passed that should have failed.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod checkout;
mod expectations;
mod outcome;
mod program;
mod session;

use checkout::{Checkout, Servers, Test};
use dom_websocket_shell::Engine;
use expectations::{Expectations, Status};
use outcome::Outcome;
use session::{Runner, Session};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const HELP: &str = "\
wpt: the tests of web-platform-tests for WebSocket, in a JavaScript engine

wpt CHECKOUT --engine boa|jsc|quickjs --ws PORT --wss PORT [OPTION]...

  --program FILE            in place of --engine: a program that they run in
  --ws PORT --wss PORT      where WPT's WebSocket server listens
  --h2 PORT                 where it speaks HTTP/2; without it nothing is run over that
  --http PORT --https PORT  where its other half does; 80, 443
  --host NAME               what these are called; localhost
  --ca-file F               whom to trust for wss:
  --streams F               a script that brings streams, for the tests that need them
  --folder PATH             other tests of the checkout, as in a worker; may be repeated
  --expectations F          which subtests fail; else the file that is known where wpt was compiled
  --filter TEXT             tests with this in their names; may be repeated
  --jobs N                  so many at a time; 12
  --help                    this text
";

const EXPECTATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/expectations.txt");

/// As much as a program's first thread has: engines keep to that, not to a test thread's.
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("wpt: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything ended as expected.
fn run() -> Result<bool, Box<dyn Error>> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else {
        print!("{HELP}");
        return Ok(true);
    };
    let expectations = std::fs::read_to_string(&options.expectations)
        .map_err(|error| format!("{}: {error}", options.expectations))?;
    let expectations = Expectations::parse(&expectations)
        .map_err(|error| format!("{}: {error}", options.expectations))?;
    let folders = options.folders.clone();
    let checkout = Checkout::new(&options.checkout, folders, options.servers.clone())?;
    let streams = match &options.streams {
        Some(file) => {
            let read = std::fs::read_to_string(file);
            Some(read.map_err(|error| format!("{file}: {error}"))?)
        }
        None => None,
    };
    let runner = match &options.program {
        Some(path) => Runner::Program(path),
        None => Runner::Engine(
            options
                .engine
                .ok_or("--engine boa|jsc|quickjs is missing")?,
        ),
    };
    let mut tests = checkout.tests()?;
    tests.retain(|test| options.selects(test));
    for test in &mut tests {
        if streams.is_none() && test.is_about_streams() {
            test.need("streams");
        }
        if options.servers.h2.is_none() && test.is_over_http2() {
            test.need("HTTP/2");
        }
        if matches!(runner, Runner::Program(_)) && test.needs.is_none() {
            test.needs = program::needs(&checkout, test)?;
        }
    }
    let (tests, left_out): (Vec<_>, Vec<_>) =
        tests.into_iter().partition(|test| test.needs.is_none());

    let session = Session {
        runner,
        checkout: &checkout,
        ca_file: options.ca_file.as_deref(),
        streams: streams.as_deref(),
    };
    let outcomes = run_all(&session, options.jobs, &tests);
    let mut report = Report::new(runner.name(), &expectations);
    for (test, (outcome, took)) in tests.iter().zip(outcomes) {
        report.add(test, &outcome, took);
    }
    Ok(report.conclude(&left_out))
}

/// Each test on one of a few threads, because most of them wait most of the time. What they came to, and how long they took.
fn run_all(session: &Session<'_>, jobs: usize, tests: &[Test]) -> Vec<(Outcome, Duration)> {
    let next = AtomicUsize::new(0);
    let outcomes: Vec<_> = tests.iter().map(|_| Mutex::new(None)).collect();
    // Long tests first, or the last of them would be waited for alone.
    let mut order: Vec<_> = (0..tests.len()).collect();
    order.sort_by_key(|&i| !tests[i].is_long);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(&i) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let run = || session.run(&tests[i]);
                    // A thread of its own, so that a panic takes nothing along.
                    let outcome = thread::scope(|scope| {
                        let builder = thread::Builder::new().stack_size(STACK);
                        let thread = builder.spawn_scoped(scope, run);
                        thread.expect("there are threads left").join()
                    });
                    let outcome =
                        outcome.unwrap_or_else(|_| Outcome::failed("it panicked".to_owned()));
                    let ended = Some((outcome, began.elapsed()));
                    *outcomes[i].lock().expect("nobody panics with it") = ended;
                }
            });
        }
    });
    outcomes
        .into_iter()
        .map(|outcome| outcome.into_inner().expect("nobody panics with it"))
        .map(|outcome| outcome.expect("every test was run"))
        .collect()
}

#[derive(Default)]
struct Total {
    files: usize,
    subtests: usize,
    passed: usize,
    expected_failures: usize,
}

impl Total {
    fn print(&self, name: &str) {
        println!(
            "{name}: {} of {} subtests passed in {} runs; {} expected to fail",
            self.passed, self.subtests, self.files, self.expected_failures
        );
    }
}

struct Report<'a> {
    engine: &'static str,
    expectations: &'a Expectations,
    totals: BTreeMap<&'static str, Total>,
    unexpected: usize,
    files: BTreeSet<String>,
    /// What came nearest to its bound.
    slowest: Option<(Duration, &'a Test)>,
}

impl<'a> Report<'a> {
    fn new(engine: &'static str, expectations: &'a Expectations) -> Self {
        Self {
            engine,
            expectations,
            totals: BTreeMap::new(),
            unexpected: 0,
            files: BTreeSet::new(),
            slowest: None,
        }
    }

    fn add(&mut self, test: &'a Test, outcome: &Outcome, took: Duration) {
        let file = test.name();
        let kind = match test.is_about_sockets() {
            false => "page",
            true if test.is_over_http2() => "h2",
            true if test.is_secure() => "wss",
            true => "ws",
        };
        let total = self.totals.entry(kind).or_default();
        let subtests = outcome.subtests.iter();
        let of_file = subtests.clone().filter(|subtest| !subtest.name.is_empty());
        let passed = subtests
            .clone()
            .filter(|subtest| subtest.status == Status::Pass);
        let (passed, count) = (passed.count(), of_file.count());
        println!("{} {file} {passed}/{count}", self.engine);
        total.files += 1;
        total.passed += passed;
        total.subtests += count;
        for subtest in subtests {
            let expected = self
                .expectations
                .expected(self.engine, &file, &subtest.name);
            if subtest.status != expected {
                self.unexpected += 1;
                println!(
                    "  UNEXPECTED {file} | {} | {}",
                    subtest.name, subtest.status
                );
                for line in subtest.message.lines().take(8) {
                    println!("    {line}");
                }
            } else if expected != Status::Pass {
                total.expected_failures += 1;
            }
        }
        self.files.insert(file);
        let share = |took: Duration, test: &Test| took.div_duration_f64(test.bound());
        if (self.slowest).is_none_or(|(most, slowest)| share(took, test) > share(most, slowest)) {
            self.slowest = Some((took, test));
        }
    }

    fn conclude(self, left_out: &[Test]) -> bool {
        let mut reasons = BTreeMap::<_, usize>::new();
        for test in left_out {
            *reasons.entry(test.needs).or_default() += 1;
        }
        println!();
        for (needs, count) in reasons {
            println!("left out: {count} that need {}", needs.unwrap_or_default());
        }
        // Checkouts differ: what one doesn't have is no reason to fail.
        for entry in self.expectations.unused(self.engine, &self.files) {
            println!("not in this checkout: {entry}");
        }
        for (kind, total) in &self.totals {
            total.print(&format!("{} {kind}", self.engine));
        }
        if let Some((took, test)) = self.slowest {
            println!(
                "{}: {} took {:.1} of its {} s",
                self.engine,
                test.name(),
                took.as_secs_f64(),
                test.bound().as_secs()
            );
        }
        println!("{}: {} unexpected", self.engine, self.unexpected);
        self.unexpected == 0
    }
}

struct Options {
    checkout: String,
    engine: Option<Engine>,
    program: Option<PathBuf>,
    servers: Servers,
    ca_file: Option<String>,
    streams: Option<String>,
    folders: Vec<String>,
    expectations: String,
    filters: Vec<String>,
    jobs: usize,
}

impl Options {
    /// `None` where help is wanted.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut checkout, mut engine, mut program) = (None, None, None);
        let (mut ws, mut wss, mut h2, mut http, mut https) = (None, None, None, 80, 443);
        let mut host = "localhost".to_owned();
        let (mut ca_file, mut streams) = (None, None);
        let mut expectations = EXPECTATIONS.to_owned();
        let (mut folders, mut filters) = (Vec::new(), Vec::new());
        let mut jobs = 12;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--engine" => engine = Some(value()?.parse()?),
                "--program" => program = Some(value()?.into()),
                "--ws" => ws = Some(value()?.parse()?),
                "--wss" => wss = Some(value()?.parse()?),
                "--h2" => h2 = Some(value()?.parse()?),
                "--http" => http = value()?.parse()?,
                "--https" => https = value()?.parse()?,
                "--host" => host = value()?,
                "--ca-file" => ca_file = Some(value()?),
                "--streams" => streams = Some(value()?),
                "--folder" => folders.push(value()?),
                "--expectations" => expectations = value()?,
                "--filter" => filters.push(value()?),
                "--jobs" => jobs = value()?.parse()?,
                other if other.starts_with("--") => {
                    return Err(format!("unknown argument {other:?}").into());
                }
                _ => checkout = Some(argument),
            }
        }
        Ok(Some(Self {
            checkout: checkout.ok_or("the path of a checkout is missing")?,
            engine,
            program,
            servers: Servers {
                host,
                ws: ws.ok_or("--ws PORT is missing")?,
                wss: wss.ok_or("--wss PORT is missing")?,
                http,
                https,
                h2,
            },
            ca_file,
            streams,
            folders,
            expectations,
            filters,
            jobs,
        }))
    }

    fn selects(&self, test: &Test) -> bool {
        let name = test.name();
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter))
    }
}
