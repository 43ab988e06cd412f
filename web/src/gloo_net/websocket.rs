//! Messages, states and errors of a socket in the style of futures.
//!
//! ```no_run
//! use dom_websocket_web::{block_on, gloo_net::websocket::{Message, futures::WebSocket}};
//! use futures::{SinkExt, StreamExt};
//!
//! block_on(async {
//!     let mut socket = WebSocket::open("ws://127.0.0.1:9001/").unwrap();
//!     socket.send(Message::Text("hello".into())).await.unwrap();
//!     println!("{:?}", socket.next().await);
//! });
//! ```

pub mod events;
pub mod futures;

use crate::js_sys;
use crate::wasm_bindgen::{JsCast, JsValue};
use std::fmt;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The state of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The connection has not been established yet.
    Connecting,
    /// The connection is established.
    Open,
    /// The connection is going through the closing handshake.
    Closing,
    /// The connection has been closed or could not be opened.
    Closed,
}

/// What a socket's method threw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsError {
    /// The kind of error, such as `SyntaxError`.
    pub name: String,
    /// What went wrong.
    pub message: String,
}

impl From<JsValue> for JsError {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_into::<js_sys::Error>() {
            Ok(error) => Self {
                name: error.name().into(),
                message: error.message().into(),
            },
            Err(other) => Self {
                name: "Error".into(),
                message: other.as_string().unwrap_or_else(|| format!("{other:?}")),
            },
        }
    }
}

impl fmt::Display for JsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for JsError {}

/// How a socket's stream ends, or why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebSocketError {
    /// The `error` event: the connection failed.
    ConnectionError,
    /// The `close` event.
    ConnectionClose(events::CloseEvent),
    /// The message was not sent.
    MessageSendError(JsError),
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectionError => f.write_str("the connection failed"),
            Self::ConnectionClose(close) => {
                write!(
                    f,
                    "the connection is closed: {} {:?}",
                    close.code, close.reason
                )
            }
            Self::MessageSendError(error) => write!(f, "the message was not sent: {error}"),
        }
    }
}

impl std::error::Error for WebSocketError {}
