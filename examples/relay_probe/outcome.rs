//! What became of a connection, and how it is told.

use super::client::Seen;
use super::options::Plan;
use super::stream::Meter;
use super::verdict::{End, Relay, judge};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// What became of a connection, or of the attempt to open it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) plan: Plan,
    pub(crate) relay: Relay,
    /// Why that is said.
    pub(crate) reason: String,
    /// Bytes of payload.
    pub(crate) sent: u64,
    /// Those that reached the server, if it could say so.
    pub(crate) arrived: Option<u64>,
    pub(crate) received: u64,
    /// All arrived, both ways, as it was sent.
    pub(crate) intact: bool,
    pub(crate) took: Duration,
    /// Whether the server could still speak behind the client's end; `None`, where it never came to that.
    pub(crate) half_close: Option<bool>,
}

impl Outcome {
    pub(crate) fn refused(plan: &Plan, reason: String, took: Duration) -> Self {
        Self {
            plan: plan.clone(),
            relay: Relay::Refused,
            reason,
            sent: 0,
            arrived: None,
            received: 0,
            intact: false,
            took,
            half_close: None,
        }
    }

    pub(crate) fn of(plan: &Plan, meter: &Meter, seen: &Seen, end: Option<&End>) -> Self {
        let (relay, reason) = judge(plan, seen, end);
        Self {
            plan: plan.clone(),
            relay,
            reason,
            sent: meter.sent.get(),
            arrived: seen.report.as_ref().map(|report| report.received),
            received: meter.received.get(),
            intact: matches!(relay, Relay::Passed | Relay::Buffered),
            took: seen.took,
            half_close: seen.half_close,
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "wire": self.plan.wire.name(),
            "sent": self.sent,
            "received": self.received,
            "intact": self.intact,
            "seconds": self.took.as_micros() as f64 / 1e6,
            "relay": self.relay.name(),
        })
    }

    /// Its row below [`HEAD`].
    pub(crate) fn row(&self) -> String {
        format!(
            "{:<11} {:>10} {:>10} {:>10} {:>12} {:>12}  {:<11} {}",
            self.plan.wire,
            amount(self.sent),
            self.arrived.map_or("?".to_owned(), amount),
            amount(self.received),
            rate(self.arrived.unwrap_or(0), self.took),
            rate(self.received, self.took),
            half_close(self.half_close),
            self.relay,
        )
    }
}

/// The head of the table.
pub(crate) const HEAD: &str =
    "wire              sent    arrived   received        there         back  half close  relay";

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.plan;
        if self.relay != Relay::Refused {
            let arrived = self
                .arrived
                .map_or("it is not known how much".to_owned(), amount);
            let there = rate(self.arrived.unwrap_or(0), self.took);
            let back = rate(self.received, self.took);
            writeln!(
                f,
                "there: {arrived} of {} arrived, {there}",
                amount(plan.send)
            )?;
            writeln!(
                f,
                "back: {} of {} arrived, {back}",
                amount(self.received),
                amount(plan.receive)
            )?;
            writeln!(f, "half close: {}", half_close(self.half_close))?;
        }
        let seconds = self.took.as_secs_f64();
        write!(
            f,
            "{}, by the wire {}, in {seconds:.3} s: {}",
            self.relay, plan.wire, self.reason
        )
    }
}

fn half_close(passed: Option<bool>) -> &'static str {
    match passed {
        Some(true) => "passed",
        Some(false) => "not passed",
        None => "not tried",
    }
}

/// An amount in the largest unit that has a whole digit.
pub(crate) fn amount(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| bytes >> shift > 0) {
        Some((shift, unit)) => {
            let text = format!("{:.1}", bytes as f64 / f64::from(1_u32 << shift));
            format!("{} {unit}", text.trim_end_matches(".0"))
        }
        None => format!("{bytes} B"),
    }
}

/// How fast that was.
pub(crate) fn rate(bytes: u64, took: Duration) -> String {
    if took.is_zero() {
        return "-".to_owned();
    }
    format!("{}/s", amount((bytes as f64 / took.as_secs_f64()) as u64))
}
