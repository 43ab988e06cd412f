//! A peer whose frames are written by hand.

use support::http2::{
    ACK, DATA, GOAWAY, HEADERS, Http2Frame, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, take,
    take_kind,
};
use support::{Frame, Wire};

/// So many messages go into a write.
const AT_ONCE: usize = 100;
/// The flag of a DATA frame that has padding (RFC 9113 section 6.1).
const PADDED: u8 = 8;

/// The first streams that a client opens.
pub(super) fn ids(streams: usize) -> Vec<u32> {
    (1..).step_by(2).take(streams).collect()
}

/// One end of a connection that has begun.
pub(super) struct Attacker {
    pub(super) wire: Wire,
    /// What the first stream may be sent, by what came until it settled.
    pub(super) window: usize,
}

impl Attacker {
    /// Goes on when the windows that were meant are there.
    pub(super) fn new(mut wire: Wire) -> Self {
        while take_kind(&mut wire, WINDOW_UPDATE).stream != 0 {}
        wire.send(&frame(SETTINGS, ACK, 0, ""));
        Self { wire, window: 0 }
    }

    /// Waits for so many heads, or refusals: of which streams the heads are.
    pub(super) fn take_answers(&mut self, count: usize) -> Vec<u32> {
        let mut answers = Vec::new();
        for _ in 0..count {
            let answer = loop {
                let said = take(&mut self.wire);
                assert_ne!(said.kind, GOAWAY, "{}", said.code());
                if [HEADERS, RST_STREAM].contains(&said.kind) {
                    break said;
                }
            };
            answers.extend((answer.kind == HEADERS).then_some(answer.stream));
        }
        answers
    }

    /// Sends a message again and again on each of these streams, as often as so many bytes have room for it, in frames of one byte. A
    /// round has some of all streams.
    pub(super) fn drip(&mut self, ids: &[u32], message: &Frame, room: usize) {
        let message = message.bytes();
        let frames = |id| {
            message
                .iter()
                .flat_map(move |byte| frame(DATA, 0, id, [*byte]))
        };
        let frames: Vec<Vec<u8>> = ids.iter().map(|id| frames(*id).collect()).collect();
        let mut times = room / message.len();
        while times > 0 {
            let part = times.min(AT_ONCE);
            times -= part;
            for frames in &frames {
                self.wire.send(&frames.repeat(part));
            }
        }
    }

    /// Sends the first stream these bytes, each time in a frame, as often as its window has room.
    pub(super) fn pour(&mut self, bytes: &[u8]) {
        self.settle();
        let count = self.window / bytes.len();
        self.window -= count * bytes.len();
        for _ in 0..count {
            self.wire.send(&frame(DATA, 0, 1, bytes));
        }
        self.settle();
    }

    /// The same with a byte in each frame, and as much padding as there can be.
    pub(super) fn pad(&mut self) {
        let padded = [&[255, b'x'][..], &[0; 255]].concat();
        self.settle();
        while self.window >= padded.len() {
            self.wire.send(&frame(DATA, PADDED, 1, &padded));
            self.window -= padded.len();
        }
        self.settle();
    }

    /// Waits until all is read that was sent.
    pub(super) fn settle(&mut self) {
        self.wire.send(&frame(PING, 0, 0, [7; 8]));
        loop {
            let said = take(&mut self.wire);
            assert_ne!(said.kind, GOAWAY, "{}", said.code());
            match (said.kind, said.flags) {
                (PING, ACK) => return,
                (WINDOW_UPDATE, _) => self.add(&said),
                _ => {}
            }
        }
    }

    fn add(&mut self, update: &Http2Frame) {
        let by = u32::from_be_bytes(update.payload[..].try_into().unwrap());
        if update.stream == 1 {
            self.window += usize::try_from(by).unwrap();
        }
    }
}
