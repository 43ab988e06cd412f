//! `MessageEvent` (HTML section 9.1).

use super::convert::{member, string_member, to_sequence, usv_string};
use super::engine::{Engine, Key, Type};
use super::event::{
    DATA, EventData, Kind, PORTS, SOURCE, construct_event, initialize_with, slot_or_null,
};
use super::interface::{Id, Interface, Member};
use super::native::{Call, Completion, natives, realm, this, type_error};
use super::realm::inherits_from;
use super::string::DomString;
use crate::edition::Edition;
use std::cell::RefCell;
use std::rc::Rc;

natives! { MessageEvent:
    Construct => constructor,
    Data => data,
    Origin => origin,
    LastEventId => last_event_id,
    Source => source,
    Ports => ports,
    Init => init_message_event,
}

const fn members(init_length: u32) -> [Member; 6] {
    [
        Member::Attribute("data", Native::Data.id(), None),
        Member::Attribute("origin", Native::Origin.id(), None),
        Member::Attribute("lastEventId", Native::LastEventId.id(), None),
        Member::Attribute("source", Native::Source.id(), None),
        Member::Attribute("ports", Native::Ports.id(), None),
        Member::Operation("initMessageEvent", init_length, Native::Init.id()),
    ]
}

const LIVING: Interface = Interface {
    id: Id::MessageEvent,
    name: "MessageEvent",
    parent: Some(Id::Event),
    constructor: Native::Construct.id(),
    constructor_length: 1,
    constants: &[],
    statics: &[],
    members: &members(1),
};

const HTML5: Interface = Interface {
    members: &members(8),
    ..LIVING
};

pub(super) fn interface(is_html5: bool) -> &'static Interface {
    if is_html5 { &HTML5 } else { &LIVING }
}

/// What a `MessageEvent` has beside its slots.
#[derive(Default)]
pub(super) struct Message {
    pub(super) origin: RefCell<Rc<str>>,
    last_event_id: RefCell<DomString>,
}

impl Message {
    pub(super) fn new(origin: Rc<str>) -> Self {
        Self {
            origin: RefCell::new(origin),
            last_event_id: RefCell::default(),
        }
    }
}

fn this_message<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Rc<EventData>, E::Exception> {
    this(cx, call, |event: &EventData| {
        matches!(event.kind, Kind::Message(_))
    })
}

fn message(event: &EventData) -> Option<&Message> {
    match &event.kind {
        Kind::Message(message) => Some(message),
        _ => None,
    }
}

/// WebIDL `MessageEventSource?`: a window, a port or a service worker, of those that the realm has.
fn source_from<E: Engine>(cx: &mut E, value: E::Value) -> Result<Option<E::Value>, E::Exception> {
    match cx.type_of(&value) {
        Type::Undefined | Type::Null => return Ok(None),
        Type::Object => {
            for interface in ["MessagePort", "Window", "ServiceWorker"] {
                if is_instance(cx, &value, interface)? {
                    return Ok(Some(value));
                }
            }
        }
        _ => {}
    }
    Err(type_error(cx, "the source is not a MessageEventSource"))
}

/// WebIDL `sequence<MessagePort>`.
fn ports_from<E: Engine>(cx: &mut E, value: &E::Value) -> Result<Vec<E::Value>, E::Exception> {
    to_sequence(cx, value, |cx, port| {
        if is_instance(cx, &port, "MessagePort")? {
            Ok(port)
        } else {
            Err(type_error(cx, "a port is not a MessagePort"))
        }
    })
}

