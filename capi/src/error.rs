//! What went wrong, as C is told.

use dom_websocket::{DomException, DomExceptionKind};
use std::any::Any;
use std::borrow::Cow;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What went wrong. The first ones are the DOMException's that a script would see.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Nothing.
    None = 0,
    /// "NotSupportedError": anything but text was to be sent, in the html5 edition.
    NotSupported = 1,
    /// "InvalidStateError": the socket is still connecting, or the document has been unloaded.
    InvalidState = 2,
    /// "SyntaxError": an address, an origin, a subprotocol, a reason or a text is not as it must be.
    Syntax = 3,
    /// "InvalidAccessError": a close code that script must not send.
    InvalidAccess = 4,
    /// "SecurityError": the URL's port is blocked, in the html5 edition.
    Security = 5,
    /// An argument that must not be NULL is, or one is out of its range.
    InvalidArgument = 6,
    /// The handle belongs to another thread. Nothing was done.
    WrongThread = 7,
    /// The loop is gone, or the event is not under way any more.
    Gone = 8,
    /// There is no room in the queue yet: a `drain` event follows.
    WouldBlock = 9,
    /// The connection is closing or closed.
    Closed = 10,
    /// The message is longer than the queue may be.
    TooLong = 11,
    /// The library was built without this, or the system doesn't have it.
    Unsupported = 12,
    /// A system call failed.
    Io = 13,
    /// A defect of the library was met, and told on standard error. What was called may be half done.
    Panic = 14,
}

type Message = [c_char; 252];

/// An error, in memory of the caller's. It need not be initialized, and has nothing to be released.
#[repr(C)]
pub struct Error {
    /// NONE where nothing went wrong.
    pub kind: ErrorKind,
    /// For a person to read: UTF-8, terminated, cut where it is too long; empty where nothing went wrong.
    pub message: [c_char; 252],
}

/// The name of an error: a DOMException's own, such as "SyntaxError", or one made in its manner. Thread: any. It
/// stays for ever.
#[unsafe(no_mangle)]
pub extern "C" fn domws_error_name(kind: crate::ErrorKindArgument) -> *const c_char {
    find(kind).map_or(c"UnknownError", ErrorKind::name).as_ptr()
}

/// The legacy code of a DOMException, such as 12 for "SyntaxError"; 0 for any other error. Thread: any.
#[unsafe(no_mangle)]
pub extern "C" fn domws_error_code(kind: crate::ErrorKindArgument) -> u16 {
    match find(kind) {
        Some(ErrorKind::NotSupported) => DomException::NOT_SUPPORTED_ERR,
        Some(ErrorKind::InvalidState) => DomException::INVALID_STATE_ERR,
        Some(ErrorKind::Syntax) => DomException::SYNTAX_ERR,
        Some(ErrorKind::InvalidAccess) => DomException::INVALID_ACCESS_ERR,
        Some(ErrorKind::Security) => DomException::SECURITY_ERR,
        _ => 0,
    }
}

const KINDS: [ErrorKind; 15] = [
    ErrorKind::None,
    ErrorKind::NotSupported,
    ErrorKind::InvalidState,
    ErrorKind::Syntax,
    ErrorKind::InvalidAccess,
    ErrorKind::Security,
    ErrorKind::InvalidArgument,
    ErrorKind::WrongThread,
    ErrorKind::Gone,
    ErrorKind::WouldBlock,
    ErrorKind::Closed,
    ErrorKind::TooLong,
    ErrorKind::Unsupported,
    ErrorKind::Io,
    ErrorKind::Panic,
];

fn find(kind: u32) -> Option<ErrorKind> {
    KINDS.into_iter().find(|known| *known as u32 == kind)
}

impl ErrorKind {
    fn name(self) -> &'static CStr {
        match self {
            Self::None => c"",
            Self::NotSupported => c"NotSupportedError",
            Self::InvalidState => c"InvalidStateError",
            Self::Syntax => c"SyntaxError",
            Self::InvalidAccess => c"InvalidAccessError",
            Self::Security => c"SecurityError",
            Self::InvalidArgument => c"InvalidArgumentError",
            Self::WrongThread => c"WrongThreadError",
            Self::Gone => c"GoneError",
            Self::WouldBlock => c"WouldBlockError",
            Self::Closed => c"ClosedError",
            Self::TooLong => c"TooLongError",
            Self::Unsupported => c"UnsupportedError",
            Self::Io => c"SystemError",
            Self::Panic => c"InternalError",
        }
    }
}

/// Why a function did not do what it was called for.
pub(crate) struct Fault {
    kind: ErrorKind,
    message: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    pub(crate) fn null(what: &str) -> Self {
        Self::argument(format!("{what} is NULL"))
    }

