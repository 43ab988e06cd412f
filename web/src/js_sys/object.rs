//! `Object` and `Reflect`.

use super::{Array, Function, JsString, TypeError};
use crate::wasm_bindgen::{JsCast, JsValue, Plain};
use ref_cast::RefCast;
use std::ops::Deref;

/// An object of any class.
#[derive(Clone, Debug, RefCast)]
#[repr(transparent)]
pub struct Object {
    obj: JsValue,
}

impl Object {
    /// `{}`.
    #[allow(clippy::new_without_default)] // As it is there.
    pub fn new() -> Self {
        JsValue::of(Plain).unchecked_into()
    }

    /// `Object.keys(object)`: the places in an array, and the names of the properties that were set.
    pub fn keys(object: &Object) -> Array {
        let Some(instance) = object.obj.instance() else {
            return Array::new();
        };
        let items = instance.as_host().items().unwrap_or_default();
        let places = (0..items.len()).map(|place| place.to_string());
        let names = instance.entries().into_iter().map(|(name, _)| name);
        places.chain(names).map(JsValue::from).collect()
    }

    /// A value as an object, if it is one and no function.
    pub fn try_from(val: &JsValue) -> Option<&Self> {
        val.is_object().then(|| val.unchecked_ref())
    }

    /// `object.toString()`.
    pub fn to_string(&self) -> JsString {
        JsValue::from(self.obj.to_js_string()).unchecked_into()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.obj == other.obj
    }
}

impl Eq for Object {}

impl Deref for Object {
    type Target = JsValue;

    fn deref(&self) -> &JsValue {
        &self.obj
    }
}

impl AsRef<JsValue> for Object {
    fn as_ref(&self) -> &JsValue {
        &self.obj
    }
}

impl AsRef<Object> for Object {
    fn as_ref(&self) -> &Object {
        self
    }
}

impl From<Object> for JsValue {
    fn from(object: Object) -> Self {
        object.obj
    }
}

impl From<JsValue> for Object {
    fn from(value: JsValue) -> Self {
        value.unchecked_into()
    }
}

impl JsCast for Object {
    fn instanceof(val: &JsValue) -> bool {
        val.instance().is_some()
    }

    fn unchecked_from_js(val: JsValue) -> Self {
        Self { obj: val }
    }

    fn unchecked_from_js_ref(val: &JsValue) -> &Self {
        Self::ref_cast(val)
    }
}

fn not_an_object() -> JsValue {
    TypeError::new("this is not an object").into()
}

/// `target[key]`: a property that was set, or an attribute; `undefined`, if there is none.
///
/// # Errors
///
/// A `TypeError`, if this is no object.
pub fn get(target: &JsValue, key: &JsValue) -> Result<JsValue, JsValue> {
    let instance = target.instance().ok_or_else(not_an_object)?;
    let key = key.to_js_string();
    Ok(match (instance.get(&key), &*key) {
        (Some(value), _) => value,
        (None, "toString") => to_string_of(target.clone()).into(),
        (None, _) => JsValue::UNDEFINED,
    })
}

/// `object.toString`, which every object has.
fn to_string_of(object: JsValue) -> Function {
    Function::native(move |_| Ok(object.to_js_string().into()))
}

/// `Reflect.construct(target, arguments)`, which is `new target(…arguments)`: `target` is a class of the global object's.
///
/// # Errors
///
/// A `TypeError`, if it is none; what the constructor throws.
pub fn construct(target: &Function, arguments_list: &Array) -> Result<JsValue, JsValue> {
    target.construct(&arguments_list.to_vec())
}

/// `Reflect.apply(target, this, arguments)`.
///
/// # Errors
///
/// What the function throws.
pub fn apply(
    target: &Function,
    this_argument: &JsValue,
    arguments_list: &Array,
) -> Result<JsValue, JsValue> {
    target.apply(this_argument, arguments_list)
}

/// `target[key] = value`.
///
/// # Errors
///
/// As [`get`].
pub fn set(target: &JsValue, key: &JsValue, value: &JsValue) -> Result<bool, JsValue> {
    let instance = target.instance().ok_or_else(not_an_object)?;
    instance.set(&key.to_js_string(), value.clone());
    Ok(true)
}

/// `key in target`.
///
/// # Errors
///
/// As [`get`].
pub fn has(target: &JsValue, key: &JsValue) -> Result<bool, JsValue> {
    let instance = target.instance().ok_or_else(not_an_object)?;
    let key = key.to_js_string();
    Ok(key == "toString" || instance.get(&key).is_some())
}

/// `delete target[key]`.
///
/// # Errors
///
/// As [`get`].
pub fn delete_property(target: &Object, key: &JsValue) -> Result<bool, JsValue> {
    let instance = target.instance().ok_or_else(not_an_object)?;
    instance.delete(&key.to_js_string());
    Ok(true)
}
