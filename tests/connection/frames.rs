//! Frames of RFC 6455 as a client of the living edition receives them: what they come to, and what a
//! server is told that breaks the rules.

use dom_websocket::{Limits, UserAgent};
use support::{DEFLATE, FAILURE, Frame, Wire, bounded, deflate, inflate, session, session_of};

/// The events of a client to which the server sends these bytes, and then its Close frame. The client
/// has to answer it.
fn events_of(bytes: Vec<u8>) -> Vec<String> {
    let mut events = session(
        move |mut wire| {
            wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
            wire.send(&bytes);
            wire.send_frame(&Frame::close(1000, ""));
            let frames = wire.take_through_close();
            assert_eq!(*frames.last().unwrap(), Frame::close(1000, ""));
            wire.finish();
            wire.expect_end();
        },
        |_, _| (),
    );
    assert_eq!(events.remove(0), "OPEN open");
    assert_eq!(events.pop().unwrap(), "CLOSED close clean 1000");
    events
}

fn bytes(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(Frame::bytes).collect()
}

/// A server whose frames, behind a message, break a rule: the client has to say so with this code, and
/// to end TCP. Nothing behind these frames counts.
#[track_caller]
fn assert_fails_with(code: u16, frames: Vec<u8>, extensions: Option<&'static str>) {
    let limits = Limits {
        message: 1000,
        ..Limits::default()
    };
    let user_agent = UserAgent::builder().limits(limits).build();
    let what = frames.escape_ascii().to_string();
    let events = session_of(
        &user_agent,
        move |mut wire: Wire| {
            wire.accept_upgrade_with(|head| match extensions {
                Some(extensions) => head.with(DEFLATE.0, extensions),
                None => head,
            });
            wire.send_frame(&Frame::text("before"));
            wire.send(&frames);
            // The client may have ended by now.
            let _ = wire.try_send(&bytes(&[Frame::text("behind"), Frame::close(1000, "")]));
            wire.expect_from_client(&Frame::close(code, ""));
            wire.expect_end();
        },
        |_, _| (),
    );
    let expected = ["OPEN open", "OPEN message before", FAILURE[0], FAILURE[1]];
    assert_eq!(events, expected, "{what}");
}

#[test]
fn messages_of_each_length_form_are_delivered_whole() {
    bounded(|| {
        for len in [0, 1, 125, 126, 127, 65535, 65536, 200_000] {
            let text = "x".repeat(len);
            let events = events_of(bytes(&[Frame::text(&text), Frame::binary(&text)]));
            let blob = format!("OPEN message [Blob of {len} bytes]");
            assert_eq!(events, [format!("OPEN message {text}"), blob]);
        }
    });
}

#[test]
fn fragments_of_any_size_make_one_message_also_within_a_character() {
    bounded(|| {
        let text = "ä世🎎";
        let mut frames = vec![Frame::text("").unfinished()];
        for byte in text.bytes() {
            frames.push(Frame::continuation([byte]).unfinished());
            frames.push(Frame::continuation("").unfinished());
        }
        frames.push(Frame::continuation(""));
        assert_eq!(events_of(bytes(&frames)), [format!("OPEN message {text}")]);
    });
}

#[test]
fn deflated_messages_in_any_form_are_inflated() {
    bounded(|| {
        // The examples of RFC 7692 section 7.2.3, in the order in which they share a context.
        let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
        let frames = [
            Frame::text(hello).compressed(),
            Frame::text(b"\xf2\x00\x11\x00\x00").compressed(),
            Frame::text(b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00").compressed(),
            Frame::text(b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00").compressed(),
            Frame::text(b"\x00").compressed(),
            Frame::text(&hello[..3]).compressed().unfinished(),
            Frame::continuation(&hello[3..]),
            Frame::text("Hello"),
        ];
        let hello = "OPEN message Hello";
        assert_eq!(
            events_of(bytes(&frames)),
            [hello, hello, hello, hello, "OPEN message ", hello, hello]
        );
    });
}

#[test]
fn each_ping_is_answered_also_between_fragments_and_no_pong_is() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::pong("nobody asked"));
                wire.send_frame(&Frame::ping("one"));
                wire.expect_from_client(&Frame::pong("one"));
                wire.send_frame(&Frame::text("a").unfinished());
                wire.send_frame(&Frame::ping("x".repeat(125)));
                wire.expect_from_client(&Frame::pong("x".repeat(125)));
                wire.send_frame(&Frame::ping(""));
                wire.expect_from_client(&Frame::pong(""));
                wire.send_frame(&Frame::continuation("b"));
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            },
            |_, _| (),
        );
        assert_eq!(
            events,
            ["OPEN open", "OPEN message ab", "CLOSED close clean 1000"]
        );
    });
}

