//! A slow, plain model of the `WebSocket` of each edition, written from the text of its standard alone, and the real object beside
//! it: both live through the same calls of script, also from inside listeners, the same doings of a server, and the same
//! faults. What script and server see has to be the same at every step.
//!
//! `PROPTEST_CASES=20000 cargo test --test model` takes more of them.

mod call;
mod case;
mod connection;
mod constructor;
mod hixie76;
mod item;
mod listeners;
mod lockstep;
mod object;
mod peer;
mod received;
mod rfc6455;
mod script;
mod sent;
mod trace;

use case::Case;
use dom_websocket::Edition;
use proptest::prelude::*;

/// Shrinking ends where each step of it waits for what does not come.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_living_edition(case in Case::of(Edition::Living)) {
        lockstep::run(&case)?;
    }

    #[test]
    fn the_html5_edition(case in Case::of(Edition::Html5)) {
        lockstep::run(&case)?;
    }
}
