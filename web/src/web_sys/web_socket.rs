//! `WebSocket`.

mod method;

use super::{
    Blob, CloseEvent, Event, EventTarget, Listeners, MessageEvent, console, enumeration, handlers,
};
use crate::event_loop;
use crate::js_sys::{Array, ArrayBuffer, Error, Function, Object, TypeError, Uint8Array};
use crate::wasm_bindgen::{Host, Instance, JsCast, JsValue, class};
use dom_websocket::{Dispatch, MessageData, Observation, SomeEvent, Step};
use method::method;
use std::any::Any;
use std::cell::Cell;
use std::rc::{Rc, Weak};

class! {
    /// The browser's `WebSocket`, on this thread's [event loop](crate::event_loop()).
    ///
    /// It lives as in a browser: an open connection stays while a listener of it can still be called, also if nobody has
    /// the object any more. After `close` it lets go of its listeners.
    WebSocket: EventTarget, Object;
    |value| value.host::<SocketHost>().is_some()
}

/// No event says why a connection failed; a browser's console does.
fn log_failure(observation: &Observation<'_>) {
    if let Step::Failed(cause) = observation.step {
        let url = observation.url;
        console::write(
            "error",
            &format!("WebSocket connection to {url} failed: {cause}"),
        );
    }
}

enumeration! {
    /// What binary messages are delivered as.
    BinaryType {
        /// [`Blob`], the default.
        Blob = "blob",
        /// [`ArrayBuffer`].
        Arraybuffer = "arraybuffer",
    }
}

impl BinaryType {
    fn of(native: dom_websocket::BinaryType) -> Self {
        match native {
            dom_websocket::BinaryType::Blob => Self::Blob,
            dom_websocket::BinaryType::ArrayBuffer => Self::Arraybuffer,
        }
    }

    fn native(self) -> dom_websocket::BinaryType {
        match self {
            Self::Blob => dom_websocket::BinaryType::Blob,
            Self::Arraybuffer => dom_websocket::BinaryType::ArrayBuffer,
        }
    }
}

struct SocketHost {
    socket: dom_websocket::WebSocket,
    listeners: Rc<Listeners>,
    /// The events that this object listens to at the socket.
    heard: Cell<[bool; 4]>,
}

const EVENTS: [&str; 4] = ["open", "message", "error", "close"];

