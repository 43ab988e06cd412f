//! The event loop (HTML "event loops"): one thread, one queue of tasks, and the connections that
//! feed it.

#[cfg(all(
    unix,
    feature = "native",
    not(any(feature = "async-std", feature = "smol"))
))]
mod descriptor;
mod executor;
mod garbage;
mod handle;
mod host;
mod remote;
mod shared;
mod task_source;
mod texts;
mod turn;
mod weak;

pub use handle::{Handle, KeepAlive};
pub use host::{Exception, Host};
pub(crate) use shared::{Agent, Shared};
pub(crate) use task_source::{Reader, Target, TaskSource};
pub use turn::Turn;
pub use weak::WeakEventLoop;

use crate::net::runtime::{self, Current, Runtime};
use executor::Executor;
use futures::future::FutureExt;
use futures::task::waker_ref;
use remote::Remote;
use std::cell::RefCell;
use std::fmt;
use std::io;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A queue of tasks and the connections that fill it, for one thread.
///
/// The loop polls its connections itself: it has no thread and needs no executor. Whatever a
/// connection has to say becomes a task on the WebSocket task source; tasks run one at a time, in
/// the order in which they were queued, and only inside [`turn`](Self::turn), [`run`](Self::run) or
/// [`until_idle`](Self::until_idle). So no event is ever dispatched from inside `send()`, `close()`
/// or a constructor. What one turn's tasks send on a connection leaves in one write at the turn's
/// end.
///
/// There are four ways to drive it:
///
/// * [`run`](Self::run) blocks until nothing is left to wait for;
/// * [`turn`](Self::turn) does what is ready and returns, for a loop of your own that
///   [`set_wake_up`](Self::set_wake_up) wakes;
/// * `descriptor`, with the feature `native` on Unix, says when `turn` has something to do, to a loop of your own that
///   waits for descriptors: no thread and no callback is in between;
/// * [`until_idle`](Self::until_idle) is `run` as a future, for any executor, and [`drive`](Self::drive) one without an
///   end.
///
/// `EventLoop` is a handle; its clones are the same loop. Dropping the last one closes every
/// connection of the loop at once and drops its tasks. A clone that a listener, a task or a future of
/// the loop holds keeps the loop alive as long as itself: give these a [`Handle`].
///
/// Clause: [HTML, "Event loops"](https://html.spec.whatwg.org/multipage/webappapis.html#event-loops).
///
/// ```
/// use dom_websocket::EventLoop;
///
/// let event_loop = EventLoop::new();
/// event_loop.queue_task(|| println!("a task"));
/// event_loop.run();
/// ```
#[derive(Clone)]
pub struct EventLoop {
    owner: Rc<Owner>,
}

compare_by_identity!(EventLoop, owner);

struct Owner {
    /// Where sockets and timers come from.
    runtime: Current,
    executor: RefCell<Executor>,
    shared: Rc<Shared>,
}

impl Default for EventLoop {
    fn default() -> Self {
        Self::new()
    }
}

