//! Whole sessions in virtual time, without a socket.

mod any_calls;

use super::*;
use crate::protocol::pair::{Client, Pair, closed, established, feedback, transmit};
use crate::protocol::{Limits, Timeouts, Wire};
use std::time::Duration;

fn client() -> Client {
    Client::new(Wire::Simplified)
}

fn established_pair() -> Pair {
    pair_with(ConnectionOptions::default())
}

fn pair_with(options: ConnectionOptions) -> Pair {
    let client = Client {
        options,
        ..client()
    };
    Pair::established(client, ConnectionOptions::default())
}

fn half_open() -> Pair {
    pair_with(ConnectionOptions {
        half_open: true,
        ..ConnectionOptions::default()
    })
}

/// All bytes that were told, and what else was.
fn told(connection: &mut dyn Protocol) -> (Vec<u8>, Vec<Feedback>) {
    let mut bytes = Vec::new();
    let mut others = feedback(connection);
    others.retain(|feedback| match feedback {
        Feedback::BinaryPart(part) => {
            assert!(!part.is_empty());
            bytes.extend(part);
            false
        }
        _ => true,
    });
    (bytes, others)
}

/// The other end has ended, as the transport tells this one.
fn end(from: &mut dyn Protocol, to: &mut dyn Protocol, now: Instant) {
    assert_eq!(from.transport(), Transport::Finishing);
    from.handle_end_of_output(now);
    to.handle_end_of_input(now);
}

#[test]
fn an_idle_connection_holds_nothing() {
    let agreed = Agreed::new(Wire::Simplified, crate::protocol::opening::Role::Server);
    let now = Instant::now();
    let mut connection = Connection::new(agreed, &Arc::default(), now);
    assert!(connection.send(Payload::Binary(b"out")));
    connection.handle_input(b"in", now);
    connection.handle_idleness();
    assert_eq!(transmit(&mut connection, now), b"out");
    assert_eq!(told(&mut connection).0, b"in");
    connection.handle_idleness();
    assert!(connection.traffic.output.get_mut().is_none());
    assert!(connection.traffic.feedback.get_mut().is_none());
}

#[test]
fn bytes_go_as_they_are_and_begin_at_once() {
    for step in [1, 2, 3, 7, 64, usize::MAX] {
        let mut pair = Pair::open(client(), ConnectionOptions::default(), step);
        assert!(
            pair.client
                .send(Payload::Binary(b"\0\xffGET / HTTP/1.1\r\n\r\n"))
        );
        assert!(pair.client.send(Payload::Text("")));
        assert!(pair.client.send(Payload::Text("Grüße")));
        assert!(pair.server.send(Payload::Binary(&[0x81, 0xff])));
        assert_eq!(pair.client.buffered_amount(), 27);
        pair.exchange();
        assert_eq!(pair.client.buffered_amount(), 0);
        let established = || vec![established(None, "")];
        assert_eq!(
            told(&mut *pair.server),
            (
                [b"\0\xffGET / HTTP/1.1\r\n\r\n", "Grüße".as_bytes()].concat(),
                established()
            )
        );
        assert_eq!(told(&mut *pair.client), (vec![0x81, 0xff], established()));
    }
}

#[test]
fn our_end_leaves_behind_what_is_queued_and_the_peer_goes_on() {
    let mut pair = established_pair();
    let now = pair.now;
    pair.client.send(Payload::Text("last"));
    pair.client.start_closing_handshake(None, now);
    assert!(!pair.client.send(Payload::Text("too late")));
    assert_eq!(pair.client.transport(), Transport::Open, "it has not left");
    assert_eq!(transmit(&mut *pair.client, now), b"last");
    assert_eq!(pair.client.transport(), Transport::Finishing);
    pair.client.handle_end_of_output(now);
    pair.client.handle_input(b"more", now);
    pair.client.handle_input(b" and more", now);
    assert_eq!(
        told(&mut *pair.client),
        (
            b"more and more".to_vec(),
            vec![Feedback::ClosingHandshakeStarted]
        )
    );
    pair.client.handle_end_of_input(now);
    let clean = vec![Feedback::PeerEnded, Feedback::Closed(Closure::clean())];
    assert_eq!(told(&mut *pair.client), (vec![], clean));
    assert_eq!(pair.client.transport(), Transport::Released);
    assert_eq!(pair.client.poll_timeout(), None);
}

