//! Data of C's that belongs to a callback.

use crate::error::Fault;
use std::ffi::c_void;

/// Frees the data of a callback that is not needed any more, or never was. It is called once, also where the function
/// that it was given to fails, after the callback's last call has returned; on the loop's thread, or, where the function
/// fails, on the caller's, unless said otherwise. NULL where there is nothing to free. It must return: no C++ exception,
/// no longjmp.
pub type Destroy = Option<unsafe extern "C" fn(data: *mut c_void)>;

/// A callback's data, which goes with it.
pub(crate) struct UserData {
    data: *mut c_void,
    destroy: Destroy,
}

impl UserData {
    pub(crate) fn new(data: *mut c_void, destroy: Destroy) -> Self {
        Self { data, destroy }
    }

    pub(crate) fn get(&self) -> *mut c_void {
        self.data
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: C gave both for this, and it happens once.
            unsafe { destroy(self.data) };
        }
    }
}

/// Data that C has promised to be for any thread.
pub(crate) struct SharedUserData(UserData);

// SAFETY: what takes such data says in the header that it is used and destroyed on any thread.
unsafe impl Send for SharedUserData {}
// SAFETY: as above.
unsafe impl Sync for SharedUserData {}

impl SharedUserData {
    pub(crate) fn new(data: UserData) -> Self {
        Self(data)
    }

    pub(crate) fn get(&self) -> *mut c_void {
        self.0.get()
    }
}

/// A callback that must be there.
pub(crate) fn required<T>(callback: Option<T>) -> Result<T, Fault> {
    callback.ok_or_else(|| Fault::null("the callback"))
}
