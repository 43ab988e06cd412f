//! Strings of the C API.

use crate::ffi::*;
use std::ffi::CString;

/// A string of the C API, counted.
pub(crate) struct Text(pub(crate) JSStringRef);

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        // What is ASCII takes a byte for each character, if it comes as C has it.
        let ascii = text.is_ascii().then(|| CString::new(text).ok()).flatten();
        match ascii {
            // SAFETY: it ends with a zero, and is copied.
            Some(text) => Self(unsafe { JSStringCreateWithUTF8CString(text.as_ptr()) }),
            None => Self::of_units(&text.encode_utf16().collect::<Vec<_>>()),
        }
    }

    pub(crate) fn of_units(units: &[u16]) -> Self {
        // SAFETY: so many there are, and they are copied.
        Self(unsafe { JSStringCreateWithCharacters(units.as_ptr(), units.len()) })
    }

    /// Its code units.
    pub(crate) fn units(&self) -> &[u16] {
        // SAFETY: the string is ours, so that its characters stay where they are as long as it does. A pointer to
        // none may be null.
        unsafe {
            match JSStringGetLength(self.0) {
                0 => &[],
                length => std::slice::from_raw_parts(JSStringGetCharactersPtr(self.0), length),
            }
        }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: it is ours.
        unsafe { JSStringRelease(self.0) };
    }
}
