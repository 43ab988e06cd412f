//! `ArrayBuffer`.

use super::Object;
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::cell::RefCell;

class! {
    /// Bytes, which views of it share.
    ArrayBuffer: Object;
    |value| value.host::<BufferHost>().is_some()
}

class! {
    /// Memory that several threads share, which natively no buffer has: code that looks whether it has to copy finds that it hasn't.
    SharedArrayBuffer: Object;
    |_value| false
}

pub(super) struct BufferHost {
    pub(super) bytes: RefCell<Vec<u8>>,
}

impl Host for BufferHost {
    fn class(&self) -> &'static str {
        "ArrayBuffer"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        (name == "byteLength").then(|| self.bytes.borrow().len().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ArrayBuffer {
    /// So many zeroes.
    pub fn new(length: u32) -> Self {
        Self::of_bytes(vec![0; length as usize])
    }

    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        JsValue::of(BufferHost {
            bytes: RefCell::new(bytes),
        })
        .unchecked_into()
    }

    /// How many bytes it has.
    pub fn byte_length(&self) -> u32 {
        self.bytes(|bytes| bytes.len() as u32)
    }

    /// A copy of the bytes from here on.
    pub fn slice(&self, begin: u32) -> Self {
        self.slice_with_end(begin, u32::MAX)
    }

    /// A copy of the bytes from here to there.
    pub fn slice_with_end(&self, begin: u32, end: u32) -> Self {
        Self::of_bytes(self.bytes(|bytes| {
            let end = bytes.len().min(end as usize);
            bytes.get(begin as usize..end).unwrap_or_default().to_vec()
        }))
    }

    /// Lends the bytes.
    pub(crate) fn bytes<T>(&self, f: impl FnOnce(&mut [u8]) -> T) -> T {
        match self.host::<BufferHost>() {
            Some(host) => f(&mut host.bytes.borrow_mut()),
            None => f(&mut []),
        }
    }
}
