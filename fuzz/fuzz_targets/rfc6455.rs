#![no_main]

use dom_websocket_fuzz::rfc6455::{Input, check};

libfuzzer_sys::fuzz_target!(|input: Input| check(input));
