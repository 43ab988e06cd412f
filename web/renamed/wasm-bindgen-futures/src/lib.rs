//! `dom_websocket_web::wasm_bindgen_futures` as a crate: natively by dom-websocket, on wasm32 the real `wasm-bindgen-futures`.
//!
//! ```toml
//! [dependencies]
//! wasm-bindgen-futures = { package = "dom-websocket-wasm-bindgen-futures", version = "0.1" }
//! ```
//!
//! See [`dom_websocket_web`] for what is there, and for what drives it.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub use dom_websocket_web::wasm_bindgen_futures::*;
// The crates of these names, so that a glob import makes nothing ambiguous.
pub use {dom_websocket_js_sys as js_sys, dom_websocket_wasm_bindgen as wasm_bindgen};
