//! `Error`, of any kind, and `DOMException`.

use super::{JsString, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use crate::web_sys::legacy_code;
use std::any::Any;

class! {
    /// An `Error`. A [`DomException`](crate::web_sys::DomException) is one too.
    Error: Object;
    |value| value.host::<ErrorHost>().is_some()
}

pub(crate) struct ErrorHost {
    pub(crate) is_dom_exception: bool,
    pub(crate) name: String,
    pub(crate) message: String,
}

impl Host for ErrorHost {
    fn class(&self) -> &'static str {
        if self.is_dom_exception {
            "DOMException"
        } else {
            "Error"
        }
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        match name {
            "name" => Some(JsValue::from(&self.name)),
            "message" => Some(JsValue::from(&self.message)),
            "code" if self.is_dom_exception => Some(legacy_code(&self.name).into()),
            _ => None,
        }
    }

    fn text(&self) -> Option<String> {
        Some(match self.message.is_empty() {
            true => self.name.clone(),
            false => format!("{}: {}", self.name, self.message),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Error {
    /// `new Error(message)`.
    pub fn new(message: &str) -> Self {
        Self::of("Error", message.to_owned())
    }

    /// An error with this name.
    pub(crate) fn of(name: &str, message: String) -> Self {
        JsValue::of(ErrorHost {
            is_dom_exception: false,
            name: name.to_owned(),
            message,
        })
        .unchecked_into()
    }

    fn property(&self, name: &str) -> JsString {
        let instance = (**self).instance();
        let value = instance.and_then(|instance| instance.get(name));
        JsString::from(value.unwrap_or_default().to_js_string())
    }

    fn set_property(&self, name: &str, value: &str) {
        if let Some(instance) = (**self).instance() {
            instance.set(name, value.into());
        }
    }

    /// What went wrong.
    pub fn message(&self) -> JsString {
        self.property("message")
    }

    /// Sets the message.
    pub fn set_message(&self, message: &str) {
        self.set_property("message", message);
    }

    /// The kind of error, such as `TypeError`.
    pub fn name(&self) -> JsString {
        self.property("name")
    }

    /// Sets the name.
    pub fn set_name(&self, name: &str) {
        self.set_property("name", name);
    }

    /// Name and message.
    pub fn to_string(&self) -> JsString {
        let (name, message) = (self.name(), self.message());
        JsString::from(match message.is_empty() {
            true => String::from(name),
            false => format!("{name}: {message}"),
        })
    }
}

macro_rules! errors {
    ($($class:ident $name:literal $what:literal;)*) => {$(
        class! {
            #[doc = $what]
            $class: Error, Object;
            |value| value.host::<ErrorHost>().is_some_and(|error| !error.is_dom_exception && error.name == $name)
        }

        impl $class {
            #[doc = concat!("`new ", $name, "(message)`.")]
            pub fn new(message: &str) -> Self {
                Error::of($name, message.to_owned()).unchecked_into()
            }
        }
    )*};
}

errors! {
    EvalError "EvalError" "An error of `eval`: nothing here throws one.";
    RangeError "RangeError" "A number is out of its range.";
    ReferenceError "ReferenceError" "A name means nothing: nothing here throws one.";
    SyntaxError "SyntaxError" "ECMAScript's; what a URL that is none throws is a [`DomException`](crate::web_sys::DomException) of this name.";
    TypeError "TypeError" "A value is of another type than it should be.";
    UriError "URIError" "A text is not what a URI has.";
}
