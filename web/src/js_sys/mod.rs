//! The crate [`js_sys`](https://docs.rs/js-sys): ECMAScript's own classes.

mod array;
mod array_buffer;
mod error;
mod function;
mod js_string;
mod object;
mod promise;
mod uint8_array;

pub use crate::wasm_bindgen;
pub use array::{Array, ArrayIntoIter, ArrayIter};
pub use array_buffer::ArrayBuffer;
pub use error::Error;
pub use function::Function;
pub use js_string::JsString;
pub use object::Object;
pub use promise::Promise;
pub use uint8_array::Uint8Array;

pub(crate) use error::ErrorHost;

/// `Reflect`: properties by name.
#[allow(non_snake_case)]
pub mod Reflect {
    pub use super::object::{delete_property, get, has, set};
}

/// `Date`, as far as the time of day.
#[allow(non_snake_case)]
pub mod Date {
    use std::time::{SystemTime, UNIX_EPOCH};

    /// The milliseconds since 1970.
    pub fn now() -> f64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        elapsed.map_or(0.0, |elapsed| elapsed.as_millis() as f64)
    }
}
