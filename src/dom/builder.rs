//! The constructor's arguments, and what a browser knows without being told.

use super::{AbortSignal, Document, DomException, IntoProtocols, WebSocket, WebSocketStream};
use crate::edition::Edition;
use crate::event_loop::EventLoop;
use crate::user_agent::{Headers, Observer, UserAgent};
#[cfg(not(target_family = "wasm"))]
use crate::{
    dom::ByteStream,
    user_agent::{InvalidHeader, Observation},
};
use std::fmt;
use std::rc::Rc;

/// Opens a [`WebSocket`] with more than an address.
///
/// It is used in a chain, or kept and used step by step; a method that fails leaves it as it was. Each call of
/// [`open`](Self::open) opens a socket of its own with the settings of that moment. Its clones go separate ways.
///
/// ```no_run
/// use dom_websocket::{Edition, EventLoop, WebSocket};
///
/// # fn main() -> Result<(), dom_websocket::DomException> {
/// let event_loop = EventLoop::new();
/// let socket = WebSocket::builder(&event_loop, "ws://example.com/chat")
///     .edition(Edition::Html5)
///     .origin("https://example.com")
///     .protocol("chat")
///     .open()?;
///
/// // The next one is another socket, which offers both.
/// let mut builder = WebSocket::builder(&event_loop, "ws://example.com/chat");
/// builder.protocol("chat");
/// let one = builder.open()?;
/// let other = builder.protocol("superchat").open()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is opened before `open` is called"]
pub struct WebSocketBuilder<'a> {
    pub(super) event_loop: &'a EventLoop,
    pub(super) url: &'a str,
    pub(super) edition: Edition,
    pub(super) protocols: Vec<String>,
    pub(super) user_agent: Option<UserAgent>,
    pub(super) headers: Headers,
    pub(super) half_open: bool,
    #[cfg(not(target_family = "wasm"))]
    pub(super) compression: Option<bool>,
    pub(super) observer: Option<Observer>,
    pub(super) signal: Option<AbortSignal>,
    document: Option<Document>,
    origin: Option<&'a str>,
}

impl<'a> WebSocketBuilder<'a> {
    pub(super) fn new(event_loop: &'a EventLoop, url: &'a str) -> Self {
        Self {
            event_loop,
            url,
            edition: Edition::default(),
            protocols: Vec::new(),
            user_agent: None,
            headers: Headers::default(),
            half_open: false,
            #[cfg(not(target_family = "wasm"))]
            compression: None,
            observer: None,
            signal: None,
            document: None,
            origin: None,
        }
    }

