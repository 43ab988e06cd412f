//! QuickJS, entered, and what its values are asked and told.

use crate::helpers::{HELPER_NAMES, HELPERS, Helper};
use crate::object::{HostDefined, HostObject};
use dom_websocket::host::{Key, Realm};
use rquickjs::function::Args;
use rquickjs::object::AsProperty;
use rquickjs::{Atom, Class, Ctx, Function, Object, Value, qjs};
use std::cell::RefCell;
use std::rc::Rc;

/// QuickJS, entered.
pub(crate) struct Scope<'a, 'js> {
    pub(crate) ctx: &'a Ctx<'js>,
    pub(crate) registry: &'a Class<'js, HostObject<'js>>,
}

/// The object that belongs to a context's realm.
pub(crate) fn new_registry<'js>(
    ctx: &Ctx<'js>,
    realm: Rc<Realm>,
) -> rquickjs::Result<Class<'js, HostObject<'js>>> {
    let registry = HostObject {
        host_defined: HostDefined(realm),
        slots: RefCell::default(),
        is_trusted: Some(Atom::from_str(ctx.clone(), "isTrusted")?),
    };
    Class::instance_proto(registry, Object::new(ctx.clone())?)
}

impl<'a, 'js> Scope<'a, 'js> {
    /// The context of a realm's registry, entered.
    pub(crate) fn of(registry: &'a Class<'js, HostObject<'js>>) -> Self {
        let ctx = registry.ctx();
        Self { ctx, registry }
    }

    pub(crate) fn find_helpers(&mut self) -> Result<(), Value<'js>> {
        let helpers = self.ctx.eval::<Object<'js>, _>(HELPERS);
        let helpers = self.check(helpers)?;
        for (helper, name) in HELPER_NAMES {
            let value = self.check(helpers.get(name))?;
            set_slot(self.registry, helper as usize, Some(value));
        }
        Ok(())
    }

    /// What rquickjs says went wrong, as what was thrown.
    pub(crate) fn check<T>(&self, result: rquickjs::Result<T>) -> Result<T, Value<'js>> {
        result.map_err(|error| match error {
            rquickjs::Error::Exception => self.ctx.catch(),
            error => {
                rquickjs::Exception::throw_type(self.ctx, &error.to_string());
                self.ctx.catch()
            }
        })
    }

    pub(crate) fn helper(&self, helper: Helper) -> Value<'js> {
        let slots = &self.registry.borrow().slots;
        let value = slots.borrow().get(helper as usize).cloned();
        value.unwrap_or_else(|| Value::new_undefined(self.ctx.clone()))
    }

    pub(crate) fn call_helper(
        &self,
        helper: Helper,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let undefined = Value::new_undefined(self.ctx.clone());
        self.apply(&self.helper(helper), &undefined, arguments)
    }

    pub(crate) fn apply(
        &self,
        function: &Value<'js>,
        this: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let Some(function) = as_function(function) else {
            rquickjs::Exception::throw_type(self.ctx, "not a function");
            return Err(self.ctx.catch());
        };
        let mut args = Args::new(self.ctx.clone(), arguments.len());
        self.check(args.this(this.clone()))?;
        for argument in arguments {
            self.check(args.push_arg(argument.clone()))?;
        }
        self.check(args.apply(function))
    }

    pub(crate) fn object<'v>(&self, value: &'v Value<'js>) -> Result<&'v Object<'js>, Value<'js>> {
        match as_object(value) {
            Some(object) => Ok(object),
            None => {
                rquickjs::Exception::throw_type(self.ctx, "not an object");
                Err(self.ctx.catch())
            }
        }
    }

    /// The object of the host's that a value is, which may be any. rquickjs throws, and catches, where it is another
    /// class's.
    #[allow(unsafe_code)]
    pub(crate) fn find_host_object<'v>(
        &self,
        value: &'v Value<'js>,
    ) -> Option<&'v Class<'js, HostObject<'js>>> {
        // SAFETY: it looks at the values only.
        let [class, ours] = [value, self.registry.as_value()]
            .map(|value| unsafe { qjs::JS_GetClassID(value.as_raw()) });
        if class == ours {
            host_object(value)
        } else {
            None
        }
    }

    pub(crate) fn new_object_of(
        &self,
        prototype: &Value<'js>,
        object: HostObject<'js>,
    ) -> Result<Class<'js, HostObject<'js>>, Value<'js>> {
        let prototype = self.object(prototype)?;
        self.check(Class::instance_proto(object, prototype.clone()))
    }

    pub(crate) fn define_as<P>(
        &self,
        object: &Value<'js>,
        key: Key<'_>,
        property: impl AsProperty<'js, P>,
    ) -> Result<(), Value<'js>> {
        let object = self.object(object)?;
        match key {
            Key::Name(name) => self.check(object.prop(name, property)),
            key => self.check(object.prop(self.key(key)?, property)),
        }
    }

    pub(crate) fn key(&self, key: Key<'_>) -> Result<Value<'js>, Value<'js>> {
        match key {
            Key::Name(name) => {
                let name = rquickjs::String::from_str(self.ctx.clone(), name);
                Ok(self.check(name)?.into_value())
            }
            Key::Iterator => Ok(rquickjs::Symbol::iterator(self.ctx.clone()).into_value()),
            Key::ToStringTag => Ok(self.helper(Helper::ToStringTag)),
        }
    }
}

/// `value.as_object()`, which asks for all kinds of object in turn.
#[allow(unsafe_code)]
pub(crate) fn as_object<'a, 'js>(value: &'a Value<'js>) -> Option<&'a Object<'js>> {
    // SAFETY: it is an object.
    value.is_object().then(|| unsafe { value.ref_object() })
}

/// `value.as_function()`, likewise.
#[allow(unsafe_code)]
fn as_function<'a, 'js>(value: &'a Value<'js>) -> Option<&'a Function<'js>> {
    // SAFETY: it is a function.
    value.is_function().then(|| unsafe { value.ref_function() })
}

/// The object of the host's that a value is.
pub(crate) fn host_object<'a, 'js>(
    value: &'a Value<'js>,
) -> Option<&'a Class<'js, HostObject<'js>>> {
    as_object(value)?.as_class()
}

pub(crate) fn set_slot<'js>(
    object: &Class<'js, HostObject<'js>>,
    slot: usize,
    value: Option<Value<'js>>,
) {
    let before = object.borrow().slots.borrow_mut().set(slot, value);
    // What goes may be the last of some object: the borrow has ended.
    drop(before);
}
