//! The loop as other threads see it.

use super::remote::Remote;
use std::fmt;
use std::sync::Arc;

/// Reaches an [`EventLoop`](super::EventLoop) from any thread.
///
/// ```
/// use dom_websocket::EventLoop;
///
/// let event_loop = EventLoop::new();
/// let (handle, work) = (event_loop.handle(), event_loop.keep_alive());
/// std::thread::spawn(move || {
///     handle.queue_task(|| println!("on the loop's thread"));
///     drop(work);
/// });
/// event_loop.run();
/// ```
#[derive(Clone)]
pub struct Handle {
    remote: Arc<Remote>,
}

impl Handle {
    pub(super) fn new(remote: Arc<Remote>) -> Self {
        Self { remote }
    }

    /// Queues a task on the loop's thread and wakes the loop. False if the loop is gone: the task
    /// was dropped.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// let handle = event_loop.handle();
    /// assert!(handle.queue_task(|| println!("a task")));
    /// event_loop.run();
    /// drop(event_loop);
    /// assert!(!handle.queue_task(|| unreachable!("nobody runs it")));
    /// ```
    pub fn queue_task(&self, task: impl FnOnce() + Send + 'static) -> bool {
        self.remote.queue_task(Box::new(task))
    }

    /// As [`EventLoop::keep_alive`](super::EventLoop::keep_alive).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Turn};
    ///
    /// let event_loop = EventLoop::new();
    /// let work = event_loop.handle().keep_alive();
    /// assert_eq!(event_loop.turn(), Turn::Waiting);
    /// drop(work);
    /// while event_loop.turn() == Turn::More {}
    /// assert_eq!(event_loop.turn(), Turn::Idle);
    /// ```
    pub fn keep_alive(&self) -> KeepAlive {
        KeepAlive::new(self.remote.clone())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// Keeps a loop from becoming idle while it exists.
///
/// ```
/// use dom_websocket::EventLoop;
///
/// let event_loop = EventLoop::new();
/// let work = event_loop.keep_alive();
/// std::thread::spawn(move || drop(work));
/// event_loop.run();
/// ```
#[must_use = "dropping it lets the loop become idle"]
pub struct KeepAlive {
    remote: Arc<Remote>,
}

impl KeepAlive {
    pub(super) fn new(remote: Arc<Remote>) -> Self {
        remote.hold();
        Self { remote }
    }
}

impl fmt::Debug for KeepAlive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeepAlive").finish_non_exhaustive()
    }
}

impl Drop for KeepAlive {
    fn drop(&mut self) {
        self.remote.let_go();
    }
}
