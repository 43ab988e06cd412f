//! Throwing from Rust, which natively is a panic, as it is in `wasm_bindgen` off the web.

use super::JsValue;
use std::fmt;

/// Panics with this message.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn throw_str(s: &str) -> ! {
    panic!("{s}");
}

/// Panics with what a console shows of this value.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn throw_val(s: JsValue) -> ! {
    panic!("{s:?}");
}

/// `unwrap` and `expect` that throw.
pub trait UnwrapThrowExt<T>: Sized {
    /// `unwrap`.
    ///
    /// # Panics
    ///
    /// As `unwrap`.
    #[track_caller]
    fn unwrap_throw(self) -> T {
        self.expect_throw("called `unwrap_throw()`")
    }

    /// `expect`.
    ///
    /// # Panics
    ///
    /// As `expect`.
    #[track_caller]
    fn expect_throw(self, message: &str) -> T;
}

impl<T> UnwrapThrowExt<T> for Option<T> {
    #[track_caller]
    fn expect_throw(self, message: &str) -> T {
        self.expect(message)
    }
}

impl<T, E: fmt::Debug> UnwrapThrowExt<T> for Result<T, E> {
    #[track_caller]
    fn expect_throw(self, message: &str) -> T {
        self.expect(message)
    }
}
