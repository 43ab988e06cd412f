//! A socket as other threads see it.

use crate::close::code;
use crate::error::{Error, ErrorKind, Fault, guard, quietly};
use crate::object::{Thread, take};
use crate::shared::{self, Shared};
use crate::socket::Socket;
use crate::string::{Bytes, Text};
use dom_websocket::{Edition, RemoteSocket};

/// Sends on a socket, and closes it, from any thread. What it is given leaves in order, with the loop's next turn, for
/// which the loop is woken; until the socket is open and has room it waits in a queue of its own
/// (`DOMWS_LIMIT_HIGH_WATER`). All its handles together are one more of the socket: until the last is given back, and
/// what they queued has been sent, the socket is open. Events are the listeners', on the loop's thread.
pub struct Remote {
    remote: RemoteSocket,
    edition: Edition,
    /// The loop's.
    thread: Thread,
}

impl Shared for Remote {
    const NAME: &'static str = "the remote socket";
}

impl Remote {
    /// That somebody else drives the loop while this thread waits.
    fn check_can_wait(&self) -> Result<(), Fault> {
        // Where the loop is gone, so may be its thread, and this one be taken for it.
        if self.thread == Thread::current() && !self.remote.is_closed() {
            return Err(Fault::new(
                ErrorKind::WrongThread,
                "the loop's own thread would wait for itself",
            ));
        }
        Ok(())
    }
}

/// A socket's handle for other threads, to be given back by `domws_remote_release`. Each has a queue of its own. NULL
/// where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_remote(
    socket: *mut Socket,
    error: *mut Error,
) -> *mut Remote {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let socket = take(socket)?;
            Ok(shared::give(Remote {
                remote: socket.get().remote(),
                edition: socket.get().edition(),
                thread: Thread::current(),
            }))
        })
    }
}

/// One more handle, the same pointer, to be released too. NULL for NULL. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_retain(remote: *mut Remote) -> *mut Remote {
    // SAFETY: as the header has it.
    unsafe { shared::retain(remote) }
}

/// Gives a handle back, before or after the loop. NULL: nothing is done. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_release(remote: *mut Remote) {
    // SAFETY: as the header has it.
    unsafe { shared::release(remote) };
}

/// Queues a copy of a text if there is room for it: true. False where there is none yet (WOULD_BLOCK) and never will be
/// (CLOSED, TOO_LONG). Ill-formed text is treated as in `domws_socket_send_text`. Thread: any. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_try_send_text(
    remote: *mut Remote,
    text: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = shared::take(remote)?;
            let text = text.read_for(this.edition)?;
            this.remote.try_send(&*text)?;
            Ok(true)
        })
    }
}

/// Queues a copy of bytes if there is room for them, as `domws_remote_try_send_text`. NOT_SUPPORTED in the html5
/// edition. Thread: any. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_try_send_bytes(
    remote: *mut Remote,
    bytes: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = shared::take(remote)?;
            this.remote.try_send(bytes.read()?)?;
            Ok(true)
        })
    }
}

/// `domws_remote_try_send_text` that waits for room, until the connection ends (CLOSED). Thread: any but the loop's
/// (WRONG_THREAD), which would wait for itself. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_send_text(
    remote: *mut Remote,
    text: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = shared::take(remote)?;
            this.check_can_wait()?;
            let text = text.read_for(this.edition)?;
            this.remote.send_blocking(&*text)?;
            Ok(true)
        })
    }
}

/// `domws_remote_try_send_bytes` that waits for room, until the connection ends (CLOSED). Thread: any but the loop's
/// (WRONG_THREAD), which would wait for itself. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_send_bytes(
    remote: *mut Remote,
    bytes: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = shared::take(remote)?;
            this.check_can_wait()?;
            this.remote.send_blocking(bytes.read()?)?;
            Ok(true)
        })
    }
}

/// `domws_socket_close`, behind what is queued: nothing is taken any more. False where it fails. Thread: any. `error`
/// may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_close(remote: *mut Remote, error: *mut Error) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            shared::take(remote)?.remote.close();
            Ok(true)
        })
    }
}

/// `domws_socket_close_with`, behind what is queued: nothing is taken any more. False where it throws. Thread: any.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_close_with(
    remote: *mut Remote,
    code: i32,
    reason: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = shared::take(remote)?;
            this.remote.close_with(self::code(code), &reason.read()?)?;
            Ok(true)
        })
    }
}

/// Whether nothing is taken any more: the socket is closing or closed, or its loop is gone. True for NULL. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_is_closed(remote: *const Remote) -> bool {
    quietly(true, || {
        // SAFETY: as the header has it.
        Ok(unsafe { shared::take(remote) }?.remote.is_closed())
    })
}

/// The bytes of the messages that are queued here, and that the socket has not got yet. 0 for NULL. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_remote_buffered_amount(remote: *const Remote) -> usize {
    quietly(0, || {
        // SAFETY: as the header has it.
        Ok(unsafe { shared::take(remote) }?.remote.buffered_amount())
    })
}
