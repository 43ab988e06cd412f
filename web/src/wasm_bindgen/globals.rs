//! The global functions that `extern` blocks can import.

use super::JsValue;
use super::number::to_int32;
use crate::js_sys::{Array, Function};
use crate::web_sys::{self, console};

/// Calls `namespace.name(arguments)`, of which the last is an array of the others if the function is variadic. The attribute
/// has seen to it that there is such a function; one of another module's is none:
///
/// ```compile_fail
/// use dom_websocket_web::wasm_bindgen;
/// use wasm_bindgen::prelude::*;
///
/// #[wasm_bindgen(module = "/timers.js")]
/// extern "C" {
///     fn setTimeout(closure: &Closure<dyn FnMut()>, timeout: i32) -> i32;
/// }
/// ```
pub fn call_global(
    namespace: &str,
    name: &str,
    is_variadic: bool,
    arguments: Vec<JsValue>,
) -> Result<JsValue, JsValue> {
    let arguments = spread(is_variadic, arguments);
    if namespace == "console" {
        console::print(name, &arguments);
        return Ok(JsValue::UNDEFINED);
    }
    let argument = |index: usize| arguments.get(index).cloned().unwrap_or_default();
    let function = Function::from(argument(0));
    let delay = argument(1).to_number();
    match name {
        "setTimeout" | "setInterval" => {
            let rest = arguments.get(2..).unwrap_or_default().to_vec();
            Ok(web_sys::set_timer(function, to_int32(delay), name == "setInterval", rest).into())
        }
        "clearTimeout" | "clearInterval" => {
            web_sys::clear_timer(to_int32(argument(0).to_number()));
            Ok(JsValue::UNDEFINED)
        }
        "queueMicrotask" => {
            web_sys::queue_microtask(function);
            Ok(JsValue::UNDEFINED)
        }
        _ => unreachable!("the attribute knows no {name}"),
    }
}

/// The arguments, of which the last is an array of others if the function is variadic.
pub(super) fn spread(is_variadic: bool, mut arguments: Vec<JsValue>) -> Vec<JsValue> {
    if is_variadic {
        let others = arguments.pop().unwrap_or_default();
        arguments.extend(Array::from(&others));
    }
    arguments
}

/// What a function that isn't declared with `catch` makes of an exception.
#[track_caller]
pub fn thrown(exception: JsValue) -> ! {
    super::throw_val(exception)
}
