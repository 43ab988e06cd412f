//! The user agent: what a browser does between the object and the wire.

#[cfg(feature = "credentials")]
mod authentication;
mod builder;
#[cfg(feature = "cookies")]
mod cookies;
mod credentials;
mod diagnostics;
mod dial;
mod failure;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod headers;
#[cfg(feature = "http2")]
mod http2;
mod mixed_content;
mod opening;
mod ports;
#[cfg(feature = "proxies")]
mod proxy;
mod redirect;
mod throttle;

#[cfg(feature = "credentials")]
pub use authentication::{AuthScheme, Challenge};
pub use builder::UserAgentBuilder;
#[cfg(feature = "cookies")]
pub use cookies::CookieJar;
pub use credentials::{Credentials, InvalidCredentials};
pub(crate) use diagnostics::Observer;
pub use diagnostics::{Observation, Step};
pub use failure::{Failure, Http2Failure, ProxyFailure, RedirectFailure};
pub(crate) use headers::Headers;
pub use headers::InvalidHeader;
#[cfg(feature = "http2")]
pub use http2::{Http2, Http2Exchange, UnknownHttp2};
pub(crate) use opening::ConnectRequest;
pub use ports::BLOCKED_PORTS;
#[cfg(feature = "proxies")]
pub use proxy::{InvalidProxy, Proxies, Proxy};

use crate::protocol::ConnectionOptions;
use builder::Settings;
use rand::RngExt;
use rand::rngs::StdRng;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use throttle::Throttle;

/// What sockets share: proxies, cookies, credentials, certificates, limits, timeouts, and the queue of
/// those that are connecting.
///
/// `UserAgent` is a handle; its clones are the same user agent. Sockets that are given none share one
/// with the others of their event loop.
///
/// ```
/// use dom_websocket::{Limits, UserAgent};
///
/// let user_agent = UserAgent::builder()
///     .limits(Limits { message: 1024 * 1024, ..Default::default() })
///     .blocked_ports([25, 6667])
///     .build();
/// ```
#[derive(Clone)]
pub struct UserAgent {
    inner: Rc<Inner>,
}

compare_by_identity!(UserAgent, inner);

struct Inner {
    settings: Settings,
    throttle: Rc<Throttle>,
    random: RefCell<StdRng>,
    sockets: Cell<u64>,
    #[cfg(feature = "http2")]
    pool: http2::Pool,
    #[cfg(feature = "http2")]
    http2_connection: Arc<ConnectionOptions>,
}

impl Default for UserAgent {
    /// One with the default settings.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl UserAgent {
    fn new(settings: Settings) -> Self {
        Self {
            inner: Rc::new(Inner {
                #[cfg(feature = "http2")]
                http2_connection: http2::connection(&settings.connection),
                settings,
                throttle: Rc::default(),
                random: RefCell::new(rand::make_rng()),
                sockets: Cell::new(0),
                #[cfg(feature = "http2")]
                pool: http2::Pool::default(),
            }),
        }
    }

    fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    fn throttle(&self) -> Rc<Throttle> {
        self.inner.throttle.clone()
    }

    #[cfg(feature = "http2")]
    fn pool(&self) -> &http2::Pool {
        &self.inner.pool
    }

    /// How those behave that are streams of HTTP/2.
    #[cfg(feature = "http2")]
    fn http2_connection(&self) -> &Arc<ConnectionOptions> {
        &self.inner.http2_connection
    }

    /// How its connections behave, where they ask for nothing else.
    pub(crate) fn connection(&self) -> &Arc<ConnectionOptions> {
        &self.inner.settings.connection
    }

    /// "A port to which the user agent is configured to block access". 80 and 443 never are.
    pub(crate) fn blocks(&self, port: u16) -> bool {
        port != 80 && port != 443 && self.settings().blocked_ports.contains(&port)
    }

    /// Random bytes that nobody can predict.
    fn random(&self) -> [u8; 32] {
        self.inner.random.borrow_mut().random()
    }

    fn count_socket(&self) -> u64 {
        let number = self.inner.sockets.get() + 1;
        self.inner.sockets.set(number);
        number
    }
}

impl fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAgent").finish_non_exhaustive()
    }
}
