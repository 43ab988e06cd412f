//! Closures of Rust's as functions of script's.

use super::convert::{FromWasmAbi, IntoWasmAbi};
use super::{JsCast, JsValue};
use crate::js_sys::{Error, Function};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

/// A closure as a function of script's: `Closure<dyn FnMut(MessageEvent)>` and the like, with up to eight arguments,
/// or one by reference (`dyn FnMut(&Event)`).
///
/// Dropping it invalidates the function: whoever calls that then gets an error, unless [`forget`](Self::forget) gave it
/// away. A `dyn FnMut` that is called while it runs is not called again; that call throws an error instead. A `dyn Fn`
/// is called.
pub struct ScopedClosure<'a, T: ?Sized> {
    function: Function,
    invalidate: Option<Rc<dyn Invalidate>>,
    closure: PhantomData<(Box<T>, &'a ())>,
}

/// A closure that borrows nothing: the only kind that there is natively.
pub type Closure<T> = ScopedClosure<'static, T>;

impl<T: ?Sized + WasmClosure> Closure<T> {
    /// Makes a function of a closure.
    pub fn new<F: IntoWasmClosure<T> + 'static>(t: F) -> Self {
        Self::wrap(Box::new(t))
    }

    /// As [`new`](Self::new).
    pub fn own<F: IntoWasmClosure<T> + 'static>(t: F) -> Self {
        Self::new(t)
    }

    /// Makes a function of a closure in a box.
    pub fn wrap<F: IntoWasmClosure<T> + ?Sized>(data: Box<F>) -> Self {
        Self::of(T::into_function(data.unsize()))
    }

    fn of((function, invalidate): (Function, Rc<dyn Invalidate>)) -> Self {
        Self {
            function,
            invalidate: Some(invalidate),
            closure: PhantomData,
        }
    }

    /// Makes a function of a closure that can be called once: the second call throws an error.
    pub fn once<F, A, R>(fn_once: F) -> Self
    where
        F: WasmClosureFnOnce<T, A, R>,
    {
        Self::of(fn_once.into_function())
    }

    /// [`once`](Self::once), given away.
    pub fn once_into_js<F, A, R>(fn_once: F) -> JsValue
    where
        F: WasmClosureFnOnce<T, A, R>,
    {
        Self::once(fn_once).into_js_value()
    }

    /// Gives the closure to whoever has the function, such as an event target: it goes with the last of them.
    pub fn forget(self) {
        self.into_js_value();
    }

    /// [Gives the closure away](Self::forget), and yields the function.
    pub fn into_js_value(mut self) -> JsValue {
        self.invalidate = None;
        self.function.clone().into()
    }
}

impl<T: ?Sized + WasmClosure> ScopedClosure<'_, T> {
    /// The function.
    pub fn as_js_value(&self) -> &JsValue {
        self.as_ref()
    }
}

impl<T: ?Sized> AsRef<JsValue> for ScopedClosure<'_, T> {
    fn as_ref(&self) -> &JsValue {
        self.function.as_ref()
    }
}

impl<T: ?Sized> From<&ScopedClosure<'_, T>> for JsValue {
    fn from(closure: &ScopedClosure<'_, T>) -> Self {
        closure.function.clone().into()
    }
}

impl<T: ?Sized> fmt::Debug for ScopedClosure<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure { ... }")
    }
}

impl<T: ?Sized> Drop for ScopedClosure<'_, T> {
    fn drop(&mut self) {
        if let Some(closure) = self.invalidate.take() {
            closure.invalidate();
        }
    }
}

/// The kinds of closures.
#[doc(hidden)]
pub trait WasmClosure {
    #[doc(hidden)]
    fn into_function(closure: Box<Self>) -> (Function, Rc<dyn Invalidate>);
}

/// What a kind of closure is made of.
#[doc(hidden)]
pub trait IntoWasmClosure<T: ?Sized> {
    #[doc(hidden)]
    fn unsize(self: Box<Self>) -> Box<T>;
}

