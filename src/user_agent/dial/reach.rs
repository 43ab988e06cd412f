//! TCP to whichever address of a host answers first.

use super::race::race;
use crate::net::runtime::{self, Current, Runtime};
use crate::net::{Budget, Elapsed, TcpTransport};
use crate::protocol::TransportError;
use crate::user_agent::diagnostics::{Reporter, Step};
use crate::user_agent::throttle::TooManyWaiting;
use crate::user_agent::{Failure, UserAgent};
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

/// Why nothing could be connected to.
#[derive(Clone)]
pub(super) enum Unreached {
    NotResolved(TransportError),
    NotConnected(TransportError),
    TooManyWaiting,
    TimedOut,
}

impl Unreached {
    pub(super) fn of_the_server(self) -> Failure {
        match self {
            Self::NotResolved(error) => Failure::NotResolved(error),
            Self::NotConnected(error) => Failure::NotConnected(error),
            Self::TooManyWaiting => Failure::TooManyWaiting,
            Self::TimedOut => Failure::OpeningTimedOut,
        }
    }
}

impl From<Elapsed> for Unreached {
    fn from(_: Elapsed) -> Self {
        Self::TimedOut
    }
}

impl From<TooManyWaiting> for Unreached {
    fn from(_: TooManyWaiting) -> Self {
        Self::TooManyWaiting
    }
}

/// Connects to a host. Each attempt begins once it is permitted.
pub(super) async fn reach<P, F: Future<Output = Result<P, TooManyWaiting>>>(
    user_agent: &UserAgent,
    host: &str,
    port: u16,
    budget: &mut Budget,
    reporter: &Reporter,
    permit: impl Fn(SocketAddr) -> F,
) -> Result<(TcpTransport, P), Unreached> {
    let resolving = async {
        let addresses = runtime::resolve(host, port).await;
        addresses.map_err(|error| Unreached::NotResolved(error.into()))
    };
    let addresses = budget.spend(resolving).await?;
    reporter.tell(Step::Resolved {
        name: host,
        addresses: &addresses,
    });
    let (left, begun) = (budget.clone(), Instant::now());
    let connected = race(addresses, |address| {
        // Those before it had the time until now.
        let mut budget = left.clone();
        budget.use_up(begun.elapsed());
        let permit = permit(address);
        async move {
            let permit = permit.await?;
            reporter.tell(Step::Connecting(address));
            let connecting = async {
                let connect = async { TcpTransport::new(Current::connect(address).await?) };
                let error = |error| Unreached::NotConnected(TransportError::at(address, error));
                connect.await.map_err(error)
            };
            match budget.spend(connecting).await {
                Ok(stream) => Ok((address, stream, permit, budget)),
                Err(unreached) => {
                    reporter.tell(Step::NotConnected(&unreached.clone().of_the_server()));
                    Err(unreached)
                }
            }
        }
    });
    let no_address = || Unreached::NotResolved(io::ErrorKind::NotFound.into());
    let (address, stream, permit, left) = connected
        .await
        .map_err(|unreached| unreached.unwrap_or_else(no_address))?;
    *budget = left;
    reporter.tell(Step::Connected(address));
    if let Some(idle) = user_agent.settings().tcp_keep_alive {
        let error = |error| Unreached::NotConnected(TransportError::at(address, error));
        stream.keep_alive(idle).map_err(error)?;
    }
    Ok((stream, permit))
}
