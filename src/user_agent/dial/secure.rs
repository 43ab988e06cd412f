//! TLS over a transport.

use crate::net::Stream;
use crate::user_agent::UserAgent;
use crate::user_agent::diagnostics::Reporter;
#[cfg(feature = "tls")]
use crate::user_agent::diagnostics::Step;
use std::io;

/// Performs the TLS handshake with whoever has this name.
#[cfg(feature = "tls")]
pub(super) async fn secure(
    user_agent: &UserAgent,
    name: &str,
    stream: Box<dyn Stream>,
    reporter: &Reporter,
) -> io::Result<Box<dyn Stream>> {
    let secured = user_agent.settings().tls.connect(name, stream).await?;
    reporter.tell(Step::Secured {
        name,
        version: secured.version,
    });
    Ok(secured.stream)
}

#[cfg(not(feature = "tls"))]
pub(super) async fn secure(
    _: &UserAgent,
    _: &str,
    _: Box<dyn Stream>,
    _: &Reporter,
) -> io::Result<Box<dyn Stream>> {
    let error = "TLS needs the feature `tls`";
    Err(io::Error::new(io::ErrorKind::Unsupported, error))
}