impl<T: ?Sized + WasmClosure> IntoWasmClosure<T> for T {
    fn unsize(self: Box<Self>) -> Box<T> {
        self
    }
}

/// A closure that can be called once.
#[doc(hidden)]
pub trait WasmClosureFnOnce<T: ?Sized, A, R>: 'static {
    #[doc(hidden)]
    fn into_function(self) -> (Function, Rc<dyn Invalidate>);
}

/// A closure that can be told to be called no more.
#[doc(hidden)]
pub trait Invalidate {
    #[doc(hidden)]
    fn invalidate(&self);
}

/// A `FnMut`, which is away while it runs.
struct Exclusive<T: ?Sized> {
    closure: RefCell<Option<Box<T>>>,
    is_invalid: Cell<bool>,
}

impl<T: ?Sized> Exclusive<T> {
    fn new(closure: Box<T>) -> Self {
        Self {
            closure: RefCell::new(Some(closure)),
            is_invalid: Cell::new(false),
        }
    }

    fn call<R: IntoWasmAbi>(&self, call: impl FnOnce(&mut T) -> R) -> Result<JsValue, JsValue> {
        let mut closure = self.closure.take().ok_or_else(not_callable)?;
        let result = call(&mut closure);
        // It may have been invalidated by what it did.
        if !self.is_invalid.get() {
            self.closure.replace(Some(closure));
        }
        result.into_js()
    }
}

impl<T: ?Sized> Invalidate for Exclusive<T> {
    fn invalidate(&self) {
        self.is_invalid.set(true);
        let closure = self.closure.take();
        drop(closure);
    }
}

/// A `Fn`, which can be called while it runs.
struct Shared<T: ?Sized> {
    closure: RefCell<Option<Rc<T>>>,
}

impl<T: ?Sized> Shared<T> {
    fn new(closure: Box<T>) -> Self {
        Self {
            closure: RefCell::new(Some(Rc::from(closure))),
        }
    }

    fn call<R: IntoWasmAbi>(&self, call: impl FnOnce(&T) -> R) -> Result<JsValue, JsValue> {
        let closure = self.closure.borrow().clone().ok_or_else(not_callable)?;
        call(&closure).into_js()
    }
}

impl<T: ?Sized> Invalidate for Shared<T> {
    fn invalidate(&self) {
        let closure = self.closure.take();
        drop(closure);
    }
}

/// A `FnOnce`.
struct Once<F> {
    closure: RefCell<Option<F>>,
    is_invalid: Cell<bool>,
}

impl<F> Once<F> {
    fn new(closure: F) -> Self {
        Self {
            closure: RefCell::new(Some(closure)),
            is_invalid: Cell::new(false),
        }
    }

    fn call<R: IntoWasmAbi>(&self, call: impl FnOnce(F) -> R) -> Result<JsValue, JsValue> {
        let closure = self
            .closure
            .take()
            .ok_or_else(|| match self.is_invalid.get() {
                true => not_callable(),
                false => Error::new("FnOnce called more than once").into(),
            })?;
        call(closure).into_js()
    }
}

impl<F> Invalidate for Once<F> {
    fn invalidate(&self) {
        self.is_invalid.set(true);
        let closure = self.closure.take();
        drop(closure);
    }
}

fn not_callable() -> JsValue {
    Error::new("closure invoked recursively or after being dropped").into()
}

/// A function that calls what it has in common with its closure.
fn function_of<C: Invalidate + 'static>(
    closure: C,
    call: impl Fn(&C, &[JsValue]) -> Result<JsValue, JsValue> + 'static,
) -> (Function, Rc<dyn Invalidate>) {
    let closure = Rc::new(closure);
    let callee = closure.clone();
    let function = Function::native(move |arguments| call(&callee, arguments));
    (function, closure)
}