    pub(crate) fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn unsupported(message: &'static str) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    pub(crate) fn io(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::Unsupported => Self::new(ErrorKind::Unsupported, error.to_string()),
            _ => Self::new(ErrorKind::Io, error.to_string()),
        }
    }

    fn of_panic(payload: &(dyn Any + Send)) -> Self {
        let message = match payload.downcast_ref::<&str>() {
            Some(message) => (*message).to_owned(),
            None => match payload.downcast_ref::<String>() {
                Some(message) => message.clone(),
                None => "a panic without a message".to_owned(),
            },
        };
        Self::new(ErrorKind::Panic, message)
    }
}

impl From<DomException> for Fault {
    fn from(exception: DomException) -> Self {
        let kind = match exception.kind() {
            DomExceptionKind::NotSupported => ErrorKind::NotSupported,
            DomExceptionKind::InvalidState => ErrorKind::InvalidState,
            DomExceptionKind::Syntax => ErrorKind::Syntax,
            DomExceptionKind::InvalidAccess => ErrorKind::InvalidAccess,
            DomExceptionKind::Security => ErrorKind::Security,
            _ => ErrorKind::InvalidState,
        };
        Self::new(kind, exception.message().to_owned())
    }
}

/// Tells C of a result, if it wants to know.
///
/// # Safety
///
/// `error` is NULL, or there is room for an [`Error`].
unsafe fn tell(error: *mut Error, kind: ErrorKind, message: &str) {
    if error.is_null() {
        return;
    }
    let mut end = message.len().min(size_of::<Message>() - 1);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    // SAFETY: there is room, which need not be initialized: nothing is read, and no reference is made. The message is
    // shorter than its field.
    unsafe {
        (&raw mut (*error).kind).write(kind);
        let text = (&raw mut (*error).message).cast::<u8>();
        text.copy_from_nonoverlapping(message.as_ptr(), end);
        text.add(end).write(0);
    }
}

/// Runs a function of C's: what it panics about and what it fails with goes to `error`, and then it returns
/// `otherwise`.
///
/// # Safety
///
/// `error` is NULL, or there is room for an [`Error`].
pub(crate) unsafe fn guard<T>(
    error: *mut Error,
    otherwise: T,
    function: impl FnOnce() -> Result<T, Fault>,
) -> T {
    let (kind, message, value) = match catch_unwind(AssertUnwindSafe(function)) {
        Ok(Ok(value)) => (ErrorKind::None, Cow::Borrowed(""), value),
        Ok(Err(fault)) => (fault.kind, fault.message, otherwise),
        Err(panic) => {
            let fault = Fault::of_panic(&*panic);
            (fault.kind, fault.message, otherwise)
        }
    };
    // SAFETY: as the caller promises.
    unsafe { tell(error, kind, &message) };
    value
}

/// [`guard`] for functions without an `error`.
pub(crate) fn quietly<T>(otherwise: T, function: impl FnOnce() -> Result<T, Fault>) -> T {
    // SAFETY: NULL is allowed.
    unsafe { guard(std::ptr::null_mut(), otherwise, function) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::MaybeUninit;

    fn told(function: impl FnOnce() -> Result<u8, Fault>) -> (u8, ErrorKind, String) {
        let mut error = MaybeUninit::uninit();
        // SAFETY: there is room, and it is written.
        unsafe {
            let value = guard(error.as_mut_ptr(), 7, function);
            let error: Error = error.assume_init();
            let message = CStr::from_ptr(error.message.as_ptr());
            (value, error.kind, message.to_str().unwrap().to_owned())
        }
    }

    #[test]
    fn what_a_function_comes_to() {
        assert_eq!(told(|| Ok(1)), (1, ErrorKind::None, String::new()));
        let failed = told(|| Err(Fault::null("the loop")));
        let message = "the loop is NULL".to_owned();
        assert_eq!(failed, (7, ErrorKind::InvalidArgument, message));
    }

    #[test]
    fn a_panic_is_an_error() {
        let panicked = told(|| panic!("this is {}", "a test"));
        assert_eq!(panicked, (7, ErrorKind::Panic, "this is a test".to_owned()));
        let panicked = told(|| std::panic::panic_any(1));
        assert_eq!(panicked.1, ErrorKind::Panic);
        assert_eq!(quietly(7, || panic!("another")), 7);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let (_, _, message) = told(|| Err(Fault::argument("\u{20ac}".repeat(100))));
        assert_eq!(message, "\u{20ac}".repeat(83));
        let (_, _, message) = told(|| Err(Fault::argument("x".repeat(251))));
        assert_eq!(message.len(), 251);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = KINDS.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), KINDS.len());
    }
}
