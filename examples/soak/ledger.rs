//! The account: what has become of each socket and each message.

use std::cell::{Cell, RefCell};
use std::fmt;

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Count(Cell<u64>);

impl Count {
    pub(crate) fn add(&self, more: usize) {
        self.0.set(self.0.get() + more as u64);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.get()
    }
}

/// With commas.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.get().to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.pad(&grouped)
    }
}

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) made: Count,
    pub(crate) opened: Count,
    /// They met a server that was not there.
    pub(crate) never_opened: Count,
    pub(crate) closed_by_us: Count,
    pub(crate) closed_by_us_early: Count,
    pub(crate) closed_by_the_server: Count,
    pub(crate) cut_off: Count,

    pub(crate) sent: Count,
    pub(crate) bytes: Count,
    pub(crate) came_back: Count,
    /// Under way when we closed.
    pub(crate) unanswered: Count,
    /// Under way when the server was killed.
    pub(crate) died: Count,

    pub(crate) kills: Count,
    problems: RefCell<Vec<String>>,
}

/// So many problems are told.
const TOLD: usize = 20;

impl Ledger {
    /// Something that must not be.
    pub(crate) fn problem(&self, what: impl fmt::Display) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < TOLD {
            eprintln!("soak: {what}");
        }
        problems.push(what.to_string());
    }

    pub(crate) fn ended(&self) -> u64 {
        self.never_opened.get()
            + self.closed_by_us.get()
            + self.closed_by_us_early.get()
            + self.closed_by_the_server.get()
            + self.cut_off.get()
    }

    /// Sockets that there are now.
    pub(crate) fn live(&self) -> u64 {
        self.made.get() - self.ended()
    }

    /// The line of a second.
    pub(crate) fn line(&self, second: u64, memory: &str) -> String {
        format!(
            "{second:>5} s  {:>6} sockets  {:>11} messages  {:>9} closes  {:>4} kills  {memory}",
            self.live(),
            self.came_back,
            self.closed_by_us.get()
                + self.closed_by_us_early.get()
                + self.closed_by_the_server.get(),
            self.kills,
        )
    }

    /// Whether all is accounted for.
    pub(crate) fn report(&self) -> bool {
        let accounted = self.came_back.get() + self.unanswered.get() + self.died.get();
        if accounted != self.sent.get() {
            self.problem(format_args!("{accounted} messages for {} sent", self.sent));
        }
        if self.live() != 0 {
            self.problem(format_args!("{} sockets have not ended", self.live()));
        }
        println!();
        println!(
            "sockets   {} made, {} opened, {} met no server",
            self.made, self.opened, self.never_opened
        );
        println!(
            "ends      {} by us, {} by us with messages under way, {} by the server, {} cut off by {} kills",
            self.closed_by_us,
            self.closed_by_us_early,
            self.closed_by_the_server,
            self.cut_off,
            self.kills
        );
        println!(
            "messages  {} sent ({} bytes), {} came back",
            self.sent, self.bytes, self.came_back
        );
        println!(
            "          {} were under way when we closed, {} when their server was killed",
            self.unanswered, self.died
        );
        let problems = self.problems.borrow().len();
        println!("problems  {problems}");
        problems == 0
    }
}
