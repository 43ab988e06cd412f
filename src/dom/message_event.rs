//! `MessageEvent` (HTML section 9.1).

use super::{Blob, Event, EventInit};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// HTML `MessageEvent`, as a `WebSocket` uses it.
pub struct MessageEvent {
    event: Event,
    data: MessageData,
    origin: Rc<str>,
    last_event_id: String,
}

/// A message's payload.
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
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a text in UTF-8, of an array buffer, and of a blob that is in memory, as all
    /// received ones are.
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
            event: Event::trusted("message"),
            data: message.data,
            origin: message.origin,
            last_event_id: String::new(),
        }
    }

    /// HTML5 `initMessageEvent`, without the window and the ports that no message of a `WebSocket`
    /// has.
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
    pub fn data(&self) -> &MessageData {
        &self.data
    }

    /// The origin of the socket's URL, such as `ws://example.com:8080`. Empty in
    /// [`Edition::Html5`](crate::Edition::Html5).
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Always empty for a `WebSocket`.
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
