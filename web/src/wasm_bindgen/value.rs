//! `JsValue`: undefined, null, a boolean, a number, a string, or a reference to an object.

use super::JsCast;
use super::convert::VectorIntoJs;
use super::object::{Host, Instance};
use std::fmt;
use std::rc::Rc;

/// A JavaScript value. Clones of an object are the same object.
#[derive(Clone, Default)]
pub struct JsValue(pub(super) Value);

#[derive(Clone, Default)]
pub(super) enum Value {
    #[default]
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    String(Rc<str>),
    Object(Rc<Instance>),
}

impl JsValue {
    /// `undefined`.
    pub const UNDEFINED: Self = Self(Value::Undefined);
    /// `null`.
    pub const NULL: Self = Self(Value::Null);
    /// `true`.
    pub const TRUE: Self = Self(Value::Boolean(true));
    /// `false`.
    pub const FALSE: Self = Self(Value::Boolean(false));

    /// `undefined`.
    pub const fn undefined() -> Self {
        Self::UNDEFINED
    }

    /// `null`.
    pub const fn null() -> Self {
        Self::NULL
    }

    /// A boolean.
    pub const fn from_bool(b: bool) -> Self {
        Self(Value::Boolean(b))
    }

    /// A number.
    pub fn from_f64(n: f64) -> Self {
        Self(Value::Number(n))
    }

    /// A string.
    #[allow(clippy::should_implement_trait)] // wasm_bindgen's name
    pub fn from_str(s: &str) -> Self {
        Self(Value::String(s.into()))
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self.0 {
            Value::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_string(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.0 {
            Value::Boolean(b) => Some(b),
            _ => None,
        }
    }

    /// `+value`.
    pub fn unchecked_into_f64(&self) -> f64 {
        self.to_number()
    }

    /// Whether it is a string.
    pub fn is_string(&self) -> bool {
        self.as_str().is_some()
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.0, Value::Null)
    }

    /// Whether it is `undefined`.
    pub fn is_undefined(&self) -> bool {
        matches!(self.0, Value::Undefined)
    }

    /// Whether it is `null` or `undefined`.
    pub fn is_null_or_undefined(&self) -> bool {
        self.is_null() || self.is_undefined()
    }

    /// Whether it is an object, and not a function.
    pub fn is_object(&self) -> bool {
        self.instance().is_some() && !self.is_function()
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        self.has_type::<crate::js_sys::Array>()
    }

    /// Whether it can be called.
    pub fn is_function(&self) -> bool {
        self.has_type::<crate::js_sys::Function>()
    }

    /// Whether a condition takes it for true: all but `undefined`, `null`, `false`, 0, NaN and `""`.
    pub fn is_truthy(&self) -> bool {
        match &self.0 {
            Value::Undefined | Value::Null => false,
            Value::Boolean(b) => *b,
            Value::Number(n) => *n != 0.0 && !n.is_nan(),
            Value::String(s) => !s.is_empty(),
            Value::Object(_) => true,
        }
    }

    /// The opposite of [`is_truthy`](Self::is_truthy).
    pub fn is_falsy(&self) -> bool {
        !self.is_truthy()
    }

    /// `typeof`, as a string.
    pub fn js_typeof(&self) -> Self {
        Self::from_str(match &self.0 {
            Value::Undefined => "undefined",
            Value::Null => "object",
            Value::Boolean(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Object(_) if self.is_function() => "function",
            Value::Object(_) => "object",
        })
    }

    /// A new object.
    pub(crate) fn of(host: impl Host) -> Self {
        Self(Value::Object(Rc::new(Instance::new(host))))
    }

    pub(crate) fn from_instance(instance: Rc<Instance>) -> Self {
        Self(Value::Object(instance))
    }

    pub(crate) fn instance(&self) -> Option<&Rc<Instance>> {
        match &self.0 {
            Value::Object(instance) => Some(instance),
            _ => None,
        }
    }

    /// What is behind an object, if it is of this kind.
    pub(crate) fn host<H: Host>(&self) -> Option<&H> {
        self.instance()?.host()
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// As a console prints it: a string is as it is.
    pub(crate) fn to_console(&self) -> String {
        match self.as_str() {
            Some(text) => text.to_owned(),
            None => Described(self, 0).to_string(),
        }
    }

    /// ECMAScript `ToString`.
    pub(crate) fn to_js_string(&self) -> String {
        match &self.0 {
            Value::Undefined => "undefined".into(),
            Value::Null => "null".into(),
            Value::Boolean(b) => b.to_string(),
            Value::Number(n) => number_to_string(*n),
            Value::String(s) => s.to_string(),
            Value::Object(instance) => instance.to_js_string(),
        }
    }
}

fn number_to_string(n: f64) -> String {
    match n {
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        // Zero has one text for both signs.
        0.0 => "0".into(),
        _ if n.abs() >= 1e21 => format!("{n:e}").replace('e', "e+"),
        _ if n.abs() < 1e-6 => format!("{n:e}"),
        _ => n.to_string(),
    }
}

/// `===`.
impl PartialEq for JsValue {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl PartialEq<bool> for JsValue {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == Some(*other)
    }
}

impl PartialEq<str> for JsValue {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for JsValue {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq<&String> for JsValue {
    fn eq(&self, other: &&String) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<String> for JsValue {
    fn eq(&self, other: &String) -> bool {
        self == other.as_str()
    }
}

/// A string in quotes, the members of an array and of a plain object, else the class.
impl fmt::Debug for JsValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsValue({})", Described(self, 0))
    }
}

/// A value as a console shows it, so deep in others.
pub(super) struct Described<'a>(pub(super) &'a JsValue, pub(super) usize);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.0 {
            Value::String(s) => write!(f, "{s:?}"),
            Value::Object(instance) => instance.describe(f, self.1),
            _ => f.write_str(&self.0.to_js_string()),
        }
    }
}

impl JsCast for JsValue {
    fn instanceof(_val: &JsValue) -> bool {
        true
    }

