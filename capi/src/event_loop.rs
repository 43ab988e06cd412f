//! The event loop.

use crate::error::{Error, Fault, guard};
use crate::handle::Handle;
use crate::object::{Object, Thread, give, release, take};
use crate::user_data::{Destroy, SharedUserData, UserData, required};
use dom_websocket::{EventLoop, Exception, Host};
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::Poll;
use std::time::{Duration, Instant};

/// A queue of tasks and the connections that fill it, for one thread: the one that made it. Callbacks run inside
/// `domws_loop_turn` and `domws_loop_run` only, but for those that say otherwise.
pub struct Loop {
    thread: Thread,
    event_loop: EventLoop,
    state: Rc<State>,
}

/// What a turn left behind.
#[repr(C)]
pub enum Turn {
    /// More is ready: take another turn when it suits you.
    More = 0,
    /// Nothing is ready: wait for the descriptor, until the timeout, or for the wake-up.
    Waiting = 1,
    /// Nothing is ready, and nothing is left that could become ready.
    Idle = 2,
}

/// A task, a script, or a microtask checkpoint.
pub type TaskCallback = Option<unsafe extern "C" fn(data: *mut c_void)>;

/// A panic of a callback of the library's own: a defect. `message` is valid during the call.
pub type ReportCallback =
    Option<unsafe extern "C" fn(message: crate::string::Text, data: *mut c_void)>;

struct State {
    /// The handle has been released: nothing calls C any more.
    is_gone: Arc<AtomicBool>,
    is_running: Cell<bool>,
    is_stopped: Cell<bool>,
    checkpoint: RefCell<Option<Rc<Task>>>,
    report: RefCell<Option<Rc<Report>>>,
}

struct Task(unsafe extern "C" fn(*mut c_void), UserData);
struct Report(
    unsafe extern "C" fn(crate::string::Text, *mut c_void),
    UserData,
);

impl Task {
    fn call(&self) {
        // SAFETY: C gave both, and this is the loop's thread.
        unsafe { (self.0)(self.1.get()) };
    }
}

/// What goes to another thread.
struct SharedTask(unsafe extern "C" fn(*mut c_void), SharedUserData);

impl SharedTask {
    fn call(&self) {
        // SAFETY: C gave both, for any thread.
        unsafe { (self.0)(self.1.get()) };
    }
}

struct HostOfC(Rc<State>);

impl Host for HostOfC {
    fn perform_microtask_checkpoint(&self) {
        let checkpoint = self.0.checkpoint.borrow().clone();
        if let Some(checkpoint) = checkpoint.filter(|_| !self.0.is_gone.load(SeqCst)) {
            checkpoint.call();
        }
    }

    fn report_exception(&self, exception: Exception) {
        let message = exception.to_string();
        let report = self.0.report.borrow().clone();
        match report.filter(|_| !self.0.is_gone.load(SeqCst)) {
            // SAFETY: C gave both, and this is the loop's thread.
            Some(report) => unsafe {
                (report.0)(crate::string::Text::lend(&message), report.1.get());
            },
            // Nobody is there to hear that this failed.
            None => drop(writeln!(std::io::stderr(), "uncaught exception: {message}")),
        }
    }
}

impl Object for Loop {
    const NAME: &'static str = "loop";

    fn thread(&self) -> Thread {
        self.thread
    }
}

impl Loop {
    pub(crate) fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// Set once nothing is to call C any more.
    pub(crate) fn is_gone(&self) -> &Arc<AtomicBool> {
        &self.state.is_gone
    }

    fn run(&self) {
        let state = &self.state;
        if state.is_running.replace(true) {
            return;
        }
        state.is_stopped.set(false);
        let _end = OnDrop(|| state.is_running.set(false));
        let mut idle = pin!(self.event_loop.until_idle());
        self.event_loop.block_on(poll_fn(|cx| {
            let is_idle = idle.as_mut().poll(cx).is_ready();
            match is_idle || state.is_stopped.get() || state.is_gone.load(SeqCst) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        }));
    }
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Where the library was built with another runtime, or the system is no Unix: there is neither a descriptor nor a
/// timer to ask for. The loop's own methods, where it has some, come before these.
#[allow(dead_code, reason = "where the loop has them")]
trait WithoutDescriptor {
    fn descriptor(&self) -> NoDescriptor {
        NoDescriptor
    }

