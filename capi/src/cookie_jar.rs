//! Cookies.

use crate::error::{Error, Fault, guard, quietly};
#[cfg(feature = "cookies")]
use crate::object::take;
use crate::object::{Object, Thread, release, retain};
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
/// `domws_cookie_jar_release`. Thread: any, whose it is then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_new(error: *mut Error) -> *mut CookieJar {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            with_feature!("cookies", [], {
                Ok(crate::object::give(std::rc::Rc::new(CookieJar {
                    thread: Thread::current(),
                    jar: dom_websocket::CookieJar::new(),
                })))
            })
        })
    }
}

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_retain(jar: *mut CookieJar) -> *mut CookieJar {
    // SAFETY: as the header has it.
    unsafe { retain(jar) }
}

/// Gives a handle back; user agents keep the jar. NULL: nothing is done. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_release(jar: *mut CookieJar) {
    // SAFETY: as the header has it.
    unsafe { release(jar) };
}

/// Stores a cookie as if the server at this URL had sent it in a `Set-Cookie` field. False where RFC 6265 has it
/// ignored, with NONE, and where it fails. Thread: its own. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_set(
    jar: *mut CookieJar,
    url: Text,
    set_cookie: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            with_feature!("cookies", [jar, url, set_cookie], {
                Ok(take(jar)?.jar.set(&url.read()?, &set_cookie.read()?))
            })
        })
    }
}

/// Writes what a `Cookie` field to this URL says into `buffer`, as much as there is room for: `capacity` bytes, or
/// none if `buffer` is NULL. Nothing terminates it. Returns how many bytes it has; 0 where there are no cookies for
/// it, and for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_cookies(
    jar: *const CookieJar,
    url: Text,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    quietly(0, || {
        with_feature!("cookies", [jar, url, buffer, capacity], {
            // SAFETY: as the header has it.
            unsafe {
                let cookies = take(jar)?.jar.cookies(&url.read()?).unwrap_or_default();
                let buffer = buffer.cast();
                Ok(crate::string::copy_out(
                    cookies.as_bytes(),
                    buffer,
                    capacity,
                ))
            }
        })
    })
}

/// Adds the cookies of a file in Netscape's format, which curl and wget share. Lines that are no cookie are skipped. IO
/// where it can't be read to its end. False where it fails. Thread: its own. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_load(
    jar: *mut CookieJar,
    path: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            with_feature!("cookies", [jar, path], {
                let jar = take(jar)?;
                let file = std::fs::File::open(path.read_path()?);
                let loaded = file.and_then(|file| jar.jar.load(std::io::BufReader::new(file)));
                loaded.map_err(|error| Fault::io(&error))?;
                Ok(true)
            })
        })
    }
}

/// Writes the cookies into a file, as `domws_cookie_jar_load` reads them, those that end with the session too. It is
/// made if there is none, on Unix for its owner's eyes only, or written anew: beside it, so that one that can't be
/// written leaves what there was. IO where that can't be. False where it fails. Thread: its own. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_save(
    jar: *const CookieJar,
    path: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            with_feature!("cookies", [jar, path], {
                let jar = take(jar)?;
                let saved =
                    crate::replaced_file::write_anew(&path.read_path()?, |file| jar.jar.save(file));
                saved.map_err(|error| Fault::io(&error))?;
                Ok(true)
            })
        })
    }
}

/// Forgets all cookies. NULL: nothing is done. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_cookie_jar_clear(jar: *mut CookieJar) {
    quietly((), || {
        with_feature!("cookies", [jar], {
            // SAFETY: as the header has it.
            unsafe { take(jar) }?.jar.clear();
            Ok(())
        })
    });
}
