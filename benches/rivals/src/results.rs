//! What was measured: a line for each figure, which `#` lines precede that tell the circumstances.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A figure, by the workload it comes from.
pub struct Figure {
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
}

pub const MESSAGES: [Figure; 7] = [
    figure("ping", "ping-pong, 64 B", MICROSECONDS),
    figure(
        "echo",
        "echo 64 B, 256 in flight, one send each",
        MICROSECONDS,
    ),
    figure("batched", "the same, batched by hand", MICROSECONDS),
    figure("receive", "receive 64 B", MICROSECONDS),
    figure("send", "send 64 B", MICROSECONDS),
    figure("binary", "echo 64 KiB, binary", MICROSECONDS),
    figure("text", "echo 1 MiB, text", MICROSECONDS),
];

pub const CONNECTIONS: [Figure; 4] = [
    figure("connect", "connect", MICROSECONDS),
    figure(
        "many",
        "1,000 connections, a message in flight on each",
        MICROSECONDS,
    ),
    figure("memory", "an idle connection", "KiB"),
    figure("memory after", "the same after 64 KiB each way", "KiB"),
];

pub const COUNTED: [Figure; 10] = [
    figure("instructions receive", "receive 64 B", "instructions"),
    figure("instructions send", "send 64 B", "instructions"),
    figure("instructions batched", "echo 64 B, batched", "instructions"),
    figure("instructions connect", "connect", "instructions"),
    figure("allocations receive", "receive 64 B", "allocations"),
    figure("allocations send", "send 64 B", "allocations"),
    figure("allocations batched", "echo 64 B, batched", "allocations"),
    figure("allocations connect", "connect", "allocations"),
    figure("calls ping", "ping-pong, 64 B", "system calls"),
    figure(
        "calls many",
        "a message in flight on each of 1,000",
        "system calls",
    ),
];

const MICROSECONDS: &str = "µs";

const fn figure(name: &'static str, title: &'static str, unit: &'static str) -> Figure {
    Figure { name, title, unit }
}

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Ours,
    Floor,
    Rival,
}

impl Kind {
    pub fn of(client: &str) -> Self {
        match client.split([' ', ',']).next() {
            Some("dom-websocket") => Self::Ours,
            Some("TCP") => Self::Floor,
            _ => Self::Rival,
        }
    }
}

#[derive(Default)]
pub struct Results {
    pub circumstances: Vec<String>,
    /// In the order in which they were measured first.
    pub clients: Vec<String>,
    values: BTreeMap<(String, String), Vec<f64>>,
}

impl Results {
    pub fn parse(text: &str) -> Self {
        let mut results = Self::default();
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("# ") {
                results.circumstances.push(line.to_owned());
            } else if let [client, figure, value] = line.split('\t').collect::<Vec<_>>()[..] {
                results.add(client, figure, value.parse().expect("a number"));
            }
        }
        results
    }

    pub fn add(&mut self, client: &str, figure: &str, value: f64) {
        if !self.clients.iter().any(|known| known == client) {
            self.clients.push(client.to_owned());
        }
        let key = (figure.to_owned(), client.to_owned());
        self.values.entry(key).or_default().push(value);
    }

    /// One for each round.
    pub fn values(&self, figure: &str, client: &str) -> &[f64] {
        let key = (figure.to_owned(), client.to_owned());
        self.values.get(&key).map_or(&[], Vec::as_slice)
    }

    pub fn median(&self, figure: &str, client: &str) -> Option<f64> {
        median(self.values(figure, client).to_vec())
    }

    /// The median of the ratios, round by round.
    pub fn ratio(&self, figure: &str, client: &str, other: &str) -> Option<f64> {
        let pairs = self
            .values(figure, client)
            .iter()
            .zip(self.values(figure, other));
        median(pairs.map(|(one, other)| one / other).collect())
    }

    pub fn best(&self, figure: &str, kind: Kind) -> Option<&str> {
        let clients = self
            .clients
            .iter()
            .filter(|client| Kind::of(client) == kind);
        let measured = clients.filter_map(|client| Some((self.median(figure, client)?, client)));
        let best = measured.min_by(|one, other| one.0.total_cmp(&other.0));
        best.map(|(_, client)| client.as_str())
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        len if len % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// With three digits that mean something, or all before the point.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        1000.0.. => return thousands(value),
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut number = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            number.push(',');
        }
        write!(number, "{digit}").expect("a string takes it");
    }
    number
}
