//! Whole sessions in virtual time, without a socket.

mod closing;

use super::connection::{Connection, PONG_ROOM, State};
use super::frame::apply_mask;
use crate::protocol::opening::{Agreed, Extensions, Role};
use crate::protocol::pair::{
    Client, Pair, closed, established, feedback, input_in_pieces, text, transmit,
};
use crate::protocol::{
    Closure, ConnectionOptions, Feedback, Limits, Payload, Protocol, Timeouts, Timer, Transport,
    Wire,
};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn client(compression: bool) -> Client {
    Client {
        compression,
        ..Client::new(Wire::Rfc6455)
    }
}

fn pair_with(compression: bool) -> Pair {
    Pair::established(client(compression), ConnectionOptions::default())
}

fn pair() -> Pair {
    pair_with(false)
}

fn binary(bytes: &[u8]) -> Feedback {
    Feedback::Binary(bytes.into())
}

fn closed_with(code: u16, reason: &str) -> Feedback {
    Feedback::Closed(Closure {
        cleanly: true,
        code,
        reason: reason.into(),
        failed: false,
        cause: None,
    })
}

/// What our client makes of a server's bytes.
fn client_receives(bytes: &[u8]) -> (Vec<Feedback>, Vec<u8>) {
    let receive = |size: usize| {
        let mut pair = pair();
        for piece in bytes.chunks(size) {
            pair.client.handle_input(piece, pair.now);
        }
        let mut before = feedback(&mut *pair.client);
        if before.last() == Some(&Feedback::Violated) {
            before.pop();
            pair.client.handle_tasks_done(pair.now);
        }
        let sent = transmit(&mut *pair.client, pair.now);
        before.extend(feedback(&mut *pair.client));
        (before, sent)
    };
    let whole = receive(bytes.len().max(1));
    assert_eq!(receive(1), whole, "{bytes:x?} byte by byte");
    whole
}

/// The unmasked payload of the one small frame in `sent`.
fn unmasked(sent: &[u8]) -> Vec<u8> {
    assert_eq!(sent[1] & 0x80, 0x80, "a client masks");
    let mut payload = sent[6..].to_vec();
    assert_eq!(usize::from(sent[1] & 0x7f), payload.len(), "one frame");
    apply_mask(&mut payload, [sent[2], sent[3], sent[4], sent[5]]);
    payload
}

#[test]
fn a_whole_session_at_any_speed() {
    for step in [1, 2, 3, 7, 64, usize::MAX] {
        for compression in [false, true] {
            let mut pair = Pair::open(client(compression), ConnectionOptions::default(), step);
            let long = "a long text, ein langer Text, 長い文. ".repeat(5000);
            assert!(pair.client.send(Payload::Text("Grüße, 世界")));
            assert!(pair.client.send(Payload::Text(&long)));
            assert!(pair.client.send(Payload::Binary(&[])));
            assert!(pair.server.send(Payload::Binary(&[0, 255, 128])));
            pair.exchange();
            pair.client
                .start_closing_handshake(Some((4000, "enough")), pair.now);
            assert!(!pair.client.send(Payload::Text("too late")));
            pair.exchange();
            let extensions = if compression {
                "permessage-deflate"
            } else {
                ""
            };
            let opened = || established(Some("sample"), extensions);
            assert_eq!(
                feedback(&mut *pair.client),
                [
                    opened(),
                    binary(&[0, 255, 128]),
                    Feedback::ClosingHandshakeStarted
                ],
                "a client waits for the server to end TCP"
            );
            assert_eq!(
                feedback(&mut *pair.server),
                [
                    opened(),
                    text("Grüße, 世界"),
                    text(&long),
                    binary(&[]),
                    Feedback::ClosingHandshakeStarted,
                    closed_with(4000, "enough")
                ]
            );
            assert_eq!(pair.server.transport(), Transport::Finishing);
            assert_eq!(pair.client.transport(), Transport::Open);
            pair.client.handle_end_of_input(pair.now);
            assert_eq!(
                feedback(&mut *pair.client),
                [Feedback::PeerEnded, closed_with(4000, "")]
            );
            assert_eq!(pair.client.transport(), Transport::Released);
            pair.server.handle_end_of_input(pair.now);
            assert_eq!(pair.server.transport(), Transport::Released);
            assert_eq!(feedback(&mut *pair.server), []);
        }
    }
}

