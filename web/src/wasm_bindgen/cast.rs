//! Casts between classes.

use super::JsValue;

/// Casts between the types of values, checked and unchecked.
///
/// A method of a class called on an object of another one panics, where in a browser it would throw a `TypeError`; an
/// attribute that an event doesn't have is empty, as `undefined` would be.
pub trait JsCast: AsRef<JsValue> + Into<JsValue> {
    /// Whether this is a `T`; a string is a `JsString`, though no instance of it.
    fn has_type<T: JsCast>(&self) -> bool {
        T::is_type_of(self.as_ref())
    }

    /// This as a `T`, or itself if it is none.
    #[allow(clippy::missing_errors_doc)] // The error is the value.
    fn dyn_into<T: JsCast>(self) -> Result<T, Self> {
        if self.has_type::<T>() {
            Ok(self.unchecked_into())
        } else {
            Err(self)
        }
    }

    /// This as a `T`, if it is one.
    fn dyn_ref<T: JsCast>(&self) -> Option<&T> {
        self.has_type::<T>().then(|| self.unchecked_ref())
    }

    /// This as a `T`, without a look at what it is.
    fn unchecked_into<T: JsCast>(self) -> T {
        T::unchecked_from_js(self.into())
    }

    /// This as a `T`, without a look at what it is.
    fn unchecked_ref<T: JsCast>(&self) -> &T {
        T::unchecked_from_js_ref(self.as_ref())
    }

    /// `this instanceof T`.
    fn is_instance_of<T: JsCast>(&self) -> bool {
        T::instanceof(self.as_ref())
    }

    /// `val instanceof Self`.
    fn instanceof(val: &JsValue) -> bool;

    /// Whether this is a value of this type: as `instanceof`, but for what is no object.
    fn is_type_of(val: &JsValue) -> bool {
        Self::instanceof(val)
    }

    /// A value as one of this type, without a look at what it is.
    fn unchecked_from_js(val: JsValue) -> Self;

    /// A value as one of this type, without a look at what it is.
    fn unchecked_from_js_ref(val: &JsValue) -> &Self;
}

/// A class: a transparent wrapper of its parent's, down to [`JsValue`].
///
/// `class!(Name: Parent, Ancestor…; |value| is it an instance, |value| is it of the type)`; the parent of all is `Object`.
macro_rules! class {
    ($(#[doc = $doc:literal])+ $name:ident: $parent:ty $(, $ancestor:ty)*; $instance:expr) => {
        class!($(#[doc = $doc])+ $name: $parent $(, $ancestor)*; $instance, $instance);
    };
    ($(#[doc = $doc:literal])+ $name:ident: $parent:ty $(, $ancestor:ty)*; $instance:expr, $type_:expr) => {
        class!($(#[doc = $doc])+ #[without_debug] $name: $parent $(, $ancestor)*; $instance, $type_);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("obj", &self.obj).finish()
            }
        }
    };
    ($(#[doc = $doc:literal])+ #[without_debug] $name:ident: $parent:ty $(, $ancestor:ty)*; $instance:expr, $type_:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, ref_cast::RefCast)]
        #[repr(transparent)]
        pub struct $name {
            obj: $parent,
        }

        impl $crate::wasm_bindgen::JsCast for $name {
            fn instanceof(val: &$crate::wasm_bindgen::JsValue) -> bool {
                let check: fn(&$crate::wasm_bindgen::JsValue) -> bool = $instance;
                check(val)
            }

            fn is_type_of(val: &$crate::wasm_bindgen::JsValue) -> bool {
                let check: fn(&$crate::wasm_bindgen::JsValue) -> bool = $type_;
                check(val)
            }

            fn unchecked_from_js(val: $crate::wasm_bindgen::JsValue) -> Self {
                Self { obj: <$parent>::unchecked_from_js(val) }
            }

            fn unchecked_from_js_ref(val: &$crate::wasm_bindgen::JsValue) -> &Self {
                ref_cast::RefCast::ref_cast(<$parent>::unchecked_from_js_ref(val))
            }
        }

        impl std::ops::Deref for $name {
            type Target = $parent;

            fn deref(&self) -> &$parent {
                &self.obj
            }
        }

        impl AsRef<$name> for $name {
            fn as_ref(&self) -> &$name {
                self
            }
        }

        impl AsRef<$crate::wasm_bindgen::JsValue> for $name {
            fn as_ref(&self) -> &$crate::wasm_bindgen::JsValue {
                self.obj.as_ref()
            }
        }

        impl From<$name> for $crate::wasm_bindgen::JsValue {
            fn from(value: $name) -> Self {
                value.obj.into()
            }
        }

        impl From<$crate::wasm_bindgen::JsValue> for $name {
            fn from(value: $crate::wasm_bindgen::JsValue) -> Self {
                $crate::wasm_bindgen::JsCast::unchecked_from_js(value)
            }
        }

        class!(@ancestor $name: $parent);
        $(class!(@ancestor $name: $ancestor);)*
    };
    (@ancestor $name:ident: $ancestor:ty) => {
        impl AsRef<$ancestor> for $name {
            fn as_ref(&self) -> &$ancestor {
                $crate::wasm_bindgen::JsCast::unchecked_ref(self)
            }
        }

        impl From<$name> for $ancestor {
            fn from(value: $name) -> Self {
                $crate::wasm_bindgen::JsCast::unchecked_into(value)
            }
        }
    };
}
pub(crate) use class;
