//! A way to the server through a proxy.

use super::authentication::{AuthScheme, Authentication, Request};
use super::diagnostics::{Reporter, Step};
use super::dial::{self, Unreached, reach};
use super::proxy::{self, Connected, Proxy, ProxyScheme};
use super::throttle::{Remote, Turn};
use super::{Credentials, UserAgent};
use crate::net::{Budget, Stream};
use crate::protocol::url::Components;
use crate::protocol::{Failure, ProxyFailure, Response};
use std::future::ready;

/// hixie-76 section 4.1 step 2: has the proxy open a TCP connection to the server, when it is this host's
/// turn. Where it wants credentials it is asked again, over a new connection, for as long as there are
/// some. While somebody is asked for them it is the turn of others.
pub(super) async fn tunnel(
    user_agent: &UserAgent,
    proxy: &Proxy,
    url: &Components,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<(Box<dyn Stream>, Turn), Failure> {
    let remote = match url.name().parse() {
        Ok(address) => Remote::Address(address),
        Err(_) => Remote::Name(url.host.clone()),
    };
    let provider = user_agent.settings().proxy_credentials.clone();
    let mut authentication = Authentication::new(proxy.credentials.clone(), provider);
    let mut proof = Proof::unasked(proxy, &mut authentication);
    loop {
        let turn = user_agent.throttle().turn(remote.clone()).await;
        let stream = reach_proxy(user_agent, proxy, budget, reporter).await?;
        let asking = ask(user_agent, url, stream, &proof);
        let demand = match budget.spend(asking).await? {
            Asked::Tunnel(stream) => {
                let proxy = proxy.to_string();
                reporter.tell(Step::Proxied { proxy: &proxy });
                return Ok((stream, turn));
            }
            Asked::Unauthorized(demand) => demand,
        };
        drop(turn);
        proof = prove(proxy, url, demand, &mut authentication)
            .await
            .ok_or(Failure::Proxy(ProxyFailure::Unauthorized))?;
        reporter.tell(Step::Authenticating {
            proxy: true,
            attempt: authentication.attempts(),
        });
    }
}

/// Who we say we are.
enum Proof {
    /// The value of the field that says so.
    Http(Option<String>),
    Socks5(Option<Credentials>),
}

impl Proof {
    fn unasked(proxy: &Proxy, authentication: &mut Authentication) -> Self {
        let credentials = authentication.preempt();
        match proxy.scheme {
            ProxyScheme::Socks5 => Self::Socks5(credentials),
            ProxyScheme::Http | ProxyScheme::Https => {
                Self::Http(credentials.and_then(|credentials| credentials.basic()))
            }
        }
    }
}

enum Asked {
    Tunnel(Box<dyn Stream>),
    /// HTTP has a response that says how. SOCKS5 has none.
    Unauthorized(Option<Box<Response>>),
}

async fn ask(
    user_agent: &UserAgent,
    url: &Components,
    stream: Box<dyn Stream>,
    proof: &Proof,
) -> Result<Asked, Failure> {
    match proof {
        Proof::Http(authorization) => {
            let settings = user_agent.settings();
            let target = target(url);
            let connecting = proxy::connect(
                stream,
                &target,
                authorization.as_deref(),
                settings.headers.all("user-agent").last(),
                &settings.limits,
            );
            Ok(match connecting.await? {
                Connected::Tunnel(stream) => Asked::Tunnel(stream),
                Connected::Unauthorized(response) => Asked::Unauthorized(Some(response)),
            })
        }
        Proof::Socks5(credentials) => {
            match proxy::socks5(stream, url.name(), url.port, credentials.as_ref()).await {
                Ok(stream) => Ok(Asked::Tunnel(stream)),
                Err(ProxyFailure::Unauthorized) => Ok(Asked::Unauthorized(None)),
                Err(failure) => Err(Failure::Proxy(failure)),
            }
        }
    }
}

/// The next answer to whoever asks who we are.
async fn prove(
    proxy: &Proxy,
    url: &Components,
    demand: Option<Box<Response>>,
    authentication: &mut Authentication,
) -> Option<Proof> {
    let host = &proxy.authority();
    match demand {
        Some(response) => {
            let request = Request {
                method: "CONNECT",
                target: &target(url),
                host,
            };
            let field = authentication.answer(&response, request).await?;
            Some(Proof::Http(Some(field)))
        }
        None => {
            let asked = authentication.credentials(host, true, AuthScheme::Socks5, "");
            Some(Proof::Socks5(Some(asked.await?)))
        }
    }
}

/// What CONNECT asks for: the port is always there.
fn target(url: &Components) -> String {
    format!("{}:{}", url.host, url.port)
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
