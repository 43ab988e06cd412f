//! `WebSocket`: what it has, and its constructors.

mod binary_type;
mod closing;
mod constructor;
mod data;
mod events;
mod feedback;
mod hand_over;
mod liveness;
mod outbox;
mod outgoing;
mod ready_state;
mod remote;
mod room;
mod sending;

pub use binary_type::BinaryType;
pub use data::{AsData, Data};
pub use remote::RemoteSocket;
pub use room::TrySendError;

use super::event_target::EventListenerList;
use super::{Document, DomException, IntoProtocols, WebSocketBuilder, Wrapper};
use crate::connection::Channel;
use crate::edition::Edition;
use crate::event_loop::{EventLoop, Shared, TaskSource};
use crate::protocol::ConnectionOptions;
use crate::protocol::url::without_secrets;
use outbox::Outbox;
use outgoing::Outgoing;
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::{self, Arc};
use url::Url;

/// The browser's `WebSocket` object.
///
/// A `WebSocket` is a handle; its clones are the same object. The object stays alive without any
/// handle for as long as it has a listener that an event can still reach. When the last handle of one
/// without such listeners goes, its connection is closed, once what is queued has been sent: by a
/// closing handshake without a code, or in [`Edition::Html5`] without a handshake ("garbage collection"
/// in both texts).
///
/// Clause: [WebSockets, "The WebSocket interface"](https://websockets.spec.whatwg.org/#the-websocket-interface).
///
/// ```
/// use dom_websocket::{EventLoop, Server, WebSocket};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// server.set_onconnection(|socket, _| {
///     socket.set_onmessage(|event| event.target().send(format!("{}!", event.data())));
/// });
///
/// let socket = WebSocket::new(&event_loop, &format!("ws://{}/chat", server.local_addr()))?;
/// socket.set_onopen(|event| event.target().send("hello"));
/// socket.set_onmessage(|event| {
///     assert_eq!(event.data(), "hello!");
///     event.target().close();
/// });
/// socket.set_onclose(move |event| {
///     assert!(event.was_clean());
///     server.close();
/// });
/// event_loop.run();
/// assert_eq!(socket.ready_state(), WebSocket::CLOSED);
/// # Ok(())
/// # }
/// ```
///
/// As in JavaScript, a socket is equal to itself alone, and can be the key of a map. (Clippy's `mutable_key_type`
/// warns of that, and needs not: nothing that changes in a socket is compared.)
///
/// ```
/// use dom_websocket::{EventLoop, WebSocket};
/// use std::collections::HashMap;
///
/// # fn main() -> Result<(), dom_websocket::DomException> {
/// let event_loop = EventLoop::new();
/// let alice = WebSocket::new(&event_loop, "ws://example.com/chat")?;
/// let bob = WebSocket::new(&event_loop, "ws://example.com/chat")?;
/// let names = HashMap::from([(alice.clone(), "Alice"), (bob, "Bob")]);
/// assert_eq!(names[&alice], "Alice");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a socket without listeners is closed with its last handle"]
pub struct WebSocket {
    inner: Rc<Inner>,
}

struct Inner {
    edition: Edition,
    url: Rc<str>,
    document: Option<Document>,
    source: Rc<TaskSource>,
    ready_state: Cell<u16>,
    /// Our end has gone out by `finish()`: messages go on being delivered.
    is_finished: Cell<bool>,
    /// The subprotocol and the extensions, where there are some.
    agreed: OnceCell<Box<(String, String)>>,
    binary_type: Cell<BinaryType>,
    /// What `MessageEvent.origin` says.
    message_origin: OnceCell<Rc<str>>,
    outgoing: Outgoing,
    /// A `drain` event is to come.
    drain_is_due: Cell<bool>,
    options: Arc<ConnectionOptions>,
    half_open: bool,
    /// The application was told that the peer has, and has not ended our direction yet.
    peer_has_finished: Cell<bool>,
    /// The connection is a stream's now.
    is_handed_over: Cell<bool>,
    /// The bytes given to `send()` that can't be sent any more.
    unsendable: Cell<usize>,
    listeners: EventListenerList,
    /// A script's object, if this socket belongs to a script.
    wrapper: OnceCell<Rc<dyn Wrapper>>,
    /// The task that closes the object is under way: `error` and `close` are still to come.
    close_is_due: Cell<bool>,
    /// What the user agent does with `open`.
    on_open: Cell<Option<Box<dyn FnOnce()>>>,
    /// Notified once it is open, and once no event follows.
    changed: event_listener::Event,
    /// Those of the handles for other threads.
    outboxes: OnceCell<Box<RefCell<Vec<sync::Weak<Outbox>>>>>,
}

