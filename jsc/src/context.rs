//! A context of JavaScriptCore's, kept.

use crate::ffi::*;
use crate::lock::Lock;
use crate::object;
use crate::text::Text;
use dom_websocket::host::ScriptError;
use std::ffi::c_void;
use std::ptr::null_mut;

/// A global context: a realm, and its engine as long as there is one of its contexts.
///
/// It is counted: a clone is the same context. It stays on its thread.
#[derive(Debug)]
pub struct Context(JSContextRef);

impl Context {
    /// A new engine with one realm.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new() -> Self {
        // SAFETY: without a group it makes one, without a class an ordinary global object. What comes back is ours.
        Self(unsafe { JSGlobalContextCreateInGroup(null_mut(), null_mut()) })
    }

    /// Another realm of the same engine, whose script can use this one's objects once it has been given some.
    ///
    /// # Panics
    ///
    /// If the engine is [in use](crate::Page::run) below another.
    #[must_use]
    pub fn beside(&self) -> Self {
        let _lock = Lock::of(self.0).expect("the engine is not in use");
        // SAFETY: the group lives as long as this context does. What comes back is ours.
        Self(unsafe { JSGlobalContextCreateInGroup(JSContextGetGroup(self.0), null_mut()) })
    }

    /// A context that the host has by other means: a `JSGlobalContextRef`.
    ///
    /// # Safety
    ///
    /// It is alive. As long as there is a clone of what this returns, or a page in the context, no other thread uses
    /// its group, nor does the group's collector run on another: it was made on this thread.
    pub unsafe fn from_raw(ctx: *mut c_void) -> Self {
        // SAFETY: the caller's word.
        Self(unsafe { JSGlobalContextRetain(ctx.cast()) })
    }

    /// The `JSGlobalContextRef`, for the C API. It lives as long as this does.
    #[must_use]
    pub fn as_raw(&self) -> *mut c_void {
        self.0.cast()
    }

    /// Runs a script where no page is: what has to be there before, such as a polyfill of streams. Its microtasks run
    /// when it is over.
    ///
    /// # Errors
    ///
    /// What it throws, or that the engine is [in use](crate::Page::run) below another.
    pub fn evaluate(&self, name: &str, source: &str) -> Result<(), ScriptError> {
        let in_use = || ScriptError::from_parts("the engine is in use".to_owned(), None);
        let _lock = Lock::of(self.0).ok_or_else(in_use)?;
        let (name, source) = (Text::new(name), Text::new(source));
        let mut exception = null_mut();
        // SAFETY: the context is alive, and the strings are until the call is over.
        unsafe { JSEvaluateScript(self.0, source.0, null_mut(), name.0, 1, &mut exception) };
        if exception.is_null() {
            return Ok(());
        }
        // SAFETY: the context is alive, and the exception is on the stack. A string that can't be made is null.
        let message = unsafe { JSValueToStringCopy(self.0, exception, null_mut()) };
        let message = match message.is_null() {
            true => "an exception that is no string".to_owned(),
            false => String::from_utf16_lossy(Text(message).units()),
        };
        Err(ScriptError::from_parts(message, None))
    }

    pub(crate) fn raw(&self) -> JSContextRef {
        self.0
    }
}

impl Clone for Context {
    fn clone(&self) -> Self {
        // SAFETY: it is alive, and stays on this thread.
        Self(unsafe { JSGlobalContextRetain(self.0) })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: it was retained when this was made.
        unsafe { JSGlobalContextRelease(self.0) };
        object::bury();
    }
}
