//! What a client can have a server hold.

use super::attacked::Attacked;
use super::attacker::{Attacker, ids};
use super::bounds::{
    HANDSHAKE, OPENING, SIZES, assert_bounded, assert_linear, of_rounds, of_streams,
};
use super::counting::Measure;
use support::http2::{
    DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HEADERS, Http2Frame, PING,
    PROTOCOL_ERROR, RST_STREAM, connect, field, frame, reset, take, take_end, take_kind,
};
use support::{Frame, Wire, bounded};

/// What costs most: a message of one byte, so that a socket soon has enough of them.
fn tiny() -> Frame {
    Frame::text("x").masked()
}

/// A request that is turned away, as its method is none for a page, and whose body goes on.
fn post(id: u32) -> Vec<u8> {
    let fields = [
        field(":method", "POST"),
        field(":scheme", "http"),
        field(":path", "/"),
        field(":authority", "example.com"),
    ];
    frame(HEADERS, END_HEADERS, id, fields.concat())
}

/// The next frame that is of one of these kinds.
fn take_either(wire: &mut Wire, kinds: [u8; 2]) -> Http2Frame {
    loop {
        let said = take(wire);
        if kinds.contains(&said.kind) {
            return said;
        }
    }
}

/// Has so many requests turned away.
fn post_all(attacker: &mut Attacker, streams: usize) {
    for id in ids(streams) {
        attacker.wire.send(&post(id));
        take_kind(&mut attacker.wire, RST_STREAM);
    }
}

#[test]
fn streams_that_nobody_reads() {
    bounded(|| {
        for (streams, window) in SIZES {
            for attacked in [
                Attacked::messages(streams, window),
                Attacked::bytes(streams, window),
            ] {
                let attacker = attacked.open(streams);
                let measure = Measure::new();
                let attacker = attacked.run(attacker, move |attacker| {
                    attacker.drip(&ids(streams), &tiny(), window);
                    attacker.settle();
                });
                let what = format!("{streams} streams, unread");
                let bound = of_streams(streams, window) + of_rounds(1);
                assert_bounded(&what, &measure, bound);
                assert_linear(&what, &measure, 10 * streams * window);
                attacked.serves_a_sibling(attacker, streams);
            }
        }
    });
}

/// Sent with the request, before it is answered.
#[test]
fn streams_that_are_opening() {
    bounded(|| {
        for (streams, window) in SIZES {
            let attacked = Attacked::messages(streams, window);
            let attacker = attacked.begin();
            let measure = Measure::new();
            let attacker = attacked.run(attacker, move |attacker| {
                let all = ids(streams).into_iter().flat_map(connect);
                attacker.wire.send(&all.collect::<Vec<_>>());
                attacker.drip(&ids(streams), &tiny(), window);
                attacker.settle();
            });
            assert_eq!(attacked.count(), streams);
            let what = format!("{streams} streams, opening");
            let bound = of_streams(streams, window) + of_rounds(OPENING) + streams * HANDSHAKE;
            assert_bounded(&what, &measure, bound);
            assert_linear(&what, &measure, 10 * streams * window);
            attacked.serves_a_sibling(attacker, streams);
        }
    });
}

/// The room that a stream's bytes lie in is none for what was read of them.
#[test]
fn a_stream_that_is_read_in_part() {
    bounded(|| {
        // Of a room that doubles, a little more than half.
        let window = (1 << 23) / 15 * 8;
        let attacked = Attacked::bytes(1, window);
        let mut attacker = attacked.open(1);
        attacker.window = window;
        let measure = Measure::new();
        let mut stream = None;
        for _ in 0..48 {
            attacker = attacked.run(attacker, |attacker| {
                attacker.pour(&Frame::binary([0; 1000]).masked().bytes());
            });
            stream = Some(attacked.read(stream, window / 32));
        }
        let what = "a stream, read in part";
        // While it grows, what it lay in before is there, too.
        let bound = 2 * of_streams(1, window) + of_rounds(1);
        assert_bounded(what, &measure, bound);
        assert!(measure.now() <= of_streams(1, window) + of_rounds(1));
        assert_linear(what, &measure, 5 * window);
        attacked.serves_a_sibling(attacker, 1);
    });
}

/// RFC 9113 section 6.9.1: padding counts, and is none of what is read: it is given back at once.
#[test]
fn frames_with_next_to_nothing_but_padding() {
    bounded(|| {
        let window = 64 * 1024;
        let attacked = Attacked::messages(1, window);
        let mut attacker = attacked.open(1);
        attacker.window = window;
        let measure = Measure::new();
        let attacker = attacked.run(attacker, |attacker| {
            for _ in 0..100 {
                attacker.pad();
            }
        });
        let bound = of_streams(1, window) + of_rounds(1);
        assert_bounded("padding", &measure, bound);
        attacked.serves_a_sibling(attacker, 1);
    });
}