impl EventLoop {
    /// A loop without a host: an error that a listener returns is written to standard error, and a
    /// listener's panic goes on once its task is over, out of the `turn` or `run` that ran it.
    ///
    /// # Panics
    ///
    /// Where [`try_new`](Self::try_new) is an error: with the features `native` and `tokio`, if the process has no descriptors
    /// left.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// assert_ne!(event_loop, EventLoop::new());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        made(Self::try_new())
    }

    /// [`new`](Self::new), for a process that is to go on without a loop where there can be none.
    ///
    /// # Errors
    ///
    /// The system's, with the features `native` and `tokio`, if it has no descriptors left for the process: each loop takes
    /// three, but one that is made within a runtime of tokio's none. In a browser it never fails, nor with `async-std` and `smol`:
    /// these have one reactor for the process, made with its first socket or timer, which panics where there can be none.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// match EventLoop::try_new() {
    ///     Ok(event_loop) => event_loop.run(),
    ///     Err(error) => eprintln!("no sockets now: {error}"),
    /// }
    /// ```
    pub fn try_new() -> io::Result<Self> {
        Self::build(None)
    }

    /// A loop that belongs to a JavaScript engine or another host, which runs its microtasks and
    /// hears of exceptions.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new); [`try_with_host`](Self::try_with_host) does not.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Exception, Host};
    ///
    /// struct Logger;
    ///
    /// impl Host for Logger {
    ///     fn report_exception(&self, exception: Exception) {
    ///         eprintln!("{exception}");
    ///     }
    /// }
    ///
    /// let event_loop = EventLoop::with_host(Logger);
    /// event_loop.queue_task(|| panic!("this is reported, and the loop goes on"));
    /// event_loop.run();
    /// ```
    #[track_caller]
    pub fn with_host(host: impl Host + 'static) -> Self {
        made(Self::try_with_host(host))
    }

    /// [`with_host`](Self::with_host), for a process that is to go on without a loop where there can be none.
    ///
    /// # Errors
    ///
    /// As [`try_new`](Self::try_new). The host is dropped then.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Exception, Host};
    ///
    /// struct Quiet;
    ///
    /// impl Host for Quiet {
    ///     fn report_exception(&self, _: Exception) {}
    /// }
    ///
    /// let event_loop = EventLoop::try_with_host(Quiet)?;
    /// event_loop.queue_task(|| panic!("nobody hears of it"));
    /// event_loop.run();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_with_host(host: impl Host + 'static) -> io::Result<Self> {
        Self::build(Some(Box::new(host)))
    }

    fn build(host: Option<Box<dyn Host>>) -> io::Result<Self> {
        let runtime = Current::new()?;
        let remote = Arc::new(Remote::new(&runtime));
        Ok(Self {
            owner: Rc::new(Owner {
                runtime,
                executor: RefCell::new(Executor::new(remote.clone())),
                shared: Rc::new(Shared::new(host, remote)),
            }),
        })
    }

    /// Sets what to call when a loop that is [`Turn::Waiting`] has something to do again. It is
    /// called from any thread, also from inside `send()` and its like, at most once for each turn: it
    /// must do no more than make this thread call [`turn`](Self::turn) soon. A second call replaces the first's callback.
    ///
    /// With the feature `native` a thread then waits for the sockets wherever this one doesn't: the descriptor does
    /// without. So it does with `tokio` where the loop was made outside of its runtimes.
    ///
    /// # Panics
    ///
    /// Where that thread is needed, if the system has none left, as [`std::thread::spawn`]: here, or in the turn inside of
    /// which this is called.
    ///
    /// ```
    /// # use dom_websocket::{EventLoop, Turn};
    /// let event_loop = EventLoop::new();
    /// let (wake, woken) = std::sync::mpsc::channel();
    /// event_loop.set_wake_up(move || wake.send(()).unwrap());
    /// event_loop.queue_task(|| println!("a task"));
    /// woken.recv().unwrap();
    /// assert_eq!(event_loop.turn(), Turn::Idle);
    /// ```
    pub fn set_wake_up(&self, wake_up: impl Fn() + Send + Sync + 'static) {
        self.remote().set_wake_up(Arc::new(wake_up));
        if !self.remote().is_in_turn() {
            self.runtime().watch(&waker_ref(self.remote()));
        }
    }

    /// Calls nobody any more: as before the first [`set_wake_up`](Self::set_wake_up).
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use std::sync::mpsc::channel;
    ///
    /// let event_loop = EventLoop::new();
    /// let (wake, woken) = channel();
    /// event_loop.set_wake_up(move || wake.send(()).unwrap());
    /// event_loop.clear_wake_up();
    /// event_loop.queue_task(|| ());
    /// assert!(woken.try_recv().is_err());
    /// ```
    pub fn clear_wake_up(&self) {
        self.remote().clear_wake_up();
    }

    /// Queues a task of the host's own, behind all that is queued.
    ///
    /// Clause: [HTML, "queue a task"](https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task).
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    ///
    /// let event_loop = EventLoop::new();
    /// let order = Rc::new(RefCell::new(Vec::new()));
    /// for number in 1..=3 {
    ///     let order = order.clone();
    ///     event_loop.queue_task(move || order.borrow_mut().push(number));
    /// }
    /// event_loop.run();
    /// assert_eq!(*order.borrow(), [1, 2, 3]);
    /// ```
    pub fn queue_task(&self, task: impl FnOnce() + 'static) {
        self.owner.shared.queue_callback(Box::new(task));
    }

    /// Has the loop poll a future of the host's own, beside its connections, until it ends: a timer, a
    /// channel from another thread. It is polled between tasks, never inside one. The loop is not
    /// idle while it is under way. If it panics, that is an exception to report.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use futures::StreamExt;
    ///
    /// let event_loop = EventLoop::new();
    /// let (sender, mut lines) = futures::channel::mpsc::unbounded();
    /// std::thread::spawn(move || sender.unbounded_send("from another thread"));
    /// event_loop.spawn(async move {
    ///     while let Some(line) = lines.next().await {
    ///         println!("{line}");
    ///     }
    /// });
    /// event_loop.run();
    /// ```
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let shared = Rc::downgrade(&self.owner.shared);
        let future = AssertUnwindSafe(future).catch_unwind();
        self.owner.shared.spawn(Box::pin(async move {
            if let (Err(panic), Some(shared)) = (future.await, shared.upgrade()) {
                shared.report(Exception::Panic(panic));
            }
        }));
    }

    /// Runs host code that calls script: the microtask checkpoint follows once the outermost such
    /// call is over, and not after the listeners of events that it dispatches itself (HTML "prepare
    /// to run script" and "clean up after running script").
    ///
    /// Clause: [HTML, "prepare to run script"](https://html.spec.whatwg.org/multipage/webappapis.html#prepare-to-run-script).
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// let value = event_loop.run_script(|| "what a script comes to");
    /// assert_eq!(value, "what a script comes to");
    /// ```
    pub fn run_script<T>(&self, script: impl FnOnce() -> T) -> T {
        self.owner.shared.run_script(script)
    }

    /// HTML "report an exception": tells the loop's [`Host`]. Without one an error is written to standard error,
    /// and a panic goes on where that of a listener would. For exceptions of script that the host itself ran.
    ///
    /// Clause: [HTML, "report an exception"](https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Exception};
    ///
    /// let event_loop = EventLoop::new();
    /// event_loop.report_exception(Exception::Error("what a script of mine threw".into()));
    /// ```
    pub fn report_exception(&self, exception: Exception) {
        self.owner.shared.report(exception);
    }

    /// Ends after `duration`, by the clock and the timers of the loop's runtime: for futures that this
    /// loop [polls](Self::spawn).
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use std::time::{Duration, Instant};
    ///
    /// let event_loop = EventLoop::new();
    /// let begin = Instant::now();
    /// let pause = event_loop.sleep(Duration::from_millis(5));
    /// event_loop.spawn(async move {
    ///     pause.await;
    ///     assert!(begin.elapsed() >= Duration::from_millis(5));
    /// });
    /// event_loop.run();
    /// ```
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + use<> {
        let _entered = self.runtime().enter();
        runtime::sleep(duration)
    }

    /// Blocks this thread until a future ends, and polls nothing else meanwhile: for a host that can't go
    /// on without it. Timers and sockets of the loop's runtime work in it.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use std::time::Duration;
    ///
    /// let event_loop = EventLoop::new();
    /// let pause = event_loop.sleep(Duration::from_millis(5));
    /// let value = event_loop.block_on(async {
    ///     pause.await;
    ///     "after a while"
    /// });
    /// assert_eq!(value, "after a while");
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime().block_on(future)
    }

    /// A reference that doesn't keep the loop alive: for what the loop itself holds.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// let weak = event_loop.downgrade();
    /// event_loop.queue_task(move || {
    ///     if let Some(event_loop) = weak.upgrade() {
    ///         event_loop.queue_task(|| println!("another task"));
    ///     }
    /// });
    /// event_loop.run();
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakEventLoop {
        WeakEventLoop::new(Rc::downgrade(&self.owner))
    }

    /// A handle for other threads. It does not keep the loop from becoming idle.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// let handle = event_loop.handle();
    /// let thread = std::thread::spawn(move || handle.queue_task(|| println!("on the loop's thread")));
    /// assert!(thread.join().unwrap(), "the loop is still there");
    /// event_loop.run();
    /// ```
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(self.remote().clone())
    }

    /// Keeps the loop from becoming idle until it is dropped, from whatever thread: for work under
    /// way elsewhere that will queue a task.
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// let (handle, work) = (event_loop.handle(), event_loop.keep_alive());
    /// std::thread::spawn(move || {
    ///     handle.queue_task(|| println!("the result"));
    ///     drop(work);
    /// });
    /// // It waits for the thread.
    /// event_loop.run();
    /// ```
    pub fn keep_alive(&self) -> KeepAlive {
        KeepAlive::new(self.remote().clone())
    }

    pub(crate) fn shared(&self) -> &Rc<Shared> {
        &self.owner.shared
    }

    pub(crate) fn runtime(&self) -> &Current {
        &self.owner.runtime
    }

    fn remote(&self) -> &Arc<Remote> {
        self.owner.shared.remote()
    }
}

/// Where nobody asks for the error.
#[track_caller]
fn made(event_loop: io::Result<EventLoop>) -> EventLoop {
    match event_loop {
        Ok(event_loop) => event_loop,
        Err(error) => panic!("no event loop can be made: {error}"),
    }
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop").finish_non_exhaustive()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.executor.get_mut().clear();
        self.shared.shut_down();
    }
}
