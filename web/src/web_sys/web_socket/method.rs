//! The methods of a socket, for those who look for them by their names.

use crate::js_sys::{ArrayBuffer, Function, Uint8Array};
use crate::wasm_bindgen::{JsCast, JsValue};
use crate::web_sys::Blob;
use dom_websocket::{DomException, WebSocket};

/// `socket[name]`, which is the socket's whatever it is called on.
pub(super) fn method(socket: &WebSocket, name: &str) -> Option<Function> {
    let call = match name {
        "send" => send,
        "close" => close,
        _ => return None,
    };
    let socket = socket.clone();
    Some(Function::native(move |arguments| {
        call(&socket, arguments)?;
        Ok(JsValue::UNDEFINED)
    }))
}

fn send(socket: &WebSocket, arguments: &[JsValue]) -> Result<(), DomException> {
    let data = arguments.first().cloned().unwrap_or_default();
    let sent = if let Some(blob) = data.dyn_ref::<Blob>() {
        socket.send(blob.blob())
    } else if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        buffer.bytes(|bytes| socket.send(&*bytes))
    } else if let Some(view) = data.dyn_ref::<Uint8Array>() {
        view.bytes(|bytes| socket.send(&*bytes))
    } else {
        socket.send(&*data.to_js_string())
    };
    sent.map(drop)
}

fn close(socket: &WebSocket, arguments: &[JsValue]) -> Result<(), DomException> {
    let given = |index| {
        let argument: Option<&JsValue> = arguments.get(index);
        argument.filter(|argument| !argument.is_undefined())
    };
    let Some(code) = given(0) else {
        socket.close();
        return Ok(());
    };
    let reason = given(1).map(JsValue::to_js_string).unwrap_or_default();
    // WebIDL `[Clamp]`.
    socket.close_with(code.to_number().round_ties_even() as u16, &reason)
}
