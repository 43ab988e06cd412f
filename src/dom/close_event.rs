//! `CloseEvent` (r4820 section 10.3.3.1).

use super::{Event, EventInit};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// `CloseEvent`: how the connection ended. The last event of a `WebSocket`, dispatched once.
pub struct CloseEvent {
    event: Event,
    was_clean: bool,
    code: u16,
    reason: String,
}

/// The optional members of [`CloseEvent::new`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloseEventInit {
    /// As for any event.
    pub event: EventInit,
    /// Whether the connection closed cleanly.
    pub was_clean: bool,
    /// The connection's close code.
    pub code: u16,
    /// The connection's close reason.
    pub reason: String,
}

impl CloseEvent {
    /// An event to dispatch.
    pub fn new(type_: impl Into<Cow<'static, str>>, init: CloseEventInit) -> Self {
        Self::with(Event::new(type_, init.event), init)
    }

    pub(super) fn trusted(init: CloseEventInit) -> Self {
        Self::with(Event::trusted("close"), init)
    }

    fn with(event: Event, init: CloseEventInit) -> Self {
        Self {
            event,
            was_clean: init.was_clean,
            code: init.code,
            reason: init.reason,
        }
    }

    /// DOM Level 2 `createEvent("CloseEvent")`: it can't be dispatched before it is
    /// [initialized](Self::init_close_event).
    ///
    /// ```
    /// use dom_websocket::CloseEvent;
    ///
    /// let mut event = CloseEvent::uninitialized();
    /// event.init_close_event("close", false, false, true);
    /// assert!(event.was_clean());
    /// ```
    #[must_use]
    pub fn uninitialized() -> Self {
        Self {
            event: Event::uninitialized(),
            was_clean: false,
            code: 0,
            reason: String::new(),
        }
    }

    /// r4820 `initCloseEvent`.
    pub fn init_close_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
        was_clean: bool,
    ) {
        self.event.init_event(type_, bubbles, cancelable);
        self.was_clean = was_clean;
    }

    /// Whether the closing handshake was finished before the connection was closed.
    pub fn was_clean(&self) -> bool {
        self.was_clean
    }

    /// RFC 6455's close code. Draft 76 has none: 1005 after a clean end, otherwise 1006.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// RFC 6455's close reason. Draft 76 has none: it is empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Debug for CloseEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event
            .describe(f.debug_struct("CloseEvent"))
            .field("was_clean", &self.was_clean)
            .field("code", &self.code)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Deref for CloseEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}
