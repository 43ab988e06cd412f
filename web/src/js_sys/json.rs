//! `JSON`.

mod parser;
mod serializer;

use super::JsString;
use crate::wasm_bindgen::{JsCast, JsValue};

/// Values may be so deep in each other: a peer's text must not use up the stack.
const DEEPEST: usize = 1000;

/// `JSON.parse(text)`: the value of a text, such as a message.
///
/// # Errors
///
/// A `SyntaxError`, if it is no JSON; a `RangeError`, if more than 1000 arrays and objects are in each other.
pub fn parse(text: &str) -> Result<JsValue, JsValue> {
    parser::Parser::new(text).parse()
}

/// `JSON.stringify(value)`: what was set of an object, what is in an array; `toJSON` is called where there is one. Not a string
/// but `undefined` for `undefined` and functions.
///
/// # Errors
///
/// A `TypeError`, if an object is in itself; a `RangeError`, if more than 1000 are in each other; what `toJSON` throws.
pub fn stringify(obj: &JsValue) -> Result<JsString, JsValue> {
    let text = serializer::Serializer::default().serialize(obj)?;
    Ok(JsValue::from(text).unchecked_into())
}
