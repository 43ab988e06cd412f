//! The event loop of a thread, and what runs on it: script, microtasks, futures.

use crate::wasm_bindgen::JsValue;
use dom_websocket::{Document, EventLoop, Exception, Turn, UserAgent};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, select};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};

/// So many turns are taken at once where somebody else waits for their end.
const TURNS_IN_A_FRAME: usize = 16;

thread_local! {
    static REALM: Realm = Realm::new();
}

/// What a page has once, and a thread here.
struct Realm {
    event_loop: EventLoop,
    user_agent: RefCell<Option<UserAgent>>,
    document: RefCell<Option<Document>>,
    /// How many calls into script are on the stack.
    script_depth: Cell<usize>,
    in_checkpoint: Cell<bool>,
    microtasks: RefCell<VecDeque<Microtask>>,
    futures: RefCell<HashMap<u64, LocalBoxFuture<'static, ()>>>,
    next_future: Cell<u64>,
}

type Microtask = Box<dyn FnOnce()>;

impl Realm {
    fn new() -> Self {
        Self {
            event_loop: EventLoop::new(),
            user_agent: RefCell::default(),
            document: RefCell::default(),
            script_depth: Cell::new(0),
            in_checkpoint: Cell::new(false),
            microtasks: RefCell::default(),
            futures: RefCell::default(),
            next_future: Cell::new(0),
        }
    }

    /// Nothing, where the thread is about to end and its realm has gone: what objects do as they are dropped then
    /// has no effect.
    fn with<T>(f: impl FnOnce(&Self) -> T) -> Option<T> {
        REALM.try_with(f).ok()
    }

    fn is_in_script(&self) -> bool {
        self.script_depth.get() > 0 || self.in_checkpoint.get()
    }
}

/// The event loop of this thread: sockets, timers and futures of this crate live on it.
///
/// [`run`] and [`run_until_idle`] drive it; so does all else that [`dom_websocket::EventLoop`] has, for a loop of your
/// own: `turn()` once per frame, `until_idle()` or `drive()` in an executor, `set_wake_up`, `descriptor`.
///
/// # Panics
///
/// In destructors that run as the thread ends.
pub fn event_loop() -> EventLoop {
    REALM.with(|realm| realm.event_loop.clone())
}

pub(crate) fn try_event_loop() -> Option<EventLoop> {
    Realm::with(|realm| realm.event_loop.clone())
}

/// Sets the user agent of the sockets that this thread opens from now on: roots of certificates, proxies, time-outs,
/// limits. Failures need no log of its own: the console has them.
pub fn set_user_agent(user_agent: &UserAgent) {
    Realm::with(|realm| realm.user_agent.replace(Some(user_agent.clone())));
}

/// Sets the page that the sockets which this thread opens from now on belong to: it gives them their origin and the base
/// of relative URLs, and [`Location`](crate::web_sys::Location) its parts.
///
/// ```
/// use dom_websocket::Document;
/// use dom_websocket_web::{set_document, web_sys};
///
/// set_document(&Document::new("https://example.com/room").unwrap());
/// assert_eq!(web_sys::window().unwrap().location().host().unwrap(), "example.com");
/// ```
pub fn set_document(document: &Document) {
    Realm::with(|realm| realm.document.replace(Some(document.clone())));
}

pub(crate) fn user_agent() -> Option<UserAgent> {
    Realm::with(|realm| realm.user_agent.borrow().clone()).flatten()
}

pub(crate) fn document() -> Option<Document> {
    Realm::with(|realm| realm.document.borrow().clone()).flatten()
}

/// Calls `start`, as a page calls its start function, and drives the loop of this thread until nothing is left to wait
/// for: no socket is open, no timer runs. What `start` returned is the result.
///
/// A future of [`spawn_local`](crate::wasm_bindgen_futures::spawn_local) is not waited for, as no promise is: what it
/// waits for is. If that is another thread, hold [`event_loop()`]`.keep_alive()` meanwhile, or [`block_on`] the future.
///
/// On wasm32 it is just the call: the browser has the loop.
///
/// ```
/// use dom_websocket_web::{run, wasm_bindgen::JsValue, web_sys::WebSocket};
///
/// fn start() -> Result<(), JsValue> {
///     let socket = WebSocket::new("ws://localhost:9001/")?;
///     // …
/// #   socket.close()?;
///     Ok(())
/// }
///
/// fn main() -> Result<(), JsValue> {
///     run(start)
/// }
/// ```
///
/// # Panics
///
/// As [`dom_websocket::EventLoop::run`]; and if a callback or a future panics, with its panic.
pub fn run<R>(start: impl FnOnce() -> R) -> R {
    let result = script(start);
    run_until_idle();
    result
}

/// Drives the loop of this thread until nothing is left to wait for. On wasm32 it does nothing.
///
/// # Panics
///
/// As [`run`].
pub fn run_until_idle() {
    event_loop().run();
}

/// Does what is ready on the loop of this thread and never blocks, for a game's frame. On wasm32 it does nothing.
///
/// That is a few turns of the loop: what a peer or a chain of tasks without an end would add to them is for the next
/// call.
///
/// # Panics
///
/// If a callback or a future panics, with its panic.
pub fn turn() {
    let event_loop = event_loop();
    let mut turns = 1;
    while event_loop.turn() == Turn::More && turns < TURNS_IN_A_FRAME {
        turns += 1;
    }
}

