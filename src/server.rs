//! The listening side: accepts clients and yields the same `WebSocket` objects.

mod handshake;

use crate::dom::{ByteStream, WebSocket};
use crate::edition::Edition;
use crate::event_loop::{EventLoop, Shared};
use crate::net::TcpTransport;
use crate::net::runtime::{self, Current, Listener, Runtime, TcpListener};
#[cfg(feature = "tls")]
use crate::net::tls::{ServerTls, TlsError};
use crate::protocol::opening::{AcceptOptions, Answer, Compression, HttpResponse, Request};
use crate::protocol::{ActiveClose, ConnectionOptions, Limits, Resources, Timeouts};
use futures::future::{Either, select};
use handshake::Handshake;
use rand::RngExt;
use rand::rngs::StdRng;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

/// How long to wait where a connection can't be accepted (no descriptors left, for one).
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A listening socket for WebSocket clients.
///
/// `Server` is a handle; dropping the last one is [`close`](Self::close). Connections that were
/// accepted live on.
///
/// For each client, in tasks of the loop:
///
/// 1. [`onrequest`](Self::set_onrequest) answers the head of its handshake;
/// 2. once the connection is established, [`onconnection`](Self::set_onconnection) gets a
///    [`WebSocket`] that is open; whatever listeners it adds hear `open` next, and miss nothing.
///    [`onbytestream`](Self::set_onbytestream) gets those of clients without messages.
#[derive(Clone)]
#[must_use = "dropping the last handle of a server closes it"]
pub struct Server {
    inner: Rc<Inner>,
}

compare_by_identity!(Server, inner);

type OnRequest = Rc<dyn Fn(&Request) -> Answer>;
type OnHttp = Rc<dyn Fn(&Request) -> HttpResponse>;
type OnConnection = Rc<dyn Fn(WebSocket, &Request)>;
type OnByteStream = Rc<dyn Fn(ByteStream, &Request)>;

struct Inner {
    shared: Rc<Shared>,
    address: SocketAddr,
    settings: Rc<Settings>,
    /// Seeds each connection's own.
    random: RefCell<StdRng>,
    onrequest: RefCell<Option<OnRequest>>,
    onhttp: RefCell<Option<OnHttp>>,
    onconnection: RefCell<Option<OnConnection>>,
    onbytestream: RefCell<Option<OnByteStream>>,
    is_closed: Cell<bool>,
    closing: event_listener::Event,
}

