//! Half closes, and messages in parts, of each wire with frames, in virtual time.

use super::pair::{Client, Pair, feedback, text, transmit};
use super::*;
use proptest::prelude::*;
use std::time::Duration;

const FRAMED: [Wire; 2] = [Wire::Rfc6455, Wire::Hixie76];

fn half_open() -> ConnectionOptions {
    ConnectionOptions {
        half_open: true,
        ..ConnectionOptions::default()
    }
}

fn closed_with(code: u16, reason: &str) -> Feedback {
    Feedback::Closed(closure(code, reason))
}

fn closure(code: u16, reason: &str) -> Closure {
    Closure {
        code,
        reason: reason.into(),
        ..Closure::clean()
    }
}

/// Ends TCP, each direction once.
fn end(pair: &mut Pair) {
    let now = pair.now;
    pair.client.handle_end_of_input(now);
    pair.server.handle_end_of_input(now);
}

#[test]
fn a_peer_that_is_half_open_says_what_it_has_to_say_behind_our_end() {
    for wire in FRAMED {
        for step in [1, 3, usize::MAX] {
            let mut pair = Pair::open(Client::new(wire), half_open(), step);
            pair.client.send(Payload::Text("all I have"));
            pair.client.finish(None, pair.now);
            assert!(!pair.client.send(Payload::Text("too late")));
            pair.exchange();
            let told = feedback(&mut *pair.server);
            let peer_finished = Feedback::PeerFinished(closure(1005, ""));
            assert_eq!(told[1..], [text("all I have"), peer_finished], "{wire:?}");
            for answer in ["one", "two"] {
                assert!(pair.server.is_sending() && pair.server.send(Payload::Text(answer)));
                pair.exchange();
            }
            pair.server.finish(None, pair.now);
            assert!(!pair.server.is_sending());
            pair.exchange();
            end(&mut pair);
            let started = Feedback::ClosingHandshakeStarted;
            let closed = closed_with(1005, "");
            assert_eq!(feedback(&mut *pair.server), [started, closed], "{wire:?}");
            let told = feedback(&mut *pair.client);
            let messages: Vec<_> = told
                .iter()
                .filter(|f| matches!(f, Feedback::Text(_)))
                .collect();
            assert_eq!(messages, [&text("one"), &text("two")]);
            assert_eq!(told.last(), Some(&closed_with(1005, "")), "{wire:?}");
        }
    }
}

#[test]
fn a_peer_that_is_not_half_open_answers_at_once() {
    for wire in FRAMED {
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        pair.client.finish(None, pair.now);
        pair.exchange();
        end(&mut pair);
        for side in [&mut *pair.client, &mut *pair.server] {
            let told = feedback(side);
            assert_eq!(told.first(), Some(&Feedback::ClosingHandshakeStarted));
            assert_eq!(told.last(), Some(&closed_with(1005, "")), "{wire:?}");
        }
    }
}

#[test]
fn codes_are_echoed_unless_the_answer_has_its_own() {
    for (answer, seen) in [(None, (4001, "")), (Some((4002, "mine")), (4002, "mine"))] {
        for finishes in [false, true] {
            let mut pair = Pair::established(Client::new(Wire::Rfc6455), half_open());
            pair.client.finish(Some((4001, "bye")), pair.now);
            pair.exchange();
            let told = feedback(&mut *pair.server);
            assert_eq!(told, [Feedback::PeerFinished(closure(4001, "bye"))]);
            if finishes {
                pair.server.finish(answer, pair.now);
            } else {
                pair.server.start_closing_handshake(answer, pair.now);
            }
            pair.exchange();
            end(&mut pair);
            let ends = [&mut *pair.server, &mut *pair.client].map(|side| feedback(side).pop());
            let [server, client] = ends;
            assert_eq!(server, Some(closed_with(4001, "bye")));
            assert_eq!(client, Some(closed_with(seen.0, seen.1)));
        }
    }
}

#[test]
fn a_held_end_outlives_the_peers_end_of_tcp() {
    for wire in FRAMED {
        let mut pair = Pair::established(Client::new(wire), half_open());
        pair.client.finish(None, pair.now);
        pair.exchange();
        feedback(&mut *pair.server);
        pair.server.handle_end_of_input(pair.now);
        assert_eq!(feedback(&mut *pair.server), [Feedback::PeerEnded]);
        assert!(pair.server.send(Payload::Text("still here")));
        pair.server.finish(None, pair.now);
        assert!(!transmit(&mut *pair.server, pair.now).is_empty());
        let told = feedback(&mut *pair.server);
        assert_eq!(told.last(), Some(&closed_with(1005, "")), "{wire:?}");
        assert_eq!(pair.server.transport(), Transport::Released);
    }
}

