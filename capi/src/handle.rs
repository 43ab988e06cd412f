//! The loop as other threads see it.

use crate::error::{Error, ErrorKind, Fault, guard, quietly};
use crate::event_loop::TaskCallback;
use crate::shared::{self, Shared};
use crate::user_data::{Destroy, SharedUserData, UserData, required};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Reaches a loop from any thread, also when it is gone.
pub struct Handle {
    handle: dom_websocket::Handle,
    is_gone: Arc<AtomicBool>,
}

/// Keeps a loop from becoming idle, until it is released: for work under way elsewhere that will queue a task.
pub struct KeepAlive {
    _keep_alive: dom_websocket::KeepAlive,
}

impl Handle {
    pub(crate) fn give(handle: dom_websocket::Handle, is_gone: Arc<AtomicBool>) -> *mut Self {
        shared::give(Self { handle, is_gone })
    }
}

impl Shared for Handle {
    const NAME: &'static str = "the handle";
}

/// One more handle, the same pointer, to be released too. NULL for NULL. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_handle_retain(handle: *mut Handle) -> *mut Handle {
    // SAFETY: as the header has it.
    unsafe { shared::retain(handle) }
}

/// Gives a handle back. NULL: nothing is done. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_handle_release(handle: *mut Handle) {
    // SAFETY: as the header has it.
    unsafe { shared::release(handle) };
}

/// Queues a task on the loop's thread and wakes the loop. `data` is handed to that thread, and destroyed there behind
/// the task, or with the loop. False where it fails, as where the loop is gone (GONE): then `data` is destroyed at
/// once, on this thread. Thread: any. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_handle_queue_task(
    handle: *mut Handle,
    callback: TaskCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = SharedUserData::new(UserData::new(data, destroy));
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, move || {
            let this = shared::take(handle)?;
            let callback = required(callback)?;
            let is_gone = this.is_gone.clone();
            let is_queued = this.handle.queue_task(move || {
                if !is_gone.load(SeqCst) {
                    callback(data.get());
                }
            });
            match is_queued {
                true => Ok(true),
                false => Err(Fault::new(ErrorKind::Gone, "the loop is gone")),
            }
        })
    }
}

/// Keeps the loop from becoming idle until `domws_keep_alive_release`. NULL where it fails. Thread: any. `error` may
/// be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_handle_keep_alive(
    handle: *mut Handle,
    error: *mut Error,
) -> *mut KeepAlive {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let keep_alive = shared::take(handle)?.handle.keep_alive();
            let keep_alive = KeepAlive {
                _keep_alive: keep_alive,
            };
            Ok(Box::into_raw(Box::new(keep_alive)))
        })
    }
}

/// Lets the loop become idle. NULL: nothing is done. Thread: any.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_keep_alive_release(keep_alive: *mut KeepAlive) {
    quietly((), || {
        if !keep_alive.is_null() {
            // SAFETY: it came of a box, and nobody uses it again.
            drop(unsafe { Box::from_raw(keep_alive) });
        }
        Ok(())
    });
}