/// Whether a value is an instance of an interface of the realm's own.
fn is_instance<E: Engine>(
    cx: &mut E,
    value: &E::Value,
    interface: &str,
) -> Result<bool, E::Exception> {
    let global = cx.global();
    let interface = cx.get(&global, Key::Name(interface))?;
    if !cx.is_callable(&interface) {
        return Ok(false);
    }
    let prototype = cx.get(&interface, Key::Name("prototype"))?;
    inherits_from(cx, value, &prototype)
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    construct_event(cx, call, Id::MessageEvent, "MessageEvent", |cx, init| {
        let message = Message::default();
        let mut slots = Vec::new();
        let mut ports = Vec::new();
        if let Some(init) = init {
            if let Some(data) = member(cx, init, "data")? {
                slots.push((DATA, data));
            }
            if let Some(id) = string_member(cx, init, "lastEventId")? {
                *message.last_event_id.borrow_mut() = id;
            }
            if let Some(origin) = string_member(cx, init, "origin")? {
                *message.origin.borrow_mut() = origin.into_usv_string().into();
            }
            if let Some(value) = member(cx, init, "ports")? {
                ports = ports_from(cx, &value)?;
            }
            if let Some(value) = member(cx, init, "source")? {
                if let Some(source) = source_from(cx, value)? {
                    slots.push((SOURCE, source));
                }
            }
        }
        slots.push((PORTS, cx.new_array(&ports, true)?));
        Ok((Kind::Message(message), slots))
    })
}

fn data<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_message(cx, call)?;
    Ok(slot_or_null(cx, &call.this, DATA))
}

fn origin<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_message(cx, call)?;
    let origin = message(&event).map(|message| message.origin.borrow().clone());
    cx.string(&origin.unwrap_or_default())
}

fn last_event_id<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_message(cx, call)?;
    let id = message(&event).map(|message| message.last_event_id.borrow().clone());
    cx.dom_string(&id.unwrap_or_default())
}

fn source<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_message(cx, call)?;
    Ok(slot_or_null(cx, &call.this, SOURCE))
}

/// The same frozen array each time, made when it is first asked for.
fn ports<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_message(cx, call)?;
    if let Some(ports) = cx.slot(&call.this, PORTS) {
        return Ok(ports);
    }
    if realm(cx).edition() == Edition::Html5 {
        // r4820: a message of a WebSocket has null for ports.
        return Ok(cx.null());
    }
    let ports = cx.new_array(&[], true)?;
    cx.set_slot(&call.this, PORTS, Some(ports.clone()));
    Ok(ports)
}

fn init_message_event<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_message(cx, call)?;
    let is_html5 = realm(cx).edition() == Edition::Html5;
    call.require(cx, if is_html5 { 8 } else { 1 })?;
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let bubbles = call.argument(cx, 1);
    let bubbles = cx.to_boolean(&bubbles);
    let cancelable = call.argument(cx, 2);
    let cancelable = cx.to_boolean(&cancelable);
    let data = call.arguments.get(3).cloned();
    let data = data.filter(|data| cx.type_of(data) != Type::Undefined || is_html5);
    let origin = match present(cx, call, 4) {
        Some(origin) => usv_string(cx, &origin)?,
        None => String::new(),
    };
    let last_event_id = match present(cx, call, 5) {
        Some(id) => cx.to_dom_string(&id)?,
        None => DomString::default(),
    };
    let source = call.argument(cx, 6);
    let source = source_from(cx, source)?;
    let ports = match present(cx, call, 7) {
        Some(ports) if cx.type_of(&ports) == Type::Null && is_html5 => None,
        Some(ports) => Some(ports_from(cx, &ports)?),
        None if is_html5 => None,
        None => Some(Vec::new()),
    };
    let ports = match ports {
        Some(ports) => Some(cx.new_array(&ports, true)?),
        None => None,
    };
    if initialize_with(cx, call, &event, type_, bubbles, cancelable) {
        if let Some(message) = message(&event) {
            *message.origin.borrow_mut() = origin.into();
            *message.last_event_id.borrow_mut() = last_event_id;
        }
        cx.set_slot(&call.this, DATA, data);
        cx.set_slot(&call.this, SOURCE, source);
        cx.set_slot(&call.this, PORTS, ports);
    }
    Ok(cx.undefined())
}

/// An optional argument, if it is not undefined.
fn present<E: Engine>(cx: &mut E, call: &Call<E>, index: usize) -> Option<E::Value> {
    let value = call.argument(cx, index);
    (cx.type_of(&value) != Type::Undefined).then_some(value)
}
