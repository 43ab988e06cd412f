//! `Uint8Array`.

use super::{Array, ArrayBuffer, Object};
use crate::wasm_bindgen::{Host, Instance, JsCast, JsValue, class, to_int32};
use std::any::Any;
use std::ops::Range;
use std::rc::Rc;

class! {
    /// A view of the bytes of an [`ArrayBuffer`].
    ///
    /// [`new_from_slice`](Self::new_from_slice), `From<&[u8]>` and [`view`](Self::view) copy.
    Uint8Array: Object;
    |value| value.host::<ViewHost>().is_some()
}

struct ViewHost {
    buffer: ArrayBuffer,
    range: Range<usize>,
}

impl Host for ViewHost {
    fn class(&self) -> &'static str {
        "Uint8Array"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        match name {
            "length" | "byteLength" => Some(self.range.len().into()),
            "byteOffset" => Some(self.range.start.into()),
            "buffer" => Some((&self.buffer).into()),
            _ => {
                let index = name.parse::<usize>().ok()?;
                let bytes = self
                    .buffer
                    .bytes(|bytes| bytes[self.range.clone()].get(index).copied());
                bytes.map(JsValue::from)
            }
        }
    }

    fn set_attribute(&self, _object: &Rc<Instance>, name: &str, value: &JsValue) -> bool {
        let Ok(index) = name.parse::<usize>() else {
            return false;
        };
        self.buffer.bytes(|bytes| {
            if let Some(byte) = bytes[self.range.clone()].get_mut(index) {
                *byte = to_byte(value);
            }
        });
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Uint8Array {
    /// `new Uint8Array(value)`: a view of an `ArrayBuffer`, so many zeroes, or a copy of an array of numbers or of
    /// another `Uint8Array`.
    pub fn new(constructor_arg: &JsValue) -> Self {
        if let Some(buffer) = constructor_arg.dyn_ref::<ArrayBuffer>() {
            Self::of(buffer.clone(), 0..buffer.byte_length() as usize)
        } else if let Some(view) = constructor_arg.dyn_ref::<Self>() {
            Self::of_bytes(view.to_vec())
        } else if let Some(array) = constructor_arg.dyn_ref::<Array>() {
            Self::of_bytes(array.iter().map(|value| to_byte(&value)).collect())
        } else {
            Self::new_with_length(constructor_arg.as_f64().unwrap_or(0.0) as u32)
        }
    }

    /// So many zeroes.
    pub fn new_with_length(length: u32) -> Self {
        Self::of_bytes(vec![0; length as usize])
    }

    /// A copy of these bytes, too. In a browser it looks into Rust's memory, for as long as that does not move, and is unsafe for
    /// it. The `unsafe` around the call may stay: here nothing in it is, and the compiler says so.
    ///
    /// ```
    /// use dom_websocket_web::{js_sys::Uint8Array, wasm_bindgen::JsValue, web_sys::WebSocket};
    ///
    /// fn send(socket: &WebSocket, bytes: &[u8]) -> Result<(), JsValue> {
    ///     #[allow(unused_unsafe)] // It is one on wasm32.
    ///     let view = unsafe { Uint8Array::view(bytes) };
    ///     socket.send_with_array_buffer_view(&view)
    /// }
    /// ```
    pub fn view(rust: &[u8]) -> Self {
        Self::new_from_slice(rust)
    }

    /// A copy of these bytes.
    pub fn new_from_slice(slice: &[u8]) -> Self {
        Self::of_bytes(slice.to_vec())
    }

    /// A view of a buffer from here on.
    ///
    /// # Panics
    ///
    /// If it isn't so long, where there is a `RangeError`.
    pub fn new_with_byte_offset(buffer: &JsValue, byte_offset: u32) -> Self {
        let whole = Self::new(buffer);
        let length = whole.length().checked_sub(byte_offset);
        let length = length.expect("RangeError: the offset is beyond the buffer");
        whole.subarray(byte_offset, byte_offset + length)
    }

    /// A view of so many bytes of a buffer from here on.
    ///
    /// # Panics
    ///
    /// If it isn't so long, where there is a `RangeError`.
    pub fn new_with_byte_offset_and_length(
        buffer: &JsValue,
        byte_offset: u32,
        length: u32,
    ) -> Self {
        let whole = Self::new(buffer);
        let end = byte_offset.checked_add(length);
        let end = end.filter(|end| *end <= whole.length());
        whole.subarray(
            byte_offset,
            end.expect("RangeError: the length is beyond the buffer"),
        )
    }

    fn of_bytes(bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        Self::of(ArrayBuffer::of_bytes(bytes), 0..length)
    }

    fn of(buffer: ArrayBuffer, range: Range<usize>) -> Self {
        JsValue::of(ViewHost { buffer, range }).unchecked_into()
    }

    /// Lends the bytes.
    pub(crate) fn bytes<T>(&self, f: impl FnOnce(&mut [u8]) -> T) -> T {
        match self.host::<ViewHost>() {
            Some(view) => view.buffer.bytes(|bytes| f(&mut bytes[view.range.clone()])),
            None => f(&mut []),
        }
    }

    /// How many bytes it views.
    pub fn length(&self) -> u32 {
        self.bytes(|bytes| bytes.len() as u32)
    }

    /// How many bytes it views.
    pub fn byte_length(&self) -> u32 {
        self.length()
    }

    /// Where in the buffer it begins.
    pub fn byte_offset(&self) -> u32 {
        self.host::<ViewHost>()
            .map_or(0, |view| view.range.start as u32)
    }

    /// What it is a view of.
    pub fn buffer(&self) -> ArrayBuffer {
        let view = self.host::<ViewHost>();
        view.map_or_else(|| ArrayBuffer::new(0), |view| view.buffer.clone())
    }

    /// A view of a part of the same buffer.
    pub fn subarray(&self, begin: u32, end: u32) -> Self {
        let part = self.part(begin, end);
        let offset = self.byte_offset() as usize;
        Self::of(self.buffer(), offset + part.start..offset + part.end)
    }

    /// A copy of a part.
    pub fn slice(&self, begin: u32, end: u32) -> Self {
        let part = self.part(begin, end);
        Self::of_bytes(self.bytes(|bytes| bytes[part].to_vec()))
    }

    fn part(&self, begin: u32, end: u32) -> Range<usize> {
        let end = self.length().min(end);
        begin.min(end) as usize..end as usize
    }

    /// Sets the bytes of a part.
    pub fn fill(&self, value: u8, start: u32, end: u32) -> Self {
        let part = self.part(start, end);
        self.bytes(|bytes| bytes[part].fill(value));
        self.clone()
    }

    /// Copies an array or another view into it.
    ///
    /// # Panics
    ///
    /// If it doesn't fit.
    pub fn set(&self, src: &JsValue, offset: u32) {
        let source = Self::new(src).to_vec();
        let offset = offset as usize;
        self.bytes(|bytes| bytes[offset..offset + source.len()].copy_from_slice(&source));
    }

    /// The byte at this place; 0 behind the end.
    pub fn get_index(&self, idx: u32) -> u8 {
        self.bytes(|bytes| bytes.get(idx as usize).copied().unwrap_or(0))
    }

    /// Sets the byte at this place, if there is one.
    pub fn set_index(&self, idx: u32, value: u8) {
        self.bytes(|bytes| {
            if let Some(byte) = bytes.get_mut(idx as usize) {
                *byte = value;
            }
        });
    }

    /// The byte at this place, which counts from the end if it is negative.
    pub fn at(&self, idx: i32) -> Option<u8> {
        self.bytes(|bytes| {
            let place = usize::try_from(idx.unsigned_abs()).ok()?;
            let place = match idx < 0 {
                true => bytes.len().checked_sub(place)?,
                false => place,
            };
            bytes.get(place).copied()
        })
    }

    /// A copy of the bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        self.bytes(|bytes| bytes.to_vec())
    }

    /// Copies the bytes out.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub fn copy_to(&self, dst: &mut [u8]) {
        self.bytes(|bytes| dst.copy_from_slice(bytes));
    }

    /// Copies bytes in.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub fn copy_from(&self, src: &[u8]) {
        self.bytes(|bytes| bytes.copy_from_slice(src));
    }
}

/// ECMAScript `ToUint8`.
fn to_byte(value: &JsValue) -> u8 {
    to_int32(value.to_number()) as u8
}

impl From<&[u8]> for Uint8Array {
    fn from(slice: &[u8]) -> Self {
        Self::new_from_slice(slice)
    }
}

impl Default for Uint8Array {
    fn default() -> Self {
        Self::new_with_length(0)
    }
}