impl WebSocket {
    /// `new WebSocket(url)`: checks the address and opens the connection in the background: whenever somebody
    /// drives the [`EventLoop`], and not before. It ends with the loop: the socket is then
    /// [`CLOSED`](Self::CLOSED), without an event.
    ///
    /// Clause: [WebSockets, "new WebSocket(url, protocols)"](https://websockets.spec.whatwg.org/#dom-websocket-websocket).
    ///
    /// # Errors
    ///
    /// "SyntaxError" if this is no absolute `ws:`, `wss:`, `http:` or `https:` URL, or has a fragment.
    /// That nobody answers there is no error but an `error` event and a `close` event.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let socket = WebSocket::new(&event_loop, "ws://example.com/chat")?;
    /// assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
    /// assert!(WebSocket::new(&event_loop, "example.com/chat").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(event_loop: &EventLoop, url: &str) -> Result<Self, DomException> {
        Self::builder(event_loop, url).open()
    }

    /// `new WebSocket(url, protocol)`: as [`new`](Self::new), with a subprotocol that the server must
    /// speak.
    ///
    /// Clause: [WebSockets, "new WebSocket(url, protocols)"](https://websockets.spec.whatwg.org/#dom-websocket-websocket).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); "SyntaxError" also if the subprotocol is not a token.
    ///
    /// ```
    /// use dom_websocket::WebSocket;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// let socket = WebSocket::with_protocol(&event_loop, &url, "chat")?;
    /// socket.set_onopen(|event| {
    ///     assert_eq!(event.target().protocol(), "chat");
    ///     event.target().close();
    /// });
    /// # socket.set_onclose(move |_| server.close());
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_protocol(
        event_loop: &EventLoop,
        url: &str,
        protocol: &str,
    ) -> Result<Self, DomException> {
        Self::builder(event_loop, url).protocol(protocol).open()
    }

    /// `new WebSocket(url, protocols)`: as [`new`](Self::new), with subprotocols in order of preference, of which the server must
    /// speak one: in an array, a slice, a `Vec`, by an iterator, or one by itself.
    ///
    /// Clause: [WebSockets, "new WebSocket(url, protocols)"](https://websockets.spec.whatwg.org/#dom-websocket-websocket).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); "SyntaxError" also if one is not a token, or stands twice.
    ///
    /// ```
    /// use dom_websocket::{Answer, Server, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onrequest(|_| Answer::accept_with("chat"));
    /// let url = format!("ws://{}/", server.local_addr());
    /// let socket = WebSocket::with_protocols(&event_loop, &url, &["superchat", "chat"])?;
    /// socket.set_onopen(|event| {
    ///     assert_eq!(event.target().protocol(), "chat");
    ///     event.target().close();
    /// });
    /// socket.set_onclose(move |_| server.close());
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_protocols<Kind>(
        event_loop: &EventLoop,
        url: &str,
        protocols: impl IntoProtocols<Kind>,
    ) -> Result<Self, DomException> {
        Self::builder(event_loop, url).protocols(protocols).open()
    }

    /// A constructor with more options.
    ///
    /// Clause: [WebSockets, "new WebSocket(url, protocols)"](https://websockets.spec.whatwg.org/#dom-websocket-websocket).
    ///
    /// ```
    /// use dom_websocket::{Edition, EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let socket = WebSocket::builder(&event_loop, "ws://example.com/chat")
    ///     .edition(Edition::Html5)
    ///     .origin("https://example.com")
    ///     .open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder<'a>(event_loop: &'a EventLoop, url: &'a str) -> WebSocketBuilder<'a> {
        WebSocketBuilder::new(event_loop, url)
    }

    /// A handle that doesn't keep the object.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn downgrade(&self) -> WeakWebSocket {
        WeakWebSocket(Rc::downgrade(&self.inner))
    }

    /// An object for a connection that exists.
    pub(crate) fn adopt(
        edition: Edition,
        url: &Url,
        document: Option<Document>,
        source: Rc<TaskSource>,
        options: &Arc<ConnectionOptions>,
        half_open: bool,
    ) -> Self {
        let inner = Rc::new(Inner {
            edition,
            url: source.shared().texts().share(url.as_str()),
            document,
            source,
            ready_state: Cell::new(Self::CONNECTING),
            is_finished: Cell::new(false),
            agreed: OnceCell::new(),
            binary_type: Cell::default(),
            message_origin: OnceCell::new(),
            outgoing: Outgoing::default(),
            drain_is_due: Cell::new(false),
            options: options.clone(),
            half_open,
            peer_has_finished: Cell::new(false),
            is_handed_over: Cell::new(false),
            unsendable: Cell::new(0),
            listeners: EventListenerList::new(edition),
            wrapper: OnceCell::new(),
            close_is_due: Cell::new(false),
            on_open: Cell::new(None),
            changed: event_listener::Event::new(),
            outboxes: OnceCell::new(),
        });
        let weak = Rc::downgrade(&inner);
        if let Some(document) = &inner.document {
            document.add(weak.clone());
        }
        inner.source.set_target(weak);
        Self { inner }
    }

    /// The resolved URL. The attribute was called `URL` in March 2010, and `url` since.
    ///
    /// Clause: [WebSockets, "url"](https://websockets.spec.whatwg.org/#dom-websocket-url).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let socket = WebSocket::new(&EventLoop::new(), "WS://EXAMPLE.com:80")?;
    /// assert_eq!(socket.url(), "ws://example.com/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "URL")]
    #[must_use]
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// The subprotocol in use; empty until the connection is open, and if there is none.
    ///
    /// Clause: [WebSockets, "protocol"](https://websockets.spec.whatwg.org/#dom-websocket-protocol).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// assert_eq!(socket.protocol(), "");
    /// socket.set_onopen(|event| println!("we speak {:?}", event.target().protocol()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn protocol(&self) -> String {
        let agreed = self.inner.agreed.get();
        agreed.map_or_else(String::new, |agreed| agreed.0.clone())
    }

    /// The extensions in use, as the server named them; empty until the connection is open, and if
    /// there are none.
    ///
    /// Clause: [WebSockets, "extensions"](https://websockets.spec.whatwg.org/#dom-websocket-extensions).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| {
    ///     assert!(event.target().extensions().starts_with("permessage-deflate"));
    ///     event.target().close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extensions(&self) -> String {
        let agreed = self.inner.agreed.get();
        agreed.map_or_else(String::new, |agreed| agreed.1.clone())
    }

    /// The edition that this object follows.
    ///
    /// ```
    /// use dom_websocket::Edition;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// assert_eq!(socket.edition(), Edition::Living);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.inner.edition
    }

    /// From now on a script's object has the listeners.
    pub(crate) fn set_wrapper(&self, wrapper: Rc<dyn Wrapper>) {
        let _ = self.inner.wrapper.set(wrapper);
    }
}

