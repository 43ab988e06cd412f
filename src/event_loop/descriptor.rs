//! A loop that waits inside another one: by a descriptor.

use super::EventLoop;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

impl EventLoop {
    /// What a loop of yours waits for, beside its own descriptors: readable (`POLLIN`) while this loop has something
    /// to do, whether a socket brought it, a task that was queued, or another thread by a [`Handle`](super::Handle).
    /// So neither a thread nor a [wake-up](Self::set_wake_up) is needed: poll(2) and its like have it, GLib
    /// (`g_unix_fd_add`), libuv (`uv_poll_t`), calloop (`Generic`), Qt (`QSocketNotifier`).
    ///
    /// 1. Wait until it is readable, but not beyond [`next_timer`](Self::next_timer), which is to be asked before
    ///    each wait.
    /// 2. Call [`turn`](Self::turn), which makes it unreadable again unless it says [`Turn::More`](super::Turn::More).
    ///    A turn too many does no harm.
    ///
    /// Nothing must be read from it. It is the same as long as the loop lives, and readable at first.
    ///
    /// With the feature `native`, on Unix.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server, Turn, WebSocket};
    /// use rustix::event::{PollFd, PollFlags, Timespec, poll};
    /// use std::time::Instant;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// socket.set_onclose(move |_| server.close());
    ///
    /// while event_loop.turn() != Turn::Idle {
    ///     let mut descriptors = [PollFd::new(&event_loop, PollFlags::IN)];
    ///     let left = |timer: Instant| timer.saturating_duration_since(Instant::now());
    ///     let timeout = event_loop.next_timer().map(left).map(Timespec::try_from);
    ///     poll(&mut descriptors, timeout.transpose()?.as_ref())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.runtime().descriptor()
    }

    /// When the next timer is over, which makes no [`descriptor`](Self::descriptor) readable: then a turn is due.
    /// `None`: there is no timer. A turn can change it, and so can what is done outside of one that ends a timer.
    ///
    /// With the feature `native`, on Unix.
    #[must_use]
    pub fn next_timer(&self) -> Option<Instant> {
        self.runtime().next_timer()
    }
}

/// The [`descriptor`](EventLoop::descriptor). With the feature `native`, on Unix.
impl AsFd for EventLoop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor()
    }
}
