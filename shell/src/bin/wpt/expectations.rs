//! What is known not to pass, and why.
//!
//! A file with an entry for each: `FILE | SUBTEST | STATUS | REASON`. `FILE` is as in the table; without
//! a variant it stands for all of them. `boa:`, `jsc:` or `quickjs:` in front of it restricts it to that engine, `boa,quickjs:` to
//! two. Of several that fit, the first counts. `SUBTEST` may end in `*`: all that begin so. Everything else has to pass, and
//! what is listed has to fail just as it says.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// How a subtest ended, or a file as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Pass,
    Fail,
    TimedOut,
    NotRun,
    PreconditionFailed,
    /// Something went wrong outside the subtests.
    Error,
}

const NAMES: [(Status, &str); 6] = [
    (Status::Pass, "PASS"),
    (Status::Fail, "FAIL"),
    (Status::TimedOut, "TIMEOUT"),
    (Status::NotRun, "NOTRUN"),
    (Status::PreconditionFailed, "PRECONDITION"),
    (Status::Error, "ERROR"),
];

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(status, _)| status == self);
        f.write_str(name.map_or("?", |(_, name)| name))
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let status = NAMES.iter().find(|(_, name)| *name == text);
        status
            .map(|(status, _)| *status)
            .ok_or(format!("unknown status {text:?}"))
    }
}

pub(crate) struct Expectations {
    entries: Vec<Entry>,
}

struct Entry {
    /// All, where it is empty.
    engines: Vec<String>,
    file: String,
    subtest: String,
    status: Status,
    is_used: Cell<bool>,
}

impl Expectations {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim);
        let entries = lines
            .enumerate()
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(i, line)| Entry::parse(line).map_err(|error| format!("line {}: {error}", i + 1)))
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    pub(crate) fn expected(&self, engine: &str, file: &str, subtest: &str) -> Status {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.is_for(engine) && entry.is_about(file) && entry.has(subtest));
        entry.map_or(Status::Pass, |entry| {
            entry.is_used.set(true);
            entry.status
        })
    }

    /// Entries for files that were run, none of whose subtests there was.
    pub(crate) fn unused(&self, engine: &str, files: &BTreeSet<String>) -> Vec<String> {
        self.entries
            .iter()
            .filter(|entry| !entry.is_used.get())
            .filter(|entry| entry.is_for(engine))
            .filter(|entry| files.iter().any(|file| entry.is_about(file)))
            .map(|entry| format!("{} | {}", entry.file, entry.subtest))
            .collect()
    }
}

impl Entry {
    fn parse(line: &str) -> Result<Self, String> {
        // A name may have bars in it; the other fields have none.
        let (file, rest) = line.split_once(" | ").ok_or("FILE | ... is missing")?;
        let (rest, reason) = rest.rsplit_once(" | ").ok_or("the reason is missing")?;
        let (subtest, status) = rest.rsplit_once(" | ").ok_or("the status is missing")?;
        if reason.trim().is_empty() {
            return Err("the reason is missing".into());
        }
        let (engines, file) = match file.split_once(':') {
            Some((engines, file)) => (engines.split(',').map(str::to_owned).collect(), file),
            None => (Vec::new(), file),
        };
        Ok(Self {
            engines,
            file: file.to_owned(),
            subtest: subtest.to_owned(),
            status: status.trim().parse()?,
            is_used: Cell::new(false),
        })
    }

    fn is_for(&self, engine: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|only| only == engine)
    }

    fn has(&self, subtest: &str) -> bool {
        let begins_so = |start| subtest.starts_with(start);
        self.subtest == subtest || self.subtest.strip_suffix('*').is_some_and(begins_so)
    }

    fn is_about(&self, file: &str) -> bool {
        self.file == file || file.split('?').next() == Some(&self.file)
    }
}
