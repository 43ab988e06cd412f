//! What the loop shares with the objects that live on it.

use super::garbage::Garbage;
use super::remote::Remote;
use super::task_source::TaskSource;
use super::texts::Texts;
use super::{Exception, Host};
use crate::connection::Scheduler;
use crate::console;
use crate::user_agent::UserAgent;
use futures::future::LocalBoxFuture;
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;
use std::time::Instant;

/// HTML "task".
pub(super) enum Task {
    /// On the WebSocket task source of one object: a task for each of so many occurrences on its connection.
    Feedback(Rc<TaskSource>, usize),
    Callback(Box<dyn FnOnce()>),
    /// Steps of a standard. They are not script: a microtask checkpoint follows each callback in them.
    Steps(Box<dyn FnOnce()>),
}

/// ECMA-262 "agent", as the loop knows it: its jobs are microtasks here.
pub(crate) trait Agent {
    /// Runs jobs until none is left; whether there were any. Does nothing if the agent is in use, or is gone.
    fn run_microtasks(&self) -> bool;
    /// Does nothing if the agent is in use, or is gone.
    fn collect_garbage(&self);
    fn is_gone(&self) -> bool;
}

pub(crate) struct Shared {
    tasks: RefCell<VecDeque<Task>>,
    /// How many tasks that is.
    task_count: Cell<usize>,
    /// Connections to be polled from the next round on.
    spawned: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    /// Those of them that have begun, and are not waited for.
    background: Rc<Cell<usize>>,
    /// How many callbacks are on the script stack.
    script_depth: Cell<usize>,
    /// HTML "performing a microtask checkpoint".
    in_checkpoint: Cell<bool>,
    /// When the current task was first asked for its time.
    task_time: Cell<Option<Instant>>,
    host: Option<Box<dyn Host>>,
    /// There is somebody who has microtasks: the host, or an agent.
    has_microtasks: Cell<bool>,
    /// Those whose realms have sockets of this loop.
    agents: RefCell<Vec<Rc<dyn Agent>>>,
    garbage: Garbage,
    /// Without a host: the first panic of the current task.
    panic: RefCell<Option<Box<dyn Any + Send>>>,
    remote: Arc<Remote>,
    scheduler: Rc<Scheduler>,
    texts: Texts,
    /// For sockets that are given none.
    user_agent: OnceCell<UserAgent>,
    is_shut_down: Cell<bool>,
}

/// Room for so many tasks is kept when there are none.
const KEPT: usize = 1024;
/// And where all connections are idle for so many.
const KEPT_AT_REST: usize = 64;

impl Shared {
    pub(super) fn new(host: Option<Box<dyn Host>>, remote: Arc<Remote>) -> Self {
        Self {
            tasks: RefCell::default(),
            task_count: Cell::new(0),
            spawned: RefCell::default(),
            background: Rc::default(),
            script_depth: Cell::new(0),
            in_checkpoint: Cell::new(false),
            task_time: Cell::new(None),
            has_microtasks: Cell::new(host.is_some()),
            host,
            agents: RefCell::default(),
            garbage: Garbage::default(),
            panic: RefCell::default(),
            remote,
            scheduler: Rc::default(),
            texts: Texts::default(),
            user_agent: OnceCell::new(),
            is_shut_down: Cell::new(false),
        }
    }

    pub(super) fn remote(&self) -> &Arc<Remote> {
        &self.remote
    }

    /// The user agent of sockets that are given none.
    pub(crate) fn user_agent(&self) -> &UserAgent {
        self.user_agent.get_or_init(UserAgent::default)
    }

    /// How the loop's connections take turns.
    pub(crate) fn scheduler(&self) -> &Rc<Scheduler> {
        &self.scheduler
    }

