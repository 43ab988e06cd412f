//! The listening side.

mod handshake;
mod html5_handshake;
mod http;
mod listening;
mod policy;