    fn next_timer(&self) -> Option<Instant> {
        None
    }
}

impl WithoutDescriptor for EventLoop {}

#[allow(dead_code, reason = "as above")]
struct NoDescriptor;

#[allow(dead_code, reason = "as above")]
impl NoDescriptor {
    fn as_raw_fd(&self) -> c_int {
        -1
    }
}

/// Makes a loop for this thread. NULL where that fails: IO where the process has no descriptors left, of which a loop takes
/// three. The handle is to be given back by `domws_loop_release`. Thread: any, whose it is then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_new(error: *mut Error) -> *mut Loop {
    let make = || {
        let state = Rc::new(State {
            is_gone: Arc::default(),
            is_running: Cell::new(false),
            is_stopped: Cell::new(false),
            checkpoint: RefCell::default(),
            report: RefCell::default(),
        });
        let event_loop = EventLoop::try_with_host(HostOfC(state.clone()));
        Ok(give(Rc::new(Loop {
            thread: Thread::current(),
            event_loop: event_loop.map_err(|error| Fault::io(&error))?,
            state,
        })))
    };
    // SAFETY: as the header has it.
    unsafe { guard(error, std::ptr::null_mut(), make) }
}

/// Ends a loop: its connections are closed at once, no callback of it is called any more, and the data of all is
/// destroyed; inside of one of its callbacks that happens when the turn returns. What lives on it (sockets, servers)
/// can be released before or later. Thread: the loop's; on another one, and for NULL, nothing is done.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_release(event_loop: *mut Loop) {
    crate::error::quietly((), || {
        // SAFETY: as the header has it.
        let this = unsafe { take(event_loop) }?;
        this.state.is_gone.store(true, SeqCst);
        let callbacks = (this.state.checkpoint.take(), this.state.report.take());
        // SAFETY: as the header has it.
        unsafe { release(event_loop) };
        drop(this);
        drop(callbacks);
        Ok(())
    });
}

/// One turn: takes in what the connections have, runs the tasks that are queued by then, and sends what they sent.
/// Never blocks. Inside of a callback of the loop it does nothing and returns IDLE. Where it fails it returns IDLE.
/// Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_turn(event_loop: *mut Loop, error: *mut Error) -> Turn {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, Turn::Idle, || {
            let this = take(event_loop)?;
            Ok(match this.event_loop.turn() {
                dom_websocket::Turn::More => Turn::More,
                dom_websocket::Turn::Waiting => Turn::Waiting,
                dom_websocket::Turn::Idle => Turn::Idle,
            })
        })
    }
}

/// Takes turns until nothing is left to wait for, or `domws_loop_stop`, blocking this thread in between. A server
/// that listens and a connection that is open are waited for. Inside of a callback of the loop it does nothing. False
/// where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_run(event_loop: *mut Loop, error: *mut Error) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            take(event_loop)?.run();
            Ok(true)
        })
    }
}

/// Has the `domws_loop_run` return that this is called in, soon: what is ready may run before. Outside of one nothing
/// is done. Thread: the loop's; others queue a task (`domws_handle_queue_task`). NULL: nothing is done.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_stop(event_loop: *mut Loop) {
    crate::error::quietly((), || {
        // SAFETY: as the header has it.
        unsafe { take(event_loop) }?.state.is_stopped.set(true);
        Ok(())
    });
}

/// What a loop of yours waits for (poll, epoll, GLib's `g_unix_fd_add`, libuv's `uv_poll_t`): readable while
/// `domws_loop_turn` has something to do. Wait no longer than `domws_loop_timeout`, which is to be asked before each
/// wait. Nothing must be read from it; it is the loop's, stays the same, and is closed by `domws_loop_release`.
/// -1 where it fails, and where there is none: then `domws_loop_set_wake_up` serves.
/// Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_descriptor(event_loop: *mut Loop, error: *mut Error) -> c_int {
    #[cfg(unix)]
    #[allow(unused_imports)]
    use std::os::fd::AsRawFd;
    // SAFETY: as the header has it.
    unsafe {
        guard(error, -1, || {
            let this = take(event_loop)?;
            match this.event_loop.descriptor().as_raw_fd() {
                -1 => Err(Fault::unsupported("this loop has no descriptor")),
                descriptor => Ok(descriptor),
            }
        })
    }
}

/// In how many milliseconds a turn is due that the descriptor doesn't tell of: fit for poll(2). -1: none is, or it
/// is NULL. A turn can change it, and so can what is called outside of one. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_timeout(event_loop: *mut Loop) -> c_int {
    crate::error::quietly(-1, || {
        // SAFETY: as the header has it.
        let this = unsafe { take(event_loop) }?;
        let Some(timer) = this.event_loop.next_timer() else {
            return Ok(-1);
        };
        // Not a moment too early, or it would be waited for again and again.
        let left = timer.saturating_duration_since(Instant::now()) + Duration::from_nanos(999_999);
        Ok(c_int::try_from(left.as_millis()).unwrap_or(c_int::MAX))
    })
}

