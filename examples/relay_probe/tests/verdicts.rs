//! Each kind of relay, and what is said of it.

use super::relay::{Relay, Treatment, Until, refuse};
use crate::options::{Plan, Route, Wire};
use crate::outcome::Outcome;
use crate::verdict::Relay as Verdict;
use crate::{listen, run};
use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Bytes each way.
const AMOUNT: u64 = 300_000;
/// Somewhere in the payload of either direction, whatever is around it.
const MIDDLE: u64 = 200_000;
/// For whoever has to wait for it, on a machine that may stand still for a second.
const SHORT: Duration = Duration::from_secs(4);
/// For whoever has not.
const LONG: Duration = Duration::from_secs(60);

fn server() -> SocketAddr {
    let (bound, is_bound) = mpsc::channel();
    thread::spawn(move || {
        let bound = |address| bound.send(address).expect("somebody who waits for it");
        listen("127.0.0.1:0", LONG, bound).expect("a server");
    });
    is_bound.recv().expect("an address")
}

fn plan(wire: Wire, timeout: Duration) -> Plan {
    Plan {
        wire,
        send: AMOUNT,
        receive: AMOUNT,
        timeout,
    }
}

fn to(address: SocketAddr) -> Route {
    Route {
        url: format!("ws://{address}/"),
        proxy: None,
        ca_file: None,
    }
}

fn relay(server: SocketAddr, wire: Wire) -> Relay {
    Relay {
        server,
        there: Treatment::Pass,
        back: Treatment::Pass,
        ends_both: false,
        // Draft 76: the third key, and the answer to all three.
        bodies: if wire == Wire::Html5 { [8, 16] } else { [0, 0] },
    }
}

fn probe(plan: &Plan, route: &Route) -> Outcome {
    run(plan, route).expect("a verdict")
}

/// All of these at once, and what they are.
fn probe_all(all: Vec<(Plan, Relay)>) -> Vec<(Outcome, String)> {
    let all: Vec<_> = all
        .into_iter()
        .map(|(plan, relay)| {
            let what = format!("{relay:?}");
            let route = to(relay.start());
            (thread::spawn(move || probe(&plan, &route)), what)
        })
        .collect();
    let ended = all.into_iter().map(|(probe, what)| {
        let outcome = probe.join().expect("a verdict");
        let what = format!("{what}: {outcome:?}");
        (outcome, what)
    });
    ended.collect()
}

/// Each of these, in one direction, and then in the other.
fn each(
    wires: &[Wire],
    treatments: &[Treatment],
    timeout: Duration,
    mut check: impl FnMut(&Outcome, &str),
) {
    let server = server();
    let mut all = Vec::new();
    for wire in wires {
        for treatment in treatments {
            let passing = relay(server, *wire);
            let there = Relay {
                there: *treatment,
                ..passing
            };
            let back = Relay {
                back: *treatment,
                ..passing
            };
            all.extend([there, back].map(|way| (plan(*wire, timeout), way)));
        }
    }
    for (outcome, what) in probe_all(all) {
        check(&outcome, &what);
    }
}

#[test]
fn what_passes_all_on_is_passed_whatever_the_amounts() {
    let server = server();
    for wire in Wire::ALL {
        let relay = relay(server, wire).start();
        for (send, receive) in [
            (0, 0),
            (0, 1),
            (1, 0),
            (AMOUNT, 0),
            (0, AMOUNT),
            (AMOUNT, AMOUNT),
            (17, 3 * AMOUNT),
            (3 * AMOUNT + 1, 17),
        ] {
            let plan = Plan {
                send,
                receive,
                ..plan(wire, LONG)
            };
            for route in [to(server), to(relay)] {
                let outcome = probe(&plan, &route);
                assert_eq!(outcome.relay, Verdict::Passed, "{outcome:?}");
                assert!(outcome.intact);
                assert_eq!((outcome.sent, outcome.received), (send, receive));
                assert_eq!(outcome.arrived, Some(send));
                assert_eq!(outcome.half_close, Some(true), "{outcome:?}");
            }
        }
    }
}

#[test]
fn what_is_late_is_not_buffered() {
    let server = server();
    for wire in Wire::ALL {
        let late = Treatment::Delay(Duration::from_millis(300));
        let relay = Relay {
            there: late,
            back: late,
            ..relay(server, wire)
        };
        let plan = Plan {
            send: 1000,
            receive: 1000,
            ..plan(wire, LONG)
        };
        let outcome = probe(&plan, &to(relay.start()));
        assert_eq!(outcome.relay, Verdict::Passed, "{outcome:?}");
        assert!(outcome.took > Duration::from_millis(600), "{outcome:?}");
    }
}

#[test]
fn what_ends_both_directions_at_once_has_passed_all_before() {
    let server = server();
    for wire in Wire::ALL {
        let relay = Relay {
            ends_both: true,
            ..relay(server, wire)
        };
        let outcome = probe(&plan(wire, LONG), &to(relay.start()));
        assert_eq!(outcome.relay, Verdict::Passed, "{outcome:?}");
        // The others' ends are frames, which the relay knows nothing of.
        assert_eq!(outcome.half_close, Some(wire != Wire::Simplified));
    }
}

