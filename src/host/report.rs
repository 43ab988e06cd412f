//! HTML "report an exception", of script's.

use super::engine::{Engine, Type};
use super::realm::{RealmSlot, realm, realm_slot, set_realm_slot};
use crate::event_loop::Exception;
use std::error::Error;
use std::fmt;

/// An exception of a script, as the loop's [`Host`](crate::Host) hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    message: String,
    stack: Option<String>,
}

impl ScriptError {
    /// What was thrown, as text: `TypeError: it is not a function`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it was thrown, for an error object that knows.
    #[must_use]
    pub fn stack(&self) -> Option<&str> {
        self.stack.as_deref()
    }

    /// An exception that was described already, where there is no [`Engine`] to describe it: its
    /// message and, where known, the stack.
    #[must_use]
    pub fn from_parts(message: String, stack: Option<String>) -> Self {
        Self { message, stack }
    }

    /// Describes an exception.
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
pub fn set_reporter<E: Engine>(cx: &mut E, function: E::Value) {
    set_realm_slot(cx, RealmSlot::Reporter, function);
}
