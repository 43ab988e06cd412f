//! The listening side: accepts clients and yields the same `WebSocket` objects.

use crate::connection::{Channel, Opened, Opener, drive};
use crate::dom::{Document, WebSocket};
use crate::event_loop::{EventLoop, Shared, Target, TaskSource};
use crate::net::TcpTransport;
use crate::net::runtime::{self, TcpListener};
#[cfg(feature = "tls")]
use crate::net::tls::{ServerTls, TlsError};
use crate::net::{Budget, Stream};
use crate::protocol::Edition;
use crate::protocol::url::{Components, parse_host_field};
use crate::protocol::{
    Acceptor, Answer, Failure, Feedback, Limits, Request, Response, ServerOptions, Timeouts,
};
use futures::future::{Either, LocalBoxFuture, select};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::time::Duration;
use url::Url;

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
#[derive(Clone)]
#[must_use = "dropping the last handle of a server closes it"]
pub struct Server {
    inner: Rc<Inner>,
}

compare_by_identity!(Server, inner);

type OnRequest = Rc<dyn Fn(&Request) -> Answer>;
type OnConnection = Rc<dyn Fn(WebSocket, &Request)>;

struct Inner {
    shared: Rc<Shared>,
    address: SocketAddr,
    options: ServerOptions,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
    /// Seeds each connection's own.
    random: RefCell<StdRng>,
    onrequest: RefCell<Option<OnRequest>>,
    onconnection: RefCell<Option<OnConnection>>,
    is_closed: Cell<bool>,
    closing: event_listener::Event,
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
    options: ServerOptions,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
}

impl ServerBuilder<'_> {
    /// Whether clients reach this server by `wss:`, through something in front of it that ends TLS:
    /// draft 76's server tells the client its own address. Default: no.
    pub fn secure(&mut self, secure: bool) -> &mut Self {
        self.options.secure = secure;
        self
    }

    /// Serves `wss:` with this certificate (PEM: its own first, then those that vouch for it) and its key.
    ///
    /// # Errors
    ///
    /// If there is no certificate in `chain`, no private key in `key`, or they don't fit each other.
    #[cfg(feature = "tls")]
    pub fn tls(&mut self, chain: &[u8], key: &[u8]) -> Result<&mut Self, TlsError> {
        self.tls = Some(ServerTls::new(chain, key)?);
        Ok(self.secure(true))
    }

    /// Accepts clients of this edition only. Default: of both, on the same port.
    pub fn edition(&mut self, edition: Edition) -> &mut Self {
        self.options.edition = Some(edition);
        self
    }

    /// Whether permessage-deflate is agreed to. Default: yes.
    pub fn compression(&mut self, compression: bool) -> &mut Self {
        self.options.compression = compression;
        self
    }

    /// How much memory one connection may cost.
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        self.options.limits = limits;
        self
    }

    /// How long each wait on a client lasts at the most.
    pub fn timeouts(&mut self, timeouts: Timeouts) -> &mut Self {
        self.options.timeouts = timeouts;
        self
    }

    /// Binds the address, and accepts clients from the loop's next turn on. Port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// As [`std::net::TcpListener::bind`].
    pub fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Server> {
        let listener = std::net::TcpListener::bind(address)?;
        let inner = Rc::new(Inner {
            shared: self.event_loop.shared().clone(),
            address: listener.local_addr()?,
            options: self.options.clone(),
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
            random: RefCell::new(rand::make_rng()),
            onrequest: RefCell::default(),
            onconnection: RefCell::default(),
            is_closed: Cell::new(false),
            closing: event_listener::Event::new(),
        });
        let listener = runtime::listener(listener)?;
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
            options: ServerOptions {
                edition: None,
                secure: false,
                compression: true,
                limits: Limits::default(),
                timeouts: Timeouts::default(),
            },
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The address that is listened at.
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

    /// Sets what gets each open connection, with the request that led to it. Without it, and if the
    /// callback keeps neither the socket nor a listener on it, the connection is closed.
    pub fn set_onconnection(&self, onconnection: impl Fn(WebSocket, &Request) + 'static) {
        let before = self.inner.onconnection.replace(Some(Rc::new(onconnection)));
        drop(before);
    }

    /// Stops listening, and lets go of both callbacks. Connections live on.
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
        let callbacks = (self.onrequest.take(), self.onconnection.take());
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
            let accepted = match select(pin!(listener.accept()), closing).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => return,
            };
            match (accepted, server.upgrade()) {
                (Ok((stream, _)), Some(server)) => {
                    // A client that is gone already is no reason to stop.
                    if let Ok(stream) = TcpTransport::new(stream) {
                        server.receive_client(stream);
                    }
                }
                (Err(_), Some(_)) => runtime::sleep(ACCEPT_AGAIN).await,
                (_, None) => return,
            }
        }
    }

    fn receive_client(self: &Rc<Self>, stream: TcpTransport) {
        let shared = &self.shared;
        let random = StdRng::from_rng(&mut *self.random.borrow_mut());
        let engine = Acceptor::new(self.options.clone(), random);
        let no_target: Weak<Arrival> = Weak::new();
        let source = TaskSource::new(shared.clone(), no_target, self.options.limits.undispatched);
        let channel = Rc::new(Channel::new(Box::new(engine), source.clone()));
        let arrival = Rc::new(Arrival {
            server: Rc::downgrade(self),
            shared: shared.clone(),
            source: source.clone(),
            channel: channel.clone(),
            secure: self.options.secure,
            send_queue: self.options.limits.send_queue,
            request: RefCell::default(),
        });
        let target: Rc<dyn Target> = arrival;
        source.set_target(Rc::downgrade(&target));
        source.pin(Some(target));
        let accepted = Box::new(Accepted {
            stream: Some(stream),
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
            bound: self.options.timeouts.opening_handshake,
        });
        shared.spawn(drive(channel, accepted, shared.commons().clone()));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

/// A TCP connection of a client, below which there may have to be TLS.
struct Accepted {
    stream: Option<TcpTransport>,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
    bound: Duration,
}

impl Opener for Accepted {
    fn open(&mut self, _: Option<Box<Response>>) -> LocalBoxFuture<'_, Result<Opened, Failure>> {
        Box::pin(async {
            let mut budget = Budget::new(self.bound);
            let stream = self.stream.take().ok_or(Failure::Cancelled)?;
            Ok(Opened {
                stream: self.secure(stream, &mut budget).await?,
                engine: None,
                turn: None,
                spent: budget.spent(),
            })
        })
    }
}