/// What all connections of a server have in common.
#[derive(Clone)]
struct Settings {
    accept: AcceptOptions,
    connection: Arc<ConnectionOptions>,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = Limits::of_server();
        Self {
            accept: AcceptOptions {
                limits: limits.clone(),
                ..AcceptOptions::default()
            },
            connection: Arc::new(ConnectionOptions {
                limits,
                timeouts: Timeouts::of_server(),
                ..ConnectionOptions::default()
            }),
            #[cfg(feature = "tls")]
            tls: None,
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

impl ServerBuilder<'_> {
    /// Whether clients reach this server by `wss:`, through something in front of it that ends TLS:
    /// draft 76's server tells the client its own address. Default: no.
    pub fn secure(&mut self, secure: bool) -> &mut Self {
        self.settings.accept.secure = secure;
        self
    }

    /// Serves `wss:` with this certificate (PEM: its own first, then those that vouch for it) and its key.
    ///
    /// # Errors
    ///
    /// If there is no certificate in `chain`, no private key in `key`, or they don't fit each other.
    #[cfg(feature = "tls")]
    pub fn tls(&mut self, chain: &[u8], key: &[u8]) -> Result<&mut Self, TlsError> {
        self.settings.tls = Some(ServerTls::new(chain, key)?);
        Ok(self.secure(true))
    }

    /// Accepts clients of this edition only, beside those of [`Server::set_onbytestream`]. Default: of both, on the same port.
    pub fn edition(&mut self, edition: Edition) -> &mut Self {
        self.settings.accept.wire = Some(edition.wire());
        self
    }

    /// Whether permessage-deflate is agreed to. Default: yes.
    pub fn compression(&mut self, compression: bool) -> &mut Self {
        self.settings.accept.compression = compression.then(Compression::default);
        self
    }

    /// How permessage-deflate is agreed to.
    pub fn compression_options(&mut self, options: Compression) -> &mut Self {
        self.settings.accept.compression = Some(options);
        self
    }

    /// How much memory one connection may cost. Default: [`Limits::of_server`].
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).limits = limits.clone();
        self.settings.accept.limits = limits;
        self
    }

    /// How long each wait on a client lasts at the most. Default: [`Timeouts::of_server`].
    pub fn timeouts(&mut self, timeouts: Timeouts) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).timeouts = timeouts;
        self
    }

    /// Who ends TCP first, and so keeps the connection in TIME_WAIT: this end, or the client. Default: as the client's
    /// edition has it.
    pub fn active_close(&mut self, active_close: ActiveClose) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).active_close = active_close;
        self
    }

    /// Whether sockets are half open once a client has finished, as
    /// [`WebSocketBuilder::half_open`](crate::WebSocketBuilder::half_open) has it. Default: no.
    pub fn half_open(&mut self, half_open: bool) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).half_open = half_open;
        self
    }

    /// Whether other servers that say so too may [listen](Self::listen) at the same address (`SO_REUSEPORT`): one for
    /// each event loop, on a thread of its own. The system shares the clients out among them; those that have
    /// connected when one closes, and that it has not accepted, are lost. Default: no.
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
    pub fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Server> {
        self.from_listener(if self.reuse_port {
            bind_together(address)?
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
    pub fn from_listener(&self, listener: std::net::TcpListener) -> io::Result<Server> {
        let mut settings = self.settings.clone();
        Arc::make_mut(&mut settings.connection).resources = Resources::default();
        let inner = Rc::new(Inner {
            shared: self.event_loop.shared().clone(),
            address: listener.local_addr()?,
            settings: Rc::new(settings),
            random: RefCell::new(rand::make_rng()),
            onrequest: RefCell::default(),
            onhttp: RefCell::default(),
            onconnection: RefCell::default(),
            onbytestream: RefCell::default(),
            is_closed: Cell::new(false),
            closing: event_listener::Event::new(),
        });
        let entered = self.event_loop.runtime().enter();
        let listener = Current::listen(listener)?;
        drop(entered);
        let accepting = Inner::accept_clients(Rc::downgrade(&inner), listener);
        inner.shared.spawn(Box::pin(accepting));
        Ok(Server { inner })
    }
}

/// As [`std::net::TcpListener::bind`], where others that do the same may be bound already.
#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
fn bind_together(address: impl ToSocketAddrs) -> io::Result<std::net::TcpListener> {
    use socket2::{Domain, Socket, Type};
    /// The system takes as many as it is set to allow.
    const BACKLOG: i32 = i32::MAX;
    let bind = |address: SocketAddr| {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, "there is no address");
    for address in address.to_socket_addrs()? {
        match bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(not(all(unix, not(any(target_os = "solaris", target_os = "illumos")))))]
fn bind_together(_: impl ToSocketAddrs) -> io::Result<std::net::TcpListener> {
    Err(io::ErrorKind::Unsupported.into())
}

impl fmt::Debug for ServerBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder").finish_non_exhaustive()
    }
}

impl Server {
    /// A server at this address, which accepts every client. Port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// As [`std::net::TcpListener::bind`].
    pub fn listen(event_loop: &EventLoop, address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::builder(event_loop).listen(address)
    }

    /// A server with options.
    pub fn builder(event_loop: &EventLoop) -> ServerBuilder<'_> {
        ServerBuilder {
            event_loop,
            settings: Settings::default(),
            reuse_port: false,
        }
    }

    /// A server at a socket that listens already, which accepts every client.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::from_listener`].
    pub fn from_listener(
        event_loop: &EventLoop,
        listener: std::net::TcpListener,
    ) -> io::Result<Self> {
        Self::builder(event_loop).from_listener(listener)
    }

    /// The address that is listened at.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.address
    }

    /// Sets what answers a client before the handshake goes on: it can look at the resource, the
    /// origin and every other field, refuse, and choose the subprotocol. Without it every client is
    /// accepted, with the first subprotocol it offers.
    ///
    /// If it panics, the client is refused.
    pub fn set_onrequest(&self, onrequest: impl Fn(&Request) -> Answer + 'static) {
        let before = self.inner.onrequest.replace(Some(Rc::new(onrequest)));
        drop(before);
    }

    /// Sets what answers GET requests that ask for no WebSocket: a page that opens one, say, or whether the server is well.
    /// Without it they get 400. It is no web server: each response ends its connection, and other methods get 400.
    ///
    /// If it panics, the response is 500.
    ///
    /// ```no_run
    /// # use dom_websocket::{EventLoop, HttpResponse, Server};
    /// # fn main() -> std::io::Result<()> {
    /// # let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:9001")?;
    /// server.set_onhttp(|request| match request.resource_name() {
    ///     "/" => HttpResponse::new(200).body("text/plain", "This is a WebSocket server."),
    ///     _ => HttpResponse::new(404),
    /// });
    /// # event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_onhttp(&self, onhttp: impl Fn(&Request) -> HttpResponse + 'static) {
        let before = self.inner.onhttp.replace(Some(Rc::new(onhttp)));
        drop(before);
    }

    /// Sets what gets each open connection, with the request that led to it. Without it, and if the
    /// callback keeps neither the socket nor a listener on it, the connection is closed.
    pub fn set_onconnection(&self, onconnection: impl Fn(WebSocket, &Request) + 'static) {
        let before = self.inner.onconnection.replace(Some(Rc::new(onconnection)));
        drop(before);
    }

    /// Accepts clients of the [simplified wire](crate::protocol::Wire::Simplified) too, whatever the
    /// [edition](ServerBuilder::edition), and sets what gets each of their connections, with the request that led to it.
    /// [`onrequest`](Self::set_onrequest) answers them first. Without it they are refused.
    ///
    /// The streams are half open, as [`ByteStream`] says. Such a client has no origin, and its bytes are as it
    /// sent them: a server that has to know whom it talks to has to ask.
    pub fn set_onbytestream(&self, onbytestream: impl Fn(ByteStream, &Request) + 'static) {
        let before = self.inner.onbytestream.replace(Some(Rc::new(onbytestream)));
        drop(before);
    }

    /// Stops listening, and lets go of all callbacks. Connections live on.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.inner.address)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn close(&self) {
        self.is_closed.set(true);
        self.closing.notify(usize::MAX);
        let callbacks = (
            self.onrequest.take(),
            self.onhttp.take(),
            self.onconnection.take(),
            self.onbytestream.take(),
        );
        drop(callbacks);
    }

    async fn accept_clients(server: Weak<Self>, listener: TcpListener) {
        loop {
            let Some(closing) = server
                .upgrade()
                .filter(|server| !server.is_closed.get())
                .map(|server| server.closing.listen())
            else {
                return;
            };
            let accepted = match select(pin!(Listener::accept(&listener)), closing).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => return,
            };
            match (accepted, server.upgrade()) {
                (Ok(socket), Some(server)) => {
                    // A client that is gone already is no reason to stop.
                    if let Ok(stream) = TcpTransport::new(socket) {
                        let random = server.random.borrow_mut().random();
                        Handshake::begin(&server, stream, random);
                    }
                }
                (Err(_), Some(_)) => runtime::sleep(ACCEPT_AGAIN).await,
                (_, None) => return,
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