#[test]
fn the_peers_end_is_followed_once_what_is_queued_has_left() {
    let mut pair = established_pair();
    let now = pair.now;
    pair.server.send(Payload::Text("queued"));
    pair.client.start_closing_handshake(None, now);
    end(&mut *pair.client, &mut *pair.server, now);
    assert!(!pair.server.send(Payload::Text("too late")));
    assert_eq!(pair.server.transport(), Transport::Open);
    assert_eq!(
        told(&mut *pair.server).1,
        [Feedback::PeerEnded, Feedback::ClosingHandshakeStarted]
    );
    let queued = transmit(&mut *pair.server, now);
    assert_eq!(queued, b"queued");
    assert_eq!(told(&mut *pair.server).1, [closed(true)]);
    pair.client.handle_input(&queued, now);
    end(&mut *pair.server, &mut *pair.client, now);
    let (bytes, others) = told(&mut *pair.client);
    assert_eq!(
        (&bytes[..], others.last()),
        (&b"queued"[..], Some(&closed(true)))
    );
    for side in [&pair.client, &pair.server] {
        assert_eq!(side.transport(), Transport::Released);
    }
}

#[test]
fn half_open_the_peers_end_is_told_and_ours_waits_until_it_is_asked_for() {
    for closes in [false, true] {
        let mut pair = half_open();
        let now = pair.now;
        pair.client.handle_end_of_input(now);
        let ended = [
            Feedback::PeerEnded,
            Feedback::PeerFinished(Closure::clean()),
        ];
        assert_eq!(told(&mut *pair.client).1, ended);
        assert_eq!(pair.client.poll_timeout(), None, "we may take our time");
        assert!(pair.client.is_sending());
        assert!(pair.client.send(Payload::Text("all that was left to say")));
        assert_eq!(pair.client.transport(), Transport::Open);
        if closes {
            pair.client.start_closing_handshake(None, now);
        } else {
            pair.client.finish(None, now);
        }
        assert_eq!(
            transmit(&mut *pair.client, now),
            b"all that was left to say"
        );
        assert_eq!(
            told(&mut *pair.client).1,
            [Feedback::ClosingHandshakeStarted, closed(true)]
        );
        assert_eq!(pair.client.transport(), Transport::Finishing);
        assert!(
            pair.client.poll_timeout().is_some(),
            "TLS may hold some back"
        );
        pair.client.handle_end_of_output(now);
        assert_eq!(pair.client.transport(), Transport::Released);
    }
    let mut pair = half_open();
    pair.client.handle_end_of_input(pair.now);
    pair.client.abandon(Abandoned::ByItsOwner, pair.now);
    assert_eq!(told(&mut *pair.client).1.last(), Some(&closed(true)));
}

#[test]
fn whoever_has_finished_waits_for_signs_of_life_only() {
    let timeouts = Timeouts {
        finished: Some(Duration::from_secs(10)),
        ..Timeouts::default()
    };
    let second = Duration::from_secs(1);
    let mut pair = pair_with(ConnectionOptions {
        timeouts,
        ..ConnectionOptions::default()
    });
    let mut now = pair.now;
    pair.client.send(Payload::Binary(&[7; 100]));
    pair.client.finish(None, now);
    for _ in 0..4 {
        assert_eq!(
            pair.client.poll_timeout(),
            Some((Timer::Finished, now + 10 * second))
        );
        now += 9 * second;
        pair.client.handle_timeout(now);
        pair.client.handle_transmitted(10, now);
    }
    pair.client.handle_transmitted(60, now);
    for is_read in [false, true] {
        now += 9 * second;
        pair.client.handle_timeout(now);
        if is_read {
            pair.client.handle_input(b"x", now);
        } else {
            pair.client.handle_pause(now);
        }
    }
    assert_eq!(pair.client.transport(), Transport::Finishing);
    pair.client.start_closing_handshake(None, now);
    let bound = Timeouts::default().closing_handshake;
    assert_eq!(
        pair.client.poll_timeout(),
        Some((Timer::ClosingHandshake, now + bound)),
        "there is no leisure any more"
    );
    assert_eq!(
        told(&mut *pair.client),
        (b"x".to_vec(), vec![Feedback::ClosingHandshakeStarted])
    );
}

