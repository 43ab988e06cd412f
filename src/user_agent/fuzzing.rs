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

#[cfg(feature = "http2")]
mod transports {
    use crate::net::Stream;
    use crate::user_agent::throttle::{Permit, Remote};
    use crate::user_agent::{Failure, UserAgent};
    use futures::io::{AsyncRead, AsyncWrite};
    use std::cell::RefCell;
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use std::rc::Rc;

    type Dial = Rc<dyn Fn() -> Option<Box<dyn Stream>>>;

    thread_local! {
        static DIAL: RefCell<Option<Dial>> = const { RefCell::new(None) };
    }

    /// From now on this is how this thread's user agents connect to servers. `None`: the server is not there.
    pub fn dial_by<T: AsyncRead + AsyncWrite + Unpin + 'static>(
        dial: impl Fn() -> Option<T> + 'static,
    ) {
        let dial = move || Some(Box::new(Box::pin(dial()?)) as Box<dyn Stream>);
        DIAL.set(Some(Rc::new(dial)));
    }

    /// One of these transports, where there are any.
    pub(in crate::user_agent) async fn dialled(
        user_agent: &UserAgent,
    ) -> Option<Result<(Box<dyn Stream>, Permit), Failure>> {
        let dial = DIAL.with_borrow(Clone::clone)?;
        let remote = Remote::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let permit = user_agent.throttle().permit(remote).await;
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let stream = dial().ok_or_else(|| Failure::NotConnected(refused.into()));
        let permit = permit.map_err(|_| Failure::TooManyWaiting);
        Some(permit.and_then(|permit| Ok((stream?, permit))))
    }
}

#[cfg(feature = "http2")]
pub use transports::dial_by;
#[cfg(feature = "http2")]
pub(super) use transports::dialled;
