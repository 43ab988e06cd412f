//! Functions of Rust's, as script calls them.

use crate::ffi::*;
use crate::lock::{Callback, Lock};
use crate::object::{self, Data};
use crate::scope::{Registry, Scope};
use crate::value::Value;
use dom_websocket::host::{Call, Engine, ErrorKind, Native};
use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null_mut;
use std::rc::Rc;

/// A function of the host's own.
pub(crate) type Closure =
    dyn for<'js> Fn(&mut Scope<'js>, &[Value<'js>]) -> Result<Value<'js>, Value<'js>>;

/// What a function calls.
#[derive(Clone)]
pub(crate) enum Body {
    /// The bindings.
    Native(Native),
    Closure(Rc<Closure>),
}

/// The data of a function.
pub(crate) struct HostFunction {
    pub(crate) body: Body,
    pub(crate) is_constructor: bool,
    /// The function's own realm, whoever calls. It keeps both alive: the context by being of it, the registry by a
    /// private field.
    pub(crate) ctx: JSContextRef,
    pub(crate) registry: Registry,
}

thread_local! {
    /// What a function has panicked with, on its way through frames that are not Rust's.
    static PANIC: Cell<Option<Box<dyn Any + Send>>> = const { Cell::new(None) };
}

/// `[[Call]]`. A constructor is called by the traps of its proxy, which hand on `new.target` as `this`.
pub(crate) unsafe extern "C" fn call(
    _: JSContextRef,
    function: JSObjectRef,
    this: JSObjectRef,
    count: usize,
    arguments: *const JSValueRef,
    exception: *mut JSValueRef,
) -> JSValueRef {
    // SAFETY: the function is one of `object::make`, and is on the stack while it is called.
    let Data::Function(function) = (unsafe { object::data(function) }) else {
        return null_mut();
    };
    let ctx = function.ctx;
    let _callback = Callback::of(ctx);
    // The bindings ask much, and each question would take the lock anew; a host's function may be about another engine.
    let _lock = match function.body {
        Body::Native(_) => Lock::of(ctx),
        Body::Closure(_) => None,
    };
    // SAFETY: the function keeps its context and its registry alive.
    let mut scope = unsafe { Scope::new(ctx, function.registry) };
    let scope = &mut scope;
    // SAFETY: there are so many arguments, of the context's group; so is `this`.
    let (this, arguments) = unsafe {
        let arguments = (0..count).map(|i| Value::new(ctx, *arguments.add(i)));
        (Value::new(ctx, this), arguments.collect::<Vec<_>>())
    };
    let result = catch_unwind(AssertUnwindSafe(|| match function.body.clone() {
        Body::Closure(closure) => closure(scope, &arguments),
        Body::Native(native) => {
            // SAFETY: `this` is an object, of a live context.
            let is_new = function.is_constructor && unsafe { JSObjectIsConstructor(ctx, this.raw) };
            let new_target = is_new.then(|| this.clone());
            let call = Call {
                this,
                arguments,
                new_target,
            };
            native.call(scope, &call)
        }
    }));
    let result = result.unwrap_or_else(|panic| {
        PANIC.set(Some(panic));
        Err(scope
            .new_error(ErrorKind::Error, "a function of the host's panicked")
            .unwrap_or_else(|exception| exception))
    });
    match result {
        Ok(value) => value.raw,
        Err(value) => {
            // SAFETY: it is where the engine wants it.
            unsafe { *exception = value.raw };
            null_mut()
        }
    }
}

/// `[[Construct]]`, which is there only to be seen: the proxy's trap calls.
pub(crate) unsafe extern "C" fn construct(
    _: JSContextRef,
    function: JSObjectRef,
    _: usize,
    _: *const JSValueRef,
    _: *mut JSValueRef,
) -> JSObjectRef {
    function
}

/// Goes on with a panic that was caught below the engine's frames.
pub(crate) fn resume_panic() {
    if let Some(panic) = PANIC.take() {
        resume_unwind(panic);
    }
}
