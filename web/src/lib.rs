//! Docs to come.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(not(target_arch = "wasm32"))]
mod event_loop;
#[cfg(not(target_arch = "wasm32"))]
pub mod js_sys;
#[cfg(not(target_arch = "wasm32"))]
pub mod wasm_bindgen;
#[cfg(not(target_arch = "wasm32"))]
pub mod wasm_bindgen_futures;
#[cfg(not(target_arch = "wasm32"))]
pub mod web_sys;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
pub use browser::{run, run_until_idle, turn};
#[cfg(target_arch = "wasm32")]
pub use {::js_sys, ::wasm_bindgen, ::wasm_bindgen_futures, ::web_sys};

#[cfg(not(target_arch = "wasm32"))]
pub use event_loop::{block_on, event_loop, run, run_until_idle, set_document, set_user_agent, turn};
#[cfg(not(target_arch = "wasm32"))]
pub use web_sys::console::set_console;
