//! What sockets share, and what stands between them and their server.

mod causes;
#[cfg(all(feature = "tls", feature = "proxies"))]
mod client_certificates;
#[cfg(feature = "cookies")]
mod cookies;
#[cfg(feature = "credentials")]
mod credentials;
mod diagnostics;
#[cfg(feature = "credentials")]
mod digest;
mod failure_log;
#[cfg(all(feature = "tls", feature = "http2"))]
mod http2_negotiation;
mod observers;
mod policy;
#[cfg(feature = "proxies")]
mod proxied;
#[cfg(feature = "proxies")]
mod proxies;
#[cfg(feature = "proxies")]
mod proxy_credentials;
mod redirects;
#[cfg(feature = "proxies")]
mod socks5;
mod throttle;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod tls_failures;
mod tls_servers;
