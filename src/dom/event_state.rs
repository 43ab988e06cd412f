//! What changes in an event while it is dispatched (DOM section 2.2, the flags).

use std::cell::Cell;

/// An event's flags, whoever the event is for: Rust or a script.
#[derive(Debug, Default)]
pub(crate) struct EventState {
    is_being_dispatched: Cell<bool>,
    propagation_is_stopped: Cell<bool>,
    propagation_is_stopped_at_once: Cell<bool>,
    is_canceled: Cell<bool>,
    in_passive_listener: Cell<bool>,
}

impl EventState {
    /// Also whether a listener can see the event: a target without a parent has no other phase.
    pub(crate) fn is_being_dispatched(&self) -> bool {
        self.is_being_dispatched.get()
    }

    pub(crate) fn stop_propagation(&self) {
        self.propagation_is_stopped.set(true);
    }

    pub(crate) fn stop_immediate_propagation(&self) {
        self.propagation_is_stopped.set(true);
        self.propagation_is_stopped_at_once.set(true);
    }

    pub(crate) fn propagation_is_stopped(&self) -> bool {
        self.propagation_is_stopped.get()
    }

    pub(crate) fn propagation_is_stopped_at_once(&self) -> bool {
        self.propagation_is_stopped_at_once.get()
    }

    /// DOM "set the canceled flag".
    pub(crate) fn cancel(&self, cancelable: bool) {
        if cancelable && !self.in_passive_listener.get() {
            self.is_canceled.set(true);
        }
    }

    pub(crate) fn is_canceled(&self) -> bool {
        self.is_canceled.get()
    }

    pub(crate) fn set_in_passive_listener(&self, passive: bool) {
        self.in_passive_listener.set(passive);
    }

    /// DOM "initialize" an event, as far as the flags go.
    pub(crate) fn reset(&self) {
        self.propagation_is_stopped.set(false);
        self.propagation_is_stopped_at_once.set(false);
        self.is_canceled.set(false);
    }

    /// DOM "dispatch", step 1, undone when the result is dropped.
    pub(crate) fn begin_dispatch(&self) -> UnderWay<'_> {
        self.is_being_dispatched.set(true);
        UnderWay(self)
    }
}

/// An event that is being dispatched, until this is dropped.
pub(crate) struct UnderWay<'a>(&'a EventState);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let state = self.0;
        state.is_being_dispatched.set(false);
        state.propagation_is_stopped.set(false);
        state.propagation_is_stopped_at_once.set(false);
        state.in_passive_listener.set(false);
    }
}
