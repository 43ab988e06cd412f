//! WebIDL's enumerations: strings of a kind.

/// Each value: its name here, and its string in script.
macro_rules! enumeration {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $value_doc:literal])+ $value:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[doc = $value_doc])+ $value,)+
        }

        impl $name {
            /// That of this string.
            pub fn from_js_value(obj: &crate::wasm_bindgen::JsValue) -> Option<Self> {
                match obj.as_str()? {
                    $($text => Some(Self::$value),)+
                    _ => None,
                }
            }
        }

        impl From<$name> for crate::wasm_bindgen::JsValue {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$value => $text.into(),)+
                }
            }
        }

        impl crate::wasm_bindgen::convert::FromWasmAbi for $name {
            fn from_js(value: crate::wasm_bindgen::JsValue) -> Self {
                let known = Self::from_js_value(&value);
                known.expect(concat!("TypeError: this is no ", stringify!($name)))
            }
        }

        impl crate::wasm_bindgen::convert::IntoWasmAbi for $name {
            fn into_js(self) -> Result<crate::wasm_bindgen::JsValue, crate::wasm_bindgen::JsValue> {
                Ok(self.into())
            }
        }
    };
}

pub(super) use enumeration;

enumeration! {
    /// The states of a connection by name, for code that has its numbers from elsewhere.
    TcpReadyState {
        /// It has not been established yet.
        Connecting = "connecting",
        /// It is established.
        Open = "open",
        /// It is about to be closed.
        Closing = "closing",
        /// It has been closed or could not be opened.
        Closed = "closed",
    }
}
