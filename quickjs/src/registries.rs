//! Which page a context has.

use crate::object::HostObject;
use rquickjs::{Class, Ctx, JsLifetime, Persistent, qjs};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// The object that belongs to a page's realm, kept.
pub(crate) type Registry = Persistent<Class<'static, HostObject<'static>>>;

/// The registries of a runtime's pages, which keep them.
#[derive(Default, JsLifetime)]
struct Registries(RefCell<Vec<Weak<Registry>>>);

/// Has the registry found by its context, for as long as the page keeps it.
pub(crate) fn add(ctx: &Ctx<'_>, registry: &Rc<Registry>) {
    if ctx.userdata::<Registries>().is_none() {
        // It fails only while somebody looks at it.
        let _ = ctx.store_userdata(Registries::default());
    }
    if let Some(registries) = ctx.userdata::<Registries>() {
        let mut registries = registries.0.borrow_mut();
        registries.retain(|registry| registry.strong_count() > 0);
        registries.push(Rc::downgrade(registry));
    }
}

/// The registry of the newest page in a context of the same runtime's. The context is only compared: it may
/// be gone.
pub(crate) fn find<'js>(
    ctx: &Ctx<'js>,
    context: *mut qjs::JSContext,
) -> Option<Class<'js, HostObject<'js>>> {
    let registries = ctx.userdata::<Registries>()?;
    let registries = registries.0.borrow();
    registries.iter().rev().find_map(|registry| {
        let registry = Registry::clone(&*registry.upgrade()?).restore(ctx).ok()?;
        (registry.ctx().as_raw().as_ptr() == context).then_some(registry)
    })
}
