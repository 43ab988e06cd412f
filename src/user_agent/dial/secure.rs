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

/// Performs the TLS handshake with whoever has this name.
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
    reporter.tell(Step::Secured {
        name,
        version: secured.version,
    });
    Ok(secured)
}

#[cfg(not(feature = "tls"))]
pub(super) async fn secure(
    _: &UserAgent,
    _: &str,
    _: Alpn,
    _: Box<dyn Stream>,
    _: &Reporter,
) -> io::Result<Secured> {
    let error = "TLS needs the feature `tls`";
    Err(io::Error::new(io::ErrorKind::Unsupported, error))
}
