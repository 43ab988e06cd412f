//! DOM "event listener list" and the dispatch over it, for listeners of any kind: closures, or what a
//! script registered.

use super::event_state::EventState;
use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// DOM "event listener". `T` is an event's type, `C` what is called.
pub(crate) struct Registration<T, C> {
    pub(crate) type_: T,
    /// `None` is the place of this type's event handler, whatever the handler is by then.
    pub(crate) callback: Option<C>,
    pub(crate) capture: bool,
    pub(crate) once: bool,
    pub(crate) passive: bool,
    pub(crate) is_removed: Cell<bool>,
}

impl<T: PartialEq, C: PartialEq> Registration<T, C> {
    /// The place of a type's event handler.
    pub(crate) fn of_handler(type_: T) -> Self {
        Self {
            type_,
            callback: None,
            capture: false,
            once: false,
            passive: false,
            is_removed: Cell::new(false),
        }
    }
}

type Snapshot<T, C> = Rc<[Rc<Registration<T, C>>]>;

/// DOM "event listener list" of one target.
pub(crate) struct ListenerList<T, C> {
    /// A pass over the list keeps the one it began with: changes are made to a copy.
    /// `None`: it is empty.
    registrations: RefCell<Option<Snapshot<T, C>>>,
}

impl<T, C> Default for ListenerList<T, C> {
    fn default() -> Self {
        Self {
            registrations: RefCell::default(),
        }
    }
}

impl<T: PartialEq, C: PartialEq> ListenerList<T, C> {
    /// DOM "add an event listener", steps 4 and 5. False if there is such a one.
    pub(crate) fn add(&self, registration: Rc<Registration<T, C>>) -> bool {
        let mut registrations = self.registrations.borrow_mut();
        let before = registrations.as_deref().unwrap_or_default();
        let is_new = !before.iter().any(|known| {
            known.type_ == registration.type_
                && known.capture == registration.capture
                && known.callback == registration.callback
        });
        if is_new {
            let all = before.iter().cloned().chain([registration]);
            *registrations = Some(all.collect());
        }
        is_new
    }

    /// DOM "remove an event listener", of the first that is meant.
    pub(crate) fn remove_where(
        &self,
        mut is_meant: impl FnMut(&Registration<T, C>) -> bool,
    ) -> Option<Rc<Registration<T, C>>> {
        let mut registrations = self.registrations.borrow_mut();
        let before = registrations.as_deref()?;
        let index = before.iter().position(|known| is_meant(known))?;
        let removed = before[index].clone();
        removed.is_removed.set(true);
        let (ahead, behind) = (&before[..index], &before[index + 1..]);
        let left = ahead.iter().chain(behind).cloned();
        *registrations = (before.len() > 1).then(|| left.collect());
        Some(removed)
    }

    /// DOM "remove an event listener", of this one. False if it is gone.
    pub(crate) fn remove_registration(&self, registration: &Registration<T, C>) -> bool {
        self.remove_where(|known| std::ptr::eq(known, registration))
            .is_some()
    }

    /// Whether one is meant.
    pub(crate) fn any(&self, mut is_meant: impl FnMut(&Registration<T, C>) -> bool) -> bool {
        let registrations = self.registrations.borrow();
        let mut all = registrations.iter().flat_map(|all| all.iter());
        all.any(|registration| is_meant(registration))
    }

    /// Removes all.
    pub(crate) fn clear(&self) {
        let registrations = self.registrations.take();
        for registration in registrations.iter().flat_map(|all| all.iter()) {
            registration.is_removed.set(true);
        }
    }

    /// DOM "dispatch", for a target without a parent: two passes over the same object. `call` runs a
    /// listener, which has been removed by then if it was for once; without one, the type's event
    /// handler, ahead of all that don't capture, if `handlers_run_first`. False if the event was
    /// canceled.
    pub(crate) fn dispatch<Q: PartialEq + ?Sized>(
        &self,
        state: &EventState,
        type_: &Q,
        handlers_run_first: bool,
        mut call: impl FnMut(Option<&Registration<T, C>>),
    ) -> bool
    where
        T: Borrow<Q>,
    {
        let under_way = state.begin_dispatch();
        if !state.propagation_is_stopped() {
            // Each pass keeps the list of the moment at which it begins.
            let mut registrations = self.registrations.borrow().clone();
            if self.invoke(registrations.as_deref(), state, type_, true, &mut call) {
                registrations = self.registrations.borrow().clone();
            }
            if !state.propagation_is_stopped() {
                if handlers_run_first {
                    call(None);
                }
                self.invoke(registrations.as_deref(), state, type_, false, &mut call);
            }
        }
        drop(under_way);
        !state.is_canceled()
    }

    /// DOM "inner invoke"; whether a listener was called.
    fn invoke<Q: PartialEq + ?Sized>(
        &self,
        registrations: Option<&[Rc<Registration<T, C>>]>,
        state: &EventState,
        type_: &Q,
        capture: bool,
        call: &mut impl FnMut(Option<&Registration<T, C>>),
    ) -> bool
    where
        T: Borrow<Q>,
    {
        let mut has_called = false;
        for registration in registrations.unwrap_or_default() {
            if state.propagation_is_stopped_at_once() {
                break;
            }
            if registration.is_removed.get()
                || registration.capture != capture
                || registration.type_.borrow() != type_
            {
                continue;
            }
            if registration.once {
                self.remove_registration(registration);
            }
            state.set_in_passive_listener(registration.passive);
            call(Some(registration));
            state.set_in_passive_listener(false);
            has_called = true;
        }
        has_called
    }
}
