//! What is sent.

use super::Withheld;
use std::fmt;

/// What to send.
///
/// What is shown for debugging is its kind and its length.
///
/// ```
/// use dom_websocket::protocol::Payload;
///
/// assert_eq!(Payload::Text("hi").bytes(), b"hi");
/// ```
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// Its bytes.
    ///
    /// ```
    /// use dom_websocket::protocol::Payload;
    ///
    /// assert_eq!(Payload::Binary(&[1, 2]).bytes(), [1, 2]);
    /// ```
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Text(_) => "Text",
            Self::Binary(_) => "Binary",
        };
        let len = Withheld(self.bytes().len());
        f.debug_tuple(kind).field(&len).finish()
    }
}
