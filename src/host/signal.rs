//! The state of an `AbortSignal` (DOM section 3.2), without the values of script's that belong to it.

use super::dispatch;
use super::event_target::Target;
use super::string::DomString;
use crate::dom::Registration;
use crate::event_loop::Shared;
use crate::net::runtime;
use futures::channel::oneshot;
use futures::future::{Either, OptionFuture, select};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

/// What an `AbortSignal` is beside an `EventTarget`. Its reason lies in a slot.
#[derive(Default)]
pub(super) struct Signal {
    is_aborted: Cell<bool>,
    /// Its abort steps are still to come, though it is aborted.
    pub(super) is_due: Cell<bool>,
    timeout: Option<Timeout>,
    removals: RefCell<Vec<Removal>>,
    pub(super) dependents: Dependents,
    /// DOM "source signals". None of these depends on others.
    sources: RefCell<Vec<Rc<Source>>>,
    /// The source that it was aborted with.
    cause: RefCell<Option<Rc<Source>>>,
}

impl Signal {
    /// The signal of DOM `AbortSignal.timeout`.
    pub(super) fn timed(shared: Rc<Shared>, duration: Duration) -> Self {
        // A task's time is not after what it begins.
        shared.task_time();
        Self {
            timeout: Some(Timeout {
                begin: Instant::now(),
                duration,
                shared,
                timer: Cell::new(None),
            }),
            ..Self::default()
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

    fn abort_with(&self, source: Rc<Source>) {
        self.cause.replace(Some(source));
        self.abort();
    }

    /// Aborts a dependent of a signal's.
    pub(super) fn abort_after(&self, target: &Rc<Target>) {
        let source = self.source(target);
        self.cause.replace(source);
        self.abort();
    }

    /// The source that it was aborted with.
    pub(super) fn cause(&self) -> Option<Rc<Source>> {
        self.cause.borrow().clone()
    }

    pub(super) fn sources(&self) -> Vec<Rc<Source>> {
        self.sources.borrow().clone()
    }

    /// Its source that is this signal.
    pub(super) fn source(&self, target: &Rc<Target>) -> Option<Rc<Source>> {
        let sources = self.sources.borrow();
        let mut sources = sources.iter();
        sources
            .find(|source| Rc::ptr_eq(&source.target, target))
            .cloned()
    }

    pub(super) fn add_source(&self, source: Source) {
        self.sources.borrow_mut().push(Rc::new(source));
    }

    pub(super) fn is_timed(&self) -> bool {
        self.timeout.is_some()
    }

    /// Whether something other than a listener would come of its being aborted.
    pub(super) fn has_effects(&self) -> bool {
        self.dependents.held.get() > 0 || self.removals.borrow().iter().any(Removal::is_live)
    }

    pub(super) fn add_removal(&self, removal: Removal) {
        let mut removals = self.removals.borrow_mut();
        // Those that have become pointless make room before the list grows.
        if removals.len() == removals.capacity() {
            removals.retain(Removal::is_live);
        }
        removals.push(removal);
    }

    /// DOM "run the abort steps", steps 1 and 2. The event follows.
    pub(super) fn run_algorithms(&self) {
        for removal in self.removals.take() {
            removal.run();
        }
    }

    /// Has a timer run exactly while somebody waits: it keeps the loop from being idle.
    pub(super) fn set_timer(&self, target: &Rc<Target>, is_awaited: bool) {
        if let Some(timeout) = &self.timeout {
            let timer = timeout.timer.take();
            timeout.timer.set(match (is_awaited, timer) {
                (true, None) => Some(timeout.start(target)),
                (true, timer) => timer,
                (false, _) => None,
            });
        }
    }
}

/// The end of a signal's time.
struct Timeout {
    begin: Instant,
    duration: Duration,
    shared: Rc<Shared>,
    /// Ends the timer when it is dropped.
    timer: Cell<Option<oneshot::Sender<()>>>,
}

impl Timeout {
    /// Whether the time was over before the current task, and there is no timer to say so.
    fn has_passed(&self) -> bool {
        let timer = self.timer.take();
        let is_running = timer.is_some();
        self.timer.set(timer);
        let passed = self
            .shared
            .task_time()
            .saturating_duration_since(self.begin);
        !is_running && passed > self.duration
    }

    /// HTML "run steps after a timeout". Its timers end with a page.
    fn start(&self, target: &Rc<Target>) -> oneshot::Sender<()> {
        let (stop, stopped) = oneshot::channel();
        let page_left = target.realm().map(|realm| realm.left());
        let left = self.duration.saturating_sub(self.begin.elapsed());
        let (tasks, target) = (Rc::downgrade(&self.shared), Rc::downgrade(target));
        self.shared.spawn(Box::pin(async move {
            let sleeping = pin!(runtime::sleep(left));
            let ended = select(stopped, OptionFuture::from(page_left));
            let is_stopped = matches!(select(ended, sleeping).await, Either::Left(_));
            if let (Some(tasks), false) = (tasks.upgrade(), is_stopped) {
                tasks.queue_steps(Box::new(move || {
                    if let Some(target) = target.upgrade() {
                        dispatch::time_out(&target);
                    }
                }));
            }
        }));
        stop
    }
}

/// A listener to remove.
pub(super) struct Removal {
    target: Weak<Target>,
    registration: Weak<Registration<DomString, usize>>,
}

impl Removal {
    pub(super) fn new(
        target: &Rc<Target>,
        registration: &Rc<Registration<DomString, usize>>,
    ) -> Self {
        Self {
            target: Rc::downgrade(target),
            registration: Rc::downgrade(registration),
        }
    }

    fn is_live(&self) -> bool {
        self.registration.strong_count() > 0
    }

    pub(super) fn run(&self) {
        if let (Some(target), Some(registration)) =
            (self.target.upgrade(), self.registration.upgrade())
        {
            target.remove_from_afar(&registration);
        }
    }
}

/// A source, as its dependent knows it.
pub(super) struct Source {
    pub(super) target: Rc<Target>,
    /// The dependent's slot that has its object.
    pub(super) slot: usize,
    pub(super) link: Rc<Link>,
}

impl Source {
    fn is_aborted(&self) -> bool {
        self.target.signal().is_some_and(Signal::aborted)
    }
}

/// A dependent, as its source knows it.
pub(super) struct Link {
    dependent: Weak<Target>,
    /// The source's slot that keeps the dependent's object alive, while somebody waits for that.
    slot: Cell<Option<usize>>,
}

impl Link {
    pub(super) fn dependent(&self) -> Option<Rc<Target>> {
        self.dependent.upgrade()
    }

    pub(super) fn slot(&self) -> Option<usize> {
        self.slot.get()
    }
}

/// DOM "dependent signals", a weak set.
#[derive(Default)]
pub(super) struct Dependents {
    links: RefCell<Vec<Rc<Link>>>,
    /// How many links have a slot.
    held: Cell<usize>,
    /// The length at which those that are gone are looked for.
    limit: Cell<usize>,
}

impl Dependents {
    /// Adds one, and forgets those that are gone before the list grows.
    pub(super) fn add(&self, dependent: &Rc<Target>) -> Rc<Link> {
        let link = Rc::new(Link {
            dependent: Rc::downgrade(dependent),
            slot: Cell::new(None),
        });
        let mut links = self.links.borrow_mut();
        if links.len() >= self.limit.get() {
            links.retain(|link| link.dependent.strong_count() > 0);
            self.limit.set((2 * links.len()).max(8));
        }
        links.push(link.clone());
        link
    }

    /// Whether the next one makes it look for those that are gone.
    pub(super) fn is_full(&self) -> bool {
        self.links.borrow().len() >= self.limit.get()
    }

    /// The links, in the order in which they were made.
    pub(super) fn links(&self) -> Vec<Rc<Link>> {
        self.links.borrow().clone()
    }

    /// Forgets all, once they have been aborted.
    pub(super) fn clear(&self) {
        self.links.take();
    }

    /// Notes the slot that holds a dependent.
    pub(super) fn hold(&self, link: &Link, slot: usize) {
        link.slot.set(Some(slot));
        self.held.set(self.held.get() + 1);
    }

    /// The slot that holds a dependent, which it does no longer.
    pub(super) fn release(&self, link: &Link) -> Option<usize> {
        let slot = link.slot.take()?;
        self.held.set(self.held.get() - 1);
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event_target::Role;
    use super::super::realm::Options;
    use super::*;
    use crate::event_loop::EventLoop;

    #[test]
    fn dependents_that_are_gone_are_forgotten() {
        let realm = Options::new(&EventLoop::new()).realm().unwrap();
        let signal = || Target::new(&realm, Role::Signal(Signal::default()));
        let dependents = Dependents::default();
        let alive: Vec<_> = (0..100).map(|_| signal()).collect();
        for dependent in &alive {
            dependents.add(dependent);
        }
        for _ in 0..100_000 {
            dependents.add(&signal());
        }
        assert!(dependents.links().len() <= 200);
        let left = dependents.links();
        let left = left.iter().filter_map(|link| link.dependent());
        assert!(
            left.zip(&alive)
                .all(|(left, alive)| Rc::ptr_eq(&left, alive))
        );
    }
}
