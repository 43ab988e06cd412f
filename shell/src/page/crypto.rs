//! What `crypto.js` asks for: random bytes of the system's.

use super::bytes;
use crate::natives::Natives;

/// `getRandomValues` asks for no more at once.
const MOST: usize = 65_536;

pub(super) fn define(natives: &Natives) {
    natives.define("random", |parameters| {
        let length: usize = parameters.first()?.parse().ok()?;
        let mut random = vec![0; length.min(MOST)];
        getrandom::fill(&mut random).ok()?;
        Some(bytes::to_text(&random))
    });
}
