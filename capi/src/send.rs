//! What a socket sends.

use crate::error::{Error, ErrorKind, Fault, guard};
use crate::object::take;
use crate::socket::Socket;
use crate::string::{Bytes, Text, Utf16};
use dom_websocket::{Edition as DomEdition, TrySendError, WebSocket};

/// `send(text)`: true if it was queued. What is not UTF-8, also a surrogate that was encoded like a character,
/// becomes U+FFFD; in the html5 edition it is an error (SYNTAX). False with NONE: the connection is closing or
/// closed, or the queue was full. INVALID_STATE while connecting. The text is copied. Thread: the loop's. `error` may
/// be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_send_text(
    socket: *mut Socket,
    text: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(socket)?;
            // The state is looked at first, and the text is none of its business.
            if this.get().ready_state() == WebSocket::CONNECTING {
                return Ok(this.get().send("")?);
            }
            let text = text.read_for(this.get().edition())?;
            Ok(this.get().send(&*text)?)
        })
    }
}

/// `send(text)` of an engine's UTF-16: unpaired surrogates become U+FFFD; in the html5 edition they are an error
/// (SYNTAX). Otherwise as `domws_socket_send_text`. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_send_utf16(
    socket: *mut Socket,
    text: Utf16,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            Ok(take(socket)?.get().send_utf16(text.read()?)?)
        })
    }
}

/// `send(bytes)`. NOT_SUPPORTED in the html5 edition. Otherwise as `domws_socket_send_text`. Thread: the loop's.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_send_bytes(
    socket: *mut Socket,
    bytes: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            Ok(take(socket)?.get().send(bytes.read()?)?)
        })
    }
}

impl<T> From<TrySendError<T>> for Fault {
    fn from(error: TrySendError<T>) -> Self {
        let kind = match &error {
            TrySendError::WouldBlock(_) => ErrorKind::WouldBlock,
            TrySendError::TooLong(_) => ErrorKind::TooLong,
            TrySendError::Unsupported(_) => ErrorKind::NotSupported,
            _ => ErrorKind::Closed,
        };
        Self::new(kind, error.to_string())
    }
}

/// Sends a text if there is room for it: true. False where there is none yet (WOULD_BLOCK: a `drain` event tells when
/// there is), and never will be (CLOSED, TOO_LONG). It never closes the connection. Ill-formed text is treated as in
/// `domws_socket_send_text`. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_try_send_text(
    socket: *mut Socket,
    text: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(socket)?;
            let text = text.read_for(this.get().edition())?;
            this.get().try_send(&*text)?;
            Ok(true)
        })
    }
}

/// `domws_socket_try_send_text` of an engine's UTF-16. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_try_send_utf16(
    socket: *mut Socket,
    text: Utf16,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(socket)?;
            let units = text.read()?;
            let text = String::from_utf16(units);
            if text.is_err() && this.get().edition() == DomEdition::Html5 {
                let message = "the text has unpaired surrogates";
                return Err(Fault::new(ErrorKind::Syntax, message));
            }
            let text = text.unwrap_or_else(|_| String::from_utf16_lossy(units));
            this.get().try_send(text)?;
            Ok(true)
        })
    }
}

/// Sends bytes if there is room for them, as `domws_socket_try_send_text`. NOT_SUPPORTED in the html5 edition.
/// Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_try_send_bytes(
    socket: *mut Socket,
    bytes: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(socket)?;
            this.get().try_send(bytes.read()?)?;
            Ok(true)
        })
    }
}
