//! `WebSocket` (WebSockets section 3; r4820 section 10.3).

use super::blob::{self, AnyBlob};
use super::call::{self, Call, Completion};
use super::convert::{clamped_unsigned_short, method, sequence, usv_string};
use super::dom_exception;
use super::engine::Engine;
use super::event_handler::{handler, set_handler};
use super::idl::interface;
use super::language::Type;
use super::native::Interface;
use super::object::prototype_from;
use super::property::Key;
use super::realm::realm;
use super::target::{Role, Target, keep_registry};
use super::task;
use crate::dom::{BinaryType, DomException, TrustedEvent, WebSocket, Wrapper};
use crate::edition::Edition;
use std::rc::{Rc, Weak};

interface! {
    interface WebSocket: EventTarget {
        constructor(1) => constructor;
        constants STATES;
        this: Target as WebSocket => Target::socket;

        [Living] attribute url => |cx, this| cx.string(this.url());
        [Html5] attribute URL => |cx, this| cx.string(this.url());
        attribute readyState => |cx, this| Ok(cx.number(this.ready_state().into()));
        attribute bufferedAmount => |cx, this| Ok(cx.number(this.buffered_amount() as f64));
        attribute onopen => handler::<_, _, 0>, set_handler::<_, _, 0>;
        [Html5] attribute onmessage => handler::<_, _, 1>, set_handler::<_, _, 1>;
        attribute onerror => handler::<_, _, 2>, set_handler::<_, _, 2>;
        attribute onclose => handler::<_, _, 3>, set_handler::<_, _, 3>;
        [Html5] operation send(1) => send;
        [Living] attribute extensions => |cx, this| cx.string(&this.extensions());
        [Living] attribute protocol => |cx, this| cx.string(&this.protocol());
        operation close(0) => close;
        [Living] attribute onmessage => handler::<_, _, 1>, set_handler::<_, _, 1>;
        [Living] attribute binaryType => binary_type, set_binary_type;
        [Living] operation send(1) => send;
    }
}

const STATES: &[(&str, u16)] = &[
    ("CONNECTING", WebSocket::CONNECTING),
    ("OPEN", WebSocket::OPEN),
    ("CLOSING", WebSocket::CLOSING),
    ("CLOSED", WebSocket::CLOSED),
];

type This<'a, E> = call::This<'a, E, Target, WebSocket>;

/// What the socket sees of script's object.
struct ScriptObject(Weak<Target>);

impl Wrapper for ScriptObject {
    fn fire(&self, event: TrustedEvent) {
        if let Some(target) = self.0.upgrade() {
            task::fire(&target, event);
        }
    }

    fn state_changed(&self) {
        if let Some(target) = self.0.upgrade() {
            target.unpin_later();
        }
    }
}

/// The constructor's second argument: one protocol, or a sequence of them.
fn protocols<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    edition: Edition,
) -> Result<Vec<String>, E::Exception> {
    let Some(protocols) = call.optional(cx, 1) else {
        return Ok(Vec::new());
    };
    if edition.takes_many_protocols() && cx.type_of(&protocols) == Type::Object {
        if let Some(iterator) = method(cx, &protocols, Key::Iterator)? {
            return sequence(cx, &protocols, &iterator, |cx, value| {
                usv_string(cx, &value)
            });
        }
    }
    // No protocol has U+FFFD in it, nor an unpaired surrogate.
    Ok(vec![usv_string(cx, &protocols)?])
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let realm = realm(cx);
    let edition = realm.edition();
    let url = call.argument(cx, 0);
    let url = usv_string(cx, &url)?;
    let protocols = protocols(cx, call, edition)?;
    // The prototype is asked for before the constructor's own steps.
    let prototype = prototype_from(cx, new_target, Interface::WebSocket)?;
    let mut builder = WebSocket::builder(realm.event_loop(), &url);
    builder
        .edition(edition)
        .document(realm.document())
        .protocols(protocols.iter().map(String::as_str));
    if let Some(user_agent) = realm.user_agent() {
        builder.user_agent(user_agent);
    }
    let socket = builder
        .open()
        .map_err(|exception| dom_exception::rethrow(cx, &exception))?;
    let target = Target::new(&realm, Role::Socket(socket.clone()));
    socket.set_wrapper(Rc::new(ScriptObject(Rc::downgrade(&target))));
    let object = cx.new_host_object(&prototype, target)?;
    keep_registry(cx, &object);
    Ok(object)
}

fn binary_type<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    cx.string(match this.binary_type() {
        BinaryType::Blob => "blob",
        BinaryType::ArrayBuffer => "arraybuffer",
    })
}

/// WebIDL enumeration: an attribute that is set to anything else stays as it is.
fn set_binary_type<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let value = this.value(cx);
    match cx.to_dom_string(&value)?.as_str() {
        Some("blob") => this.set_binary_type(BinaryType::Blob),
        Some("arraybuffer") => this.set_binary_type(BinaryType::ArrayBuffer),
        _ => {}
    }
    Ok(cx.undefined())
}

fn send<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let (socket, data) = (this.implementation, this.value(cx));
    let sent = if !socket.edition().sends_binary() {
        send_text(cx, socket, &data)?
    } else if let Some(blob) = blob::as_blob(cx, &data)? {
        match blob {
            AnyBlob::Ours(blob) => socket.send(&blob.blob),
            AnyBlob::Foreign => return blob::send_foreign(cx, socket, &data),
        }
    } else if blob::is_buffer_source(cx, &data)? {
        cx.with_bytes(&data, |bytes| socket.send(bytes))?
    } else {
        send_text(cx, socket, &data)?
    };
    match sent {
        Ok(sent) if socket.edition().send_returns_a_boolean() => Ok(cx.boolean(sent)),
        Ok(_) => Ok(cx.undefined()),
        Err(exception) => Err(dom_exception::rethrow(cx, &exception)),
    }
}

fn send_text<E: Engine>(
    cx: &mut E,
    socket: &WebSocket,
    data: &E::Value,
) -> Result<Result<bool, DomException>, E::Exception> {
    let text = cx.to_dom_string(data)?;
    Ok(match text.as_str() {
        Some(text) => socket.send(text),
        None => socket.send_utf16(&text.to_utf16()),
    })
}

fn close<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let (mut code, mut reason) = (None, String::new());
    if this.edition().closes_with_a_reason() {
        if let Some(value) = this.call.optional(cx, 0) {
            code = Some(clamped_unsigned_short(cx, &value)?);
        }
        if let Some(value) = this.call.optional(cx, 1) {
            reason = usv_string(cx, &value)?;
        }
    }
    if let Err(exception) = this.close_with(code, &reason) {
        return Err(dom_exception::rethrow(cx, &exception));
    }
    this.host_defined.update_liveness(cx, this.object());
    Ok(cx.undefined())
}
