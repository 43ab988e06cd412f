//! The listening side.

mod handshake;
mod html5_handshake;
mod http;
#[cfg(feature = "http2")]
mod http2;
mod listening;
mod policy;
