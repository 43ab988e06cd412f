//! Connecting to whichever address of a name answers first (RFC 8305).

use crate::net::runtime;
use futures::StreamExt;
use futures::future::{Either, pending, select};
use futures::stream::FuturesUnordered;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

/// Section 5, the Connection Attempt Delay: how long an attempt has the race for itself.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Attempts one address after the other; the next one as soon as one fails, or has not answered for a
/// while. What the first to succeed came to; the others are dropped. If none does, the last one's error;
/// `None` without an address.
pub(super) async fn race<T, E, F: Future<Output = Result<T, E>>>(
    addresses: Vec<SocketAddr>,
    attempt: impl Fn(SocketAddr) -> F,
) -> Result<T, Option<E>> {
    let mut addresses = interlace(addresses).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = None;
    loop {
        match addresses.next() {
            Some(address) => attempts.push(attempt(address)),
            None if attempts.is_empty() => return Err(failure),
            None => {}
        }
        let delay = if addresses.len() > 0 {
            Either::Left(runtime::sleep(ATTEMPT_DELAY))
        } else {
            Either::Right(pending())
        };
        match select(attempts.next(), pin!(delay)).await {
            Either::Left((Some(Ok(connected)), _)) => return Ok(connected),
            Either::Left((Some(Err(error)), _)) => failure = Some(error),
            Either::Left((None, _)) | Either::Right(_) => {}
        }
    }
}

/// Section 4: the addresses in the resolver's order, but for the families, which take turns.
fn interlace(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else {
        return addresses;
    };
    let first_is_ipv6 = first.is_ipv6();
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_ipv6);
    let mut others = others.into_iter();
    let mut interlaced = Vec::new();
    for address in preferred {
        interlaced.push(address);
        interlaced.extend(others.next());
    }
    interlaced.extend(others);
    interlaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::runtime::{Current, Runtime};
    use std::cell::RefCell;
    use std::io;
    use std::time::Instant;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// What each address does: connects or fails after so many milliseconds, or nothing.
    type Script = [(&'static str, Option<(u64, bool)>)];

    fn run(script: &Script) -> (Result<String, Option<io::Error>>, Vec<String>, Duration) {
        let addresses = script.iter().map(|(a, _)| address(a)).collect();
        let begun = RefCell::new(Vec::new());
        let start = Instant::now();
        let result = Current::new().unwrap().block_on(race(addresses, |address| {
            begun.borrow_mut().push(address.to_string());
            let does = script
                .iter()
                .find(|(a, _)| *a == address.to_string())
                .and_then(|(_, does)| *does);
            async move {
                let Some((milliseconds, connects)) = does else {
                    return pending().await;
                };
                runtime::sleep(Duration::from_millis(milliseconds)).await;
                if connects {
                    Ok(address.to_string())
                } else {
                    Err(io::Error::from(io::ErrorKind::ConnectionRefused))
                }
            }
        }));
        (result, begun.into_inner(), start.elapsed())
    }

    #[test]
    fn the_families_take_turns() {
        let order = |addresses: &[&str]| {
            let addresses = addresses.iter().map(|a| address(a)).collect();
            let order: Vec<_> = interlace(addresses)
                .iter()
                .map(ToString::to_string)
                .collect();
            order.join(" ")
        };
        assert_eq!(order(&[]), "");
        assert_eq!(
            order(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"]),
            "[::1]:1 1.1.1.1:1 [::2]:1 [::3]:1"
        );
        assert_eq!(
            order(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]),
            "1.1.1.1:1 [::1]:1 [::2]:1"
        );
    }

    #[test]
    fn an_address_that_answers_at_once_is_alone() {
        let (result, begun, _) = run(&[
            ("1.1.1.1:1", Some((0, true))),
            ("2.2.2.2:1", Some((0, true))),
        ]);
        assert_eq!(result.unwrap(), "1.1.1.1:1");
        assert_eq!(begun, ["1.1.1.1:1"]);
    }

    #[test]
    fn a_dead_address_holds_the_next_one_up_for_the_delay_only() {
        let (result, _, took) = run(&[("1.1.1.1:1", None), ("2.2.2.2:1", Some((0, true)))]);
        assert_eq!(result.unwrap(), "2.2.2.2:1");
        assert!(took >= ATTEMPT_DELAY, "{took:?}");
    }

    #[test]
    fn a_refused_address_holds_nothing_up() {
        // The machine may stand still, but not each time.
        let took = (0..10).map(|_| {
            let (result, _, took) = run(&[
                ("1.1.1.1:1", Some((0, false))),
                ("2.2.2.2:1", Some((0, false))),
                ("3.3.3.3:1", Some((0, true))),
            ]);
            assert_eq!(result.unwrap(), "3.3.3.3:1");
            took
        });
        let took: Vec<_> = took.collect();
        assert!(took.iter().any(|took| *took < ATTEMPT_DELAY), "{took:?}");
    }

    #[test]
    fn a_slow_address_can_still_win() {
        let (result, begun, _) = run(&[("1.1.1.1:1", Some((2000, true))), ("2.2.2.2:1", None)]);
        assert_eq!(result.unwrap(), "1.1.1.1:1");
        assert_eq!(begun.len(), 2);
    }

    #[test]
    fn a_slow_address_is_waited_for_when_the_last_has_failed() {
        let (result, begun, _) = run(&[
            ("1.1.1.1:1", Some((400, true))),
            ("2.2.2.2:1", Some((0, false))),
        ]);
        assert_eq!(result.unwrap(), "1.1.1.1:1");
        assert_eq!(begun.len(), 2);
    }

    #[test]
    fn all_fail() {
        let (result, begun, _) = run(&[
            ("1.1.1.1:1", Some((10, false))),
            ("2.2.2.2:1", Some((0, false))),
        ]);
        let error = result.unwrap_err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(begun.len(), 2);
        assert!(run(&[]).0.unwrap_err().is_none());
    }
}
