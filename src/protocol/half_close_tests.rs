//! Half closes of each wire with frames, in virtual time.

use super::pair::{Client, FRAMED, Pair, feedback, framed, text, transmit};
use super::*;
use std::time::Duration;

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
