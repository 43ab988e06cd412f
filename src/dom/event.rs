//! `Event` (DOM section 2.2).

use super::event_state::EventState;
use super::event_type::EventType;
use std::borrow::Cow;
use std::fmt;

/// DOM `Event`.
///
/// Listeners see it behind a [`Dispatch`](super::Dispatch), which knows the target. To dispatch one of
/// your own, make it here and pass it to [`WebSocket::dispatch_event`](super::WebSocket::dispatch_event).
///
/// Clause: [DOM, "Event"](https://dom.spec.whatwg.org/#interface-event).
///
/// ```
/// use dom_websocket::{Event, EventInit};
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
/// socket.add_event_listener("hello", |event| event.prevent_default());
/// let event = Event::new("hello", EventInit { cancelable: true, ..Default::default() });
/// assert!(!socket.dispatch_event(&event)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Event {
    type_: EventType,
    bubbles: bool,
    cancelable: bool,
    is_initialized: bool,
    is_trusted: bool,
    state: EventState,
}

/// The optional members of [`Event::new`].
///
/// Clause: [DOM, "EventInit"](https://dom.spec.whatwg.org/#dictdef-eventinit).
///
/// ```
/// use dom_websocket::{Event, EventInit};
///
/// let event = Event::new("hello", EventInit { bubbles: true, ..Default::default() });
/// assert!(event.bubbles() && !event.cancelable());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventInit {
    /// Whether the event bubbles. A `WebSocket` has no parent for it to bubble to.
    pub bubbles: bool,
    /// Whether [`Event::prevent_default`] does anything.
    pub cancelable: bool,
}

/// The type, and who made it.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f.debug_struct("Event"))
            .finish_non_exhaustive()
    }
}

impl Event {
    /// [`event_phase`](Self::event_phase) of an event that is not being dispatched.
    ///
    /// Clause: [DOM, "NONE"](https://dom.spec.whatwg.org/#dom-event-none).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// assert_eq!(Event::new("hello", EventInit::default()).event_phase(), Event::NONE);
    /// ```
    pub const NONE: u16 = 0;
    /// Never seen: a `WebSocket` has no parent.
    ///
    /// Clause: [DOM, "CAPTURING_PHASE"](https://dom.spec.whatwg.org/#dom-event-capturing_phase).
    ///
    /// ```
    /// assert_eq!(dom_websocket::Event::CAPTURING_PHASE, 1);
    /// ```
    pub const CAPTURING_PHASE: u16 = 1;
    /// [`event_phase`](Self::event_phase) of an event that is being dispatched.
    ///
    /// Clause: [DOM, "AT_TARGET"](https://dom.spec.whatwg.org/#dom-event-at_target).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.add_event_listener("hello", |event| assert_eq!(event.event_phase(), Event::AT_TARGET));
    /// socket.dispatch_event(&Event::new("hello", EventInit::default()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const AT_TARGET: u16 = 2;
    /// Never seen: a `WebSocket` has no parent.
    ///
    /// Clause: [DOM, "BUBBLING_PHASE"](https://dom.spec.whatwg.org/#dom-event-bubbling_phase).
    ///
    /// ```
    /// assert_eq!(dom_websocket::Event::BUBBLING_PHASE, 3);
    /// ```
    pub const BUBBLING_PHASE: u16 = 3;

    /// An event to dispatch.
    ///
    /// Clause: [DOM, "new Event()"](https://dom.spec.whatwg.org/#dom-event-event).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// let event = Event::new("hello", EventInit::default());
    /// assert_eq!(event.type_(), "hello");
    /// ```
    pub fn new(type_: impl Into<Cow<'static, str>>, init: EventInit) -> Self {
        let mut event = Self::uninitialized();
        event.init_event(type_, init.bubbles, init.cancelable);
        event
    }

    /// DOM Level 2 `createEvent("Event")`: it can't be dispatched before it is
    /// [initialized](Self::init_event).
    ///
    /// Clause: [DOM, "createEvent"](https://dom.spec.whatwg.org/#dom-document-createevent).
    ///
    /// ```
    /// use dom_websocket::Event;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let mut event = Event::uninitialized();
    /// assert!(socket.dispatch_event(&event).is_err());
    /// event.init_event("hello", false, false);
    /// assert!(socket.dispatch_event(&event)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "createEvent")]
    #[must_use]
    pub fn uninitialized() -> Self {
        Self {
            type_: EventType::Other(Cow::Borrowed("")),
            bubbles: false,
            cancelable: false,
            is_initialized: false,
            is_trusted: false,
            state: EventState::default(),
        }
    }

    /// An event of the user agent's own: it does not bubble and is not cancelable.
    pub(super) fn trusted(type_: impl Into<EventType>) -> Self {
        Self {
            type_: type_.into(),
            is_initialized: true,
            is_trusted: true,
            ..Self::uninitialized()
        }
    }

