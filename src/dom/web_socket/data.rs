//! What `send()` takes.

use crate::dom::{Blob, Message, MessageData};
use crate::protocol::{Payload, Withheld};
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// A message's content, as [`WebSocket::send`](super::WebSocket::send) sees it: text, bytes or a [`Blob`].
/// What is shown for debugging is its kind and its length.
///
/// ```
/// use dom_websocket::{AsData, Data};
///
/// /// What a protocol of one's own makes a message of.
/// enum Packet {
///     Line(String),
///     Block(Vec<u8>),
/// }
///
/// impl AsData for Packet {
///     fn as_data(&self) -> Data<'_> {
///         match self {
///             Self::Line(line) => Data::Text(line),
///             Self::Block(block) => Data::Bytes(block),
///         }
///     }
/// }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Data<'a> {
    /// Text.
    Text(&'a str),
    /// Binary data: an `ArrayBuffer` or a view of one.
    Bytes(&'a [u8]),
    /// Binary data.
    Blob(&'a Blob),
}

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Blob(_) => "Blob",
        };
        f.debug_tuple(kind).field(&Withheld(self.len())).finish()
    }
}

/// What [`WebSocket::send`](super::WebSocket::send) takes: text (`str`, `String`), bytes (`[u8]`, `Vec<u8>`), a [`Blob`], and
/// whatever refers to one of these or owns it, such as a `Cow`, a `Box` or an `Arc`.
///
/// Types of your own become messages by it too:
///
/// ```
/// use dom_websocket::{AsData, Data};
///
/// struct Line(String);
///
/// impl AsData for Line {
///     fn as_data(&self) -> Data<'_> {
///         Data::Text(&self.0)
///     }
/// }
/// ```
///
/// Numbers, for one, are neither:
///
/// ```compile_fail,E0277
/// # fn f(socket: &dom_websocket::WebSocket) {
/// socket.send(42);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent: it is neither text nor bytes",
    label = "not a message",
    note = "text is `&str`, `String` or `Cow<str>`; binary data is `&[u8]`, `Vec<u8>`, `Cow<[u8]>` or `Blob`",
    note = "what else has text or bytes lends them: `send(&buffer[..])`",
    note = "a number, for example, is sent as text by `send(number.to_string())`"
)]
pub trait AsData {
    /// The content.
    ///
    /// ```
    /// use dom_websocket::{AsData, Data};
    ///
    /// assert!(matches!("text".as_data(), Data::Text("text")));
    /// assert!(matches!(vec![1, 2].as_data(), Data::Bytes([1, 2])));
    /// ```
    fn as_data(&self) -> Data<'_>;
}

impl Data<'_> {
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// The bytes that `bufferedAmount` grows by.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Blob(blob) => blob.size(),
        }
    }

    /// What goes to the protocol, if it is in memory.
    pub(super) fn payload(&self) -> Option<Payload<'_>> {
        match self {
            Self::Text(text) => Some(Payload::Text(text)),
            Self::Bytes(bytes) => Some(Payload::Binary(bytes)),
            Self::Blob(blob) => blob.as_bytes().map(Payload::Binary),
        }
    }
}

impl AsData for str {
    fn as_data(&self) -> Data<'_> {
        Data::Text(self)
    }
}

impl AsData for String {
    fn as_data(&self) -> Data<'_> {
        Data::Text(self)
    }
}

impl AsData for [u8] {
    fn as_data(&self) -> Data<'_> {
        Data::Bytes(self)
    }
}

impl<const N: usize> AsData for [u8; N] {
    fn as_data(&self) -> Data<'_> {
        Data::Bytes(self)
    }
}

impl AsData for Vec<u8> {
    fn as_data(&self) -> Data<'_> {
        Data::Bytes(self)
    }
}

impl AsData for Blob {
    fn as_data(&self) -> Data<'_> {
        Data::Blob(self)
    }
}

/// Sends a message back as it came.
impl AsData for MessageData {
    fn as_data(&self) -> Data<'_> {
        match self {
            Self::Text(text) => Data::Text(text),
            Self::Blob(blob) => Data::Blob(blob),
            Self::ArrayBuffer(bytes) => Data::Bytes(bytes),
        }
    }
}

impl AsData for Message {
    fn as_data(&self) -> Data<'_> {
        match self {
            Self::Text(text) => Data::Text(text),
            Self::Binary(bytes) => Data::Bytes(bytes),
        }
    }
}

impl AsData for Data<'_> {
    fn as_data(&self) -> Data<'_> {
        *self
    }
}

impl<T: AsData + ?Sized> AsData for &T {
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }
}

impl<T: AsData + ?Sized> AsData for &mut T {
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }
}

impl<T: AsData + ToOwned + ?Sized> AsData for Cow<'_, T> {
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }
}

impl<T: AsData + ?Sized> AsData for Box<T> {
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }
}

impl<T: AsData + ?Sized> AsData for Rc<T> {
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }
}

impl<T: AsData + ?Sized> AsData for Arc<T> {
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }
}
