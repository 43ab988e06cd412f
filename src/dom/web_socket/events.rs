//! `WebSocket` as an `EventTarget`, with its event handlers.

use super::WebSocket;
use crate::dom::event_listener::ReturnValue;
use crate::dom::event_target::{HandlerType, Registration};
use crate::dom::{
    AddEventListenerOptions, CloseEvent, Completion, Dispatch, DomException, EventListener,
    MessageEvent, SomeEvent,
};
use std::rc::Rc;

impl WebSocket {
    /// `onopen`: the connection is established.
    pub fn set_onopen<R: Completion>(&self, onopen: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::Open, Some(EventListener::new(onopen)));
    }

    /// `onmessage`: a message has been received.
    ///
    /// An event of this type that the caller dispatched and that is no [`MessageEvent`] does not
    /// reach the handler; it reaches listeners. The same holds for [`set_onclose`](Self::set_onclose).
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
    pub fn set_onerror<R: Completion>(&self, onerror: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::Error, Some(EventListener::new(onerror)));
    }

    /// `onclose`: the connection is closed, or could not be opened.
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
    #[cfg(not(target_family = "wasm"))]
    pub fn set_onend<R: Completion>(&self, onend: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::End, Some(EventListener::new(onend)));
    }

    /// There is room again: follows a [`try_send`](Self::try_send) that would have blocked, once half of
    /// [`Limits::high_water`](crate::Limits::high_water) is free, and the message that was not taken has room. No
    /// edition has this event; script never sees it.
    pub fn set_ondrain<R: Completion>(&self, ondrain: impl Fn(Dispatch<'_>) -> R + 'static) {
        self.set_handler(HandlerType::Drain, Some(EventListener::new(ondrain)));
    }

    /// `onopen = null`.
    pub fn clear_onopen(&self) {
        self.set_handler(HandlerType::Open, None);
    }

    /// `onmessage = null`.
    pub fn clear_onmessage(&self) {
        self.set_handler(HandlerType::Message, None);
    }

    /// `onerror = null`.
    pub fn clear_onerror(&self) {
        self.set_handler(HandlerType::Error, None);
    }

    /// `onclose = null`.
    pub fn clear_onclose(&self) {
        self.set_handler(HandlerType::Close, None);
    }

    /// Takes the handler of `end` away.
    pub fn clear_onend(&self) {
        self.set_handler(HandlerType::End, None);
    }

    /// Takes the handler of `drain` away.
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
    pub fn remove_event_listener(&self, type_: &str, listener: &EventListener, capture: bool) {
        self.inner.listeners.remove(type_, listener, capture);
        self.update_liveness();
    }

    /// DOM `dispatchEvent`: calls the listeners before it returns. False if one of them canceled the
    /// event.
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

    pub(super) fn dispatch(&self, event: SomeEvent<'_>) -> bool {
        self.inner
            .listeners
            .dispatch(self.inner.shared(), self, event)
    }
}
