//! The crate [`gloo_net`](https://docs.rs/gloo-net)'s `websocket`: a socket as a `Stream` and a `Sink`.
//!
//! It is written on this crate's own `web_sys`, so it is the same natively and on wasm32.

pub mod websocket;
