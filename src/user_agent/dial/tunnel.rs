//! A way to the server through a proxy.

use super::reach::{Unreached, reach};
use super::secure::secure_proxy;
use crate::net::{Budget, Stream};
use crate::protocol::opening::Response;
use crate::protocol::url::UrlComponents;
use crate::user_agent::authentication::{AuthScheme, Authentication};
use crate::user_agent::diagnostics::{Reporter, Step};
use crate::user_agent::proxy::{self, Connected, Proxy, ProxyScheme};
use crate::user_agent::throttle::{Permit, Remote, TooManyWaiting};
use crate::user_agent::{Credentials, Failure, ProxyFailure, UserAgent};
use std::future::ready;

/// hixie-76 section 4.1 step 2: has the proxy open a TCP connection to the server, when it is this host's
/// turn. Where it wants credentials it is asked again, over a new connection, for as long as there are
/// some. While somebody is asked for them it is the turn of others.
pub(super) async fn tunnel(
    user_agent: &UserAgent,
    proxy: &Proxy,
    url: &UrlComponents,
    budget: &mut Budget,
    reporter: &Reporter,
) -> Result<(Box<dyn Stream>, Permit), Failure> {
    let remote = match url.name().parse() {
        Ok(address) => Remote::Address(address),
        Err(_) => Remote::Name(url.host.clone()),
    };
    let provider = user_agent.settings().proxy_credentials.clone();
    let mut authentication = Authentication::new(proxy.credentials.clone(), provider);
    let mut authorization = Authorization::unasked(proxy, &mut authentication);
    loop {
        let permit = user_agent.throttle().permit(remote.clone()).await;
        let permit = permit.map_err(|TooManyWaiting| Failure::TooManyWaiting)?;
        let stream = reach_proxy(user_agent, proxy, budget, reporter).await?;
        let asking = ask(user_agent, url, stream, &authorization);
        let demand = match budget.spend(asking).await? {
            ProxyAnswer::Tunnel(stream) => {
                let proxy = proxy.to_string();
                reporter.tell(Step::Proxied { proxy: &proxy });
                return Ok((stream, permit));
            }
            ProxyAnswer::Unauthorized(demand) => demand,
        };
        drop(permit);
        authorization = authorize(proxy, url, demand, &mut authentication)
            .await
            .ok_or(Failure::Proxy(ProxyFailure::Unauthorized))?;
        reporter.tell(Step::Authenticating {
            proxy: true,
            attempt: authentication.attempts(),
        });
    }
}

/// Who we say we are.
enum Authorization {
    /// The value of the field that says so.
    Http(Option<String>),
    Socks5(Option<Credentials>),
}

impl Authorization {
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

/// What the proxy says.
enum ProxyAnswer {
    Tunnel(Box<dyn Stream>),
    /// HTTP has a response that says how. SOCKS5 has none.
    Unauthorized(Option<Box<Response>>),
}

async fn ask(
    user_agent: &UserAgent,
    url: &UrlComponents,
    stream: Box<dyn Stream>,
    authorization: &Authorization,
) -> Result<ProxyAnswer, Failure> {
    match authorization {
        Authorization::Http(field) => {
            let settings = user_agent.settings();
            let target = target(url);
            let connecting = proxy::connect(
                stream,
                &target,
                field.as_deref(),
                settings.headers.all("user-agent").last(),
                &settings.connection.limits,
            );
            Ok(match connecting.await? {
                Connected::Tunnel(stream) => ProxyAnswer::Tunnel(stream),
                Connected::Unauthorized(response) => ProxyAnswer::Unauthorized(Some(response)),
            })
        }
        Authorization::Socks5(credentials) => {
            match proxy::socks5(stream, url.name(), url.port, credentials.as_ref()).await {
                Ok(stream) => Ok(ProxyAnswer::Tunnel(stream)),
                Err(ProxyFailure::Unauthorized) => Ok(ProxyAnswer::Unauthorized(None)),
                Err(failure) => Err(Failure::Proxy(failure)),
            }
        }
    }
}

/// The next answer to whoever asks who we are.
async fn authorize(
    proxy: &Proxy,
    url: &UrlComponents,
    demand: Option<Box<Response>>,
    authentication: &mut Authentication,
) -> Option<Authorization> {
    let host = &proxy.authority();
    match demand {
        Some(response) => {
            let mut proof = authentication.answer(&response, host).await?;
            let field = proof.field("CONNECT", &target(url))?;
            Some(Authorization::Http(Some(field)))
        }
        None => {
            let asked = authentication.credentials(host, true, AuthScheme::Socks5, "");
            Some(Authorization::Socks5(Some(asked.await?)))
        }
    }
}

/// What CONNECT asks for: the port is always there.
fn target(url: &UrlComponents) -> String {
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
    let reached = reach(user_agent, host, port, budget, reporter, |_| ready(Ok(()))).await;
    let (stream, ()) = reached.map_err(|unreached| match unreached {
        Unreached::NotResolved(error) => Failure::Proxy(ProxyFailure::NotResolved(error)),
        Unreached::NotConnected(error) => Failure::Proxy(ProxyFailure::NotConnected(error)),
        other => other.of_the_server(),
    })?;
    if proxy.scheme != ProxyScheme::Https {
        return Ok(Box::new(stream));
    }
    budget
        .spend(async {
            let secured = secure_proxy(user_agent, host, Box::new(stream), reporter).await;
            secured.map_err(|error| Failure::Proxy(ProxyFailure::Tls(error.into())))
        })
        .await
}