#[test]
fn nothing_keeps_alive_or_answers_a_peer_that_has_finished() {
    let mut options = half_open();
    options.timeouts.ping = Some(Duration::from_secs(1));
    let mut pair = Pair::established(Client::new(Wire::Rfc6455), options);
    pair.client.finish(None, pair.now);
    pair.exchange();
    feedback(&mut *pair.server);
    assert_eq!(pair.server.poll_timeout(), None, "it is ours to end it");
    // What a peer sends behind its end is nothing.
    pair.server
        .handle_input(b"\x89\x80\0\0\0\0garbage", pair.now);
    assert_eq!(transmit(&mut *pair.server, pair.now), b"");
    assert_eq!(feedback(&mut *pair.server), []);
}

#[test]
fn an_object_that_goes_away_answers_a_held_end() {
    for wire in FRAMED {
        for why in [Abandoned::ByItsOwner, Abandoned::ByItsDocument] {
            let mut pair = Pair::established(Client::new(wire), half_open());
            pair.client.finish(None, pair.now);
            pair.exchange();
            feedback(&mut *pair.server);
            pair.server.abandon(why, pair.now);
            pair.exchange();
            end(&mut pair);
            let told = feedback(&mut *pair.client);
            let Some(Feedback::Closed(closure)) = told.last() else {
                panic!("{told:?}");
            };
            assert!(closure.cleanly, "{wire:?} {why:?}");
        }
    }
}

#[test]
fn a_connection_that_is_lost_while_the_end_is_held_is_not_clean() {
    for wire in FRAMED {
        let mut pair = Pair::established(Client::new(wire), half_open());
        pair.client.finish(None, pair.now);
        pair.exchange();
        feedback(&mut *pair.server);
        let reset = std::io::ErrorKind::ConnectionReset;
        pair.server.handle_transport_failure(reset.into());
        let told = feedback(&mut *pair.server);
        let [Feedback::Closed(closure)] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(!closure.cleanly && closure.failed, "{wire:?}");
    }
}

#[test]
fn the_peers_silence_is_bounded_behind_our_end() {
    for wire in FRAMED {
        let options = ConnectionOptions::default();
        let bound = options.timeouts.finished.unwrap();
        let mut pair = Pair::established(Client::new(wire), half_open());
        pair.client.finish(None, pair.now);
        pair.exchange();
        let due = |pair: &Pair| pair.client.poll_timeout().unwrap();
        assert_eq!(due(&pair), (Timer::Finished, pair.now + bound), "{wire:?}");
        pair.now += bound / 2;
        pair.server.send(Payload::Text("a sign of life"));
        pair.exchange();
        assert_eq!(due(&pair), (Timer::Finished, pair.now + bound));
        pair.now += bound / 2;
        // Where nothing is read the peer is not to blame.
        pair.client.handle_pause(pair.now);
        assert_eq!(due(&pair), (Timer::Finished, pair.now + bound));
        pair.now += bound;
        pair.client.handle_timeout(pair.now);
        let Some(Feedback::Closed(closure)) = feedback(&mut *pair.client).pop() else {
            panic!("it is over");
        };
        assert_eq!(
            closure.cause.as_deref(),
            Some(&WireFailure::ClosingTimedOut)
        );
    }
}

#[test]
fn a_peer_can_be_waited_for_without_a_bound() {
    for wire in FRAMED {
        let mut client = Client::new(wire);
        client.options.timeouts.finished = None;
        let mut pair = Pair::established(client, half_open());
        pair.client.finish(None, pair.now);
        pair.exchange();
        assert_eq!(pair.client.poll_timeout(), None);
        // To close is to want no more.
        pair.client.start_closing_handshake(None, pair.now);
        let (timer, _) = pair.client.poll_timeout().unwrap();
        assert_eq!(timer, Timer::ClosingHandshake);
        assert_eq!(
            transmit(&mut *pair.client, pair.now),
            b"",
            "it has been said"
        );
    }
}

