//! JavaScriptCore, entered, and what its values are asked and told.

use crate::context::Context;
use crate::ffi::*;
use crate::function::{self, Body, HostFunction, Registered};
use crate::helpers::{HELPER_COUNT, HELPERS, Helper, SHARED};
use crate::object;
use crate::text::Text;
use crate::value::{Persistent, Value};
use dom_websocket::host::{DomString, Engine, Key, Realm, Type};
use std::any::Any;
use std::ptr::null_mut;
use std::rc::Rc;

/// JavaScriptCore, entered in a realm that sockets were installed in.
///
/// What can be done is in the trait [`Engine`](dom_websocket::host::Engine), and here.
#[derive(Debug)]
pub struct Scope<'js> {
    pub(crate) ctx: JSContextRef,
    pub(crate) registry: Registry,
    /// The host's object that was last asked for what it has, and its holder.
    last: Option<[Value<'js>; 2]>,
}

/// The object that belongs to a realm, and what has its data and its slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registry {
    pub(crate) object: JSObjectRef,
    holder: JSObjectRef,
}

/// The helpers that all realms of an engine have of one.
pub(crate) type SharedHelpers = [Persistent; SHARED.len()];

// What makes the calls of the C API safe: a scope's context is alive, all values are of its group and protected, what is
// given as an object is one, and strings live until the call is over.
impl<'js> Scope<'js> {
    /// # Safety
    ///
    /// The context and the registry are alive as long as the scope.
    pub(crate) unsafe fn new(ctx: JSContextRef, registry: Registry) -> Self {
        Self {
            ctx,
            registry,
            last: None,
        }
    }

