//! `Blob`.

use super::{BlobPropertyBag, DomException};
use crate::js_sys::{Array, ArrayBuffer, Object, Promise, TypeError, Uint8Array};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use crate::wasm_bindgen_futures::future_to_promise;
use std::any::Any;
use std::io;
use std::rc::Rc;

class! {
    /// Immutable raw data.
    Blob: Object;
    |value| value.host::<BlobHost>().is_some()
}

struct BlobHost {
    blob: dom_websocket::Blob,
    type_: String,
}

impl Host for BlobHost {
    fn class(&self) -> &'static str {
        "Blob"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        match name {
            "size" => Some(self.blob.size().into()),
            "type" => Some(JsValue::from(&self.type_)),
            _ => None,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What reading a blob came to, as script sees it.
pub(super) fn read_result(
    result: Result<Rc<Vec<u8>>, Rc<io::Error>>,
) -> Result<Rc<Vec<u8>>, DomException> {
    result.map_err(|error| DomException::of("NotReadableError", error.to_string()))
}

impl Blob {
    /// `new Blob()`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new() -> Result<Self, JsValue> {
        Ok(Self::of(dom_websocket::Blob::new([]), String::new()))
    }

    /// A blob of this library's, such as one whose data is still to be read.
    pub fn from_native(blob: dom_websocket::Blob) -> Self {
        Self::of(blob, String::new())
    }

    fn of(blob: dom_websocket::Blob, type_: String) -> Self {
        JsValue::of(BlobHost { blob, type_ }).unchecked_into()
    }

    /// `new Blob(parts)`, of buffers.
    ///
    /// # Errors
    ///
    /// A `TypeError`, if the parts are no array, or one of them has no bytes in memory.
    pub fn new_with_buffer_source_sequence(blob_parts: &JsValue) -> Result<Self, JsValue> {
        Self::new_with_buffer_source_sequence_and_options(blob_parts, &BlobPropertyBag::new())
    }

    /// `new Blob(parts, options)`, of buffers.
    ///
    /// # Errors
    ///
    /// As [`new_with_buffer_source_sequence`](Self::new_with_buffer_source_sequence).
    pub fn new_with_buffer_source_sequence_and_options(
        blob_parts: &JsValue,
        options: &BlobPropertyBag,
    ) -> Result<Self, JsValue> {
        let mut bytes = Vec::new();
        let parts = blob_parts.dyn_ref::<Array>();
        let parts = parts.ok_or_else(|| type_error("the parts of a blob are an array"))?;
        for part in parts {
            append(&part, &mut bytes)?;
        }
        let type_ = options.get_type().unwrap_or_default();
        Ok(Self::of(dom_websocket::Blob::new(bytes), type_))
    }

    fn blob_host(&self) -> &BlobHost {
        let host = self.host::<BlobHost>();
        host.expect("TypeError: this is not a Blob")
    }

    pub(super) fn blob(&self) -> &dom_websocket::Blob {
        &self.blob_host().blob
    }

    /// The size in bytes.
    pub fn size(&self) -> f64 {
        self.blob().size() as f64
    }

    /// The media type; empty for a message.
    pub fn type_(&self) -> String {
        self.blob_host().type_.clone()
    }

    fn read(&self, convert: impl FnOnce(&[u8]) -> JsValue + 'static) -> Promise {
        let blob = self.blob().clone();
        future_to_promise(async move {
            let bytes = read_result(blob.read().await)?;
            Ok(convert(&bytes))
        })
    }

    /// Reads it into an `ArrayBuffer`.
    pub fn array_buffer(&self) -> Promise {
        self.read(|bytes| ArrayBuffer::of_bytes(bytes.to_vec()).into())
    }

    /// Reads it into a `Uint8Array`.
    pub fn bytes(&self) -> Promise {
        self.read(|bytes| Uint8Array::from(bytes).into())
    }

    /// Reads it into a string.
    pub fn text(&self) -> Promise {
        self.read(|bytes| JsValue::from(String::from_utf8_lossy(bytes).into_owned()))
    }
}

impl Blob {
    /// `blob.slice()`: a copy.
    ///
    /// # Errors
    ///
    /// None.
    pub fn slice(&self) -> Result<Self, JsValue> {
        Ok(self.part(0.0, None, ""))
    }