#[test]
fn frames_that_break_the_protocol_fail_with_1002() {
    bounded(|| {
        let text = || Frame::text("x");
        for frames in [
            // Masked by a server.
            bytes(&[text().masked()]),
            // RSV1 without an extension, RSV2, RSV3.
            bytes(&[text().compressed()]),
            bytes(&[Frame::new(0xa1, "x")]),
            bytes(&[Frame::new(0x91, "x")]),
            // Opcodes without a meaning.
            bytes(&[Frame::new(0x83, "x")]),
            bytes(&[Frame::new(0x8b, "x")]),
            bytes(&[Frame::new(0x8f, "")]),
            // Control frames in fragments, and too long.
            bytes(&[Frame::ping("x").unfinished()]),
            bytes(&[Frame::close(1000, "").unfinished()]),
            bytes(&[Frame::ping("x".repeat(126))]),
            // Nothing to continue, and something within something else.
            bytes(&[Frame::continuation("x")]),
            bytes(&[text().unfinished(), text()]),
            bytes(&[text().unfinished(), Frame::binary("x")]),
            // Lengths in more bytes than they need, or with the highest bit.
            b"\x82\x7e\0\x7d".to_vec(),
            b"\x82\x7f\0\0\0\0\0\0\xff\xff".to_vec(),
            b"\x82\x7f\x80\0\0\0\0\0\0\0".to_vec(),
        ] {
            assert_fails_with(1002, frames, None);
        }
    });
}

#[test]
fn a_compressed_bit_where_it_does_not_belong_fails_with_1002() {
    bounded(|| {
        for frames in [
            [
                Frame::text("x").unfinished(),
                Frame::continuation("y").compressed(),
            ],
            [Frame::ping("x").compressed(), Frame::text("y")],
        ] {
            assert_fails_with(1002, bytes(&frames), Some(DEFLATE.1));
        }
    });
}

#[test]
fn a_close_frame_that_may_not_be_on_the_wire_fails_with_1002() {
    bounded(|| {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert_fails_with(1002, Frame::close(code, "why").bytes(), None);
        }
        assert_fails_with(1002, Frame::new(0x88, "\x03").bytes(), None);
    });
}

#[test]
fn data_that_is_not_what_it_says_fails_with_1007() {
    bounded(|| {
        for frames in [
            bytes(&[Frame::text(b"\xff")]),
            // A surrogate, an overlong form, something behind U+10FFFF.
            bytes(&[Frame::text(b"\xed\xa0\x80")]),
            bytes(&[Frame::text(b"\xc0\xaf")]),
            bytes(&[Frame::text(b"\xf4\x90\x80\x80")]),
            // A character that does not end.
            bytes(&[Frame::text(b"\xe4\xb8")]),
            bytes(&[
                Frame::text(b"\xe4").unfinished(),
                Frame::continuation(b"\xb8"),
            ]),
            // The reason of a Close frame is text.
            bytes(&[Frame::new(0x88, b"\x03\xe8\xff")]),
        ] {
            assert_fails_with(1007, frames, None);
        }
        for frame in [Frame::text(b"\xff\xff\xff"), Frame::text(deflate(b"\xff"))] {
            assert_fails_with(1007, frame.compressed().bytes(), Some(DEFLATE.1));
        }
    });
}

#[test]
fn a_message_over_the_limit_fails_with_1009() {
    bounded(|| {
        let half = "x".repeat(501);
        for frames in [
            // Its header says it all.
            b"\x81\x7e\x03\xe9".to_vec(),
            b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            bytes(&[Frame::text(&half).unfinished(), Frame::continuation(&half)]),
        ] {
            assert_fails_with(1009, frames, None);
        }
        let bomb = Frame::binary(deflate(&[0; 1001])).compressed();
        assert_fails_with(1009, bomb.bytes(), Some(DEFLATE.1));
    });
}

#[test]
fn a_message_of_the_limits_size_is_delivered() {
    bounded(|| {
        let limits = Limits {
            message: 1000,
            ..Limits::default()
        };
        let user_agent = UserAgent::builder().limits(limits).build();
        let text = "x".repeat(1000);
        let events = session_of(
            &user_agent,
            {
                let text = text.clone();
                move |mut wire| {
                    wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
                    wire.send_frame(&Frame::text(&text));
                    wire.send_frame(&Frame::text(deflate(text.as_bytes())).compressed());
                    wire.send_frame(&Frame::close_without_code());
                    wire.expect_from_client(&Frame::close_without_code());
                    wire.finish();
                    wire.expect_end();
                }
            },
            |_, _| (),
        );
        let message = format!("OPEN message {text}");
        assert_eq!(
            events,
            ["OPEN open", &message, &message, "CLOSED close clean 1005"]
        );
    });
}

