//! Calls from script into the bindings.

use super::engine::Engine;
use super::language::{ErrorKind, Type};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// How a call of a binding ends.
pub(super) type Completion<E> = Result<<E as Engine>::Value, <E as Engine>::Exception>;

/// A call from script.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// // `this` and the arguments of a call; `new.target` of one with `new`, which has no `this` yet.
/// let function = cx.function(|cx, call| {
///     assert!(call.new_target.is_none());
///     Ok(cx.number(call.arguments.len() as f64))
/// });
/// let (this, null) = (cx.global(), cx.null());
/// let count = cx.call(&function, &this, &[null.clone(), null])?;
/// assert_eq!(cx.to_number(&count)?, 2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Call<E: Engine> {
    /// `this`.
    pub this: E::Value,
    /// The arguments.
    pub arguments: Vec<E::Value>,
    /// `new.target`, of a call with `new`.
    pub new_target: Option<E::Value>,
}

impl<E: Engine> fmt::Debug for Call<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("arguments", &self.arguments.len())
            .field("is_new", &self.new_target.is_some())
            .finish_non_exhaustive()
    }
}

impl<E: Engine> Call<E> {
    /// An argument; undefined, if there are fewer.
    pub(super) fn argument(&self, cx: &mut E, index: usize) -> E::Value {
        match self.arguments.get(index) {
            Some(value) => value.clone(),
            None => cx.undefined(),
        }
    }

    /// An optional argument, if it is not undefined.
    pub(super) fn optional(&self, cx: &mut E, index: usize) -> Option<E::Value> {
        let value = self.arguments.get(index)?;
        (cx.type_of(value) != Type::Undefined).then(|| value.clone())
    }

    /// WebIDL "overload resolution algorithm", step 4: a TypeError if there are too few arguments.
    #[inline]
    pub(super) fn require(&self, cx: &mut E, count: u8) -> Result<(), E::Exception> {
        match self.arguments.len() {
            given if given < usize::from(count) => Err(type_error(
                cx,
                &format!("{count} argument(s) required, but only {given} present"),
            )),
            _ => Ok(()),
        }
    }

    /// The host-defined value of `this`, which has to be of this type.
    #[inline]
    pub(super) fn host_defined<P: 'static>(&self, cx: &mut E) -> Result<Rc<P>, E::Exception> {
        let host_defined = cx.host_defined(&self.this);
        host_defined
            .and_then(|host_defined| host_defined.downcast().ok())
            .ok_or_else(|| type_error(cx, "Illegal invocation"))
    }
}

/// `this` of a call, which implements the interface: what implements it is a part of the object's
/// host-defined value, or all of it.
pub(super) struct This<'a, E: Engine, P, T> {
    pub(super) call: &'a Call<E>,
    pub(super) host_defined: &'a Rc<P>,
    pub(super) implementation: &'a T,
}

impl<'a, E: Engine, P, T> This<'a, E, P, T> {
    pub(super) fn object(&self) -> &'a E::Value {
        &self.call.this
    }

    /// What an attribute is set to, or an operation's first argument.
    pub(super) fn value(&self, cx: &mut E) -> E::Value {
        self.call.argument(cx, 0)
    }
}

impl<E: Engine, P, T> Deref for This<'_, E, P, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.implementation
    }
}

/// A TypeError to throw.
#[cold]
pub(super) fn type_error<E: Engine>(cx: &mut E, message: &str) -> E::Exception {
    match cx.new_error(ErrorKind::Type, message) {
        Ok(error) => cx.throw(error),
        Err(exception) => exception,
    }
}
