//! How long what is queued may take to leave, in virtual time.

use super::pair::{Client, FRAMED, Pair, transmit};
use super::*;
use std::time::Duration;

/// What was taken from an object that goes away leaves for as long as the peer takes it; then the bound is one.
#[test]
fn what_an_object_that_goes_away_had_sent_has_its_time() {
    for wire in FRAMED {
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        let bound = ConnectionOptions::default().timeouts.closing_handshake;
        assert!(pair.client.send(Payload::Text(&"x".repeat(1 << 20))));
        pair.client.abandon(Abandoned::ByItsOwner, pair.now);
        for _ in 0..10 {
            pair.now += bound / 2;
            pair.client.handle_transmitted(50_000, pair.now);
            let due = pair.client.poll_timeout();
            assert_eq!(
                due,
                Some((Timer::ClosingHandshake, pair.now + bound)),
                "{wire:?}"
            );
        }
        pair.client.handle_transmitted(0, pair.now + bound / 2);
        let due = pair.client.poll_timeout();
        assert_eq!(due, Some((Timer::ClosingHandshake, pair.now + bound)));
        pair.now += bound;
        pair.client.handle_timeout(pair.now);
        assert_eq!(pair.client.transport(), Transport::Released);
    }
}

/// The three ways in which our direction ends, and the timer of each.
type Ending = (fn(&mut dyn Protocol, Instant), Timer);

const ENDINGS: [Ending; 3] = [
    (
        |connection, now| connection.start_closing_handshake(None, now),
        Timer::ClosingHandshake,
    ),
    (
        |connection, now| connection.finish(None, now),
        Timer::Finished,
    ),
    (
        |connection, now| connection.abandon(Abandoned::ByItsOwner, now),
        Timer::ClosingHandshake,
    ),
];

/// A peer that takes what is queued has its time anew with each byte, however our direction ended, and all of it one bound.
#[test]
fn a_slow_peer_has_time_for_what_is_queued_and_not_for_ever() {
    let timeouts = Timeouts::default();
    let linger = timeouts.linger.expect("there is a bound by default");
    for wire in [Wire::Rfc6455, Wire::Hixie76, Wire::Simplified] {
        for (end, timer) in ENDINGS {
            let bound = timer.bound(&timeouts).expect("there is a bound by default");
            let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
            assert!(pair.client.send(Payload::Text(&"x".repeat(1 << 20))));
            let start = pair.now;
            end(&mut *pair.client, start);
            let client = &mut *pair.client;
            assert_eq!(client.poll_timeout(), Some((timer, start + bound)));
            // One byte, just in time, again and again.
            let mut now = start;
            let step = bound - Duration::from_secs(1);
            while now + step < start + linger {
                now += step;
                client.handle_timeout(now);
                assert_ne!(client.transport(), Transport::Released, "{wire:?}");
                client.handle_transmitted(1, now);
                let due = (now + bound).min(start + linger);
                assert_eq!(client.poll_timeout(), Some((timer, due)), "{wire:?}");
            }
            client.handle_timeout(start + linger);
            assert_eq!(
                client.transport(),
                Transport::Released,
                "{wire:?} {timer:?}"
            );
        }
    }
}

/// What is queued has left late: from then on the time is the peer's, for its own part.
#[test]
fn the_peers_own_part_has_its_whole_time() {
    let timeouts = Timeouts::default();
    let linger = timeouts.linger.expect("there is a bound by default");
    for wire in FRAMED {
        let (end, timer) = ENDINGS[0];
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        assert!(pair.client.send(Payload::Text("last words")));
        let start = pair.now;
        end(&mut *pair.client, start);
        let late = start + timeouts.closing_handshake - Duration::from_secs(1);
        pair.client.handle_transmitted(1, late);
        let later = late + timeouts.closing_handshake - Duration::from_secs(1);
        transmit(&mut *pair.client, later);
        let due = later + timeouts.closing_handshake;
        assert!(due < start + linger);
        assert_eq!(pair.client.poll_timeout(), Some((timer, due)), "{wire:?}");
        pair.client
            .handle_transmitted(0, later + Duration::from_secs(1));
        assert_eq!(
            pair.client.poll_timeout(),
            Some((timer, due)),
            "nothing has left"
        );
        pair.client.handle_timeout(due);
        assert_eq!(pair.client.transport(), Transport::Released);
    }
}

/// Without a bound it is for ever, as long as the peer takes some.
#[test]
fn a_peer_may_be_given_any_time() {
    let mut client = Client::new(Wire::Rfc6455);
    client.options.timeouts.linger = None;
    let mut pair = Pair::established(client, ConnectionOptions::default());
    let bound = ConnectionOptions::default().timeouts.closing_handshake;
    assert!(pair.client.send(Payload::Text(&"x".repeat(1 << 20))));
    pair.client.start_closing_handshake(None, pair.now);
    for _ in 0..1000 {
        pair.now += bound / 2;
        pair.client.handle_transmitted(1, pair.now);
        let due = pair.client.poll_timeout();
        assert_eq!(due, Some((Timer::ClosingHandshake, pair.now + bound)));
    }
}
