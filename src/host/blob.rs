//! `Blob` (File API section 3), as far as messages need it.

use super::convert::{clamped_long_long, dictionary, string_member, to_sequence};
use super::engine::{Engine, Intrinsic, Key, Type};
use super::interface::{Id, Interface, Member, construct, create, new_target};
use super::native::{Call, Completion, natives, this, type_error};
use super::realm::{RealmSlot, inherits_from, realm_slot};
use crate::dom;
use futures::channel::oneshot;
use std::cell::Cell;
use std::io;
use std::rc::Rc;

natives! { Blob:
    Construct => constructor,
    Size => size,
    Type => type_,
    Slice => slice,
    Text => text,
    ArrayBuffer => array_buffer,
    Bytes => bytes,
    Read => read,
    Unreadable => unreadable,
}

pub(super) const INTERFACE: Interface = Interface {
    id: Id::Blob,
    name: "Blob",
    parent: None,
    constructor: Native::Construct.id(),
    constructor_length: 0,
    constants: &[],
    statics: &[],
    members: &[
        Member::Attribute("size", Native::Size.id(), None),
        Member::Attribute("type", Native::Type.id(), None),
        Member::Operation("slice", 0, Native::Slice.id()),
        Member::Operation("text", 0, Native::Text.id()),
        Member::Operation("arrayBuffer", 0, Native::ArrayBuffer.id()),
        Member::Operation("bytes", 0, Native::Bytes.id()),
    ],
};

/// The payload of a `Blob`. It is in memory.
pub(super) struct BlobData {
    pub(super) blob: dom::Blob,
    type_: String,
}

impl BlobData {
    fn bytes(&self) -> &[u8] {
        self.blob.as_bytes().unwrap_or_default()
    }
}

/// A `Blob` for a message's bytes: the realm's own, if it has one.
pub(super) fn create_blob<E: Engine>(cx: &mut E, blob: dom::Blob) -> Completion<E> {
    if super::native::realm(cx).is_foreign(Id::Blob) {
        let bytes = blob.into_bytes().unwrap_or_default();
        let buffer = cx.new_array_buffer(bytes)?;
        let parts = cx.new_array(&[buffer], false)?;
        let constructor = realm_slot(cx, RealmSlot::InterfaceObject, Id::Blob as usize);
        return cx.construct(&constructor, &[parts]);
    }
    let data = BlobData {
        blob,
        type_: String::new(),
    };
    create(cx, Id::Blob, Rc::new(data))
}

/// What a value is as a `Blob`.
pub(super) enum AnyBlob {
    Ours(Rc<BlobData>),
    /// The realm's own: only script's means lead to its bytes.
    Foreign,
}

/// A value as a `Blob`, if it is one.
pub(super) fn as_blob<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<Option<AnyBlob>, E::Exception> {
    let payload = cx.payload(value);
    if let Some(data) = payload.and_then(|payload| payload.downcast::<BlobData>().ok()) {
        return Ok(Some(AnyBlob::Ours(data)));
    }
    if super::native::realm(cx).is_foreign(Id::Blob) {
        let constructor = realm_slot(cx, RealmSlot::InterfaceObject, Id::Blob as usize);
        let prototype = cx.get(&constructor, Key::Name("prototype"))?;
        if inherits_from(cx, value, &prototype)? {
            return Ok(Some(AnyBlob::Foreign));
        }
    }
    Ok(None)
}

/// WebIDL `BufferSource` without [AllowShared] and [AllowResizable]: true, false if the value is no
/// buffer source at all, or a TypeError. A `SharedArrayBuffer` itself is none.
pub(super) fn is_buffer_source<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<bool, E::Exception> {
    match cx.buffer_source(value)? {
        None => Ok(false),
        Some(source) if source.is_shared && !source.is_view => Ok(false),
        Some(source) if source.is_shared => Err(type_error(cx, "the memory of the view is shared")),
        Some(source) if source.is_resizable => {
            Err(type_error(cx, "the memory can change its size"))
        }
        Some(_) => Ok(true),
    }
}

/// A part of a blob, converted.
enum Part<V> {
    Source(V),
    Blob(Rc<BlobData>),
    Text(String),
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let new_target = new_target(cx, call, "Blob")?;
    let parts = call.argument(cx, 0);
    let parts = if cx.type_of(&parts) == Type::Undefined {
        Vec::new()
    } else {
        to_sequence(cx, &parts, |cx, part| {
            if is_buffer_source(cx, &part)? {
                return Ok(Part::Source(part));
            }
            if let Some(AnyBlob::Ours(blob)) = as_blob(cx, &part)? {
                return Ok(Part::Blob(blob));
            }
            Ok(Part::Text(cx.to_dom_string(&part)?.into_usv_string()))
        })?
    };
    let options = call.argument(cx, 1);
    let mut is_native = false;
    let mut type_ = String::new();
    if let Some(options) = dictionary(cx, &options)? {
        if let Some(endings) = string_member(cx, &options, "endings")? {
            is_native = match endings.as_str() {
                Some("transparent") => false,
                Some("native") => true,
                _ => return Err(type_error(cx, "endings is neither transparent nor native")),
            };
        }
        if let Some(value) = string_member(cx, &options, "type")? {
            type_ = media_type(&value.to_usv_string());
        }
    }
    // "Process blob parts".
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Part::Source(source) => {
                cx.with_bytes(&source, |part| bytes.extend_from_slice(part))?;
            }
            Part::Blob(blob) => bytes.extend_from_slice(blob.bytes()),
            Part::Text(text) if is_native => {
                let text = text.replace("\r\n", "\n").replace('\r', "\n");
                bytes.extend_from_slice(text.as_bytes());
            }
            Part::Text(text) => bytes.extend_from_slice(text.as_bytes()),
        }
    }
    construct(cx, &new_target, Id::Blob, || {
        Rc::new(BlobData {
            blob: dom::Blob::new(bytes),
            type_,
        })
    })
}