#[test]
fn fragments_with_control_frames_between_them() {
    let (all, sent) = client_receives(
        b"\x01\x02\xe4\xb8\x89\x02hi\x00\x01\x96\x8a\x00\x80\x00\x02\x01a\x80\x01b\x82\x00",
    );
    assert_eq!(all, [text("世"), binary(b"ab"), binary(b"")]);
    assert_eq!(sent[0], 0x8a, "a pong");
    assert_eq!(unmasked(&sent), b"hi");
}

#[test]
fn what_breaks_the_protocol_fails_with_a_code() {
    for (bytes, code) in [
        (&b"\x80\x00"[..], 1002u16),
        (b"\x01\x01a\x81\x01b", 1002),
        (b"\xc1\x00", 1002),
        (b"\x81\x80\0\0\0\0", 1002),
        (b"\x83\x00", 1002),
        (b"\x88\x01\x03", 1002),
        (b"\x88\x02\x03\xed", 1002),
        (b"\x88\x04\x03\xe8\xff\xff", 1007),
        (b"\x81\x05a\xff", 1007),
        (b"\x01\x02\xe4\xb8\x80\x01x", 1007),
        (b"\x81\x02\xe4\xb8", 1007),
        (b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),
        (b"\x01\x01a\x80\x7f\0\0\0\0\x10\0\0\0", 1009),
    ] {
        let (all, sent) = client_receives(bytes);
        assert_eq!(all, [closed(false)], "{bytes:x?}");
        assert_eq!(sent[0], 0x88, "{bytes:x?}");
        assert_eq!(unmasked(&sent), code.to_be_bytes(), "{bytes:x?}");
    }
}

/// Section 5.5.
#[test]
fn a_control_frame_has_125_bytes_at_the_most() {
    let ping = |len: u8| [&[0x89, len][..], &vec![b'p'; len.into()]].concat();
    for len in [0, 1, 124, 125] {
        let (all, sent) = client_receives(&ping(len));
        assert_eq!((all, sent[0]), (vec![], 0x8a), "{len}");
        assert_eq!(unmasked(&sent), vec![b'p'; len.into()], "{len}");
    }
    let (all, _) = client_receives(b"\x89\x7e\0\x7e");
    assert_eq!(all, [closed(false)]);
}

#[test]
fn a_long_text_is_there_with_its_last_byte() {
    let mut pair = pair();
    let long = "a long text, ".repeat(1000);
    assert!(pair.client.send(Payload::Text(&long)));
    let sent = transmit(&mut *pair.client, pair.now);
    pair.server.handle_input(&sent, pair.now);
    assert_eq!(feedback(&mut *pair.server), [text(&long)]);
    assert!(!pair.server.holds_input());
}

#[test]
fn text_fails_at_its_first_bad_byte() {
    // The frame announces a hundred bytes; the fourth is wrong.
    let (all, _) = client_receives(b"\x81\x64abc\xc0");
    assert_eq!(all, [closed(false)]);
    let (all, _) = client_receives(b"\x81\x64abc");
    assert_eq!(all, []);
}

#[test]
fn nothing_is_heard_behind_a_failure() {
    let mut pair = pair();
    pair.client
        .handle_input(b"\x83\x00\x81\x01x\x88\x00", pair.now);
    assert_eq!(feedback(&mut *pair.client), [Feedback::Violated]);
    assert!(pair.client.send(Payload::Text("by a task of before")));
    pair.client.handle_tasks_done(pair.now);
    assert!(!pair.client.send(Payload::Text("too late")));
    transmit(&mut *pair.client, pair.now);
    pair.client.handle_input(b"\x81\x01y", pair.now);
    assert_eq!(feedback(&mut *pair.client), [closed(false)]);
    assert_eq!(pair.client.transport(), Transport::Finishing);
}

#[test]
fn an_unmasked_frame_from_a_client_fails() {
    let mut pair = pair();
    pair.server.handle_input(b"\x81\x01x", pair.now);
    assert_eq!(feedback(&mut *pair.server), [Feedback::Violated]);
    pair.server.handle_tasks_done(pair.now);
    assert_eq!(transmit(&mut *pair.server, pair.now), b"\x88\x02\x03\xea");
    assert_eq!(feedback(&mut *pair.server), [closed(false)]);
}

