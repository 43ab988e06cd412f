//! The listening side: accepts clients and yields the same `WebSocket` objects.

mod builder;
#[cfg(all(fuzzing, feature = "http2"))]
pub(crate) mod fuzzing;
mod handshake;
#[cfg(feature = "http2")]
mod http2;
mod policy;
mod shared_port;
mod shutdown;

pub use builder::ServerBuilder;

use crate::dom::{ByteStream, WebSocket};
use crate::event_loop::{EventLoop, Shared};
use crate::net::runtime::{self, Listener, TcpListener};
use crate::net::{Places, TcpTransport};
use crate::protocol::opening::{Answer, HttpResponse, Request};
use builder::Settings;
use event_listener::{Event, EventListener};
use futures::future::{Either, select};
use handshake::Handshake;
use rand::rngs::StdRng;
use shutdown::{Clients, End};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::ready;
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
///
/// ```
/// use dom_websocket::{Server, WebSocket};
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// server.set_onconnection(|socket, _request| {
///     socket.set_onmessage(|event| event.target().send(event.data()));
/// });
/// # let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
/// # socket.set_onopen(|event| event.target().close());
/// # socket.set_onclose(move |_| server.close());
/// event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    connections: Rc<Places>,
    handshakes: Rc<Places>,
    /// Seeds each connection's own.
    random: RefCell<StdRng>,
    onrequest: RefCell<Option<OnRequest>>,
    onhttp: RefCell<Option<OnHttp>>,
    onconnection: RefCell<Option<OnConnection>>,
    onbytestream: RefCell<Option<OnByteStream>>,
    clients: Clients,
    end: Rc<End>,
    is_closed: Cell<bool>,
    closing: Event,
}

impl Server {
    /// A server at this address, which accepts every client. Port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// As [`std::net::TcpListener::bind`].
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// // The address is taken.
    /// assert!(Server::listen(&event_loop, server.local_addr()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn listen(event_loop: &EventLoop, address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::builder(event_loop).listen(address)
    }

    /// A server with options.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let event_loop = EventLoop::new();
    /// let server = Server::builder(&event_loop).compression(false).listen("127.0.0.1:0")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(event_loop: &EventLoop) -> ServerBuilder<'_> {
        ServerBuilder::new(event_loop)
    }

    /// A server at a socket that listens already, which accepts every client.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::from_listener`].
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    /// use std::net::TcpListener;
    ///
    /// // From a service manager, say.
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let event_loop = EventLoop::new();
    /// let server = Server::from_listener(&event_loop, listener)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_listener(
        event_loop: &EventLoop,
        listener: std::net::TcpListener,
    ) -> io::Result<Self> {
        Self::builder(event_loop).from_listener(listener)
    }

    /// The address that is listened at.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    ///
    /// let server = Server::listen(&EventLoop::new(), "127.0.0.1:0")?;
    /// assert_ne!(server.local_addr().port(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.address
    }

    /// Sets what answers a client before the handshake goes on: it can look at the resource, the
    /// origin and every other field, refuse, and choose the subprotocol. Without it every client is
    /// accepted, with the first subprotocol it offers.
    ///
    /// If it panics, the client is refused.
    ///
    /// ```
    /// use dom_websocket::{Answer, Server};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onrequest(|request| match (request.resource_name(), request.origin()) {
    ///     ("/chat", Some("https://example.com")) => Answer::accept_with("chat"),
    ///     _ => Answer::Refuse,
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_onrequest(&self, onrequest: impl Fn(&Request) -> Answer + 'static) {
        let before = self.inner.onrequest.replace(Some(Rc::new(onrequest)));
        drop(before);
    }

    /// Sets what answers GET requests that ask for no WebSocket: a page that opens one, say, or whether the server is well.
    /// Without it they get 400. It is no web server: each response ends its connection, and other methods get 400. Over HTTP/2
    /// it ends its stream, HEAD is answered as GET is, and other methods get 405 or 501.
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
    ///
    /// ```
    /// use dom_websocket::Server;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onconnection(|socket, request| {
    ///     println!("a client of {}", request.resource_name());
    ///     socket.set_onopen(|event| event.target().send("welcome"));
    ///     socket.set_onclose(|event| println!("gone: {}", event.code()));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use dom_websocket::{ByteStream, Server};
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// let spawner = event_loop.downgrade();
    /// server.set_onbytestream(move |stream, _request| {
    ///     let Some(event_loop) = spawner.upgrade() else { return };
    ///     event_loop.spawn(async move {
    ///         let (reader, mut writer) = stream.split();
    ///         let _ = futures::io::copy(reader, &mut writer).await;
    ///         let _ = writer.close().await;
    ///     });
    /// });
    /// let mut stream = ByteStream::connect(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// event_loop.spawn(async move {
    ///     let mut echo = Vec::new();
    ///     stream.write_all(b"hello").await.expect("an open connection");
    ///     stream.close().await.expect("an open connection");
    ///     stream.read_to_end(&mut echo).await.expect("a clean end");
    ///     assert_eq!(echo, b"hello");
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_onbytestream(&self, onbytestream: impl Fn(ByteStream, &Request) + 'static) {
        let before = self.inner.onbytestream.replace(Some(Rc::new(onbytestream)));
        drop(before);
    }

    /// Stops listening, and lets go of all callbacks. Connections live on.
    ///
    /// ```
    /// use dom_websocket::Server;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.close();
    /// // Nothing is left to wait for.
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Tells when the server is closed. `None` if it is.
    fn closing(server: &Weak<Self>) -> Option<EventListener> {
        let server = server.upgrade().filter(|server| !server.is_closed.get())?;
        Some(server.closing.listen())
    }

    async fn accept_clients(server: Weak<Self>, listener: TcpListener) {
        let places = |server: Rc<Self>| (server.connections.clone(), server.handshakes.clone());
        let Some((connections, handshakes)) = server.upgrade().map(places) else {
            return;
        };
        while let Some(closing) = Self::closing(&server) {
            let mut accepting = pin!(Listener::accept(&listener));
            // It takes places only when it has come: meanwhile they are for streams of HTTP/2, too.
            let accepting = poll_fn(|cx| {
                ready!(connections.poll_free(cx));
                ready!(handshakes.poll_free(cx));
                accepting.as_mut().poll(cx)
            });
            let accepted = match select(accepting, closing).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => return,
            };
            match (accepted, server.upgrade()) {
                (Ok(socket), Some(server)) => {
                    let places = connections.take().zip(handshakes.take());
                    // A client that is gone already is no reason to stop.
                    if let (Ok(stream), Some((connection, handshake))) =
                        (TcpTransport::new(socket), places)
                    {
                        Handshake::begin(&server, stream.in_place(connection), handshake);
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
