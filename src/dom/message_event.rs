//! `MessageEvent` (HTML section 9.1).

use super::event_type::HandlerType;
use super::{Blob, Event, EventInit};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// HTML `MessageEvent`, as a `WebSocket` uses it.
///
/// Clause: [HTML, "MessageEvent"](https://html.spec.whatwg.org/multipage/comms.html#the-messageevent-interface).
///
/// ```
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
/// # socket.add_event_listener("close", move |_| server.close());
/// socket.set_onopen(|event| event.target().send("hello"));
/// socket.set_onmessage(|event| {
///     assert_eq!(event.data(), "hello");
///     assert!(event.origin().starts_with("ws://127.0.0.1:"));
///     event.target().close();
/// });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MessageEvent {
    event: Event,
    data: MessageData,
    origin: Rc<str>,
    last_event_id: String,
}

/// A message's payload.
///
/// ```
/// use dom_websocket::MessageData;
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
/// # socket.add_event_listener("close", move |_| server.close());
/// socket.set_onopen(|event| event.target().send([1, 2, 3]));
/// socket.set_onmessage(|event| {
///     match event.data() {
///         MessageData::Text(text) => println!("{text}"),
///         MessageData::Blob(blob) => assert_eq!(blob.size(), 3),
///         other => println!("{other:?}"),
///     }
///     event.target().close();
/// });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageData {
    /// Text.
    Text(String),
    /// Binary data, where [`binary_type`](super::WebSocket::binary_type) is
    /// [`BinaryType::Blob`](super::BinaryType::Blob).
    Blob(Blob),
    /// Binary data, where it is [`BinaryType::ArrayBuffer`](super::BinaryType::ArrayBuffer).
    ArrayBuffer(Vec<u8>),
}

impl MessageData {
    /// The text, if it is text.
    ///
    /// ```
    /// use dom_websocket::MessageData;
    ///
    /// assert_eq!(MessageData::from("hello").as_str(), Some("hello"));
    /// assert_eq!(MessageData::from(vec![1]).as_str(), None);
    /// ```
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a text in UTF-8, of an array buffer, and of a blob that is in memory, as all
    /// received ones are.
    ///
    /// ```
    /// use dom_websocket::{Blob, MessageData};
    ///
    /// assert_eq!(MessageData::from("hi").as_bytes(), Some(&b"hi"[..]));
    /// assert_eq!(MessageData::from(Blob::new("hi")).as_bytes(), Some(&b"hi"[..]));
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Blob(blob) => blob.as_bytes(),
            Self::ArrayBuffer(bytes) => Some(bytes),
        }
    }
}

impl Default for MessageData {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<&str> for MessageData {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for MessageData {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for MessageData {
    fn from(bytes: Vec<u8>) -> Self {
        Self::ArrayBuffer(bytes)
    }
}

impl From<Blob> for MessageData {
    fn from(blob: Blob) -> Self {
        Self::Blob(blob)
    }
}

impl PartialEq<str> for MessageData {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for MessageData {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

/// The text itself, or what else it is.
impl fmt::Display for MessageData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
            Self::Blob(blob) => write!(f, "[Blob of {} bytes]", blob.size()),
            Self::ArrayBuffer(bytes) => write!(f, "[ArrayBuffer of {} bytes]", bytes.len()),
        }
    }
}

/// The optional members of [`MessageEvent::new`].
///
/// Clause: [HTML, "MessageEventInit"](https://html.spec.whatwg.org/multipage/comms.html#messageeventinit).
///
/// ```
/// use dom_websocket::MessageEventInit;
///
/// let init = MessageEventInit { data: "hello".into(), ..Default::default() };
/// assert_eq!(init.data, "hello");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageEventInit {
    /// As for any event.
    pub event: EventInit,
    /// The message.
    pub data: MessageData,
    /// Where the message came from.
    pub origin: String,
    /// For server-sent events.
    pub last_event_id: String,
}

/// What the event for a message of a `WebSocket` is made of, in Rust or in script.
pub(crate) struct ReceivedMessage {
    pub(crate) data: MessageData,
    pub(crate) origin: Rc<str>,
}

impl MessageEvent {
    /// An event to dispatch.
    ///
    /// Clause: [HTML, "new MessageEvent()"](https://html.spec.whatwg.org/multipage/comms.html#the-messageevent-interface).
    ///
    /// ```
    /// use dom_websocket::{MessageEvent, MessageEventInit};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onmessage(|event| println!("{}", event.data()));
    /// let init = MessageEventInit { data: "as if it had come".into(), ..Default::default() };
    /// socket.dispatch_event(&MessageEvent::new("message", init))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(type_: impl Into<Cow<'static, str>>, init: MessageEventInit) -> Self {
        Self {
            event: Event::new(type_, init.event),
            data: init.data,
            origin: init.origin.into(),
            last_event_id: init.last_event_id,
        }
    }

    /// DOM Level 2 `createEvent("MessageEvent")`: it can't be dispatched before it is
    /// [initialized](Self::init_message_event).
    ///
    /// ```
    /// use dom_websocket::MessageEvent;
    ///
    /// assert_eq!(MessageEvent::uninitialized().type_(), "");
    /// ```
    #[must_use]
    pub fn uninitialized() -> Self {
        Self {
            event: Event::uninitialized(),
            data: MessageData::default(),
            origin: Rc::default(),
            last_event_id: String::new(),
        }
    }

    pub(super) fn trusted(message: ReceivedMessage) -> Self {
        Self {
            event: Event::trusted(HandlerType::Message),
            data: message.data,
            origin: message.origin,
            last_event_id: String::new(),
        }
    }

    /// HTML5 `initMessageEvent`, without the window and the ports that no message of a `WebSocket`
    /// has.
    ///
    /// Clause: [HTML, "initMessageEvent"](https://html.spec.whatwg.org/multipage/comms.html#dom-messageevent-initmessageevent).
    ///
    /// ```
    /// use dom_websocket::MessageEvent;
    ///
    /// let mut event = MessageEvent::uninitialized();
    /// event.init_message_event("message", false, false, "hello", "ws://example.com", "");
    /// assert_eq!(event.data(), "hello");
    /// ```
    #[doc(alias = "initMessageEvent")]
    pub fn init_message_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
        data: impl Into<MessageData>,
        origin: impl Into<String>,
        last_event_id: impl Into<String>,
    ) {
        self.event.init_event(type_, bubbles, cancelable);
        self.data = data.into();
        self.origin = origin.into().into();
        self.last_event_id = last_event_id.into();
    }

    /// The message.
    ///
    /// Clause: [HTML, "data"](https://html.spec.whatwg.org/multipage/comms.html#dom-messageevent-data).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onmessage(|event| println!("{}", event.data()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data(&self) -> &MessageData {
        &self.data
    }

    /// The origin of the socket's URL, such as `ws://example.com:8080`. Empty in
    /// [`Edition::Html5`](crate::Edition::Html5).
    ///
    /// Clause: [HTML, "origin"](https://html.spec.whatwg.org/multipage/comms.html#dom-messageevent-origin).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onmessage(|event| assert_eq!(event.origin(), "ws://example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Always empty for a `WebSocket`.
    ///
    /// Clause: [HTML, "lastEventId"](https://html.spec.whatwg.org/multipage/comms.html#dom-messageevent-lasteventid).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onmessage(|event| assert_eq!(event.last_event_id(), ""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "lastEventId")]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }
}

/// With the message's data.
impl fmt::Debug for MessageEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event
            .describe(f.debug_struct("MessageEvent"))
            .field("data", &self.data)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Deref for MessageEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}