#[test]
fn an_idle_peer_is_pinged_and_a_silent_one_given_up_on() {
    let seconds = Duration::from_secs;
    let timeouts = Timeouts {
        ping: Some(seconds(30)),
        pong: seconds(10),
        ..Timeouts::default()
    };
    let client = Client {
        options: ConnectionOptions {
            timeouts,
            ..ConnectionOptions::default()
        },
        ..client(false)
    };
    let mut pair = Pair::established(client, ConnectionOptions::default());
    let tick = |pair: &mut Pair, time| {
        pair.now += time;
        pair.client.handle_timeout(pair.now);
        pair.exchange();
    };
    assert_eq!(
        pair.client.poll_timeout(),
        Some((Timer::Silence, pair.now + seconds(30)))
    );
    // The server answers.
    tick(&mut pair, seconds(30));
    tick(&mut pair, seconds(10));
    assert_eq!(feedback(&mut *pair.client), []);
    assert_eq!(feedback(&mut *pair.server), []);
    assert!(pair.client.is_sending());
    // Now it is silent.
    pair.now += seconds(20);
    pair.client.handle_timeout(pair.now);
    let ping = transmit(&mut *pair.client, pair.now);
    assert_eq!(ping[..2], [0x89, 0x80], "an empty Ping, masked");
    pair.now += seconds(10);
    pair.client.handle_timeout(pair.now);
    assert_eq!(feedback(&mut *pair.client), [closed(false)]);
    assert_eq!(pair.client.transport(), Transport::Released);
}

#[test]
fn of_a_flood_of_pings_only_the_last_is_answered_late() {
    let mut pair = pair();
    let filler = vec![0; PONG_ROOM + 1];
    assert!(pair.client.send(Payload::Binary(&filler)));
    for i in 0..10_000u32 {
        let mut ping = vec![0x89, 4];
        ping.extend(i.to_be_bytes());
        pair.client.handle_input(&ping, pair.now);
    }
    let sent = transmit(&mut *pair.client, pair.now);
    assert!(sent.len() < PONG_ROOM + 100);
    let pong = transmit(&mut *pair.client, pair.now);
    assert_eq!(unmasked(&pong), 9_999u32.to_be_bytes());
}

#[test]
fn buffered_amount_counts_what_was_given_to_send() {
    let mut pair = pair_with(true);
    let text = "compressible ".repeat(1000);
    assert!(pair.client.send(Payload::Text(&text)));
    assert_eq!(pair.client.buffered_amount(), text.len());
    let sent = transmit(&mut *pair.client, pair.now);
    assert!(sent.len() < text.len() / 10);
    assert_eq!(pair.client.buffered_amount(), 0);
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let mut bomb = pair_with(true);
    bomb.server.send(Payload::Binary(&vec![0; 10_000_000]));
    let bytes = transmit(&mut *bomb.server, bomb.now);
    let limits = Limits {
        message: 100_000,
        ..Limits::default()
    };
    let client = Client {
        options: ConnectionOptions {
            limits,
            ..ConnectionOptions::default()
        },
        ..client(true)
    };
    let mut victim = Pair::established(client, ConnectionOptions::default());
    victim.client.handle_input(&bytes, victim.now);
    assert_eq!(feedback(&mut *victim.client), [Feedback::Violated]);
    victim.client.handle_tasks_done(victim.now);
    let sent = transmit(&mut *victim.client, victim.now);
    assert_eq!(unmasked(&sent), 1009u16.to_be_bytes());
    assert_eq!(feedback(&mut *victim.client), [closed(false)]);
}

#[test]
fn each_frame_has_a_key_of_its_own() {
    let mut pair = pair();
    let mut keys = std::collections::HashSet::new();
    for _ in 0..100 {
        pair.client.send(Payload::Text("x"));
        let sent = transmit(&mut *pair.client, pair.now);
        keys.insert(sent[2..6].to_vec());
    }
    assert_eq!(keys.len(), 100);
}

