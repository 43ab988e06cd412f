//! Sessions with software that nobody here wrote.

mod half_close;
mod html5_sessions;
mod installed;
mod sessions;
#[cfg(all(feature = "cookies", feature = "proxies", feature = "tls"))]
mod user_agent;
