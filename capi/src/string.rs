//! Texts and bytes, in and out.

use crate::error::{ErrorKind, Fault, quietly};
use dom_websocket::Edition;
use std::borrow::Cow;
use std::ffi::c_char;
use std::ptr;

/// A text in UTF-8. It is not terminated, and can have NULs in it. One without a length may have NULL for data.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    /// Its first byte.
    pub data: *const c_char,
    /// How many bytes it has.
    pub len: usize,
}

/// A text in UTF-16, as JavaScript's strings are: it can have unpaired surrogates.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Utf16 {
    /// Its first code unit.
    pub data: *const u16,
    /// How many code units it has.
    pub len: usize,
}

/// Bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    /// The first one.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

/// What C promises of these as arguments: that so much can be read there, and doesn't change meanwhile.
unsafe fn slice<'a, T>(data: *const T, len: usize) -> Result<&'a [T], Fault> {
    match (data.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Fault::null("the data of what is not empty")),
        (false, _) if len > isize::MAX as usize / size_of::<T>() || !data.is_aligned() => {
            Err(Fault::argument("there can be no such data"))
        }
        // SAFETY: as C promises; length and place are as they must be.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(data, len) }),
    }
}

impl Text {
    pub(crate) const EMPTY: Self = Self {
        data: c"".as_ptr(),
        len: 0,
    };

    /// There is none.
    pub(crate) const NONE: Self = Self {
        data: ptr::null(),
        len: 0,
    };

    /// For C to read, for as long as the text stays where it is.
    pub(crate) fn lend(text: &str) -> Self {
        Self {
            data: text.as_ptr().cast(),
            len: text.len(),
        }
    }

    /// As WebIDL's `USVString`: what is no UTF-8 becomes U+FFFD.
    ///
    /// # Safety
    ///
    /// As for [`slice`].
    pub(crate) unsafe fn read<'a>(self) -> Result<Cow<'a, str>, Fault> {
        // SAFETY: as the caller promises.
        let bytes = unsafe { slice(self.data.cast::<u8>(), self.len) }?;
        Ok(decode(bytes))
    }

    /// The name of a file: on Unix any bytes.
    ///
    /// # Safety
    ///
    /// As for [`slice`].
    #[cfg(any(feature = "cookies", feature = "tls"))]
    pub(crate) unsafe fn read_path(self) -> Result<std::path::PathBuf, Fault> {
        // SAFETY: as the caller promises.
        let bytes = unsafe { slice(self.data.cast::<u8>(), self.len) }?;
        #[cfg(unix)]
        let path: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(bytes);
        #[cfg(not(unix))]
        let path = &*decode(bytes);
        Ok(path.into())
    }

    /// What is to be sent: in the edition of 2010 there must be no U+FFFD that was none.
    ///
    /// # Safety
    ///
    /// As for [`slice`].
    pub(crate) unsafe fn read_for<'a>(self, edition: Edition) -> Result<Cow<'a, str>, Fault> {
        // SAFETY: as the caller promises.
        let text = unsafe { self.read() }?;
        if matches!(text, Cow::Owned(_)) && edition == Edition::Html5 {
            return Err(Fault::new(
                ErrorKind::Syntax,
                "the text has unpaired surrogates, or is not UTF-8",
            ));
        }
        Ok(text)
    }
}

impl Utf16 {
    /// # Safety
    ///
    /// As for [`slice`].
    pub(crate) unsafe fn read<'a>(self) -> Result<&'a [u16], Fault> {
        // SAFETY: as the caller promises.
        unsafe { slice(self.data, self.len) }
    }
}

impl Bytes {
    pub(crate) fn as_text(self) -> Text {
        Text {
            data: self.data.cast(),
            len: self.len,
        }
    }

    pub(crate) fn lend(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// # Safety
    ///
    /// As for [`slice`].
    pub(crate) unsafe fn read<'a>(self) -> Result<&'a [u8], Fault> {
        // SAFETY: as the caller promises.
        unsafe { slice(self.data, self.len) }
    }
}

/// Encoding Standard "UTF-8 decode without BOM", but that an unpaired surrogate which was encoded as if it were a
/// character, as engines hand it out (WTF-8), is one U+FFFD and not three.
fn decode(mut bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    while let Some(chunk) = bytes.utf8_chunks().next() {
        text.push_str(chunk.valid());
        let rest = &bytes[chunk.valid().len()..];
        let skipped = match rest {
            [] => 0,
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => 3,
            _ => chunk.invalid().len(),
        };
        if skipped > 0 {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        bytes = &rest[skipped..];
    }
    Cow::Owned(text)
}

/// Copies into memory of C's as much as there is room for. How much there is.
///
/// # Safety
///
/// `buffer` has room for so many, or is NULL.
pub(crate) unsafe fn copy_out<T: Copy>(from: &[T], buffer: *mut T, capacity: usize) -> usize {
    if !buffer.is_null() {
        // SAFETY: there is room for as many, and what was just made, or lives in a handle, is not C's.
        unsafe { ptr::copy(from.as_ptr(), buffer, from.len().min(capacity)) };
    }
    from.len()
}

/// Writes a text as UTF-16 into `buffer`, as much as there is room for: `capacity` code units, or none if `buffer` is
/// NULL. Returns how many code units the text has. What is not UTF-8 becomes U+FFFD. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_string_to_utf16(
    text: Text,
    buffer: *mut u16,
    capacity: usize,
) -> usize {
    quietly(0, || {
        // SAFETY: as the header has it.
        let text: Vec<u16> = unsafe { text.read() }?.encode_utf16().collect();
        // SAFETY: as the header has it.
        Ok(unsafe { copy_out(&text, buffer, capacity) })
    })
}

/// Writes a text as UTF-8 into `buffer`, as much as there is room for: `capacity` bytes, or none if `buffer` is NULL.
/// Nothing terminates it. Returns how many bytes the text has. Unpaired surrogates become U+FFFD. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_string_from_utf16(
    text: Utf16,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    quietly(0, || {
        // SAFETY: as the header has it.
        let text = String::from_utf16_lossy(unsafe { text.read() }?);
        // SAFETY: as the header has it.
        Ok(unsafe { copy_out(text.as_bytes(), buffer.cast(), capacity) })
    })
}