    /// What its objects have in common.
    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Has the loop poll this future to its end.
    pub(crate) fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        if !self.is_shut_down.get() {
            self.spawned.borrow_mut().push(future);
            self.remote.wake();
        }
    }

    /// The same for one that the loop does not wait for: where nothing else is left it stands still.
    #[cfg(all(feature = "http2", not(target_family = "wasm")))]
    pub(crate) fn spawn_in_background(&self, future: LocalBoxFuture<'static, ()>) {
        let background = self.background.clone();
        self.spawn(Box::pin(async move {
            // From here on the executor has it.
            let _counted = Counted::new(&background);
            future.await;
        }));
    }

    /// How many of the futures that the executor has are in the background.
    pub(super) fn in_background(&self) -> usize {
        self.background.get()
    }

    pub(super) fn take_spawned(&self) -> Vec<LocalBoxFuture<'static, ()>> {
        self.spawned.take()
    }

    pub(crate) fn queue_callback(&self, callback: Box<dyn FnOnce()>) {
        self.queue(Task::Callback(callback));
    }

    /// Queues steps that are not script themselves, though they may call it.
    pub(crate) fn queue_steps(&self, steps: Box<dyn FnOnce()>) {
        self.queue(Task::Steps(steps));
    }

    /// Queues a task for each of so many occurrences on the source's connection.
    pub(super) fn queue_feedback(&self, source: &Rc<TaskSource>, count: usize) {
        if self.is_shut_down.get() {
            return;
        }
        let mut tasks = self.tasks.borrow_mut();
        match tasks.back_mut() {
            Some(Task::Feedback(last, more)) if Rc::ptr_eq(last, source) => *more += count,
            _ => tasks.push_back(Task::Feedback(source.clone(), count)),
        }
        drop(tasks);
        self.task_count.set(self.task_count.get() + count);
        self.remote.wake();
    }

    fn queue(&self, task: Task) {
        if !self.is_shut_down.get() {
            self.tasks.borrow_mut().push_back(task);
            self.task_count.set(self.task_count.get() + 1);
            self.remote.wake();
        }
    }

    pub(super) fn take_remote_tasks(&self) {
        if let Some(tasks) = self.remote.take_tasks() {
            self.task_count.set(self.task_count.get() + tasks.len());
            let tasks = tasks.into_iter().map(|task| Task::Callback(task));
            self.tasks.borrow_mut().extend(tasks);
        }
    }

    pub(super) fn has_tasks(&self) -> bool {
        !self.tasks.borrow().is_empty()
    }

    /// Something other than a connection keeps the loop from being idle.
    pub(super) fn is_waited_for(&self) -> bool {
        self.has_tasks() || !self.spawned.borrow().is_empty() || self.remote.is_held()
    }

    /// Runs the tasks that are queued now, one at a time.
    pub(super) fn run_tasks(&self) {
        let mut left = self.task_count.get();
        while left > 0 {
            let task = self.tasks.borrow_mut().pop_front();
            match task {
                Some(Task::Feedback(source, count)) => {
                    let mut announced = Announced {
                        shared: self,
                        source,
                        left: count,
                    };
                    while left > 0 && announced.take_one() {
                        left -= 1;
                        self.run_task(|| announced.source.run());
                    }
                }
                Some(Task::Steps(steps)) => {
                    left -= 1;
                    self.run_task(steps);
                }
                Some(Task::Callback(callback)) => {
                    left -= 1;
                    self.run_task(|| {
                        self.run_callback(|| {
                            callback();
                            Ok(())
                        });
                    });
                }
                None => break,
            }
        }
        let mut tasks = self.tasks.borrow_mut();
        if tasks.is_empty() && tasks.capacity() > KEPT {
            *tasks = VecDeque::new();
        }
    }

    /// All connections are idle.
    fn rest(&self) {
        self.tasks.borrow_mut().shrink_to(KEPT_AT_REST);
    }

    /// Runs a task that has been taken out of the queue.
    #[inline]
    fn run_task(&self, task: impl FnOnce()) {
        self.task_count.set(self.task_count.get() - 1);
        self.task_time.set(None);
        task();
        self.perform_microtask_checkpoint();
        self.resume_panic();
    }

    /// WebIDL "invoke a callback function": what it throws is reported, and the microtask checkpoint
    /// follows if the script stack is empty.
    pub(crate) fn run_callback(&self, callback: impl FnOnce() -> Result<(), Box<dyn Error>>) {
        let depth = Counted::new(&self.script_depth);
        let outcome = catch_unwind(AssertUnwindSafe(callback));
        drop(depth);
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.report(Exception::Error(error)),
            Err(panic) => self.report(Exception::Panic(panic)),
        }
        self.perform_microtask_checkpoint();
    }

    /// The time of the current task. It stands still, as what a timer would do is for another task.
    pub(crate) fn task_time(&self) -> Instant {
        let time = self.task_time.get().unwrap_or_else(Instant::now);
        self.task_time.set(Some(time));
        time
    }

    /// A callback is on the script stack, or a microtask.
    pub(crate) fn is_in_script(&self) -> bool {
        self.script_depth.get() > 0 || self.in_checkpoint.get()
    }

    pub(crate) fn run_script<T>(&self, script: impl FnOnce() -> T) -> T {
        if !self.is_in_script() {
            self.task_time.set(None);
        }
        let depth = Counted::new(&self.script_depth);
        let result = script();
        drop(depth);
        self.perform_microtask_checkpoint();
        self.resume_panic_outside_tasks();
        result
    }

    /// HTML "perform a microtask checkpoint", if the script stack is empty.
    #[inline]
    fn perform_microtask_checkpoint(&self) {
        // Step 1. Where there are neither jobs nor those who hear of it, that is all.
        if self.has_microtasks.get() && !self.is_in_script() {
            self.run_microtasks();
        }
    }

    fn run_microtasks(&self) {
        // Steps 2 and 7.
        let _checkpoint = Checkpoint::begin(&self.in_checkpoint);
        self.garbage.suspect();
        // Step 3. The standard's one queue is several here, the host's and each agent's: what runs in one may
        // queue more in another.
        let mut has_run = true;
        while std::mem::take(&mut has_run) {
            if let Some(host) = &self.host {
                host.perform_microtask_checkpoint();
            }
            // A job is script on the stack, whatever it calls.
            let script = self.enter_script();
            self.each_agent(|agent| has_run |= agent.run_microtasks());
            drop(script);
        }
    }

    fn each_agent(&self, mut visit: impl FnMut(&dyn Agent)) {
        let agents = self.agents.borrow().len();
        for index in 0..agents {
            // A job may bring another agent, or be the end of one.
            let agent = self.agents.borrow().get(index).cloned();
            if let Some(agent) = agent {
                visit(&*agent);
            }
        }
    }

    pub(super) fn garbage(&self) -> &Garbage {
        &self.garbage
    }

    /// Nothing is ready: sockets that are garbage are not to be waited for.
    pub(super) fn before_waiting(&self, cx: &mut Context<'_>) {
        if self.scheduler.are_all_idle() {
            self.rest();
        }
        if self.agents.borrow().is_empty() {
            return;
        }
        self.garbage.before_waiting(cx, || {
            self.each_agent(|agent| agent.collect_garbage());
            // Finalizers are jobs.
            self.perform_microtask_checkpoint();
        });
    }

    /// Has an agent's microtasks run with the loop's checkpoints, for as long as it exists.
    pub(crate) fn add_agent(&self, agent: Rc<dyn Agent>) {
        let mut agents = self.agents.borrow_mut();
        agents.retain(|agent| !agent.is_gone());
        agents.push(agent);
        self.has_microtasks.set(true);
    }

    /// How many callbacks, and calls out of them, are on the stack.
    pub(crate) fn script_depth(&self) -> usize {
        self.script_depth.get()
    }

    /// Counts a script that is on the stack without this loop's doing, until the result is dropped.
    pub(crate) fn enter_script(&self) -> impl Drop + '_ {
        Counted::new(&self.script_depth)
    }

    /// HTML "report an exception".
    pub(crate) fn report(&self, exception: Exception) {
        match (&self.host, exception) {
            (Some(host), exception) => host.report_exception(exception),
            (None, Exception::Panic(panic)) => {
                self.panic.borrow_mut().get_or_insert(panic);
            }
            (None, Exception::Error(error)) => {
                console::error(&format!("uncaught exception: {error}"));
            }
        }
    }

    /// After callbacks that no task ran: a panic that no host took goes on.
    pub(crate) fn resume_panic_outside_tasks(&self) {
        if self.script_depth.get() == 0 && !self.remote.is_in_turn() {
            self.resume_panic();
        }
    }

    /// After callbacks: a panic that no host took goes on.
    pub(super) fn resume_panic(&self) {
        if let Some(panic) = self.panic.take() {
            resume_unwind(panic);
        }
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.is_shut_down.get()
    }

    /// The loop is gone: nothing is queued any more, and what was is dropped.
    pub(super) fn shut_down(&self) {
        self.is_shut_down.set(true);
        self.remote.shut_down();
        self.spawned.take();
        let tasks = self.tasks.take();
        for task in &tasks {
            if let Task::Feedback(source, _) = task {
                source.release();
            }
        }
    }
}

/// Tasks of one source, while they are run one by one. What is left of them when it is dropped goes back to the front.
struct Announced<'a> {
    shared: &'a Shared,
    source: Rc<TaskSource>,
    left: usize,
}

impl Announced<'_> {
    fn take_one(&mut self) -> bool {
        let is_one_left = self.left > 0;
        self.left -= usize::from(is_one_left);
        is_one_left
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        if self.left > 0 {
            let task = Task::Feedback(self.source.clone(), self.left);
            self.shared.tasks.borrow_mut().push_front(task);
        }
    }
}

/// Counts one more until it is dropped, also while it unwinds.
struct Counted<'a>(&'a Cell<usize>);

impl<'a> Counted<'a> {
    fn new(count: &'a Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A microtask checkpoint that is being performed, also while it unwinds.
struct Checkpoint<'a>(&'a Cell<bool>);

impl<'a> Checkpoint<'a> {
    fn begin(in_checkpoint: &'a Cell<bool>) -> Self {
        in_checkpoint.set(true);
        Self(in_checkpoint)
    }
}

impl Drop for Checkpoint<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