#[test]
fn what_comes_when_all_was_sent_is_buffered() {
    let held = [
        Treatment::Hold(Until::Own(AMOUNT)),
        Treatment::Hold(Until::Other(AMOUNT)),
    ];
    each(&Wire::ALL, &held[..1], SHORT, |outcome, what| {
        assert_eq!(outcome.relay, Verdict::Buffered, "{what}");
        assert!(outcome.intact, "{what}");
    });
    // A relay that holds the way there until all has come back waits for ever.
    let server = server();
    let all = Wire::ALL.map(|wire| {
        let relay = Relay {
            back: held[1],
            ..relay(server, wire)
        };
        (plan(wire, SHORT), relay)
    });
    for (outcome, what) in probe_all(all.into()) {
        assert_eq!(outcome.relay, Verdict::Buffered, "{what}");
        assert!(outcome.reason.ends_with("on the way back"), "{what}");
    }
}

#[test]
fn what_comes_when_a_direction_has_ended_is_buffered() {
    let server = server();
    let passing = relay(server, Wire::Simplified);
    let mut all = Vec::new();
    for (there, back) in [
        (Treatment::Hold(Until::OwnEnd), Treatment::Pass),
        (Treatment::Pass, Treatment::Hold(Until::OwnEnd)),
        (Treatment::Pass, Treatment::Hold(Until::OtherEnd)),
    ] {
        let relay = Relay {
            there,
            back,
            ..passing
        };
        for (send, receive) in [(AMOUNT, AMOUNT), (1, 1), (0, 1), (1, 0), (0, 0)] {
            let plan = Plan {
                send,
                receive,
                ..plan(Wire::Simplified, SHORT)
            };
            all.push((plan, relay));
        }
    }
    for (outcome, what) in probe_all(all) {
        assert_eq!(outcome.relay, Verdict::Buffered, "{what}");
        assert!(outcome.intact, "{what}");
    }
}

#[test]
fn what_is_changed_on_the_way_is_altered() {
    let changes = [
        Treatment::Flip(MIDDLE, 0x01),
        Treatment::Flip(MIDDLE, 0x20),
        Treatment::Insert(MIDDLE),
        Treatment::Lose(MIDDLE),
        // In the first line.
        Treatment::Flip(12, 0x01),
        Treatment::Lose(12),
    ];
    each(&Wire::ALL, &changes, LONG, |outcome, what| {
        assert_eq!(outcome.relay, Verdict::Altered, "{what}");
        assert!(!outcome.intact, "{what}");
    });
    // A bit of a frame's head that is reserved.
    each(
        &[Wire::Living],
        &[Treatment::Flip(0, 0x40)],
        LONG,
        |outcome, what| {
            assert_eq!(outcome.relay, Verdict::Altered, "{what}");
        },
    );
}

#[test]
fn what_is_altered_is_found_where_it_is() {
    each(
        &[Wire::Simplified],
        &[Treatment::Flip(MIDDLE, 0x01)],
        LONG,
        |outcome, what| {
            let offset = outcome
                .reason
                .rsplit(' ')
                .next()
                .and_then(|word| word.parse().ok());
            // A line lies before it.
            let expected = MIDDLE - 100..MIDDLE;
            assert!(
                offset.is_some_and(|offset: u64| expected.contains(&offset)),
                "{what}"
            );
        },
    );
}

#[test]
fn what_ends_early_or_falls_silent_is_cut() {
    let cuts = [
        Treatment::End(0),
        Treatment::End(MIDDLE),
        Treatment::Reset(MIDDLE),
        Treatment::Swallow(0),
        Treatment::Swallow(MIDDLE),
    ];
    each(&Wire::ALL, &cuts, SHORT, |outcome, what| {
        assert_eq!(outcome.relay, Verdict::Cut, "{what}");
        assert!(!outcome.intact, "{what}");
    });
}

#[test]
fn who_opens_nothing_has_refused() {
    // It has a port, and does not listen.
    let nobody = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    nobody.bind(&any.into()).unwrap();
    let nobody_at = nobody.local_addr().unwrap().as_socket().unwrap();
    for wire in Wire::ALL {
        for (url, reason) in [
            (to(nobody_at).url, "not connected"),
            (to(refuse("")).url, "ended"),
            (
                to(refuse(
                    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
                ))
                .url,
                "403",
            ),
            (
                to(refuse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).url,
                "200",
            ),
        ] {
            let route = Route {
                url,
                proxy: None,
                ca_file: None,
            };
            let outcome = probe(&plan(wire, LONG), &route);
            assert_eq!(outcome.relay, Verdict::Refused, "{outcome:?}");
            assert!(outcome.reason.contains(reason), "{outcome:?}");
        }
    }
}

#[test]
#[cfg(feature = "proxies")]
fn a_proxy_that_opens_no_tunnel_has_refused() {
    let server = server();
    for wire in Wire::ALL {
        for (proxy, reason) in [
            (
                refuse("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"),
                "405",
            ),
            (
                refuse("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"),
                "credentials",
            ),
            (refuse(""), "lost"),
        ] {
            let route = Route {
                proxy: Some(format!("http://{proxy}")),
                ..to(server)
            };
            let outcome = probe(&plan(wire, LONG), &route);
            assert_eq!(outcome.relay, Verdict::Refused, "{outcome:?}");
            assert!(outcome.reason.contains(reason), "{outcome:?}");
        }
    }
}
