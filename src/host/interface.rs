//! WebIDL interfaces as objects of the language (section 3.7).

use super::engine::{Engine, Intrinsic, Key, Property, PropertyContent, Type};
use super::native::{Call, Completion, Native, realm, type_error};
use super::realm::{RealmSlot, realm_slot};
use super::{
    abort_controller, abort_signal, blob, close_event, dom_exception, error_event, event,
    event_target, message_event, web_socket,
};
use crate::edition::Edition;
use std::any::Any;
use std::rc::Rc;

/// An interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    EventTarget,
    Event,
    MessageEvent,
    CloseEvent,
    ErrorEvent,
    DomException,
    Blob,
    AbortSignal,
    AbortController,
    WebSocket,
}

/// How an interface looks to script.
pub(super) struct Interface {
    pub(super) id: Id,
    pub(super) name: &'static str,
    pub(super) parent: Option<Id>,
    pub(super) constructor: Native,
    pub(super) constructor_length: u32,
    pub(super) constants: &'static [(&'static str, u16)],
    pub(super) statics: &'static [Member],
    pub(super) members: &'static [Member],
}

/// A member of an interface.
#[derive(Clone, Copy)]
pub(super) enum Member {
    Attribute(&'static str, Native, Option<Native>),
    Operation(&'static str, u32, Native),
}

/// All of them, parents first.
fn interfaces(edition: Edition) -> [&'static Interface; 10] {
    let is_html5 = edition == Edition::Html5;
    [
        &event_target::INTERFACE,
        event::interface(is_html5),
        message_event::interface(is_html5),
        close_event::interface(is_html5),
        &error_event::INTERFACE,
        &dom_exception::INTERFACE,
        &blob::INTERFACE,
        &abort_signal::INTERFACE,
        &abort_controller::INTERFACE,
        web_socket::interface(is_html5),
    ]
}

/// Puts the interfaces on the global object of the scope's realm.
///
/// One that the realm has stays as it is, but for `WebSocket`. Ours then inherit from it, with members
/// of their own in place of those that would not know our objects; and objects of it that are ours, such
/// as a socket's events, are instances of it.
///
/// # Errors
///
/// What the engine throws when it is out of memory.
pub fn install<E: Engine>(cx: &mut E) -> Result<(), E::Exception> {
    let interfaces = interfaces(realm(cx).edition());
    let registry = cx.registry();
    let function_prototype = cx.intrinsic(Intrinsic::FunctionPrototype);
    let bind = cx.get(&function_prototype, Key::Name("bind"))?;
    cx.set_slot(&registry, RealmSlot::Bind as usize, Some(bind));
    let is_trusted = cx.new_function(event::IS_TRUSTED, "get isTrusted", 0, false)?;
    cx.set_slot(&registry, RealmSlot::IsTrusted as usize, Some(is_trusted));
    for interface in interfaces {
        let existing = match interface.id {
            Id::WebSocket => None,
            _ => existing(cx, interface.name)?,
        };
        let slot = RealmSlot::InterfaceObject as usize + interface.id as usize;
        match existing {
            Some([object, prototype]) => {
                realm(cx).set_foreign(interface.id);
                cx.set_slot(&registry, slot, Some(object));
                let ours = cx.new_object(&prototype)?;
                define_members(cx, &ours, interface)?;
                set_prototype(cx, interface.id, ours);
            }
            None => {
                let object = define(cx, interface, &interfaces)?;
                cx.set_slot(&registry, slot, Some(object));
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
    interface: &Interface,
    interfaces: &[&'static Interface],
) -> Result<E::Value, E::Exception> {
    let object = cx.new_function(
        interface.constructor,
        interface.name,
        interface.constructor_length,
        true,
    )?;
    let parent_prototype = match interface.parent {
        // Where the realm has the parent, this is the prototype of the realm's.
        Some(parent) if realm(cx).is_foreign(parent) => {
            let parent = realm_slot(cx, RealmSlot::InterfaceObject, parent as usize);
            cx.get(&parent, Key::Name("prototype"))?
        }
        Some(parent) => realm_slot(cx, RealmSlot::Prototype, parent as usize),
        None if interface.id == Id::DomException => cx.intrinsic(Intrinsic::ErrorPrototype),
        None => cx.intrinsic(Intrinsic::ObjectPrototype),
    };
    if let Some(parent) = interface.parent {
        let parent = realm_slot(cx, RealmSlot::InterfaceObject, parent as usize);
        cx.set_prototype_of(&object, &parent)?;
    }
    let prototype = cx.new_object(&parent_prototype)?;
    cx.define(
        &object,
        Key::Name("prototype"),
        hidden(prototype.clone(), false, false),
    )?;
    define_constants(cx, &object, interface)?;
    for member in interface.statics {
        define_member(cx, &object, *member)?;
    }
    // What is inherited from the realm's own would not know our objects.
    let mut ancestor = interface
        .parent
        .filter(|parent| realm(cx).is_foreign(*parent));
    while let Some(id) = ancestor {
        let inherited = interfaces.iter().find(|interface| interface.id == id);
        if let Some(inherited) = inherited {
            define_members(cx, &prototype, inherited)?;
        }
        ancestor = inherited.and_then(|inherited| inherited.parent);
    }
    define_members(cx, &prototype, interface)?;
    define_constants(cx, &prototype, interface)?;
    cx.define(
        &prototype,
        Key::Name("constructor"),
        hidden(object.clone(), true, true),
    )?;
    let tag = cx.string(interface.name)?;
    cx.define(&prototype, Key::ToStringTag, hidden(tag, false, true))?;
    set_prototype(cx, interface.id, prototype);
    let global = cx.global();
    cx.define(
        &global,
        Key::Name(interface.name),
        hidden(object.clone(), true, true),
    )?;
    Ok(object)
}

fn set_prototype<E: Engine>(cx: &mut E, id: Id, prototype: E::Value) {
    let registry = cx.registry();
    let slot = RealmSlot::Prototype as usize + id as usize;
    cx.set_slot(&registry, slot, Some(prototype));
}

/// WebIDL "define the constants".
fn define_constants<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    interface: &Interface,
) -> Result<(), E::Exception> {
    for (name, value) in interface.constants {
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
    interface: &Interface,
) -> Result<(), E::Exception> {
    for are_attributes in [true, false] {
        for member in interface.members {
            if matches!(member, Member::Attribute(..)) == are_attributes {
                define_member(cx, object, *member)?;
            }
        }
    }
    Ok(())
}

/// WebIDL "define the attributes" or "define the operations", for one.
fn define_member<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    member: Member,
) -> Result<(), E::Exception> {
    let (name, content) = match member {
        Member::Attribute(name, get, set) => {
            let get = cx.new_function(get, &format!("get {name}"), 0, false)?;
            let set = match set {
                Some(set) => Some(cx.new_function(set, &format!("set {name}"), 1, false)?),
                None => None,
            };
            (name, PropertyContent::Accessor { get, set })
        }
        Member::Operation(name, length, native) => {
            let value = cx.new_function(native, name, length, false)?;
            let content = PropertyContent::Data {
                value,
                writable: true,
            };
            (name, content)
        }
    };
    let property = Property {
        content,
        enumerable: true,
        configurable: true,
    };
    cx.define(object, Key::Name(name), property)
}

/// A data property that is not enumerable.
pub(super) fn hidden<V>(value: V, writable: bool, configurable: bool) -> Property<V> {
    Property {
        content: PropertyContent::Data { value, writable },
        enumerable: false,
        configurable,
    }
}

/// WebIDL "internally create a new object implementing the interface", for a constructor.
pub(super) fn construct<E: Engine>(
    cx: &mut E,
    new_target: &E::Value,
    id: Id,
    payload: impl FnOnce() -> Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = prototype_from(cx, new_target, id)?;
    cx.new_host_object(&prototype, payload())
}

/// ECMA-262 `GetPrototypeFromConstructor`.
pub(super) fn prototype_from<E: Engine>(
    cx: &mut E,
    new_target: &E::Value,
    id: Id,
) -> Completion<E> {
    let prototype = cx.get(new_target, Key::Name("prototype"))?;
    Ok(match cx.type_of(&prototype) {
        Type::Object => prototype,
        _ => realm_slot(cx, RealmSlot::Prototype, id as usize),
    })
}

/// WebIDL "create a new object implementing the interface", for the bindings themselves.
pub(super) fn create<E: Engine>(
    cx: &mut E,
    id: Id,
    payload: Rc<dyn Any>,
) -> Result<E::Value, E::Exception> {
    let prototype = realm_slot(cx, RealmSlot::Prototype, id as usize);
    cx.new_host_object(&prototype, payload)
}

/// `new.target`, or a TypeError if the constructor was called as a function.
pub(super) fn new_target<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    name: &str,
) -> Result<E::Value, E::Exception> {
    call.new_target.clone().ok_or_else(|| {
        type_error(
            cx,
            &format!("Failed to construct '{name}': please use the 'new' operator"),
        )
    })
}
