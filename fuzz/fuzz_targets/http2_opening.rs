#![no_main]

use dom_websocket_fuzz::http2_opening::{Input, check};

libfuzzer_sys::fuzz_target!(|input: Input| check(input));
