//! How much memory a peer of HTTP/2 has us take by frames that hold next to nothing. Each thread counts what it allocates itself,
//! so that the peer's does not matter: the program has an allocator of its own.
#![cfg(feature = "http2")]

mod attacked;
mod attacker;
mod bounds;
mod client;
mod counting;
mod server;
