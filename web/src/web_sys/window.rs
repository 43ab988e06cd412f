//! The global object, as far as timers, microtasks, the clock and the page's address.

use super::constructors::constructor;
use super::location::page_origin;
use super::{EventTarget, Listeners, Location, Performance, clear_timer, set_timer};
use crate::event_loop;
use crate::js_sys::{Array, Function, Object};
use crate::wasm_bindgen::__rt::call_global;
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::rc::Rc;

const FUNCTIONS: [&str; 5] = [
    "setTimeout",
    "setInterval",
    "clearTimeout",
    "clearInterval",
    "queueMicrotask",
];

class! {
    /// The global object: timers and microtasks of this thread's [event loop](crate::event_loop()), and its page's address.
    Window: EventTarget, Object;
    |value| value.host::<WindowHost>().is_some()
}

class! {
    /// The global object of a worker, which natively is none: code that looks whether it runs in one finds a [`Window`].
    WorkerGlobalScope: EventTarget, Object;
    |_value| false
}

struct WindowHost {
    listeners: Rc<Listeners>,
    performance: Performance,
}

impl Host for WindowHost {
    fn class(&self) -> &'static str {
        "Window"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        match name {
            "location" => Some(Location::new().into()),
            "origin" => Some(page_origin().into()),
            "performance" => Some(JsValue::from(&self.performance)),
            "window" | "self" | "globalThis" => Some(window()?.into()),
            _ => constructor(name)
                .or_else(|| function(name))
                .map(JsValue::from),
        }
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn function(name: &str) -> Option<Function> {
    let name = FUNCTIONS.iter().find(|known| **known == name)?;
    let call = move |arguments: &[JsValue]| call_global("", name, false, arguments.to_vec());
    Some(Function::native(call))
}

thread_local! {
    static WINDOW: Window = JsValue::of(WindowHost {
        listeners: Rc::default(),
        performance: Performance::new(),
    })
    .unchecked_into();
}

/// The global object of this thread.
pub fn window() -> Option<Window> {
    WINDOW.try_with(Clone::clone).ok()
}

/// HTML "queue a microtask", which calls back.
pub(crate) fn queue_microtask(function: Function) {
    event_loop::queue_microtask(move || {
        event_loop::callback(|| function.invoke(&[]));
    });
}

/// `setTimeout` and `setInterval`, with arguments for the handler or without.
macro_rules! timers {
    ($class:ident $js:literal $repeats:literal $plain:ident $array:ident; $($with:ident($($argument:ident)*);)*) => {
        impl $class {
            #[doc = concat!("`", $js, "(handler)`.")]
            ///
            /// # Errors
            ///
            /// None.
            pub fn $plain(&self, handler: &Function) -> Result<i32, JsValue> {
                Ok(set_timer(handler.clone(), 0, $repeats, Vec::new()))
            }

            #[doc = concat!("`", $js, "(handler, timeout, ...arguments)`, in milliseconds.")]
            ///
            /// # Errors
            ///
            /// None.
            pub fn $array(
                &self,
                handler: &Function,
                timeout: i32,
                arguments: &Array,
            ) -> Result<i32, JsValue> {
                Ok(set_timer(handler.clone(), timeout, $repeats, arguments.to_vec()))
            }

            $(
                #[doc = concat!("`", $js, "(handler, timeout, ...arguments)`, in milliseconds.")]
                ///
                /// # Errors
                ///
                /// None.
                pub fn $with(
                    &self,
                    handler: &Function,
                    timeout: i32,
                    $($argument: &JsValue,)*
                ) -> Result<i32, JsValue> {
                    let arguments = vec![$($argument.clone()),*];
                    Ok(set_timer(handler.clone(), timeout, $repeats, arguments))
                }
            )*
        }
    };
}

/// What every global object has.
macro_rules! global_scope {
    ($class:ident) => {
        timers! {
            $class "setTimeout" false set_timeout_with_callback set_timeout_with_callback_and_timeout_and_arguments;
            set_timeout_with_callback_and_timeout_and_arguments_0();
            set_timeout_with_callback_and_timeout_and_arguments_1(arguments_1);
            set_timeout_with_callback_and_timeout_and_arguments_2(arguments_1 arguments_2);
            set_timeout_with_callback_and_timeout_and_arguments_3(arguments_1 arguments_2 arguments_3);
        }

        timers! {
            $class "setInterval" true set_interval_with_callback set_interval_with_callback_and_timeout_and_arguments;
            set_interval_with_callback_and_timeout_and_arguments_0();
            set_interval_with_callback_and_timeout_and_arguments_1(arguments_1);
            set_interval_with_callback_and_timeout_and_arguments_2(arguments_1 arguments_2);
            set_interval_with_callback_and_timeout_and_arguments_3(arguments_1 arguments_2 arguments_3);
        }

        impl $class {
            /// `clearTimeout(handle)`.
            pub fn clear_timeout_with_handle(&self, handle: i32) {
                clear_timer(handle);
            }

            /// `clearTimeout()`, which does nothing.
            pub fn clear_timeout(&self) {}

            /// `clearInterval(handle)`.
            pub fn clear_interval_with_handle(&self, handle: i32) {
                clear_timer(handle);
            }

            /// `clearInterval()`, which does nothing.
            pub fn clear_interval(&self) {}

            /// The origin of the page, such as `"https://example.com"`; `"null"` without one.
            pub fn origin(&self) -> String {
                page_origin()
            }

            /// The clock.
            pub fn performance(&self) -> Option<Performance> {
                let window = window()?;
                Some(window.host::<WindowHost>()?.performance.clone())
            }

            /// `queueMicrotask(callback)`.
            pub fn queue_microtask(&self, callback: &Function) {
                queue_microtask(callback.clone());
            }
        }
    };
}

global_scope!(Window);
global_scope!(WorkerGlobalScope);

impl Window {
    /// The address of the page, which is that of [`set_document`](crate::set_document).
    pub fn location(&self) -> Location {
        Location::new()
    }
}
