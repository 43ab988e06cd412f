//! `Event`, `MessageEvent` and `CloseEvent`, and what a listener is called with.

use super::WebSocket;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Deref;

/// DOM `Event`.
///
/// Listeners see it behind a [`Dispatch`], which knows the target. To dispatch one of your own, make
/// it here and pass it to [`WebSocket::dispatch_event`].
#[derive(Debug)]
pub struct Event {
    type_: Cow<'static, str>,
    bubbles: bool,
    cancelable: bool,
    is_initialized: bool,
    is_trusted: bool,
    state: State,
}

/// What changes while an event is dispatched.
#[derive(Debug, Default)]
struct State {
    phase: Cell<u16>,
    is_being_dispatched: Cell<bool>,
    propagation_is_stopped: Cell<bool>,
    propagation_is_stopped_at_once: Cell<bool>,
    is_canceled: Cell<bool>,
    in_passive_listener: Cell<bool>,
}

/// The optional members of [`Event::new`].
#[derive(Clone, Copy, Debug, Default)]
pub struct EventInit {
    /// Whether the event bubbles. A `WebSocket` has no parent for it to bubble to.
    pub bubbles: bool,
    /// Whether [`Event::prevent_default`] does anything.
    pub cancelable: bool,
}

impl Event {
    /// [`event_phase`](Self::event_phase) of an event that is not being dispatched.
    pub const NONE: u16 = 0;
    /// Never seen: a `WebSocket` has no parent.
    pub const CAPTURING_PHASE: u16 = 1;
    /// [`event_phase`](Self::event_phase) of an event that is being dispatched.
    pub const AT_TARGET: u16 = 2;
    /// Never seen: a `WebSocket` has no parent.
    pub const BUBBLING_PHASE: u16 = 3;

    /// An event to dispatch.
    pub fn new(type_: impl Into<Cow<'static, str>>, init: EventInit) -> Self {
        let mut event = Self::uninitialized();
        event.init_event(type_, init.bubbles, init.cancelable);
        event
    }

    /// DOM Level 2 `createEvent("Event")`: it can't be dispatched before it is
    /// [initialized](Self::init_event).
    pub fn uninitialized() -> Self {
        Self {
            type_: Cow::Borrowed(""),
            bubbles: false,
            cancelable: false,
            is_initialized: false,
            is_trusted: false,
            state: State::default(),
        }
    }

    /// An event of the user agent's own: it does not bubble and is not cancelable.
    pub(super) fn trusted(type_: &'static str) -> Self {
        Self {
            type_: Cow::Borrowed(type_),
            is_initialized: true,
            is_trusted: true,
            ..Self::uninitialized()
        }
    }

    /// DOM Level 2 `initEvent`.
    pub fn init_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
    ) {
        self.type_ = type_.into();
        self.bubbles = bubbles;
        self.cancelable = cancelable;
        self.is_initialized = true;
        self.is_trusted = false;
        self.state = State::default();
    }

    /// The event's name, such as `"message"`.
    pub fn type_(&self) -> &str {
        &self.type_
    }

    /// Whether it bubbles.
    pub fn bubbles(&self) -> bool {
        self.bubbles
    }

    /// Whether it can be canceled.
    pub fn cancelable(&self) -> bool {
        self.cancelable
    }

    /// [`AT_TARGET`](Self::AT_TARGET) while it is dispatched, otherwise [`NONE`](Self::NONE).
    pub fn event_phase(&self) -> u16 {
        self.state.phase.get()
    }

    /// True for an event that the library dispatched, false for one that the caller did.
    pub fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// Keeps the event from the second pass over its target: called by a listener that captures, it
    /// spares those that don't.
    pub fn stop_propagation(&self) {
        self.state.propagation_is_stopped.set(true);
    }

    /// Keeps the event from every listener that has not been called yet.
    pub fn stop_immediate_propagation(&self) {
        self.state.propagation_is_stopped.set(true);
        self.state.propagation_is_stopped_at_once.set(true);
    }

    /// Cancels the event, if it can be canceled and the listener is not a passive one.
    pub fn prevent_default(&self) {
        if self.cancelable && !self.state.in_passive_listener.get() {
            self.state.is_canceled.set(true);
        }
    }

    /// Whether it has been canceled.
    pub fn default_prevented(&self) -> bool {
        self.state.is_canceled.get()
    }

    // What follows is for the dispatch algorithm.

    pub(super) fn can_be_dispatched(&self) -> bool {
        self.is_initialized && !self.state.is_being_dispatched.get()
    }

    pub(super) fn begin_dispatch(&self) {
        self.state.is_being_dispatched.set(true);
        self.state.phase.set(Self::AT_TARGET);
    }

    pub(super) fn end_dispatch(&self) {
        self.state.phase.set(Self::NONE);
        self.state.is_being_dispatched.set(false);
        self.state.propagation_is_stopped.set(false);
        self.state.propagation_is_stopped_at_once.set(false);
    }

    pub(super) fn set_in_passive_listener(&self, passive: bool) {
        self.state.in_passive_listener.set(passive);
    }

    pub(super) fn propagation_is_stopped(&self) -> bool {
        self.state.propagation_is_stopped.get()
    }

    pub(super) fn propagation_is_stopped_at_once(&self) -> bool {
        self.state.propagation_is_stopped_at_once.get()
    }
}

