//! Functions of Rust's, as script calls them.

use crate::ffi::*;
use crate::lock::{Callback, Lock};
use crate::panic;
use crate::scope::{Registry, Scope};
use crate::value::Value;
use dom_websocket::host::{Call, Engine, ErrorKind, Native};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// What a function of Rust's is to the engine.
#[derive(Clone)]
pub(crate) struct HostFunction {
    pub(crate) body: Body,
    pub(crate) is_constructor: bool,
    /// The function's own realm, whoever calls. It keeps both alive: the context by being of it, the registry by a
    /// private field.
    pub(crate) ctx: JSContextRef,
    pub(crate) registry: Registry,
}

thread_local! {
    /// The functions by their objects, which have no data. One whose object is gone is there until its [`Registered`] is
    /// dropped, or until another function is where it was.
    static FUNCTIONS: RefCell<HashMap<JSObjectRef, (u64, HostFunction)>> = RefCell::default();
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// The data that goes when a function's object does, by which the function goes.
pub(crate) struct Registered {
    object: JSObjectRef,
    /// Not the object alone: it may be another function's by then.
    number: u64,
}

impl Registered {
    pub(crate) fn new(object: JSObjectRef, function: HostFunction) -> Self {
        let number = LAST.get() + 1;
        LAST.set(number);
        let before = FUNCTIONS.with_borrow_mut(|all| all.insert(object, (number, function)));
        // It may have had who knows what: the borrow has ended.
        drop(before);
        Self { object, number }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let gone = FUNCTIONS.try_with(|all| {
            let mut all = all.borrow_mut();
            match all.get(&self.object) {
                Some((number, _)) if *number == self.number => all.remove(&self.object),
                _ => None,
            }
        });
        drop(gone);
    }
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
    // An object that is called is not gone.
    let known = FUNCTIONS.try_with(|all| Some(all.borrow().get(&function)?.1.clone()));
    let Ok(Some(function)) = known else {
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
    let result = catch_unwind(AssertUnwindSafe(|| match function.body {
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
        panic::hold(panic);
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
