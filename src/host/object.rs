//! Objects of the bindings, and what there is to know of others.

use super::engine::{Engine, Key, Property, PropertyContent, Type};
use super::native::Interface;
use super::realm::{interface_object, prototype};
use std::any::Any;
use std::rc::Rc;

/// WebIDL "internally create a new object implementing the interface", for a constructor.
pub(super) fn construct<E: Engine>(
    cx: &mut E,
    new_target: &E::Value,
    interface: Interface,
    payload: impl FnOnce() -> Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = prototype_from(cx, new_target, interface)?;
    cx.new_host_object(&prototype, payload())
}

/// ECMA-262 `GetPrototypeFromConstructor`.
pub(super) fn prototype_from<E: Engine>(
    cx: &mut E,
    new_target: &E::Value,
    interface: Interface,
) -> Result<E::Value, E::Exception> {
    let object = cx.get(new_target, Key::Name("prototype"))?;
    Ok(match cx.type_of(&object) {
        Type::Object => object,
        _ => prototype(cx, interface),
    })
}

/// WebIDL "create a new object implementing the interface", for the bindings themselves.
pub(super) fn create<E: Engine>(
    cx: &mut E,
    interface: Interface,
    payload: Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = prototype(cx, interface);
    cx.new_host_object(&prototype, payload)
}

/// Whether a value is an instance of an interface, where that is the realm's own.
pub(super) fn is_instance<E: Engine>(
    cx: &mut E,
    value: &E::Value,
    interface: Interface,
) -> Result<bool, E::Exception> {
    let constructor = interface_object(cx, interface);
    let prototype = cx.get(&constructor, Key::Name("prototype"))?;
    inherits_from(cx, value, &prototype)
}

/// Whether an object has this one in its prototype chain.
pub(super) fn inherits_from<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    prototype: &E::Value,
) -> Result<bool, E::Exception> {
    if cx.type_of(object) != Type::Object {
        return Ok(false);
    }
    let mut object = object.clone();
    while let Some(next) = cx.prototype_of(&object)? {
        if cx.is_same_object(&next, prototype) {
            return Ok(true);
        }
        object = next;
    }
    Ok(false)
}

/// The slot of an object, or null.
pub(super) fn slot_or_null<E: Engine>(cx: &mut E, object: &E::Value, slot: usize) -> E::Value {
    match cx.slot(object, slot) {
        Some(value) => value,
        None => cx.null(),
    }
}

/// A data property that is not enumerable.
pub(super) fn hidden<V>(value: V, writable: bool, configurable: bool) -> Property<V> {
    Property {
        content: PropertyContent::Data { value, writable },
        enumerable: false,
        configurable,
    }
}
