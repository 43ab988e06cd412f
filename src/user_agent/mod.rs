//! The user agent: what a browser does between the object and the wire.

mod dial;
mod ports;
mod throttle;

pub use ports::BLOCKED_PORTS;

use crate::connection::Dialled;
#[cfg(feature = "tls")]
use crate::net::tls::{ClientTls, TlsError};
use crate::protocol::url::Components;
use crate::protocol::{Limits, Timeouts};
use futures::future::{LocalBoxFuture, ready};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use throttle::Throttle;

/// What sockets share: limits, timeouts, blocked ports, and the queue of those that are connecting.
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

struct Inner {
    limits: Limits,
    timeouts: Timeouts,
    blocked_ports: Vec<u16>,
    compression: bool,
    throttle: Rc<Throttle>,
    #[cfg(feature = "tls")]
    tls: ClientTls,
    random: RefCell<StdRng>,
}

impl Default for UserAgent {
    /// One with the default settings.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl UserAgent {
    /// Begins a user agent of its own.
    pub fn builder() -> UserAgentBuilder {
        UserAgentBuilder {
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            blocked_ports: BLOCKED_PORTS.to_vec(),
            compression: true,
            #[cfg(feature = "tls")]
            tls: ClientTls::default(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.inner.timeouts
    }

    pub(crate) fn offers_compression(&self) -> bool {
        self.inner.compression
    }

    /// A source of random numbers that nobody can predict, for one connection.
    pub(crate) fn random(&self) -> StdRng {
        StdRng::from_rng(&mut *self.inner.random.borrow_mut())
    }

    /// "A port to which the user agent is configured to block access". 80 and 443 never are.
    pub(crate) fn blocks(&self, port: u16) -> bool {
        port != 80 && port != 443 && self.inner.blocked_ports.contains(&port)
    }

    /// Opens a transport to where a URL leads.
    pub(crate) fn dial(&self, url: &Components) -> LocalBoxFuture<'static, io::Result<Dialled>> {
        if self.blocks(url.port) {
            return Box::pin(ready(Err(io::ErrorKind::PermissionDenied.into())));
        }
        Box::pin(dial::dial(
            url.clone(),
            self.clone(),
            self.inner.timeouts.opening_handshake,
        ))
    }
}

/// Makes a [`UserAgent`].
#[must_use]
pub struct UserAgentBuilder {
    limits: Limits,
    timeouts: Timeouts,
    blocked_ports: Vec<u16>,
    compression: bool,
    #[cfg(feature = "tls")]
    tls: ClientTls,
}

impl UserAgentBuilder {
    /// How much memory one connection may cost.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How long each wait on a peer lasts at the most.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The ports that no socket may connect to, in place of [`BLOCKED_PORTS`]. 80 and 443 are never
    /// blocked.
    pub fn blocked_ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.blocked_ports = ports.into_iter().collect();
        self
    }

    /// Whether permessage-deflate is offered, in the living edition. Default: yes.
    pub fn compression(mut self, compression: bool) -> Self {
        self.compression = compression;
        self
    }

    /// Trusts the certificates in this PEM text in place of the system's roots. More calls add more.
    ///
    /// # Errors
    ///
    /// If there is no certificate in it, or one that can't vouch for others.
    #[cfg(feature = "tls")]
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, TlsError> {
        self.tls.trust(pem)?;
        Ok(self)
    }

    /// **Believes whoever answers.** For tests: a connection without a verified certificate is open to
    /// everyone between here and there.
    #[cfg(feature = "tls")]
    pub fn dangerously_accept_any_certificate(mut self) -> Self {
        self.tls.accept_any();
        self
    }

    /// The user agent.
    pub fn build(self) -> UserAgent {
        UserAgent {
            inner: Rc::new(Inner {
                limits: self.limits,
                timeouts: self.timeouts,
                blocked_ports: self.blocked_ports,
                compression: self.compression,
                throttle: Rc::default(),
                #[cfg(feature = "tls")]
                tls: self.tls,
                random: RefCell::new(rand::make_rng()),
            }),
        }
    }
}
