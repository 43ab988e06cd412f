//! The interfaces of events: `MessageEvent`, `CloseEvent`, `ErrorEvent`, `ProgressEvent`.

use super::event::EventHost;
use super::{
    CloseEventInit, ErrorEventInit, Event, EventInit, MessageEventInit, ProgressEventInit,
};
use crate::js_sys::{Array, Object};
use crate::wasm_bindgen::convert::FromWasmAbi;
use crate::wasm_bindgen::{JsCast, JsValue, class};

fn is_of(value: &JsValue, interface: &str) -> bool {
    value
        .host::<EventHost>()
        .is_some_and(|event| event.interface == interface)
}

impl Event {
    /// An attribute of an interface; empty, zero or false, if this is an event of another one.
    fn get<T: FromWasmAbi + Default>(&self, name: &str) -> T {
        let value = self.interface_attribute(name);
        Option::from_js(value).unwrap_or_default()
    }
}

class! {
    /// HTML `MessageEvent`.
    MessageEvent: Event, Object;
    |value| is_of(value, "MessageEvent")
}

impl MessageEvent {
    /// `new MessageEvent(type)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new(type_: &str) -> Result<Self, JsValue> {
        Self::new_with_event_init_dict(type_, &MessageEventInit::new())
    }

    /// `new MessageEvent(type, init)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_event_init_dict(
        type_: &str,
        event_init_dict: &MessageEventInit,
    ) -> Result<Self, JsValue> {
        let attributes = vec![
            ("data", event_init_dict.get_data().unwrap_or(JsValue::NULL)),
            (
                "origin",
                event_init_dict.get_origin().unwrap_or_default().into(),
            ),
            (
                "lastEventId",
                event_init_dict
                    .get_last_event_id()
                    .unwrap_or_default()
                    .into(),
            ),
        ];
        let init = event_init_dict.unchecked_ref::<EventInit>();
        Ok(Event::of("MessageEvent", type_, init, attributes).unchecked_into())
    }

    pub(super) fn received(data: JsValue, origin: &str) -> Self {
        let attributes = vec![
            ("data", data),
            ("origin", origin.into()),
            ("lastEventId", "".into()),
        ];
        Event::of("MessageEvent", "message", &EventInit::new(), attributes).unchecked_into()
    }

    /// The message: a string, an [`ArrayBuffer`](crate::js_sys::ArrayBuffer) or a [`Blob`](super::Blob). The same object
    /// each time.
    pub fn data(&self) -> JsValue {
        self.interface_attribute("data")
    }

    /// The origin of the socket's URL.
    pub fn origin(&self) -> String {
        self.get("origin")
    }

    /// Empty for a `WebSocket`.
    pub fn last_event_id(&self) -> String {
        self.get("lastEventId")
    }

    /// None: no message of a `WebSocket` has a source.
    pub fn source(&self) -> Option<Object> {
        None
    }

    /// None: no message of a `WebSocket` has ports.
    pub fn ports(&self) -> Array {
        Array::new()
    }
}

class! {
    /// HTML `CloseEvent`.
    CloseEvent: Event, Object;
    |value| is_of(value, "CloseEvent")
}

impl CloseEvent {
    /// `new CloseEvent(type)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new(type_: &str) -> Result<Self, JsValue> {
        Self::new_with_event_init_dict(type_, &CloseEventInit::new())
    }

    /// `new CloseEvent(type, init)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_event_init_dict(
        type_: &str,
        event_init_dict: &CloseEventInit,
    ) -> Result<Self, JsValue> {
        let attributes = vec![
            (
                "wasClean",
                event_init_dict.get_was_clean().unwrap_or(false).into(),
            ),
            ("code", event_init_dict.get_code().unwrap_or(0).into()),
            (
                "reason",
                event_init_dict.get_reason().unwrap_or_default().into(),
            ),
        ];
        let init = event_init_dict.unchecked_ref::<EventInit>();
        Ok(Event::of("CloseEvent", type_, init, attributes).unchecked_into())
    }

    pub(super) fn closed(was_clean: bool, code: u16, reason: &str) -> Self {
        let attributes = vec![
            ("wasClean", was_clean.into()),
            ("code", code.into()),
            ("reason", reason.into()),
        ];
        Event::of("CloseEvent", "close", &EventInit::new(), attributes).unchecked_into()
    }

    /// Whether the closing handshake was completed.
    pub fn was_clean(&self) -> bool {
        self.get("wasClean")
    }

    /// The peer's close code; 1005 without one, 1006 without a closing handshake.
    pub fn code(&self) -> u16 {
        self.get("code")
    }

    /// The peer's reason.
    pub fn reason(&self) -> String {
        self.get("reason")
    }
}

