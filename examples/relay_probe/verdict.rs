//! What a relay did, by what the client saw.

use super::client::Seen;
use super::options::Plan;
use super::stream::Stop;
use dom_websocket::{Failure, WireFailure};
use std::fmt;

/// How a relay treated a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relay {
    Passed,
    Buffered,
    Cut,
    Altered,
    Refused,
}

impl Relay {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Buffered => "buffered",
            Self::Cut => "cut",
            Self::Altered => "altered",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a connection that was open ended, as the user agent tells.
#[derive(Debug)]
pub(crate) enum End {
    /// Cleanly, with this code.
    Closed(u16),
    Failed(Failure),
}

/// What became of a connection that was open, and why that is said.
pub(crate) fn judge(plan: &Plan, seen: &Seen, end: Option<&End>) -> (Relay, String) {
    if let Some(reason) = altered(plan, seen, end) {
        return (Relay::Altered, reason);
    }
    let Some(report) = &seen.report else {
        return (Relay::Cut, cut(plan, seen, end));
    };
    if report.received < plan.send {
        let (received, sent) = (report.received, plan.send);
        let reason = format!("only {received} of {sent} bytes reached the server");
        return (Relay::Cut, reason);
    }
    // Framing may have hidden from the relay that a little was still to come.
    let nearly_all = plan.send - plan.send / 50;
    let is_after_all = |sent: u64| sent + 1024 > nearly_all;
    if let (Some(overdue), true) = (seen.overdue, seen.first_after.is_some_and(is_after_all)) {
        // A server that was late itself held it back, not the relay.
        if report.ready_delay < overdue / 2 {
            let way = if report.complete_after > overdue / 2 {
                "back"
            } else {
                "there"
            };
            let reason = format!("nothing came until everything was sent: held on the way {way}");
            return (Relay::Buffered, reason);
        }
    }
    (Relay::Passed, "all arrived, both ways at once".to_owned())
}

fn altered(plan: &Plan, seen: &Seen, end: Option<&End>) -> Option<String> {
    if let Some(offset) = seen.wrong {
        return Some(format!("another byte came at {offset}"));
    }
    if let Some(offset) = seen.report.as_ref().and_then(|report| report.wrong) {
        return Some(format!("another byte reached the server at {offset}"));
    }
    if seen.is_misread {
        return Some("the server could not read the first line".to_owned());
    }
    if let Some(Stop::Misread(line)) = &seen.stop {
        return Some(format!("this is no line of the server's: {line}"));
    }
    if let Some(report) = &seen.report {
        let is_wrong = report.received == plan.send && !seen.is_digest_right;
        return is_wrong.then(|| "the digests differ".to_owned());
    }
    match end? {
        End::Failed(Failure::Wire(
            failure @ (WireFailure::Violation | WireFailure::InvalidData | WireFailure::TooLarge),
        )) => Some(failure.to_string()),
        End::Closed(code @ (1002 | 1003 | 1007 | 1009)) => {
            Some(format!("the server closed with {code}"))
        }
        _ => None,
    }
}

fn cut(plan: &Plan, seen: &Seen, end: Option<&End>) -> String {
    if seen.is_silent {
        return format!("nothing more came for {} s", plan.timeout.as_secs_f64());
    }
    match (end, &seen.stop) {
        (Some(End::Failed(failure)), _) => failure.to_string(),
        (_, Some(Stop::Lost(error))) => format!("the connection was lost: {error}"),
        (Some(End::Closed(code)), _) => format!("it was closed too early, with {code}"),
        _ => "it ended too early".to_owned(),
    }
}