#[test]
fn bytes_come_in_parts_as_long_as_is_asked_for() {
    let mut pair = established_pair();
    for (delivery, parts) in [
        (Delivery::Messages, vec![10]),
        (Delivery::Pieces(4), vec![4, 4, 2]),
        (Delivery::Bytes, vec![10]),
    ] {
        pair.client.set_delivery(delivery);
        pair.client.handle_input(&[7; 10], pair.now);
        let parts = parts
            .into_iter()
            .map(|len| Feedback::BinaryPart(vec![7; len]));
        assert_eq!(feedback(&mut *pair.client), parts.collect::<Vec<_>>());
    }
    let limits = Limits {
        message: 0,
        ..Limits::default()
    };
    let mut pair = pair_with(ConnectionOptions {
        limits,
        ..ConnectionOptions::default()
    });
    pair.client.handle_input(b"there are no messages", pair.now);
    assert_eq!(told(&mut *pair.client).0, b"there are no messages");
}

#[test]
fn whoever_sends_is_told_when_to_wait() {
    let limits = Limits {
        high_water: 1000,
        ..Limits::default()
    };
    let mut pair = pair_with(ConnectionOptions {
        limits,
        ..ConnectionOptions::default()
    });
    assert!(!pair.client.would_block(5000), "nothing is queued");
    pair.client.send(Payload::Binary(&[7; 800]));
    assert!(pair.client.would_block(800));
    assert!(!pair.client.would_block(10));
    transmit(&mut *pair.client, pair.now);
    assert!(!pair.client.would_block(5000));
}

#[test]
fn both_end_at_once() {
    let mut pair = established_pair();
    let now = pair.now;
    for side in [&mut *pair.client, &mut *pair.server] {
        side.start_closing_handshake(None, now);
        assert_eq!(side.transport(), Transport::Finishing);
        side.handle_end_of_input(now);
        assert_eq!(side.transport(), Transport::Finishing, "ours has not ended");
        side.handle_end_of_output(now);
        assert_eq!(side.transport(), Transport::Released);
        assert_eq!(
            told(side).1,
            [
                Feedback::ClosingHandshakeStarted,
                Feedback::PeerEnded,
                closed(true)
            ]
        );
    }
}

#[test]
fn a_lost_transport_is_never_clean() {
    for ended in [false, true] {
        let mut pair = established_pair();
        if ended {
            pair.client.start_closing_handshake(None, pair.now);
            pair.client.handle_end_of_output(pair.now);
        }
        pair.client.handle_input(b"part", pair.now);
        pair.client
            .handle_transport_failure(std::io::ErrorKind::ConnectionReset.into());
        let (bytes, others) = told(&mut *pair.client);
        assert_eq!(
            (&bytes[..], others.last()),
            (&b"part"[..], Some(&closed(false)))
        );
        assert_eq!(pair.client.transport(), Transport::Released);
    }
}

