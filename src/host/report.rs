//! HTML "report an exception", of script's.

use super::engine::Engine;
use super::language::Type;
use super::realm::{RealmSlot, realm, realm_slot, set_realm_slot};
use crate::event_loop::Exception;
use std::error::Error;
use std::fmt;

/// An exception of a script, as the loop's [`Host`](crate::Host) hears of it.
///
/// ```
/// use dom_websocket::host::ScriptError;
///
/// let error = ScriptError::from_parts("TypeError: it is not a function".into(), None);
/// assert_eq!(error.message(), "TypeError: it is not a function");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    message: String,
    stack: Option<String>,
}

impl ScriptError {
    /// What was thrown, as text: `TypeError: it is not a function`.
    ///
    /// ```
    /// use dom_websocket::host::ScriptError;
    ///
    /// assert_eq!(ScriptError::from_parts("x".into(), None).message(), "x");
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it was thrown, for an error object that knows.
    ///
    /// ```
    /// use dom_websocket::host::ScriptError;
    ///
    /// let error = ScriptError::from_parts("x".into(), Some("at f (script.js:1)".into()));
    /// assert_eq!(error.stack(), Some("at f (script.js:1)"));
    /// ```
    #[must_use]
    pub fn stack(&self) -> Option<&str> {
        self.stack.as_deref()
    }

    /// An exception that was described already, where there is no [`Engine`] to describe it: its
    /// message and, where known, the stack.
    ///
    /// ```
    /// use dom_websocket::host::ScriptError;
    ///
    /// assert_eq!(ScriptError::from_parts("x".into(), None).stack(), None);
    /// ```
    #[must_use]
    pub fn from_parts(message: String, stack: Option<String>) -> Self {
        Self { message, stack }
    }

    /// Describes an exception.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let error = cx.new_error(ErrorKind::Type, "it is not a function")?;
    /// let thrown = cx.throw(error);
    /// assert_eq!(ScriptError::new(cx, thrown).message(), "TypeError: it is not a function");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<E: Engine>(cx: &mut E, exception: E::Exception) -> Self {
        let (message, stack) = cx.describe(exception);
        Self { message, stack }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.stack {
            Some(stack) if !stack.is_empty() => write!(f, "\n{}", stack.trim_end()),
            _ => Ok(()),
        }
    }
}

impl Error for ScriptError {}

/// HTML "report an exception", of the realm's script: to the function that [`set_reporter`] has set, or to
/// the loop's [`Host`](crate::Host) as a [`ScriptError`].
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, Exception, Host, host::*}; use std::{cell::RefCell, rc::Rc};
/// struct Console(Rc<RefCell<Vec<String>>>);
///
/// impl Host for Console {
///     fn report_exception(&self, exception: Exception) {
///         self.0.borrow_mut().push(exception.to_string());
///     }
/// }
///
/// let heard = Rc::new(RefCell::new(Vec::new()));
/// let event_loop = EventLoop::with_host(Console(heard.clone()));
/// # let cx = &mut engine::Scope::new(Options::new(&event_loop).realm()?);
/// let error = cx.new_error(ErrorKind::Range, "too far")?;
/// let thrown = cx.throw(error);
/// report(cx, thrown);
/// assert_eq!(*heard.borrow(), ["RangeError: too far"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn report<E: Engine>(cx: &mut E, exception: E::Exception) {
    if let Some(error) = report_to_script(cx, exception) {
        realm(cx).shared().report(Exception::Error(Box::new(error)));
    }
}

/// Has the realm's reporter report an exception. What comes back is for the loop's host to hear of:
/// there is no reporter, or it threw, too.
pub(super) fn report_to_script<E: Engine>(
    cx: &mut E,
    exception: E::Exception,
) -> Option<ScriptError> {
    let reporter = realm_slot(cx, RealmSlot::Reporter);
    if cx.type_of(&reporter) == Type::Undefined {
        return Some(ScriptError::new(cx, exception));
    }
    let undefined = cx.undefined();
    let reported = match cx.catch(exception) {
        Ok(value) => cx.call(&reporter, &undefined, &[value]),
        Err(exception) => Err(exception),
    };
    reported
        .err()
        .map(|exception| ScriptError::new(cx, exception))
}

/// Has a function of the realm hear of its exceptions, with what was thrown, in place of the loop's
/// [`Host`](crate::Host). What the function itself throws goes to the `Host`.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// let reporter = cx.function(|cx, call| {
///     // The value itself, not a text.
///     assert_eq!(cx.to_number(&call.arguments[0])?, 1.0);
///     Ok(cx.undefined())
/// });
/// set_reporter(cx, reporter);
/// let value = cx.number(1.0);
/// let thrown = cx.throw(value);
/// report(cx, thrown);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn set_reporter<E: Engine>(cx: &mut E, function: E::Value) {
    set_realm_slot(cx, RealmSlot::Reporter, function);
}
