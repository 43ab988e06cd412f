//! What closures take and return.

use super::{JsCast, JsValue, to_int32};
use crate::js_sys::{Array, Uint8Array};

/// What a closure can take: a value, any class, `String`, a number, `bool`, `Vec<u8>`, an `Option` of these.
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

/// What an imported function can be given: what becomes a value, and bytes.
#[doc(hidden)]
pub trait IntoArgument {
    #[doc(hidden)]
    fn into_argument(self) -> JsValue;
}

impl<T> IntoArgument for T
where
    JsValue: From<T>,
{
    fn into_argument(self) -> JsValue {
        self.into()
    }
}

impl IntoArgument for &[u8] {
    fn into_argument(self) -> JsValue {
        Uint8Array::from(self).into()
    }
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

/// The integers as a function of wasm32 gets them: by `ToInt32`, of which it keeps the low bits.
macro_rules! numbers {
    ($($integer:ty)*) => {$(
        impl FromWasmAbi for $integer {
            fn from_js(value: JsValue) -> Self {
                to_int32(value.to_number()) as Self
            }
        }

        impl IntoWasmAbi for $integer {
            fn into_js(self) -> Result<JsValue, JsValue> {
                Ok(self.into())
            }
        }
    )*};
}

numbers!(i8 u8 i16 u16 i32 u32 isize);

impl FromWasmAbi for usize {
    fn from_js(value: JsValue) -> Self {
        u32::from_js(value) as Self
    }
}

impl IntoWasmAbi for usize {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(self.into())
    }
}

/// Bytes are a `Uint8Array`; of others there are arrays.
impl FromWasmAbi for Vec<u8> {
    fn from_js(value: JsValue) -> Self {
        Uint8Array::new(&value).to_vec()
    }
}

impl<T: VectorIntoJs> IntoWasmAbi for Vec<T> {
    fn into_js(self) -> Result<JsValue, JsValue> {
        Ok(T::vector_into_js(self))
    }
}

/// What a `Vec` can have that becomes a value.
#[diagnostic::on_unimplemented(
    message = "a `Vec<{Self}>` can't become a `JsValue`",
    note = "natively those of `u8`, `String`, `JsValue` and classes of `web_sys` and `js_sys` can: there is no typed array but `Uint8Array`"
)]
#[doc(hidden)]
pub trait VectorIntoJs: Sized {
    #[doc(hidden)]
    fn vector_into_js(values: Vec<Self>) -> JsValue;
}

impl VectorIntoJs for u8 {
    fn vector_into_js(bytes: Vec<u8>) -> JsValue {
        Uint8Array::from(&*bytes).into()
    }
}

impl VectorIntoJs for String {
    fn vector_into_js(texts: Vec<String>) -> JsValue {
        Array::from_iter(texts.into_iter().map(JsValue::from)).into()
    }
}

impl<T: JsCast> VectorIntoJs for T {
    fn vector_into_js(values: Vec<T>) -> JsValue {
        Array::from_iter(values.into_iter().map(T::into)).into()
    }
}

impl FromWasmAbi for f64 {
    fn from_js(value: JsValue) -> Self {
        value.to_number()
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
