//! Dictionaries: plain objects with members of known names.

use super::AbortSignal;
use crate::js_sys::Object;
use crate::wasm_bindgen::convert::FromWasmAbi;
use crate::wasm_bindgen::{JsCast, JsValue, class};

/// The member of a dictionary, if it is there.
fn member<T: FromWasmAbi>(dictionary: &JsValue, name: &str) -> Option<T> {
    let value = dictionary.instance()?.get(name)?;
    Option::from_js(value)
}

fn set_member(dictionary: &JsValue, name: &str, value: JsValue) {
    if let Some(instance) = dictionary.instance() {
        instance.set(name, value);
    }
}

/// Each member: its name in script, its getter, its setter, the setter of the older style, what that takes, and what is
/// stored.
macro_rules! dictionary {
    ($(#[doc = $doc:literal])+ $name:ident { $($member:literal $get:ident $set:ident $chain:ident ($argument:ty) $stored:ty;)* }) => {
        class! {
            $(#[doc = $doc])+
            $name: Object;
            |value| value.is_object()
        }

        impl $name {
            /// Without members.
            pub fn new() -> Self {
                Object::new().unchecked_into()
            }

            $(
                #[doc = concat!("The member `", $member, "`, if it is there.")]
                pub fn $get(&self) -> Option<$stored> {
                    member(self.as_ref(), $member)
                }

                #[doc = concat!("Sets the member `", $member, "`.")]
                pub fn $set(&self, val: $argument) {
                    set_member(self.as_ref(), $member, val.into());
                }

                #[doc = concat!("Sets the member `", $member, "`.")]
                #[deprecated = concat!("Use `", stringify!($set), "()` instead.")]
                pub fn $chain(&mut self, val: $argument) -> &mut Self {
                    self.$set(val);
                    self
                }
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

dictionary! {
    /// The options of `addEventListener`.
    AddEventListenerOptions {
        "capture" get_capture set_capture capture(bool) bool;
        "once" get_once set_once once(bool) bool;
        "passive" get_passive set_passive passive(bool) bool;
        "signal" get_signal set_signal signal(&AbortSignal) AbortSignal;
    }
}

dictionary! {
    /// The options of `removeEventListener`.
    EventListenerOptions {
        "capture" get_capture set_capture capture(bool) bool;
    }
}

dictionary! {
    /// The members of an `Event`.
    EventInit {
        "bubbles" get_bubbles set_bubbles bubbles(bool) bool;
        "cancelable" get_cancelable set_cancelable cancelable(bool) bool;
        "composed" get_composed set_composed composed(bool) bool;
    }
}

dictionary! {
    /// The members of a `MessageEvent`.
    MessageEventInit {
        "bubbles" get_bubbles set_bubbles bubbles(bool) bool;
        "cancelable" get_cancelable set_cancelable cancelable(bool) bool;
        "composed" get_composed set_composed composed(bool) bool;
        "data" get_data set_data data(&JsValue) JsValue;
        "origin" get_origin set_origin origin(&str) String;
        "lastEventId" get_last_event_id set_last_event_id last_event_id(&str) String;
    }
}

dictionary! {
    /// The members of a `CloseEvent`.
    CloseEventInit {
        "bubbles" get_bubbles set_bubbles bubbles(bool) bool;
        "cancelable" get_cancelable set_cancelable cancelable(bool) bool;
        "composed" get_composed set_composed composed(bool) bool;
        "wasClean" get_was_clean set_was_clean was_clean(bool) bool;
        "code" get_code set_code code(u16) u16;
        "reason" get_reason set_reason reason(&str) String;
    }
}

dictionary! {
    /// The members of an `ErrorEvent`.
    ErrorEventInit {
        "bubbles" get_bubbles set_bubbles bubbles(bool) bool;
        "cancelable" get_cancelable set_cancelable cancelable(bool) bool;
        "composed" get_composed set_composed composed(bool) bool;
        "message" get_message set_message message(&str) String;
        "filename" get_filename set_filename filename(&str) String;
        "lineno" get_lineno set_lineno lineno(u32) u32;
        "colno" get_colno set_colno colno(u32) u32;
        "error" get_error set_error error(&JsValue) JsValue;
    }
}

dictionary! {
    /// The members of a `ProgressEvent`.
    ProgressEventInit {
        "bubbles" get_bubbles set_bubbles bubbles(bool) bool;
        "cancelable" get_cancelable set_cancelable cancelable(bool) bool;
        "composed" get_composed set_composed composed(bool) bool;
        "lengthComputable" get_length_computable set_length_computable length_computable(bool) bool;
        "loaded" get_loaded set_loaded loaded(f64) f64;
        "total" get_total set_total total(f64) f64;
    }
}

dictionary! {
    /// The options of a `Blob`.
    BlobPropertyBag {
        "type" get_type set_type type_(&str) String;
    }
}
