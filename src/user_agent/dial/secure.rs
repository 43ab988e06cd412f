//! TLS over a transport.

#[cfg(feature = "tls")]
use crate::net::tls::Secured;
use crate::net::{Alpn, Stream};
use crate::user_agent::UserAgent;
use crate::user_agent::diagnostics::Reporter;
#[cfg(feature = "tls")]
use crate::user_agent::diagnostics::Step;
use std::io;

/// There is none.
#[cfg(not(feature = "tls"))]
pub(super) struct Secured {
    pub(super) stream: Box<dyn Stream>,
    #[cfg(feature = "http2")]
    pub(super) is_http2: bool,
}

/// Performs the TLS handshake with the server of this name.
#[cfg(feature = "tls")]
pub(super) async fn secure(
    user_agent: &UserAgent,
    name: &str,
    alpn: Alpn,
    stream: Box<dyn Stream>,
    reporter: &Reporter,
) -> io::Result<Secured> {
    let tls = &user_agent.settings().tls;
    let secured = tls.connect(name, alpn, stream).await?;
    tell(&secured, name, reporter);
    Ok(secured)
}

/// The same with a proxy.
#[cfg(all(feature = "tls", feature = "proxies"))]
pub(super) async fn secure_proxy(
    user_agent: &UserAgent,
    name: &str,
    stream: Box<dyn Stream>,
    reporter: &Reporter,
) -> io::Result<Box<dyn Stream>> {
    let tls = &user_agent.settings().tls;
    let secured = tls.connect_to_proxy(name, stream).await?;
    tell(&secured, name, reporter);
    Ok(secured.stream)
}

#[cfg(feature = "tls")]
fn tell(secured: &Secured, name: &str, reporter: &Reporter) {
    reporter.tell(Step::Secured {
        name,
        version: secured.version,
    });
}

#[cfg(not(feature = "tls"))]
pub(super) async fn secure(
    _: &UserAgent,
    _: &str,
    _: Alpn,
    _: Box<dyn Stream>,
    _: &Reporter,
) -> io::Result<Secured> {
    Err(unsupported())
}

#[cfg(all(not(feature = "tls"), feature = "proxies"))]
pub(super) async fn secure_proxy(
    _: &UserAgent,
    _: &str,
    _: Box<dyn Stream>,
    _: &Reporter,
) -> io::Result<Box<dyn Stream>> {
    Err(unsupported())
}

#[cfg(not(feature = "tls"))]
fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "it needs the feature `tls`")
}
