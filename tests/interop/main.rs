//! Sessions with software that nobody here wrote.

mod conversation;
mod half_close;
mod html5_sessions;
#[cfg(all(feature = "http2", feature = "tls"))]
mod http2;
mod installed;
mod serving;
mod sessions;
#[cfg(all(feature = "cookies", feature = "proxies", feature = "tls"))]
mod user_agent;
