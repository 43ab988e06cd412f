//! From a URL to an open transport.

use super::throttle::Throttle;
use crate::connection::Dialled;
use crate::net::TcpTransport;
use crate::net::runtime::{self, TcpStream};
use crate::protocol::url::Components;
use futures::future::{Either, select};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

/// hixie-76 section 4.1 steps 1-3. The wait for the turn has no bound of its own: each connection
/// before this one has.
pub(super) async fn dial(
    url: Components,
    throttle: Rc<Throttle>,
    resolving: Duration,
    on_turn: impl Fn(),
) -> io::Result<Dialled> {
    if url.secure {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "wss: needs TLS, which this version does not have",
        ));
    }
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in resolve(&url, resolving).await? {
        // 1. One connection at a time for each IP address.
        let turn = throttle.clone().turn(address.ip()).await;
        on_turn();
        // 2. Connect.
        match TcpStream::connect(address)
            .await
            .and_then(TcpTransport::new)
        {
            Ok(stream) => {
                return Ok(Dialled {
                    stream: Box::new(stream),
                    turn: Some(Box::new(turn)),
                });
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn resolve(url: &Components, bound: Duration) -> io::Result<Vec<SocketAddr>> {
    let host = url.host.trim_start_matches('[').trim_end_matches(']');
    let addresses = pin!(runtime::resolve(host, url.port));
    match select(addresses, pin!(runtime::sleep(bound))).await {
        Either::Left((addresses, _)) => addresses,
        Either::Right(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
