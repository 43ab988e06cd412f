//! Objects of the bindings, and what there is to know of others.

use super::call::type_error;
use super::engine::Engine;
use super::language::{Intrinsic, Type};
use super::native::{Interface, Native};
use super::property::{Key, Property, PropertyContent};
use super::realm::{RealmSlot, realm, realm_slot};
use std::any::Any;
use std::rc::Rc;

/// WebIDL "internally create a new object implementing the interface", for a constructor.
pub(super) fn construct<E: Engine>(
    cx: &mut E,
    new_target: &E::Value,
    interface: Interface,
    host_defined: impl FnOnce() -> Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = prototype_from(cx, new_target, interface)?;
    cx.new_host_object(&prototype, host_defined())
}

/// ECMA-262 `GetPrototypeFromConstructor`.
pub(super) fn prototype_from<E: Engine>(
    cx: &mut E,
    new_target: &E::Value,
    interface: Interface,
) -> Result<E::Value, E::Exception> {
    let prototype = cx.get(new_target, Key::Name("prototype"))?;
    Ok(match cx.type_of(&prototype) {
        Type::Object => prototype,
        _ => realm_slot(cx, RealmSlot::Prototype(interface)),
    })
}

/// WebIDL "create a new object implementing the interface", for the bindings themselves.
pub(super) fn create<E: Engine>(
    cx: &mut E,
    interface: Interface,
    host_defined: Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = realm_slot(cx, RealmSlot::Prototype(interface));
    cx.new_host_object(&prototype, host_defined)
}

/// An object that is nothing but a host-defined value, for `this` of a [bound function](bound_function).
pub(super) fn create_plain<E: Engine>(
    cx: &mut E,
    host_defined: Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    cx.new_host_object(&prototype, host_defined)
}

/// ECMA-262 `BoundFunctionCreate`: a function that has this for `this`, to give to script.
pub(super) fn bound_function<E: Engine>(
    cx: &mut E,
    native: Native,
    length: u32,
    this: &E::Value,
) -> Result<E::Value, E::Exception> {
    let function = cx.new_function(native, "", length, false)?;
    let bind = realm_slot(cx, RealmSlot::Bind);
    cx.call(&bind, &function, std::slice::from_ref(this))
}

/// Whether a value is an instance of an interface that the realm has brought itself.
pub(super) fn is_foreign_instance<E: Engine>(
    cx: &mut E,
    value: &E::Value,
    interface: Interface,
) -> Result<bool, E::Exception> {
    if !realm(cx).is_foreign(interface) {
        return Ok(false);
    }
    let constructor = realm_slot(cx, RealmSlot::InterfaceObject(interface));
    let prototype = cx.get(&constructor, Key::Name("prototype"))?;
    inherits_from(cx, value, &prototype)
}

/// No chain of prototypes is longer but one of proxies, which can be without an end.
const LONGEST_CHAIN: usize = 1000;

/// Whether an object has this one in its prototype chain. Runs script, where a proxy is in it.
pub(super) fn inherits_from<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    prototype: &E::Value,
) -> Result<bool, E::Exception> {
    if cx.type_of(object) != Type::Object {
        return Ok(false);
    }
    let mut object = object.clone();
    for _ in 0..LONGEST_CHAIN {
        match cx.prototype_of(&object)? {
            Some(next) if cx.is_same_object(&next, prototype) => return Ok(true),
            Some(next) => object = next,
            None => break,
        }
    }
    Ok(false)
}

/// ECMA-262 `Invoke`.
pub(super) fn call_method<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    name: &str,
    arguments: &[E::Value],
) -> Result<E::Value, E::Exception> {
    let method = cx.get(object, Key::Name(name))?;
    if !cx.is_callable(&method) {
        return Err(type_error(cx, &format!("{name} is not a function")));
    }
    cx.call(&method, object, arguments)
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