/// The type that a blob gets: empty if there is anything but printable ASCII in it.
fn media_type(type_: &str) -> String {
    if type_.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
        type_.to_ascii_lowercase()
    } else {
        String::new()
    }
}

fn this_blob<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Rc<BlobData>, E::Exception> {
    this(cx, call, |_: &BlobData| true)
}

fn size<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let blob = this_blob(cx, call)?;
    Ok(cx.number(blob.blob.size() as f64))
}

fn type_<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let blob = this_blob(cx, call)?;
    cx.string(&blob.type_)
}

/// File API `slice`.
fn slice<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let blob = this_blob(cx, call)?;
    let size = blob.blob.size();
    let start = position(cx, call, 0, size)?.unwrap_or(0);
    let end = position(cx, call, 1, size)?.unwrap_or(size);
    let type_ = call.argument(cx, 2);
    let type_ = if cx.type_of(&type_) == Type::Undefined {
        String::new()
    } else {
        media_type(&cx.to_dom_string(&type_)?.to_usv_string())
    };
    let data = BlobData {
        blob: blob.blob.slice(start..end),
        type_,
    };
    create(cx, Id::Blob, Rc::new(data))
}

/// [Clamp] long long, negative from the end.
fn position<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    index: usize,
    size: usize,
) -> Result<Option<usize>, E::Exception> {
    let value = call.argument(cx, index);
    if cx.type_of(&value) == Type::Undefined {
        return Ok(None);
    }
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let position = clamped_long_long(cx, &value)?;
    let position = if position < 0 {
        (size + position).max(0)
    } else {
        position.min(size)
    };
    Ok(usize::try_from(position).ok())
}

fn text<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    promise(cx, call, |cx, bytes| {
        // "UTF-8 decode" takes a byte order mark away.
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        cx.string(&String::from_utf8_lossy(bytes))
    })
}

fn array_buffer<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    promise(cx, call, |cx, bytes| cx.new_array_buffer(bytes.to_vec()))
}

fn bytes<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    promise(cx, call, |cx, bytes| {
        let buffer = cx.new_array_buffer(bytes.to_vec())?;
        let constructor = cx.intrinsic(Intrinsic::Uint8Array);
        cx.construct(&constructor, &[buffer])
    })
}

/// An operation that returns a promise: it rejects where others throw.
fn promise<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    read: impl FnOnce(&mut E, &[u8]) -> Completion<E>,
) -> Completion<E> {
    let [promise, resolve, reject] = cx.new_promise()?;
    let result = this_blob(cx, call).and_then(|blob| read(cx, blob.bytes()));
    let (settle, value) = match result {
        Ok(value) => (resolve, value),
        Err(exception) => (reject, cx.catch(exception)?),
    };
    let undefined = cx.undefined();
    cx.call(&settle, &undefined, &[value])?;
    Ok(promise)
}

/// Sends a `Blob` of the realm's own: its bytes are read by its `arrayBuffer()`, and messages that are
/// sent meanwhile wait for it.
pub(super) fn send_foreign<E: Engine>(
    cx: &mut E,
    socket: &dom::WebSocket,
    blob: &E::Value,
) -> Completion<E> {
    let size = cx.get(blob, Key::Name("size"))?;
    let size = cx.to_number(&size)?.max(0.0) as usize;
    let (sender, receiver) = oneshot::channel::<Vec<u8>>();
    let unread = dom::Blob::unread(size, async move {
        receiver
            .await
            .map_err(|_| io::Error::other("the blob could not be read"))
    });
    socket
        .send(&unread)
        .map_err(|exception| super::dom_exception::rethrow(cx, &exception))?;
    // One payload for both ends of the promise: whichever is called takes the sender.
    let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    let reading = Rc::new(Reading(Cell::new(Some(sender))));
    let reading = cx.new_host_object(&prototype, reading)?;
    let bind = realm_slot(cx, RealmSlot::Bind, 0);
    let read = cx.new_function(Native::Read.id(), "", 1, false)?;
    let read = cx.call(&bind, &read, std::slice::from_ref(&reading))?;
    let fail = cx.new_function(Native::Unreadable.id(), "", 1, false)?;
    let fail = cx.call(&bind, &fail, &[reading])?;
    let array_buffer = cx.get(blob, Key::Name("arrayBuffer"))?;
    let promise = cx.call(&array_buffer, blob, &[])?;
    let then = cx.get(&promise, Key::Name("then"))?;
    cx.call(&then, &promise, &[read, fail])?;
    Ok(cx.undefined())
}

/// A blob of the realm's own that is being read.
struct Reading(Cell<Option<oneshot::Sender<Vec<u8>>>>);

fn read<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let reading = this(cx, call, |_: &Reading| true)?;
    let buffer = call.argument(cx, 0);
    if is_buffer_source(cx, &buffer)? {
        let bytes = cx.with_bytes(&buffer, <[u8]>::to_vec)?;
        if let Some(sender) = reading.0.take() {
            // Nobody waits for it any more if the connection has ended.
            let _ = sender.send(bytes);
        }
    }
    reading.0.take();
    Ok(cx.undefined())
}

fn unreadable<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this(cx, call, |_: &Reading| true)?.0.take();
    Ok(cx.undefined())
}
