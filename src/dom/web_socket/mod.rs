//! `WebSocket`: the attributes, `send()` and `close()`.

mod closing;
mod constructor;
mod data;
mod events;
mod feedback;
mod hand_over;
mod outgoing;
mod remote;
mod room;

pub use data::{AsData, Data};
pub use remote::RemoteSocket;
pub use room::TrySendError;

use super::document::Occupant;
use super::event_target::EventListenerList;
use super::{Document, DomException, WebSocketBuilder, Wrapper};
use crate::connection::Channel;
use crate::edition::Edition;
use crate::event_loop::{EventLoop, Shared, Target, TaskSource};
use crate::protocol::url::without_secrets;
use crate::protocol::{Abandoned, ConnectionOptions};
use outgoing::Outgoing;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use url::Url;

/// The browser's `WebSocket` object.
///
/// A `WebSocket` is a handle; its clones are the same object. The object stays alive without any
/// handle for as long as it has a listener that an event can still reach. When the last handle of one
/// without such listeners goes, its connection is closed, once what is queued has been sent: by a
/// closing handshake without a code, or in [`Edition::Html5`] without a handshake ("garbage collection"
/// in both texts).
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

    /// `new WebSocket(url)`: checks the address and opens the connection in the background: whenever somebody
    /// drives the [`EventLoop`], and not before. It ends with the loop: the socket is then
    /// [`CLOSED`](Self::CLOSED), without an event.
    ///
    /// # Errors
    ///
    /// "SyntaxError" if this is no absolute `ws:`, `wss:`, `http:` or `https:` URL, or has a fragment.
    /// That nobody answers there is no error but an `error` event and a `close` event.
    pub fn new(event_loop: &EventLoop, url: &str) -> Result<Self, DomException> {
        Self::builder(event_loop, url).open()
    }

    /// `new WebSocket(url, protocol)`: as [`new`](Self::new), with a subprotocol that the server must
    /// speak.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); "SyntaxError" also if the subprotocol is not a token.
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
        });
        let weak = Rc::downgrade(&inner);
        if let Some(document) = &inner.document {
            document.add(weak.clone());
        }
        inner.source.set_target(weak);
        Self { inner }
    }

    /// The resolved URL. The attribute was called `URL` in March 2010, and `url` since.
    #[doc(alias = "URL")]
    #[must_use]
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// [`CONNECTING`](Self::CONNECTING), [`OPEN`](Self::OPEN), [`CLOSING`](Self::CLOSING) or
    /// [`CLOSED`](Self::CLOSED). It changes in tasks and in [`close`](Self::close) only, with the end of the loop, and
    /// never goes back.
    #[doc(alias = "readyState")]
    #[must_use]
    pub fn ready_state(&self) -> u16 {
        self.inner.ready_state.get()
    }

    /// The bytes of application data (text in UTF-8, without framing) that were given to
    /// [`send`](Self::send) and not handed to the network when the current task began, or since. Once
    /// the connection is closed it only grows, with each `send`.
    #[doc(alias = "bufferedAmount")]
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        let queued = match self.inner.is_handed_over.get() {
            true => 0,
            false => self.inner.channel().buffered_amount(),
        };
        queued
            .saturating_add(self.inner.outgoing.amount())
            .saturating_add(self.inner.unsendable.get())
    }

    /// The subprotocol in use; empty until the connection is open, and if there is none.
    pub fn protocol(&self) -> String {
        let agreed = self.inner.agreed.get();
        agreed.map_or_else(String::new, |agreed| agreed.0.clone())
    }

    /// The extensions in use, as the server named them; empty until the connection is open, and if
    /// there are none.
    pub fn extensions(&self) -> String {
        let agreed = self.inner.agreed.get();
        agreed.map_or_else(String::new, |agreed| agreed.1.clone())
    }

    /// What binary messages are delivered as.
    #[doc(alias = "binaryType")]
    #[must_use]
    pub fn binary_type(&self) -> BinaryType {
        self.inner.binary_type.get()
    }

    /// Sets what binary messages are delivered as, also those that have been received and not
    /// dispatched.
    pub fn set_binary_type(&self, binary_type: BinaryType) {
        self.inner.binary_type.set(binary_type);
    }

    /// The edition that this object follows.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.inner.edition
    }

    /// Sends a message: true if it was queued, false if the connection is closing or closed. It leaves
    /// when the current turn of the loop ends, together with all else that the turn's tasks sent. What is sent between
    /// turns leaves with the next one: nothing leaves while nobody drives the loop.
    ///
    /// `data` is text (`&str`, `String`), bytes (`&[u8]`, `Vec<u8>`), a [`Blob`](crate::Blob), or what else is
    /// [`AsData`].
    ///
    /// Where the queue is full ([`Limits::send_queue`](crate::Limits::send_queue)) the message is not
    /// sent, the connection is closed, and the result is false.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING); "NotSupportedError" for anything but
    /// text in [`Edition::Html5`].
    pub fn send(&self, data: impl AsData) -> Result<bool, DomException> {
        self.check_that_it_was_opened()?;
        let data = data.as_data();
        if !data.is_text() && !self.inner.edition.sends_binary() {
            return Err(DomException::not_supported("draft 76 carries text only"));
        }
        let is_open = self.ready_state() == Self::OPEN;
        let is_queued = is_open && self.inner.outgoing.send(&self.inner, data);
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
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING); after that, in every state, in
    /// [`Edition::Html5`] "SyntaxError" if there are unpaired surrogates. In [`Edition::Living`] they
    /// become U+FFFD.
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

    fn set_ready_state(&self, state: u16) {
        debug_assert!(state >= self.ready_state(), "readyState never goes back");
        self.inner.ready_state.set(state);
        self.update_liveness();
    }

    /// "Garbage collection": keeps the object alive while a listener can be reached by an event.
    pub(in crate::dom) fn update_liveness(&self) {
        let is_needed = self
            .events_to_come()
            .iter()
            .copied()
            .chain(self.events_of_our_own())
            .any(|type_| self.inner.listeners.listens_to(type_));
        let pin = is_needed.then(|| self.inner.clone() as Rc<dyn Target>);
        self.inner.source.pin(pin);
    }

    /// "Garbage collection": a listener for one of these keeps the object alive.
    pub(crate) fn events_to_come(&self) -> &'static [&'static str] {
        match self.ready_state() {
            _ if !self.inner.is_active() => &[],
            Self::CONNECTING => &["open", "message", "error", "close"],
            Self::OPEN if self.inner.peer_has_finished.get() => &["error", "close"],
            Self::OPEN => &["message", "error", "close"],
            Self::CLOSING if self.delivers_while_closing() => &["message", "error", "close"],
            Self::CLOSING => &["error", "close"],
            _ if self.inner.close_is_due.get() => &["error", "close"],
            _ => &[],
        }
    }

    /// The same for events that no standard has, which never reach script.
    fn events_of_our_own(&self) -> impl Iterator<Item = &'static str> {
        let is_open = self.ready_state() <= Self::OPEN && self.inner.is_active();
        let end = (!self.inner.peer_has_finished.get()).then_some("end");
        let drain = self.inner.drain_is_due.get().then_some("drain");
        end.into_iter().chain(drain).filter(move |_| is_open)
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

/// r4820 "unloading document cleanup steps", WebSockets "make disappear".
impl Occupant for Inner {
    fn go_away(&self) -> bool {
        if self.is_handed_over.get() {
            return false;
        }
        let is_closing = self.channel().is_established() && !self.channel().is_sending();
        let is_affected = self.ready_state.get() != WebSocket::CLOSED
            && (!is_closing || self.edition.unloading_ends_closing_handshakes());
        self.channel().abandon(Abandoned::ByItsDocument);
        self.notify();
        self.listeners.clear();
        self.source.pin(None);
        if let Some(wrapper) = self.wrapper() {
            wrapper.state_changed();
        }
        is_affected
    }
}

/// r4820 and WebSockets "garbage collection", of an object whose connection is still open.
impl Drop for Inner {
    fn drop(&mut self) {
        self.notify();
        if !self.is_handed_over.get() {
            self.channel().abandon(Abandoned::ByItsOwner);
        }
    }
}

/// What binary messages are delivered as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BinaryType {
    /// `"blob"`: [`MessageData::Blob`](crate::MessageData::Blob).
    #[default]
    Blob,
    /// `"arraybuffer"`: [`MessageData::ArrayBuffer`](crate::MessageData::ArrayBuffer).
    ArrayBuffer,
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
