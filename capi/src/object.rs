//! The handles of C: counted objects, each of which belongs to a thread.

use crate::error::{ErrorKind, Fault, quietly};
use std::rc::Rc;

/// A thread, while it lives. One that begins when it has ended can be the same: by then nobody else has its objects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thread(usize);

impl Thread {
    /// This one, by something that only it has. (`std::thread::current` would allocate, on a thread of C's, what
    /// stays.)
    pub(crate) fn current() -> Self {
        thread_local!(static PLACE: u8 = const { 0 });
        // In a thread that is ending too, as it needs no destructor.
        Self(PLACE.with(|place| std::ptr::from_ref(place).addr()))
    }
}

/// What C has a pointer to.
pub(crate) trait Object {
    /// How messages call it.
    const NAME: &'static str;

    /// The thread that made it: no other may use it.
    fn thread(&self) -> Thread;
}

/// That this thread is the object's.
pub(crate) fn check_thread(object: &impl Object, name: &str) -> Result<(), Fault> {
    if object.thread() != Thread::current() {
        return Err(Fault::new(
            ErrorKind::WrongThread,
            format!("the {name} belongs to another thread"),
        ));
    }
    Ok(())
}

/// The object behind a handle, for the time of a call: it stays, even if the handle is released meanwhile.
///
/// # Safety
///
/// `handle` is NULL, or it came of [`give`] and has not been released.
pub(crate) unsafe fn take<T: Object>(handle: *const T) -> Result<Rc<T>, Fault> {
    // SAFETY: as the caller promises. Of an object of another thread nothing is read but which one that is, which never
    // changes.
    let object = unsafe { handle.as_ref() }.ok_or_else(|| Fault::null(T::NAME))?;
    check_thread(object, T::NAME)?;
    // SAFETY: it came of an `Rc`, whose count is above zero, and is this thread's.
    unsafe {
        Rc::increment_strong_count(handle);
        Ok(Rc::from_raw(handle))
    }
}

/// As [`take`], of a handle that may be NULL.
///
/// # Safety
///
/// As for [`take`].
pub(crate) unsafe fn take_if_any<T: Object>(handle: *const T) -> Result<Option<Rc<T>>, Fault> {
    if handle.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    unsafe { take(handle) }.map(Some)
}

/// A handle for C, to be [released](release).
pub(crate) fn give<T: Object>(object: Rc<T>) -> *mut T {
    Rc::into_raw(object).cast_mut()
}

/// Counts one more handle. NULL where there is none, or where it is another thread's.
///
/// # Safety
///
/// As for [`take`].
pub(crate) unsafe fn retain<T: Object>(handle: *mut T) -> *mut T {
    // SAFETY: as the caller promises.
    quietly(std::ptr::null_mut(), || Ok(give(unsafe { take(handle) }?)))
}

/// Counts one handle less. Does nothing for NULL, and for another thread's: what it counts is not to be touched
/// there.
///
/// # Safety
///
/// As for [`take`], and the handle is not used again.
pub(crate) unsafe fn release<T: Object>(handle: *mut T) {
    quietly((), || {
        // SAFETY: as the caller promises.
        let object = unsafe { take(handle) }?;
        // SAFETY: the handle's own count, which nobody uses again.
        drop(unsafe { Rc::from_raw(handle) });
        // The last one, perhaps: what it frees may call back.
        drop(object);
        Ok(())
    });
}
