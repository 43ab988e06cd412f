//! Interfaces as objects of the language (WebIDL section 3.7).

use super::engine::Engine;
use super::idl::{Definition, Member, MemberKind};
use super::language::{Intrinsic, Type};
use super::native::{Interface, Native};
use super::object::hidden;
use super::property::{Key, Property, PropertyContent};
use super::realm::{RealmSlot, realm, realm_slot, set_realm_slot};

/// Puts the interfaces on the global object of the scope's realm, parents first. One that the realm has
/// stays as it is, but for `WebSocket` and what there is only with it. `all` are those that there can be.
pub(super) fn define_all<E: Engine>(
    cx: &mut E,
    definitions: &[&Definition],
    all: &[&Definition],
) -> Result<(), E::Exception> {
    for definition in definitions {
        let interface = definition.interface;
        let existing = match interface {
            Interface::WebSocket | Interface::WebSocketStream | Interface::WebSocketError => None,
            _ => existing(cx, definition.name)?,
        };
        match existing {
            Some([object, prototype]) => {
                realm(cx).set_foreign(interface);
                set_realm_slot(cx, RealmSlot::InterfaceObject(interface), object);
                let ours = cx.new_object(&prototype)?;
                define_members(cx, &ours, definition)?;
                set_realm_slot(cx, RealmSlot::Prototype(interface), ours);
            }
            None => {
                let object = define(cx, definition, all)?;
                set_realm_slot(cx, RealmSlot::InterfaceObject(interface), object);
            }
        }
    }
    Ok(())
}

/// An interface that the realm has, and the prototype of its objects.
fn existing<E: Engine>(cx: &mut E, name: &str) -> Result<Option<[E::Value; 2]>, E::Exception> {
    let global = cx.global();
    let object = cx.get(&global, Key::Name(name))?;
    if !cx.is_callable(&object) {
        return Ok(None);
    }
    let prototype = cx.get(&object, Key::Name("prototype"))?;
    Ok((cx.type_of(&prototype) == Type::Object).then_some([object, prototype]))
}

/// WebIDL "create an interface object" and "create an interface prototype object".
fn define<E: Engine>(
    cx: &mut E,
    definition: &Definition,
    all: &[&Definition],
) -> Result<E::Value, E::Exception> {
    let object = cx.new_function(
        definition.constructor(),
        definition.name,
        definition.constructor_length.into(),
        true,
    )?;
    let parent_prototype = match definition.parent {
        // Where the realm has the parent, this is the prototype of the realm's.
        Some(parent) if realm(cx).is_foreign(parent) => {
            let parent = realm_slot(cx, RealmSlot::InterfaceObject(parent));
            cx.get(&parent, Key::Name("prototype"))?
        }
        Some(parent) => realm_slot(cx, RealmSlot::Prototype(parent)),
        None if definition.interface == Interface::DOMException => {
            cx.intrinsic(Intrinsic::ErrorPrototype)
        }
        None => cx.intrinsic(Intrinsic::ObjectPrototype),
    };
    if let Some(parent) = definition.parent {
        let parent = realm_slot(cx, RealmSlot::InterfaceObject(parent));
        cx.set_prototype_of(&object, &parent)?;
    }
    let prototype = cx.new_object(&parent_prototype)?;
    cx.define(
        &object,
        Key::Name("prototype"),
        hidden(prototype.clone(), false, false),
    )?;
    define_constants(cx, &object, definition)?;
    define_kind(cx, &object, definition, MemberKind::StaticOperation)?;
    // What is inherited from the realm's own would not know our objects.
    let mut ancestor = definition
        .parent
        .filter(|parent| realm(cx).is_foreign(*parent));
    while let Some(interface) = ancestor {
        let inherited = all
            .iter()
            .find(|definition| definition.interface == interface);
        if let Some(inherited) = inherited {
            define_members(cx, &prototype, inherited)?;
        }
        ancestor = inherited.and_then(|inherited| inherited.parent);
    }
    define_members(cx, &prototype, definition)?;
    define_constants(cx, &prototype, definition)?;
    cx.define(
        &prototype,
        Key::Name("constructor"),
        hidden(object.clone(), true, true),
    )?;
    let tag = cx.string(definition.name)?;
    cx.define(&prototype, Key::ToStringTag, hidden(tag, false, true))?;
    set_realm_slot(cx, RealmSlot::Prototype(definition.interface), prototype);
    let global = cx.global();
    cx.define(
        &global,
        Key::Name(definition.name),
        hidden(object.clone(), true, true),
    )?;
    Ok(object)
}

/// WebIDL "define the constants".
fn define_constants<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    definition: &Definition,
) -> Result<(), E::Exception> {
    for (name, value) in definition.constants {
        let value = cx.number(f64::from(*value));
        let constant = Property {
            content: PropertyContent::Data {
                value,
                writable: false,
            },
            enumerable: true,
            configurable: false,
        };
        cx.define(object, Key::Name(name), constant)?;
    }
    Ok(())
}

/// WebIDL "define the regular attributes", and then "define the regular operations".
fn define_members<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    definition: &Definition,
) -> Result<(), E::Exception> {
    define_kind(cx, object, definition, MemberKind::Attribute)?;
    define_kind(cx, object, definition, MemberKind::Operation)
}

fn define_kind<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    definition: &Definition,
    kind: MemberKind,
) -> Result<(), E::Exception> {
    for (member, function) in definition.members(realm(cx).edition()) {
        if member.kind == kind {
            define_member(cx, object, member, function)?;
        }
    }
    Ok(())
}

/// WebIDL "define the attributes" or "define the operations", for one.
fn define_member<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    member: &Member,
    function: Native,
) -> Result<(), E::Exception> {
    let name = member.name;
    let content = match member.kind {
        MemberKind::Attribute => {
            let get = cx.new_function(function, &format!("get {name}"), 0, false)?;
            let set = match member.is_settable {
                true => Some(cx.new_function(function.next(), &format!("set {name}"), 1, false)?),
                false => None,
            };
            PropertyContent::Accessor { get, set }
        }
        MemberKind::Operation | MemberKind::StaticOperation => PropertyContent::Data {
            value: cx.new_function(function, name, member.length.into(), false)?,
            writable: true,
        },
    };
    let property = Property {
        content,
        enumerable: true,
        configurable: true,
    };
    cx.define(object, Key::Name(name), property)
}
