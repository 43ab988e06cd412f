#![no_main]

use dom_websocket_fuzz::cookies::{Input, check};

libfuzzer_sys::fuzz_target!(|input: Input| check(input));
