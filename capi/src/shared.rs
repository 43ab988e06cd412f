//! The handles of C that are for any thread.

use crate::error::{Fault, quietly};
use std::sync::Arc;

/// What C has a pointer to, on any thread.
pub(crate) trait Shared: Send + Sync {
    /// How messages call it.
    const NAME: &'static str;
}

/// A handle for C, to be [released](release).
pub(crate) fn give<T: Shared>(object: T) -> *mut T {
    Arc::into_raw(Arc::new(object)).cast_mut()
}

/// The object behind a handle, for the time of a call: it stays, even if the handle is released meanwhile.
///
/// # Safety
///
/// `handle` is NULL, or it came of [`give`] and has not been released.
pub(crate) unsafe fn take<T: Shared>(handle: *const T) -> Result<Arc<T>, Fault> {
    if handle.is_null() {
        return Err(Fault::null(T::NAME));
    }
    // SAFETY: it came of an `Arc`, whose count is above zero.
    unsafe {
        Arc::increment_strong_count(handle);
        Ok(Arc::from_raw(handle))
    }
}

/// Counts one more handle. NULL where there is none.
///
/// # Safety
///
/// As for [`take`].
pub(crate) unsafe fn retain<T: Shared>(handle: *mut T) -> *mut T {
    quietly(std::ptr::null_mut(), || {
        // SAFETY: as the caller promises.
        Ok(Arc::into_raw(unsafe { take(handle) }?).cast_mut())
    })
}

/// Counts one handle less. Does nothing for NULL.
///
/// # Safety
///
/// As for [`take`], and the handle is not used again.
pub(crate) unsafe fn release<T: Shared>(handle: *mut T) {
    quietly((), || {
        // SAFETY: as the caller promises.
        let object = unsafe { take(handle) }?;
        // SAFETY: the handle's own count, which nobody uses again.
        drop(unsafe { Arc::from_raw(handle) });
        drop(object);
        Ok(())
    });
}