    /// DOM Level 2 `initEvent`.
    ///
    /// Clause: [DOM, "initEvent"](https://dom.spec.whatwg.org/#dom-event-initevent).
    ///
    /// ```
    /// use dom_websocket::Event;
    ///
    /// let mut event = Event::uninitialized();
    /// event.init_event("hello", false, true);
    /// assert!(event.cancelable());
    /// ```
    #[doc(alias = "initEvent")]
    pub fn init_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
    ) {
        self.type_ = type_.into().into();
        self.bubbles = bubbles;
        self.cancelable = cancelable;
        self.is_initialized = true;
        self.is_trusted = false;
        self.state = EventState::default();
    }

    /// The event's name, such as `"message"`.
    ///
    /// Clause: [DOM, "type"](https://dom.spec.whatwg.org/#dom-event-type).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onopen(|event| assert_eq!(event.type_(), "open"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "type")]
    pub fn type_(&self) -> &str {
        self.type_.name()
    }

    /// Whether it bubbles.
    ///
    /// Clause: [DOM, "bubbles"](https://dom.spec.whatwg.org/#dom-event-bubbles).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// // None of a socket's own does.
    /// socket.set_onopen(|event| assert!(!event.bubbles()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bubbles(&self) -> bool {
        self.bubbles
    }

    /// Whether it can be canceled.
    ///
    /// Clause: [DOM, "cancelable"](https://dom.spec.whatwg.org/#dom-event-cancelable).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// // None of a socket's own can.
    /// socket.set_onopen(|event| assert!(!event.cancelable()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cancelable(&self) -> bool {
        self.cancelable
    }

    /// [`AT_TARGET`](Self::AT_TARGET) while it is dispatched, otherwise [`NONE`](Self::NONE).
    ///
    /// Clause: [DOM, "eventPhase"](https://dom.spec.whatwg.org/#dom-event-eventphase).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let event = Event::new("hello", EventInit::default());
    /// socket.add_event_listener("hello", |event| assert_eq!(event.event_phase(), Event::AT_TARGET));
    /// socket.dispatch_event(&event)?;
    /// assert_eq!(event.event_phase(), Event::NONE);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "eventPhase")]
    pub fn event_phase(&self) -> u16 {
        if self.state.is_being_dispatched() {
            Self::AT_TARGET
        } else {
            Self::NONE
        }
    }

    /// True for an event that the library dispatched, false for one that the caller did.
    ///
    /// Clause: [DOM, "isTrusted"](https://dom.spec.whatwg.org/#dom-event-istrusted).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.add_event_listener("open", |event| assert!(!event.is_trusted()));
    /// socket.dispatch_event(&Event::new("open", EventInit::default()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "isTrusted")]
    pub fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// Keeps the event from the second pass over its target: called by a listener that captures, it
    /// spares those that don't.
    ///
    /// Clause: [DOM, "stopPropagation()"](https://dom.spec.whatwg.org/#dom-event-stoppropagation).
    ///
    /// ```
    /// use dom_websocket::{AddEventListenerOptions, Event, EventInit, EventListener};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let first = EventListener::new(|event| event.stop_propagation());
    /// let options = AddEventListenerOptions { capture: true, ..Default::default() };
    /// socket.add_event_listener_with("hello", &first, options);
    /// socket.add_event_listener("hello", |_| unreachable!("it was spared"));
    /// socket.dispatch_event(&Event::new("hello", EventInit::default()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "stopPropagation")]
    #[doc(alias = "cancelBubble")]
    pub fn stop_propagation(&self) {
        self.state.stop_propagation();
    }

    /// Keeps the event from every listener that has not been called yet.
    ///
    /// Clause: [DOM, "stopImmediatePropagation()"](https://dom.spec.whatwg.org/#dom-event-stopimmediatepropagation).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.add_event_listener("hello", |event| event.stop_immediate_propagation());
    /// socket.add_event_listener("hello", |_| unreachable!("it was spared"));
    /// socket.dispatch_event(&Event::new("hello", EventInit::default()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "stopImmediatePropagation")]
    pub fn stop_immediate_propagation(&self) {
        self.state.stop_immediate_propagation();
    }

    /// Cancels the event, if it can be canceled and the listener is not a passive one.
    ///
    /// Clause: [DOM, "preventDefault()"](https://dom.spec.whatwg.org/#dom-event-preventdefault).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.add_event_listener("hello", |event| event.prevent_default());
    /// let event = Event::new("hello", EventInit { cancelable: true, ..Default::default() });
    /// assert!(!socket.dispatch_event(&event)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "preventDefault")]
    #[doc(alias = "returnValue")]
    pub fn prevent_default(&self) {
        self.state.cancel(self.cancelable);
    }

    /// Whether it has been canceled.
    ///
    /// Clause: [DOM, "defaultPrevented"](https://dom.spec.whatwg.org/#dom-event-defaultprevented).
    ///
    /// ```
    /// use dom_websocket::{Event, EventInit};
    ///
    /// assert!(!Event::new("hello", EventInit::default()).default_prevented());
    /// ```
    #[doc(alias = "defaultPrevented")]
    pub fn default_prevented(&self) -> bool {
        self.state.is_canceled()
    }

    /// What the `Debug` of each interface begins with.
    pub(super) fn describe<'a, 'b>(
        &self,
        mut f: fmt::DebugStruct<'a, 'b>,
    ) -> fmt::DebugStruct<'a, 'b> {
        f.field("type_", &self.type_())
            .field("is_trusted", &self.is_trusted);
        f
    }

    // What follows is for the dispatch algorithm.

    pub(super) fn can_be_dispatched(&self) -> bool {
        self.is_initialized && !self.state.is_being_dispatched()
    }

    pub(super) fn event_type(&self) -> &EventType {
        &self.type_
    }

    pub(super) fn state(&self) -> &EventState {
        &self.state
    }
}
