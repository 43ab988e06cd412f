//! The crate [`js_sys`](https://docs.rs/js-sys): ECMAScript's own classes.

mod array;
mod array_buffer;
mod error;
mod function;
mod js_string;
mod json;
mod object;
mod promise;
mod promises;
mod uint8_array;
mod uri;

pub use crate::wasm_bindgen;
pub use array::{Array, ArrayIntoIter, ArrayIter};
pub use array_buffer::{ArrayBuffer, SharedArrayBuffer};
pub use error::{Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, UriError};
pub use function::Function;
pub use js_string::JsString;
pub use object::Object;
pub use promise::Promise;
pub use uint8_array::Uint8Array;
pub use uri::{encode_uri, encode_uri_component};

pub(crate) use error::ErrorHost;

/// The global object: [`window`](crate::web_sys::window()).
///
/// # Panics
///
/// In destructors that run as the thread ends.
pub fn global() -> Object {
    let window = crate::web_sys::window();
    window.expect("the thread is about to end").into()
}

/// `Reflect`: properties by name.
#[allow(non_snake_case)]
pub mod Reflect {
    pub use super::object::{apply, construct, delete_property, get, has, set};
}

/// `JSON`.
#[allow(non_snake_case)]
pub mod JSON {
    pub use super::json::{parse, stringify};
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

/// `Math`, as far as it isn't `f64`'s.
#[allow(non_snake_case)]
pub mod Math {
    use std::hash::{BuildHasher, RandomState};

    /// A number from 0 up to 1, for nothing that must not be guessed.
    pub fn random() -> f64 {
        // The keys of a hash are random.
        let hash = RandomState::new().hash_one(());
        (hash >> 11) as f64 / (1_u64 << 53) as f64
    }
}