#[test]
fn a_full_queue_closes_the_connection() {
    let limits = Limits {
        send_queue: 500,
        ..Limits::default()
    };
    let mut pair = pair_with(ConnectionOptions {
        limits,
        ..ConnectionOptions::default()
    });
    assert!(pair.client.send(Payload::Binary(&[b'x'; 460])));
    assert!(!pair.client.has_room_for(460));
    assert!(!pair.client.send(Payload::Binary(&[b'x'; 460])));
    assert_eq!(told(&mut *pair.client).1, [closed(false)]);
    assert_eq!(pair.client.transport(), Transport::Released);
    assert_eq!(pair.client.buffered_amount(), 460, "it never left");
    assert!(!pair.client.send(Payload::Text("")));
}

#[test]
fn what_nobody_takes_pauses_reading() {
    let mut pair = established_pair();
    let now = pair.now;
    while pair.client.wants_input() {
        pair.client.handle_input(&[7; 64 * 1024], now);
    }
    assert_eq!(pair.client.feedback_len(), 16);
    pair.client.poll_feedback();
    assert!(pair.client.wants_input());
}

#[test]
fn an_abandoned_connection_sends_what_is_queued_and_hears_nothing_more() {
    let mut pair = established_pair();
    let now = pair.now;
    pair.client.send(Payload::Text("last"));
    pair.client.abandon(Abandoned::ByItsOwner, now);
    pair.client.handle_input(b"unheard", now);
    assert_eq!(pair.client.transport(), Transport::Open);
    assert_eq!(transmit(&mut *pair.client, now), b"last");
    assert_eq!(pair.client.transport(), Transport::Finishing);
    assert_eq!(
        told(&mut *pair.client).1,
        [Feedback::Closed(Closure::abnormal(WireFailure::Cancelled))]
    );
    pair.client.handle_end_of_output(now);
    let bound = Timeouts::default().end_of_stream;
    assert_eq!(
        pair.client.poll_timeout(),
        Some((Timer::EndOfStream, now + bound))
    );
    pair.client.handle_timeout(now + bound);
    assert_eq!(pair.client.transport(), Transport::Released);
    assert_eq!(told(&mut *pair.client).1, []);
}

#[test]
fn what_was_taken_leaves_as_long_as_the_peer_takes_it() {
    let bound = Timeouts::default().closing_handshake;
    let mut pair = established_pair();
    let mut now = pair.now;
    pair.client.send(Payload::Binary(&[7; 100]));
    while pair.client.wants_input() {
        pair.client.handle_input(&[7; 64 * 1024], now);
    }
    pair.client.abandon(Abandoned::ByItsOwner, now);
    assert!(pair.client.wants_input(), "nobody takes what has come");
    assert_eq!(pair.client.feedback_len(), 0);
    for _ in 0..9 {
        now += bound - Duration::from_millis(1);
        pair.client.handle_timeout(now);
        pair.client.handle_transmitted(10, now);
    }
    // Neither of these is a sign that it takes what is queued.
    pair.client.handle_input(b"x", now + bound / 2);
    pair.client.handle_pause(now + bound / 2);
    assert_eq!(pair.client.transport(), Transport::Open);
    assert_eq!(
        pair.client.poll_timeout(),
        Some((Timer::ClosingHandshake, now + bound))
    );
    pair.client.handle_timeout(now + bound);
    assert_eq!(pair.client.transport(), Transport::Released);
}

#[test]
fn every_wait_has_a_bound() {
    let mut pair = established_pair();
    let now = pair.now;
    assert_eq!(pair.client.poll_timeout(), None, "an open one may be idle");
    pair.client.start_closing_handshake(None, now);
    pair.client.handle_end_of_output(now);
    let bound = Timeouts::default().closing_handshake;
    assert_eq!(
        pair.client.poll_timeout(),
        Some((Timer::ClosingHandshake, now + bound))
    );
    pair.client
        .handle_timeout(now + bound - Duration::from_millis(1));
    assert_ne!(pair.client.transport(), Transport::Released);
    pair.client.handle_timeout(now + bound);
    assert_eq!(pair.client.transport(), Transport::Released);
    assert_eq!(told(&mut *pair.client).1.last(), Some(&closed(false)));
}
