//! Messages in parts, of each wire with frames.

use super::pair::{Client, FRAMED, Pair, feedback, framed, text, transmit};
use super::*;
use proptest::prelude::*;

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

/// Whoever wants parts is told none of what is short enough for one.
#[test]
fn what_is_short_is_whole_after_a_switch() {
    for (wire, delivery) in FRAMED.iter().flat_map(|wire| {
        [Delivery::Messages, Delivery::Pieces(100)].map(|delivery| (*wire, delivery))
    }) {
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        let message = framed(wire, "beginning, end", &[]);
        let (beginning, end) = message.split_at(8);
        pair.client.handle_input(beginning, pair.now);
        pair.client.set_delivery(delivery);
        assert_eq!(feedback(&mut *pair.client), [], "{wire:?}");
        pair.client.handle_input(end, pair.now);
        let whole = [text("beginning, end")];
        assert_eq!(feedback(&mut *pair.client), whole, "{wire:?}");
    }
}

/// As long as a part may be is not too long for one.
#[test]
fn what_is_as_long_as_a_part_is_whole() {
    for (wire, beginning, end) in [
        (Wire::Rfc6455, &b"\x01\x08as long."[..], &b"\x80\0"[..]),
        (Wire::Hixie76, b"\0as long.", b"\xff"),
    ] {
        for is_switched in [false, true] {
            let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
            if !is_switched {
                pair.client.set_delivery(Delivery::Pieces(8));
            }
            pair.client.handle_input(beginning, pair.now);
            pair.client.set_delivery(Delivery::Pieces(8));
            assert_eq!(feedback(&mut *pair.client), [], "{wire:?}");
            pair.client.handle_input(end, pair.now);
            assert_eq!(feedback(&mut *pair.client), [text("as long.")], "{wire:?}");
        }
    }
}

#[test]
fn binary_bytes_are_told_as_they_come() {
    let mut pair = Pair::established(Client::new(Wire::Rfc6455), ConnectionOptions::default());
    pair.client.set_delivery(Delivery::Bytes);
    for (input, told) in [
        (&b"\x82\x05ab"[..], vec![Feedback::BinaryPart(b"ab".into())]),
        (b"", vec![]),
        (b"cde", vec![Feedback::Binary(b"cde".into())]),
    ] {
        pair.client.handle_input(input, pair.now);
        assert_eq!(feedback(&mut *pair.client), told, "{input:?}");
    }
}

#[test]
fn more_is_read_at_once_of_a_large_message() {
    for (wire, beginning) in [
        (Wire::Rfc6455, b"\x82\x7f\0\0\0\0\x01\0\0\0".to_vec()),
        (Wire::Hixie76, [&b"\0"[..], &[b'x'; READ_SIZE]].concat()),
    ] {
        let mut pair = Pair::established(Client::new(wire), ConnectionOptions::default());
        assert_eq!(pair.client.read_size(), READ_SIZE, "{wire:?}");
        pair.client.handle_input(&beginning, pair.now);
        assert_eq!(pair.client.read_size(), LARGE_READ_SIZE, "{wire:?}");
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
