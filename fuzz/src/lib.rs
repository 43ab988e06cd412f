//! What is fuzzed, as functions: cargo-fuzz calls them from `fuzz_targets/`, `tests/corpus.rs` with the corpus.

#[cfg(not(fuzzing))]
compile_error!("to be built by cargo-fuzz, or by `.ci/fuzz`, which sets `--cfg fuzzing`");

mod edit;
mod frames;
mod memory;
mod pieces;
mod pipe;
mod settings;

pub mod acceptor;
pub mod challenges;
pub mod client;
pub mod cookies;
pub mod hixie76;
pub mod http2_frames;
pub mod http2_opening;
pub mod proxies;
pub mod rfc6455;
pub mod simplified;
pub mod streams;
pub mod two_ended;
pub mod url;

use arbitrary::{Arbitrary, Unstructured};

/// A target: its name, and what runs it on an input of the fuzzer's.
pub type Target = (&'static str, fn(&[u8]));

macro_rules! targets {
    ($($name:ident),*) => {
        /// All of them.
        pub const TARGETS: &[Target] = &[$((stringify!($name), |bytes| run(bytes, $name::check))),*];
    };
}

targets!(
    acceptor,
    challenges,
    client,
    cookies,
    hixie76,
    http2_frames,
    http2_opening,
    proxies,
    rfc6455,
    simplified,
    streams,
    two_ended,
    url
);

/// As libFuzzer's crate reads an input. Bytes that are none are passed over.
fn run<'a, T: Arbitrary<'a>>(bytes: &'a [u8], check: impl FnOnce(T)) {
    if let Ok(input) = T::arbitrary_take_rest(Unstructured::new(bytes)) {
        check(input);
    }
}
