//! `JsString`.

use super::Object;
use crate::wasm_bindgen::{JsCast, JsValue, class};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

class! {
    /// A string.
    #[without_debug]
    JsString: Object;
    |_value| false, JsValue::is_string
}

impl JsString {
    fn as_text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    /// A value as a string, if it is one.
    #[deprecated(note = "recommended to use dyn_ref instead which is now equivalent")]
    pub fn try_from(val: &JsValue) -> Option<&Self> {
        val.dyn_ref()
    }

    /// How many code units of UTF-16 it has.
    pub fn length(&self) -> u32 {
        self.as_text().encode_utf16().count() as u32
    }

    /// The string itself: a [`String`] comes of `String::from`.
    #[allow(clippy::inherent_to_string_shadow_display)] // As it is there.
    pub fn to_string(&self) -> Self {
        self.clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.as_text().is_empty()
    }
}

impl From<&str> for JsString {
    fn from(s: &str) -> Self {
        JsValue::from(s).into()
    }
}

impl From<String> for JsString {
    fn from(s: String) -> Self {
        JsValue::from(s).into()
    }
}

impl From<char> for JsString {
    fn from(c: char) -> Self {
        c.to_string().into()
    }
}

impl Default for JsString {
    fn default() -> Self {
        "".into()
    }
}

impl FromStr for JsString {
    type Err = Infallible;

    fn from_str(s: &str) -> Result<Self, Infallible> {
        Ok(s.into())
    }
}

impl From<JsString> for String {
    fn from(s: JsString) -> Self {
        Self::from(&s)
    }
}

impl From<&JsString> for String {
    fn from(s: &JsString) -> Self {
        s.as_text().to_owned()
    }
}

impl PartialEq<str> for JsString {
    fn eq(&self, other: &str) -> bool {
        self.as_text() == other
    }
}

impl PartialEq<&str> for JsString {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq<&String> for JsString {
    fn eq(&self, other: &&String) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<String> for JsString {
    fn eq(&self, other: &String) -> bool {
        self == other.as_str()
    }
}

impl fmt::Display for JsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_text())
    }
}

impl fmt::Debug for JsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_text(), f)
    }
}
