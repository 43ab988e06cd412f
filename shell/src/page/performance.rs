//! What `performance.js` asks for: a clock that never goes back, and when it began. In milliseconds.

use crate::natives::Natives;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub(super) fn define(natives: &Natives) {
    let start = Instant::now();
    let origin = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let origin = milliseconds(origin);
    natives.define("now", move |_| {
        Some(milliseconds(start.elapsed()).to_string())
    });
    natives.define("time origin", move |_| Some(origin.to_string()));
}

fn milliseconds(duration: std::time::Duration) -> f64 {
    // No finer than a microsecond.
    duration.as_micros() as f64 / 1000.0
}
