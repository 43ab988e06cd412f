//! The host's job executor: Boa's jobs, and the event loop beside them.

use crate::uncaught::Uncaught;
use boa_engine::job::{
    GenericJob, IntervalJob, Job, JobExecutor, NativeAsyncJob, PromiseJob, TimeoutJob,
};
use boa_engine::{Context, JsResult};
use dom_websocket::{EventLoop, Turn};
use dom_websocket_boa::Loan;
use futures::stream::{FuturesUnordered, StreamExt};
use futures::task::AtomicWaker;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

pub(crate) struct Executor {
    event_loop: EventLoop,
    /// How the loop's tasks get at the context, which Boa gives us for as long as the jobs run.
    loan: Loan,
    uncaught: Rc<Uncaught>,
    microtasks: RefCell<VecDeque<Microtask>>,
    async_jobs: RefCell<VecDeque<NativeAsyncJob>>,
    /// By time, and among equals in the order in which they were set.
    timers: RefCell<BTreeMap<(Instant, u64), Timer>>,
    timer_count: Cell<u64>,
    /// The loop is turning: jobs are run at its checkpoints, microtasks only.
    is_turning: Cell<bool>,
    is_over: Cell<bool>,
    /// Whoever runs the jobs, to be woken when the loop has something to do.
    woken: Arc<AtomicWaker>,
}

enum Microtask {
    Promise(PromiseJob),
    Generic(GenericJob),
}

enum Timer {
    Timeout(TimeoutJob),
    Interval(IntervalJob),
}

impl Timer {
    fn is_cancelled(&self) -> bool {
        match self {
            Self::Timeout(job) => job.cancelled(),
            Self::Interval(job) => job.cancelled(),
        }
    }
}

impl Executor {
    pub(crate) fn new(event_loop: &EventLoop, loan: &Loan, uncaught: &Rc<Uncaught>) -> Rc<Self> {
        let woken = Arc::<AtomicWaker>::default();
        event_loop.set_wake_up({
            let woken = woken.clone();
            move || woken.wake()
        });
        Rc::new(Self {
            event_loop: event_loop.clone(),
            loan: loan.clone(),
            uncaught: uncaught.clone(),
            microtasks: RefCell::default(),
            async_jobs: RefCell::default(),
            timers: RefCell::default(),
            timer_count: Cell::new(0),
            is_turning: Cell::new(false),
            is_over: Cell::new(false),
            woken,
        })
    }

    /// Has the jobs end where they are, and forgets them.
    pub(crate) fn stop(&self) {
        self.is_over.set(true);
        let forgotten = (
            self.microtasks.take(),
            self.async_jobs.take(),
            self.timers.take(),
        );
        // What they own may come back here when it goes.
        drop(forgotten);
    }

    fn set_timer(&self, after: Duration, timer: Timer) {
        let number = self.timer_count.get();
        self.timer_count.set(number + 1);
        let due = Instant::now() + after;
        self.timers.borrow_mut().insert((due, number), timer);
    }

    /// ECMA-262 `HostEnqueuePromiseJob`: they run in their order, and each may queue more.
    fn run_microtasks(&self, context: &mut Context) {
        loop {
            let Some(job) = self.microtasks.borrow_mut().pop_front() else {
                break;
            };
            let result = match job {
                Microtask::Promise(job) => job.call(context),
                Microtask::Generic(job) => job.call(context),
            };
            self.uncaught.check(result, context);
        }
        self.uncaught.notify_about_rejected_promises(context);
        context.clear_kept_objects();
    }

    /// One, so that the others and messages take turns. True if there was one.
    fn run_timer(&self, context: &mut Context) -> bool {
        let timer = {
            let mut timers = self.timers.borrow_mut();
            timers.retain(|_, timer| !timer.is_cancelled());
            match timers.first_entry() {
                Some(first) if first.key().0 <= Instant::now() => first.remove(),
                _ => return false,
            }
        };
        match timer {
            Timer::Timeout(job) => {
                let result = job.call(context);
                self.uncaught.check(result, context);
            }
            Timer::Interval(job) => {
                let result = job.call(context);
                self.uncaught.check(result, context);
                if !job.cancelled() {
                    self.set_timer(job.interval().into(), Timer::Interval(job));
                }
            }
        }
        self.run_microtasks(context);
        true
    }

    fn turn(&self, context: &mut Context) -> Turn {
        self.is_turning.set(true);
        let turn = self.loan.lend(context, || self.event_loop.turn());
        self.is_turning.set(false);
        turn
    }

    fn next_timer(&self) -> Option<Instant> {
        self.timers.borrow().keys().next().map(|(due, _)| *due)
    }
}

impl JobExecutor for Executor {
    fn enqueue_job(self: Rc<Self>, job: Job, _: &mut Context) {
        if self.is_over.get() {
            return;
        }
        match job {
            Job::PromiseJob(job) => {
                let job = Microtask::Promise(job);
                self.microtasks.borrow_mut().push_back(job);
            }
            Job::GenericJob(job) => {
                let job = Microtask::Generic(job);
                self.microtasks.borrow_mut().push_back(job);
            }
            Job::AsyncJob(job) => self.async_jobs.borrow_mut().push_back(job),
            Job::TimeoutJob(job) => self.set_timer(job.timeout().into(), Timer::Timeout(job)),
            Job::IntervalJob(job) => self.set_timer(job.interval().into(), Timer::Interval(job)),
            // Registries of finalizers, which a host may leave out.
            _ => {}
        }
    }

    fn run_jobs(self: Rc<Self>, context: &mut Context) -> JsResult<()> {
        if self.is_turning.get() {
            self.run_microtasks(context);
            return Ok(());
        }
        let event_loop = self.event_loop.clone();
        event_loop.block_on(self.run_jobs_async(&RefCell::new(context)))
    }

    /// Until nothing is left: no job, no timer, no socket.
    async fn run_jobs_async(self: Rc<Self>, context: &RefCell<&mut Context>) -> JsResult<()> {
        // Futures of Boa's borrow the context, while they are polled.
        let mut under_way = FuturesUnordered::new();
        let mut sleep = pin!(None);
        poll_fn(|cx| {
            self.woken.register(cx.waker());
            self.run_microtasks(&mut context.borrow_mut());
            let started = self.async_jobs.take();
            under_way.extend(started.into_iter().map(|job| job.call(context)));
            while let Poll::Ready(Some(result)) = under_way.poll_next_unpin(cx) {
                let context = &mut context.borrow_mut();
                self.uncaught.check(result, context);
                self.run_microtasks(context);
            }
            let has_run = self.run_timer(&mut context.borrow_mut());
            let turn = self.turn(&mut context.borrow_mut());
            let next_timer = self.next_timer();
            if self.is_over.get() {
                return Poll::Ready(Ok(()));
            }
            if has_run || turn == Turn::More || !self.async_jobs.borrow().is_empty() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if turn == Turn::Idle && next_timer.is_none() && under_way.is_empty() {
                return Poll::Ready(Ok(()));
            }
            sleep.set(next_timer.map(|due| {
                let left = due.saturating_duration_since(Instant::now());
                self.event_loop.sleep(left)
            }));
            if let Some(sleep) = sleep.as_mut().as_pin_mut()
                && sleep.poll(cx).is_ready()
            {
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await
    }
}
