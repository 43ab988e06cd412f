//! A user agent's sockets over HTTP/2: which connections they share, and what becomes of them.
#![cfg(feature = "http2")]

mod by_hand;
mod connections;
mod ends;
mod flow;
mod frames;
mod lent;
#[cfg(feature = "tls")]
mod over_tls;
mod peer;
mod places;
mod requests;
mod retries;
mod user_agent;
