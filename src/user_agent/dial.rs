//! From a URL to an open transport.

mod race;

use super::UserAgent;
use crate::connection::Dialled;
use crate::net::runtime::{self, TcpStream};
use crate::net::{Stream, TcpTransport};
use crate::protocol::url::Components;
use futures::future::{Either, select};
use race::race;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

/// hixie-76 section 4.1 steps 1-3, and RFC 6455 section 4.1 steps 2-4. Each attempt to reach the peer
/// uses up some of `bound`; waiting for this connection's turn does not, because each connection
/// before it has a bound of its own.
pub(super) async fn dial(
    url: Components,
    user_agent: UserAgent,
    bound: Duration,
) -> io::Result<Dialled> {
    let throttle = &user_agent.inner.throttle;
    let mut budget = Budget { left: bound };
    let addresses = budget.spend(resolve(&url)).await?;
    let left = budget.left;
    let connected = race(addresses, |address| async move {
        // One connection at a time for each IP address.
        let turn = throttle.clone().turn(address.ip()).await;
        let mut budget = Budget { left };
        let connecting = async { TcpTransport::new(TcpStream::connect(address).await?) };
        let stream = budget.spend(connecting).await?;
        Ok((stream, turn, budget))
    });
    let (stream, turn, mut budget) = connected.await?;
    // TLS. Whoever answered is the server: if it is not trusted, no other is asked.
    let stream = budget.spend(secure(&url, &user_agent, stream)).await?;
    Ok(Dialled {
        stream,
        turn: Some(Box::new(turn)),
        spent: bound.saturating_sub(budget.left),
    })
}

/// The host as a name or an address, without an IPv6 address's brackets.
fn host(url: &Components) -> &str {
    url.host.trim_start_matches('[').trim_end_matches(']')
}

async fn resolve(url: &Components) -> io::Result<Vec<SocketAddr>> {
    runtime::resolve(host(url), url.port).await
}

#[cfg(feature = "tls")]
async fn secure(
    url: &Components,
    user_agent: &UserAgent,
    stream: TcpTransport,
) -> io::Result<Box<dyn Stream>> {
    if url.secure {
        user_agent.inner.tls.connect(host(url), stream).await
    } else {
        Ok(Box::new(stream))
    }
}

#[cfg(not(feature = "tls"))]
async fn secure(
    url: &Components,
    _: &UserAgent,
    stream: TcpTransport,
) -> io::Result<Box<dyn Stream>> {
    if url.secure {
        let error = "wss: needs the feature `tls`";
        Err(io::Error::new(io::ErrorKind::Unsupported, error))
    } else {
        Ok(Box::new(stream))
    }
}

/// The time that is left for reaching the peer.
struct Budget {
    left: Duration,
}

impl Budget {
    /// Waits for `attempt`, at most for what is left.
    async fn spend<T>(&mut self, attempt: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        let start = Instant::now();
        let result = match select(pin!(attempt), pin!(runtime::sleep(self.left))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        self.left = self.left.saturating_sub(start.elapsed());
        result
    }
}
