//! A loop that somebody else keeps.

use super::{EventLoop, Owner};
use std::rc::Weak;

/// An [`EventLoop`] that is not kept alive: what a task or a future of the loop, or a script engine,
/// can hold without keeping it for ever.
///
/// ```
/// use dom_websocket::EventLoop;
///
/// let event_loop = EventLoop::new();
/// let weak = event_loop.downgrade();
/// assert_eq!(weak.upgrade(), Some(event_loop.clone()));
/// ```
#[derive(Clone, Debug)]
pub struct WeakEventLoop(Weak<Owner>);

impl WeakEventLoop {
    pub(super) fn new(owner: Weak<Owner>) -> Self {
        Self(owner)
    }

    /// The loop, if it is still there.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// let weak = event_loop.downgrade();
    /// drop(event_loop);
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<EventLoop> {
        let owner = self.0.upgrade()?;
        Some(EventLoop { owner })
    }
}
