//! The user agent: origins, proxies, cookies, passwords, certificates, limits.
//!
//! What a browser has around the object is in two types.
//!
//! # Who is asking: `Document`
//!
//! A [`Document`](crate::Document) gives its sockets an origin and a base URL, and closes them when it goes. Without one a socket is in a document of
//! its own, with the opaque origin `null`, or the builder's [`origin`](crate::WebSocketBuilder::origin).
//!
//! ```
//! use dom_websocket::{Document, EventLoop, WebSocket};
//!
//! # fn main() -> Result<(), dom_websocket::DomException> {
//! let event_loop = EventLoop::new();
//! let page = Document::new("https://example.com/app/index.html")?;
//! let socket = WebSocket::builder(&event_loop, "chat").document(&page).open()?;
//! assert_eq!(socket.url(), "wss://example.com/app/chat");
//! page.unload();
//! # Ok(())
//! # }
//! ```
//!
//! # What sockets share: `UserAgent`
//!
//! A [`UserAgent`](crate::UserAgent) holds what belongs to no single socket: the rule that one connection to an IP address at a time is in its
//! opening handshake, limits, time-outs, blocked ports, added fields, redirects. **Each thing in the table is off until it is set**, but for
//! compression, and for limits and time-outs, which have defaults; it needs no feature unless the table says so.
//!
//! | what | call | feature |
//! |---|---|---|
//! | a reason for each failure | [`log_failures`](crate::UserAgentBuilder::log_failures), [`observer`](crate::UserAgentBuilder::observer) | |
//! | memory and patience | [`limits`](crate::UserAgentBuilder::limits), [`timeouts`](crate::UserAgentBuilder::timeouts) | |
//! | keep-alive | [`Timeouts::ping`](crate::Timeouts::ping), [`tcp_keep_alive`](crate::UserAgentBuilder::tcp_keep_alive) | |
//! | fields of the request | [`header`](crate::UserAgentBuilder::header), and [for one socket](crate::WebSocketBuilder::header) | |
//! | redirects | [`follow_redirects`](crate::UserAgentBuilder::follow_redirects) | |
//! | compression, which is on | [`compression`](crate::UserAgentBuilder::compression) | |
//! | `wss:`, own roots, a client's certificate | `root_certificates`, `client_certificate`, `proxy_client_certificate` | `tls` |
//! | proxies: CONNECT by HTTP and HTTPS, SOCKS5 | `proxies` | `proxies` |
//! | answers to 401 and 407 | `server_credentials`, `proxy_credentials` | `credentials` |
//! | cookies | `cookie_jar` | `cookies` |
//! | one connection for many sockets | `http2` | `http2` |
//!
//! ```
//! use dom_websocket::{EventLoop, Limits, Timeouts, UserAgent, WebSocket};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let user_agent = UserAgent::builder()
//!     .limits(Limits { message: 1024 * 1024, ..Default::default() })
//!     // A peer that has vanished is noticed after a minute at the latest.
//!     .timeouts(Timeouts { ping: Some(Duration::from_secs(40)), ..Default::default() })
//!     .header("User-Agent", "example/1.0")?
//!     .follow_redirects(3)
//!     .log_failures()
//!     .build();
//! let event_loop = EventLoop::new();
//! let socket = WebSocket::builder(&event_loop, "ws://example.com/feed")
//!     .user_agent(&user_agent)
//!     .header("Authorization", "Bearer 31d4d96e")?
//!     .open()?;
//! # Ok(())
//! # }
//! ```
//!
//! Out of a company's network, with all features:
//!
//! ```
//! # #[cfg(all(feature = "tls", feature = "proxies", feature = "cookies"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use dom_websocket::{CookieJar, Credentials, Proxies, UserAgent};
//!
//! let jar = CookieJar::new();
//! let user_agent = UserAgent::builder()
//!     .proxies(Proxies::from_environment()?)
//!     .proxy_credentials(|challenge| async move {
//!         // Once; a second question says that they were wrong.
//!         (challenge.attempt() == 1).then(|| Credentials::new("user", "secret").ok())?
//!     })
//!     .cookie_jar(&jar)
//!     .build();
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "tls", feature = "proxies", feature = "cookies")))]
//! # fn main() {}
//! ```
//!
//! `root_certificates(&std::fs::read("company.pem")?)?` trusts a company's authority, or a server's own certificate as `openssl req -x509` makes it. A
//! browser in that network has it in the system's store already, which is what is used without.
//!
//! From a shell: `cargo run --features tls,proxies,cookies --example trace -- --diagnose --proxy socks5://127.0.0.1:1080 wss://example.com/`.
//!
//! # HTTP/2
//!
//! With `http2(Http2::Prefer)` and the feature of that name sockets to one server share a TLS connection, where the server takes WebSockets over
//! HTTP/2 (RFC 8441): each is a stream of it, opened in one round trip. Nothing else changes, for script or for you. A server that does not gets
//! HTTP/1.1, and is not asked again. An embedder that has an HTTP/2 connection to the server already, as a browser has, lends streams of it by
//! `http2_lender`.
//!
//! ```
//! # #[cfg(feature = "http2")]
//! # fn main() {
//! use dom_websocket::{Http2, Http2Options, UserAgent};
//! use std::time::Duration;
//!
//! let mut options = Http2Options::default();
//! options.idle = Duration::from_secs(10);
//! let user_agent = UserAgent::builder().http2(Http2::Prefer).http2_options(options).build();
//! # }
//! # #[cfg(not(feature = "http2"))]
//! # fn main() {}
//! ```
//!
//! Which text each rule comes from is in `spec-notes/user-agent.md`.
//!
//! Next: [streams](super::streams).
