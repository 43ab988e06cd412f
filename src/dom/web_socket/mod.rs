//! `WebSocket`: the constructor, the attributes, `send()` and `close()`.

mod events;
mod feedback;

use super::document::Occupant;
use super::event_target::EventListenerList;
use super::{Document, DomException, WebSocketBuilder};
use crate::connection::{Channel, drive};
use crate::edition::Edition;
use crate::event_loop::{EventLoop, Shared, Target, TaskSource};
use crate::protocol::hixie76::{self, ClientHandshake};
use crate::protocol::url;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

/// The browser's `WebSocket` object.
///
/// A `WebSocket` is a handle; its clones are the same object. The object stays alive without any
/// handle for as long as it has a listener that an event can still reach. When the last handle of one
/// without such listeners goes, its connection is closed: what is queued is sent, and TCP is ended
/// without a closing handshake (r4820 "garbage collection").
///
/// ```
/// use dom_websocket::{EventLoop, Server, WebSocket};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// server.set_onconnection(|socket, _| {
///     socket.set_onmessage(|event| event.target().send(&format!("{}!", event.data())));
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
#[derive(Clone)]
pub struct WebSocket {
    inner: Rc<Inner>,
}

struct Inner {
    edition: Edition,
    url: String,
    document: Document,
    shared: Rc<Shared>,
    source: Rc<TaskSource>,
    channel: Rc<Channel>,
    ready_state: Cell<u16>,
    protocol: RefCell<String>,
    /// The bytes given to `send()` that can't be sent any more.
    unsendable: Cell<usize>,
    listeners: EventListenerList,
}

impl WebSocket {
    /// [`ready_state`](Self::ready_state): the connection has not been established yet.
    pub const CONNECTING: u16 = 0;
    /// [`ready_state`](Self::ready_state): the connection is established, communication is possible.
    pub const OPEN: u16 = 1;
    /// [`ready_state`](Self::ready_state): the connection is going through the closing handshake.
    pub const CLOSING: u16 = 2;
    /// [`ready_state`](Self::ready_state): the connection has been closed or could not be opened.
    pub const CLOSED: u16 = 3;

    /// `new WebSocket(url)`: checks the address and opens the connection in the background.
    ///
    /// # Errors
    ///
    /// "SyntaxError" if this is no absolute `ws:` or `wss:` URL or has a fragment, "SecurityError" if
    /// its port is blocked. That nobody answers there is no error but a `close` event.
    pub fn new(event_loop: &EventLoop, url: &str) -> Result<Self, DomException> {
        Self::builder(event_loop, url).open()
    }

    /// `new WebSocket(url, protocol)`: as [`new`](Self::new), with a subprotocol that the server must
    /// speak.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); "SyntaxError" also if the subprotocol is empty or not printable ASCII.
    pub fn with_protocol(
        event_loop: &EventLoop,
        url: &str,
        protocol: &str,
    ) -> Result<Self, DomException> {
        Self::builder(event_loop, url).protocol(protocol).open()
    }

    /// A constructor with more options.
    pub fn builder<'a>(event_loop: &'a EventLoop, url: &'a str) -> WebSocketBuilder<'a> {
        WebSocketBuilder::new(event_loop, url)
    }

    /// r4820 "the WebSocket(url, protocol) constructor".
    pub(super) fn open(
        options: WebSocketBuilder<'_>,
        document: Document,
    ) -> Result<Self, DomException> {
        if !document.is_fully_active() {
            return Err(DomException::invalid_state(
                "the document has been unloaded",
            ));
        }
        let user_agent = options.user_agent.unwrap_or_default();
        // 1. Parse the URL.
        let (resolved, url) = url::parse(options.url).ok_or(DomException::syntax(
            "the URL is not an absolute ws: or wss: URL without a fragment",
        ))?;
        // 2. Blocked ports.
        if options.edition.throws_over_blocked_ports() && user_agent.blocks(url.port) {
            return Err(DomException::security("the URL's port is blocked"));
        }
        // 3. The subprotocol.
        if !options.protocol.is_none_or(hixie76::is_protocol_name) {
            return Err(DomException::syntax(
                "the subprotocol is empty or not printable ASCII",
            ));
        }
        // 4. The origin is the document's.
        let handshake = ClientHandshake {
            url: url.clone(),
            origin: document.origin().to_owned(),
            protocol: options.protocol.map(str::to_owned),
        };
        let engine = user_agent.with_random(|random| {
            hixie76::Connection::client(
                handshake,
                user_agent.limits().clone(),
                user_agent.timeouts().clone(),
                random,
            )
        });
        // 5. Return the object, and go on in the background.
        let shared = options.event_loop.shared();
        let no_target: Weak<Inner> = Weak::new();
        let source = TaskSource::new(shared.clone(), no_target, user_agent.limits().undispatched);
        let channel = Rc::new(Channel::new(Box::new(engine), source.clone()));
        let socket = Self::adopt(
            options.edition,
            resolved.into(),
            document,
            shared.clone(),
            source,
            channel.clone(),
        );
        // 6. Establish a WebSocket connection.
        let starting = Rc::downgrade(&channel);
        let dial = user_agent.dial(&url, move || {
            if let Some(channel) = starting.upgrade() {
                channel.start();
            }
        });
        shared.spawn(Box::pin(drive(channel, dial, shared.read_buffer())));
        Ok(socket)
    }

