//! Values of the language, as Rust holds them.

use crate::context::Context;
use crate::ffi::*;
use std::cell::Cell;
use std::marker::PhantomData;

/// A value of the language, good as long as the [`Scope`](crate::Scope) that it is of.
///
/// What it refers to is not garbage meanwhile, wherever the value lies.
#[derive(Debug)]
pub struct Value<'js> {
    ctx: JSContextRef,
    pub(crate) raw: JSValueRef,
    /// Of that scope, and no longer or shorter one: a value of another engine is of another type.
    scope: PhantomData<Cell<&'js ()>>,
}

impl Value<'_> {
    /// # Safety
    ///
    /// The context is alive as long as the value, which is one of its group.
    pub(crate) unsafe fn new(ctx: JSContextRef, raw: JSValueRef) -> Self {
        // SAFETY: the caller's word.
        unsafe { JSValueProtect(ctx, raw) };
        let scope = PhantomData;
        Self { ctx, raw, scope }
    }
}

impl Clone for Value<'_> {
    fn clone(&self) -> Self {
        // SAFETY: as of this one.
        unsafe { Self::new(self.ctx, self.raw) }
    }
}

impl Drop for Value<'_> {
    fn drop(&mut self) {
        // SAFETY: it was protected in `new`.
        unsafe { JSValueUnprotect(self.ctx, self.raw) };
    }
}

/// A value that outlives its scope. It keeps what it refers to alive, and the context: what script itself leads to
/// should not have one, or neither will ever go.
#[derive(Debug)]
pub struct Persistent {
    // Before the context, which keeps the engine.
    value: Value<'static>,
    context: Context,
}

impl Persistent {
    pub(crate) fn new(context: Context, raw: JSValueRef) -> Self {
        // SAFETY: the context is alive as long as the value, and the value is one of its group.
        let value = unsafe { Value::new(context.raw(), raw) };
        Self { value, context }
    }

    pub(crate) fn raw(&self) -> JSValueRef {
        self.value.raw
    }

    /// Whether it is of the group of this context.
    ///
    /// # Safety
    ///
    /// The context is alive.
    pub(crate) unsafe fn is_of(&self, ctx: JSContextRef) -> bool {
        // SAFETY: so is the value's.
        unsafe { JSContextGetGroup(self.value.ctx) == JSContextGetGroup(ctx) }
    }
}

impl Clone for Persistent {
    fn clone(&self) -> Self {
        Self::new(self.context.clone(), self.value.raw)
    }
}