/// Who takes what is queued is not silent, be it in front of the peer's end or behind it.
#[test]
fn what_leaves_behind_our_finish_has_all_the_time_that_it_takes() {
    for wire in FRAMED {
        for peer_is_first in [false, true] {
            let mut options = half_open();
            let bound = Duration::from_secs(30);
            options.timeouts.finished = Some(bound);
            let mut pair = Pair::established(Client::new(wire), options);
            if peer_is_first {
                pair.client.finish(None, pair.now);
                pair.exchange();
            }
            assert!(pair.server.send(Payload::Text(&"x".repeat(1000))));
            pair.server.finish(None, pair.now);
            let mut left = 1000;
            while left > 0 {
                let due = pair.server.poll_timeout();
                assert_eq!(due, Some((Timer::Finished, pair.now + bound)), "{wire:?}");
                pair.now += bound - Duration::from_secs(1);
                pair.server.handle_timeout(pair.now);
                pair.server.handle_transmitted(100, pair.now);
                left -= 100;
            }
            pair.exchange();
            end(&mut pair);
            let told = feedback(&mut *pair.server);
            let closed = matches!(told.last(), Some(Feedback::Closed(closure)) if closure.cleanly);
            assert!(closed || !peer_is_first, "{told:?}");
            // To close is to want no more; what is left has its time all the same, and all of it one bound.
            let mut pair = Pair::established(Client::new(wire), half_open());
            if peer_is_first {
                pair.client.finish(None, pair.now);
                pair.exchange();
            }
            assert!(pair.server.send(Payload::Text(&"x".repeat(1000))));
            pair.server.finish(None, pair.now);
            pair.server.start_closing_handshake(None, pair.now);
            let due = pair.server.poll_timeout();
            assert!(matches!(due, Some((Timer::ClosingHandshake, _))), "{due:?}");
            let later = pair.now + Duration::from_secs(1);
            pair.server.handle_transmitted(100, later);
            let due = due.map(|(timer, at)| (timer, at + Duration::from_secs(1)));
            assert_eq!(pair.server.poll_timeout(), due);
        }
    }
}

#[test]
fn a_peer_that_has_finished_too_can_not_keep_us() {
    for wire in FRAMED {
        let mut pair = Pair::established(Client::new(wire), half_open());
        let whole = pair.client.send(Payload::Text(&"x".repeat(1 << 20)));
        assert!(whole);
        pair.client.finish(None, pair.now);
        pair.server.finish(None, pair.now);
        let end = transmit(&mut *pair.server, pair.now);
        pair.client.handle_input(&end, pair.now);
        let due = pair.client.poll_timeout();
        assert!(matches!(due, Some((Timer::Finished, _))), "{due:?}");
        pair.now += Duration::from_secs(1);
        pair.client.handle_input(b"garbage", pair.now);
        pair.client.handle_pause(pair.now);
        assert_eq!(pair.client.poll_timeout(), due, "{wire:?}");
    }
}

/// Who sends FIN first, once the closing handshake is over on both sides.
#[test]
fn tcp_is_ended_by_whoever_is_set_to() {
    use ActiveClose::{Ours, Peers, Standard};
    for (wire, client, server, first) in [
        (Wire::Rfc6455, Standard, Standard, (false, true)),
        (Wire::Rfc6455, Ours, Peers, (true, false)),
        (Wire::Rfc6455, Peers, Ours, (false, true)),
        (Wire::Rfc6455, Peers, Peers, (false, false)),
        (Wire::Hixie76, Standard, Standard, (true, true)),
        (Wire::Hixie76, Ours, Peers, (true, false)),
        (Wire::Hixie76, Peers, Ours, (false, true)),
    ] {
        let with = |active_close| ConnectionOptions {
            active_close,
            ..ConnectionOptions::default()
        };
        let client = Client {
            options: with(client),
            ..Client::new(wire)
        };
        let mut pair = Pair::established(client, with(server));
        pair.client.start_closing_handshake(None, pair.now);
        pair.exchange();
        let ends = |side: &dyn Protocol| side.transport() == Transport::Finishing;
        assert_eq!(
            (ends(&*pair.client), ends(&*pair.server)),
            first,
            "{wire:?}"
        );
        // The other one has its bound.
        for side in [&mut *pair.client, &mut *pair.server] {
            let (timer, at) = side.poll_timeout().unwrap();
            assert_eq!(timer, Timer::EndOfStream);
            side.handle_timeout(at);
            assert_eq!(side.transport(), Transport::Released);
            assert_eq!(feedback(side).last(), Some(&closed_with(1005, "")));
        }
    }
}