class! {
    /// HTML `ErrorEvent`.
    ///
    /// The `error` event of a `WebSocket` is a plain [`Event`], in browsers too: taken for this one it has no message.
    ErrorEvent: Event, Object;
    |value| is_of(value, "ErrorEvent")
}

impl ErrorEvent {
    /// `new ErrorEvent(type)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new(type_: &str) -> Result<Self, JsValue> {
        Self::new_with_event_init_dict(type_, &ErrorEventInit::new())
    }

    /// `new ErrorEvent(type, init)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_event_init_dict(
        type_: &str,
        event_init_dict: &ErrorEventInit,
    ) -> Result<Self, JsValue> {
        let attributes = vec![
            (
                "message",
                event_init_dict.get_message().unwrap_or_default().into(),
            ),
            (
                "filename",
                event_init_dict.get_filename().unwrap_or_default().into(),
            ),
            ("lineno", event_init_dict.get_lineno().unwrap_or(0).into()),
            ("colno", event_init_dict.get_colno().unwrap_or(0).into()),
            ("error", event_init_dict.get_error().unwrap_or_default()),
        ];
        let init = event_init_dict.unchecked_ref::<EventInit>();
        Ok(Event::of("ErrorEvent", type_, init, attributes).unchecked_into())
    }

    /// What went wrong.
    pub fn message(&self) -> String {
        self.get("message")
    }

    /// The script's file.
    pub fn filename(&self) -> String {
        self.get("filename")
    }

    /// The line there.
    pub fn lineno(&self) -> u32 {
        self.get("lineno")
    }

    /// The column there.
    pub fn colno(&self) -> u32 {
        self.get("colno")
    }

    /// What was thrown.
    pub fn error(&self) -> JsValue {
        self.interface_attribute("error")
    }
}

class! {
    /// XMLHttpRequest `ProgressEvent`, which a [`FileReader`](super::FileReader) fires.
    ProgressEvent: Event, Object;
    |value| is_of(value, "ProgressEvent")
}

impl ProgressEvent {
    /// `new ProgressEvent(type)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new(type_: &str) -> Result<Self, JsValue> {
        Self::new_with_event_init_dict(type_, &ProgressEventInit::new())
    }

    /// `new ProgressEvent(type, init)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_event_init_dict(
        type_: &str,
        event_init_dict: &ProgressEventInit,
    ) -> Result<Self, JsValue> {
        let attributes = vec![
            (
                "lengthComputable",
                event_init_dict
                    .get_length_computable()
                    .unwrap_or(false)
                    .into(),
            ),
            ("loaded", event_init_dict.get_loaded().unwrap_or(0.0).into()),
            ("total", event_init_dict.get_total().unwrap_or(0.0).into()),
        ];
        let init = event_init_dict.unchecked_ref::<EventInit>();
        Ok(Event::of("ProgressEvent", type_, init, attributes).unchecked_into())
    }

    /// Whether [`total`](Self::total) says anything.
    pub fn length_computable(&self) -> bool {
        self.get("lengthComputable")
    }

    /// How many bytes have been read.
    pub fn loaded(&self) -> f64 {
        self.get("loaded")
    }

    /// How many bytes there are.
    pub fn total(&self) -> f64 {
        self.get("total")
    }
}
