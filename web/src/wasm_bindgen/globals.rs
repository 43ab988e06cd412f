//! The global functions that `extern` blocks can import.

use super::JsValue;
use crate::js_sys::{Array, Function};
use crate::web_sys::{self, console};

/// Calls `namespace.name(arguments)`. The attribute has seen to it that there is such a function.
pub fn call_global(namespace: &str, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    if namespace == "console" {
        console::print(name, arguments);
        return Ok(JsValue::UNDEFINED);
    }
    let argument = |index: usize| arguments.get(index).cloned().unwrap_or_default();
    let function = Function::from(argument(0));
    let delay = argument(1).as_f64().unwrap_or(0.0);
    match name {
        "setTimeout" | "setInterval" => {
            let rest = arguments.get(2..).unwrap_or_default().iter();
            let rest = Array::from_iter(rest);
            Ok(web_sys::set_timer(function, delay, name == "setInterval", rest).into())
        }
        "clearTimeout" | "clearInterval" => {
            web_sys::clear_timer(argument(0).as_f64());
            Ok(JsValue::UNDEFINED)
        }
        "queueMicrotask" => {
            web_sys::queue_microtask(function);
            Ok(JsValue::UNDEFINED)
        }
        _ => unreachable!("the attribute knows no {name}"),
    }
}

/// What a function that isn't declared with `catch` makes of an exception.
#[track_caller]
pub fn thrown(exception: JsValue) -> ! {
    super::throw_val(exception)
}
