//! ECMAScript `JSON.stringify`.

use super::DEEPEST;
use crate::js_sys::{Array, Function, RangeError, TypeError, Uint8Array};
use crate::wasm_bindgen::{Instance, JsCast, JsValue};
use crate::web_sys::Event;
use std::rc::Rc;

/// Writes a value.
#[derive(Default)]
pub(super) struct Serializer {
    text: String,
    /// The arrays and objects that the place is in.
    open: Vec<Rc<Instance>>,
}

impl Serializer {
    /// `None` for what is no value of JSON.
    pub(super) fn serialize(mut self, value: &JsValue) -> Result<Option<String>, JsValue> {
        Ok(self.property("", value)?.then_some(self.text))
    }

    /// "SerializeJSONProperty". False, and nothing written, for what is no value of JSON.
    fn property(&mut self, name: &str, value: &JsValue) -> Result<bool, JsValue> {
        let value = match to_json(value) {
            Some(function) => &function.call1(value, &name.into())?,
            None => value,
        };
        if let Some(text) = value.as_str() {
            self.string(text);
        } else if let Some(number) = value.as_f64() {
            match number.is_finite() {
                true => self.text.push_str(&value.to_js_string()),
                false => self.text.push_str("null"),
            }
        } else if value.is_undefined() || value.is_function() {
            return Ok(false);
        } else if let Some(instance) = value.instance() {
            self.object(instance, value)?;
        } else {
            self.text.push_str(&value.to_js_string());
        }
        Ok(true)
    }

    fn object(&mut self, instance: &Rc<Instance>, value: &JsValue) -> Result<(), JsValue> {
        if self.open.iter().any(|open| Rc::ptr_eq(open, instance)) {
            return Err(TypeError::new("an object that is in itself can't be JSON").into());
        }
        if self.open.len() == DEEPEST {
            return Err(RangeError::new("the value is too deep for JSON").into());
        }
        self.open.push(instance.clone());
        match value.dyn_ref::<Array>() {
            Some(array) => self.items(array)?,
            None => self.members(&members(instance, value))?,
        }
        self.open.pop();
        Ok(())
    }

    fn items(&mut self, array: &Array) -> Result<(), JsValue> {
        self.text.push('[');
        for (index, value) in array.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if !self.property(&index.to_string(), &value)? {
                self.text.push_str("null");
            }
        }
        self.text.push(']');
        Ok(())
    }

    fn members(&mut self, members: &[(String, JsValue)]) -> Result<(), JsValue> {
        self.text.push('{');
        let begin = self.text.len();
        for (name, value) in members {
            let before = self.text.len();
            if before > begin {
                self.text.push(',');
            }
            self.string(name);
            self.text.push(':');
            if !self.property(name, value)? {
                self.text.truncate(before);
            }
        }
        self.text.push('}');
        Ok(())
    }

    /// "QuoteJSONString".
    fn string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                c if c < ' ' => self.text.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

fn to_json(value: &JsValue) -> Option<Function> {
    value.instance()?.get("toJSON")?.dyn_into().ok()
}

/// The object's own: of a view its bytes, of an event `isTrusted`, else what was set.
fn members(instance: &Instance, value: &JsValue) -> Vec<(String, JsValue)> {
    let mut members = Vec::new();
    if let Some(view) = value.dyn_ref::<Uint8Array>() {
        let bytes = view.to_vec().into_iter().enumerate();
        members.extend(bytes.map(|(index, byte)| (index.to_string(), byte.into())));
    } else if let Some(event) = value.dyn_ref::<Event>() {
        members.push(("isTrusted".to_owned(), event.is_trusted().into()));
    }
    members.extend(instance.entries());
    members
}
