//! A way to the server through a proxy.

use super::UserAgent;
use super::authentication::{Asked, AuthScheme, Authentication, Challenge};
use super::diagnostics::{Reporter, Step};
use super::dial::{self, Unreached, reach};
use super::proxy::{self, Connected, Proxy, ProxyScheme};
use crate::net::{Budget, Stream};
use crate::protocol::url::Components;
use crate::protocol::{Failure, ProxyFailure};
use std::future::ready;

/// hixie-76 section 4.1 step 2: has the proxy open a TCP connection to the server. Where it wants
/// credentials it is asked again, over a new connection, for as long as there are some.
pub(super) async fn tunnel(
    user_agent: &UserAgent,
    proxy: &Proxy,
    url: &Components,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<Box<dyn Stream>, Failure> {
    let provider = user_agent.settings().proxy_credentials.clone();
    let mut authentication = Authentication::new(proxy.credentials.clone(), provider);
    let stream = match proxy.scheme {
        ProxyScheme::Socks5 => {
            socks5(
                user_agent,
                proxy,
                url,
                budget,
                reporter,
                &mut authentication,
            )
            .await?
        }
        ProxyScheme::Http | ProxyScheme::Https => {
            connect(
                user_agent,
                proxy,
                url,
                budget,
                reporter,
                &mut authentication,
            )
            .await?
        }
    };
    let proxy = proxy.to_string();
    reporter.tell(Step::Proxied { proxy: &proxy });
    Ok(stream)
}

async fn connect(
    user_agent: &UserAgent,
    proxy: &Proxy,
    url: &Components,
    budget: &mut Budget,
    reporter: &Reporter,
    authentication: &mut Authentication,
) -> Result<Box<dyn Stream>, Failure> {
    let settings = user_agent.settings();
    let target = format!("{}:{}", url.host, url.port);
    let agent = settings.headers.all("user-agent").last();
    let mut authorization = authentication.preempt();
    loop {
        let stream = reach_proxy(user_agent, proxy, budget, reporter).await?;
        let asking = proxy::connect(
            stream,
            &target,
            authorization.as_deref(),
            agent,
            &settings.limits,
        );
        let response = match budget.spend(asking).await? {
            Connected::Tunnel(stream) => return Ok(stream),
            Connected::Unauthorized(response) => response,
        };
        let asked = Asked {
            method: "CONNECT",
            target: &target,
            host: &format!("{}:{}", proxy.host, proxy.port),
        };
        authorization = authentication.answer(&response, asked).await;
        if authorization.is_none() {
            return Err(Failure::Proxy(ProxyFailure::Unauthorized));
        }
        reporter.tell(Step::Authenticating {
            proxy: true,
            attempt: authentication.attempts(),
        });
    }
}

async fn socks5(
    user_agent: &UserAgent,
    proxy: &Proxy,
    url: &Components,
    budget: &mut Budget,
    reporter: &Reporter,
    authentication: &mut Authentication,
) -> Result<Box<dyn Stream>, Failure> {
    let mut credentials = proxy.credentials.clone();
    authentication.preempt();
    loop {
        let stream = reach_proxy(user_agent, proxy, budget, reporter).await?;
        let asking = async {
            let host = dial::host(url);
            let tunnel = proxy::socks5(stream, host, url.port, credentials.as_ref()).await;
            tunnel.map_err(Failure::Proxy)
        };
        match budget.spend(asking).await {
            Err(Failure::Proxy(ProxyFailure::Unauthorized)) => {}
            result => return result,
        }
        let challenge = Challenge {
            host: format!("{}:{}", proxy.host, proxy.port),
            is_proxy: true,
            scheme: AuthScheme::Socks5,
            realm: String::new(),
            attempt: 0,
        };
        credentials = authentication.credentials(challenge).await;
        if credentials.is_none() {
            return Err(Failure::Proxy(ProxyFailure::Unauthorized));
        }
        reporter.tell(Step::Authenticating {
            proxy: true,
            attempt: authentication.attempts(),
        });
    }
}

/// The proxy's own addresses are raced too; any number of connections to it is opened at once.
async fn reach_proxy(
    user_agent: &UserAgent,
    proxy: &Proxy,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<Box<dyn Stream>, Failure> {
    let (host, port) = (&proxy.host, proxy.port);
    let reached = reach(user_agent, host, port, budget, reporter, |_| ready(())).await;
    let (stream, ()) = reached.map_err(|unreached| match unreached {
        Unreached::NotResolved(error) => Failure::Proxy(ProxyFailure::NotResolved(error)),
        Unreached::NotConnected(error) => Failure::Proxy(ProxyFailure::NotConnected(error)),
        Unreached::TimedOut => Failure::OpeningTimedOut,
    })?;
    if proxy.scheme != ProxyScheme::Https {
        return Ok(Box::new(stream));
    }
    let securing = async {
        let secured = dial::tls(user_agent, host, stream, reporter).await;
        secured.map_err(|error| Failure::Proxy(ProxyFailure::Tls(error.into())))
    };
    budget.spend(securing).await
}
