//! The state of an `AbortSignal` (DOM section 3.2), without the values of script's that belong to it.

use super::listener::Listener;
use super::realm::Left;
use super::timeout::{Timeout, Timeouts};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

/// An event target, as far as signals know it.
pub(super) trait SignalTarget: Sized + 'static {
    /// Its state, if it is a signal.
    fn abort_state(&self) -> Option<&AbortState<Self>>;
    /// Removes a listener, where the object can't be reached.
    fn remove_from_afar(self: &Rc<Self>, listener: &Listener);
    /// Ends when the page is left.
    fn page_left(&self) -> Option<Left>;
    /// Its time is over: called from a task.
    fn time_out(self: &Rc<Self>);
}

/// What an `AbortSignal` is beside an `EventTarget`. Its reason lies in a slot.
pub(super) struct AbortState<T> {
    is_aborted: Cell<bool>,
    /// Its abort steps are still to come, though it is aborted.
    pub(super) is_due: Cell<bool>,
    timeout: Option<Timeout<T>>,
    removals: RefCell<Vec<Removal<T>>>,
    /// The slots of streams' objects whose handshake it aborts.
    handshakes: RefCell<Vec<usize>>,
    pub(super) dependents: Dependents<T>,
    /// DOM "source signals". None of these depends on others.
    sources: RefCell<Vec<Rc<Source<T>>>>,
    /// The source that it was aborted with.
    cause: RefCell<Option<Rc<Source<T>>>>,
}

impl<T: SignalTarget> AbortState<T> {
    pub(super) fn new() -> Self {
        Self::with(None)
    }

    /// The signal of DOM `AbortSignal.timeout`.
    pub(super) fn timed(timeouts: Rc<Timeouts<T>>, duration: Duration) -> Self {
        Self::with(Some(Timeout::new(timeouts, duration)))
    }

    fn with(timeout: Option<Timeout<T>>) -> Self {
        Self {
            is_aborted: Cell::new(false),
            is_due: Cell::new(false),
            timeout,
            removals: RefCell::default(),
            handshakes: RefCell::default(),
            dependents: Dependents::new(),
            sources: RefCell::default(),
            cause: RefCell::default(),
        }
    }

    /// Whether it is aborted. Where nobody waits for it that is found out when somebody asks.
    pub(super) fn aborted(&self) -> bool {
        if !self.is_aborted.get() {
            if self.timeout.as_ref().is_some_and(Timeout::has_passed) {
                self.abort();
            }
            let sources = self.sources.borrow();
            let cause = sources.iter().find(|source| source.is_aborted());
            if let Some(cause) = cause {
                self.abort_with(cause.clone());
            }
        }
        self.is_aborted.get()
    }

    pub(super) fn abort(&self) {
        self.is_aborted.set(true);
    }

    fn abort_with(&self, source: Rc<Source<T>>) {
        self.cause.replace(Some(source));
        self.abort();
    }

    /// Aborts a dependent of a signal's.
    pub(super) fn abort_after(&self, target: &Rc<T>) {
        let source = self.source(target);
        self.cause.replace(source);
        self.abort();
    }

    /// The source that it was aborted with.
    pub(super) fn cause(&self) -> Option<Rc<Source<T>>> {
        self.cause.borrow().clone()
    }

    pub(super) fn sources(&self) -> Vec<Rc<Source<T>>> {
        self.sources.borrow().clone()
    }

    /// Its source that is this signal.
    pub(super) fn source(&self, target: &Rc<T>) -> Option<Rc<Source<T>>> {
        let sources = self.sources.borrow();
        let mut sources = sources.iter();
        sources
            .find(|source| Rc::ptr_eq(&source.target, target))
            .cloned()
    }

    pub(super) fn add_source(&self, source: Source<T>) {
        self.sources.borrow_mut().push(Rc::new(source));
    }

    pub(super) fn is_timed(&self) -> bool {
        self.timeout.is_some()
    }

    /// Whether something other than a listener would come of its being aborted.
    pub(super) fn has_effects(&self) -> bool {
        self.dependents.held.get() > 0
            || self.has_handshakes()
            || self.removals.borrow().iter().any(Removal::is_live)
    }

    pub(super) fn add_removal(&self, removal: Removal<T>) {
        let mut removals = self.removals.borrow_mut();
        // Those that have become pointless make room before the list grows.
        if removals.len() == removals.capacity() {
            removals.retain(Removal::is_live);
        }
        removals.push(removal);
    }

    pub(super) fn add_handshake(&self, slot: usize) {
        self.handshakes.borrow_mut().push(slot);
    }

    pub(super) fn remove_handshake(&self, slot: usize) {
        self.handshakes.borrow_mut().retain(|known| *known != slot);
    }

    pub(super) fn has_handshakes(&self) -> bool {
        !self.handshakes.borrow().is_empty()
    }

