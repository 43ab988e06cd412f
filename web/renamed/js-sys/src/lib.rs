//! `dom_websocket_web::js_sys` as a crate: natively by dom-websocket, on wasm32 the real `js-sys`.
//!
//! ```toml
//! [dependencies]
//! js-sys = { package = "dom-websocket-js-sys", version = "0.1" }
//! ```
//!
//! See [`dom_websocket_web`] for what is there, and for what drives it.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub use dom_websocket_web::js_sys::*;
// The crates of these names, so that a glob import makes nothing ambiguous.
pub use dom_websocket_wasm_bindgen as wasm_bindgen;
