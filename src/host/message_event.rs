//! `MessageEvent` (HTML section 9.1).

use super::blob::create_blob;
use super::call::{self, Call, Completion, type_error};
use super::convert::{member, string_member, to_sequence, usv_string};
use super::engine::Engine;
use super::event::{InitArguments, construct_event};
use super::event_data::{DATA, EventData, EventKind, MessageEventData, PORTS, SOURCE};
use super::idl::interface;
use super::language::Type;
use super::native::Interface;
use super::object::{inherits_from, slot_or_null};
use super::property::Key;
use super::realm::realm;
use super::string::DomString;
use crate::dom::MessageData;

interface! {
    interface MessageEvent: Event {
        constructor(1) => constructor;
        this: EventData as MessageEventData => EventData::message;

        attribute data => |cx, this| Ok(slot_or_null(cx, this.object(), DATA));
        attribute origin => |cx, this| cx.string(&this.origin.borrow());
        attribute lastEventId => |cx, this| cx.dom_string(&this.last_event_id.borrow());
        attribute source => |cx, this| Ok(slot_or_null(cx, this.object(), SOURCE));
        attribute ports => ports;
        [Living] operation initMessageEvent(1) => init_message_event;
        [Html5] operation initMessageEvent(8) => init_message_event;
    }
}

type This<'a, E> = call::This<'a, E, EventData, MessageEventData>;

/// `data`, of a message that has been received.
pub(super) fn received_data<E: Engine>(cx: &mut E, data: MessageData) -> Completion<E> {
    match data {
        MessageData::Text(text) => cx.string(&text),
        MessageData::ArrayBuffer(bytes) => cx.new_array_buffer(bytes),
        MessageData::Blob(blob) => create_blob(cx, blob),
    }
}

/// WebIDL `MessageEventSource?`: a window, a port or a service worker, of those that the realm has.
fn source_from<E: Engine>(cx: &mut E, value: E::Value) -> Result<Option<E::Value>, E::Exception> {
    match cx.type_of(&value) {
        Type::Undefined | Type::Null => return Ok(None),
        Type::Object => {
            for interface in ["MessagePort", "Window", "ServiceWorker"] {
                if is_global_instance(cx, &value, interface)? {
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
        if is_global_instance(cx, &port, "MessagePort")? {
            Ok(port)
        } else {
            Err(type_error(cx, "a port is not a MessagePort"))
        }
    })
}

/// Whether a value is an instance of an interface that the global object has.
fn is_global_instance<E: Engine>(
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

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    construct_event(cx, call, new_target, Interface::MessageEvent, |cx, init| {
        let message = MessageEventData::default();
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
        Ok((EventKind::Message(message), slots))
    })
}

/// The same frozen array each time, made when it is first asked for.
fn ports<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    if let Some(ports) = cx.slot(this.object(), PORTS) {
        return Ok(ports);
    }
    if realm(cx).edition().lets_ports_be_null() {
        return Ok(cx.null());
    }
    let ports = cx.new_array(&[], true)?;
    cx.set_slot(this.object(), PORTS, Some(ports.clone()));
    Ok(ports)
}

fn init_message_event<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let edition = realm(cx).edition();
    let call = this.call;
    let init = InitArguments::read(cx, call)?;
    let data = if edition.defaults_message_data() {
        call.optional(cx, 3)
    } else {
        Some(call.argument(cx, 3))
    };
    let origin = match call.optional(cx, 4) {
        Some(origin) => usv_string(cx, &origin)?,
        None => String::new(),
    };
    let last_event_id = match call.optional(cx, 5) {
        Some(id) => cx.to_dom_string(&id)?,
        None => DomString::default(),
    };
    let source = call.argument(cx, 6);
    let source = source_from(cx, source)?;
    let ports = match call.optional(cx, 7) {
        Some(ports) if cx.type_of(&ports) == Type::Null && edition.lets_ports_be_null() => None,
        Some(ports) => Some(ports_from(cx, &ports)?),
        None if edition.lets_ports_be_null() => None,
        None => Some(Vec::new()),
    };
    let ports = match ports {
        Some(ports) => Some(cx.new_array(&ports, true)?),
        None => None,
    };
    if init.initialize(cx, call, this.host_defined) {
        *this.origin.borrow_mut() = origin.into();
        *this.last_event_id.borrow_mut() = last_event_id;
        cx.set_slot(this.object(), DATA, data);
        cx.set_slot(this.object(), SOURCE, source);
        cx.set_slot(this.object(), PORTS, ports);
    }
    Ok(cx.undefined())
}
