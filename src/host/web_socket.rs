//! `WebSocket` (WebSockets section 3; r4820 section 10.3).

use super::blob::{self, AnyBlob};
use super::close_event::Close;
use super::convert::{clamped_unsigned_short, method, sequence, usv_string};
use super::dispatch;
use super::dom_exception;
use super::engine::{Engine, Key, Type};
use super::event::{self, DATA, EventData, Kind};
use super::event_target::{self, Role, Target};
use super::interface::{Id, Interface, Member, new_target, prototype_from};
use super::message_event::Message;
use super::native::{Call, Completion, natives, realm, this};
use crate::dom::{BinaryType, Data, MessageData, TrustedEvent, WebSocket, Wrapper};
use crate::edition::Edition;
use std::cell::Cell;
use std::rc::{Rc, Weak};

natives! { WebSocket:
    Construct => constructor,
    Url => url,
    ReadyState => ready_state,
    BufferedAmount => buffered_amount,
    Extensions => extensions,
    Protocol => protocol,
    BinaryType => binary_type,
    SetBinaryType => set_binary_type,
    Send => send,
    Close => close,
    OnOpen => onopen,
    SetOnOpen => set_onopen,
    OnMessage => onmessage,
    SetOnMessage => set_onmessage,
    OnError => onerror,
    SetOnError => set_onerror,
    OnClose => onclose,
    SetOnClose => set_onclose,
}

const STATES: &[(&str, u16)] = &[
    ("CONNECTING", WebSocket::CONNECTING),
    ("OPEN", WebSocket::OPEN),
    ("CLOSING", WebSocket::CLOSING),
    ("CLOSED", WebSocket::CLOSED),
];

const ON_OPEN: Member =
    Member::Attribute("onopen", Native::OnOpen.id(), Some(Native::SetOnOpen.id()));
const ON_MESSAGE: Member = Member::Attribute(
    "onmessage",
    Native::OnMessage.id(),
    Some(Native::SetOnMessage.id()),
);
const ON_ERROR: Member = Member::Attribute(
    "onerror",
    Native::OnError.id(),
    Some(Native::SetOnError.id()),
);
const ON_CLOSE: Member = Member::Attribute(
    "onclose",
    Native::OnClose.id(),
    Some(Native::SetOnClose.id()),
);

const LIVING: Interface = Interface {
    id: Id::WebSocket,
    name: "WebSocket",
    parent: Some(Id::EventTarget),
    constructor: Native::Construct.id(),
    constructor_length: 1,
    constants: STATES,
    statics: &[],
    members: &[
        Member::Attribute("url", Native::Url.id(), None),
        Member::Attribute("readyState", Native::ReadyState.id(), None),
        Member::Attribute("bufferedAmount", Native::BufferedAmount.id(), None),
        ON_OPEN,
        ON_ERROR,
        ON_CLOSE,
        Member::Attribute("extensions", Native::Extensions.id(), None),
        Member::Attribute("protocol", Native::Protocol.id(), None),
        Member::Operation("close", 0, Native::Close.id()),
        ON_MESSAGE,
        Member::Attribute(
            "binaryType",
            Native::BinaryType.id(),
            Some(Native::SetBinaryType.id()),
        ),
        Member::Operation("send", 1, Native::Send.id()),
    ],
};

const HTML5: Interface = Interface {
    members: &[
        Member::Attribute("URL", Native::Url.id(), None),
        Member::Attribute("readyState", Native::ReadyState.id(), None),
        Member::Attribute("bufferedAmount", Native::BufferedAmount.id(), None),
        ON_OPEN,
        ON_MESSAGE,
        ON_ERROR,
        ON_CLOSE,
        Member::Operation("send", 1, Native::Send.id()),
        Member::Operation("close", 0, Native::Close.id()),
    ],
    ..LIVING
};

pub(super) fn interface(is_html5: bool) -> &'static Interface {
    if is_html5 { &HTML5 } else { &LIVING }
}

/// What the socket sees of script's object.
struct ScriptObject(Weak<Target>);

impl Wrapper for ScriptObject {
    fn fire(&self, event: TrustedEvent) {
        if let Some(target) = self.0.upgrade() {
            dispatch::fire(&target, event);
        }
    }

    fn state_changed(&self) {
        if let Some(target) = self.0.upgrade() {
            target.unpin_later();
        }
    }
}

/// "Create an event", for what happened to a socket.
pub(super) fn event_for<E: Engine>(
    cx: &mut E,
    fired: TrustedEvent,
) -> Result<(E::Value, Rc<EventData>), E::Exception> {
    match fired {
        TrustedEvent::Simple(type_) => event::create_trusted(cx, Id::Event, type_, Kind::Plain),
        TrustedEvent::Message { data, origin } => {
            let value = match data {
                MessageData::Text(text) => cx.string(&text)?,
                MessageData::ArrayBuffer(bytes) => cx.new_array_buffer(bytes)?,
                MessageData::Blob(blob) => blob::create_blob(cx, blob)?,
            };
            let kind = Kind::Message(Message::new(origin));
            let (event, data) = event::create_trusted(cx, Id::MessageEvent, "message", kind)?;
            cx.set_slot(&event, DATA, Some(value));
            Ok((event, data))
        }
        TrustedEvent::Close {
            was_clean,
            code,
            reason,
        } => {
            let kind = Kind::Close(Close {
                was_clean: Cell::new(was_clean),
                code,
                reason,
            });
            event::create_trusted(cx, Id::CloseEvent, "close", kind)
        }
    }
}