impl Inner {
    fn shared(&self) -> &Rc<Shared> {
        self.source.shared()
    }

    fn channel(&self) -> &dyn Channel {
        self.source.channel()
    }

    /// Its document, if it has one, has not been unloaded.
    fn is_active(&self) -> bool {
        Document::is_active(self.document.as_ref())
    }

    /// Tells whoever waits for a change. An event that nobody listens to takes no memory, until it is notified.
    fn notify(&self) {
        if self.changed.total_listeners() > 0 {
            self.changed.notify(usize::MAX);
        }
    }

    fn wrapper(&self) -> Option<&Rc<dyn Wrapper>> {
        self.wrapper.get()
    }
}

/// A socket, as long as somebody else has it.
#[cfg(not(target_family = "wasm"))]
pub(crate) struct WeakWebSocket(Weak<Inner>);

#[cfg(not(target_family = "wasm"))]
impl WeakWebSocket {
    pub(crate) fn upgrade(&self) -> Option<WebSocket> {
        self.0.upgrade().map(|inner| WebSocket { inner })
    }
}

compare_by_identity!(WebSocket, inner);

/// Without what can be a secret: the URL's credentials, and its query.
impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("url", &without_secrets(self.url()))
            .field("ready_state", &self.ready_state())
            .finish_non_exhaustive()
    }
}
