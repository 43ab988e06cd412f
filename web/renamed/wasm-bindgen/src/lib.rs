//! `dom_websocket_web::wasm_bindgen` as a crate: natively by dom-websocket, on wasm32 the real `wasm-bindgen`.
//!
//! ```toml
//! [dependencies]
//! wasm-bindgen = { package = "dom-websocket-wasm-bindgen", version = "0.1" }
//! ```
//!
//! See [`dom_websocket_web`] for what is there, and for what drives it.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub use dom_websocket_web::wasm_bindgen::*;
