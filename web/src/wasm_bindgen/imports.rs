//! The members of objects that `extern` blocks can import, by their names.

use super::globals::spread;
use super::{JsCast, JsValue};
use crate::js_sys::{Array, Error, Function, Object, ReferenceError, Reflect, TypeError, global};
use crate::web_sys::{Event, EventTarget};

/// `this.name`.
pub fn get(this: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(this, &name.into())
}

/// `this.name = value`.
pub fn set(this: &JsValue, name: &str, arguments: Vec<JsValue>) -> Result<JsValue, JsValue> {
    let value = arguments.into_iter().next().unwrap_or_default();
    Reflect::set(this, &name.into(), &value)?;
    Ok(JsValue::UNDEFINED)
}

/// `this.name(arguments)`.
pub fn call_method(
    this: &JsValue,
    name: &str,
    is_variadic: bool,
    arguments: Vec<JsValue>,
) -> Result<JsValue, JsValue> {
    let method = get(this, name)?;
    let method = method.dyn_ref::<Function>();
    let method = method.ok_or_else(|| TypeError::new(&format!("{name} is not a function")))?;
    method.apply(this, &Array::from_iter(spread(is_variadic, arguments)))
}

/// `new class(arguments)`. The attribute has seen to it that there is such a class; of one that there isn't nothing can be made:
///
/// ```compile_fail
/// use dom_websocket_web::wasm_bindgen;
/// use wasm_bindgen::prelude::*;
///
/// #[wasm_bindgen]
/// extern "C" {
///     type WebSocketStream;
///
///     #[wasm_bindgen(constructor)]
///     fn new(url: &str) -> WebSocketStream;
/// }
/// ```
pub fn construct(
    class: &str,
    is_variadic: bool,
    arguments: Vec<JsValue>,
) -> Result<JsValue, JsValue> {
    let constructor = get(&global(), class)?;
    let constructor = constructor.dyn_ref::<Function>();
    let constructor =
        constructor.ok_or_else(|| ReferenceError::new(&format!("{class} is not defined")))?;
    Reflect::construct(
        constructor,
        &Array::from_iter(spread(is_variadic, arguments)),
    )
}

/// `value instanceof class`.
pub fn is_instance_of(value: &JsValue, class: &str) -> bool {
    let is_of_class = |name| {
        value
            .instance()
            .is_some_and(|it| it.as_host().class() == name)
    };
    match class {
        "Object" => Object::instanceof(value),
        "Error" => Error::instanceof(value),
        "Event" => Event::instanceof(value),
        "EventTarget" => EventTarget::instanceof(value),
        class => is_of_class(class),
    }
}