/// Sets what to call when a waiting loop has something to do again: once for each turn. **It is called from any
/// thread**, also from inside of functions of this library, and must do no more than have the loop's thread call
/// `domws_loop_turn` soon. A loop that waits for the descriptor needs none. It replaces the one before; NULL: nobody
/// is called. A call can be under way on another thread still when it is replaced, or the loop released: `data` is for
/// any thread, and so is its `destroy`, which follows. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_set_wake_up(
    event_loop: *mut Loop,
    callback: TaskCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, move || {
            let this = take(event_loop)?;
            match callback {
                Some(callback) => {
                    let task = SharedTask(callback, SharedUserData::new(data));
                    this.event_loop.set_wake_up(move || task.call());
                }
                None => this.event_loop.clear_wake_up(),
            }
            Ok(true)
        })
    }
}

/// Queues a task behind all that is queued: `callback` is called once, in a turn. `data` is destroyed behind it, or
/// when the loop goes before. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_queue_task(
    event_loop: *mut Loop,
    callback: TaskCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, move || {
            let this = take(event_loop)?;
            let task = Task(required(callback)?, data);
            let is_gone = this.state.is_gone.clone();
            this.event_loop.queue_task(move || {
                if !is_gone.load(SeqCst) {
                    task.call();
                }
            });
            Ok(true)
        })
    }
}

/// Queues a task in so many milliseconds, a `setTimeout` of the loop's own, which is not idle meanwhile. Otherwise as
/// `domws_loop_queue_task`. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_queue_task_after(
    event_loop: *mut Loop,
    milliseconds: u32,
    callback: TaskCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, move || {
            let this = take(event_loop)?;
            let task = Task(required(callback)?, data);
            let is_gone = this.state.is_gone.clone();
            let event_loop = this.event_loop.downgrade();
            let sleeping = this
                .event_loop
                .sleep(Duration::from_millis(milliseconds.into()));
            this.event_loop.spawn(async move {
                sleeping.await;
                if let Some(event_loop) = event_loop.upgrade() {
                    event_loop.queue_task(move || {
                        if !is_gone.load(SeqCst) {
                            task.call();
                        }
                    });
                }
            });
            Ok(true)
        })
    }
}

/// Calls `callback` at once, which calls script of yours: the microtask checkpoint follows once the outermost such
/// call is over, and not after the listeners of events that it dispatches itself (HTML "clean up after running
/// script"). False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_run_script(
    event_loop: *mut Loop,
    callback: TaskCallback,
    data: *mut c_void,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(event_loop)?;
            let script = Task(required(callback)?, UserData::new(data, None));
            this.event_loop.run_script(|| script.call());
            Ok(true)
        })
    }
}

/// For hosts of script engines. Sets what runs promise jobs (HTML "perform a microtask checkpoint"): called after
/// each callback that returns to an empty script stack, so also between two listeners of one event, and after each
/// task. It replaces the one before; NULL: there is none. False where it fails. Thread: the loop's. `error` may be
/// NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_set_microtask_checkpoint(
    event_loop: *mut Loop,
    callback: TaskCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, move || {
            let this = take(event_loop)?;
            let task = callback.map(|callback| Rc::new(Task(callback, data)));
            let before = this.state.checkpoint.replace(task);
            drop(before);
            Ok(true)
        })
    }
}

/// Sets who hears of a panic inside of a turn, which is a defect of the library: the loop goes on. It replaces the
/// one before; NULL, the default: it is written to standard error. False where it fails. Thread: the loop's. `error`
/// may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_set_report(
    event_loop: *mut Loop,
    callback: ReportCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, move || {
            let this = take(event_loop)?;
            let report = callback.map(|callback| Rc::new(Report(callback, data)));
            let before = this.state.report.replace(report);
            drop(before);
            Ok(true)
        })
    }
}

/// A handle for other threads, to be given back by `domws_handle_release`. NULL where it fails. Thread: the loop's.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_loop_handle(
    event_loop: *mut Loop,
    error: *mut Error,
) -> *mut Handle {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let this = take(event_loop)?;
            let is_gone = this.state.is_gone.clone();
            Ok(Handle::give(this.event_loop.handle(), is_gone))
        })
    }
}
