//! What is documented of memory, in bytes.

use super::counting::Measure;

/// Streams, and what each may be sent ahead of who reads it: one, and many.
pub(super) const SIZES: [(usize, usize); 2] = [(1, 128 * 1024), (25, 4 * 1024)];

/// What is read in a round, before whoever it is for has its turn: a frame counts for 256 bytes beside its own.
const ROUND: usize = 64 * 1024;
/// The last read of a round may have begun with a byte left.
const READ: usize = 8 * 1024;
/// The head of a frame, and its byte.
const FRAME: usize = 9 + 1;
/// What `h2` has for each frame of a round, in a list that doubles as it grows, and that it keeps.
const ENTRY: usize = 256;

/// The turns that a stream waits for before somebody keeps what it is sent: it is accepted, asked for, and answered.
pub(super) const OPENING: usize = 5;

/// A head (`Limits::head`), and the objects that a socket is.
pub(super) const HANDSHAKE: usize = 16 * 1024;

/// What frames take that lie there for so many rounds, however little they hold: the list, and half of it once more as it grows.
pub(super) fn of_rounds(rounds: usize) -> usize {
    let frames = rounds * (ROUND / (FRAME + ENTRY) + READ / FRAME);
    frames.next_power_of_two() * ENTRY * 3 / 2 + rounds * READ
}

/// What one connection can have us hold (`Http2Options`), of so many streams with this window: as much again is for the room.
pub(super) fn of_streams(streams: usize, window: usize) -> usize {
    streams * window * 2
}

#[track_caller]
pub(super) fn assert_bounded(what: &str, measure: &Measure, bound: usize) {
    let most = measure.most();
    assert!(most <= bound, "{what}: {most} bytes at once, of {bound}");
}

/// Each byte is written a few times on its way, its frame's head included, however many there are.
#[track_caller]
pub(super) fn assert_linear(what: &str, measure: &Measure, sent: usize) {
    let (asked, most) = (measure.asked(), 4 * sent + of_rounds(OPENING) * 2);
    assert!(asked <= most, "{what}: {asked} bytes asked for, of {most}");
}