/// HTML `MessageEvent`, as a `WebSocket` uses it.
#[derive(Debug)]
pub struct MessageEvent {
    event: Event,
    data: MessageData,
    origin: String,
    last_event_id: String,
}

/// A message's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageData {
    /// Text.
    Text(String),
}

impl MessageData {
    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
        }
    }
}

impl Default for MessageData {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<&str> for MessageData {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for MessageData {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl PartialEq<str> for MessageData {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for MessageData {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

/// The text itself.
impl fmt::Display for MessageData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
        }
    }
}

/// The optional members of [`MessageEvent::new`].
#[derive(Clone, Debug, Default)]
pub struct MessageEventInit {
    /// As for any event.
    pub event: EventInit,
    /// The message.
    pub data: MessageData,
    /// Where the message came from.
    pub origin: String,
    /// For server-sent events.
    pub last_event_id: String,
}

impl MessageEvent {
    /// An event to dispatch.
    pub fn new(type_: impl Into<Cow<'static, str>>, init: MessageEventInit) -> Self {
        Self {
            event: Event::new(type_, init.event),
            data: init.data,
            origin: init.origin,
            last_event_id: init.last_event_id,
        }
    }

    /// DOM Level 2 `createEvent("MessageEvent")`: it can't be dispatched before it is
    /// [initialized](Self::init_message_event).
    pub fn uninitialized() -> Self {
        Self {
            event: Event::uninitialized(),
            data: MessageData::default(),
            origin: String::new(),
            last_event_id: String::new(),
        }
    }

    pub(super) fn trusted(data: MessageData) -> Self {
        Self {
            event: Event::trusted("message"),
            data,
            origin: String::new(),
            last_event_id: String::new(),
        }
    }

    /// HTML5 `initMessageEvent`, without the window and the ports that no message of a `WebSocket`
    /// has.
    pub fn init_message_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
        data: impl Into<MessageData>,
        origin: impl Into<String>,
        last_event_id: impl Into<String>,
    ) {
        self.event.init_event(type_, bubbles, cancelable);
        self.data = data.into();
        self.origin = origin.into();
        self.last_event_id = last_event_id.into();
    }

    /// The message.
    pub fn data(&self) -> &MessageData {
        &self.data
    }

    /// Where the message came from. Empty in [`Edition::Html5`](crate::Edition::Html5).
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Always empty for a `WebSocket`.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }
}

impl Deref for MessageEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

/// `CloseEvent`: how the connection ended. The last event of a `WebSocket`, dispatched once.
#[derive(Debug)]
pub struct CloseEvent {
    event: Event,
    was_clean: bool,
    code: u16,
    reason: String,
}

/// The optional members of [`CloseEvent::new`].
#[derive(Clone, Debug, Default)]
pub struct CloseEventInit {
    /// As for any event.
    pub event: EventInit,
    /// Whether the connection closed cleanly.
    pub was_clean: bool,
    /// The connection's close code.
    pub code: u16,
    /// The connection's close reason.
    pub reason: String,
}

impl CloseEvent {
    /// An event to dispatch.
    pub fn new(type_: impl Into<Cow<'static, str>>, init: CloseEventInit) -> Self {
        Self {
            event: Event::new(type_, init.event),
            was_clean: init.was_clean,
            code: init.code,
            reason: init.reason,
        }
    }

    /// DOM Level 2 `createEvent("CloseEvent")`: it can't be dispatched before it is
    /// [initialized](Self::init_close_event).
    ///
    /// ```
    /// use dom_websocket::CloseEvent;
    ///
    /// let mut event = CloseEvent::uninitialized();
    /// event.init_close_event("close", false, false, true);
    /// assert!(event.was_clean());
    /// ```
    pub fn uninitialized() -> Self {
        Self {
            event: Event::uninitialized(),
            was_clean: false,
            code: 0,
            reason: String::new(),
        }
    }

    pub(super) fn trusted(was_clean: bool, code: u16, reason: String) -> Self {
        Self {
            event: Event::trusted("close"),
            was_clean,
            code,
            reason,
        }
    }

    /// r4820 `initCloseEvent`.
    pub fn init_close_event(
        &mut self,
        type_: impl Into<Cow<'static, str>>,
        bubbles: bool,
        cancelable: bool,
        was_clean: bool,
    ) {
        self.event.init_event(type_, bubbles, cancelable);
        self.was_clean = was_clean;
    }

    /// Whether the closing handshake was finished before the connection was closed.
    pub fn was_clean(&self) -> bool {
        self.was_clean
    }

    /// RFC 6455's close code. Draft 76 has none: 1005 after a clean end, otherwise 1006.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// RFC 6455's close reason. Draft 76 has none: it is empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl Deref for CloseEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

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
/// It dereferences to the event, so all of the event's methods are here.
#[derive(Debug)]
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
    pub fn as_message_event(self) -> Option<Dispatch<'a, MessageEvent>> {
        match self.some {
            SomeEvent::Message(event) => Some(self.with(event)),
            _ => None,
        }
    }

    /// The event as a `CloseEvent`, if it is one.
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