    /// File API "slice blob": places count from the end if they are negative.
    fn part(&self, start: f64, end: Option<f64>, content_type: &str) -> Self {
        let size = self.blob().size();
        let place = |place: f64| match place < 0.0 {
            true => size.saturating_sub(-place as usize),
            false => size.min(place as usize),
        };
        let start = place(start);
        let part = start..end.map_or(size, place).max(start);
        let blob = self.blob().clone();
        let sliced = match blob.as_bytes() {
            Some(bytes) => dom_websocket::Blob::new(&bytes[part]),
            None => dom_websocket::Blob::unread(part.len(), async move {
                let bytes = blob.read().await;
                let bytes =
                    bytes.map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
                Ok(bytes[part].to_vec())
            }),
        };
        Self::of(sliced, content_type.to_ascii_lowercase())
    }
}

macro_rules! slices {
    ($($name:ident($start:ident: $start_type:ty $(, $argument:ident: $type:ty)*) $end:expr, $content_type:expr;)*) => {
        impl Blob {$(
            /// `blob.slice(…)`: places count from the end if they are negative.
            ///
            /// # Errors
            ///
            /// None.
            pub fn $name(&self, $start: $start_type $(, $argument: $type)*) -> Result<Self, JsValue> {
                Ok(self.part($start.into(), $end, $content_type))
            }
        )*}
    };
}

slices! {
    slice_with_i32(start: i32) None, "";
    slice_with_f64(start: f64) None, "";
    slice_with_i32_and_i32(start: i32, end: i32) Some(end.into()), "";
    slice_with_f64_and_i32(start: f64, end: i32) Some(end.into()), "";
    slice_with_i32_and_f64(start: i32, end: f64) Some(end), "";
    slice_with_f64_and_f64(start: f64, end: f64) Some(end), "";
    slice_with_i32_and_i32_and_content_type(start: i32, end: i32, content_type: &str) Some(end.into()), content_type;
    slice_with_f64_and_i32_and_content_type(start: f64, end: i32, content_type: &str) Some(end.into()), content_type;
    slice_with_i32_and_f64_and_content_type(start: i32, end: f64, content_type: &str) Some(end), content_type;
    slice_with_f64_and_f64_and_content_type(start: f64, end: f64, content_type: &str) Some(end), content_type;
}

macro_rules! part_kinds {
    ($($plain:ident $with_options:ident $what:literal;)*) => {
        impl Blob {$(
            #[doc = concat!("`new Blob(parts)`, of ", $what, ".")]
            ///
            /// # Errors
            ///
            /// As [`new_with_buffer_source_sequence`](Self::new_with_buffer_source_sequence).
            pub fn $plain(blob_parts: &JsValue) -> Result<Self, JsValue> {
                Self::new_with_buffer_source_sequence(blob_parts)
            }

            #[doc = concat!("`new Blob(parts, options)`, of ", $what, ".")]
            ///
            /// # Errors
            ///
            /// As [`new_with_buffer_source_sequence`](Self::new_with_buffer_source_sequence).
            pub fn $with_options(
                blob_parts: &JsValue,
                options: &BlobPropertyBag,
            ) -> Result<Self, JsValue> {
                Self::new_with_buffer_source_sequence_and_options(blob_parts, options)
            }
        )*}
    };
}

part_kinds! {
    new_with_u8_array_sequence new_with_u8_array_sequence_and_options "byte arrays";
    new_with_u8_slice_sequence new_with_u8_slice_sequence_and_options "byte arrays";
    new_with_blob_sequence new_with_blob_sequence_and_options "blobs";
    new_with_str_sequence new_with_str_sequence_and_options "strings";
}

fn append(part: &JsValue, bytes: &mut Vec<u8>) -> Result<(), JsValue> {
    if let Some(blob) = part.dyn_ref::<Blob>() {
        let data = blob.blob().as_bytes();
        bytes.extend(data.ok_or_else(|| type_error("the blob is still to be read"))?);
    } else if let Some(buffer) = part.dyn_ref::<ArrayBuffer>() {
        buffer.bytes(|part| bytes.extend_from_slice(part));
    } else if let Some(view) = part.dyn_ref::<Uint8Array>() {
        view.bytes(|part| bytes.extend_from_slice(part));
    } else {
        bytes.extend(part.to_js_string().bytes());
    }
    Ok(())
}

fn type_error(message: &str) -> JsValue {
    TypeError::new(message).into()
}
