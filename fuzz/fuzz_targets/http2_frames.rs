#![no_main]

use dom_websocket_fuzz::http2_frames::{Input, check};

libfuzzer_sys::fuzz_target!(|input: Input| check(input));
