//! `Blob` (File API section 3), as far as messages need it.

use super::call::{self, Call, Completion, type_error};
use super::convert::{clamped_long_long, dictionary, string_member, to_sequence};
use super::dom_exception;
use super::engine::Engine;
use super::idl::interface;
use super::language::Intrinsic;
use super::native::Interface;
use super::object::{bound_function, construct, create, create_plain, is_foreign_instance};
use super::property::Key;
use super::realm::{RealmSlot, realm, realm_slot};
use crate::dom;
use futures::channel::oneshot;
use std::cell::Cell;
use std::io;
use std::rc::Rc;

interface! {
    interface Blob {
        constructor(0) => constructor;
        function READ => read;
        function UNREADABLE => unreadable;
        this: BlobData;

        attribute size => |cx, this| Ok(cx.number(this.blob.size() as f64));
        attribute type => |cx, this| cx.string(&this.type_);
        operation slice(0) => slice;
        promise text(0) => text;
        promise arrayBuffer(0) => |cx, this| cx.new_array_buffer(this.bytes().to_vec());
        promise bytes(0) => bytes;
    }
}

type This<'a, E> = call::This<'a, E, BlobData, BlobData>;

/// The host-defined value of a `Blob`. It is in memory.
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
    if realm(cx).is_foreign(Interface::Blob) {
        let bytes = blob.into_bytes().unwrap_or_default();
        let buffer = cx.new_array_buffer(bytes)?;
        let parts = cx.new_array(&[buffer], false)?;
        let constructor = realm_slot(cx, RealmSlot::InterfaceObject(Interface::Blob));
        return cx.construct(&constructor, &[parts]);
    }
    let data = BlobData {
        blob,
        type_: String::new(),
    };
    create(cx, Interface::Blob, Rc::new(data))
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
    let host_defined = cx.host_defined(value);
    if let Some(data) =
        host_defined.and_then(|host_defined| host_defined.downcast::<BlobData>().ok())
    {
        return Ok(Some(AnyBlob::Ours(data)));
    }
    let is_foreign = is_foreign_instance(cx, value, Interface::Blob)?;
    Ok(is_foreign.then_some(AnyBlob::Foreign))
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

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let parts = match call.optional(cx, 0) {
        Some(parts) => to_sequence(cx, &parts, |cx, part| {
            if is_buffer_source(cx, &part)? {
                return Ok(Part::Source(part));
            }
            if let Some(AnyBlob::Ours(blob)) = as_blob(cx, &part)? {
                return Ok(Part::Blob(blob));
            }
            Ok(Part::Text(cx.to_dom_string(&part)?.into_usv_string()))
        })?,
        None => Vec::new(),
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
    construct(cx, new_target, Interface::Blob, || {
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

/// File API `slice`.
fn slice<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let (call, size) = (this.call, this.blob.size());
    let start = position(cx, call, 0, size)?.unwrap_or(0);
    let end = position(cx, call, 1, size)?.unwrap_or(size);
    let type_ = match call.optional(cx, 2) {
        Some(type_) => media_type(&cx.to_dom_string(&type_)?.to_usv_string()),
        None => String::new(),
    };
    let data = BlobData {
        blob: this.blob.slice(start..end),
        type_,
    };
    create(cx, Interface::Blob, Rc::new(data))
}

/// [Clamp] long long, negative from the end.
fn position<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    index: usize,
    size: usize,
) -> Result<Option<usize>, E::Exception> {
    let Some(value) = call.optional(cx, index) else {
        return Ok(None);
    };
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let position = clamped_long_long(cx, &value)?;
    let position = if position < 0 {
        (size + position).max(0)
    } else {
        position.min(size)
    };
    Ok(usize::try_from(position).ok())
}

fn text<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let bytes = this.bytes();
    // "UTF-8 decode" takes a byte order mark away.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    cx.string(&String::from_utf8_lossy(bytes))
}

fn bytes<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let buffer = cx.new_array_buffer(this.bytes().to_vec())?;
    let constructor = cx.intrinsic(Intrinsic::Uint8Array);
    cx.construct(&constructor, &[buffer])
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
        .map_err(|exception| dom_exception::rethrow(cx, &exception))?;
    // One host-defined value for both ends of the promise: whichever is called takes the sender.
    let reading = create_plain(cx, Rc::new(Reading(Cell::new(Some(sender)))))?;
    let read = bound_function(cx, READ, 1, &reading)?;
    let fail = bound_function(cx, UNREADABLE, 1, &reading)?;
    let array_buffer = cx.get(blob, Key::Name("arrayBuffer"))?;
    let promise = cx.call(&array_buffer, blob, &[])?;
    let then = cx.get(&promise, Key::Name("then"))?;
    cx.call(&then, &promise, &[read, fail])?;
    Ok(cx.undefined())
}

/// A blob of the realm's own that is being read.
struct Reading(Cell<Option<oneshot::Sender<Vec<u8>>>>);

fn read<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let reading = call.host_defined::<Reading>(cx)?;
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
    call.host_defined::<Reading>(cx)?.0.take();
    Ok(cx.undefined())
}
