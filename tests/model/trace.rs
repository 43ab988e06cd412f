//! What script saw, line by line.

use super::call::{Call, Data};
use dom_websocket::{BinaryType, WebSocket};
use std::ops::RangeInclusive;

/// One moment: an event at a listener, or a call's result, and the attributes at that time; or a task of script's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line<B> {
    pub(crate) what: String,
    pub(crate) ready_state: u16,
    pub(crate) is_callback: bool,
    pub(crate) buffered_amount: B,
}

/// `bufferedAmount` leaves it open when what was sent in earlier tasks goes out.
pub(crate) type Expected = Line<RangeInclusive<usize>>;
pub(crate) type Seen = Line<usize>;

/// The first line of which the two say something different.
pub(crate) fn difference(expected: &[Expected], seen: &[Seen]) -> Option<String> {
    let lines = expected.iter().filter(|line| !line.is_callback);
    let seen_lines = seen.iter().filter(|line| !line.is_callback);
    for (expected, seen) in lines.zip(seen_lines) {
        let is_allowed = expected.buffered_amount.contains(&seen.buffered_amount);
        if expected.what != seen.what || !is_allowed {
            return Some(format!("{}, expected {}", told(seen), told(expected)));
        }
    }
    let (expected, seen) = (callbacks(expected), callbacks(seen));
    let is_start = expected
        .iter()
        .zip(&seen)
        .all(|(expected, seen)| expected == seen);
    (!is_start).then(|| format!("callbacks {seen:?}, expected {expected:?}"))
}

/// Script's own tasks, with the number of lines that come before each. One queue has them all, first in, first out; but when
/// the connection has closed in the background no text says, so that these lines don't count.
fn callbacks<B>(lines: &[Line<B>]) -> Vec<(&str, usize)> {
    let mut before = 0;
    let mut callbacks = Vec::new();
    for line in lines {
        match line.is_callback {
            true => callbacks.push((&*line.what, before)),
            false if line.ready_state < WebSocket::CLOSED => before += 1,
            false => {}
        }
    }
    callbacks
}

/// The attributes, but for `bufferedAmount`.
pub(crate) fn attributes(
    ready_state: u16,
    protocol: &str,
    extensions: &str,
    binary_type: BinaryType,
) -> String {
    format!("[{ready_state} {protocol:?} {extensions:?} {binary_type:?}]")
}

/// A call without what is long in it.
pub(crate) fn name(call: &Call) -> String {
    match call {
        Call::Send(Data::Text(len)) => format!("send(text of {len})"),
        call => format!("{call:?}"),
    }
}

/// A message's data, told in short.
pub(crate) fn summary(kind: &str, bytes: &[u8]) -> String {
    match bytes.len() {
        0..=64 => format!("{kind} \"{}\"", bytes.escape_ascii()),
        len => format!("{kind} of {len}, sum {}", sum(bytes)),
    }
}

fn sum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| sum.wrapping_mul(31).wrapping_add(u64::from(*byte));
    bytes.iter().fold(7, step)
}

pub(crate) fn told<B: std::fmt::Debug>(line: &Line<B>) -> String {
    format!("{} bufferedAmount {:?}", line.what, line.buffered_amount)
}
