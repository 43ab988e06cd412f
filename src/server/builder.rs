//! What a server is made with.

use super::policy::Policy;
use super::shared_port;
use super::shutdown::Clients;
use super::{Inner, Server};
use crate::edition::Edition;
use crate::event_loop::EventLoop;
use crate::net::Places;
#[cfg(feature = "http2")]
use crate::net::http2::Http2Options;
use crate::net::runtime::{Current, Runtime};
#[cfg(feature = "tls")]
use crate::net::tls::{ServerTls, TlsError};
#[cfg(feature = "http2")]
use crate::protocol::Wire;
use crate::protocol::opening::{AcceptOptions, Compression};
use crate::protocol::{ActiveClose, ConnectionOptions, Limits, Resources, Timeouts};
use event_listener::Event;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
use std::rc::Rc;
use std::sync::Arc;

/// What all connections of a server have in common.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) accept: AcceptOptions,
    pub(super) policy: Policy,
    pub(super) max_connections: usize,
    pub(super) max_handshakes: usize,
    pub(super) connection: Arc<ConnectionOptions>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<ServerTls>,
    #[cfg(feature = "http2")]
    pub(super) http2: Option<Http2Options>,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = Limits::of_server();
        Self {
            accept: AcceptOptions {
                limits: limits.clone(),
                ..AcceptOptions::default()
            },
            policy: Policy::default(),
            max_connections: usize::MAX,
            max_handshakes: 1024,
            connection: Arc::new(ConnectionOptions {
                limits,
                timeouts: Timeouts::of_server(),
                ..ConnectionOptions::default()
            }),
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "http2")]
            http2: Some(Http2Options::default()),
        }
    }
}

#[cfg(feature = "http2")]
impl Settings {
    /// What is spoken over HTTP/2 is RFC 6455's wire: who accepts but another speaks no HTTP/2.
    fn settle_http2(&mut self) {
        if self.accept.wire.is_some_and(|only| only != Wire::Rfc6455) {
            self.http2 = None;
        }
        #[cfg(feature = "tls")]
        if self.http2.is_some() {
            self.tls = self.tls.as_ref().map(ServerTls::preferring_http2);
        }
    }
}

/// Makes a [`Server`].
///
/// It is used in a chain, or kept and used step by step; a method that fails leaves it as it was. Each call of
/// [`listen`](Self::listen) makes a server of its own with the settings of that moment. Its clones go separate ways.
///
/// ```
/// use dom_websocket::{Edition, EventLoop, Server};
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::new();
/// let mut builder = Server::builder(&event_loop);
/// let both = builder.compression(false).listen("127.0.0.1:0")?;
/// let living = builder.edition(Edition::Living).listen("127.0.0.1:0")?;
/// assert_ne!(both.local_addr(), living.local_addr());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing listens before `listen` is called"]
pub struct ServerBuilder<'a> {
    event_loop: &'a EventLoop,
    settings: Settings,
    reuse_port: bool,
}

impl<'a> ServerBuilder<'a> {
    pub(super) fn new(event_loop: &'a EventLoop) -> Self {
        Self {
            event_loop,
            settings: Settings::default(),
            reuse_port: false,
        }
    }

