//! Where errors are from that Boa gives no stack.

use boa_engine::property::PropertyDescriptor;
use boa_engine::{Context, JsError, js_string};

/// An error of a parser's, which tells where it stopped, but not in which text.
pub(super) fn at_position(error: JsError, name: &str, context: &mut Context) -> JsError {
    let message = error.as_native().map(|error| error.message());
    let place = match message.and_then(position) {
        Some((line, column)) => format!("{name}:{line}:{column}"),
        None => name.to_owned(),
    };
    at(error, &place, context)
}

fn position(message: &str) -> Option<(u32, u32)> {
    let (_, position) = message.rsplit_once(" at line ")?;
    let (line, column) = position.split_once(", col ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// Gives an error a stack of one place.
pub(super) fn at(error: JsError, place: &str, context: &mut Context) -> JsError {
    let value = match error.into_opaque(context) {
        Ok(value) => value,
        // No script may see it.
        Err(error) => return error,
    };
    if let Some(object) = value.as_object() {
        let stack = PropertyDescriptor::builder()
            .value(js_string!(format!("    at {place}")))
            .writable(true)
            .enumerable(false)
            .configurable(true);
        let is_set = object.define_property_or_throw(js_string!("stack"), stack, context);
        debug_assert!(is_set.is_ok(), "an error that is new takes a property");
    }
    JsError::from_opaque(value)
}
