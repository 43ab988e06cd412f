//! The listening side.

mod handshake;
mod html5_handshake;
mod http;
#[cfg(feature = "http2")]
mod http2_attacks;
#[cfg(feature = "http2")]
mod http2_bounds;
#[cfg(feature = "http2")]
mod http2_client;
#[cfg(feature = "http2")]
mod http2_flow;
#[cfg(feature = "http2")]
mod http2_ours;
#[cfg(feature = "http2")]
mod http2_requests;
#[cfg(feature = "http2")]
mod http2_server;
#[cfg(feature = "http2")]
mod http2_sockets;
mod listening;
mod policy;
mod shutdown;