#[test]
fn an_idle_connection_holds_nothing() {
    let options = Arc::new(ConnectionOptions::default());
    let now = Instant::now();
    let connect = |role| {
        let mut agreed = Agreed::new(Wire::Rfc6455, role);
        let response = std::iter::once("permessage-deflate");
        agreed.extensions = Extensions::from_response(response, Some(Default::default())).unwrap();
        Connection::new(agreed, &options, [1; 32], now)
    };
    let (mut client, mut server) = (connect(Role::Client), connect(Role::Server));
    let long = "compressible, ".repeat(10);
    assert!(client.send(Payload::Text(&long)));
    server.handle_input(&transmit(&mut client, now), now);
    assert_eq!(feedback(&mut server)[1..], [text(&long)]);
    feedback(&mut client);
    for connection in [&mut client, &mut server] {
        connection.handle_idleness();
        assert!(connection.traffic.output.get_mut().is_none());
        assert!(connection.traffic.feedback.get_mut().is_none());
        assert!(matches!(&connection.state, State::AwaitingFrames(r) if r.get().is_none()));
    }
    assert_eq!(options.resources.deflaters().len(), 0);
    assert_eq!(options.resources.inflaters().len(), 0);
}

#[test]
fn no_input_is_wanted_while_much_waits_for_its_task() {
    let limits = Limits {
        undispatched: 300,
        ..Limits::default()
    };
    let client = Client {
        options: ConnectionOptions {
            limits,
            ..ConnectionOptions::default()
        },
        ..client(false)
    };
    let mut pair = Pair::established(client, ConnectionOptions::default());
    assert!(pair.server.send(Payload::Text(&"x".repeat(500))));
    assert!(pair.client.wants_input());
    pair.exchange();
    assert!(!pair.client.wants_input());
    // In every state: also on the way to the peer's end.
    pair.server.start_closing_handshake(None, pair.now);
    pair.exchange();
    assert!(!pair.client.wants_input());
    feedback(&mut *pair.client);
    assert!(pair.client.wants_input());
}

#[test]
fn room_is_what_the_queue_has_left() {
    let limits = Limits {
        send_queue: 500,
        ..Limits::default()
    };
    let client = Client {
        options: ConnectionOptions {
            limits,
            ..ConnectionOptions::default()
        },
        ..client(false)
    };
    let mut pair = Pair::established(client, ConnectionOptions::default());
    assert!(pair.client.has_room_for(500) && !pair.client.has_room_for(501));
    assert!(pair.client.send(Payload::Text(&"x".repeat(400))));
    assert!(!pair.client.has_room_for(200));
    transmit(&mut *pair.client, pair.now);
    assert!(pair.client.has_room_for(500));
}

proptest! {
    #[test]
    fn no_input_panics_and_the_end_always_comes(
        bytes in prop::collection::vec(any::<u8>(), 0..300), as_server: bool, compression: bool,
    ) {
        let pair = pair_with(compression);
        let mut connection = if as_server { pair.server } else { pair.client };
        connection.handle_input(&bytes, pair.now);
        transmit(&mut *connection, pair.now);
        connection.handle_end_of_input(pair.now);
        let last = feedback(&mut *connection).pop();
        prop_assert!(matches!(last, Some(Feedback::Closed(_))));
        prop_assert_eq!(connection.transport(), Transport::Released);
    }

    #[test]
    fn any_split_of_a_session_gives_the_same_feedback(
        frames in prop::collection::vec(prop_oneof![
            Just(&b"\x81\x04text"[..]), Just(&b"\x82\x00"[..]), Just(&b"\x01\x02\xe4\xb8"[..]),
            Just(&b"\x80\x01\x96"[..]), Just(&b"\x89\x01p"[..]), Just(&b"\x8a\x00"[..]),
            Just(&b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"[..]), Just(&b"\x88\x02\x03\xe8"[..]),
            Just(&b"\x81\x02\xc3\xff"[..]),
        ], 0..8),
        cuts in prop::collection::vec(1usize..12, 1..40),
    ) {
        let stream: Vec<u8> = frames.concat();
        let run = |cuts: &[usize]| {
            let mut pair = pair_with(true);
            input_in_pieces(&mut *pair.client, &stream, cuts, pair.now);
            transmit(&mut *pair.client, pair.now);
            pair.client.handle_end_of_input(pair.now);
            feedback(&mut *pair.client)
        };
        prop_assert_eq!(run(&cuts), run(&[usize::MAX]));
    }
}
