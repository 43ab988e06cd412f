//! From a URL to an open transport.

use super::throttle::Throttle;
use crate::connection::Dialled;
use crate::net::TcpTransport;
use crate::net::runtime::{self, TcpStream};
use crate::protocol::url::Components;
use futures::future::{Either, select};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// hixie-76 section 4.1 steps 1-3, and RFC 6455 section 4.1 steps 2-4. Each attempt to reach the peer
/// uses up some of `bound`; waiting for this connection's turn does not, because each connection
/// before it has a bound of its own.
pub(super) async fn dial(
    url: Components,
    throttle: Rc<Throttle>,
    bound: Duration,
) -> io::Result<Dialled> {
    if url.secure {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "wss: needs TLS, which this version does not have",
        ));
    }
    let mut budget = Budget { left: bound };
    let addresses = budget.spend(budget.left, resolve(&url)).await?;
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut addresses_left = addresses.len() as u32;
    for address in addresses {
        // One connection at a time for each IP address.
        let turn = throttle.clone().turn(address.ip()).await;
        // Connect. An address that does not answer leaves the next ones their share of the time.
        let share = budget.left / addresses_left;
        addresses_left -= 1;
        let connecting = async { TcpTransport::new(TcpStream::connect(address).await?) };
        match budget.spend(share, connecting).await {
            Ok(stream) => {
                return Ok(Dialled {
                    stream: Box::new(stream),
                    turn: Some(Box::new(turn)),
                    spent: bound - budget.left,
                });
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn resolve(url: &Components) -> io::Result<Vec<SocketAddr>> {
    let host = url.host.trim_start_matches('[').trim_end_matches(']');
    runtime::resolve(host, url.port).await
}

/// The time that is left for reaching the peer.
struct Budget {
    left: Duration,
}

impl Budget {
    /// Waits for `attempt`, at most so long.
    async fn spend<T>(
        &mut self,
        at_most: Duration,
        attempt: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        let start = Instant::now();
        let result = match select(pin!(attempt), pin!(runtime::sleep(at_most))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        self.left = self.left.saturating_sub(start.elapsed());
        result
    }
}