#[test]
fn room_ends_at_the_high_water_and_never_for_the_first() {
    for wire in FRAMED {
        let mut client = Client::new(wire);
        client.options.limits.high_water = 1000;
        let mut pair = Pair::established(client, ConnectionOptions::default());
        assert!(!pair.client.would_block(5000), "nothing is queued");
        pair.client.send(Payload::Text(&"x".repeat(400)));
        assert!(!pair.client.would_block(400) && pair.client.would_block(700));
        pair.client.send(Payload::Text(&"x".repeat(4000)));
        assert!(pair.client.would_block(0), "send() may be over it");
        pair.exchange();
        assert!(!pair.client.would_block(5000));
    }
}

/// One message of the peer's, as a wire carries it to a client.
fn framed(wire: Wire, message: &str, cuts: &[usize]) -> Vec<u8> {
    match wire {
        Wire::Hixie76 => [b"\0", message.as_bytes(), b"\xff"].concat(),
        _ => {
            let mut bytes = Vec::new();
            let mut rest = message.as_bytes();
            let mut opcode = 1;
            for cut in cuts {
                let (fragment, behind) = rest.split_at(*cut.min(&rest.len()).min(&125));
                bytes.extend([opcode, fragment.len() as u8]);
                bytes.extend(fragment);
                // A ping inside a message is none of it.
                bytes.extend(b"\x89\x01p");
                (rest, opcode) = (behind, 0);
            }
            match rest.len() {
                len @ 0..126 => bytes.extend([0x80 | opcode, len as u8]),
                len => {
                    bytes.extend([0x80 | opcode, 126]);
                    bytes.extend((len as u16).to_be_bytes());
                }
            }
            bytes.extend(rest);
            bytes
        }
    }
}

/// The messages that parts are parts of, and the longest part.
fn put_together(feedback: &[Feedback]) -> (Vec<String>, String, usize) {
    let (mut messages, mut message, mut longest) = (Vec::new(), String::new(), 0);
    for feedback in feedback {
        let (part, is_last) = match feedback {
            Feedback::TextPart(part) => (part, false),
            Feedback::Text(part) => (part, true),
            _ => continue,
        };
        longest = longest.max(part.len());
        message.push_str(part);
        if is_last {
            messages.push(std::mem::take(&mut message));
        }
    }
    (messages, message, longest)
}

proptest! {
    /// Parts are no longer than they may be, and what is read of them does not depend on how it came.
    #[test]
    fn parts_make_the_whole(
        is_hixie in any::<bool>(),
        messages in prop::collection::vec("[a-zß世🎈]{0,300}", 1..4),
        cuts in prop::collection::vec(0usize..100, 0..4),
        len in 0usize..200,
        is_bytes in any::<bool>(),
        step in prop_oneof![1usize..9, Just(100_000)],
        switch_at in 0usize..1000,
    ) {
        let wire = FRAMED[usize::from(is_hixie)];
        let delivery = if is_bytes { Delivery::Bytes } else { Delivery::Pieces(len) };
        let mut client = Client::new(wire);
        // It bounds no more than a part.
        client.options.limits.message = 2000;
        let mut pair = Pair::established(client, ConnectionOptions::default());
        let bytes: Vec<u8> = messages.iter().flat_map(|m| framed(wire, m, &cuts)).collect();
        let mut all = Vec::new();
        let mut seen = 0;
        let mut is_switched = false;
        for piece in bytes.chunks(step) {
            if seen >= switch_at && !is_switched {
                pair.client.set_delivery(delivery);
                is_switched = true;
            }
            pair.client.handle_input(piece, pair.now);
            seen += piece.len();
            let told = feedback(&mut *pair.client);
            if is_switched && !is_bytes {
                let longest = put_together(&told).2;
                prop_assert!(longest <= len.max(4) || seen - piece.len() < switch_at);
            }
            all.extend(told);
        }
        let (whole, rest, _) = put_together(&all);
        prop_assert_eq!(whole, messages);
        prop_assert_eq!(rest, "");
    }

    /// As bytes, all that has come is told at once, but for an unfinished character.
    #[test]
    fn bytes_are_told_as_they_come(is_hixie in any::<bool>(), message in "[a-z]{1,200}", step in 1usize..50) {
        let wire = FRAMED[usize::from(is_hixie)];
        let mut client = Client::new(wire);
        client.options.delivery = Delivery::Bytes;
        let mut pair = Pair::established(client, ConnectionOptions::default());
        let bytes = framed(wire, &message, &[]);
        let head = match message.len() {
            _ if is_hixie => 1,
            0..126 => 2,
            _ => 4,
        };
        let (mut seen, mut told) = (0, String::new());
        for piece in bytes.chunks(step) {
            pair.client.handle_input(piece, pair.now);
            seen += piece.len();
            let (whole, rest, _) = put_together(&feedback(&mut *pair.client));
            told.extend(whole.into_iter().chain([rest]));
            prop_assert_eq!(told.len(), seen.saturating_sub(head).min(message.len()));
        }
        prop_assert_eq!(told, message);
    }
}

