//! An event on its way through its target's listeners.

use super::{CloseEvent, Event, MessageEvent, WebSocket};
use std::fmt;
use std::ops::Deref;

/// A reference to an event of any interface.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SomeEvent<'a> {
    /// An `Event` and nothing more.
    Event(&'a Event),
    /// A `MessageEvent`.
    Message(&'a MessageEvent),
    /// A `CloseEvent`.
    Close(&'a CloseEvent),
}

impl<'a> SomeEvent<'a> {
    pub(super) fn event(self) -> &'a Event {
        match self {
            Self::Event(event) => event,
            Self::Message(event) => event,
            Self::Close(event) => event,
        }
    }
}

impl<'a> From<&'a Event> for SomeEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self::Event(event)
    }
}

impl<'a> From<&'a MessageEvent> for SomeEvent<'a> {
    fn from(event: &'a MessageEvent) -> Self {
        Self::Message(event)
    }
}

impl<'a> From<&'a CloseEvent> for SomeEvent<'a> {
    fn from(event: &'a CloseEvent) -> Self {
        Self::Close(event)
    }
}

impl<'a, E> From<Dispatch<'a, E>> for SomeEvent<'a> {
    fn from(dispatch: Dispatch<'a, E>) -> Self {
        dispatch.some
    }
}

/// What a listener is called with: an event on its way, and the object that it is dispatched at.
///
/// It dereferences to the event, so all of the event's methods are here. One of a particular interface is one of
/// an [`Event`] too, and converts into that: so one function can serve all handlers.
///
/// ```
/// use dom_websocket::{CloseEvent, CloseEventInit, Dispatch, EventLoop, WebSocket};
///
/// fn log(event: Dispatch<'_>) {
///     println!("{} at {}", event.type_(), event.target().url());
/// }
///
/// # fn main() -> Result<(), dom_websocket::DomException> {
/// let socket = WebSocket::new(&EventLoop::new(), "ws://example.com/")?;
/// socket.set_onopen(log);
/// socket.set_onmessage(|event| log(event.into()));
/// socket.set_onerror(log);
/// socket.set_onclose(|event| log(event.into()));
/// # socket.dispatch_event(&CloseEvent::new("close", CloseEventInit::default()))?;
/// # Ok(())
/// # }
/// ```
pub struct Dispatch<'a, E = Event> {
    event: &'a E,
    some: SomeEvent<'a>,
    target: &'a WebSocket,
}

impl<'a> Dispatch<'a> {
    pub(super) fn new(some: SomeEvent<'a>, target: &'a WebSocket) -> Self {
        Self {
            event: some.event(),
            some,
            target,
        }
    }

    /// The event as a `MessageEvent`, if it is one.
    #[must_use]
    pub fn as_message_event(self) -> Option<Dispatch<'a, MessageEvent>> {
        match self.some {
            SomeEvent::Message(event) => Some(self.with(event)),
            _ => None,
        }
    }

    /// The event as a `CloseEvent`, if it is one.
    #[must_use]
    pub fn as_close_event(self) -> Option<Dispatch<'a, CloseEvent>> {
        match self.some {
            SomeEvent::Close(event) => Some(self.with(event)),
            _ => None,
        }
    }

    fn with<E>(self, event: &'a E) -> Dispatch<'a, E> {
        Dispatch {
            event,
            some: self.some,
            target: self.target,
        }
    }
}

impl<'a, E> Dispatch<'a, E> {
    /// The object that the event is dispatched at: `event.target`, and `event.currentTarget` too.
    pub fn target(self) -> &'a WebSocket {
        self.target
    }
}

impl<'a> From<Dispatch<'a, MessageEvent>> for Dispatch<'a> {
    fn from(dispatch: Dispatch<'a, MessageEvent>) -> Self {
        Self::new(dispatch.some, dispatch.target)
    }
}

impl<'a> From<Dispatch<'a, CloseEvent>> for Dispatch<'a> {
    fn from(dispatch: Dispatch<'a, CloseEvent>) -> Self {
        Self::new(dispatch.some, dispatch.target)
    }
}

/// The event, and the object that it is dispatched at.
impl<E> fmt::Debug for Dispatch<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event: &dyn fmt::Debug = match self.some {
            SomeEvent::Event(event) => event,
            SomeEvent::Message(event) => event,
            SomeEvent::Close(event) => event,
        };
        f.debug_struct("Dispatch")
            .field("event", event)
            .field("target", self.target)
            .finish()
    }
}

impl<E> Clone for Dispatch<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Dispatch<'_, E> {}

impl<E> Deref for Dispatch<'_, E> {
    type Target = E;

    fn deref(&self) -> &E {
        self.event
    }
}
