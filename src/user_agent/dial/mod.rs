//! From a URL to a transport: directly, or by way of a proxy.

mod race;
mod reach;
mod secure;
#[cfg(feature = "proxies")]
mod tunnel;

use super::diagnostics::Reporter;
use super::throttle::{Permit, Remote};
use super::{Failure, UserAgent};
use crate::net::{Alpn, Budget, Stream};
use crate::protocol::url::UrlComponents;
use reach::{Unreached, reach};
use secure::secure;
use std::net::SocketAddr;

/// A transport to the server, and the permit to run through the opening handshake over it.
pub(super) struct Dialled {
    pub(super) stream: Box<dyn Stream>,
    pub(super) permit: Permit,
    /// The server has chosen HTTP/2.
    #[cfg(feature = "http2")]
    pub(super) is_http2: bool,
}

/// hixie-76 section 4.1 steps 1-4, and RFC 6455 section 4.1 steps 2-5. What is waited for counts against `budget`, but for other
/// connections, each of which has a bound of its own.
pub(super) async fn dial(
    user_agent: &UserAgent,
    url: &UrlComponents,
    alpn: Alpn,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<Dialled, Failure> {
    let (stream, permit) = connect(user_agent, url, budget, reporter).await?;
    if !url.secure {
        return Ok(Dialled {
            stream,
            permit,
            #[cfg(feature = "http2")]
            is_http2: false,
        });
    }
    // Whoever answered is the server: if it is not trusted, no other is asked.
    let secured = budget
        .spend(async {
            let secured = secure(user_agent, url.name(), alpn, stream, reporter).await;
            secured.map_err(|error| Failure::Tls(error.into()))
        })
        .await?;
    Ok(Dialled {
        stream: secured.stream,
        permit,
        #[cfg(feature = "http2")]
        is_http2: secured.is_http2,
    })
}

/// TCP to the server.
async fn connect(
    user_agent: &UserAgent,
    url: &UrlComponents,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<(Box<dyn Stream>, Permit), Failure> {
    #[cfg(all(fuzzing, feature = "http2"))]
    if let Some(dialled) = super::fuzzing::dialled(user_agent).await {
        return dialled;
    }
    #[cfg(feature = "proxies")]
    if let Some(proxy) = user_agent.settings().proxies.choose(&url.host, url.port) {
        return tunnel::tunnel(user_agent, proxy, url, budget, reporter).await;
    }
    let throttle = user_agent.throttle();
    // One connection at a time for each IP address.
    let permit = |address: SocketAddr| throttle.clone().permit(Remote::Address(address.ip()));
    let name = url.name();
    let reached = reach(user_agent, name, url.port, budget, reporter, permit).await;
    let (stream, permit) = reached.map_err(Unreached::of_the_server)?;
    Ok((Box::new(stream), permit))
}