/// The constructor's second argument: one protocol, or in the living edition a sequence of them.
fn protocols<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    edition: Edition,
) -> Result<Vec<String>, E::Exception> {
    let protocols = call.argument(cx, 1);
    match cx.type_of(&protocols) {
        Type::Undefined => return Ok(Vec::new()),
        Type::Object if edition != Edition::Html5 => {
            if let Some(iterator) = method(cx, &protocols, Key::Iterator)? {
                return sequence(cx, &protocols, &iterator, |cx, value| {
                    usv_string(cx, &value)
                });
            }
        }
        _ => {}
    }
    // No protocol has U+FFFD in it, nor an unpaired surrogate.
    Ok(vec![usv_string(cx, &protocols)?])
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let new_target = new_target(cx, call, "WebSocket")?;
    call.require(cx, 1)?;
    let realm = realm(cx);
    let edition = realm.edition();
    let url = call.argument(cx, 0);
    let url = usv_string(cx, &url)?;
    let protocols = protocols(cx, call, edition)?;
    // The prototype is asked for before the constructor's own steps.
    let prototype = prototype_from(cx, &new_target, Id::WebSocket)?;
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
    let role = Role::Socket {
        socket: socket.clone(),
    };
    let target = Target::new(&realm, role);
    socket.set_wrapper(Rc::new(ScriptObject(Rc::downgrade(&target))));
    let object = cx.new_host_object(&prototype, target)?;
    event_target::keep_registry(cx, &object);
    Ok(object)
}

fn this_target<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Rc<Target>, E::Exception> {
    this(cx, call, |target: &Target| target.socket().is_some())
}

fn this_socket<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<WebSocket, E::Exception> {
    let target = this_target(cx, call)?;
    match target.socket() {
        Some(socket) => Ok(socket.clone()),
        None => Err(super::native::type_error(cx, "Illegal invocation")),
    }
}

fn url<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    cx.string(socket.url())
}

fn ready_state<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    Ok(cx.number(f64::from(socket.ready_state())))
}

fn buffered_amount<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    Ok(cx.number(socket.buffered_amount() as f64))
}

fn extensions<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    cx.string(&socket.extensions())
}

fn protocol<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    cx.string(&socket.protocol())
}

fn binary_type<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    cx.string(match socket.binary_type() {
        BinaryType::Blob => "blob",
        BinaryType::ArrayBuffer => "arraybuffer",
    })
}

/// WebIDL enumeration: an attribute that is set to anything else stays as it is.
fn set_binary_type<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    let value = call.argument(cx, 0);
    match cx.to_dom_string(&value)?.as_str() {
        Some("blob") => socket.set_binary_type(BinaryType::Blob),
        Some("arraybuffer") => socket.set_binary_type(BinaryType::ArrayBuffer),
        _ => {}
    }
    Ok(cx.undefined())
}

/// `send()`: of r4820, or of WebSockets with the union (BufferSource or Blob or USVString).
fn send<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let socket = this_socket(cx, call)?;
    call.require(cx, 1)?;
    let data = call.argument(cx, 0);
    if socket.edition() == Edition::Html5 {
        let text = cx.to_dom_string(&data)?;
        let sent = match text.as_str() {
            Some(text) => socket.send(text),
            None => socket.send_utf16(&text.to_utf16()),
        };
        return match sent {
            Ok(sent) => Ok(cx.boolean(sent)),
            Err(exception) => Err(dom_exception::rethrow(cx, &exception)),
        };
    }
    let sent = if let Some(blob) = blob::as_blob(cx, &data)? {
        match blob {
            AnyBlob::Ours(blob) => socket.send(&blob.blob),
            AnyBlob::Foreign => return blob::send_foreign(cx, &socket, &data),
        }
    } else if blob::is_buffer_source(cx, &data)? {
        cx.with_bytes(&data, |bytes| socket.send(bytes))?
    } else {
        let text = cx.to_dom_string(&data)?;
        socket.send(Data::Text(&text.to_usv_string()))
    };
    match sent {
        Ok(_) => Ok(cx.undefined()),
        Err(exception) => Err(dom_exception::rethrow(cx, &exception)),
    }
}

fn close<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let target = this_target(cx, call)?;
    let socket = this_socket(cx, call)?;
    let (mut code, mut reason) = (None, String::new());
    if socket.edition() != Edition::Html5 {
        let value = call.argument(cx, 0);
        if cx.type_of(&value) != Type::Undefined {
            code = Some(clamped_unsigned_short(cx, &value)?);
        }
        let value = call.argument(cx, 1);
        if cx.type_of(&value) != Type::Undefined {
            reason = usv_string(cx, &value)?;
        }
    }
    if let Err(exception) = socket.close_with(code, &reason) {
        return Err(dom_exception::rethrow(cx, &exception));
    }
    target.update_liveness(cx, &call.this);
    Ok(cx.undefined())
}

fn handler<E: Engine>(cx: &mut E, call: &Call<E>, slot: usize) -> Completion<E> {
    let target = this_target(cx, call)?;
    Ok(target.handler(cx, &call.this, slot))
}

fn set_handler<E: Engine>(cx: &mut E, call: &Call<E>, slot: usize) -> Completion<E> {
    let target = this_target(cx, call)?;
    let handler = call.argument(cx, 0);
    target.set_handler(cx, &call.this, slot, &handler);
    Ok(cx.undefined())
}

fn onopen<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    handler(cx, call, 0)
}

fn set_onopen<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    set_handler(cx, call, 0)
}

fn onmessage<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    handler(cx, call, 1)
}

fn set_onmessage<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    set_handler(cx, call, 1)
}

fn onerror<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    handler(cx, call, 2)
}

fn set_onerror<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    set_handler(cx, call, 2)
}

fn onclose<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    handler(cx, call, 3)
}

fn set_onclose<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    set_handler(cx, call, 3)
}
