//! The constructors on the global object.

use super::{Event, EventInit, EventTarget, MessageEvent, WebSocket};
use crate::js_sys::Function;
use crate::wasm_bindgen::{JsCast, JsValue};

type Construct = fn(&[JsValue]) -> Result<JsValue, JsValue>;

/// What code looks for to find out whether there are WebSockets, and classes that are imported are made by.
const CLASSES: [(&str, Construct); 4] = [
    ("WebSocket", |arguments| {
        let socket = WebSocket::new_with_str_sequence(&text(arguments), &argument(arguments, 1))?;
        Ok(socket.into())
    }),
    ("EventTarget", |_arguments| Ok(EventTarget::new()?.into())),
    ("Event", |arguments| {
        let init = dictionary(arguments);
        Ok(Event::new_with_event_init_dict(&text(arguments), init.unchecked_ref())?.into())
    }),
    ("MessageEvent", |arguments| {
        let init = dictionary(arguments);
        Ok(MessageEvent::new_with_event_init_dict(&text(arguments), init.unchecked_ref())?.into())
    }),
];

pub(super) fn constructor(class: &str) -> Option<Function> {
    let (name, construct) = CLASSES.iter().find(|(known, _)| *known == class)?;
    Some(Function::class(name, construct))
}

fn argument(arguments: &[JsValue], index: usize) -> JsValue {
    arguments.get(index).cloned().unwrap_or_default()
}

fn text(arguments: &[JsValue]) -> String {
    argument(arguments, 0).to_js_string()
}

fn dictionary(arguments: &[JsValue]) -> JsValue {
    match argument(arguments, 1) {
        init if init.is_object() => init,
        _ => EventInit::new().into(),
    }
}
