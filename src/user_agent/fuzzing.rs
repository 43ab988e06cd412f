//! The doors of [`crate::fuzzing`] into the user agent.

#[cfg(feature = "credentials")]
mod credentials {
    use crate::protocol::opening::Response;
    use crate::user_agent::authentication::{Authentication, provider};
    use crate::user_agent::{Challenge, Credentials};
    use std::future::ready;

    /// What is answered to each of these responses, whose status and fields they are, one after the other.
    pub async fn answers(
        responses: Vec<(u16, Vec<(String, String)>)>,
        (method, target): (&str, &str),
        of_url: Option<Credentials>,
        provide: impl Fn(Challenge) -> Option<Credentials> + 'static,
    ) -> Vec<Option<String>> {
        let provider = provider(move |challenge| ready(provide(challenge)));
        let mut authentication = Authentication::new(of_url, Some(provider));
        let mut answers = Vec::new();
        for (status, fields) in responses {
            let response = Response { status, fields };
            let proof = authentication.answer(&response, "example.com").await;
            answers.push(proof.and_then(|mut proof| proof.field(method, target)));
        }
        answers
    }
}

#[cfg(feature = "credentials")]
pub use credentials::answers;

#[cfg(feature = "proxies")]
mod proxies {
    use crate::protocol::Limits;
    use crate::user_agent::proxy::{self, Connected};
    use crate::user_agent::{Credentials, Failure, Proxies, ProxyFailure};
    use futures::io::{AsyncRead, AsyncWrite};

    /// The proxy to reach this host by.
    #[must_use]
    pub fn choose(proxies: &Proxies, host: &str, port: u16) -> Option<String> {
        proxies.choose(host, port).map(ToString::to_string)
    }

    /// Asks a proxy of HTTP for a tunnel. `None`: it wants credentials.
    ///
    /// # Errors
    ///
    /// If it has none.
    pub async fn connect<T: AsyncRead + AsyncWrite + Unpin + 'static>(
        transport: T,
        target: &str,
        authorization: Option<&str>,
        limits: &Limits,
    ) -> Result<Option<impl AsyncRead + AsyncWrite + Unpin>, Failure> {
        let stream = Box::new(Box::pin(transport));
        let connected = proxy::connect(stream, target, authorization, None, limits).await?;
        Ok(match connected {
            Connected::Tunnel(stream) => Some(stream),
            Connected::Unauthorized(_) => None,
        })
    }

    /// Asks one of SOCKS5.
    ///
    /// # Errors
    ///
    /// If it has none.
    pub async fn socks5<T: AsyncRead + AsyncWrite + Unpin + 'static>(
        transport: T,
        host: &str,
        port: u16,
        credentials: Option<&Credentials>,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin, ProxyFailure> {
        proxy::socks5(Box::new(Box::pin(transport)), host, port, credentials).await
    }
}

#[cfg(feature = "proxies")]
pub use proxies::{choose, connect, socks5};
