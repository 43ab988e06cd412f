//! A loop that somebody else keeps.

use super::{EventLoop, Owner};
use std::rc::Weak;

/// An [`EventLoop`] that is not kept alive: what a task or a future of the loop, or a script engine,
/// can hold without keeping it for ever.
#[derive(Clone, Debug)]
pub struct WeakEventLoop(Weak<Owner>);

impl WeakEventLoop {
    pub(super) fn new(owner: Weak<Owner>) -> Self {
        Self(owner)
    }

    /// The loop, if it is still there.
    #[must_use]
    pub fn upgrade(&self) -> Option<EventLoop> {
        let owner = self.0.upgrade()?;
        Some(EventLoop { owner })
    }
}