    /// Whether clients reach this server by `wss:`, through something in front of it that ends TLS:
    /// draft 76's server tells the client its own address. Default: no.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// // A reverse proxy in front of it has the certificate.
    /// let server = Server::builder(&event_loop).secure(true).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn secure(&mut self, secure: bool) -> &mut Self {
        self.settings.accept.secure = secure;
        self
    }

    /// Serves `wss:` with this certificate (PEM: its own first, then those that vouch for it) and its key.
    ///
    /// # Errors
    ///
    /// If there is no certificate in `chain`, no private key in `key`, or they don't fit each other.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// # let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    /// # let (chain, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    /// let event_loop = EventLoop::new();
    /// // Two files, as a rule.
    /// let server = Server::builder(&event_loop)
    ///     .tls(chain.as_bytes(), key.as_bytes())?
    ///     .listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(&mut self, chain: &[u8], key: &[u8]) -> Result<&mut Self, TlsError> {
        self.settings.tls = Some(ServerTls::new(chain, key)?);
        Ok(self.secure(true))
    }

    /// Whether HTTP/2 is spoken on the same port, and how; by clients that say so in ALPN, or, without
    /// [`tls`](Self::tls), begin with HTTP/2's preface. Default: yes, as [`Http2Options`] has it; no if only clients of the html5
    /// [edition](Self::edition) are accepted.
    ///
    /// Each extended CONNECT is a client: [`set_onrequest`](Server::set_onrequest) is asked, and what comes of it is the same
    /// [`WebSocket`](crate::WebSocket).
    ///
    /// Clause: [RFC 8441](https://www.rfc-editor.org/rfc/rfc8441).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Http2Options, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let mut builder = Server::builder(&event_loop);
    /// let http1_only = builder.http2(None).listen("127.0.0.1:0")?;
    /// let mut options = Http2Options::default();
    /// options.streams = 100;
    /// let both = builder.http2(options).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "http2")]
    pub fn http2(&mut self, options: impl Into<Option<Http2Options>>) -> &mut Self {
        self.settings.http2 = options.into();
        self
    }

    /// Accepts clients of this edition only, beside those of [`Server::set_onbytestream`]. Default: of both, on the same port.
    ///
    /// ```
    /// use dom_websocket::{Edition, EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).edition(Edition::Html5).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn edition(&mut self, edition: Edition) -> &mut Self {
        self.settings.accept.wire = Some(edition.wire());
        self
    }

    /// Whether permessage-deflate is agreed to. Default: yes.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).compression(false).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compression(&mut self, compression: bool) -> &mut Self {
        self.settings.accept.compression = compression.then(Compression::default);
        self
    }

    /// How permessage-deflate is agreed to.
    ///
    /// Clause: [RFC 7692 section 7.1](https://www.rfc-editor.org/rfc/rfc7692#section-7.1).
    ///
    /// ```
    /// use dom_websocket::{Compression, EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop)
    ///     .compression_options(Compression { level: 1, ..Default::default() })
    ///     .listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compression_options(&mut self, options: Compression) -> &mut Self {
        self.settings.accept.compression = Some(options);
        self
    }

    /// How much memory one connection may cost. Default: [`Limits::of_server`].
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Limits, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop)
    ///     .limits(Limits { message: 64 * 1024, ..Limits::of_server() })
    ///     .listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).limits = limits.clone();
        self.settings.accept.limits = limits;
        self
    }

    /// How many connections of clients there are at most, from TCP's beginning to its end, those included that are still in
    /// their handshake or being closed. Over it none is accepted before another has ended: they wait in the system's
    /// queue. Default: any number, of which the system sets the bound.
    ///
    /// A connection of HTTP/2 counts, and each client on it does: one over this number is refused (REFUSED_STREAM), and may
    /// try again.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).max_connections(10_000).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_connections(&mut self, most: usize) -> &mut Self {
        self.settings.max_connections = most;
        self
    }

    /// How many of these are in their opening handshake at most, each for [`Timeouts::opening_handshake`] at the
    /// longest. Over it none is accepted, as over [`max_connections`](Self::max_connections). Default: 1,024.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).max_handshakes(100).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_handshakes(&mut self, most: usize) -> &mut Self {
        self.settings.max_handshakes = most;
        self
    }

    /// The hosts, as the `Host` field names them, that clients may mean to talk to, with a port or for any; others are
    /// refused. A page whose own name was made to resolve to this address (DNS rebinding) names its own. A name with a dot behind
    /// it is another one; an address is the same however it is written. Default: any.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if one of them is no host, or a pattern (`*.example.com`).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop)
    ///     .allowed_hosts(["localhost", "127.0.0.1", "chat.example.com:443"])?
    ///     .allowed_origins(["https://chat.example.com", "http://localhost:8000"])?
    ///     .listen("127.0.0.1:0")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allowed_hosts<'h>(
        &mut self,
        hosts: impl IntoIterator<Item = &'h str>,
    ) -> io::Result<&mut Self> {
        self.settings.policy.allow_hosts(hosts)?;
        Ok(self)
    }

    /// The origins (`https://example.com`, `null`) whose pages may open connections here; those of others are refused
    /// (RFC 6455 section 10.2). Otherwise every page that a user looks at can, with his cookies (cross-site
    /// hijacking). A client that names no origin is no browser's page, and is not refused for that. For a page that is a file some
    /// browsers say `null`, and Chromium `file://`. Default: any.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if one of them is no origin: a scheme, a host, perhaps a port. There are no patterns.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let mut server = Server::builder(&event_loop);
    /// server.allowed_origins(["https://chat.example.com"])?;
    /// // That is a host.
    /// assert!(server.allowed_origins(["chat.example.com"]).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn allowed_origins<'o>(
        &mut self,
        origins: impl IntoIterator<Item = &'o str>,
    ) -> io::Result<&mut Self> {
        self.settings.policy.allow_origins(origins)?;
        Ok(self)
    }

    /// How long each wait on a client lasts at the most. Default: [`Timeouts::of_server`].
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server, Timeouts};
    /// use std::time::Duration;
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop)
    ///     .timeouts(Timeouts { ping: Some(Duration::from_secs(60)), ..Timeouts::of_server() })
    ///     .listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timeouts(&mut self, timeouts: Timeouts) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).timeouts = timeouts;
        self
    }

    /// Who ends TCP first, and so keeps the connection in TIME_WAIT: this end, or the client. Default: as the client's
    /// edition has it.
    ///
    /// Clause: [RFC 6455 section 7.1.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.1.1).
    ///
    /// ```
    /// use dom_websocket::{ActiveClose, EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// // No TIME_WAIT here.
    /// let server = Server::builder(&event_loop).active_close(ActiveClose::Peers).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn active_close(&mut self, active_close: ActiveClose) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).active_close = active_close;
        self
    }

    /// Whether sockets are half open once a client has finished, as
    /// [`WebSocketBuilder::half_open`](crate::WebSocketBuilder::half_open) has it. Default: no.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).half_open(true).listen("127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _request| {
    ///     socket.set_onend(|event| {
    ///         event.target().send("the client has finished; this is the answer")?;
    ///         event.target().finish()
    ///     });
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn half_open(&mut self, half_open: bool) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).half_open = half_open;
        self
    }

    /// Whether other servers that say so too may [listen](Self::listen) at the same address (`SO_REUSEPORT`): one for
    /// each event loop, on a thread of its own. The system shares the clients out among them; those that have
    /// connected when one closes, and that it has not accepted, are lost. Default: no.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// # #[cfg(target_os = "linux")] {
    /// let (one, other) = (EventLoop::new(), EventLoop::new()); // each on a thread of its own, as a rule
    /// let first = Server::builder(&one).reuse_port(true).listen("127.0.0.1:0")?;
    /// let second = Server::builder(&other).reuse_port(true).listen(first.local_addr())?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reuse_port(&mut self, reuse_port: bool) -> &mut Self {
        self.reuse_port = reuse_port;
        self
    }

    /// Binds the address, and accepts clients from the loop's next turn on. Port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// As [`std::net::TcpListener::bind`]. [`Unsupported`](io::ErrorKind::Unsupported) if the port is to be
    /// [reused](Self::reuse_port), and the system can't share clients out.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let builder = Server::builder(&event_loop);
    /// assert_ne!(builder.listen("127.0.0.1:0")?, builder.listen("127.0.0.1:0")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Server> {
        self.from_listener(if self.reuse_port {
            shared_port::bind(address)?
        } else {
            std::net::TcpListener::bind(address)?
        })
    }

    /// Accepts the clients of a socket that listens already: one that was inherited, or has options of its own.
    ///
    /// Several loops can accept from clones of one ([`try_clone`](std::net::TcpListener::try_clone)). Each then
    /// wakes for each client, and the first has it: [`reuse_port`](Self::reuse_port) shares them out more evenly.
    ///
    /// # Errors
    ///
    /// If it is no socket that listens.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    /// use std::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).compression(false).from_listener(listener)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_listener(&self, listener: std::net::TcpListener) -> io::Result<Server> {
        let mut settings = self.settings.clone();
        Arc::make_mut(&mut settings.connection).resources = Resources::default();
        #[cfg(feature = "http2")]
        settings.settle_http2();
        let inner = Rc::new(Inner {
            shared: self.event_loop.shared().clone(),
            address: listener.local_addr()?,
            connections: Places::new(settings.max_connections),
            handshakes: Places::new(settings.max_handshakes),
            settings: Rc::new(settings),
            random: RefCell::new(rand::make_rng()),
            onrequest: RefCell::default(),
            onhttp: RefCell::default(),
            onconnection: RefCell::default(),
            onbytestream: RefCell::default(),
            clients: Clients::default(),
            end: Rc::default(),
            is_closed: Cell::new(false),
            closing: Event::new(),
        });
        let entered = self.event_loop.runtime().enter();
        let listener = Current::listen(listener)?;
        drop(entered);
        let accepting = Inner::accept_clients(Rc::downgrade(&inner), listener);
        inner.shared.spawn(Box::pin(accepting));
        Ok(Server { inner })
    }
}

impl fmt::Debug for ServerBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder").finish_non_exhaustive()
    }
}
