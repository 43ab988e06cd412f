//! From a URL to an open transport.

mod race;

use super::UserAgent;
use super::diagnostics::{Reporter, Step};
use super::throttle::{Remote, Turn};
#[cfg(feature = "proxies")]
use super::tunnel::tunnel;
use crate::net::runtime::{self, TcpStream};
use crate::net::{Budget, Stream, TcpTransport};
use crate::protocol::url::Components;
use crate::protocol::{Failure, TransportError};
use race::race;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

/// A transport, and the right to run through the opening handshake over it.
pub(super) struct Dialled {
    pub(super) stream: Box<dyn Stream>,
    pub(super) turn: Turn,
}

/// hixie-76 section 4.1 steps 1-4, and RFC 6455 section 4.1 steps 2-5. What is waited for counts
/// against `budget`, but for other connections, each of which has a bound of its own.
pub(super) async fn dial(
    user_agent: &UserAgent,
    url: &Components,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<Dialled, Failure> {
    #[cfg(feature = "proxies")]
    let proxy = user_agent.settings().proxies.choose(&url.host);
    #[cfg(feature = "proxies")]
    if let Some(proxy) = proxy {
        let (stream, turn) = tunnel(user_agent, proxy, url, budget, reporter).await?;
        let stream = secure(user_agent, url, stream, budget, reporter).await?;
        return Ok(Dialled { stream, turn });
    }
    let (stream, turn) = reach(
        user_agent,
        url.name(),
        url.port,
        budget,
        reporter,
        |address| {
            // One connection at a time for each IP address.
            user_agent.throttle().turn(Remote::Address(address.ip()))
        },
    )
    .await
    .map_err(Unreached::of_the_server)?;
    let stream = secure(user_agent, url, stream, budget, reporter).await?;
    Ok(Dialled { stream, turn })
}

/// Why nothing could be connected to.
pub(super) enum Unreached {
    NotResolved(TransportError),
    NotConnected(TransportError),
    TimedOut,
}

impl Unreached {
    fn of_the_server(self) -> Failure {
        match self {
            Self::NotResolved(error) => Failure::NotResolved(error),
            Self::NotConnected(error) => Failure::NotConnected(error),
            Self::TimedOut => Failure::OpeningTimedOut,
        }
    }
}

/// Connects to whichever address of a host answers first. Each attempt begins with its `turn`.
pub(super) async fn reach<T, F: Future<Output = T>>(
    user_agent: &UserAgent,
    host: &str,
    port: u16,
    budget: &mut Budget,
    reporter: &Reporter,
    turn: impl Fn(SocketAddr) -> F,
) -> Result<(TcpTransport, T), Unreached> {
    let resolving = async {
        let addresses = runtime::resolve(host, port).await;
        addresses.map_err(|error| Failure::NotResolved(error.into()))
    };
    let addresses = budget.spend(resolving).await.map_err(unreached)?;
    reporter.tell(Step::Resolved {
        name: host,
        addresses: &addresses,
    });
    let (left, begun) = (budget.clone(), Instant::now());
    let connected = race(addresses, |address| {
        // Those before it had the time until now.
        let mut budget = left.clone();
        budget.use_up(begun.elapsed());
        let turn = turn(address);
        async move {
            let turn = turn.await;
            reporter.tell(Step::Connecting(address));
            let connecting = async {
                let connect = async { TcpTransport::new(TcpStream::connect(address).await?) };
                let error = |error| Failure::NotConnected(TransportError::at(address, error));
                connect.await.map_err(error)
            };
            match budget.spend(connecting).await {
                Ok(stream) => Ok((address, stream, turn, budget)),
                Err(failure) => {
                    reporter.tell(Step::NotConnected(&failure));
                    Err(failure)
                }
            }
        }
    });
    let no_address = || Failure::NotResolved(io::ErrorKind::NotFound.into());
    let (address, stream, turn, left) = connected
        .await
        .map_err(|failure| unreached(failure.unwrap_or_else(no_address)))?;
    *budget = left;
    reporter.tell(Step::Connected(address));
    if let Some(idle) = user_agent.settings().tcp_keep_alive {
        let error = |error| Unreached::NotConnected(TransportError::at(address, error));
        stream.keep_alive(idle).map_err(error)?;
    }
    Ok((stream, turn))
}

fn unreached(failure: Failure) -> Unreached {
    match failure {
        Failure::NotResolved(error) => Unreached::NotResolved(error),
        Failure::NotConnected(error) => Unreached::NotConnected(error),
        _ => Unreached::TimedOut,
    }
}

/// Whoever answered is the server: if it is not trusted, no other is asked.
async fn secure(
    user_agent: &UserAgent,
    url: &Components,
    stream: impl Stream + 'static,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<Box<dyn Stream>, Failure> {
    if !url.secure {
        return Ok(Box::new(stream));
    }
    let securing = async {
        let secured = tls(user_agent, url.name(), stream, reporter).await;
        secured.map_err(|error| Failure::Tls(error.into()))
    };
    budget.spend(securing).await
}

#[cfg(feature = "tls")]
pub(super) async fn tls(
    user_agent: &UserAgent,
    name: &str,
    stream: impl Stream + 'static,
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
pub(super) async fn tls(
    _: &UserAgent,
    _: &str,
    _: impl Stream + 'static,
    _: &Reporter,
) -> io::Result<Box<dyn Stream>> {
    let error = "TLS needs the feature `tls`";
    Err(io::Error::new(io::ErrorKind::Unsupported, error))
}