    /// A scope of a realm that gets its registry here. `join` is given helpers that other realms of the engine may
    /// have already, and returns those to use.
    ///
    /// # Safety
    ///
    /// The context is alive as long as the scope.
    pub(crate) unsafe fn begin(
        context: &Context,
        realm: Rc<Realm>,
        join: impl FnOnce(SharedHelpers) -> Rc<SharedHelpers>,
    ) -> Result<(Self, Rc<SharedHelpers>), Value<'js>> {
        let (ctx, object) = (context.raw(), null_mut());
        let holder = object;
        // SAFETY: the caller's word. Nobody asks for the registry before it is there.
        let mut scope = unsafe { Self::new(ctx, Registry { object, holder }) };
        let helpers = scope.evaluate("dom-websocket", HELPERS)?;
        let helper = |scope: &Self, index| {
            // SAFETY: see above.
            scope.check(|e| unsafe { JSObjectGetPropertyAtIndex(ctx, helpers.raw, index, e) })
        };
        let mut shared = Vec::with_capacity(SHARED.len());
        for name in SHARED {
            let function = helper(&scope, name.index())?;
            shared.push(Persistent::new(context.clone(), function.raw));
        }
        let shared = shared
            .try_into()
            .unwrap_or_else(|_| unreachable!("there are as many as names"));
        let shared = join(shared);
        let [make, find, _] = shared.each_ref().map(Persistent::raw);
        let none = scope.null();
        let data = scope.new_data(realm);
        let object = scope.call_raw(make, null_mut(), &[none, data])?;
        let holder = scope.call_raw(find, null_mut(), std::slice::from_ref(&object))?;
        scope.registry = Registry {
            object: object.raw,
            holder: holder.raw,
        };
        for index in 0..HELPER_COUNT {
            let helper = helper(&scope, index)?;
            scope.set_slot(
                &object,
                Helper::ObjectPrototype as usize + index as usize,
                Some(helper),
            );
        }
        for (name, function) in SHARED.into_iter().zip(&*shared) {
            // SAFETY: it is of this context's group.
            let function = unsafe { Value::new(ctx, function.raw()) };
            scope.set_slot(&object, name as usize, Some(function));
        }
        Ok((scope, shared))
    }

    /// Runs a script. The name is that of its file, for the stacks of errors.
    ///
    /// # Errors
    ///
    /// What it throws.
    pub fn evaluate(&mut self, name: &str, source: &str) -> Result<Value<'js>, Value<'js>> {
        let (name, source) = (Text::new(name), Text::new(source));
        // SAFETY: see above.
        self.check(|e| unsafe { JSEvaluateScript(self.ctx, source.0, null_mut(), name.0, 1, e) })
    }

    /// A function of the realm that calls a closure, with the arguments. It is no constructor.
    ///
    /// A closure that panics throws an `Error` in script; the panic goes on where the engine was entered.
    ///
    /// # Errors
    ///
    /// What the engine throws.
    pub fn new_closure(
        &mut self,
        name: &str,
        length: u32,
        closure: impl for<'a> Fn(&mut Scope<'a>, &[Value<'a>]) -> Result<Value<'a>, Value<'a>> + 'static,
    ) -> Result<Value<'js>, Value<'js>> {
        self.new_host_function(Body::Closure(Rc::new(closure)), name, length, false)
    }

    /// Keeps a value beyond the scope.
    #[must_use]
    pub fn save(&self, value: &Value<'js>) -> Persistent {
        // SAFETY: it is alive, and the group's contexts are used on this thread only.
        let context = unsafe { Context::from_raw(self.ctx.cast()) };
        Persistent::new(context, value.raw)
    }

    /// A value that was kept; `None` if it is another engine's.
    #[must_use]
    pub fn restore(&self, value: &Persistent) -> Option<Value<'js>> {
        // SAFETY: it is alive, and the group's contexts are used on this thread only.
        let context = unsafe { Context::from_raw(self.ctx.cast()) };
        // SAFETY: see above.
        value
            .is_of(&context)
            .then(|| unsafe { Value::new(self.ctx, value.raw()) })
    }

    pub(crate) fn new_host_function(
        &mut self,
        body: Body,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        let text = Text::new(name);
        // SAFETY: see above.
        let function = self
            .value(unsafe { JSObjectMakeFunctionWithCallback(self.ctx, text.0, function::call) });
        let registered = HostFunction {
            body,
            is_constructor,
            ctx: self.ctx,
            registry: self.registry,
        };
        let data = self.new_data(Rc::new(Registered::new(function.raw, registered)));
        let (registry, name, length) = (
            self.registry(),
            self.string(name)?,
            self.number(length.into()),
        );
        let is_constructor = self.boolean(is_constructor);
        let arguments = [function, registry, data, name, length, is_constructor];
        self.call_helper(Helper::Function, &arguments)
    }

    /// An object that has data.
    pub(crate) fn new_data(&self, data: Rc<dyn Any>) -> Value<'js> {
        // SAFETY: see above.
        self.value(unsafe { object::make(self.ctx, data) })
    }

    /// Calls the API, which says what was thrown.
    pub(crate) fn check(
        &self,
        call: impl FnOnce(*mut JSValueRef) -> JSValueRef,
    ) -> Result<Value<'js>, Value<'js>> {
        let mut exception = null_mut();
        let value = call(&mut exception);
        match exception.is_null() {
            true => Ok(self.value(value)),
            false => Err(self.value(exception)),
        }
    }

    /// What the API returned.
    pub(crate) fn value(&self, raw: JSValueRef) -> Value<'js> {
        // SAFETY: the context is alive as long as the scope.
        unsafe { Value::new(self.ctx, raw) }
    }

    pub(crate) fn helper(&self, helper: Helper) -> Value<'js> {
        self.value(self.raw_slot(self.registry.holder, helper as usize))
    }

    pub(crate) fn call_helper(
        &self,
        helper: Helper,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        // The registry keeps it alive.
        let function = self.raw_slot(self.registry.holder, helper as usize);
        self.call_raw(function, null_mut(), arguments)
    }

    /// `this` is an object or null, which stands for undefined.
    pub(crate) fn call_raw(
        &self,
        function: JSObjectRef,
        this: JSObjectRef,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        with_raw(arguments, |start, count| {
            // SAFETY: see above. Whoever has a function has asked whether it is one, or called for it.
            self.check(|e| unsafe {
                JSObjectCallAsFunction(self.ctx, function, this, count, start, e)
            })
        })
    }

    /// What has the data and the slots of an object of the host's.
    pub(crate) fn holder(&mut self, object: &Value<'js>) -> Option<Value<'js>> {
        if object.raw == self.registry.object {
            return Some(self.value(self.registry.holder));
        }
        match &self.last {
            Some([last, holder]) if last.raw == object.raw => return Some(holder.clone()),
            _ => {}
        }
        if self.type_of(object) != Type::Object {
            return None;
        }
        let holder = self
            .call_helper(Helper::Holder, std::slice::from_ref(object))
            .ok()?;
        if self.type_of(&holder) != Type::Object {
            return None;
        }
        self.last = Some([object.clone(), holder.clone()]);
        Some(holder)
    }

    /// What lies in a slot of a holder, as it is there.
    fn raw_slot(&self, holder: JSObjectRef, slot: usize) -> JSValueRef {
        // SAFETY: see above. A holder inherits from nothing and has no accessors: nothing is thrown.
        unsafe { JSObjectGetPropertyAtIndex(self.ctx, holder, position(slot), null_mut()) }
    }

    /// The data object of a holder.
    pub(crate) fn data_of(&self, holder: JSObjectRef) -> JSObjectRef {
        // SAFETY: as in `raw_slot`.
        unsafe { JSObjectGetPropertyAtIndex(self.ctx, holder, 0, null_mut()) }
    }

    /// A slot that is empty is undefined, and undefined itself is the data object.
    pub(crate) fn slot_of(&mut self, holder: JSObjectRef, slot: usize) -> Option<Value<'js>> {
        let value = self.value(self.raw_slot(holder, slot));
        match self.type_of(&value) {
            Type::Undefined => None,
            Type::Object if value.raw == self.data_of(holder) => Some(self.undefined()),
            _ => Some(value),
        }
    }

    /// A value as a slot has it.
    pub(crate) fn for_slot(&mut self, data: JSObjectRef, value: Option<Value<'js>>) -> Value<'js> {
        match value {
            None => self.undefined(),
            Some(value) if self.type_of(&value) == Type::Undefined => self.value(data),
            Some(value) => value,
        }
    }

    pub(crate) fn set_slot_of(
        &mut self,
        holder: JSObjectRef,
        slot: usize,
        value: Option<Value<'js>>,
    ) {
        let value = self.for_slot(self.data_of(holder), value);
        // SAFETY: as in `raw_slot`.
        unsafe {
            JSObjectSetPropertyAtIndex(self.ctx, holder, position(slot), value.raw, null_mut());
        }
    }

    pub(crate) fn registry_holder(&self) -> JSObjectRef {
        self.registry.holder
    }

    pub(crate) fn key(&mut self, key: Key<'_>) -> Result<Value<'js>, Value<'js>> {
        match key {
            Key::Name(name) => self.string(name),
            Key::Iterator => Ok(self.helper(Helper::Iterator)),
            Key::ToStringTag => Ok(self.helper(Helper::ToStringTag)),
        }
    }

    pub(crate) fn text_of(&mut self, value: &Value<'js>) -> Result<DomString, Value<'js>> {
        let mut exception = null_mut();
        // SAFETY: see above.
        let string = unsafe { JSValueToStringCopy(self.ctx, value.raw, &mut exception) };
        if !exception.is_null() {
            return Err(self.value(exception));
        }
        Ok(DomString::from_utf16(Text(string).units()))
    }
}

/// Where in a holder a slot lies, behind the data.
fn position(slot: usize) -> u32 {
    u32::try_from(slot + 1).expect("an object has no four thousand million slots")
}

/// Values as the API takes them.
pub(crate) fn with_raw<T>(
    values: &[Value<'_>],
    call: impl FnOnce(*const JSValueRef, usize) -> T,
) -> T {
    let mut few = [null_mut(); 8];
    match few.get_mut(..values.len()) {
        Some(few) => {
            for (raw, value) in few.iter_mut().zip(values) {
                *raw = value.raw;
            }
            call(few.as_ptr(), values.len())
        }
        None => {
            let many: Vec<_> = values.iter().map(|value| value.raw).collect();
            call(many.as_ptr(), many.len())
        }
    }
}
