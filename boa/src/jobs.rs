//! Boa's jobs on the event loop.

use crate::enter::{Enter, enter};
use crate::scope::{InRealm, Scope, describe, registry_of};
use boa_engine::job::{
    CancellationToken, GenericJob, IntervalJob, Job, JobExecutor, NativeAsyncJob, PromiseJob,
    TimeoutJob,
};
use boa_engine::realm::Realm;
use boa_engine::{Context, JsError, JsNativeError, JsResult};
use dom_websocket::host::{self, ScriptError};
use dom_websocket::{EventLoop, Exception, WeakEventLoop};
use futures::channel::oneshot;
use futures::future::{Either, FutureExt, Shared as SharedFuture, select};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Boa's jobs on an [`EventLoop`]: promise jobs are its microtasks, timers its tasks.
///
/// An async job of Boa's, such as the loading of a module, can't be polled between tasks, because it
/// borrows the context: it is waited for, in its turn among the promise jobs. Registries of
/// finalizers are not served.
pub struct Jobs {
    event_loop: WeakEventLoop,
    /// The way into the context, once sockets are installed there.
    way_in: RefCell<Option<Rc<Enter>>>,
    microtasks: RefCell<VecDeque<(Realm, Microtask)>>,
    /// By time, and among equals in the order in which they were set.
    timers: RefCell<BTreeMap<(Instant, u64), (Realm, Timer)>>,
    count: Cell<u64>,
}

enum Microtask {
    Promise(PromiseJob),
    Generic(GenericJob),
    Async(NativeAsyncJob),
}

enum Timer {
    Timeout(TimeoutJob),
    Interval(IntervalJob, Cancelled),
}

/// Ends when a timer is cancelled.
type Cancelled = SharedFuture<oneshot::Receiver<()>>;

fn cancelled(token: &CancellationToken) -> Cancelled {
    let (cancel, cancelled) = oneshot::channel();
    token.push_callback(move |_| drop(cancel));
    cancelled.shared()
}

impl Timer {
    fn is_cancelled(&self) -> bool {
        match self {
            Self::Timeout(job) => job.cancelled(),
            Self::Interval(job, _) => job.cancelled(),
        }
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs")
            .field("microtasks", &self.microtasks.borrow().len())
            .field("timers", &self.timers.borrow().len())
            .finish_non_exhaustive()
    }
}

impl Jobs {
    /// An executor for one context, in which sockets are [installed](super::install) with the same loop.
    #[must_use]
    pub fn new(event_loop: &EventLoop) -> Rc<Self> {
        Rc::new(Self {
            event_loop: event_loop.downgrade(),
            way_in: RefCell::default(),
            microtasks: RefCell::default(),
            timers: RefCell::default(),
            count: Cell::new(0),
        })
    }

    pub(crate) fn set_way_in(&self, enter: Rc<Enter>) {
        let before = self.way_in.replace(Some(enter));
        // What it owns is the host's, and may come back here when it goes.
        drop(before);
    }

    pub(crate) fn has_microtasks(&self) -> bool {
        !self.microtasks.borrow().is_empty()
    }

    /// HTML "run steps after a timeout": keeps the loop from being idle until then, unless the timer is
    /// cancelled.
    fn set_timer(self: &Rc<Self>, realm: Realm, timer: Timer) {
        let Some(event_loop) = self.event_loop.upgrade() else {
            return;
        };
        let (time, cancelled) = match &timer {
            Timer::Timeout(job) => (job.timeout(), cancelled(job.cancellation_token())),
            Timer::Interval(job, cancelled) => (job.interval(), cancelled.clone()),
        };
        let time = Duration::from(time);
        // A time beyond all clocks is a day that is not lived to see.
        let due = Instant::now()
            .checked_add(time)
            .unwrap_or_else(|| Instant::now() + Duration::from_secs(1 << 32));
        let key = (due, self.count.get());
        self.count.set(key.1 + 1);
        self.timers.borrow_mut().insert(key, (realm, timer));
        let jobs = Rc::downgrade(self);
        let sleeping = event_loop.sleep(time);
        event_loop.spawn(async move {
            let sleeping = pin!(sleeping);
            let is_cancelled = matches!(select(sleeping, cancelled).await, Either::Right(_));
            let Some(jobs) = jobs.upgrade() else {
                return;
            };
            if is_cancelled {
                let timer = jobs.timers.borrow_mut().remove(&key);
                drop(timer);
                return;
            }
            if let Some(event_loop) = jobs.event_loop.upgrade() {
                let jobs = Rc::downgrade(&jobs);
                event_loop.queue_task(move || {
                    if let Some(jobs) = jobs.upgrade() {
                        jobs.run_timer();
                    }
                });
            }
        });
    }

