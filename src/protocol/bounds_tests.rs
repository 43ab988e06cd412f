//! What a hostile peer may cost, over the wires of both editions.

use super::opening::{Agreed, Role};
use super::pair::{Client, Pair, feedback, framed, input, text, transmit};
use super::{
    ConnectionOptions, Delivery, Feedback, Limits, Payload, Protocol, Timeouts, Timer, Transport,
    Wire, WireFailure,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

const WIRES: [Wire; 2] = [Wire::Rfc6455, Wire::Hixie76];

fn server_with(limits: Limits, timeouts: Timeouts) -> ConnectionOptions {
    ConnectionOptions {
        limits,
        timeouts,
        ..ConnectionOptions::default()
    }
}

/// The beginning of a message of so many bytes, of which one is missing.
fn unfinished(wire: Wire, len: usize) -> Vec<u8> {
    match wire {
        Wire::Rfc6455 => {
            let mut frame = match u16::try_from(len) {
                Ok(len) => [&b"\x82\xfe"[..], &len.to_be_bytes()].concat(),
                Err(_) => [&b"\x82\xff"[..], &(len as u64).to_be_bytes()].concat(),
            };
            frame.extend([0; 4]);
            frame.resize(frame.len() + len - 1, b'x');
            frame
        }
        _ => {
            let mut frame = vec![b'x'; len];
            frame[0] = 0;
            frame
        }
    }
}

fn connections(wire: Wire, options: ConnectionOptions, count: usize) -> Vec<Box<dyn Protocol>> {
    let options = Arc::new(options);
    let connect = |_| {
        let agreed = Agreed::new(wire, Role::Server);
        let mut connection = agreed.connect(&options, [1; 32], Instant::now());
        connection.poll_feedback();
        connection
    };
    (0..count).map(connect).collect()
}

/// How it failed, and what it told the peer of it.
fn failure(connection: &mut dyn Protocol, now: Instant) -> (Option<WireFailure>, Vec<u8>) {
    connection.handle_tasks_done(now);
    let told = transmit(connection, now);
    let cause = feedback(connection)
        .into_iter()
        .find_map(|feedback| match feedback {
            Feedback::Closed(closure) => closure.cause,
            _ => None,
        });
    (cause.map(|cause| *cause), told)
}

#[test]
fn a_bomb_is_inflated_round_by_round() {
    let client = Client {
        compression: true,
        ..Client::new(Wire::Rfc6455)
    };
    let mut pair = Pair::established(client, ConnectionOptions::default());
    for _ in 0..3 {
        pair.client.send(Payload::Binary(&[0; 3_000_000]));
    }
    pair.client.send(Payload::Text("the last"));
    let bytes = transmit(&mut *pair.client, pair.now);
    assert!(bytes.len() < 100_000);
    pair.server.handle_input(&bytes, pair.now);
    let (mut rounds, mut messages) = (1, Vec::new());
    while pair.server.holds_input() {
        assert!(pair.server.wants_input());
        pair.server.handle_input(&[], pair.now);
        rounds += 1;
        let come = feedback(&mut *pair.server);
        assert!(
            come.len() <= 1 || rounds > 33,
            "a round is no more than 256 KiB"
        );
        messages.extend(come);
    }
    // Some end at a message's end, and go on with no more than its last bytes.
    let least = 9_000_000usize.div_ceil(256 * 1024);
    assert!((least..least + 4).contains(&rounds), "{rounds}");
    assert_eq!(messages.len(), 4);
    assert_eq!(messages[2], Feedback::Binary(vec![0; 3_000_000]));
    assert_eq!(messages[3], Feedback::Text("the last".into()));
}

/// What comes of an input does not wait for the next one, wherever this one ended.
#[test]
fn a_bomb_goes_on_where_all_that_has_come_was_taken() {
    let client = Client {
        compression: true,
        ..Client::new(Wire::Rfc6455)
    };
    let options = ConnectionOptions {
        delivery: Delivery::Bytes,
        ..ConnectionOptions::default()
    };
    let pair = || Pair::established(client.clone(), options.clone());
    let mut sender = pair();
    sender.client.send(Payload::Binary(&[0; 400_000]));
    let bytes = transmit(&mut *sender.client, sender.now);
    // How much has come of it, once that is all that will without more.
    let receive = |pair: &mut Pair, piece: &[u8]| {
        let mut inflated = 0;
        pair.server.handle_input(piece, pair.now);
        for _ in 0..3 {
            for part in feedback(&mut *pair.server) {
                if let Feedback::BinaryPart(part) = part {
                    inflated += part.len();
                }
            }
            if pair.server.holds_input() {
                pair.server.handle_input(&[], pair.now);
            }
        }
        assert!(!pair.server.holds_input());
        inflated
    };
    // Byte by byte none is too much for its input.
    let (mut slow, mut inflated) = (pair(), 0);
    let mut compared = Vec::new();
    for (at, byte) in bytes[..bytes.len() * 7 / 10].iter().enumerate() {
        inflated += receive(&mut slow, &[*byte]);
        if at >= bytes.len() * 6 / 10 {
            assert_eq!(receive(&mut pair(), &bytes[..=at]), inflated, "{at}");
            compared.push(inflated);
        }
    }
    // What one input may come to lies between.
    assert!(compared[0] < 256 * 1024 && inflated > 256 * 1024);
}

/// Of several things that are wrong with a message the first is seen, in whatever pieces it comes.
#[test]
fn what_is_wrong_first_is_why_it_fails() {
    let long = "a".repeat(2000);
    let messages = [
        // Not UTF-8, then too long; the other way round; no deflated data behind what is too long.
        ([b"a\xff", long.as_bytes()].concat(), &b""[..], 1007u16),
        ([long.as_bytes(), b"\xff"].concat(), b"", 1009),
        (long.clone().into_bytes(), b"\xff\xff\xff\xff", 1009),
        // A character on the limit: half of it is nothing wrong yet.
        ([&[b'a'; 99], "ß".as_bytes()].concat(), b"", 1009),
    ];
    for (message, behind, code) in messages {
        for step in [1, 5, usize::MAX] {
            let client = Client {
                compression: true,
                ..Client::new(Wire::Rfc6455)
            };
            let server = server_with(
                Limits {
                    message: 100,
                    ..Limits::default()
                },
                Timeouts::default(),
            );
            let mut pair = Pair::established(client, server);
            pair.client.send(Payload::Binary(&message));
            let mut frame = transmit(&mut *pair.client, pair.now);
            assert_eq!(frame[0], 0xc2, "it is compressed");
            // As text, and with what is behind it, masked by its key from where it stands.
            let key: [u8; 4] = frame[2..6].try_into().unwrap();
            let at = frame.len() - 6;
            frame[0] = 0xc1;
            frame[1] += behind.len() as u8;
            frame.extend((at..).zip(behind).map(|(at, byte)| byte ^ key[at % 4]));
            for piece in frame.chunks(step.min(frame.len())) {
                pair.server.handle_input(piece, pair.now);
            }
            let (_, told) = failure(&mut *pair.server, pair.now);
            assert_eq!(told[2..], code.to_be_bytes(), "{step} at once");
        }
    }
}

#[test]
fn a_message_has_a_limit_however_it_comes() {
    for (wire, len, step) in WIRES.iter().flat_map(|wire| {
        let lens = [300, 301].into_iter();
        lens.flat_map(|len| [1, 100, usize::MAX].map(|step| (*wire, len, step)))
    }) {
        let mut client = Client::new(wire);
        client.options.limits.message = 300;
        let mut pair = Pair::established(client, ConnectionOptions::default());
        let message = "x".repeat(len);
        for cuts in [&[][..], &[100, 100]] {
            let bytes = framed(wire, &message, cuts);
            for piece in bytes.chunks(step.min(bytes.len())) {
                input(&mut *pair.client, piece, pair.now);
            }
            if len > 300 {
                let (cause, _) = failure(&mut *pair.client, pair.now);
                assert_eq!(cause, Some(WireFailure::TooLarge), "{wire:?} by {step}");
                break;
            }
            let told = feedback(&mut *pair.client);
            assert_eq!(told, [text(&message)], "{wire:?} by {step}");
        }
    }
}

#[test]
fn what_is_held_of_an_input_comes_before_the_peers_end() {
    let client = Client {
        compression: true,
        ..Client::new(Wire::Rfc6455)
    };
    let mut pair = Pair::established(client, ConnectionOptions::default());
    pair.client.send(Payload::Binary(&[0; 3_000_000]));
    pair.client.start_closing_handshake(None, pair.now);
    let bytes = transmit(&mut *pair.client, pair.now);
    pair.server.handle_input(&bytes, pair.now);
    assert_eq!(feedback(&mut *pair.server), []);
    pair.server.handle_end_of_input(pair.now);
    let told = feedback(&mut *pair.server);
    assert_eq!(told[0], Feedback::Binary(vec![0; 3_000_000]));
    assert_eq!(told[1], Feedback::ClosingHandshakeStarted);
}

#[test]
fn a_burst_is_taken_as_far_as_there_is_room() {
    let limits = Limits {
        undispatched: 64 * 100,
        ..Limits::default()
    };
    let mut all = connections(Wire::Rfc6455, server_with(limits, Timeouts::default()), 1);
    let (connection, now) = (&mut *all[0], Instant::now());
    connection.handle_input(&b"\x82\x80\0\0\0\0".repeat(1000), now);
    let mut taken = 0;
    loop {
        let messages = feedback(connection).len();
        assert!((1..=101).contains(&messages));
        taken += messages;
        if !connection.holds_input() {
            break;
        }
        assert!(connection.wants_input());
        connection.handle_input(&[], now);
    }
    assert_eq!(taken, 1000);
}

#[test]
fn what_is_put_together_counts_behind_what_waits() {
    for wire in WIRES {
        let limits = Limits {
            undispatched: 1000,
            ..Limits::default()
        };
        let mut all = connections(wire, server_with(limits, Timeouts::default()), 1);
        let (connection, now) = (&mut *all[0], Instant::now());
        input(connection, &unfinished(wire, 5000), now);
        assert!(connection.wants_input(), "nothing is ahead of it");
        let end = match wire {
            Wire::Rfc6455 => b"x",
            _ => b"\xff",
        };
        input(connection, end, now);
        feedback(connection);
        let small = match wire {
            Wire::Rfc6455 => &b"\x82\x81\0\0\0\0x"[..],
            _ => b"\0x\xff",
        };
        input(connection, small, now);
        assert!(connection.wants_input());
        input(connection, &unfinished(wire, 5000), now);
        assert!(!connection.wants_input());
        feedback(connection);
        assert!(connection.wants_input());
    }
}

#[test]
fn what_all_connections_have_to_send_has_a_limit() {
    for wire in WIRES {
        let limits = Limits {
            all_send_queues: 1_000_000,
            ..Limits::default()
        };
        let mut all = connections(wire, server_with(limits, Timeouts::default()), 4);
        let now = Instant::now();
        let (large, small) = ("x".repeat(400_000), "x".repeat(50_000));
        let (first, third) = (0, 2);
        for index in [0, 1] {
            assert!(all[index].send(Payload::Text(&large)));
        }
        assert!(all[first].would_block(200_000), "below its own high water");
        assert!(!all[third].has_room_for(400_000) && all[third].has_room_for(50_000));
        assert!(!all[third].send(Payload::Text(&large)));
        assert_eq!(
            failure(&mut *all[third], now).0,
            Some(WireFailure::QueueFull)
        );
        // A small one has room in any case, and a large one once others have sent theirs, or are gone.
        assert!(all[3].send(Payload::Text(&small)));
        let sent = transmit(&mut *all[first], now).len();
        assert!(sent > 400_000);
        assert!(all[first].send(Payload::Text(&large)));
        all.swap_remove(1);
        assert!(all[1].has_room_for(400_000) && all[1].send(Payload::Text(&large)));
        // One that has failed keeps nothing.
        all[first].fail(WireFailure::Cancelled);
        let left = all.pop().unwrap();
        drop(left);
        assert!(all[1].has_room_for(400_000), "{wire:?}");
        // Others' are an account of their own.
        let mut fresh = connections(wire, ConnectionOptions::default(), 1);
        assert!(fresh[0].send(Payload::Text(&large)));
    }
}

/// What a frame takes beside its bytes counts, too, and is given back where it will not leave.
#[test]
fn messages_of_nothing_fill_a_queue() {
    for wire in WIRES {
        let limits = Limits {
            send_queue: 100_000,
            all_send_queues: 200_000,
            ..Limits::default()
        };
        let mut all = connections(wire, server_with(limits, Timeouts::default()), 2);
        let [full, other] = &mut all[..] else {
            unreachable!("two were asked for");
        };
        let mut sent = 0;
        while sent < 10_000 && full.send(Payload::Text("")) {
            sent += 1;
            assert!(sent < 2500 || !other.has_room_for(100_000));
        }
        assert!((2500..4000).contains(&sent), "{wire:?}: {sent}");
        assert!(other.has_room_for(100_000), "the first has failed");
    }
}

#[test]
fn all_connections_together_have_a_limit() {
    for wire in WIRES {
        let limits = Limits {
            all_messages: 1_000_000,
            ..Limits::default()
        };
        let mut all = connections(wire, server_with(limits, Timeouts::default()), 4);
        let now = Instant::now();
        let (large, small) = (unfinished(wire, 400_000), unfinished(wire, 60_000));
        let (third, others) = (2, [0, 1]);
        for index in others {
            input(&mut *all[index], &large, now);
            assert_eq!(feedback(&mut *all[index]), []);
        }
        input(&mut *all[third], &large, now);
        let (cause, told) = failure(&mut *all[third], now);
        assert_eq!(cause, Some(WireFailure::Overloaded));
        if wire == Wire::Rfc6455 {
            assert_eq!(told, b"\x88\x02\x03\xf5", "1013");
        }
        // A small one has room in any case, and a large one once another is over.
        input(&mut *all[3], &small, now);
        assert_eq!(feedback(&mut *all[3]), []);
        all.remove(0);
        input(&mut *all[2], &large[..1], now);
        let mut fresh = connections(wire, ConnectionOptions::default(), 1);
        input(&mut *fresh[0], &large, now);
        assert_eq!(
            feedback(&mut *fresh[0]),
            [],
            "each server has its own account"
        );
    }
}

#[test]
fn a_message_has_its_time() {
    for wire in WIRES {
        let timeouts = Timeouts {
            message: Some(Duration::from_secs(10)),
            ..Timeouts::default()
        };
        let options = server_with(Limits::default(), timeouts);
        let mut all = connections(wire, options, 3);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let bytes = unfinished(wire, 5000);
        let connection = &mut *all[0];
        for second in 0..10 {
            let piece = &bytes[second * 100..][..100];
            input(connection, piece, at(second as u64));
            assert_eq!(connection.poll_timeout(), Some((Timer::Message, at(10))));
        }
        connection.handle_timeout(at(10) - Duration::from_millis(1));
        assert_eq!(feedback(connection), []);
        connection.handle_timeout(at(10));
        let (cause, told) = failure(connection, at(10));
        assert_eq!(cause, Some(WireFailure::MessageTimedOut));
        if wire == Wire::Rfc6455 {
            assert_eq!(told, b"\x88\x02\x03\xf0", "1008");
        }
        // What comes is not late between messages.
        let idle = &mut *all[2];
        let end = match wire {
            Wire::Rfc6455 => b"x",
            _ => b"\xff",
        };
        input(idle, &bytes, start);
        input(idle, end, at(9));
        assert_eq!((feedback(idle).len(), idle.poll_timeout()), (1, None));
        // What is told in parts has no end that could be late, and whoever is not listened to can't be.
        let other = &mut *all[1];
        input(other, &bytes[..100], start);
        other.handle_pause(at(9));
        assert_eq!(other.poll_timeout(), Some((Timer::Message, at(19))));
        other.set_delivery(Delivery::Bytes);
        input(other, &bytes[100..200], at(9));
        assert_eq!(other.poll_timeout(), None);
    }
}

#[test]
fn a_peer_that_is_over_is_not_read_for_ever() {
    for wire in WIRES {
        let limits = Limits {
            discarded: 1000,
            ..Limits::default()
        };
        let mut all = connections(wire, server_with(limits, Timeouts::default()), 1);
        let (connection, now) = (&mut *all[0], Instant::now());
        let closing = match wire {
            Wire::Rfc6455 => &b"\x88\x80\0\0\0\0"[..],
            _ => b"\xff\0",
        };
        input(connection, closing, now);
        transmit(connection, now);
        assert_eq!(connection.transport(), Transport::Finishing);
        for _ in 0..10 {
            assert!(connection.wants_input());
            connection.handle_input(&[0; 100], now);
        }
        connection.handle_input(&[0; 1], now);
        assert!(!connection.wants_input());
        // Its time ends it.
        let (timer, at) = connection.poll_timeout().unwrap();
        assert_eq!(timer, Timer::EndOfStream);
        connection.handle_timeout(at);
        assert_eq!(connection.transport(), Transport::Released);
    }
}

#[test]
fn the_end_is_told_once() {
    for wire in [Wire::Rfc6455, Wire::Hixie76, Wire::Simplified] {
        let mut all = connections(wire, ConnectionOptions::default(), 1);
        for _ in 0..2 {
            all[0].fail(WireFailure::Cancelled);
        }
        let (cause, told) = failure(&mut *all[0], Instant::now());
        assert_eq!((cause, told), (Some(WireFailure::Cancelled), vec![]));
        assert!(!all[0].is_established() && !all[0].is_sending());
    }
}

#[test]
fn an_idle_connection_is_back_at_its_idle_size() {
    for wire in WIRES {
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        for _ in 0..3 {
            for _ in 0..33_000 {
                assert!(pair.client.send(Payload::Text("")));
            }
            pair.exchange();
            while pair.server.holds_input() {
                feedback(&mut *pair.server);
                pair.server.handle_input(&[], pair.now);
            }
            feedback(&mut *pair.server);
            pair.client.handle_idleness();
            pair.server.handle_idleness();
            assert!(pair.client.send(Payload::Text("and goes on")));
            pair.exchange();
            let told = feedback(&mut *pair.server);
            assert_eq!(told, [Feedback::Text("and goes on".into())]);
        }
    }
}
