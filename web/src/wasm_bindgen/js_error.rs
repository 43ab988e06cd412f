//! `JsError`: any error of Rust's as an `Error`.

use super::JsValue;
use crate::js_sys;
use std::fmt;

/// An `Error`, for functions that return `Result<_, JsError>`: `?` makes one of any [`std::error::Error`].
#[derive(Clone)]
pub struct JsError {
    value: js_sys::Error,
}

impl JsError {
    /// An `Error` with this message.
    pub fn new(s: &str) -> Self {
        Self {
            value: js_sys::Error::new(s),
        }
    }
}

impl fmt::Debug for JsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsError")
            .field("value", &self.value)
            .finish()
    }
}

impl<E: std::error::Error> From<E> for JsError {
    fn from(error: E) -> Self {
        Self::new(&error.to_string())
    }
}

impl From<JsError> for JsValue {
    fn from(error: JsError) -> Self {
        error.value.into()
    }
}
