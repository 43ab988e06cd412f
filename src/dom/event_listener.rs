//! A listener, and how it is registered.

use super::{AbortSignal, Dispatch};
use std::error::Error;
use std::fmt;
use std::rc::{Rc, Weak};

type Callback = dyn Fn(Dispatch<'_>) -> Result<ReturnValue, Box<dyn Error>>;

/// A callback with an identity: registering the same one twice does nothing, and it can be removed.
///
/// Its clones are the same listener. A listener can be called while it is running (it may dispatch
/// an event that it listens to itself), so it is `Fn`: keep what it changes in a `Cell` or `RefCell`.
///
/// Clause: [DOM, "EventListener"](https://dom.spec.whatwg.org/#callbackdef-eventlistener).
///
/// ```
/// # use dom_websocket::{EventLoop, WebSocket};
/// # fn main() -> Result<(), dom_websocket::DomException> {
/// # let socket = WebSocket::new(&EventLoop::new(), "ws://example.com/")?;
/// use std::cell::Cell;
///
/// let count = Cell::new(0);
/// socket.set_onmessage(move |_| count.set(count.get() + 1));
/// # Ok(())
/// # }
/// ```
///
/// A listener that holds a clone of its own socket keeps it alive until the connection is closed:
/// then the socket lets go of its listeners. Use [`Dispatch::target`] to reach the socket instead; a
/// listener that is added after the close is let go of with the socket, not before.
#[derive(Clone)]
pub struct EventListener {
    callback: Rc<Callback>,
}

impl EventListener {
    /// Makes a listener of a closure.
    ///
    /// ```
    /// use dom_websocket::EventListener;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let listener = EventListener::new(|event| println!("{}", event.type_()));
    /// assert_eq!(listener, listener.clone());
    /// assert_ne!(listener, EventListener::new(|_| {}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<R: Completion>(callback: impl Fn(Dispatch<'_>) -> R + 'static) -> Self {
        Self {
            callback: Rc::new(move |event| callback(event).complete()),
        }
    }

    /// The listener without what it owns: enough to remove it by.
    ///
    /// ```
    /// # use dom_websocket::{EventListener, EventLoop, WebSocket};
    /// # fn main() -> Result<(), dom_websocket::DomException> {
    /// # let socket = WebSocket::new(&EventLoop::new(), "ws://example.com/")?;
    /// let listener = socket.add_event_listener("message", |event| println!("{}", event.type_()));
    /// let known = listener.downgrade();
    /// drop(listener); // the socket has it
    /// if let Some(listener) = known.upgrade() {
    ///     socket.remove_event_listener("message", &listener, false);
    /// }
    /// assert!(known.upgrade().is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakEventListener {
        WeakEventListener(Rc::downgrade(&self.callback))
    }

    pub(super) fn call(&self, event: Dispatch<'_>) -> Result<ReturnValue, Box<dyn Error>> {
        (self.callback)(event)
    }
}

compare_by_identity!(EventListener, callback);

impl fmt::Debug for EventListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventListener").finish_non_exhaustive()
    }
}

/// An [`EventListener`] that is kept by its sockets alone: they let go of it once they are closed.
///
/// ```
/// use dom_websocket::EventListener;
///
/// let listener = EventListener::new(|_| {});
/// let weak = listener.downgrade();
/// assert_eq!(weak.upgrade(), Some(listener));
/// ```
#[derive(Clone)]
pub struct WeakEventListener(Weak<Callback>);

impl WeakEventListener {
    /// The listener, if it is still there.
    ///
    /// ```
    /// use dom_websocket::EventListener;
    ///
    /// let weak = EventListener::new(|_| {}).downgrade();
    /// assert_eq!(weak.upgrade(), None, "nobody has it");
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<EventListener> {
        let callback = self.0.upgrade()?;
        Some(EventListener { callback })
    }
}

impl fmt::Debug for WeakEventListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakEventListener").finish_non_exhaustive()
    }
}

/// DOM `AddEventListenerOptions`.
///
/// Clause: [DOM, "AddEventListenerOptions"](https://dom.spec.whatwg.org/#dictdef-addeventlisteneroptions).
///
/// ```
/// use dom_websocket::AddEventListenerOptions;
///
/// let options = AddEventListenerOptions { once: true, ..Default::default() };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddEventListenerOptions {
    /// Called before the listeners that don't capture.
    pub capture: bool,
    /// Removed before its first call.
    pub once: bool,
    /// [`Event::prevent_default`](super::Event::prevent_default) does nothing in it.
    pub passive: bool,
    /// Removed when this signal is aborted; not registered if it is already.
    pub signal: Option<AbortSignal>,
}

/// What a callback may return: nothing, a `bool`, or a `Result` of these. An error is reported to the
/// loop's [`Host`](crate::Host) as a thrown exception is.
///
/// `false` from a handler (`set_onmessage` and its kin) cancels the event, as HTML has it, if it can
/// be canceled. From any other listener it means nothing.
///
/// Anything else is most often a forgotten `;`:
///
/// ```compile_fail,E0277
/// # fn f(socket: &dom_websocket::WebSocket) {
/// socket.set_onmessage(|event| event.data().to_string());
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a listener can't return `{Self}`",
    label = "this listener returns `{Self}`",
    note = "it may return nothing, a `bool`, or a `Result` of these",
    note = "end the closure with `;` to return nothing",
    note = "nobody awaits a future that it returns: give that to `EventLoop::spawn`"
)]
pub trait Completion: sealed::Sealed {
    #[doc(hidden)]
    fn complete(self) -> Result<ReturnValue, Box<dyn Error>>;
}

/// What a callback returned, if it threw nothing.
///
/// ```
/// use dom_websocket::{Event, EventInit, ReturnValue};
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
/// // What a script engine's function returned, say.
/// socket.set_onopen(|_| ReturnValue::False);
/// let event = Event::new("open", EventInit { cancelable: true, ..Default::default() });
/// assert!(!socket.dispatch_event(&event)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnValue {
    /// Nothing, or anything but `false`.
    Other,
    /// `false`.
    False,
}

impl Completion for () {
    fn complete(self) -> Result<ReturnValue, Box<dyn Error>> {
        Ok(ReturnValue::Other)
    }
}

/// A listener that never returns, such as `|_| panic!()`.
#[diagnostic::do_not_recommend]
impl Completion for Never {
    fn complete(self) -> Result<ReturnValue, Box<dyn Error>> {
        match self {}
    }
}

impl Completion for ReturnValue {
    fn complete(self) -> Result<ReturnValue, Box<dyn Error>> {
        Ok(self)
    }
}

impl Completion for bool {
    fn complete(self) -> Result<ReturnValue, Box<dyn Error>> {
        Ok(if self {
            ReturnValue::Other
        } else {
            ReturnValue::False
        })
    }
}

impl<T: Completion, E: Into<Box<dyn Error>>> Completion for Result<T, E> {
    fn complete(self) -> Result<ReturnValue, Box<dyn Error>> {
        self.map_err(Into::into)?.complete()
    }
}

/// The type `!`, which has no name outside of a function's signature yet.
type Never = <fn() -> ! as sealed::Output>::Type;

mod sealed {
    pub trait Sealed {}

    pub trait Output {
        type Type;
    }

    impl<T> Output for fn() -> T {
        type Type = T;
    }

    impl Sealed for () {}
    impl Sealed for super::Never {}
    impl Sealed for super::ReturnValue {}
    impl Sealed for bool {}
    impl<T, E> Sealed for Result<T, E> {}
}
