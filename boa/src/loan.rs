//! A context that its host lends.

use boa_engine::job::IdleJobExecutor;
use boa_engine::{Context, JsResult};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::swap;
use std::rc::Rc;

/// A way into a context that nobody shares: its host has it as a `&mut Context`, such as a [`JobExecutor`] is given, and lends it
/// to the loop for a turn.
///
/// For [`install_in`](crate::install_in): [`enter`](Self::enter) is the way in, and there is one wherever the host
/// [lends](Self::lend) the context, for all its realms.
///
/// ```
/// use boa_engine::{Context, Source};
/// use dom_websocket::{EventLoop, Turn, host};
/// use dom_websocket_boa::{Jobs, Loan};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let describe = |error: boa_engine::JsError| error.to_string();
/// let event_loop = EventLoop::new();
/// let mut context = Context::builder().job_executor(Jobs::new(&event_loop)).build().map_err(describe)?;
/// let loan = Loan::new().map_err(describe)?;
/// let enter = loan.clone();
/// let options = host::Options::new(&event_loop);
/// let page = dom_websocket_boa::install_in(&mut context, options, move |visit| enter.enter(visit))?;
///
/// let script = "new WebSocket('ws://127.0.0.1:1/').onclose = ({ code }) => { globalThis.code = code; }";
/// context.eval(Source::from_bytes(script)).map_err(describe)?;
/// while loan.lend(&mut context, || event_loop.turn()) != Turn::Idle {
///     // A host has something better to do: it waits until it is woken.
/// }
/// let code = context.eval(Source::from_bytes("code")).map_err(describe)?;
/// assert_eq!(code, 1006.into());
/// # drop(page);
/// # Ok(())
/// # }
/// ```
///
/// [`JobExecutor`]: boa_engine::job::JobExecutor
#[derive(Clone)]
pub struct Loan {
    place: Rc<Place>,
}

/// Where a context lies while it is lent. What lies there otherwise takes its place at its host's, which no reference leads
/// to just then; nobody runs script in it.
struct Place {
    context: RefCell<Context>,
    is_lent: Cell<bool>,
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan")
            .field("is_lent", &self.place.is_lent.get())
            .finish_non_exhaustive()
    }
}

impl Loan {
    /// Of no context yet. It makes one that stands in for the one that is lent, of most of a megabyte; lending it is a swap.
    ///
    /// # Errors
    ///
    /// As [`Context::builder`]'s `build`.
    pub fn new() -> JsResult<Self> {
        let stand_in = Context::builder().job_executor(Rc::new(IdleJobExecutor));
        let place = Place {
            context: RefCell::new(stand_in.build()?),
            is_lent: Cell::new(false),
        };
        Ok(Self {
            place: Rc::new(place),
        })
    }

    /// Lends a context for as long as `run` runs, such as [`EventLoop::turn`](dom_websocket::EventLoop::turn) or
    /// [`Page::run`](crate::Page::run), which enter it.
    ///
    /// Whoever has been let in has the context already: `run` runs then, and finds it in use.
    pub fn lend<T>(&self, context: &mut Context, run: impl FnOnce() -> T) -> T {
        let Ok(mut place) = self.place.context.try_borrow_mut() else {
            return run();
        };
        swap(&mut *place, context);
        drop(place);
        let lent = Lent {
            place: &self.place,
            context,
            was_lent: self.place.is_lent.replace(true),
        };
        let result = run();
        drop(lent);
        result
    }

    /// Enters the context, if it is lent and not in use.
    pub fn enter(&self, visit: &mut dyn FnMut(&mut Context)) {
        if self.place.is_lent.get()
            && let Ok(mut context) = self.place.context.try_borrow_mut()
        {
            visit(&mut context);
        }
    }
}

/// Gives the context back, also when what it was lent for panics.
struct Lent<'a> {
    place: &'a Place,
    context: &'a mut Context,
    was_lent: bool,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        swap(&mut *self.place.context.borrow_mut(), self.context);
        self.place.is_lent.set(self.was_lent);
    }
}