    /// An object for a connection that exists.
    pub(crate) fn adopt(
        edition: Edition,
        url: String,
        document: Document,
        shared: Rc<Shared>,
        source: Rc<TaskSource>,
        channel: Rc<Channel>,
    ) -> Self {
        let inner = Rc::new(Inner {
            edition,
            url,
            document,
            shared,
            source,
            channel,
            ready_state: Cell::new(Self::CONNECTING),
            protocol: RefCell::default(),
            unsendable: Cell::new(0),
            listeners: EventListenerList::default(),
        });
        let weak = Rc::downgrade(&inner);
        inner.document.add(weak.clone());
        inner.source.set_target(weak);
        Self { inner }
    }

    /// The resolved URL. The attribute was called `URL` in March 2010, and `url` since.
    #[doc(alias = "URL")]
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// [`CONNECTING`](Self::CONNECTING), [`OPEN`](Self::OPEN), [`CLOSING`](Self::CLOSING) or
    /// [`CLOSED`](Self::CLOSED). It changes in tasks and in [`close`](Self::close) only, and never
    /// goes back.
    #[doc(alias = "readyState")]
    pub fn ready_state(&self) -> u16 {
        self.inner.ready_state.get()
    }

    /// The bytes of text (in UTF-8, without framing) that were given to [`send`](Self::send) and not
    /// handed to the network when the current task began, or since. Once the connection is closing or
    /// closed it only grows, with each `send`.
    #[doc(alias = "bufferedAmount")]
    pub fn buffered_amount(&self) -> usize {
        self.inner
            .channel
            .buffered_amount()
            .saturating_add(self.inner.unsendable.get())
    }

    /// The subprotocol in use; empty until the connection is open, and if there is none.
    pub fn protocol(&self) -> String {
        self.inner.protocol.borrow().clone()
    }

    /// The edition that this object follows.
    pub fn edition(&self) -> Edition {
        self.inner.edition
    }

    /// Sends text: true if it was queued, false if the connection is closing or closed. It leaves
    /// when the current turn of the loop ends, together with all else that the turn's tasks sent.
    ///
    /// Where the queue is full ([`Limits::send_queue`](crate::Limits::send_queue)) the text is not
    /// sent, the connection is closed, and the result is false.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING).
    pub fn send(&self, data: &str) -> Result<bool, DomException> {
        self.check_that_it_was_opened()?;
        let is_queued = self.inner.channel.send_text(data);
        if !is_queued {
            let unsendable = self.inner.unsendable.get().saturating_add(data.len());
            self.inner.unsendable.set(unsendable);
        }
        Ok(is_queued)
    }

    /// [`send`](Self::send) for a script engine's strings, which are UTF-16.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING); after that, in every state,
    /// "SyntaxError" if there are unpaired surrogates.
    pub fn send_utf16(&self, data: &[u16]) -> Result<bool, DomException> {
        self.check_that_it_was_opened()?;
        let text = match String::from_utf16(data) {
            Ok(text) => text,
            Err(_) if self.inner.edition.throws_over_unpaired_surrogates() => {
                return Err(DomException::syntax("the text has unpaired surrogates"));
            }
            Err(_) => String::from_utf16_lossy(data),
        };
        self.send(&text)
    }

    fn check_that_it_was_opened(&self) -> Result<(), DomException> {
        if self.ready_state() == Self::CONNECTING {
            return Err(DomException::invalid_state(
                "the socket is still connecting",
            ));
        }
        Ok(())
    }

    /// Closes the connection. A `close` event follows, always from a task, unless there has been one;
    /// messages that arrive before the peer's answer are still delivered.
    pub fn close(&self) {
        // r4820 close(): the first that matches.
        if self.ready_state() >= Self::CLOSING {
            return;
        }
        if self.inner.channel.is_established() {
            // Started, unless the peer started it and the task that says so has not run.
            self.inner.channel.start_closing_handshake();
        } else {
            // Not yet established: fail the WebSocket connection. Does nothing if it is gone already.
            self.inner.channel.close();
        }
        self.set_ready_state(Self::CLOSING);
    }

    fn set_ready_state(&self, state: u16) {
        debug_assert!(state >= self.ready_state(), "readyState never goes back");
        self.inner.ready_state.set(state);
        self.update_liveness();
    }

    /// "Garbage collection": keeps the object alive while a listener can be reached by an event.
    pub(in crate::dom) fn update_liveness(&self) {
        let heard: &[&str] = match self.ready_state() {
            _ if !self.inner.document.is_fully_active() => &[],
            Self::CONNECTING => &["open", "message", "error", "close"],
            Self::OPEN | Self::CLOSING => &["message", "error", "close"],
            _ => &[],
        };
        let is_needed = heard
            .iter()
            .any(|type_| self.inner.listeners.listens_to(type_));
        let pin = is_needed.then(|| self.inner.clone() as Rc<dyn Target>);
        self.inner.source.pin(pin);
    }
}

/// r4820 "unloading document cleanup steps".
impl Occupant for Inner {
    fn go_away(&self) -> bool {
        let was_open = self.ready_state.get() != WebSocket::CLOSED;
        self.channel.abandon();
        self.listeners.clear();
        self.source.pin(None);
        was_open
    }
}

/// "If a WebSocket object is garbage collected while its connection is still open, the user agent
/// must close the WebSocket connection."
impl Drop for Inner {
    fn drop(&mut self) {
        self.channel.abandon();
    }
}

/// The same object, not merely an equal one.
impl PartialEq for WebSocket {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for WebSocket {}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("url", &self.url())
            .field("ready_state", &self.ready_state())
            .finish_non_exhaustive()
    }
}
