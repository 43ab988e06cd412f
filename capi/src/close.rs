//! How a socket's connection ends.

use crate::error::{Error, guard};
use crate::object::take;
use crate::socket::Socket;
use crate::string::Text;

/// No code, for `domws_socket_close_with` and `domws_socket_finish_with`.
pub const NO_CODE: i32 = -1;

/// `None` where there is none. What no code can be is 0, which script must not send either.
pub(crate) fn code(code: i32) -> Option<u16> {
    (code != NO_CODE).then(|| u16::try_from(code).unwrap_or(0))
}

/// `close()`: closes the connection. A `close` event follows, from a task, unless there has been one. What was sent
/// before leaves first. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_close(socket: *mut Socket, error: *mut Error) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            take(socket)?.get().close();
            Ok(true)
        })
    }
}

/// `close(code, reason)`. The code is 1000 or from 3000 to 4999 (INVALID_ACCESS), or `DOMWS_NO_CODE`: then the reason
/// can't be told. The reason has 123 bytes at the most (SYNTAX). In the html5 edition both are ignored. False where
/// it throws. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_close_with(
    socket: *mut Socket,
    code: i32,
    reason: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(socket)?;
            this.get().close_with(self::code(code), &reason.read()?)?;
            Ok(true)
        })
    }
}

/// Ends our direction, and not the peer's: "I have sent all; say what you still have to say". True if so; false with
/// NONE where the connection is closing or closed, and nothing is done. INVALID_STATE while connecting. Thread: the
/// loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_finish(socket: *mut Socket, error: *mut Error) -> bool {
    // SAFETY: as the header has it.
    unsafe { guard(error, false, || Ok(take(socket)?.get().finish()?)) }
}

/// `domws_socket_finish` with a code and a reason as `domws_socket_close_with` has them. Thread: the loop's. `error`
/// may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_finish_with(
    socket: *mut Socket,
    code: i32,
    reason: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(socket)?;
            Ok(this.get().finish_with(self::code(code), &reason.read()?)?)
        })
    }
}
