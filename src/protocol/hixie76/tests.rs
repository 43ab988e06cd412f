//! Whole sessions in virtual time, without a socket.

use super::*;
use crate::protocol::pair::{
    Client, Pair, closed, established, feedback, input_in_pieces, text, transmit,
};
use crate::protocol::{Limits, Timeouts, Wire};
use proptest::prelude::*;
use std::time::Duration;

fn client() -> Client {
    Client::new(Wire::Hixie76)
}

fn client_with(limits: Limits) -> Client {
    let options = ConnectionOptions {
        limits,
        ..ConnectionOptions::default()
    };
    Client {
        options,
        ..client()
    }
}

fn established_pair() -> Pair {
    Pair::established(client(), ConnectionOptions::default())
}

#[test]
fn a_whole_session_at_any_speed() {
    for step in [1, 2, 3, 7, 64, usize::MAX] {
        let mut pair = Pair::open(client(), ConnectionOptions::default(), step);
        assert!(pair.client.send(Payload::Text("Grüße, 世界")));
        assert!(pair.client.send(Payload::Text("")));
        assert!(pair.server.send(Payload::Text("welcome")));
        pair.exchange();
        pair.client.start_closing_handshake(None, pair.now);
        assert!(!pair.client.send(Payload::Text("too late")));
        pair.exchange();
        let established = || established(Some("sample"), "");
        assert_eq!(
            feedback(&mut *pair.client),
            [
                established(),
                text("welcome"),
                Feedback::ClosingHandshakeStarted,
                closed(true)
            ]
        );
        assert_eq!(
            feedback(&mut *pair.server),
            [
                established(),
                text("Grüße, 世界"),
                text(""),
                Feedback::ClosingHandshakeStarted,
                closed(true)
            ]
        );
        for side in [&mut *pair.client, &mut *pair.server] {
            assert_eq!(side.transport(), Transport::Finishing);
            side.handle_end_of_input(pair.now);
            assert_eq!(side.transport(), Transport::Released);
            assert_eq!((side.poll_timeout(), side.poll_feedback()), (None, None));
        }
    }
}

#[test]
fn both_sides_close_at_once() {
    let mut pair = established_pair();
    pair.client.start_closing_handshake(None, pair.now);
    pair.server.start_closing_handshake(None, pair.now);
    pair.exchange();
    for side in [&mut *pair.client, &mut *pair.server] {
        assert_eq!(
            feedback(side),
            [Feedback::ClosingHandshakeStarted, closed(true)]
        );
    }
}

#[test]
fn messages_arrive_after_our_closing_frame_until_the_peers() {
    let mut pair = established_pair();
    pair.client.start_closing_handshake(None, pair.now);
    let now = pair.now;
    pair.client
        .handle_input(b"\0one\xff\x01?\xff\0two\xff\xff\0\0never\xff", now);
    assert_eq!(
        feedback(&mut *pair.client),
        [
            Feedback::ClosingHandshakeStarted,
            text("one"),
            Feedback::ErrorDetected,
            text("two"),
        ],
        "our closing frame has not left yet"
    );
    assert_eq!(transmit(&mut *pair.client, now), b"\xff\0");
    assert_eq!(feedback(&mut *pair.client), [closed(true)]);
}

#[test]
fn queued_messages_leave_before_the_closing_frame() {
    let mut pair = established_pair();
    pair.client.send(Payload::Text("last"));
    pair.client.start_closing_handshake(None, pair.now);
    assert_eq!(transmit(&mut *pair.client, pair.now), b"\0last\xff\xff\0");
}

#[test]
fn the_peers_end_without_its_closing_frame_is_not_clean() {
    for close_first in [false, true] {
        let mut pair = established_pair();
        if close_first {
            pair.client.start_closing_handshake(None, pair.now);
            transmit(&mut *pair.client, pair.now);
        }
        pair.client.handle_input(b"\0whole\xff\0part", pair.now);
        pair.client.handle_end_of_input(pair.now);
        let all = feedback(&mut *pair.client);
        assert_eq!(all.last(), Some(&closed(false)));
        assert!(all.contains(&text("whole")));
        assert_eq!(pair.client.transport(), Transport::Released);
    }
}

#[test]
fn the_peers_end_behind_its_closing_frame_is_clean_once_ours_has_left() {
    let mut pair = established_pair();
    pair.client.handle_input(b"\xff\0", pair.now);
    pair.client.handle_end_of_input(pair.now);
    assert_eq!(
        feedback(&mut *pair.client),
        [Feedback::ClosingHandshakeStarted, Feedback::PeerEnded]
    );
    assert_eq!(transmit(&mut *pair.client, pair.now), b"\xff\0");
    assert_eq!(feedback(&mut *pair.client), [closed(true)]);
    assert_eq!(pair.client.transport(), Transport::Released);

    let mut pair = established_pair();
    pair.client.handle_input(b"\xff\0", pair.now);
    pair.client
        .handle_transport_failure(std::io::ErrorKind::ConnectionReset.into());
    assert_eq!(feedback(&mut *pair.client).last(), Some(&closed(false)));
}

