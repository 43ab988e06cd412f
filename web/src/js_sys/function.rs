//! `Function`.

use super::{Array, Object, TypeError};
use crate::event_loop::script;
use crate::wasm_bindgen::closure::{Closure, ScopedClosure, WasmClosure};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;

class! {
    /// What can be called: a [`Closure`](crate::wasm_bindgen::closure::Closure), or a function of the library's own.
    Function: Object;
    |value| value.host::<FunctionHost>().is_some()
}

struct FunctionHost {
    call: Box<Callable>,
    construct: Option<Box<Callable>>,
}

type Callable = dyn Fn(&[JsValue]) -> Result<JsValue, JsValue>;

impl Host for FunctionHost {
    fn class(&self) -> &'static str {
        "Function"
    }

    fn text(&self) -> Option<String> {
        Some("function () { [native code] }".into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Function {
    pub(crate) fn native(call: impl Fn(&[JsValue]) -> Result<JsValue, JsValue> + 'static) -> Self {
        JsValue::of(FunctionHost {
            call: Box::new(call),
            construct: None,
        })
        .unchecked_into()
    }

    /// The constructor of a class: an error, if it is called without `new`.
    pub(crate) fn class(
        name: &'static str,
        construct: impl Fn(&[JsValue]) -> Result<JsValue, JsValue> + 'static,
    ) -> Self {
        let call = move |_: &[JsValue]| {
            Err(TypeError::new(&format!("{name} is to be called with `new`")).into())
        };
        JsValue::of(FunctionHost {
            call: Box::new(call),
            construct: Some(Box::new(construct)),
        })
        .unchecked_into()
    }

    /// `new this(…arguments)`.
    pub(super) fn construct(&self, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
        let host = self.host::<FunctionHost>();
        match host.and_then(|host| host.construct.as_ref()) {
            Some(construct) => script(|| construct(arguments)),
            None => Err(TypeError::new("this is not a constructor").into()),
        }
    }

    /// The function of a closure, which goes with the last of those who have it.
    pub fn from_closure<C: WasmClosure + ?Sized>(closure: Closure<C>) -> Self {
        closure.into_js_value().unchecked_into()
    }

    /// The function of a closure.
    pub fn closure_ref<'a, C: WasmClosure + ?Sized>(closure: &'a ScopedClosure<'_, C>) -> &'a Self {
        closure.as_js_value().unchecked_ref()
    }

    /// Calls it, as script that runs already.
    pub(crate) fn invoke(&self, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
        match self.host::<FunctionHost>() {
            Some(function) => (function.call)(arguments),
            None => Err(TypeError::new("this is not a function").into()),
        }
    }

    /// Calls it without arguments. Closures of Rust's see no `context`.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn call0(&self, _context: &JsValue) -> Result<JsValue, JsValue> {
        script(|| self.invoke(&[]))
    }

    /// Calls it with one argument.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn call1(&self, _context: &JsValue, arg1: &JsValue) -> Result<JsValue, JsValue> {
        script(|| self.invoke(std::slice::from_ref(arg1)))
    }

    /// Calls it with two arguments.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn call2(
        &self,
        _context: &JsValue,
        arg1: &JsValue,
        arg2: &JsValue,
    ) -> Result<JsValue, JsValue> {
        script(|| self.invoke(&[arg1.clone(), arg2.clone()]))
    }

    /// Calls it with three arguments.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn call3(
        &self,
        _context: &JsValue,
        arg1: &JsValue,
        arg2: &JsValue,
        arg3: &JsValue,
    ) -> Result<JsValue, JsValue> {
        script(|| self.invoke(&[arg1.clone(), arg2.clone(), arg3.clone()]))
    }

    /// Calls it with these arguments.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn apply(&self, _context: &JsValue, args: &Array) -> Result<JsValue, JsValue> {
        script(|| self.invoke(&args.to_vec()))
    }
}
