//! A chunk of `WebSocketStream`'s streams.

use crate::protocol::Payload;
use std::borrow::Cow;

/// A message: a chunk of [`WebSocketReadable`](crate::WebSocketReadable) and
/// [`WebSocketWritable`](crate::WebSocketWritable).
///
/// ```
/// use dom_websocket::Message;
///
/// assert_eq!(Message::from("hello").as_text(), Some("hello"));
/// assert_eq!(Message::from(vec![1, 2]).into_bytes(), [1, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Text: a string in JavaScript.
    Text(String),
    /// Binary data: a `Uint8Array` in JavaScript. [`Edition::Html5`](crate::Edition::Html5) has none.
    Binary(Vec<u8>),
}

impl Message {
    /// The text, if it is text.
    ///
    /// ```
    /// use dom_websocket::Message;
    ///
    /// assert_eq!(Message::from("hello").as_text(), Some("hello"));
    /// assert_eq!(Message::from([1, 2]).as_text(), None);
    /// ```
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// What it consists of: of text, its UTF-8.
    ///
    /// ```
    /// assert_eq!(dom_websocket::Message::from("hi").as_bytes(), b"hi");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// What it consists of, without a copy.
    ///
    /// ```
    /// assert_eq!(dom_websocket::Message::from("hi").into_bytes(), b"hi");
    /// ```
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// Its bytes.
    ///
    /// ```
    /// assert_eq!(dom_websocket::Message::from("Grüße").len(), 7);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there is nothing in it.
    ///
    /// ```
    /// assert!(dom_websocket::Message::from("").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// What goes to the connection.
    pub(super) fn payload(&self) -> Payload<'_> {
        match self {
            Self::Text(text) => Payload::Text(text),
            Self::Binary(bytes) => Payload::Binary(bytes),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(bytes.to_vec())
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

impl From<&Vec<u8>> for Message {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::Binary(bytes.clone())
    }
}

impl From<Cow<'_, [u8]>> for Message {
    fn from(bytes: Cow<'_, [u8]>) -> Self {
        Self::Binary(bytes.into_owned())
    }
}

impl<const N: usize> From<&[u8; N]> for Message {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Binary(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Message {
    fn from(bytes: [u8; N]) -> Self {
        Self::Binary(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}
