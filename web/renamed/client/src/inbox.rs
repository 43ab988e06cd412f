//! The messages of a socket, as promises.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AddEventListenerOptions, MessageEvent, WebSocket};

/// Waits for the next message of a socket.
#[derive(Debug)]
pub struct Inbox {
    next: Promise,
}

impl Inbox {
    /// The first message of a socket is the next one.
    ///
    /// # Errors
    ///
    /// What adding a listener throws.
    pub fn new(socket: &WebSocket) -> Result<Self, JsValue> {
        let options = AddEventListenerOptions::new();
        options.set_once(true);
        let mut result = Ok(());
        let next = Promise::new(&mut |resolve: Function, _reject: Function| {
            result = socket.add_event_listener_with_callback_and_add_event_listener_options(
                "message", &resolve, &options,
            );
        });
        result.map(|()| Self { next })
    }

    /// The text of the next message.
    ///
    /// # Errors
    ///
    /// Its data, if that is no text.
    pub async fn next(self) -> Result<String, JsValue> {
        let event = JsFuture::from(self.next).await?;
        let data = event.unchecked_into::<MessageEvent>().data();
        data.as_string().ok_or(data)
    }
}
