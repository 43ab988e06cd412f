//! What the loop asks of a JavaScript engine, or of whoever else runs callbacks on it.

use std::any::Any;
use std::error::Error;
use std::fmt;

/// The embedder's side of an event loop.
///
/// Both methods are called with no borrow held: they may use sockets and the loop freely. A script engine can
/// be in use when an exception is reported, which a listener threw that script called.
///
/// ```
/// use dom_websocket::{EventLoop, Exception, Host};
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// struct Engine {
///     checkpoints: Rc<Cell<u32>>,
/// }
///
/// impl Host for Engine {
///     fn perform_microtask_checkpoint(&self) {
///         self.checkpoints.set(self.checkpoints.get() + 1);
///     }
///
///     fn report_exception(&self, exception: Exception) {
///         eprintln!("uncaught: {exception}");
///     }
/// }
///
/// let checkpoints = Rc::<Cell<u32>>::default();
/// let event_loop = EventLoop::with_host(Engine { checkpoints: checkpoints.clone() });
/// event_loop.queue_task(|| println!("a task"));
/// event_loop.run();
/// assert!(checkpoints.get() > 0);
/// ```
pub trait Host {
    /// HTML "perform a microtask checkpoint". Called after each callback that returns to an empty
    /// script stack, so also between two listeners of one event, and after each task.
    fn perform_microtask_checkpoint(&self) {}

    /// HTML "report an exception": a listener, or a task, returned an error or panicked. The other
    /// listeners of the event have run or will run, and the loop goes on.
    fn report_exception(&self, exception: Exception);
}

/// What a callback threw.
///
/// ```
/// use dom_websocket::Exception;
///
/// assert_eq!(Exception::Error("it failed".into()).to_string(), "it failed");
/// ```
#[non_exhaustive]
pub enum Exception {
    /// It returned an error.
    Error(Box<dyn Error>),
    /// It panicked, with this payload.
    Panic(Box<dyn Any + Send>),
}

impl Exception {
    /// The panic's message, if it is text.
    fn panic_message(payload: &(dyn Any + Send)) -> &str {
        match payload.downcast_ref::<&str>() {
            Some(message) => message,
            None => payload
                .downcast_ref::<String>()
                .map_or("a panic without a message", String::as_str),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Panic(payload) => f.write_str(Self::panic_message(&**payload)),
        }
    }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => f.debug_tuple("Error").field(error).finish(),
            Self::Panic(payload) => f
                .debug_tuple("Panic")
                .field(&Self::panic_message(&**payload))
                .finish(),
        }
    }
}
