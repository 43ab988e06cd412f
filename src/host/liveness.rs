//! "Garbage collection" (DOM section 3.2.1, WebSockets section 7): what keeps a target's object alive.

use super::abort_state::{AbortState, SignalTarget};
use super::engine::Engine;
use super::listener::Listener;
use super::realm::Left;
use super::target::{REGISTRY, Role, Target};
use super::task;
use crate::dom::WebSocket;
use std::rc::Rc;

impl Target {
    /// Whether an event to come would be heard.
    fn is_needed(&self) -> bool {
        match self.role() {
            Role::Plain => false,
            Role::Socket(socket) => socket
                .events_to_come()
                .iter()
                .any(|type_| self.listens_to(type_)),
            Role::Signal(signal) => signal.is_due.get() || signal.is_timed() && self.is_awaited(),
        }
    }

    /// Whether something would come of the signal's being aborted.
    fn is_awaited(&self) -> bool {
        self.signal().is_some_and(|signal| {
            !signal.aborted() && (self.listens_to("abort") || signal.has_effects())
        })
    }

    /// Whether there may be something for [`update_liveness`](Self::update_liveness) to do after an event of this type,
    /// of an object that is kept alive.
    pub(super) fn would_change(&self, type_: &str) -> bool {
        // What changes the list sees to it that the object lives as long as it should; so no more can be to come
        // than a message found, while the socket is open.
        let is_as_before = type_ == "message"
            && self
                .socket()
                .is_some_and(|socket| socket.ready_state() == WebSocket::OPEN);
        self.signal().is_some() || self.has_stale_slots() || !is_as_before && !self.is_needed()
    }

    /// Keeps the object alive while an event can reach a listener of it.
    pub(super) fn update_liveness<E: Engine>(self: &Rc<Self>, cx: &mut E, object: &E::Value) {
        self.clear_stale_slots(cx, object);
        self.update_pin(cx, object);
        if let Some(signal) = self.signal() {
            self.update_sources(cx, object, signal);
        }
    }

    fn update_pin<E: Engine>(&self, cx: &mut E, object: &E::Value) {
        let (is_needed, pin) = (self.is_needed(), self.pin.get());
        if is_needed == pin.is_some() {
            return;
        }
        let (Some(realm), Some(registry)) = (self.realm(), cx.slot(object, REGISTRY)) else {
            return;
        };
        match pin {
            None => self.pin.set(Some(realm.pin(cx, &registry, object))),
            Some(pin) => {
                self.pin.set(None);
                realm.unpin(cx, &registry, pin);
            }
        }
    }

    /// A signal has a timer, and its sources keep it alive, while something would come of its being
    /// aborted.
    fn update_sources<E: Engine>(
        self: &Rc<Self>,
        cx: &mut E,
        object: &E::Value,
        signal: &AbortState<Self>,
    ) {
        let is_awaited = self.is_awaited();
        signal.set_timer(self, is_awaited);
        for source in signal.sources() {
            let (dependent, Some(of)) = (&source.dependent, source.target.signal()) else {
                continue;
            };
            if dependent.slot().is_some() == is_awaited {
                continue;
            }
            let Some(source_object) = cx.slot(object, source.slot) else {
                continue;
            };
            if is_awaited {
                let slot = source.target.slots.take(cx, &source_object, object);
                of.dependents.hold(dependent, slot);
            } else if let Some(slot) = of.dependents.release(dependent) {
                source.target.slots.free(cx, &source_object, slot);
            }
            source.target.update_liveness(cx, &source_object);
        }
    }

    /// Lets go of dependents that lost their last listener where the source's object could not be
    /// reached.
    pub(super) fn release_dependents<E: Engine>(&self, cx: &mut E, object: &E::Value) {
        let Some(signal) = self.signal() else {
            return;
        };
        for dependent in signal.dependents.all() {
            if dependent
                .target()
                .is_some_and(|target| !target.is_awaited())
            {
                if let Some(slot) = signal.dependents.release(&dependent) {
                    self.slots.free(cx, object, slot);
                }
            }
        }
    }

    /// Has a task let go of the object if nothing keeps it alive any more.
    pub(super) fn unpin_later(self: &Rc<Self>) {
        if !self.is_needed() {
            self.update_later();
        }
    }

    fn update_later(self: &Rc<Self>) {
        let Some(realm) = self.realm().filter(|_| self.pin.get().is_some()) else {
            return;
        };
        let target = Rc::downgrade(self);
        realm.shared().queue_steps(Box::new(move || {
            if let Some(target) = target.upgrade() {
                task::update_liveness(&target);
            }
        }));
    }
}

impl SignalTarget for Target {
    fn abort_state(&self) -> Option<&AbortState<Self>> {
        self.signal()
    }

    fn remove_from_afar(self: &Rc<Self>, listener: &Listener) {
        if self.listeners.remove_registration(listener) {
            self.add_stale_slot(listener);
            self.unpin_later();
            // A source that waits for its time would have the loop wait, too.
            if let Some(signal) = self.signal().filter(|_| !self.is_awaited()) {
                for source in signal.sources() {
                    source.target.update_later();
                }
            }
        }
    }

    fn page_left(&self) -> Option<Left> {
        self.realm().map(|realm| realm.left())
    }

    fn time_out(self: &Rc<Self>) {
        task::time_out(self);
    }
}