    /// The task of a timer that is due: each runs one, the first that is due, whichever woke first.
    fn run_timer(self: &Rc<Self>) {
        let way_in = self.way_in.borrow().clone();
        let has_run =
            way_in.and_then(|way_in| enter(&*way_in, |context| self.run_timer_in(context)));
        if has_run.is_none() {
            self.lose_timer();
        }
    }

    /// The context could not be entered for the timer that is due first, which must not wait for another's task.
    fn lose_timer(&self) {
        let first = self.timers.borrow_mut().pop_first();
        let is_lost = first.is_some_and(|(_, (_, timer))| !timer.is_cancelled());
        if let (true, Some(event_loop)) = (is_lost, self.event_loop.upgrade()) {
            event_loop.report_exception(Exception::Error(
                "a timer is lost: the script engine is in use where the loop turns, or has no page"
                    .into(),
            ));
        }
    }

    fn run_timer_in(self: &Rc<Self>, context: &mut Context) {
        let first = self.timers.borrow_mut().pop_first();
        let Some((_, (realm, timer))) = first else {
            return;
        };
        if timer.is_cancelled() {
            return;
        }
        let (result, again) = match timer {
            Timer::Timeout(job) => (job.call(context), None),
            Timer::Interval(job, cancelled) => {
                let result = job.call(context);
                (result, Some(Timer::Interval(job, cancelled)))
            }
        };
        if let Err(error) = result {
            // Where the loop is gone there is nobody to tell.
            let _ = self.report(context, &realm, error);
        }
        if let Some(timer) = again.filter(|timer| !timer.is_cancelled()) {
            self.set_timer(realm, timer);
        }
    }

    /// HTML "report an exception", in the realm of the job: to its page, or else to the loop. Without either
    /// it is the caller's.
    fn report(&self, context: &mut Context, realm: &Realm, error: JsError) -> JsResult<()> {
        if let Some(registry) = registry_of(realm) {
            let mut context = InRealm::enter(context, realm.clone());
            host::report(&mut Scope::new(&mut context, registry), error);
            return Ok(());
        }
        match self.event_loop.upgrade() {
            Some(event_loop) => {
                let (message, stack) = describe(context, error);
                let error = ScriptError::from_parts(message, stack);
                event_loop.report_exception(Exception::Error(Box::new(error)));
                Ok(())
            }
            None => Err(error),
        }
    }
}

impl JobExecutor for Jobs {
    fn enqueue_job(self: Rc<Self>, job: Job, context: &mut Context) {
        let current = context.realm();
        let (realm, microtask) = match job {
            Job::PromiseJob(job) => (job.realm().cloned(), Microtask::Promise(job)),
            Job::GenericJob(job) => (Some(job.realm().clone()), Microtask::Generic(job)),
            Job::AsyncJob(job) => (job.realm().cloned(), Microtask::Async(job)),
            Job::TimeoutJob(job) => return self.set_timer(current.clone(), Timer::Timeout(job)),
            Job::IntervalJob(job) => {
                let cancelled = cancelled(job.cancellation_token());
                return self.set_timer(current.clone(), Timer::Interval(job, cancelled));
            }
            _ => return,
        };
        let realm = realm.unwrap_or_else(|| current.clone());
        self.microtasks.borrow_mut().push_back((realm, microtask));
    }

    fn run_jobs(self: Rc<Self>, context: &mut Context) -> JsResult<()> {
        loop {
            let Some((realm, job)) = self.microtasks.borrow_mut().pop_front() else {
                return Ok(());
            };
            let result = match job {
                Microtask::Promise(job) => job.call(context),
                Microtask::Generic(job) => job.call(context),
                Microtask::Async(job) => match self.event_loop.upgrade() {
                    Some(event_loop) => event_loop.block_on(job.call(&RefCell::new(context))),
                    None => Err(JsNativeError::error()
                        .with_message("the event loop is gone")
                        .into()),
                },
            };
            if let Err(error) = result {
                self.report(context, &realm, error)?;
            }
        }
    }
}