impl Host for SocketHost {
    fn class(&self) -> &'static str {
        "WebSocket"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        let socket = &self.socket;
        match name {
            "url" => Some(socket.url().into()),
            "readyState" => Some(socket.ready_state().into()),
            "bufferedAmount" => Some(socket.buffered_amount().into()),
            "protocol" => Some(socket.protocol().into()),
            "extensions" => Some(socket.extensions().into()),
            "binaryType" => Some(BinaryType::of(socket.binary_type()).into()),
            _ => match handler_event(name) {
                Some(type_) => {
                    let handler = self.listeners.handler(type_);
                    Some(handler.map_or(JsValue::NULL, JsValue::from))
                }
                None => method(socket, name).map(JsValue::from),
            },
        }
    }

    fn set_attribute(&self, object: &Rc<Instance>, name: &str, value: &JsValue) -> bool {
        if name == "binaryType" {
            // WebIDL: what is no value of an enumeration is ignored.
            if let Some(value) = BinaryType::from_js_value(value) {
                self.socket.set_binary_type(value.native());
            }
            return true;
        }
        let Some(type_) = handler_event(name) else {
            // The other attributes are read-only, and a method is hidden by a property of its name.
            return self
                .attribute(name)
                .is_some_and(|value| !value.is_function());
        };
        self.listeners.set_handler(type_, value.dyn_ref());
        self.listeners_changed(object);
        true
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    /// The socket hears of those types only that somebody listens to: so it knows by itself for how long it is needed.
    fn listeners_changed(&self, object: &Rc<Instance>) {
        let wanted = wanted(&self.listeners);
        let heard = self.heard.replace(wanted);
        for (index, type_) in EVENTS.into_iter().enumerate() {
            if wanted[index] != heard[index] {
                self.hear(type_, wanted[index].then(|| self.listener(object)));
            }
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Those of the socket's events that have to be heard for these listeners.
fn wanted(listeners: &Listeners) -> [bool; 4] {
    let mut wanted = EVENTS.map(|type_| listeners.listens_to(type_));
    // After `close` the listeners go: a listener may hold this object.
    wanted[3] |= wanted[1] || wanted[2];
    wanted
}

/// The event of a handler, `onopen` say.
fn handler_event(attribute: &str) -> Option<&'static str> {
    let type_ = attribute.strip_prefix("on")?;
    EVENTS.into_iter().find(|known| *known == type_)
}

impl SocketHost {
    /// Passes an event of the socket's to the listeners of its object, made anew if nobody has that any more.
    fn listener(
        &self,
        object: &Rc<Instance>,
    ) -> impl Fn(SomeEvent<'_>, &dom_websocket::WebSocket) + use<> {
        let object: Weak<Instance> = Rc::downgrade(object);
        let listeners = self.listeners.clone();
        move |event, socket| {
            let target = match object.upgrade() {
                Some(instance) => JsValue::from_instance(instance).unchecked_into(),
                None => WebSocket::of(socket.clone(), listeners.clone()),
            };
            let event = convert(event);
            target.fire(&event);
            if event.type_() == "close" {
                // No event follows.
                listeners.clear();
            }
        }
    }

    fn hear(
        &self,
        type_: &str,
        listener: Option<impl Fn(SomeEvent<'_>, &dom_websocket::WebSocket) + 'static>,
    ) {
        let socket = &self.socket;
        match (type_, listener) {
            ("open", Some(f)) => socket.set_onopen(move |e| f(e.into(), e.target())),
            ("message", Some(f)) => {
                socket.set_onmessage(move |e: Dispatch<'_, _>| f(e.into(), e.target()));
            }
            ("error", Some(f)) => socket.set_onerror(move |e| f(e.into(), e.target())),
            (_, Some(f)) => socket.set_onclose(move |e: Dispatch<'_, _>| f(e.into(), e.target())),
            ("open", None) => socket.clear_onopen(),
            ("message", None) => socket.clear_onmessage(),
            ("error", None) => socket.clear_onerror(),
            (_, None) => socket.clear_onclose(),
        }
    }
}

/// An event of the socket's as an object.
fn convert(event: SomeEvent<'_>) -> Event {
    match event {
        SomeEvent::Message(event) => {
            let data = match event.data() {
                MessageData::Text(text) => JsValue::from(text),
                MessageData::Blob(blob) => Blob::from_native(blob.clone()).into(),
                MessageData::ArrayBuffer(bytes) => ArrayBuffer::of_bytes(bytes.clone()).into(),
                _ => JsValue::UNDEFINED,
            };
            MessageEvent::received(data, event.origin()).into()
        }
        SomeEvent::Close(event) => {
            CloseEvent::closed(event.was_clean(), event.code(), event.reason()).into()
        }
        SomeEvent::Event(event) => Event::simple(event.type_()),
        _ => Event::simple(""),
    }
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

    /// `new WebSocket(url)`: checks the address and opens the connection once the loop is driven.
    ///
    /// # Errors
    ///
    /// "SyntaxError", if the URL is none, has another scheme, or has a fragment.
    pub fn new(url: &str) -> Result<Self, JsValue> {
        Self::connect(url, &[])
    }

    /// `new WebSocket(url, protocol)`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); "SyntaxError" also if the subprotocol is not a token.
    pub fn new_with_str(url: &str, protocols: &str) -> Result<Self, JsValue> {
        Self::connect(url, &[protocols.to_owned()])
    }

    /// `new WebSocket(url, protocols)`, with an array of strings, or one string; `undefined` is none.
    ///
    /// # Errors
    ///
    /// As [`new_with_str`](Self::new_with_str); "SyntaxError" also if one is there twice.
    pub fn new_with_str_sequence(url: &str, protocols: &JsValue) -> Result<Self, JsValue> {
        let protocols: Vec<_> = match protocols.dyn_ref::<Array>() {
            Some(array) => array.iter().map(|value| value.to_js_string()).collect(),
            None if protocols.is_undefined() => Vec::new(),
            None => vec![protocols.to_js_string()],
        };
        Self::connect(url, &protocols)
    }

    fn connect(url: &str, protocols: &[String]) -> Result<Self, JsValue> {
        let event_loop = event_loop::try_event_loop();
        let event_loop = event_loop.ok_or_else(|| Error::new("the thread is about to end"))?;
        let mut builder = dom_websocket::WebSocket::builder(&event_loop, url);
        builder.observer(log_failure);
        builder.protocols(protocols.iter().map(String::as_str));
        if let Some(user_agent) = event_loop::user_agent() {
            builder.user_agent(&user_agent);
        }
        if let Some(document) = event_loop::document() {
            builder.document(&document);
        }
        Ok(Self::of(builder.open()?, Rc::default()))
    }

    fn of(socket: dom_websocket::WebSocket, listeners: Rc<Listeners>) -> Self {
        // An object that is made anew is listened for already.
        let heard = Cell::new(wanted(&listeners));
        let host = SocketHost {
            socket,
            listeners,
            heard,
        };
        JsValue::of(host).unchecked_into()
    }

    /// The socket of the library below, for what a browser's doesn't have: back-pressure, `remote()`, streams.
    pub fn as_native(&self) -> &dom_websocket::WebSocket {
        let host = self.host::<SocketHost>();
        &host.expect("TypeError: this is not a WebSocket").socket
    }

    /// The resolved URL.
    pub fn url(&self) -> String {
        self.as_native().url().to_owned()
    }

    /// [`CONNECTING`](Self::CONNECTING), [`OPEN`](Self::OPEN), [`CLOSING`](Self::CLOSING) or
    /// [`CLOSED`](Self::CLOSED).
    pub fn ready_state(&self) -> u16 {
        self.as_native().ready_state()
    }

    /// The bytes that were sent and have not left; at most [`u32::MAX`].
    pub fn buffered_amount(&self) -> u32 {
        let amount = self.as_native().buffered_amount();
        amount.try_into().unwrap_or(u32::MAX)
    }

    /// The subprotocol in use.
    pub fn protocol(&self) -> String {
        self.as_native().protocol()
    }

    /// The extensions in use.
    pub fn extensions(&self) -> String {
        self.as_native().extensions()
    }

    /// What binary messages are delivered as.
    pub fn binary_type(&self) -> BinaryType {
        BinaryType::of(self.as_native().binary_type())
    }

    /// Sets what binary messages are delivered as.
    pub fn set_binary_type(&self, value: BinaryType) {
        self.as_native().set_binary_type(value.native());
    }

    /// Sends text.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while [`CONNECTING`](Self::CONNECTING).
    pub fn send_with_str(&self, data: &str) -> Result<(), JsValue> {
        self.send(data)
    }

    /// Sends a blob.
    ///
    /// # Errors
    ///
    /// As [`send_with_str`](Self::send_with_str).
    pub fn send_with_blob(&self, data: &Blob) -> Result<(), JsValue> {
        self.send(data.blob())
    }

    /// Sends bytes.
    ///
    /// # Errors
    ///
    /// As [`send_with_str`](Self::send_with_str).
    pub fn send_with_u8_array(&self, data: &[u8]) -> Result<(), JsValue> {
        self.send(data)
    }

    /// Sends the bytes of a buffer.
    ///
    /// # Errors
    ///
    /// As [`send_with_str`](Self::send_with_str).
    pub fn send_with_array_buffer(&self, data: &ArrayBuffer) -> Result<(), JsValue> {
        data.bytes(|bytes| self.send(&*bytes))
    }

    /// Sends the bytes of a view.
    ///
    /// # Errors
    ///
    /// As [`send_with_str`](Self::send_with_str).
    pub fn send_with_js_u8_array(&self, data: &Uint8Array) -> Result<(), JsValue> {
        data.bytes(|bytes| self.send(&*bytes))
    }

    /// Sends the bytes of a view.
    ///
    /// # Errors
    ///
    /// As [`send_with_str`](Self::send_with_str); a `TypeError`, if this is no `Uint8Array`.
    pub fn send_with_array_buffer_view(&self, data: &Object) -> Result<(), JsValue> {
        match data.dyn_ref::<Uint8Array>() {
            Some(view) => self.send_with_js_u8_array(view),
            None => Err(TypeError::new("this is not a Uint8Array").into()),
        }
    }

    fn send(&self, data: impl dom_websocket::AsData) -> Result<(), JsValue> {
        self.as_native().send(data)?;
        Ok(())
    }

    /// Closes the connection.
    ///
    /// # Errors
    ///
    /// None.
    pub fn close(&self) -> Result<(), JsValue> {
        self.as_native().close();
        Ok(())
    }

    /// Closes the connection with a code.
    ///
    /// # Errors
    ///
    /// "InvalidAccessError", if the code is neither 1000 nor from 3000 to 4999.
    pub fn close_with_code(&self, code: u16) -> Result<(), JsValue> {
        self.close_with_code_and_reason(code, "")
    }

    /// Closes the connection with a code and a reason.
    ///
    /// # Errors
    ///
    /// As [`close_with_code`](Self::close_with_code); "SyntaxError", if the reason is longer than 123 bytes.
    pub fn close_with_code_and_reason(&self, code: u16, reason: &str) -> Result<(), JsValue> {
        self.as_native().close_with(code, reason)?;
        Ok(())
    }
}

handlers! {
    WebSocket:
    "open" onopen set_onopen;
    "message" onmessage set_onmessage;
    "error" onerror set_onerror;
    "close" onclose set_onclose;
}