/// Drives the loop of this thread until this future ends.
///
/// There is none on wasm32, where nothing can block: [`spawn_local`](crate::wasm_bindgen_futures::spawn_local) it in
/// [`run`].
///
/// # Panics
///
/// As [`run`]; with the future's own panic; inside of a callback or a future of this loop, which would wait for itself.
pub fn block_on<T: 'static>(future: impl Future<Output = T> + 'static) -> T {
    assert_ne!(
        Realm::with(Realm::is_in_script),
        Some(true),
        "block_on inside of a callback would wait for itself"
    );
    let event_loop = event_loop();
    let (sender, receiver) = oneshot::channel();
    spawn(async move {
        // Who waits for it is this function.
        let _ = sender.send(future.await);
    });
    let driven = event_loop.clone();
    event_loop.block_on(async move {
        match select(receiver, pin!(driven.drive())).await {
            Either::Left((Ok(result), _)) => result,
            _ => unreachable!("a panic of the future has gone on out of the loop"),
        }
    })
}

/// Calls script: microtasks follow once the outermost such call is over.
pub(crate) fn script<T>(call: impl FnOnce() -> T) -> T {
    let Some(event_loop) = try_event_loop() else {
        return call();
    };
    event_loop.run_script(|| {
        let depth = Depth::enter();
        let result = call();
        drop(depth);
        perform_microtask_checkpoint();
        result
    })
}

/// Calls back into script: what it throws is reported, as a panic is. Nothing, if it threw.
pub(crate) fn callback(call: impl FnOnce() -> Result<JsValue, JsValue>) -> Option<JsValue> {
    let depth = Depth::enter();
    let outcome = catch_unwind(AssertUnwindSafe(call));
    drop(depth);
    let result = match outcome {
        Ok(Ok(value)) => Some(value),
        Ok(Err(thrown)) => {
            report(Exception::Error(Box::new(Uncaught(format!("{thrown:?}")))));
            None
        }
        Err(panic) => {
            report(Exception::Panic(panic));
            None
        }
    };
    perform_microtask_checkpoint();
    result
}

pub(crate) fn report(exception: Exception) {
    if let Some(event_loop) = try_event_loop() {
        event_loop.report_exception(exception);
    }
}

/// What a callback threw, as the console shows it.
#[derive(Debug)]
pub(crate) struct Uncaught(pub(crate) String);

impl fmt::Display for Uncaught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Uncaught {}

/// A call into script that is on the stack, also while it unwinds.
struct Depth;

impl Depth {
    fn enter() -> Self {
        Realm::with(|realm| realm.script_depth.set(realm.script_depth.get() + 1));
        Self
    }
}

impl Drop for Depth {
    fn drop(&mut self) {
        Realm::with(|realm| realm.script_depth.set(realm.script_depth.get() - 1));
    }
}

/// HTML "queue a microtask". Dropped, if the thread's loop is gone.
pub(crate) fn queue_microtask(microtask: impl FnOnce() + 'static) {
    Realm::with(|realm| {
        realm.microtasks.borrow_mut().push_back(Box::new(microtask));
        if !realm.is_in_script() {
            realm.event_loop.queue_task(perform_microtask_checkpoint);
        }
    });
}

/// HTML "perform a microtask checkpoint", if the script stack is empty.
pub(crate) fn perform_microtask_checkpoint() {
    let begun = Realm::with(|realm| !realm.is_in_script() && !realm.in_checkpoint.replace(true));
    if begun != Some(true) {
        return;
    }
    let next = || Realm::with(|realm| realm.microtasks.borrow_mut().pop_front()).flatten();
    while let Some(microtask) = next() {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(microtask)) {
            report(Exception::Panic(panic));
        }
    }
    Realm::with(|realm| realm.in_checkpoint.set(false));
}

/// Polls a future in microtasks, whenever it is woken.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    let waker = Realm::with(|realm| {
        let key = realm.next_future.get();
        realm.next_future.set(key + 1);
        realm.futures.borrow_mut().insert(key, future.boxed_local());
        Arc::new(FutureWaker {
            key,
            thread: thread::current().id(),
            handle: realm.event_loop.handle(),
            is_woken: AtomicBool::new(false),
        })
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

struct FutureWaker {
    key: u64,
    thread: ThreadId,
    handle: dom_websocket::Handle,
    is_woken: AtomicBool,
}

impl Wake for FutureWaker {
    fn wake(self: Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        if thread::current().id() == self.thread {
            queue_microtask(move || poll(&self));
        } else {
            let waker = self.clone();
            self.handle
                .queue_task(move || queue_microtask(move || poll(&waker)));
        }
    }
}

fn poll(waker: &Arc<FutureWaker>) {
    let key = waker.key;
    waker.is_woken.store(false, Ordering::Release);
    let future = Realm::with(|realm| realm.futures.borrow_mut().remove(&key)).flatten();
    let Some(mut future) = future else {
        return;
    };
    let task_waker = Waker::from(waker.clone());
    let outcome = future.as_mut().poll(&mut Context::from_waker(&task_waker));
    if outcome == Poll::Pending {
        Realm::with(|realm| realm.futures.borrow_mut().insert(key, future));
    }
}

/// `async fn main`.
#[doc(hidden)]
pub fn run_async_main<F>(main: impl FnOnce() -> F) -> F::Output
where
    F: Future + 'static,
    F::Output: 'static,
{
    let result = block_on(main());
    run_until_idle();
    result
}
