//! The crate [`wasm_bindgen`](https://docs.rs/wasm-bindgen): values, casts, closures, and the attribute.

mod cast;
pub mod closure;
pub mod convert;
mod globals;
mod imports;
mod js_error;
mod number;
mod object;
mod throw;
mod value;

pub use cast::JsCast;
pub use js_error::JsError;
pub use throw::{UnwrapThrowExt, throw_str, throw_val};
pub use value::JsValue;

pub(crate) use cast::class;
pub(crate) use number::to_int32;
pub(crate) use object::{Host, Instance, Plain};

/// What most code imports.
pub mod prelude {
    pub use super::closure::{Closure, ScopedClosure};
    pub use super::{JsCast, JsError, JsValue, UnwrapThrowExt};
    pub use dom_websocket_web_macros::wasm_bindgen;
}

/// What the attribute's code calls.
#[doc(hidden)]
pub mod __rt {
    pub use super::globals::{call_global, thrown};
    pub use super::imports::{call_method, construct, get, is_instance_of, set};
    pub use crate::event_loop::{run, run_async_main};
    pub use bytemuck;
}
