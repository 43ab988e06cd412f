//! Functions of the bindings, as QuickJS has them.

use crate::object::HostObject;
use crate::scope::Scope;
use dom_websocket::host::{Call, Native};
use rquickjs::class::{ClassKind, JsCell, JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Params};
use rquickjs::{Class, Ctx, JsLifetime, Value};

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
        let function = this.borrow();
        // The function's own realm, whoever calls.
        let mut scope = Scope::of(&function.registry);
        let arguments = (0..params.len()).filter_map(|i| params.arg(i)).collect();
        let (this, new_target) = if params.is_constructor() {
            (Value::new_undefined(scope.ctx.clone()), Some(params.this()))
        } else {
            (params.this(), None)
        };
        let call = Call {
            this,
            arguments,
            new_target,
        };
        function
            .native
            .call(&mut scope, &call)
            .map_err(|exception| scope.ctx.throw(exception))
    }
}
