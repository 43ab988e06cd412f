//! `Event` (DOM section 2.2).

use super::event_state::EventState;
use std::borrow::Cow;
use std::fmt;

/// DOM `Event`.
///
/// Listeners see it behind a [`Dispatch`](super::Dispatch), which knows the target. To dispatch one of
/// your own, make it here and pass it to [`WebSocket::dispatch_event`](super::WebSocket::dispatch_event).
pub struct Event {
    type_: Cow<'static, str>,
    bubbles: bool,
    cancelable: bool,
    is_initialized: bool,
    is_trusted: bool,
    state: EventState,
}

/// The optional members of [`Event::new`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventInit {
    /// Whether the event bubbles. A `WebSocket` has no parent for it to bubble to.
    pub bubbles: bool,
    /// Whether [`Event::prevent_default`] does anything.
    pub cancelable: bool,
}

/// The type, and who made it.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f.debug_struct("Event"))
            .finish_non_exhaustive()
    }
}

impl Event {
    /// [`event_phase`](Self::event_phase) of an event that is not being dispatched.
    pub const NONE: u16 = 0;
    /// Never seen: a `WebSocket` has no parent.
    pub const CAPTURING_PHASE: u16 = 1;
    /// [`event_phase`](Self::event_phase) of an event that is being dispatched.
    pub const AT_TARGET: u16 = 2;
    /// Never seen: a `WebSocket` has no parent.
    pub const BUBBLING_PHASE: u16 = 3;

    /// An event to dispatch.
    pub fn new(type_: impl Into<Cow<'static, str>>, init: EventInit) -> Self {
        let mut event = Self::uninitialized();
        event.init_event(type_, init.bubbles, init.cancelable);
        event
    }

    /// DOM Level 2 `createEvent("Event")`: it can't be dispatched before it is
    /// [initialized](Self::init_event).
    #[must_use]
    pub fn uninitialized() -> Self {
        Self {
            type_: Cow::Borrowed(""),
            bubbles: false,
            cancelable: false,
            is_initialized: false,
            is_trusted: false,
            state: EventState::default(),
        }
    }

    /// An event of the user agent's own: it does not bubble and is not cancelable.
    pub(super) fn trusted(type_: &'static str) -> Self {
        Self {
            type_: Cow::Borrowed(type_),
            is_initialized: true,
            is_trusted: true,
            ..Self::uninitialized()
        }
    }

    /// DOM Level 2 `initEvent`.
    pub fn init_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
    ) {
        self.type_ = type_.into();
        self.bubbles = bubbles;
        self.cancelable = cancelable;
        self.is_initialized = true;
        self.is_trusted = false;
        self.state = EventState::default();
    }

    /// The event's name, such as `"message"`.
    pub fn type_(&self) -> &str {
        &self.type_
    }

    /// Whether it bubbles.
    pub fn bubbles(&self) -> bool {
        self.bubbles
    }

    /// Whether it can be canceled.
    pub fn cancelable(&self) -> bool {
        self.cancelable
    }

    /// [`AT_TARGET`](Self::AT_TARGET) while it is dispatched, otherwise [`NONE`](Self::NONE).
    pub fn event_phase(&self) -> u16 {
        if self.state.is_being_dispatched() {
            Self::AT_TARGET
        } else {
            Self::NONE
        }
    }

    /// True for an event that the library dispatched, false for one that the caller did.
    pub fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// Keeps the event from the second pass over its target: called by a listener that captures, it
    /// spares those that don't.
    pub fn stop_propagation(&self) {
        self.state.stop_propagation();
    }

    /// Keeps the event from every listener that has not been called yet.
    pub fn stop_immediate_propagation(&self) {
        self.state.stop_immediate_propagation();
    }

    /// Cancels the event, if it can be canceled and the listener is not a passive one.
    pub fn prevent_default(&self) {
        self.state.cancel(self.cancelable);
    }

    /// Whether it has been canceled.
    pub fn default_prevented(&self) -> bool {
        self.state.is_canceled()
    }

    /// What the `Debug` of each interface begins with.
    pub(super) fn describe<'a, 'b>(
        &self,
        mut f: fmt::DebugStruct<'a, 'b>,
    ) -> fmt::DebugStruct<'a, 'b> {
        f.field("type_", &self.type_)
            .field("is_trusted", &self.is_trusted);
        f
    }

    // What follows is for the dispatch algorithm.

    pub(super) fn can_be_dispatched(&self) -> bool {
        self.is_initialized && !self.state.is_being_dispatched()
    }

    pub(super) fn state(&self) -> &EventState {
        &self.state
    }
}