/// Streams that the server has turned away, and reset: what comes on them is nobody's, and takes no window.
#[test]
fn streams_that_are_let_go_of() {
    bounded(|| {
        let (streams, window) = (25, 4 * 1024);
        let attacked = Attacked::messages(streams, window);
        let attacker = attacked.begin();
        let measure = Measure::new();
        let attacker = attacked.run(attacker, move |attacker| {
            post_all(attacker, streams);
            attacker.drip(&ids(streams), &tiny(), 2 * window);
            attacker.settle();
        });
        let bound = of_rounds(1) + streams * HANDSHAKE;
        assert_bounded("streams, let go of", &measure, bound);
        attacked.serves_a_sibling(attacker, streams);
    });
}

/// They are no streams any more, and nobody has looked at what came on them: there are as many as may be open.
#[test]
fn streams_that_the_client_has_reset() {
    bounded(|| {
        let (streams, window) = (25, 4 * 1024);
        let attacked = Attacked::messages(streams, window);
        let attacker = attacked.begin();
        let measure = Measure::new();
        let attacker = attacked.run(attacker, move |attacker| {
            let mut all = 0;
            for batch in 0..4 {
                let ids = &ids((batch + 1) * streams)[batch * streams..];
                let heads = ids.iter().flat_map(|id| connect(*id));
                attacker.wire.send(&heads.collect::<Vec<_>>());
                let open = attacker.take_answers(streams);
                all += open.len();
                attacker.drip(&open, &tiny(), window);
                let resets = open.iter().flat_map(|id| reset(*id));
                attacker.wire.send(&resets.collect::<Vec<_>>());
                attacker.settle();
            }
            // One of them is the sibling's.
            assert!(all <= 2 * (streams + 1), "{all}");
        });
        let bound = of_streams(2 * (streams + 1), window) + of_rounds(1) + 2 * streams * HANDSHAKE;
        assert_bounded("streams, reset by the client", &measure, bound);
        drop(attacker);
    });
}

/// Without end, in whichever state of a stream: the connection ends.
#[test]
fn frames_that_say_nothing() {
    bounded(|| {
        const CALM: u32 = ENHANCE_YOUR_CALM;
        let empty = frame(DATA, 0, 1, "");
        let padded = frame(DATA, 8, 1, [&[255][..], &[0; 255]].concat());
        let ended = [connect(1), frame(DATA, END_STREAM, 1, "")].concat();
        let was_reset = [connect(1), reset(1)].concat();
        // What was sent, how many requests were turned away behind it, and what comes without end.
        for (what, sent, away, said, codes) in [
            ("open", connect(1), 0, &empty, &[CALM][..]),
            ("padded", connect(1), 0, &padded, &[CALM]),
            // As the server has not ended it yet, or has.
            ("ended", ended, 0, &empty, &[PROTOCOL_ERROR, CALM]),
            ("reset by the client", was_reset, 0, &empty, &[CALM]),
            ("reset by the server", vec![], 1, &empty, &[CALM]),
        ] {
            let attacked = Attacked::messages(1, 256 * 1024);
            let attacker = attacked.begin();
            let many = said.repeat(100);
            let measure = Measure::new();
            let ended = attacked.script(attacker, move |mut attacker| {
                attacker.wire.send(&sent);
                post_all(&mut attacker, away);
                let _ = (0..100).try_for_each(|_| attacker.wire.try_send(&many));
                take_end(&mut attacker.wire)
            });
            // A reset of TCP may leave nothing of it.
            assert!(
                ended.is_none_or(|ended| codes.contains(&ended)),
                "{what}: {ended:?}"
            );
            assert_bounded(what, &measure, of_rounds(1) + (away + 1) * HANDSHAKE);
            attacked.serves_a_sibling(attacked.begin(), 1);
        }
    });
}

/// Of more than are remembered (`Http2Options::pong`), the last: what comes is answered, a thousand times at the most.
#[test]
fn streams_that_are_forgotten() {
    bounded(|| {
        const MANY: usize = 60;
        let attacked = Attacked::messages(1, 256 * 1024);
        let attacker = attacked.begin();
        let measure = Measure::new();
        let code = attacked.script(attacker, |mut attacker| {
            post_all(&mut attacker, MANY);
            let last = ids(MANY)[MANY - 1];
            loop {
                let tiny = frame(DATA, 0, last, "x").repeat(10);
                let ping = frame(PING, 0, 0, [0; 8]);
                let _ = attacker.wire.try_send(&[tiny, ping].concat());
                let said = take_either(&mut attacker.wire, [PING, GOAWAY]);
                if said.kind == GOAWAY {
                    return said.code();
                }
            }
        });
        assert_eq!(code, ENHANCE_YOUR_CALM);
        let bound = of_rounds(1) + MANY * HANDSHAKE;
        assert_bounded("streams, forgotten", &measure, bound);
    });
}