impl Accepted {
    #[cfg(feature = "tls")]
    async fn secure(
        &self,
        stream: TcpTransport,
        budget: &mut Budget,
    ) -> Result<Box<dyn Stream>, Failure> {
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => {
                let accepting =
                    async { tls.accept(stream).await.map_err(|e| Failure::Tls(e.into())) };
                budget.spend(accepting).await
            }
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn secure(
        &self,
        stream: TcpTransport,
        _: &mut Budget,
    ) -> Result<Box<dyn Stream>, Failure> {
        Ok(Box::new(stream))
    }
}

/// A client whose opening handshake is under way: it has no `WebSocket` object yet.
struct Arrival {
    server: Weak<Inner>,
    shared: Rc<Shared>,
    source: Rc<TaskSource>,
    channel: Rc<Channel>,
    secure: bool,
    send_queue: usize,
    request: RefCell<Option<Request>>,
}

impl Arrival {
    fn answer(&self, request: Request) {
        let onrequest = self
            .server
            .upgrade()
            .filter(|server| !server.is_closed.get())
            .map(|server| server.onrequest.borrow().clone());
        let answer = match onrequest {
            // The server was closed meanwhile.
            None => Answer::Refuse,
            // The address that it names is none.
            Some(_) if self.url(&request).is_none() => Answer::Refuse,
            Some(None) => Answer::Accept {
                protocol: request.protocols().next().map(str::to_owned),
            },
            Some(Some(onrequest)) => {
                let answer = Cell::new(Answer::Refuse);
                self.shared.run_callback(|| {
                    answer.set(onrequest(&request));
                    Ok(())
                });
                answer.into_inner()
            }
        };
        *self.request.borrow_mut() = Some(request);
        self.channel.answer(answer);
    }

    fn open(&self, protocol: Option<String>, extensions: String) {
        let Some(request) = self.request.take() else {
            return;
        };
        let Some(url) = self.url(&request) else {
            return;
        };
        let socket = WebSocket::adopt(
            request.edition(),
            &url,
            Document::default(),
            self.shared.clone(),
            self.source.clone(),
            self.channel.clone(),
            self.send_queue,
        );
        self.source.pin(None);
        let onconnection = self
            .server
            .upgrade()
            .and_then(|server| server.onconnection.borrow().clone());
        socket.become_open(protocol, extensions, |socket| {
            if let Some(onconnection) = onconnection {
                let socket = socket.clone();
                self.shared.run_callback(|| {
                    onconnection(socket, &request);
                    Ok(())
                });
            }
        });
    }

    /// The URL that the client opened.
    fn url(&self, request: &Request) -> Option<Url> {
        let (host, port) = parse_host_field(request.host()?, self.secure)?;
        let components = Components {
            host,
            port,
            resource_name: request.resource_name().to_owned(),
            secure: self.secure,
        };
        Url::parse(&components.construct()).ok()
    }
}

impl Target for Arrival {
    fn run(self: Rc<Self>, feedback: Feedback) {
        match feedback {
            Feedback::Requested(request) => self.answer(*request),
            Feedback::Established {
                protocol,
                extensions,
                ..
            } => self.open(protocol, extensions),
            // It never became a connection: nobody has to hear of its end.
            Feedback::Closed(_) => self.source.pin(None),
            Feedback::Violated => self.channel.tasks_are_done(),
            Feedback::Responded(_)
            | Feedback::Message(_)
            | Feedback::ErrorDetected
            | Feedback::ClosingHandshakeStarted => {}
        }
    }

    fn release(&self) {}
}
