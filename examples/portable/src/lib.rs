//! A client from one source, which runs as a program and in a browser.
//!
//! `cargo run --example echo_server` is a server for it. The program: `cargo run -p dom-websocket-portable -- ws://127.0.0.1:9001/`.
//! In a browser, whose console shows what happens:
//!
//! ```sh
//! cargo build -p dom-websocket-portable --lib --target wasm32-unknown-unknown
//! wasm-bindgen --target web --out-dir page target/wasm32-unknown-unknown/debug/portable.wasm
//! ```
//!
//! and in a page beside these files
//!
//! ```html
//! <script type="module">
//!   import init, { greet } from './portable.js';
//!   await init();
//!   greet('ws://127.0.0.1:9001/');
//! </script>
//! ```

#[cfg(target_family = "wasm")]
pub mod page;
#[cfg(not(target_family = "wasm"))]
mod peer;

#[cfg(not(target_family = "wasm"))]
pub use peer::listen;

use dom_websocket::{DomException, EventLoop, UserAgent, WebSocket};
use std::rc::Rc;

/// Says hello at this address, closes when it has been answered, and gives `print` a line for each thing that happens.
pub fn talk(
    event_loop: &EventLoop,
    url: &str,
    print: impl Fn(&str) + 'static,
) -> Result<WebSocket, DomException> {
    let print = Rc::new(print);
    // A browser's console says in any case why a connection failed.
    let user_agent = UserAgent::builder().log_failures().build();
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(&user_agent)
        .open()?;
    let say = print.clone();
    socket.set_onopen(move |event| {
        say("open");
        event.target().send("hello")
    });
    let say = print.clone();
    socket.set_onmessage(move |event| {
        say(&format!("message {}", event.data()));
        event.target().close_with(4000, "bye")
    });
    let say = print.clone();
    socket.set_onerror(move |_| say("error"));
    socket.set_onclose(move |event| {
        let (clean, code, reason) = (event.was_clean(), event.code(), event.reason());
        print(&format!("close, wasClean {clean}, code {code} {reason}"));
    });
    Ok(socket)
}
