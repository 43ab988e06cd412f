//! How sessions end.

use super::*;
use crate::protocol::{Abandoned, WireFailure};

#[test]
fn a_close_without_a_code_is_1005() {
    let mut pair = pair();
    pair.server.start_closing_handshake(None, pair.now);
    pair.exchange();
    pair.client.handle_end_of_input(pair.now);
    assert_eq!(
        feedback(&mut *pair.client),
        [
            Feedback::ClosingHandshakeStarted,
            Feedback::PeerEnded,
            closed(true)
        ]
    );
}

#[test]
fn both_sides_close_at_once() {
    let mut pair = pair();
    pair.client
        .start_closing_handshake(Some((3001, "c")), pair.now);
    pair.server
        .start_closing_handshake(Some((3002, "s")), pair.now);
    pair.exchange();
    pair.client.handle_end_of_input(pair.now);
    assert_eq!(
        feedback(&mut *pair.client),
        [
            Feedback::ClosingHandshakeStarted,
            Feedback::PeerEnded,
            closed_with(3002, "s")
        ]
    );
    assert_eq!(
        feedback(&mut *pair.server),
        [Feedback::ClosingHandshakeStarted, closed_with(3001, "c")]
    );
}

#[test]
fn a_lost_transport_is_a_failure() {
    for close_first in [false, true] {
        let mut pair = pair();
        if close_first {
            pair.client.start_closing_handshake(None, pair.now);
            transmit(&mut *pair.client, pair.now);
        }
        pair.client
            .handle_input(b"\x81\x05whole\x81\x05part", pair.now);
        pair.client.handle_end_of_input(pair.now);
        let all = feedback(&mut *pair.client);
        assert!(all.contains(&text("whole")));
        assert_eq!(all.last(), Some(&closed(false)));
    }
}

/// Why it was not closed cleanly, or failed, in the end.
fn cause(connection: &mut dyn Protocol) -> Option<WireFailure> {
    match feedback(connection).pop() {
        Some(Feedback::Closed(closure)) => closure.cause.map(|cause| *cause),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_went_wrong_first_is_the_cause() {
    let mut violated = pair();
    violated.client.handle_input(b"\x83\x00", violated.now);
    violated.client.handle_end_of_input(violated.now);
    assert_eq!(cause(&mut *violated.client), Some(WireFailure::Violation));

    let mut unanswered = pair();
    unanswered
        .client
        .handle_input(b"\x88\x02\x03\xe8", unanswered.now);
    unanswered.client.fail(WireFailure::ClosingTimedOut);
    assert_eq!(
        cause(&mut *unanswered.client),
        Some(WireFailure::ClosingTimedOut)
    );
}

/// Section 7.1.4: both Close frames make it clean, whatever the peer does once it has sent its own.
#[test]
fn an_answer_that_leaves_behind_the_peers_end_makes_it_clean() {
    for bytes in [&b"\x88\x02\x0f\xa0"[..], b"\x88\x82\0\0\0\0\x0f\xa0"] {
        let Pair {
            client,
            server,
            now,
            ..
        } = pair();
        let mut connection = if bytes[1] < 0x80 { client } else { server };
        connection.handle_input(bytes, now);
        connection.handle_end_of_input(now);
        let told = feedback(&mut *connection);
        assert_eq!(
            told,
            [Feedback::ClosingHandshakeStarted, Feedback::PeerEnded]
        );
        assert!(!transmit(&mut *connection, now).is_empty());
        assert_eq!(feedback(&mut *connection), [closed_with(4000, "")]);
        assert_eq!(connection.transport(), Transport::Released);
    }
}

#[test]
fn a_close_that_can_not_be_answered_keeps_its_code_and_is_not_clean() {
    let mut pair = pair();
    pair.client.handle_input(b"\x88\x04\x0f\xa0hi", pair.now);
    pair.client
        .handle_transport_failure(std::io::ErrorKind::ConnectionReset.into());
    assert_eq!(
        feedback(&mut *pair.client).last(),
        Some(&Feedback::Closed(Closure {
            cleanly: false,
            code: 4000,
            reason: "hi".into(),
            failed: true,
            cause: None,
        }))
    );
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
        feedback(connection)
    };
    // A Close that is not answered is no failure: nothing was done wrong.
    let mut unanswered = pair();
    unanswered
        .client
        .start_closing_handshake(None, unanswered.now);
    let all = expire(
        &mut *unanswered.client,
        Timer::ClosingHandshake,
        unanswered.now,
        timeouts.closing_handshake,
    );
    assert_eq!(
        all.last(),
        Some(&Feedback::Closed(Closure::abnormal(WireFailure::Cancelled)))
    );
    // A server that does not end TCP.
    let mut lingering = pair();
    lingering
        .client
        .start_closing_handshake(None, lingering.now);
    lingering.exchange();
    feedback(&mut *lingering.client);
    let all = expire(
        &mut *lingering.client,
        Timer::EndOfStream,
        lingering.now,
        timeouts.end_of_stream,
    );
    assert_eq!(all, [closed(true)], "the handshake was finished");
}

#[test]
fn an_abandoned_connection_says_goodbye() {
    for (why, body) in [
        (Abandoned::ByItsOwner, &b""[..]),
        (Abandoned::ByItsDocument, b"\x03\xe9"),
    ] {
        let mut pair = pair();
        pair.client.abandon(why, pair.now);
        let sent = transmit(&mut *pair.client, pair.now);
        assert_eq!(sent[0], 0x88);
        assert_eq!(unmasked(&sent), body);
    }
}
