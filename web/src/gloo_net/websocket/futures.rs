//! The socket.

use super::events::CloseEvent;
use super::{JsError, Message, State, WebSocketError};
use crate::js_sys::{self, Array, ArrayBuffer, Function, Uint8Array};
use crate::wasm_bindgen::closure::Closure;
use crate::wasm_bindgen::{JsCast, JsValue};
use crate::web_sys::{self, BinaryType, MessageEvent};
use futures::channel::mpsc;
use futures::{Sink, Stream};
use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

type Item = Result<Message, WebSocketError>;

/// A socket as a `Stream` of messages and a `Sink` for them.
///
/// The stream's last items are the error [`ConnectionError`](WebSocketError::ConnectionError), if the connection failed,
/// and [`ConnectionClose`](WebSocketError::ConnectionClose). Sending waits until the connection is open, and for nothing
/// after that, as `send()` does. What comes and is not taken out of the stream piles up, as events can't be put off.
/// Dropping it closes the connection.
pub struct WebSocket {
    socket: web_sys::WebSocket,
    received: mpsc::UnboundedReceiver<Item>,
    /// Who waits for the connection to be open.
    sender: Rc<RefCell<Option<Waker>>>,
    onopen: Closure<dyn FnMut()>,
    onmessage: Closure<dyn FnMut(MessageEvent)>,
    onerror: Closure<dyn FnMut()>,
    onclose: Closure<dyn FnMut(web_sys::CloseEvent)>,
}

impl WebSocket {
    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// A `SyntaxError`, if the URL is none for a socket.
    pub fn open(url: &str) -> Result<Self, JsError> {
        Self::try_from(web_sys::WebSocket::new(url)?)
    }

    /// Opens a connection with a subprotocol.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); also if the subprotocol is not a token.
    pub fn open_with_protocol(url: &str, protocol: &str) -> Result<Self, JsError> {
        Self::try_from(web_sys::WebSocket::new_with_str(url, protocol)?)
    }

    /// Opens a connection with one of these subprotocols.
    ///
    /// # Errors
    ///
    /// As [`open_with_protocol`](Self::open_with_protocol); also if one is there twice.
    pub fn open_with_protocols<S: AsRef<str>>(url: &str, protocols: &[S]) -> Result<Self, JsError> {
        let protocols = protocols
            .iter()
            .map(|protocol| JsValue::from_str(protocol.as_ref()));
        let protocols: Array = protocols.collect();
        let socket = web_sys::WebSocket::new_with_str_sequence(url, protocols.as_ref())?;
        Self::try_from(socket)
    }

    fn from_socket(socket: web_sys::WebSocket) -> Result<Self, JsError> {
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (items, received) = mpsc::unbounded::<Item>();
        let sender = Rc::new(RefCell::new(None::<Waker>));
        let wake = {
            let sender = sender.clone();
            move || {
                let waker = sender.take();
                waker.into_iter().for_each(Waker::wake);
            }
        };
        let onopen = Closure::<dyn FnMut()>::new(wake.clone());
        let onmessage = Closure::<dyn FnMut(MessageEvent)>::new({
            let items = items.clone();
            move |event: MessageEvent| {
                if let Some(message) = message(&event.data()) {
                    // Whoever has dropped the stream hears of nothing.
                    let _ = items.unbounded_send(Ok(message));
                }
            }
        });
        let onerror = Closure::<dyn FnMut()>::new({
            let items = items.clone();
            move || {
                let _ = items.unbounded_send(Err(WebSocketError::ConnectionError));
            }
        });
        let onclose = Closure::<dyn FnMut(web_sys::CloseEvent)>::new({
            move |event: web_sys::CloseEvent| {
                let close = CloseEvent {
                    code: event.code(),
                    reason: event.reason(),
                    was_clean: event.was_clean(),
                };
                let _ = items.unbounded_send(Err(WebSocketError::ConnectionClose(close)));
                items.close_channel();
                wake();
            }
        });
        let this = Self {
            socket,
            received,
            sender,
            onopen,
            onmessage,
            onerror,
            onclose,
        };
        for (type_, listener) in this.listeners() {
            let socket = &this.socket;
            socket.add_event_listener_with_callback(type_, listener)?;
        }
        Ok(this)
    }

    fn listeners(&self) -> [(&'static str, &Function); 4] {
        [
            ("open", self.onopen.as_ref().unchecked_ref()),
            ("message", self.onmessage.as_ref().unchecked_ref()),
            ("error", self.onerror.as_ref().unchecked_ref()),
            ("close", self.onclose.as_ref().unchecked_ref()),
        ]
    }

    /// Closes the connection. A reason without a code goes with 1000.
    ///
    /// # Errors
    ///
    /// "InvalidAccessError", if the code is none that one may send; "SyntaxError", if the reason is too long.
    pub fn close(self, code: Option<u16>, reason: Option<&str>) -> Result<(), JsError> {
        match (code, reason) {
            (None, None) => self.socket.close(),
            (code, reason) => {
                let (code, reason) = (code.unwrap_or(1000), reason.unwrap_or_default());
                self.socket.close_with_code_and_reason(code, reason)
            }
        }
        .map_err(JsError::from)
    }

    /// The state of the connection.
    pub fn state(&self) -> State {
        match self.socket.ready_state() {
            web_sys::WebSocket::CONNECTING => State::Connecting,
            web_sys::WebSocket::OPEN => State::Open,
            web_sys::WebSocket::CLOSING => State::Closing,
            _ => State::Closed,
        }
    }

    /// The extensions in use.
    pub fn extensions(&self) -> String {
        self.socket.extensions()
    }

    /// The subprotocol in use.
    pub fn protocol(&self) -> String {
        self.socket.protocol()
    }
}

impl TryFrom<web_sys::WebSocket> for WebSocket {
    type Error = JsError;

    /// Takes a socket over. Its handlers stay, and hear of the same events.
    fn try_from(socket: web_sys::WebSocket) -> Result<Self, JsError> {
        Self::from_socket(socket)
    }
}

fn message(data: &JsValue) -> Option<Message> {
    if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        return Some(Message::Bytes(Uint8Array::new(buffer.as_ref()).to_vec()));
    }
    let text = data.dyn_ref::<js_sys::JsString>()?;
    Some(Message::Text(String::from(text)))
}

impl Stream for WebSocket {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        Pin::new(&mut self.received).poll_next(cx)
    }
}

impl Sink<Message> for WebSocket {
    type Error = WebSocketError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        if self.state() == State::Connecting {
            self.sender.replace(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, item: Message) -> Result<(), WebSocketError> {
        let result = match item {
            Message::Text(text) => self.socket.send_with_str(&text),
            Message::Bytes(bytes) => self.socket.send_with_u8_array(&bytes),
        };
        result.map_err(|thrown| WebSocketError::MessageSendError(thrown.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        // It throws nothing without a code.
        let _ = self.socket.close();
        for (type_, listener) in self.listeners() {
            let _ = self
                .socket
                .remove_event_listener_with_callback(type_, listener);
        }
    }
}