/// Whoever wants bytes wants those of a message that has begun, at once.
#[test]
fn what_has_come_of_a_message_is_told_with_the_switch() {
    for wire in FRAMED {
        for delivery in [Delivery::Messages, Delivery::Pieces(100)] {
            let mut client = Client::new(wire);
            client.options.delivery = delivery;
            let mut pair = Pair::established(client, ConnectionOptions::default());
            let message = framed(wire, "beginning, end", &[]);
            let at = message.windows(1).position(|byte| byte == b",").unwrap();
            let (beginning, end) = message.split_at(at);
            pair.client.handle_input(beginning, pair.now);
            pair.client.set_delivery(Delivery::Bytes);
            let told = feedback(&mut *pair.client);
            assert_eq!(told, [Feedback::TextPart("beginning".into())], "{wire:?}");
            pair.client.handle_input(end, pair.now);
            let told = feedback(&mut *pair.client);
            assert_eq!(told, [text(", end")], "{wire:?}");
        }
    }
}

/// Wherever the bytes of a peer end, behind our `finish()` too, there is one end, and it is the last that is told.
#[test]
fn cut_anywhere_behind_a_finish_there_is_one_end() {
    for wire in FRAMED {
        let mut script = framed(wire, "one", &[]);
        script.extend(framed(wire, "two", &[]));
        script.extend(match wire {
            Wire::Hixie76 => &b"\xff\0"[..],
            _ => b"\x88\x02\x03\xe8",
        });
        for cut in 0..=script.len() {
            for is_half_open in [false, true] {
                let mut client = Client::new(wire);
                client.options.half_open = is_half_open;
                let mut pair = Pair::established(client, ConnectionOptions::default());
                pair.client.finish(None, pair.now);
                transmit(&mut *pair.client, pair.now);
                pair.client.handle_input(&script[..cut], pair.now);
                pair.client.handle_end_of_input(pair.now);
                transmit(&mut *pair.client, pair.now);
                let told = feedback(&mut *pair.client);
                let ends = told
                    .iter()
                    .filter(|f| matches!(f, Feedback::Closed(_)))
                    .count();
                let Some(Feedback::Closed(closure)) = told.last() else {
                    panic!("{told:?}");
                };
                assert_eq!(ends, 1);
                assert_eq!(closure.cleanly, cut == script.len(), "{wire:?} {cut}");
            }
        }
    }
}

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

/// What an idle connection is without, it has again when something comes, in the middle of whatever it is.
#[test]
fn rest_between_any_two_bytes_changes_nothing() {
    for wire in FRAMED {
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        pair.client.set_delivery(Delivery::Pieces(8));
        for message in ["short", "longer than a piece"] {
            assert!(pair.server.send(Payload::Text(message)));
        }
        pair.server.finish(None, pair.now);
        let bytes = transmit(&mut *pair.server, pair.now);
        for byte in bytes {
            pair.client.handle_idleness();
            pair.client.handle_input(&[byte], pair.now);
        }
        pair.client.handle_idleness();
        let told = feedback(&mut *pair.client);
        let parts = ["longer t", "han a pi"].map(|part| Feedback::TextPart(part.into()));
        assert_eq!(told[0], text("short"), "{wire:?}");
        assert_eq!(told[1..3], parts, "{wire:?}");
        assert_eq!(told[3], text("ece"), "{wire:?}");
        // Its answer, which rest does not keep from leaving.
        assert!(!transmit(&mut *pair.client, pair.now).is_empty());
    }
}

/// Whoever reads bytes has all that was right, however much of it came at once.
#[test]
fn bytes_ahead_of_what_is_wrong_are_told() {
    for step in [1, 3, usize::MAX] {
        let mut pair = Pair::established(Client::new(Wire::Rfc6455), ConnectionOptions::default());
        pair.client.set_delivery(Delivery::Bytes);
        for piece in b"\x81\x06right\xff".chunks(step.min(8)) {
            pair.client.handle_input(piece, pair.now);
        }
        let mut told = String::new();
        while let Some(feedback) = pair.client.poll_feedback() {
            match feedback {
                Feedback::TextPart(part) => told += &part,
                other => assert_eq!(other, Feedback::Violated),
            }
        }
        assert_eq!(told, "right", "{step} at once");
    }
}