    fn unchecked_from_js(val: JsValue) -> Self {
        val
    }

    fn unchecked_from_js_ref(val: &JsValue) -> &Self {
        val
    }
}

impl AsRef<JsValue> for JsValue {
    fn as_ref(&self) -> &JsValue {
        self
    }
}

impl<'a, T: JsCast> From<&'a T> for JsValue {
    fn from(value: &'a T) -> Self {
        value.as_ref().clone()
    }
}

impl<T> From<Option<T>> for JsValue
where
    JsValue: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::UNDEFINED, Self::from)
    }
}

impl From<&str> for JsValue {
    fn from(s: &str) -> Self {
        Self::from_str(s)
    }
}

impl From<&String> for JsValue {
    fn from(s: &String) -> Self {
        Self::from_str(s)
    }
}

impl From<String> for JsValue {
    fn from(s: String) -> Self {
        Self(Value::String(s.into()))
    }
}

impl From<bool> for JsValue {
    fn from(b: bool) -> Self {
        Self::from_bool(b)
    }
}

impl TryFrom<JsValue> for String {
    type Error = JsValue;

    fn try_from(value: JsValue) -> Result<Self, JsValue> {
        value.as_string().ok_or(value)
    }
}

/// `+value`, which throws for no value that there is natively.
impl TryFrom<JsValue> for f64 {
    type Error = JsValue;

    fn try_from(value: JsValue) -> Result<Self, JsValue> {
        Ok(value.to_number())
    }
}

impl TryFrom<&JsValue> for f64 {
    type Error = JsValue;

    fn try_from(value: &JsValue) -> Result<Self, JsValue> {
        Ok(value.to_number())
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for JsValue {
            fn from(n: $number) -> Self {
                Self::from_f64(n as f64)
            }
        }

        impl PartialEq<$number> for JsValue {
            fn eq(&self, other: &$number) -> bool {
                self.as_f64() == Some(*other as f64)
            }
        }
    )*};
}

numbers!(i8 u8 i16 u16 i32 u32 f32 f64 isize usize);

/// Bytes become a `Uint8Array`, values and strings an `Array`.
impl<T: VectorIntoJs> From<Vec<T>> for JsValue {
    fn from(values: Vec<T>) -> Self {
        T::vector_into_js(values)
    }
}

impl<T: VectorIntoJs> From<Box<[T]>> for JsValue {
    fn from(values: Box<[T]>) -> Self {
        values.into_vec().into()
    }
}