    /// Those of its algorithms that need the engine.
    pub(super) fn take_handshakes(&self) -> Vec<usize> {
        self.handshakes.take()
    }

    /// DOM "run the abort steps", steps 1 and 2, but for handshakes. The event follows.
    pub(super) fn run_algorithms(&self) {
        for removal in self.removals.take() {
            removal.run();
        }
    }

    /// Has a timer run exactly while somebody waits: it keeps the loop from being idle.
    pub(super) fn set_timer(&self, target: &Rc<T>, is_awaited: bool) {
        if let Some(timeout) = &self.timeout {
            if is_awaited {
                timeout.start(target);
            } else {
                timeout.stop();
            }
        }
    }
}

/// A listener to remove.
pub(super) struct Removal<T> {
    target: Weak<T>,
    listener: Weak<Listener>,
}

impl<T: SignalTarget> Removal<T> {
    pub(super) fn new(target: &Rc<T>, listener: &Rc<Listener>) -> Self {
        Self {
            target: Rc::downgrade(target),
            listener: Rc::downgrade(listener),
        }
    }

    fn is_live(&self) -> bool {
        self.listener.strong_count() > 0
    }

    pub(super) fn run(&self) {
        if let (Some(target), Some(listener)) = (self.target.upgrade(), self.listener.upgrade()) {
            target.remove_from_afar(&listener);
        }
    }
}

/// A source, as its dependent knows it.
pub(super) struct Source<T> {
    pub(super) target: Rc<T>,
    /// The dependent's slot that has its object.
    pub(super) slot: usize,
    /// The dependent, as the source knows it.
    pub(super) dependent: Rc<Dependent<T>>,
}

impl<T: SignalTarget> Source<T> {
    fn is_aborted(&self) -> bool {
        self.target.abort_state().is_some_and(AbortState::aborted)
    }
}

/// A dependent, as its source knows it.
pub(super) struct Dependent<T> {
    target: Weak<T>,
    /// The source's slot that keeps the dependent's object alive, while somebody waits for that.
    slot: Cell<Option<usize>>,
}

impl<T> Dependent<T> {
    pub(super) fn target(&self) -> Option<Rc<T>> {
        self.target.upgrade()
    }

    pub(super) fn slot(&self) -> Option<usize> {
        self.slot.get()
    }
}

/// DOM "dependent signals", a weak set.
pub(super) struct Dependents<T> {
    list: RefCell<Vec<Rc<Dependent<T>>>>,
    /// How many have a slot.
    held: Cell<usize>,
    /// The length at which those that are gone are looked for.
    limit: Cell<usize>,
}

impl<T> Dependents<T> {
    fn new() -> Self {
        Self {
            list: RefCell::default(),
            held: Cell::new(0),
            limit: Cell::new(0),
        }
    }

    /// Adds one, and forgets those that are gone before the list grows.
    pub(super) fn add(&self, target: &Rc<T>) -> Rc<Dependent<T>> {
        let dependent = Rc::new(Dependent {
            target: Rc::downgrade(target),
            slot: Cell::new(None),
        });
        let mut list = self.list.borrow_mut();
        if list.len() >= self.limit.get() {
            list.retain(|dependent| dependent.target.strong_count() > 0);
            self.limit.set((2 * list.len()).max(8));
        }
        list.push(dependent.clone());
        dependent
    }

    /// Whether the next one makes it look for those that are gone.
    pub(super) fn is_full(&self) -> bool {
        self.list.borrow().len() >= self.limit.get()
    }

    /// All, in the order in which they were added.
    pub(super) fn all(&self) -> Vec<Rc<Dependent<T>>> {
        self.list.borrow().clone()
    }

    /// Forgets all, once they have been aborted.
    pub(super) fn clear(&self) {
        self.list.take();
    }

    /// Notes the slot that holds a dependent.
    pub(super) fn hold(&self, dependent: &Dependent<T>, slot: usize) {
        dependent.slot.set(Some(slot));
        self.held.set(self.held.get() + 1);
    }

    /// The slot that holds a dependent, which it does no longer.
    pub(super) fn release(&self, dependent: &Dependent<T>) -> Option<usize> {
        let slot = dependent.slot.take()?;
        self.held.set(self.held.get() - 1);
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependents_that_are_gone_are_forgotten() {
        let dependents = Dependents::new();
        let alive: Vec<_> = (0..100).map(Rc::new).collect();
        for dependent in &alive {
            dependents.add(dependent);
        }
        for gone in 0..100_000 {
            dependents.add(&Rc::new(gone));
        }
        assert!(dependents.all().len() <= 200);
        let left = dependents.all();
        let left = left.iter().filter_map(|dependent| dependent.target());
        assert!(
            left.zip(&alive)
                .all(|(left, alive)| Rc::ptr_eq(&left, alive))
        );
    }
}