#[test]
fn every_wait_has_a_bound() {
    let timeouts = Timeouts::default();
    let expire = |connection: &mut dyn Protocol, timer, start: Instant, after: Duration| {
        assert_eq!(connection.poll_timeout(), Some((timer, start + after)));
        connection.handle_timeout(start + after - Duration::from_millis(1));
        assert_ne!(connection.transport(), Transport::Released);
        connection.handle_timeout(start + after);
        assert_eq!(connection.transport(), Transport::Released);
        assert_eq!(connection.poll_timeout(), None);
        feedback(connection)
    };
    let start = Instant::now();
    let mut pair = established_pair();
    assert_eq!(pair.client.poll_timeout(), None, "an open one may be idle");
    pair.client.start_closing_handshake(None, start);
    let all = expire(
        &mut *pair.client,
        Timer::ClosingHandshake,
        start,
        timeouts.closing_handshake,
    );
    assert_eq!(all.last(), Some(&closed(false)));

    let mut pair = established_pair();
    pair.client.start_closing_handshake(None, start);
    pair.exchange();
    feedback(&mut *pair.client);
    let all = expire(
        &mut *pair.client,
        Timer::EndOfStream,
        pair.now,
        timeouts.end_of_stream,
    );
    assert_eq!(all, [], "it was said to be closed before");
}

#[test]
fn a_full_queue_closes_the_connection() {
    let limits = Limits {
        send_queue: 500,
        ..Limits::default()
    };
    let client = client_with(limits);
    let mut pair = Pair::established(client.clone(), client.options);
    assert!(pair.client.send(Payload::Text(&"x".repeat(490))));
    assert!(!pair.client.send(Payload::Text(&"x".repeat(490))));
    assert_eq!(feedback(&mut *pair.client), [closed(false)]);
    assert_eq!(pair.client.transport(), Transport::Released);
    assert_eq!(pair.client.buffered_amount(), 490, "it never left");
    assert!(!pair.client.send(Payload::Text("")));
}

#[test]
fn a_message_over_the_limit_closes_the_connection() {
    let limits = Limits {
        message: 10,
        ..Limits::default()
    };
    let mut pair = Pair::established(client_with(limits), ConnectionOptions::default());
    pair.client
        .handle_input(b"\x000123456789\xff\x0001234567890\xff\0x\xff", pair.now);
    assert_eq!(
        feedback(&mut *pair.client),
        [text("0123456789"), closed(false)]
    );
}

#[test]
fn what_looks_like_a_text_inside_a_frame_is_none() {
    let mut pair = established_pair();
    pair.client.handle_input(b"\x80\x03", pair.now);
    pair.client.handle_input(b"\0?\xff\0text\xff", pair.now);
    let told = feedback(&mut *pair.client);
    assert_eq!(told, [Feedback::ErrorDetected, text("text")]);
}

#[test]
fn an_idle_connection_holds_nothing() {
    let agreed = Agreed::new(Wire::Hixie76, crate::protocol::opening::Role::Server);
    let now = Instant::now();
    let mut connection = Connection::new(agreed, &Arc::default(), now);
    assert!(connection.send(Payload::Text("out")));
    connection.handle_input(b"\0in\xff", now);
    connection.handle_idleness();
    assert_eq!(transmit(&mut connection, now), b"\0out\xff");
    assert_eq!(feedback(&mut connection)[1..], [text("in")]);
    connection.handle_idleness();
    assert!(connection.traffic.output.get_mut().is_none());
    assert!(connection.traffic.feedback.get_mut().is_none());
}

#[test]
fn an_abandoned_connection_sends_what_is_queued_and_no_closing_frame() {
    let mut pair = established_pair();
    pair.client.send(Payload::Text("last"));
    pair.client.abandon(Abandoned::ByItsOwner, pair.now);
    assert_eq!(pair.client.transport(), Transport::Open);
    assert_eq!(transmit(&mut *pair.client, pair.now), b"\0last\xff");
    assert_eq!(pair.client.transport(), Transport::Finishing);
    assert_eq!(
        feedback(&mut *pair.client),
        [Feedback::Closed(Closure::abnormal(WireFailure::Cancelled))]
    );
}

proptest! {
    #[test]
    fn no_input_panics_and_the_end_always_comes(
        bytes in prop::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(0xff), 1 => Just(0)], 0..300),
        as_server: bool,
    ) {
        let pair = established_pair();
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
            Just(&b"\0text\xff"[..]), Just(&b"\0\xff"[..]), Just(&b"\0\xe4\xb8\x96\xc3\xff"[..]),
            Just(&b"\x05?\xff"[..]), Just(&b"\x81\x02ab"[..]), Just(&b"\xff\0"[..]),
        ], 0..8),
        cuts in prop::collection::vec(1usize..30, 1..40),
    ) {
        let stream: Vec<u8> = frames.concat();
        let run = |cuts: &[usize]| {
            let mut pair = established_pair();
            input_in_pieces(&mut *pair.client, &stream, cuts, pair.now);
            transmit(&mut *pair.client, pair.now);
            pair.client.handle_end_of_input(pair.now);
            feedback(&mut *pair.client)
        };
        prop_assert_eq!(run(&cuts), run(&[usize::MAX]));
    }
}