macro_rules! closures {
    (@function $closure:ident, $($argument:ident)*) => {
        function_of($closure, |closure, arguments| {
            let mut _arguments = arguments.iter().cloned();
            closure.call(|closure| {
                closure($($argument::from_js(_arguments.next().unwrap_or_default())),*)
            })
        })
    };
    ($($argument:ident)*) => {
        impl<$($argument,)* R> WasmClosure for dyn FnMut($($argument),*) -> R
        where
            $($argument: FromWasmAbi + 'static,)*
            R: IntoWasmAbi + 'static,
        {
            fn into_function(closure: Box<Self>) -> (Function, Rc<dyn Invalidate>) {
                let closure = Exclusive::new(closure);
                closures!(@function closure, $($argument)*)
            }
        }

        impl<$($argument,)* R> WasmClosure for dyn Fn($($argument),*) -> R
        where
            $($argument: FromWasmAbi + 'static,)*
            R: IntoWasmAbi + 'static,
        {
            fn into_function(closure: Box<Self>) -> (Function, Rc<dyn Invalidate>) {
                let closure = Shared::new(closure);
                closures!(@function closure, $($argument)*)
            }
        }

        impl<F, $($argument,)* R> IntoWasmClosure<dyn FnMut($($argument),*) -> R> for F
        where
            F: FnMut($($argument),*) -> R + 'static,
        {
            fn unsize(self: Box<Self>) -> Box<dyn FnMut($($argument),*) -> R> {
                self
            }
        }

        impl<F, $($argument,)* R> IntoWasmClosure<dyn Fn($($argument),*) -> R> for F
        where
            F: Fn($($argument),*) -> R + 'static,
        {
            fn unsize(self: Box<Self>) -> Box<dyn Fn($($argument),*) -> R> {
                self
            }
        }

        #[allow(coherence_leak_check)]
        impl<F, $($argument,)* R> WasmClosureFnOnce<dyn FnMut($($argument),*) -> R, ($($argument,)*), R> for F
        where
            F: FnOnce($($argument),*) -> R + 'static,
            $($argument: FromWasmAbi + 'static,)*
            R: IntoWasmAbi + 'static,
        {
            fn into_function(self) -> (Function, Rc<dyn Invalidate>) {
                let closure = Once::new(self);
                closures!(@function closure, $($argument)*)
            }
        }
    };
}

closures!();
closures!(A);
closures!(A B);
closures!(A B C);
closures!(A B C D);
closures!(A B C D E);
closures!(A B C D E G);
closures!(A B C D E G H);
closures!(A B C D E G H I);

/// A closure that takes its one argument by reference, such as `dyn FnMut(&Event)`. That it is another type than one that takes an
/// argument is what the compiler warns of, here as in `wasm_bindgen`.
macro_rules! borrowing_closures {
    (@function $closure:ident) => {
        function_of($closure, |closure, arguments| {
            let argument = A::from_js(arguments.first().cloned().unwrap_or_default());
            closure.call(|closure| closure(&argument))
        })
    };
    ($($kind:ident $holder:expr;)*) => {$(
        #[allow(coherence_leak_check)]
        impl<A: JsCast + 'static, R: IntoWasmAbi + 'static> WasmClosure for dyn $kind(&A) -> R {
            fn into_function(closure: Box<Self>) -> (Function, Rc<dyn Invalidate>) {
                let closure = $holder(closure);
                borrowing_closures!(@function closure)
            }
        }

        #[allow(coherence_leak_check)]
        impl<F, A, R> IntoWasmClosure<dyn $kind(&A) -> R> for F
        where
            F: $kind(&A) -> R + 'static,
        {
            fn unsize(self: Box<Self>) -> Box<dyn $kind(&A) -> R> {
                self
            }
        }
    )*};
}

borrowing_closures! {
    FnMut Exclusive::new;
    Fn Shared::new;
}

#[allow(coherence_leak_check)]
impl<F, A, R> WasmClosureFnOnce<dyn FnMut(&A) -> R, (&A,), R> for F
where
    F: FnOnce(&A) -> R + 'static,
    A: JsCast + 'static,
    R: IntoWasmAbi + 'static,
{
    fn into_function(self) -> (Function, Rc<dyn Invalidate>) {
        let closure = Once::new(self);
        borrowing_closures!(@function closure)
    }
}
