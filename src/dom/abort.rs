//! `AbortController` and `AbortSignal` (DOM section 3), as far as listeners need them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

/// Aborts its [`AbortSignal`], and so removes every listener that was registered with it.
///
/// Clause: [DOM, "AbortController"](https://dom.spec.whatwg.org/#interface-abortcontroller).
///
/// ```
/// use dom_websocket::AbortController;
///
/// let controller = AbortController::new();
/// let signal = controller.signal();
/// controller.abort();
/// assert!(signal.aborted());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AbortController {
    signal: AbortSignal,
}

impl AbortController {
    /// A controller with a signal that is not aborted.
    ///
    /// Clause: [DOM, "new AbortController()"](https://dom.spec.whatwg.org/#dom-abortcontroller-abortcontroller).
    ///
    /// ```
    /// use dom_websocket::AbortController;
    ///
    /// assert!(!AbortController::new().signal().aborted());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The signal to register listeners with.
    ///
    /// Clause: [DOM, "signal"](https://dom.spec.whatwg.org/#dom-abortcontroller-signal).
    ///
    /// ```
    /// use dom_websocket::AbortController;
    ///
    /// let controller = AbortController::new();
    /// assert_eq!(controller.signal(), controller.signal());
    /// ```
    #[must_use]
    pub fn signal(&self) -> AbortSignal {
        self.signal.clone()
    }

    /// Aborts the signal. The second time it does nothing.
    ///
    /// Clause: [DOM, "abort(reason)"](https://dom.spec.whatwg.org/#dom-abortcontroller-abort).
    ///
    /// ```
    /// use dom_websocket::{AbortController, AddEventListenerOptions, EventListener};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let controller = AbortController::new();
    /// let options = AddEventListenerOptions { signal: Some(controller.signal()), ..Default::default() };
    /// let listener = EventListener::new(|_| println!("never"));
    /// socket.add_event_listener_with("message", &listener, options.clone());
    /// socket.add_event_listener_with("close", &listener, options);
    /// controller.abort();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn abort(&self) {
        self.signal.abort();
    }
}

/// Tells whether something was aborted. See [`AddEventListenerOptions::signal`](super::AddEventListenerOptions::signal).
///
/// Clause: [DOM, "AbortSignal"](https://dom.spec.whatwg.org/#interface-AbortSignal).
///
/// ```
/// use dom_websocket::{AbortController, AddEventListenerOptions};
///
/// let controller = AbortController::new();
/// let options = AddEventListenerOptions {
///     signal: Some(controller.signal()),
///     ..Default::default()
/// };
/// ```
#[derive(Clone, Default)]
pub struct AbortSignal {
    inner: Rc<Inner>,
}

compare_by_identity!(AbortSignal, inner);

#[derive(Default)]
struct Inner {
    is_aborted: Cell<bool>,
    algorithms: RefCell<Vec<Algorithm>>,
}

struct Algorithm {
    about: Weak<dyn Any>,
    run: Box<dyn FnOnce()>,
}

impl AbortSignal {
    /// Whether its controller's `abort` was called.
    ///
    /// Clause: [DOM, "aborted"](https://dom.spec.whatwg.org/#dom-abortsignal-aborted).
    ///
    /// ```
    /// use dom_websocket::AbortController;
    ///
    /// let controller = AbortController::new();
    /// let signal = controller.signal();
    /// assert!(!signal.aborted());
    /// controller.abort();
    /// assert!(signal.aborted());
    /// ```
    #[must_use]
    pub fn aborted(&self) -> bool {
        self.inner.is_aborted.get()
    }

    /// DOM "add an algorithm to an AbortSignal", for as long as what it is about exists.
    pub(super) fn add_algorithm(&self, about: Weak<dyn Any>, run: impl FnOnce() + 'static) {
        if self.aborted() {
            return;
        }
        let mut algorithms = self.inner.algorithms.borrow_mut();
        // Those that have become pointless make room before the list grows.
        if algorithms.len() == algorithms.capacity() {
            algorithms.retain(|algorithm| algorithm.about.strong_count() > 0);
        }
        let run = Box::new(run);
        algorithms.push(Algorithm { about, run });
    }

    /// DOM "signal abort".
    fn abort(&self) {
        self.inner.is_aborted.set(true);
        let algorithms = self.inner.algorithms.take();
        for algorithm in algorithms {
            (algorithm.run)();
        }
    }
}

impl fmt::Debug for AbortSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortSignal")
            .field("aborted", &self.aborted())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_about_what_is_gone_do_not_pile_up() {
        let controller = AbortController::new();
        let signal = controller.signal();
        let kept = Rc::new(());
        let has_run = Rc::new(Cell::new(false));
        let add = |about: &Rc<()>, run: Box<dyn FnOnce()>| {
            let about: Rc<dyn Any> = about.clone();
            signal.add_algorithm(Rc::downgrade(&about), run);
        };
        let told = has_run.clone();
        add(&kept, Box::new(move || told.set(true)));
        for _ in 0..1000 {
            add(&Rc::new(()), Box::new(|| ()));
        }
        assert!(signal.inner.algorithms.borrow().capacity() <= 8);
        controller.abort();
        assert!(signal.aborted() && has_run.get());
    }
}
