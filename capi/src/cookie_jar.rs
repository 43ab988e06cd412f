//! Cookies.

use crate::error::{Error, guard, quietly};
use crate::object::Thread;
use crate::object::{Object, release, retain};
use crate::string::Text;
use std::ffi::c_char;

/// The cookies that sockets send and set. It belongs to the thread that makes it.
pub struct CookieJar {
    thread: Thread,
    #[cfg(feature = "cookies")]
    pub(crate) jar: dom_websocket::CookieJar,
}

impl Object for CookieJar {
    const NAME: &'static str = "cookie jar";

    fn thread(&self) -> Thread {
        self.thread
    }
}

/// An empty jar. NULL where that fails: UNSUPPORTED, where the library was built without. To be given back by
/// `domws_cookie_jar_release`. `error` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_new(error: *mut Error) -> *mut CookieJar {
    // SAFETY: as the header has it.
    unsafe { guard(error, std::ptr::null_mut(), with::new) }
}

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_retain(jar: *mut CookieJar) -> *mut CookieJar {
    // SAFETY: as the header has it.
    unsafe { retain(jar) }
}

/// Gives a handle back; user agents keep the jar. NULL: nothing is done. Thread: its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_release(jar: *mut CookieJar) {
    // SAFETY: as the header has it.
    unsafe { release(jar) };
}

/// Stores a cookie as if the server at this URL had sent it in a `Set-Cookie` field. False where RFC 6265 has it
/// ignored, with NONE, and where it fails. Thread: its own. `error` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_set(
    jar: *mut CookieJar,
    url: Text,
    set_cookie: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe { guard(error, false, || with::set(jar, url, set_cookie)) }
}

/// Writes what a `Cookie` field to this URL says into `buffer`, as much as there is room for: `capacity` bytes, or
/// none if `buffer` is NULL. Nothing terminates it. Returns how many bytes it has; 0 where there are no cookies for
/// it, and for NULL. Thread: its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_cookies(
    jar: *const CookieJar,
    url: Text,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: as the header has it.
    quietly(0, || unsafe { with::cookies(jar, url, buffer, capacity) })
}

/// Forgets all cookies. NULL: nothing is done. Thread: its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_clear(jar: *mut CookieJar) {
    // SAFETY: as the header has it.
    quietly((), || unsafe { with::clear(jar) });
}

#[cfg(feature = "cookies")]
mod with {
    use super::CookieJar;
    use crate::error::Fault;
    use crate::object::Thread;
    use crate::object::{give, take};
    use crate::string::{Text, copy_out};
    use std::ffi::c_char;
    use std::rc::Rc;

    pub(super) fn new() -> Result<*mut CookieJar, Fault> {
        Ok(give(Rc::new(CookieJar {
            thread: Thread::current(),
            jar: dom_websocket::CookieJar::new(),
        })))
    }

    pub(super) unsafe fn set(
        jar: *const CookieJar,
        url: Text,
        set_cookie: Text,
    ) -> Result<bool, Fault> {
        // SAFETY: as the caller promises.
        unsafe { Ok(take(jar)?.jar.set(&url.read()?, &set_cookie.read()?)) }
    }

    pub(super) unsafe fn cookies(
        jar: *const CookieJar,
        url: Text,
        buffer: *mut c_char,
        capacity: usize,
    ) -> Result<usize, Fault> {
        // SAFETY: as the caller promises.
        unsafe {
            let cookies = take(jar)?.jar.cookies(&url.read()?).unwrap_or_default();
            Ok(copy_out(cookies.as_bytes(), buffer.cast(), capacity))
        }
    }

    pub(super) unsafe fn clear(jar: *const CookieJar) -> Result<(), Fault> {
        // SAFETY: as the caller promises.
        unsafe { take(jar) }?.jar.clear();
        Ok(())
    }
}

/// The library was built without cookies: there are no jars.
#[cfg(not(feature = "cookies"))]
mod with {
    use super::CookieJar;
    use crate::error::Fault;
    use crate::string::Text;
    use std::ffi::c_char;

    const MISSING: &str = "the library was built without cookies";

    pub(super) fn new() -> Result<*mut CookieJar, Fault> {
        Err(Fault::unsupported(MISSING))
    }

    pub(super) unsafe fn set(_: *const CookieJar, _: Text, _: Text) -> Result<bool, Fault> {
        Err(Fault::unsupported(MISSING))
    }

    pub(super) unsafe fn cookies(
        _: *const CookieJar,
        _: Text,
        _: *mut c_char,
        _: usize,
    ) -> Result<usize, Fault> {
        Err(Fault::unsupported(MISSING))
    }

    pub(super) unsafe fn clear(_: *const CookieJar) -> Result<(), Fault> {
        Err(Fault::unsupported(MISSING))
    }
}
