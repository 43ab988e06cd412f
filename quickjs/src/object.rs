//! Objects of the bindings, as QuickJS has them.

use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::Constructor;
use rquickjs::{Ctx, JsLifetime, Value};
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
