//! `DOMException`.

use crate::js_sys::{Error, ErrorHost, Object};
use crate::wasm_bindgen::{JsCast, JsValue, class};

class! {
    /// What the methods of platform objects throw.
    DomException: Object;
    |value| value.host::<ErrorHost>().is_some_and(|error| error.is_dom_exception)
}

impl DomException {
    /// An exception with this name, such as `"SyntaxError"`.
    pub(crate) fn of(name: &str, message: String) -> Self {
        JsValue::of(ErrorHost {
            is_dom_exception: true,
            name: name.to_owned(),
            message,
        })
        .unchecked_into()
    }

    /// `new DOMException()`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new() -> Result<Self, JsValue> {
        Self::new_with_message("")
    }

    /// `new DOMException(message)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_message(message: &str) -> Result<Self, JsValue> {
        Self::new_with_message_and_name(message, "Error")
    }

    /// `new DOMException(message, name)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_message_and_name(message: &str, name: &str) -> Result<Self, JsValue> {
        Ok(Self::of(name, message.to_owned()))
    }

    /// The name, such as `"SyntaxError"`.
    pub fn name(&self) -> String {
        self.unchecked_ref::<Error>().name().into()
    }

    /// What went wrong, for a person to read.
    pub fn message(&self) -> String {
        self.unchecked_ref::<Error>().message().into()
    }

    /// The legacy code; 0, if the name has none.
    pub fn code(&self) -> u16 {
        legacy_code(&self.name())
    }
}

pub(crate) fn legacy_code(name: &str) -> u16 {
    let known = CODES.iter().find(|(known, _)| *known == name);
    known.map_or(0, |(_, code)| *code)
}

impl From<DomException> for Error {
    fn from(exception: DomException) -> Self {
        exception.unchecked_into()
    }
}

impl From<dom_websocket::DomException> for JsValue {
    fn from(exception: dom_websocket::DomException) -> Self {
        DomException::of(exception.name(), exception.message().to_owned()).into()
    }
}

macro_rules! codes {
    ($($constant:ident $name:literal $code:literal;)*) => {
        impl DomException {
            $(
                #[doc = concat!("The [code](Self::code) of an \"", $name, "\".")]
                pub const $constant: u16 = $code;
            )*
        }

        const CODES: &[(&str, u16)] = &[$(($name, $code)),*];
    };
}

codes! {
    INDEX_SIZE_ERR "IndexSizeError" 1;
    HIERARCHY_REQUEST_ERR "HierarchyRequestError" 3;
    WRONG_DOCUMENT_ERR "WrongDocumentError" 4;
    INVALID_CHARACTER_ERR "InvalidCharacterError" 5;
    NO_MODIFICATION_ALLOWED_ERR "NoModificationAllowedError" 7;
    NOT_FOUND_ERR "NotFoundError" 8;
    NOT_SUPPORTED_ERR "NotSupportedError" 9;
    INUSE_ATTRIBUTE_ERR "InUseAttributeError" 10;
    INVALID_STATE_ERR "InvalidStateError" 11;
    SYNTAX_ERR "SyntaxError" 12;
    INVALID_MODIFICATION_ERR "InvalidModificationError" 13;
    NAMESPACE_ERR "NamespaceError" 14;
    INVALID_ACCESS_ERR "InvalidAccessError" 15;
    TYPE_MISMATCH_ERR "TypeMismatchError" 17;
    SECURITY_ERR "SecurityError" 18;
    NETWORK_ERR "NetworkError" 19;
    ABORT_ERR "AbortError" 20;
    URL_MISMATCH_ERR "URLMismatchError" 21;
    QUOTA_EXCEEDED_ERR "QuotaExceededError" 22;
    TIMEOUT_ERR "TimeoutError" 23;
    INVALID_NODE_TYPE_ERR "InvalidNodeTypeError" 24;
    DATA_CLONE_ERR "DataCloneError" 25;
}