    /// The text to follow.
    ///
    /// ```
    /// use dom_websocket::{Edition, EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let socket = WebSocket::builder(&event_loop, "ws://example.com/").edition(Edition::Html5).open()?;
    /// assert_eq!(socket.edition(), Edition::Html5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn edition(&mut self, edition: Edition) -> &mut Self {
        self.edition = edition;
        self
    }

    /// A subprotocol to ask for, behind those that were named before; the connection fails if the
    /// server speaks none of them. [`Edition::Html5`] knows one at the most.
    ///
    /// Clause: [RFC 6455 section 1.9](https://www.rfc-editor.org/rfc/rfc6455#section-1.9).
    ///
    /// ```
    /// use dom_websocket::{Answer, Server, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onrequest(|request| {
    ///     assert!(request.protocols().eq(["chat", "superchat"]));
    ///     Answer::accept_with("superchat")
    /// });
    /// let url = format!("ws://{}/", server.local_addr());
    /// let socket = WebSocket::builder(&event_loop, &url).protocol("chat").protocol("superchat").open()?;
    /// socket.set_onopen(|event| {
    ///     assert_eq!(event.target().protocol(), "superchat");
    ///     event.target().close();
    /// });
    /// socket.set_onclose(move |_| server.close());
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn protocol(&mut self, protocol: &str) -> &mut Self {
        self.protocols.push(protocol.to_owned());
        self
    }

    /// Subprotocols to ask for, in order of preference, behind those that were named before: in an array, a slice, a `Vec`, by
    /// an iterator, or one by itself.
    ///
    /// Clause: [RFC 6455 section 1.9](https://www.rfc-editor.org/rfc/rfc6455#section-1.9).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let mut builder = WebSocket::builder(&event_loop, "ws://example.com/");
    /// let socket = builder.protocols(&["chat", "superchat"]).open()?;
    /// assert!(builder.protocol("chat").open().is_err(), "it stands there twice");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn protocols<Kind>(&mut self, protocols: impl IntoProtocols<Kind>) -> &mut Self {
        protocols.for_each_protocol(|protocol| self.protocols.push(protocol.to_owned()));
        self
    }

    /// The document that the socket belongs to. Without one it has a document of its own with this
    /// builder's [`origin`](Self::origin).
    ///
    /// ```
    /// use dom_websocket::{Document, EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let document = Document::new("https://example.com/app/")?;
    /// let socket = WebSocket::builder(&event_loop, "chat").document(&document).open()?;
    /// assert_eq!(socket.url(), "wss://example.com/app/chat");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn document(&mut self, document: &Document) -> &mut Self {
        self.document = Some(document.clone());
        self
    }

    /// The origin to speak for, where there is no [`document`](Self::document): a URL, or `null`,
    /// which is the default.
    ///
    /// ```
    /// use dom_websocket::{Answer, Server, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onrequest(|request| {
    ///     assert_eq!(request.origin(), Some("https://example.com"));
    ///     Answer::accept()
    /// });
    /// let url = format!("ws://{}/", server.local_addr());
    /// let socket = WebSocket::builder(&event_loop, &url).origin("https://example.com").open()?;
    /// socket.set_onopen(|event| event.target().close());
    /// socket.set_onclose(move |_| server.close());
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn origin(&mut self, origin: &'a str) -> &mut Self {
        self.origin = Some(origin);
        self
    }

    /// Adds a field to the request: a token in `Authorization`, for one. Browsers have no such thing.
    ///
    /// # Errors
    ///
    /// As [`UserAgentBuilder::header`](crate::UserAgentBuilder::header).
    ///
    /// ```
    /// use dom_websocket::{Answer, Server, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onrequest(|request| match request.field("authorization") {
    ///     Some("Bearer 31d4d96e") => Answer::accept(),
    ///     _ => Answer::Refuse,
    /// });
    /// let url = format!("ws://{}/", server.local_addr());
    /// let socket = WebSocket::builder(&event_loop, &url)
    ///     .header("Authorization", "Bearer 31d4d96e")?
    ///     .open()?;
    /// socket.set_onopen(|event| event.target().close());
    /// socket.set_onclose(move |event| {
    ///     assert!(event.was_clean());
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn header(&mut self, name: &str, value: &str) -> Result<&mut Self, InvalidHeader> {
        self.headers.add(name, value)?;
        Ok(self)
    }

    /// Whether the socket stays half open when the server has finished: it learns of that by an
    /// [`end`](WebSocket::set_onend) event and can go on sending; the closing handshake is answered when it calls
    /// [`finish`](WebSocket::finish) or [`close`](WebSocket::close). Where nobody listens for `end` it is answered at
    /// once, which is the default. (Sockets of Node have it as `allowHalfOpen`.)
    ///
    /// A server of draft 76 waits for our end. One of RFC 6455 may read nothing any more: "there is no guarantee that
    /// the endpoint that has already sent a Close frame will continue to process data" (section 5.5.1), and most do
    /// not.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let socket = WebSocket::builder(&event_loop, "ws://example.com/").half_open(true).open()?;
    /// socket.set_onend(|event| {
    ///     event.target().send("the server has finished, and we have not")?;
    ///     event.target().finish()
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn half_open(&mut self, half_open: bool) -> &mut Self {
        self.half_open = half_open;
        self
    }

    /// Whether permessage-deflate is offered. Default: as the user agent has it.
    ///
    /// `false` is for a socket whose messages have secrets beside what somebody else chose: from their lengths on the
    /// wire, compressed together, who chose can find out the others (RFC 7692 section 8.1).
    ///
    /// ```
    /// # use dom_websocket::{EventLoop, WebSocket};
    /// # let event_loop = EventLoop::new();
    /// let socket = WebSocket::builder(&event_loop, "wss://example.com/bank")
    ///     .compression(false)
    ///     .open()?;
    /// # Ok::<(), dom_websocket::DomException>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn compression(&mut self, compression: bool) -> &mut Self {
        self.compression = Some(compression);
        self
    }

    /// Gives the connection up when this signal is aborted before it is established: `WebSocketStreamOptions.signal`. If
    /// it is aborted already, nothing is attempted. Once the connection is established the signal means nothing.
    ///
    /// [`WebSocketStream::opened`] and [`closed`](WebSocketStream::closed) fail with an "AbortError". A socket that is
    /// [opened](Self::open) with it fails as one whose server can't be reached.
    ///
    /// ```
    /// use dom_websocket::{AbortController, EventLoop, WebSocket};
    ///
    /// # fn main() -> Result<(), dom_websocket::DomException> {
    /// let event_loop = EventLoop::new();
    /// let controller = AbortController::new();
    /// let stream = WebSocket::builder(&event_loop, "ws://192.0.2.1/")
    ///     .signal(&controller.signal())
    ///     .open_stream()?;
    /// let opened = stream.opened();
    /// event_loop.spawn(async move {
    ///     let error = opened.await.unwrap_err();
    ///     assert_eq!(error.name(), "AbortError");
    /// });
    /// controller.abort();
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    pub fn signal(&mut self, signal: &AbortSignal) -> &mut Self {
        self.signal = Some(signal.clone());
        self
    }

    /// Calls this with each step of this socket's connection, beside the user agent's
    /// [observer](crate::UserAgentBuilder::observer).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Failure, Step, WebSocket};
    /// use std::{cell::RefCell, rc::Rc};
    ///
    /// # fn main() -> Result<(), dom_websocket::DomException> {
    /// let event_loop = EventLoop::new();
    /// let cause = Rc::new(RefCell::new(None));
    /// let found = cause.clone();
    /// let socket = WebSocket::builder(&event_loop, "ws://127.0.0.1:1/")
    ///     .observer(move |observation| {
    ///         if let Step::Failed(failure) = observation.step {
    ///             found.replace(Some(failure.clone()));
    ///         }
    ///     })
    ///     .open()?;
    /// event_loop.run();
    /// assert_eq!(*cause.borrow(), Some(Failure::PortBlocked(1)));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn observer(&mut self, observer: impl Fn(&Observation<'_>) + 'static) -> &mut Self {
        self.observer = Some(Rc::new(observer));
        self
    }

    /// The user agent, whose settings apply.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, UserAgent, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let user_agent = UserAgent::builder().log_failures().build();
    /// let socket = WebSocket::builder(&event_loop, "ws://example.com/").user_agent(&user_agent).open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn user_agent(&mut self, user_agent: &UserAgent) -> &mut Self {
        self.user_agent = Some(user_agent.clone());
        self
    }

    /// The `WebSocket` constructor: checks the arguments, and opens the connection in the background.
    ///
    /// Clause: [WebSockets, "new WebSocket(url, protocols)"](https://websockets.spec.whatwg.org/#dom-websocket-websocket).
    ///
    /// # Errors
    ///
    /// In this order:
    ///
    /// 1. "SyntaxError": the URL is no `ws:` or `wss:` URL, or has a fragment. In [`Edition::Living`] it
    ///    may be relative to the document's address, and `http:` or `https:` in their place;
    /// 2. in [`Edition::Html5`], "SecurityError": its port is blocked;
    /// 3. "SyntaxError": a subprotocol is not a token or stands twice; in [`Edition::Html5`], there are
    ///    several, or it is empty or not printable ASCII.
    ///
    /// Before these: "SyntaxError" for an [`origin`](Self::origin) that is no URL, "InvalidStateError"
    /// for a document that has been unloaded.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let builder = WebSocket::builder(&event_loop, "ws://example.com/");
    /// assert_ne!(builder.open()?, builder.open()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self) -> Result<WebSocket, DomException> {
        WebSocket::open(self)
    }

    /// The `WebSocketStream` constructor: the same connection as two streams of messages.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// let stream = WebSocket::builder(&event_loop, &url).protocol("chat").open_stream()?;
    /// event_loop.spawn(async move {
    ///     let ends = stream.opened().await.expect("a server that is there");
    ///     assert_eq!(ends.protocol, "chat");
    ///     stream.close(1000).expect("a code that is allowed");
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_stream(&self) -> Result<WebSocketStream, DomException> {
        WebSocketStream::open(self)
    }

    /// The same connection as a stream of bytes. It is always [half open](Self::half_open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// let mut stream = WebSocket::builder(&event_loop, &url).open_byte_stream()?;
    /// event_loop.spawn(async move {
    ///     let mut bytes = [0; 5];
    ///     stream.write_all(b"hello").await.expect("an open connection");
    ///     stream.read_exact(&mut bytes).await.expect("an echo");
    ///     assert_eq!(&bytes, b"hello");
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn open_byte_stream(&self) -> Result<ByteStream, DomException> {
        ByteStream::open(self)
    }

    /// The document that was given. Without one the socket is in one that nobody else has.
    pub(super) fn document_given(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    pub(super) fn document_of_socket(&self) -> Result<Document, DomException> {
        match (&self.document, self.origin) {
            (Some(document), _) => Ok(document.clone()),
            (None, Some(origin)) => Document::new(origin).map_err(|_| {
                DomException::syntax("the origin is neither an absolute URL nor `null`")
            }),
            (None, None) => Ok(Document::default()),
        }
    }
}

impl fmt::Debug for WebSocketBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Fields that were added, and the URL's user and query, can be secrets.
        f.debug_struct("WebSocketBuilder")
            .field("edition", &self.edition)
            .field("protocols", &self.protocols)
            .finish_non_exhaustive()
    }
}
