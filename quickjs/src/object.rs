//! Objects and functions of the bindings, as QuickJS has them.

use crate::scope::Scope;
use dom_websocket::host::{Call, Native};
use rquickjs::class::{ClassKind, JsCell, JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Params};
use rquickjs::{Class, Ctx, JsLifetime, Value};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// What the bindings keep in an object, where QuickJS traces it.
#[derive(JsLifetime)]
pub(crate) struct HostObject<'js> {
    pub(crate) payload: Payload,
    pub(crate) slots: RefCell<Vec<Option<Value<'js>>>>,
}

/// No value of the engine's is in it.
#[derive(Clone)]
pub(crate) struct Payload(pub(crate) Rc<dyn Any>);

impl<'js> Trace<'js> for HostObject<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        if let Ok(slots) = self.slots.try_borrow() {
            for value in slots.iter().flatten() {
                value.trace(tracer);
            }
        }
    }
}

impl<'js> JsClass<'js> for HostObject<'js> {
    const NAME: &'static str = "HostObject";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// A function of the bindings.
#[derive(JsLifetime)]
pub(crate) struct HostFunction<'js> {
    pub(crate) native: Native,
    pub(crate) registry: Class<'js, HostObject<'js>>,
}

impl<'js> Trace<'js> for HostFunction<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        self.registry.trace(tracer);
    }
}

impl<'js> JsClass<'js> for HostFunction<'js> {
    const NAME: &'static str = "HostFunction";
    const KIND: ClassKind = ClassKind::Callable;
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }

    fn call<'a>(this: &JsCell<'js, Self>, params: Params<'a, 'js>) -> rquickjs::Result<Value<'js>> {
        let (native, registry) = {
            let function = this.borrow();
            (function.native, function.registry.clone())
        };
        // The function's own realm, whoever calls.
        let ctx = registry.ctx().clone();
        let arguments = (0..params.len()).filter_map(|i| params.arg(i)).collect();
        let (this, new_target) = if params.is_constructor() {
            (Value::new_undefined(ctx.clone()), Some(params.this()))
        } else {
            (params.this(), None)
        };
        let call = Call {
            this,
            arguments,
            new_target,
        };
        let mut scope = Scope { ctx, registry };
        native
            .call(&mut scope, &call)
            .map_err(|exception| scope.ctx.throw(exception))
    }
}
