//! The bytes of an `ArrayBuffer` or a view of one.

use crate::helpers::Helper;
use crate::scope::Scope;
use dom_websocket::host::BufferSource;
use rquickjs::{Value, qjs};
use std::ops::Range;

impl<'js> Scope<'_, 'js> {
    /// What kind of source a value is, if it is one.
    pub(crate) fn kind_of_bytes(
        &self,
        value: &Value<'js>,
    ) -> Result<Option<BufferSource>, Value<'js>> {
        if !value.is_object() {
            return Ok(None);
        }
        if is_array_buffer(value) {
            return Ok(Some(BufferSource {
                is_view: false,
                is_shared: false,
                is_resizable: self.is_resizable(value)?,
            }));
        }
        if let Some((buffer, _)) = self.typed_array(value) {
            return Ok(Some(BufferSource {
                is_view: true,
                is_shared: false,
                is_resizable: self.is_resizable(&buffer)?,
            }));
        }
        let kind = self.call_helper(Helper::Kind, std::slice::from_ref(value))?;
        Ok(match kind.as_int() {
            None | Some(0) => None,
            Some(kind) => Some(BufferSource {
                is_view: kind & 2 != 0,
                is_shared: kind & 4 != 0,
                is_resizable: kind & 8 != 0,
            }),
        })
    }

    /// The bytes of a source; none if it is shared, detached or out of bounds. `read` does not enter the engine.
    pub(crate) fn read_bytes<T>(
        &self,
        source: &Value<'js>,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Value<'js>> {
        if is_array_buffer(source) {
            return Ok(self.read_range(source, None, read));
        }
        if let Some((buffer, range)) = self.typed_array(source) {
            // The range of one that follows its buffer's size is not told.
            if !self.is_resizable(&buffer)? {
                return Ok(self.read_range(&buffer, Some(range), read));
            }
        }
        let range = self.call_helper(Helper::Range, std::slice::from_ref(source))?;
        let range = self.object(&range)?;
        let start = self.check(range.get::<_, f64>(1))? as usize;
        let length = self.check(range.get::<_, f64>(2))? as usize;
        if length == 0 {
            return Ok(read(&[]));
        }
        let buffer: Value<'js> = self.check(range.get(0))?;
        let range = start..start.saturating_add(length);
        Ok(self.read_range(&buffer, Some(range), read))
    }

    /// A range of an `ArrayBuffer`'s bytes, or all.
    #[allow(unsafe_code)]
    fn read_range<T>(
        &self,
        buffer: &Value<'js>,
        range: Option<Range<usize>>,
        read: impl FnOnce(&[u8]) -> T,
    ) -> T {
        if !is_array_buffer(buffer) {
            return read(&[]);
        }
        let mut length = 0;
        // SAFETY: whoever has a `Ctx` has the runtime's lock. What is written to is a number.
        let data = unsafe {
            let context = self.ctx.as_raw().as_ptr();
            qjs::JS_GetArrayBuffer(context, &mut length, buffer.as_raw())
        };
        if data.is_null() {
            // It is detached: what was thrown is for nobody.
            self.ctx.catch();
            return read(&[]);
        }
        // SAFETY: the memory is that of an `ArrayBuffer` which is not shared, so that nobody but this
        // runtime writes to it, and `read` does not enter the engine.
        let bytes = unsafe { std::slice::from_raw_parts(data, length as usize) };
        let bytes = match range {
            Some(range) => bytes.get(range).unwrap_or_default(),
            None => bytes,
        };
        read(bytes)
    }

    /// Whether an `ArrayBuffer` is resizable.
    fn is_resizable(&self, buffer: &Value<'js>) -> Result<bool, Value<'js>> {
        let getter = self.helper(Helper::Resizable);
        if getter.is_undefined() {
            return Ok(false);
        }
        let is_resizable = self.apply(&getter, buffer, &[])?;
        Ok(is_resizable.as_bool().unwrap_or(false))
    }

    /// The buffer of a typed array, and where in it the bytes are; `None` for anything else, and where the memory is
    /// shared, detached or too short.
    #[allow(unsafe_code)]
    fn typed_array(&self, value: &Value<'js>) -> Option<(Value<'js>, Range<usize>)> {
        // SAFETY: it looks at the value only.
        if unsafe { qjs::JS_GetTypedArrayType(value.as_raw()) } < 0 {
            return None;
        }
        let (mut offset, mut length) = (0, 0);
        // SAFETY: whoever has a `Ctx` has the runtime's lock. No script is run. What is written to are numbers, or null is
        // given in their place, and what is returned is owned.
        let buffer = unsafe {
            let buffer = qjs::JS_GetTypedArrayBuffer(
                self.ctx.as_raw().as_ptr(),
                value.as_raw(),
                &mut offset,
                &mut length,
                std::ptr::null_mut(),
            );
            Value::from_raw(self.ctx.clone(), buffer)
        };
        if !is_array_buffer(&buffer) {
            if !buffer.is_object() {
                // It was thrown, and is for nobody.
                self.ctx.catch();
            }
            return None;
        }
        let (offset, length) = (offset as usize, length as usize);
        Some((buffer, offset..offset.saturating_add(length)))
    }
}

/// Whether it is an `ArrayBuffer`, and no `SharedArrayBuffer`.
#[allow(unsafe_code)]
fn is_array_buffer(value: &Value<'_>) -> bool {
    // SAFETY: it looks at the value only.
    unsafe { qjs::JS_IsArrayBuffer(value.as_raw()) }
}
