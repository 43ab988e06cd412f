//! HTML "perform a microtask checkpoint", with microtasks that run script themselves.

use dom_websocket::host::{self, Entry, Realm, Visit};
use dom_websocket::{EventLoop, Exception, Host, Turn, WeakEventLoop};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// What ran, in order.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn push(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

type Microtask = Box<dyn FnOnce()>;

/// Microtasks, of a host or of an engine.
#[derive(Clone, Default)]
struct Microtasks(Rc<RefCell<VecDeque<Microtask>>>);

impl Microtasks {
    fn queue(&self, microtask: impl FnOnce() + 'static) {
        self.0.borrow_mut().push_back(Box::new(microtask));
    }

    fn run(&self) {
        loop {
            let microtask = self.0.borrow_mut().pop_front();
            match microtask {
                Some(microtask) => microtask(),
                None => return,
            }
        }
    }
}

/// A host that does this at each checkpoint.
struct At<F>(F);

impl<F: Fn()> Host for At<F> {
    fn perform_microtask_checkpoint(&self) {
        (self.0)();
    }

    fn report_exception(&self, exception: Exception) {
        panic!("{exception}");
    }
}

/// A loop whose host does `checkpoint` at each checkpoint, with the loop at hand.
fn loop_with(checkpoint: impl Fn(&EventLoop) + 'static) -> EventLoop {
    let slot = Rc::new(OnceCell::<WeakEventLoop>::new());
    let of_host = slot.clone();
    let event_loop = EventLoop::with_host(At(move || {
        let event_loop = of_host.get().and_then(WeakEventLoop::upgrade);
        checkpoint(&event_loop.expect("the test has put it there"));
    }));
    assert!(slot.set(event_loop.downgrade()).is_ok());
    event_loop
}

/// An engine that has nothing but microtasks, and its realm.
struct Engine {
    microtasks: Microtasks,
    event_loop: EventLoop,
}

impl Engine {
    fn install(event_loop: &EventLoop) -> (Rc<dyn Entry>, Rc<Realm>, Microtasks) {
        let microtasks = Microtasks::default();
        let entry: Rc<dyn Entry> = Rc::new(Self {
            microtasks: microtasks.clone(),
            event_loop: event_loop.clone(),
        });
        let realm = host::Options::new(event_loop).realm().unwrap();
        realm.set_entry(Rc::downgrade(&entry));
        (entry, realm, microtasks)
    }
}

impl Entry for Engine {
    fn enter(&self, _: Visit<'_>) -> bool {
        false
    }

    fn run_microtasks(&self) -> bool {
        let has_some = !self.microtasks.0.borrow().is_empty();
        // Needless, because a microtask is script on the stack anyway, and harmless.
        self.event_loop.run_script(|| self.microtasks.run());
        has_some
    }
}

#[test]
fn a_checkpoint_that_runs_script_performs_no_other() {
    let log = Log::default();
    let event_loop = loop_with({
        let log = log.clone();
        move |event_loop| {
            log.push("checkpoint");
            event_loop.run_script(|| log.push("script"));
            event_loop.run_script(|| log.push("more script"));
        }
    });
    event_loop.run_script(|| ());
    assert_eq!(log.take(), ["checkpoint", "script", "more script"]);
    event_loop.queue_task(|| ());
    event_loop.run();
    // One after the callback, one after the task.
    let twice = ["checkpoint", "script", "more script"].repeat(2);
    assert_eq!(log.take(), twice);
}

#[test]
fn what_a_microtask_queues_runs_in_the_same_checkpoint() {
    let (log, microtasks) = (Log::default(), Microtasks::default());
    let event_loop = loop_with({
        let (log, microtasks) = (log.clone(), microtasks.clone());
        move |_| {
            log.push("begin");
            microtasks.run();
            log.push("end");
        }
    });
    event_loop.run_script(|| {
        let (log, event_loop, queue) = (log.clone(), event_loop.clone(), microtasks.clone());
        microtasks.queue(move || {
            event_loop.run_script(|| {
                let log = log.clone();
                queue.queue(move || log.push("second"));
            });
            log.push("first");
        });
    });
    assert_eq!(log.take(), ["begin", "first", "second", "end"]);
}

#[test]
fn a_checkpoint_that_panics_is_over() {
    let (log, panics) = (Log::default(), Rc::new(Cell::new(true)));
    let event_loop = loop_with({
        let log = log.clone();
        move |event_loop| {
            log.push("checkpoint");
            if panics.take() {
                event_loop.run_script(|| panic!("in a microtask"));
            }
        }
    });
    let run = || event_loop.run_script(|| ());
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert_eq!(log.take(), ["checkpoint"]);
    run();
    assert_eq!(log.take(), ["checkpoint"]);
}

#[test]
fn a_turn_in_a_checkpoint_does_nothing() {
    let log = Log::default();
    let event_loop = loop_with({
        let log = log.clone();
        move |event_loop| {
            assert_eq!(event_loop.turn(), Turn::Idle);
            log.push("checkpoint");
        }
    });
    event_loop.queue_task({
        let log = log.clone();
        move || log.push("task")
    });
    event_loop.run_script(|| ());
    assert_eq!(log.take(), ["checkpoint"]);
    event_loop.run();
    assert_eq!(log.take(), ["task", "checkpoint", "checkpoint"]);
}

#[test]
fn the_microtasks_of_all_engines_run_before_the_checkpoint_is_over() {
    let (log, of_host) = (Log::default(), Microtasks::default());
    let event_loop = loop_with({
        let of_host = of_host.clone();
        move |event_loop| event_loop.run_script(|| of_host.run())
    });
    let (_a, _realm_a, a) = Engine::install(&event_loop);
    let (_b, _realm_b, b) = Engine::install(&event_loop);
    // Script of one queues what another runs, forth and back: b, a, the host, b.
    let step = |name: &'static str, queue: &Microtasks, next: Microtask| {
        let (log, event_loop, queue) = (log.clone(), event_loop.clone(), queue.clone());
        Box::new(move || {
            event_loop.run_script(|| {
                queue.queue(move || {
                    log.push(name);
                    next();
                });
            });
        }) as Microtask
    };
    let last = step("b again", &b, Box::new(|| ()));
    let third = step("host", &of_host, last);
    let second = step("a", &a, third);
    let first = step("b", &b, second);
    event_loop.run_script(first);
    assert_eq!(log.take(), ["b", "a", "host", "b again"]);
}

#[test]
fn an_engine_that_is_gone_or_new_disturbs_no_checkpoint() {
    let log = Log::default();
    let event_loop = EventLoop::new();
    let (a, _realm_a, of_a) = Engine::install(&event_loop);
    let (b, _realm_b, of_b) = Engine::install(&event_loop);
    let new = Rc::new(RefCell::new(None));
    of_a.queue({
        let (log, event_loop, new) = (log.clone(), event_loop.clone(), new.clone());
        move || {
            drop(b);
            let (entry, realm, microtasks) = Engine::install(&event_loop);
            microtasks.queue({
                let log = log.clone();
                move || log.push("new")
            });
            new.replace(Some((entry, realm)));
            log.push("a");
        }
    });
    of_b.queue(|| panic!("it is gone"));
    event_loop.run_script(|| ());
    event_loop.run_script(|| ());
    assert_eq!(log.take(), ["a", "new"]);
    drop(a);
}
