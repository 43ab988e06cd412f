//! Calls from script into the bindings.

use super::engine::{Engine, ErrorKind};
use super::realm::Realm;
use super::{
    abort_controller, abort_signal, blob, close_event, dom_exception, error_event, event,
    event_target, message_event, web_socket,
};
use std::rc::Rc;

/// How a call of a binding ends.
pub(super) type Completion<E> = Result<<E as Engine>::Value, <E as Engine>::Exception>;

/// A call from script.
pub struct Call<E: Engine> {
    /// `this`.
    pub this: E::Value,
    /// The arguments.
    pub arguments: Vec<E::Value>,
    /// `new.target`, of a call with `new`.
    pub new_target: Option<E::Value>,
}

impl<E: Engine> Call<E> {
    /// An argument; undefined, if there are fewer.
    pub(super) fn argument(&self, cx: &mut E, index: usize) -> E::Value {
        match self.arguments.get(index) {
            Some(value) => value.clone(),
            None => cx.undefined(),
        }
    }

    /// WebIDL "overload resolution algorithm", step 4: a TypeError if there are too few arguments.
    pub(super) fn require(&self, cx: &mut E, count: usize) -> Result<(), E::Exception> {
        let given = self.arguments.len();
        if given < count {
            return Err(type_error(
                cx,
                &format!("{count} argument(s) required, but only {given} present"),
            ));
        }
        Ok(())
    }
}

/// A TypeError to throw.
pub(super) fn type_error<E: Engine>(cx: &mut E, message: &str) -> E::Exception {
    match cx.new_error(ErrorKind::Type, message) {
        Ok(error) => cx.throw(error),
        Err(exception) => exception,
    }
}

/// The realm's data.
pub(super) fn realm<E: Engine>(cx: &mut E) -> Rc<Realm> {
    let registry = cx.registry();
    cx.payload(&registry)
        .and_then(|payload| payload.downcast().ok())
        .expect("the registry's payload is the realm")
}

/// `this` as an object with this payload: the brand check.
pub(super) fn this<E: Engine, T: 'static>(
    cx: &mut E,
    call: &Call<E>,
    is_meant: impl FnOnce(&T) -> bool,
) -> Result<Rc<T>, E::Exception> {
    let payload = cx
        .payload(&call.this)
        .and_then(|payload| payload.downcast::<T>().ok());
    match payload {
        Some(payload) if is_meant(&payload) => Ok(payload),
        _ => Err(type_error(cx, "Illegal invocation")),
    }
}

/// How deep calls into the bindings may be nested. An engine counts its own frames; those of the
/// bindings in between, which it doesn't see, must not exhaust the stack.
const MAX_DEPTH: usize = 64;

/// A function of the bindings. It is plain data, for an engine to keep beside the function object
/// that it makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Native(pub(super) Function);

macro_rules! functions {
    ($($variant:ident => $module:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Function {
            $($variant($module::Native),)*
        }

        impl Native {
            fn dispatch<E: Engine>(self, cx: &mut E, call: &Call<E>) -> Completion<E> {
                match self.0 {
                    $(Function::$variant(native) => native.call(cx, call),)*
                }
            }
        }
    };
}

functions! {
    AbortController => abort_controller,
    AbortSignal => abort_signal,
    Blob => blob,
    CloseEvent => close_event,
    DomException => dom_exception,
    ErrorEvent => error_event,
    Event => event,
    EventTarget => event_target,
    MessageEvent => message_event,
    WebSocket => web_socket,
}

impl Native {
    /// Runs the function, for a call from script.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn call<E: Engine>(self, cx: &mut E, call: &Call<E>) -> Result<E::Value, E::Exception> {
        let realm = realm(cx);
        // Script is on the stack: what it dispatches runs no microtasks.
        let _script = realm.shared().enter_script();
        if realm.shared().script_depth() > MAX_DEPTH {
            let error = cx.new_error(ErrorKind::Range, "too much recursion")?;
            return Err(cx.throw(error));
        }
        self.dispatch(cx, call)
    }
}

/// Numbers a file's functions, for engines to keep.
macro_rules! natives {
    ($interface:ident: $($variant:ident => $function:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Native {
            $($variant,)*
        }

        impl Native {
            pub(super) fn call<E: Engine>(
                self,
                cx: &mut E,
                call: &$crate::host::native::Call<E>,
            ) -> $crate::host::native::Completion<E> {
                match self {
                    $(Self::$variant => $function(cx, call),)*
                }
            }

            const fn id(self) -> $crate::host::native::Native {
                $crate::host::native::Native($crate::host::native::Function::$interface(self))
            }
        }
    };
}

pub(super) use natives;
