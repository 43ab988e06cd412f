//! Objects of the bindings, as QuickJS has them, and their accessor properties.

use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::Constructor;
use rquickjs::object::{AsProperty, PropertyFlags};
use rquickjs::{Atom, Ctx, JsLifetime, Value, qjs};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// What the bindings keep in an object, where QuickJS traces it.
#[derive(JsLifetime)]
pub(crate) struct HostObject<'js> {
    pub(crate) host_defined: HostDefined,
    pub(crate) slots: RefCell<Slots<'js>>,
    /// The key of an event's own property, in a registry.
    pub(crate) is_trusted: Option<Atom<'js>>,
}

/// Values by number. The first two, which are all that an event has, need no memory of their own.
#[derive(Default, JsLifetime)]
pub(crate) struct Slots<'js> {
    first: Option<Value<'js>>,
    second: Option<Value<'js>>,
    others: Vec<Option<Value<'js>>>,
}

impl<'js> Slots<'js> {
    pub(crate) fn new([first, second]: [Option<Value<'js>>; 2]) -> Self {
        Self {
            first,
            second,
            others: Vec::new(),
        }
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&Value<'js>> {
        match slot {
            0 => self.first.as_ref(),
            1 => self.second.as_ref(),
            _ => self.others.get(slot - 2)?.as_ref(),
        }
    }

    /// What lay there before.
    pub(crate) fn set(&mut self, slot: usize, value: Option<Value<'js>>) -> Option<Value<'js>> {
        let place = match slot {
            0 => &mut self.first,
            1 => &mut self.second,
            _ => {
                let other = slot - 2;
                if other >= self.others.len() && value.is_some() {
                    self.others.resize(other + 1, None);
                }
                self.others.get_mut(other)?
            }
        };
        std::mem::replace(place, value)
    }

    fn values(&self) -> impl Iterator<Item = &Value<'js>> {
        let first = self.first.iter().chain(&self.second);
        first.chain(self.others.iter().flatten())
    }
}

/// No value of the engine's is in it.
#[derive(Clone)]
pub(crate) struct HostDefined(pub(crate) Rc<dyn Any>);

impl<'js> Trace<'js> for HostObject<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        self.is_trusted.trace(tracer);
        if let Ok(slots) = self.slots.try_borrow() {
            for value in slots.values() {
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

/// An accessor property whose functions there are already: rquickjs's own makes them of closures.
pub(crate) struct Accessor<'js> {
    pub(crate) get: Value<'js>,
    pub(crate) set: Value<'js>,
    pub(crate) enumerable: bool,
    pub(crate) configurable: bool,
}

impl<'js> AsProperty<'js, ()> for Accessor<'js> {
    fn config(
        self,
        ctx: &Ctx<'js>,
    ) -> rquickjs::Result<(PropertyFlags, Value<'js>, Value<'js>, Value<'js>)> {
        let mut flags = qjs::JS_PROP_HAS_GET
            | qjs::JS_PROP_HAS_SET
            | qjs::JS_PROP_HAS_ENUMERABLE
            | qjs::JS_PROP_HAS_CONFIGURABLE;
        if self.enumerable {
            flags |= qjs::JS_PROP_ENUMERABLE;
        }
        if self.configurable {
            flags |= qjs::JS_PROP_CONFIGURABLE;
        }
        let value = Value::new_undefined(ctx.clone());
        Ok((flags as PropertyFlags, value, self.get, self.set))
    }
}
