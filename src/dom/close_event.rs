//! `CloseEvent` (r4820 section 10.3.3.1).

use super::{Event, EventInit};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// `CloseEvent`: how the connection ended. The last event of a `WebSocket`, dispatched once.
///
/// Clause: [WebSockets, "CloseEvent"](https://websockets.spec.whatwg.org/#the-closeevent-interface).
///
/// ```
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
/// # socket.add_event_listener("close", move |_| server.close());
/// socket.set_onopen(|event| event.target().close_with(4000, "enough"));
/// socket.set_onclose(|event| {
///     assert_eq!(event.type_(), "close");
///     assert_eq!((event.was_clean(), event.code()), (true, 4000));
/// });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CloseEvent {
    event: Event,
    was_clean: bool,
    code: u16,
    reason: String,
}

/// The optional members of [`CloseEvent::new`].
///
/// Clause: [WebSockets, "CloseEventInit"](https://websockets.spec.whatwg.org/#dictdef-closeeventinit).
///
/// ```
/// use dom_websocket::CloseEventInit;
///
/// let init = CloseEventInit { was_clean: true, code: 1000, ..Default::default() };
/// assert_eq!(init.reason, "");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    ///
    /// Clause: [WebSockets, "new CloseEvent()"](https://websockets.spec.whatwg.org/#the-closeevent-interface).
    ///
    /// ```
    /// use dom_websocket::{CloseEvent, CloseEventInit};
    ///
    /// let event = CloseEvent::new("close", CloseEventInit { code: 4000, ..Default::default() });
    /// assert_eq!(event.code(), 4000);
    /// assert!(!event.is_trusted());
    /// ```
    pub fn new(type_: impl Into<Cow<'static, str>>, init: CloseEventInit) -> Self {
        Self::with(Event::new(type_, init.event), init)
    }

    pub(super) fn trusted(init: CloseEventInit) -> Self {
        Self::with(Event::trusted("close"), init)
    }

    fn with(event: Event, init: CloseEventInit) -> Self {
        Self {
            event,
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
    #[must_use]
    pub fn uninitialized() -> Self {
        Self {
            event: Event::uninitialized(),
            was_clean: false,
            code: 0,
            reason: String::new(),
        }
    }

    /// r4820 `initCloseEvent`.
    ///
    /// ```
    /// use dom_websocket::CloseEvent;
    ///
    /// let mut event = CloseEvent::uninitialized();
    /// event.init_close_event("close", false, false, true);
    /// assert!(event.was_clean());
    /// ```
    #[doc(alias = "initCloseEvent")]
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
    ///
    /// Clause: [WebSockets, "wasClean"](https://websockets.spec.whatwg.org/#dom-closeevent-wasclean).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| event.target().close());
    /// socket.set_onclose(|event| assert!(event.was_clean()));
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "wasClean")]
    pub fn was_clean(&self) -> bool {
        self.was_clean
    }

    /// RFC 6455's close code. Draft 76 has none: 1005 after a clean end, otherwise 1006.
    ///
    /// Clause: [WebSockets, "code"](https://websockets.spec.whatwg.org/#dom-closeevent-code).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| event.target().close_with(4000, ""));
    /// // The server has answered with the same.
    /// socket.set_onclose(|event| assert_eq!(event.code(), 4000));
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn code(&self) -> u16 {
        self.code
    }

    /// RFC 6455's close reason. Draft 76 has none: it is empty.
    ///
    /// Clause: [WebSockets, "reason"](https://websockets.spec.whatwg.org/#dom-closeevent-reason).
    ///
    /// ```
    /// use dom_websocket::{Server, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _| {
    ///     socket.set_onopen(|event| event.target().close_with(4000, "enough"));
    /// });
    /// let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// socket.set_onclose(move |event| {
    ///     assert_eq!(event.reason(), "enough");
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Debug for CloseEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event
            .describe(f.debug_struct("CloseEvent"))
            .field("was_clean", &self.was_clean)
            .field("code", &self.code)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Deref for CloseEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}
