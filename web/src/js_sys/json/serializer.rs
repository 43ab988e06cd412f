//! ECMAScript `JSON.stringify`.

use super::DEEPEST;
use crate::js_sys::{Array, ArrayIntoIter, Function, RangeError, TypeError, Uint8Array};
use crate::wasm_bindgen::{Instance, JsCast, JsValue};
use crate::web_sys::Event;
use std::iter::Enumerate;
use std::rc::Rc;
use std::vec::IntoIter;

/// Writes a value.
#[derive(Default)]
pub(super) struct Serializer {
    text: String,
    /// The arrays and objects that the place is in. They have the heap for it: a stack is soon used up.
    open: Vec<Open>,
}

/// An array or an object of which some is to be written.
struct Open {
    instance: Rc<Instance>,
    /// Where its text begins, behind the bracket.
    begin: usize,
    rest: Rest,
}

enum Rest {
    Items(Enumerate<ArrayIntoIter>),
    Members(IntoIter<(String, JsValue)>),
}

impl Serializer {
    /// `None` for what is no value of JSON.
    pub(super) fn serialize(mut self, value: &JsValue) -> Result<Option<String>, JsValue> {
        if !self.property("", value)? {
            return Ok(None);
        }
        while let Some(open) = self.open.last_mut() {
            let begin = open.begin;
            match &mut open.rest {
                Rest::Items(items) => match items.next() {
                    Some((index, value)) => self.item(begin, index, &value)?,
                    None => self.close(']'),
                },
                Rest::Members(members) => match members.next() {
                    Some((name, value)) => self.member(begin, &name, &value)?,
                    None => self.close('}'),
                },
            }
        }
        Ok(Some(self.text))
    }

    /// "SerializeJSONProperty", but for what is in an array or object, which is open then. False, and nothing written, for what is
    /// no value of JSON.
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
            self.open(instance, value)?;
        } else {
            self.text.push_str(&value.to_js_string());
        }
        Ok(true)
    }

    fn open(&mut self, instance: &Rc<Instance>, value: &JsValue) -> Result<(), JsValue> {
        let mut open = self.open.iter();
        if open.any(|open| Rc::ptr_eq(&open.instance, instance)) {
            return Err(TypeError::new("an object that is in itself can't be JSON").into());
        }
        if self.open.len() == DEEPEST {
            return Err(RangeError::new("the value is too deep for JSON").into());
        }
        let (bracket, rest) = match value.dyn_ref::<Array>() {
            Some(array) => ('[', Rest::Items(array.clone().into_iter().enumerate())),
            None => ('{', Rest::Members(members(instance, value).into_iter())),
        };
        self.text.push(bracket);
        self.open.push(Open {
            instance: instance.clone(),
            begin: self.text.len(),
            rest,
        });
        Ok(())
    }

    fn close(&mut self, bracket: char) {
        self.text.push(bracket);
        self.open.pop();
    }

    fn item(&mut self, begin: usize, index: usize, value: &JsValue) -> Result<(), JsValue> {
        self.part(begin);
        if !self.property(&index.to_string(), value)? {
            self.text.push_str("null");
        }
        Ok(())
    }

    fn member(&mut self, begin: usize, name: &str, value: &JsValue) -> Result<(), JsValue> {
        let before = self.text.len();
        self.part(begin);
        self.string(name);
        self.text.push(':');
        if !self.property(name, value)? {
            self.text.truncate(before);
        }
        Ok(())
    }

    /// Parts the next one from what stands before it.
    fn part(&mut self, begin: usize) {
        if self.text.len() > begin {
            self.text.push(',');
        }
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