#[test]
fn what_comes_behind_a_broken_rule_is_not_processed() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.send(&bytes(&[
                    Frame::text("whole"),
                    Frame::new(0x83, ""),
                    Frame::ping("no answer"),
                    Frame::text("no event"),
                ]));
                wire.expect_from_client(&Frame::close(1002, ""));
                wire.expect_end();
            },
            |_, _| (),
        );
        assert_eq!(
            events,
            ["OPEN open", "OPEN message whole", FAILURE[0], FAILURE[1]]
        );
    });
}

#[test]
fn a_byte_order_mark_is_part_of_the_text() {
    bounded(|| {
        let events = events_of(bytes(&[Frame::text("\u{feff}x")]));
        assert_eq!(events, ["OPEN message \u{feff}x"]);
    });
}

#[test]
fn a_close_frame_between_fragments_ends_the_connection_without_their_message() {
    bounded(|| {
        assert_eq!(events_of(Frame::text("half").unfinished().bytes()), [""; 0]);
    });
}

#[test]
fn what_comes_behind_the_peers_close_frame_is_ignored() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.send(&bytes(&[
                    Frame::close(1000, ""),
                    Frame::text("too late"),
                    Frame::ping("too late"),
                    Frame::close(4000, "another"),
                    Frame::new(0x83, ""),
                ]));
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            },
            |_, _| (),
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 1000"]);
    });
}

#[test]
fn a_broken_rule_behind_our_close_frame_fails_without_another() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::close_without_code());
                wire.send_frame(&Frame::new(0x83, ""));
                wire.expect_end();
            },
            |socket, _| socket.set_onopen(|event| event.target().close()),
        );
        assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]]);
    });
}

#[test]
fn each_frame_is_masked_with_a_key_of_its_own() {
    bounded(|| {
        session(
            |mut wire| {
                wire.accept_upgrade();
                let frames = wire.take_through_close();
                let mut keys: Vec<_> = frames.iter().map(|frame| frame.key.unwrap()).collect();
                keys.sort_unstable();
                keys.dedup();
                assert_eq!(keys.len(), 21);
                wire.send_frame(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    for _ in 0..20 {
                        event.target().send("x").unwrap();
                    }
                    event.target().close();
                });
            },
        );
    });
}

#[test]
fn what_is_sent_is_deflated_where_that_was_agreed() {
    bounded(|| {
        let text = "over and over and over and over and over";
        session(
            move |mut wire| {
                wire.accept_upgrade_with(|head| {
                    head.with(DEFLATE.0, "permessage-deflate; client_no_context_takeover")
                });
                for opcode in [0x1, 0x2] {
                    let frame = wire.take_frame();
                    assert!(frame.is_compressed() && frame.first & 0x0f == opcode);
                    assert!(frame.payload.len() < text.len());
                    assert_eq!(inflate(&frame.payload, text.len()), text.as_bytes());
                }
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(move |event| {
                    event.target().send(text).unwrap();
                    event.target().send(text.as_bytes()).unwrap();
                    event.target().close();
                });
            },
        );
    });
}

#[test]
fn nothing_is_deflated_where_that_was_not_agreed() {
    bounded(|| {
        let text = "over and over and over and over and over";
        session(
            move |mut wire| {
                wire.accept_upgrade();
                wire.expect_from_client(&Frame::text(text));
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(move |event| {
                    event.target().send(text).unwrap();
                    event.target().close();
                });
            },
        );
    });
}

#[test]
fn what_came_ahead_of_a_violation_is_answered_whichever_read_it_came_in() {
    bounded(|| {
        // More than one read takes in.
        let long = "x".repeat(70_000);
        let events = session(
            {
                let long = long.clone();
                move |mut wire| {
                    wire.accept_upgrade();
                    let frames = [
                        Frame::text(&long),
                        Frame::text("short"),
                        Frame::new(0x83, ""),
                        Frame::text("behind"),
                    ];
                    wire.send(&bytes(&frames));
                    wire.expect_from_client(&Frame::text(&long));
                    wire.expect_from_client(&Frame::text("short"));
                    wire.expect_from_client(&Frame::close(1002, ""));
                    wire.expect_end();
                }
            },
            |socket, _| {
                socket.set_onmessage(|event| {
                    assert_eq!(event.target().send(event.data()), Ok(true));
                });
            },
        );
        assert_eq!(events[1], format!("OPEN message {long}"));
        assert_eq!(events[2..], ["OPEN message short", FAILURE[0], FAILURE[1]]);
    });
}
