//! What the realms of an engine have in common: they know each other's objects.

use crate::context::Context;
use crate::ffi::{JSContextGetGroup, JSContextGroupRef};
use crate::scope::SharedHelpers;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

thread_local! {
    /// By a group that is alive as long as its entry is: the helpers keep a context of it.
    static GROUPS: RefCell<HashMap<JSContextGroupRef, Weak<SharedHelpers>>> = RefCell::default();
}

/// The helpers that the context's group has from its first realm on, as long as any of its pages keeps them; these, if
/// it has none.
pub(crate) fn join(context: &Context, helpers: SharedHelpers) -> Rc<SharedHelpers> {
    // SAFETY: the context is alive.
    let group = unsafe { JSContextGetGroup(context.raw()) };
    let known = GROUPS.with_borrow(|groups| groups.get(&group).and_then(Weak::upgrade));
    known.unwrap_or_else(|| {
        let helpers = Rc::new(helpers);
        GROUPS.with_borrow_mut(|groups| {
            groups.retain(|_, helpers| helpers.strong_count() > 0);
            groups.insert(group, Rc::downgrade(&helpers));
        });
        helpers
    })
}
