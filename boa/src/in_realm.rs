//! A context, entered in a realm.

use boa_engine::Context;
use boa_engine::realm::Realm;
use std::ops::{Deref, DerefMut};

/// A context that has been entered in a realm, and is back in that of before when this is dropped, be it by
/// a panic.
pub(crate) struct InRealm<'a> {
    context: &'a mut Context,
    before: Realm,
}

impl<'a> InRealm<'a> {
    pub(crate) fn enter(context: &'a mut Context, realm: Realm) -> Self {
        let before = context.enter_realm(realm);
        Self { context, before }
    }
}

impl Deref for InRealm<'_> {
    type Target = Context;

    fn deref(&self) -> &Context {
        self.context
    }
}

impl DerefMut for InRealm<'_> {
    fn deref_mut(&mut self) -> &mut Context {
        self.context
    }
}

impl Drop for InRealm<'_> {
    fn drop(&mut self) {
        self.context.enter_realm(self.before.clone());
    }
}
