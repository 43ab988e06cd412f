//! The way into an engine from outside it.

use crate::event_loop::Agent;
use std::any::Any;
use std::fmt;
use std::rc::Weak;

/// How an engine is entered from a task: the one thing beside [`Engine`](super::Engine) that an engine has to bring.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::EventLoop;
/// # use engine::Scope;
/// use dom_websocket::host::{self, Entry, Options, Visit};
/// use std::cell::{Cell, RefCell};
/// use std::rc::{Rc, Weak};
///
/// struct Page {
///     engine: RefCell<Scope>,
/// }
///
/// impl Entry for Page {
///     fn enter(&self, visit: Visit<'_>) -> bool {
///         let Ok(mut cx) = self.engine.try_borrow_mut() else { return false };
///         visit.run(&mut *cx);
///         true
///     }
///
///     fn run_microtasks(&self) -> bool {
///         let Ok(mut cx) = self.engine.try_borrow_mut() else { return false };
///         let mut were_any = false;
///         while let Some(outcome) = cx.run_job() {
///             were_any = true;
///             if let Err(thrown) = outcome {
///                 host::report(&mut *cx, thrown);
///             }
///         }
///         were_any
///     }
/// }
///
/// let event_loop = EventLoop::new();
/// let realm = Options::new(&event_loop).realm()?;
/// let page = Rc::new(Page { engine: RefCell::new(Scope::new(realm.clone())) });
/// let entry: Weak<dyn Entry> = Rc::downgrade(&(page.clone() as Rc<dyn Entry>));
/// realm.set_entry(entry);
/// host::install(&mut *page.engine.borrow_mut())?;
///
/// // A script of the page's: Promise.resolve().then(() => { done = true; })
/// # use dom_websocket::host::{Engine, Key};
/// let done = Rc::new(Cell::new(false));
/// let sets = done.clone();
/// event_loop.run_script(|| {
///     let cx = &mut *page.engine.borrow_mut();
///     let [promise, resolve, _reject] = cx.new_promise()?;
///     cx.call(&resolve, &promise, &[])?;
///     let then = cx.get(&promise, Key::Name("then"))?;
///     let function = cx.function(move |cx, _| {
///         sets.set(true);
///         Ok(cx.undefined())
///     });
///     cx.call(&then, &promise, &[function])
/// })?;
/// // The microtask has followed it.
/// assert!(done.get());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Entry {
    /// Enters the engine in the realm, and calls [`Visit::run`] there. If the engine is in use, it
    /// does nothing and returns false.
    fn enter(&self, visit: Visit<'_>) -> bool;
    /// Runs the engine's microtasks until none is left, and [reports](super::report) what they throw. The
    /// loop asks for it at each of its checkpoints, and nothing else runs them.
    ///
    /// True if there were any: they may have queued some of another engine's, which then get their turn in the
    /// same checkpoint, which goes on until no engine says so. If the engine is in use it does nothing and says false, as where it can't be known.
    fn run_microtasks(&self) -> bool;
    /// Has the engine collect garbage, all there is. The loop asks for it before it waits, now and then:
    /// a connection whose socket is garbage would keep it waiting for ever. If the engine is in use, it
    /// does nothing. An engine that lets go of each object as soon as nothing leads to it can do
    /// without.
    fn collect_garbage(&self) {}
}

/// What is to be done inside an engine, for an [`Entry`] to pass on.
// It is a `Steps` (in `task.rs`), which knows realms and so can't be known here.
pub struct Visit<'a>(pub(super) &'a mut dyn Any);

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").finish_non_exhaustive()
    }
}

/// A realm's engine is an agent of the loop.
impl Agent for Weak<dyn Entry> {
    fn run_microtasks(&self) -> bool {
        self.upgrade().is_some_and(|entry| entry.run_microtasks())
    }

    fn collect_garbage(&self) {
        if let Some(entry) = self.upgrade() {
            entry.collect_garbage();
        }
    }

    fn is_gone(&self) -> bool {
        self.strong_count() == 0
    }
}
