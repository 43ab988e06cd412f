//! What closures take and return.

use super::{JsCast, JsValue};

/// What a closure can take: a value, any class, `String`, a number, `bool`, an `Option` of these.
#[diagnostic::on_unimplemented(
    message = "a closure for script can't take `{Self}`",
    note = "it takes `JsValue`, classes of `web_sys` and `js_sys`, `String`, numbers, `bool`, and `Option` of these"
)]
pub trait FromWasmAbi: Sized {
    #[doc(hidden)]
    fn from_js(value: JsValue) -> Self;
}

/// What a closure can return: what it can [take](FromWasmAbi), nothing, or a `Result` of these, whose error is thrown.
#[diagnostic::on_unimplemented(
    message = "a closure for script can't return `{Self}`",
    note = "it returns nothing, `JsValue`, classes of `web_sys` and `js_sys`, `String`, numbers, `bool`, or a `Result` of these"
)]
pub trait IntoWasmAbi {
    #[doc(hidden)]
    fn into_js(self) -> Result<JsValue, JsValue>;
}

impl<T: JsCast> FromWasmAbi for T {
    fn from_js(value: JsValue) -> Self {
        value.unchecked_into()
    }
}

impl<T: JsCast> IntoWasmAbi for T {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(self.into())
    }
}

impl<T: FromWasmAbi> FromWasmAbi for Option<T> {
    fn from_js(value: JsValue) -> Self {
        (!value.is_null_or_undefined()).then(|| T::from_js(value))
    }
}

impl<T: IntoWasmAbi> IntoWasmAbi for Option<T> {
    fn into_js(self) -> Result<JsValue, JsValue> {
        self.map_or(Ok(JsValue::UNDEFINED), T::into_js)
    }
}

impl<T: IntoWasmAbi, E: Into<JsValue>> IntoWasmAbi for Result<T, E> {
    fn into_js(self) -> Result<JsValue, JsValue> {
        self.map_err(E::into)?.into_js()
    }
}

impl FromWasmAbi for () {
    fn from_js(_value: JsValue) -> Self {}
}

impl IntoWasmAbi for () {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(JsValue::UNDEFINED)
    }
}

impl FromWasmAbi for String {
    fn from_js(value: JsValue) -> Self {
        value.to_js_string()
    }
}

impl IntoWasmAbi for String {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(self.into())
    }
}

impl FromWasmAbi for bool {
    fn from_js(value: JsValue) -> Self {
        value.is_truthy()
    }
}

impl IntoWasmAbi for bool {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(self.into())
    }
}

/// The integers as WebIDL's "modulo" conversion has them: what is no number is 0.
macro_rules! numbers {
    ($($integer:ty)*) => {$(
        impl FromWasmAbi for $integer {
            fn from_js(value: JsValue) -> Self {
                value.as_f64().unwrap_or(0.0) as i64 as Self
            }
        }

        impl IntoWasmAbi for $integer {
            fn into_js(self) -> Result<JsValue, JsValue> {
                Ok(self.into())
            }
        }
    )*};
}

numbers!(i8 u8 i16 u16 i32 u32 isize usize);

impl FromWasmAbi for f64 {
    fn from_js(value: JsValue) -> Self {
        value.as_f64().unwrap_or(f64::NAN)
    }
}

impl IntoWasmAbi for f64 {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(self.into())
    }
}

impl FromWasmAbi for f32 {
    fn from_js(value: JsValue) -> Self {
        f64::from_js(value) as Self
    }
}

impl IntoWasmAbi for f32 {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(self.into())
    }
}
