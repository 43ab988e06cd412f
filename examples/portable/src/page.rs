//! The client in a browser.
// The macro's.
#![allow(unsafe_code)]

use dom_websocket::EventLoop;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::console;

/// [`talk`](crate::talk), with the console to print.
#[wasm_bindgen]
pub fn greet(url: &str) -> Result<(), String> {
    let event_loop = EventLoop::new();
    let print = |line: &str| console::log_1(&line.into());
    let _socket = crate::talk(&event_loop, url, print).map_err(|error| error.to_string())?;
    event_loop.run();
    Ok(())
}
