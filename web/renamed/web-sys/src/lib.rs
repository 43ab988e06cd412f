//! `dom_websocket_web::web_sys` as a crate: natively by dom-websocket, on wasm32 the real `web-sys`.
//!
//! ```toml
//! [dependencies]
//! web-sys = { package = "dom-websocket-web-sys", version = "0.1" }
//! ```
//!
//! See [`dom_websocket_web`] for what is there, and for what drives it.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub use dom_websocket_web::web_sys::*;
// The crates of these names, so that a glob import makes nothing ambiguous.
pub use {dom_websocket_js_sys as js_sys, dom_websocket_wasm_bindgen as wasm_bindgen};
