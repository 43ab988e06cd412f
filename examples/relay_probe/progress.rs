//! Bars on a terminal.

use super::options::Plan;
use super::outcome::{amount, rate};
use super::stream::Meter;
use std::convert::Infallible;
use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

/// Draws until it is dropped, and for ever; nothing where standard error is no terminal. `sleep` is the loop's.
pub(crate) async fn draw<S>(plan: &Plan, meter: &Meter, sleep: impl Fn(Duration) -> S) -> Infallible
where
    S: Future<Output = ()>,
{
    if !stderr().is_terminal() {
        return std::future::pending().await;
    }
    let _erased = Erased;
    loop {
        let there = bar("there", meter.sent.get(), plan.send, meter.elapsed());
        let back = bar("back", meter.received.get(), plan.receive, meter.elapsed());
        // A terminal that is gone is nobody's loss.
        let _ = write!(stderr(), "\r\x1b[K{there}   {back}");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Takes the bars away at the end, wherever that comes.
struct Erased;

impl Drop for Erased {
    fn drop(&mut self) {
        let _ = write!(stderr(), "\r\x1b[K");
    }
}

const WIDTH: u64 = 16;

fn bar(name: &str, done: u64, all: u64, took: Duration) -> String {
    let share = |of: u64| {
        (u128::from(done) * u128::from(of))
            .checked_div(all.into())
            .unwrap_or(of.into())
    };
    let filled = share(WIDTH) as usize;
    let bar = format!(
        "{}{}",
        "#".repeat(filled),
        ".".repeat(WIDTH as usize - filled)
    );
    format!(
        "{name} [{bar}] {:>3}% {} {}",
        share(100),
        amount(done),
        rate(done, took)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        let second = Duration::from_secs(1);
        assert_eq!(
            bar("back", 0, 10, second),
            "back [................]   0% 0 B 0 B/s"
        );
        assert_eq!(
            bar("back", 5, 10, second),
            "back [########........]  50% 5 B 5 B/s"
        );
        assert_eq!(
            bar("back", 0, 0, second),
            "back [################] 100% 0 B 0 B/s"
        );
        let all = u64::MAX;
        assert!(bar("back", all, all, second).starts_with("back [################] 100%"));
    }
}
