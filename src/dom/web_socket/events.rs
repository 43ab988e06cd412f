//! `WebSocket` as an `EventTarget`, with its event handlers.

use super::WebSocket;
use crate::dom::event_listener::ReturnValue;
use crate::dom::event_target::Registration;
use crate::dom::event_type::HandlerType;
use crate::dom::{
    AddEventListenerOptions, CloseEvent, Completion, Dispatch, DomException, EventListener,
    MessageEvent, SomeEvent,
};
use std::rc::Rc;

impl WebSocket {
    /// `onopen`: the connection is established.
    ///
    /// Clause: [WebSockets, "onopen"](https://websockets.spec.whatwg.org/#handler-websocket-onopen).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| {
    ///     println!("open: {}", event.target().url());
    ///     event.target().close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onopen")]
    pub fn set_onopen<R: Completion>(&self, onopen: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::Open, Some(EventListener::new(onopen)));
    }

    /// `onmessage`: a message has been received.
    ///
    /// An event of this type that the caller dispatched and that is no [`MessageEvent`] does not
    /// reach the handler; it reaches listeners. The same holds for [`set_onclose`](Self::set_onclose).
    ///
    /// Clause: [WebSockets, "onmessage"](https://websockets.spec.whatwg.org/#handler-websocket-onmessage).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| event.target().send("hello"));
    /// socket.set_onmessage(|event| {
    ///     assert_eq!(event.data(), "hello");
    ///     event.target().close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onmessage")]
    pub fn set_onmessage<R: Completion>(
        &self,
        onmessage: impl Fn(Dispatch<'_, MessageEvent>) -> R + 'static,
    ) {
        let handler = EventListener::new(move |event| match event.as_message_event() {
            Some(event) => onmessage(event).complete(),
            None => Ok(ReturnValue::Other),
        });
        self.set_handler(HandlerType::Message, Some(handler));
    }

    /// `onerror`: the connection failed, and `close` follows at once. In
    /// [`Edition::Html5`](crate::Edition::Html5): a frame of an unknown type was skipped, and the
    /// connection lives on.
    ///
    /// Clause: [WebSockets, "onerror"](https://websockets.spec.whatwg.org/#handler-websocket-onerror).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// // A port that is blocked.
    /// let socket = WebSocket::new(&event_loop, "ws://127.0.0.1:1/")?;
    /// socket.set_onerror(|event| println!("no connection to {}", event.target().url()));
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onerror")]
    pub fn set_onerror<R: Completion>(&self, onerror: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::Error, Some(EventListener::new(onerror)));
    }

    /// `onclose`: the connection is closed, or could not be opened.
    ///
    /// Clause: [WebSockets, "onclose"](https://websockets.spec.whatwg.org/#handler-websocket-onclose).
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
    ///     assert!(event.was_clean());
    ///     assert_eq!(event.code(), 4000);
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onclose")]
    pub fn set_onclose<R: Completion>(
        &self,
        onclose: impl Fn(Dispatch<'_, CloseEvent>) -> R + 'static,
    ) {
        let handler = EventListener::new(move |event| match event.as_close_event() {
            Some(event) => onclose(event).complete(),
            None => Ok(ReturnValue::Other),
        });
        self.set_handler(HandlerType::Close, Some(handler));
    }

    /// The peer has sent all, and the socket is [half open](crate::WebSocketBuilder::half_open): no message follows, and
    /// this side can go on sending until it calls [`finish`](Self::finish) or [`close`](Self::close). Sockets that
    /// are not half open answer at once, and have a `close` event alone. No edition has this event; script never
    /// sees it.
    ///
    /// ```
    /// use dom_websocket::{Server, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::builder(&event_loop).half_open(true).listen("127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _| {
    ///     socket.set_onend(|event| {
    ///         event.target().send("and this is the answer")?;
    ///         event.target().finish()
    ///     });
    /// });
    /// let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// socket.set_onopen(|event| event.target().finish());
    /// socket.set_onmessage(|event| assert_eq!(event.data(), "and this is the answer"));
    /// socket.set_onclose(move |_| server.close());
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn set_onend<R: Completion>(&self, onend: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::End, Some(EventListener::new(onend)));
    }

    /// There is room again: follows a [`try_send`](Self::try_send) that would have blocked, once half of
    /// [`Limits::high_water`](crate::Limits::high_water) is free, and the message that was not taken has room. No
    /// edition has this event; script never sees it.
    ///
    /// ```
    /// use dom_websocket::{Server, TrySendError, WebSocket};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::builder(&event_loop).compression(false).listen("127.0.0.1:0")?;
    /// server.set_onconnection(|socket, _| socket.set_onmessage(|_| ()));
    /// let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// socket.set_onopen(|event| {
    ///     let large = [0; 768 * 1024];
    ///     assert_eq!(event.target().try_send(&large), Ok(()));
    ///     // A mebibyte is all that may be queued.
    ///     assert!(matches!(event.target().try_send(&large), Err(TrySendError::WouldBlock(_))));
    /// });
    /// socket.set_ondrain(|event| {
    ///     println!("there is room again");
    ///     event.target().close();
    /// });
    /// socket.set_onclose(move |_| server.close());
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_ondrain<R: Completion>(&self, ondrain: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::Drain, Some(EventListener::new(ondrain)));
    }

    /// `onopen = null`.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onopen(|_| println!("never"));
    /// socket.clear_onopen();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onopen")]
    pub fn clear_onopen(&self) {
        self.set_handler(HandlerType::Open, None);
    }

    /// `onmessage = null`.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onmessage(|_| println!("never"));
    /// socket.clear_onmessage();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onmessage")]
    pub fn clear_onmessage(&self) {
        self.set_handler(HandlerType::Message, None);
    }

    /// `onerror = null`.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onerror(|_| println!("never"));
    /// socket.clear_onerror();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onerror")]
    pub fn clear_onerror(&self) {
        self.set_handler(HandlerType::Error, None);
    }

    /// `onclose = null`.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onclose(|_| println!("never"));
    /// socket.clear_onclose();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "onclose")]
    pub fn clear_onclose(&self) {
        self.set_handler(HandlerType::Close, None);
    }

    /// Takes the handler of `end` away.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_onend(|_| println!("never"));
    /// socket.clear_onend();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clear_onend(&self) {
        self.set_handler(HandlerType::End, None);
    }

    /// Takes the handler of `drain` away.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_ondrain(|_| println!("never"));
    /// socket.clear_ondrain();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clear_ondrain(&self) {
        self.set_handler(HandlerType::Drain, None);
    }

    fn set_handler(&self, type_: HandlerType, handler: Option<EventListener>) {
        self.inner.listeners.set_handler(type_, handler);
        self.update_liveness();
    }

    /// DOM `addEventListener` with a closure and no options; what it returns can be
    /// [removed](Self::remove_event_listener).
    ///
    /// In [`Edition::Html5`](crate::Edition::Html5) handlers such as `onmessage` run ahead of every
    /// listener that does not capture.
    ///
    /// Clause: [DOM, "addEventListener"](https://dom.spec.whatwg.org/#dom-eventtarget-addeventlistener).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// socket.set_onopen(|event| event.target().send("hello"));
    /// socket.add_event_listener("message", |event| {
    ///     let event = event.as_message_event().expect("a message's");
    ///     assert_eq!(event.data(), "hello");
    ///     event.target().close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "addEventListener")]
    pub fn add_event_listener<R: Completion>(
        &self,
        type_: &str,
        callback: impl Fn(Dispatch<'_>) -> R + 'static,
    ) -> EventListener {
        let listener = EventListener::new(callback);
        self.add_event_listener_with(type_, &listener, AddEventListenerOptions::default());
        listener
    }

    /// DOM `addEventListener`. Does nothing if this listener is registered for this type and this
    /// `capture` already: the options of the first time stay.
    ///
    /// Clause: [DOM, "addEventListener"](https://dom.spec.whatwg.org/#dom-eventtarget-addeventlistener).
    ///
    /// ```
    /// use dom_websocket::{AddEventListenerOptions, EventListener};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let listener = EventListener::new(|event| println!("{}", event.type_()));
    /// let options = AddEventListenerOptions { once: true, ..Default::default() };
    /// socket.add_event_listener_with("open", &listener, options.clone());
    /// // The same one at another event; a second time at the same would do nothing.
    /// socket.add_event_listener_with("close", &listener, options);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "addEventListener")]
    pub fn add_event_listener_with(
        &self,
        type_: &str,
        listener: &EventListener,
        options: AddEventListenerOptions,
    ) {
        if options.signal.as_ref().is_some_and(|s| s.aborted()) {
            return;
        }
        let registration = Rc::new(Registration::new(type_, listener.clone(), &options));
        self.inner.listeners.add(registration.clone());
        if let Some(signal) = options.signal {
            let socket = Rc::downgrade(&self.inner);
            let registration = Rc::downgrade(&registration);
            signal.add_algorithm(registration.clone(), move || {
                if let (Some(inner), Some(registration)) =
                    (socket.upgrade(), registration.upgrade())
                {
                    inner.listeners.remove_registration(&registration);
                    Self { inner }.update_liveness();
                }
            });
        }
        self.update_liveness();
    }

    /// DOM `removeEventListener`.
    ///
    /// Clause: [DOM, "removeEventListener"](https://dom.spec.whatwg.org/#dom-eventtarget-removeeventlistener).
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let listener = socket.add_event_listener("message", |_| println!("never"));
    /// socket.remove_event_listener("message", &listener, false);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "removeEventListener")]
    pub fn remove_event_listener(&self, type_: &str, listener: &EventListener, capture: bool) {
        self.inner.listeners.remove(type_, listener, capture);
        self.update_liveness();
    }

    /// DOM `dispatchEvent`: calls the listeners before it returns. False if one of them canceled the
    /// event.
    ///
    /// Clause: [DOM, "dispatchEvent"](https://dom.spec.whatwg.org/#dom-eventtarget-dispatchevent).
    ///
    /// ```
    /// # use dom_websocket::{Event, EventInit, EventLoop, WebSocket};
    /// # let event_loop = EventLoop::new();
    /// # let socket = WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.add_event_listener("ping", |event| event.prevent_default());
    /// let ping = Event::new("ping", EventInit { cancelable: true, ..Default::default() });
    /// assert_eq!(socket.dispatch_event(&ping)?, false);
    /// # Ok::<(), dom_websocket::DomException>(())
    /// ```
    ///
    /// # Errors
    ///
    /// "InvalidStateError" if the event is being dispatched already or has not been initialized.
    #[doc(alias = "dispatchEvent")]
    pub fn dispatch_event<'a>(
        &self,
        event: impl Into<SomeEvent<'a>>,
    ) -> Result<bool, DomException> {
        let event = event.into();
        if !event.event().can_be_dispatched() {
            return Err(DomException::invalid_state(
                "the event is being dispatched or has not been initialized",
            ));
        }
        let is_not_canceled = self.dispatch(event);
        self.inner.shared().resume_panic_outside_tasks();
        Ok(is_not_canceled)
    }

    #[inline]
    pub(super) fn dispatch(&self, event: SomeEvent<'_>) -> bool {
        self.inner
            .listeners
            .dispatch(self.inner.shared(), self, event)
    }
}
