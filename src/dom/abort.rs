//! `AbortController` and `AbortSignal` (DOM section 3), as far as listeners need them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

/// Aborts its [`AbortSignal`], and so removes every listener that was registered with it.
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
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The signal to register listeners with.
    #[must_use]
    pub fn signal(&self) -> AbortSignal {
        self.signal.clone()
    }

    /// Aborts the signal. The second time it does nothing.
    pub fn abort(&self) {
        self.signal.abort();
    }
}

/// Tells whether something was aborted. See [`AddEventListenerOptions::signal`](super::AddEventListenerOptions::signal).
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
