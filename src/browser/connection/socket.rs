//! The channel of a connection that the browser carries: its own object, and what that has said.

use super::{Channel, FeedbackSink, Opened, Waiting};
use crate::net::TakenSocket;
use crate::protocol::{
    Abandoned, Closure as End, ConnectionOptions, Delivery, Feedback, Payload, WireFailure,
};
use event_listener::Event;
use futures::future::LocalBoxFuture;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// A connection, as the browser tells of it.
pub(super) struct Socket {
    sink: Weak<dyn FeedbackSink>,
    /// There is one from the constructor's call to the connection's end.
    connection: RefCell<Option<Connection>>,
    /// `Closed` has been told, or nobody wants to hear of it.
    has_ended: Cell<bool>,
    /// The occurrences that no task has taken.
    feedback: RefCell<VecDeque<Feedback>>,
    /// There has been an `error` event.
    has_failed: Cell<bool>,
    /// What was queued when it ended.
    unsent: Cell<usize>,
    /// Notified when there may be more room in the queue, or never will be.
    room: Event,
    carrier: Cell<Option<Waker>>,
}

/// The browser's object, with what listens to it.
struct Connection {
    socket: WebSocket,
    options: Arc<ConnectionOptions>,
    _listeners: Listeners,
}

/// They are called as long as this lives.
struct Listeners {
    _open: Closure<dyn Fn()>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _error: Closure<dyn Fn()>,
    _close: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    pub(super) fn new(sink: Weak<dyn FeedbackSink>) -> Rc<Self> {
        Rc::new(Self {
            sink,
            connection: RefCell::default(),
            has_ended: Cell::new(false),
            feedback: RefCell::default(),
            has_failed: Cell::new(false),
            unsent: Cell::new(0),
            room: Event::new(),
            carrier: Cell::default(),
        })
    }

    /// Calls the browser's constructor. `None`, or an exception (a policy of the page's, for one): there will be no
    /// connection.
    pub(super) fn connect(self: &Rc<Self>, opened: Option<Opened>) {
        let Some(opened) = opened else {
            return self.end(End::failed(None));
        };
        let protocols: Array = opened.protocols.iter().map(JsValue::from).collect();
        let Ok(socket) = WebSocket::new_with_str_sequence(&opened.url, &protocols) else {
            return self.end(End::failed(None));
        };
        // What the object above makes of bytes is its own.
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listeners = self.listen(&socket);
        *self.connection.borrow_mut() = Some(Connection {
            socket,
            options: opened.options,
            _listeners: listeners,
        });
    }

    fn listen(self: &Rc<Self>, socket: &WebSocket) -> Listeners {
        let this = Rc::downgrade(self);
        let open = Closure::<dyn Fn()>::new(move || {
            if let Some(this) = this.upgrade() {
                this.become_established();
            }
        });
        let this = Rc::downgrade(self);
        let message = Closure::<dyn Fn(_)>::new(move |event: MessageEvent| {
            if let Some(this) = this.upgrade() {
                this.receive(&event);
            }
        });
        let this = Rc::downgrade(self);
        let error = Closure::<dyn Fn()>::new(move || {
            if let Some(this) = this.upgrade() {
                this.has_failed.set(true);
            }
        });
        let this = Rc::downgrade(self);
        let close = Closure::<dyn Fn(_)>::new(move |event: CloseEvent| {
            if let Some(this) = this.upgrade() {
                this.end(End {
                    cleanly: event.was_clean(),
                    code: event.code(),
                    reason: event.reason(),
                    failed: this.has_failed.get(),
                    cause: None,
                });
            }
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onerror(Some(error.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Listeners {
            _open: open,
            _message: message,
            _error: error,
            _close: close,
        }
    }

    fn become_established(&self) {
        let agreed = self.look(|connection| {
            let protocol = connection.socket.protocol();
            (protocol, connection.socket.extensions())
        });
        if let Some((protocol, extensions)) = agreed {
            self.tell(Feedback::Established {
                protocol: (!protocol.is_empty()).then_some(protocol),
                extensions,
            });
            self.tell_room();
        }
    }

    fn receive(&self, event: &MessageEvent) {
        let data = event.data();
        if let Some(text) = data.as_string() {
            self.tell(Feedback::Text(text));
        } else if let Ok(bytes) = data.dyn_into::<ArrayBuffer>() {
            self.tell(Feedback::Binary(Uint8Array::new(&bytes).to_vec()));
        }
    }

    /// Queues an occurrence. No borrow is held, because that wakes the loop.
    fn tell(&self, feedback: Feedback) {
        self.feedback.borrow_mut().push_back(feedback);
        if let Some(sink) = self.sink.upgrade() {
            sink.announce(1);
        }
    }

    fn end(&self, end: End) {
        if !self.has_ended() {
            self.let_go();
            self.tell(Feedback::Closed(end));
        }
    }

    fn look<T>(&self, look: impl FnOnce(&Connection) -> T) -> Option<T> {
        self.connection.borrow().as_ref().map(look)
    }

    /// Ready when some of the queue may have left, or will never.
    fn await_room(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<()> {
        let listener = waiting.get_or_insert_with(|| {
            let listener = self.room.listen();
            self.wake_carrier();
            listener
        });
        ready!(Pin::new(listener).poll(cx));
        *waiting = None;
        Poll::Ready(())
    }

    fn wake_carrier(&self) {
        let carrier = self.carrier.take();
        if let Some(carrier) = carrier {
            carrier.wake();
        }
    }

    // What follows is for the carrier.

    pub(super) fn register(&self, cx: &Context<'_>) {
        let before = self.carrier.replace(Some(cx.waker().clone()));
        drop(before);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.get()
    }

    /// Somebody waits for room.
    pub(super) fn is_watched(&self) -> bool {
        self.room.total_listeners() > 0
    }

    pub(super) fn tell_room(&self) {
        self.room.notify(usize::MAX);
    }

    /// Nothing more is told. The browser closes the connection, if it has not ended, once what is queued has been sent.
    pub(super) fn let_go(&self) {
        let connection = self.connection.take();
        if let Some(Connection { socket, .. }) = &connection {
            socket.set_onopen(None);
            socket.set_onmessage(None);
            socket.set_onerror(None);
            socket.set_onclose(None);
            // Without arguments it throws nothing.
            let _ = socket.close();
            self.unsent.set(amount(socket));
        }
        self.has_ended.set(true);
        self.tell_room();
        self.wake_carrier();
    }
}

fn amount(socket: &WebSocket) -> usize {
    usize::try_from(socket.buffered_amount()).unwrap_or(usize::MAX)
}

impl Channel for Socket {
    fn send(&self, data: Payload<'_>) -> bool {
        if !self.is_sending() {
            return false;
        }
        if !self.has_room_for(data.bytes().len()) {
            self.fail(WireFailure::QueueFull);
            return false;
        }
        let sent = self.look(|connection| match data {
            Payload::Text(text) => connection.socket.send_with_str(text),
            // A copy: a memory that threads share can't be sent.
            Payload::Binary(bytes) => {
                let bytes = Uint8Array::from(bytes);
                connection.socket.send_with_js_u8_array(&bytes)
            }
        });
        sent.is_some_and(|sent| sent.is_ok())
    }

    fn start_closing_handshake(&self, close: Option<(u16, &str)>) {
        // What the object above lets through the browser does too.
        let _ = self.look(|Connection { socket, .. }| match close {
            Some((code, reason)) => socket.close_with_code_and_reason(code, reason),
            None => socket.close(),
        });
    }

    /// A browser hears no message once it has begun to close.
    fn finish(&self, close: Option<(u16, &str)>) {
        self.start_closing_handshake(close);
    }

    /// Messages come whole.
    fn set_delivery(&self, _: Delivery) {}

    /// A browser answers by itself.
    fn set_half_open(&self, _: bool) {}

    fn fail(&self, cause: WireFailure) {
        self.end(End::failed(cause));
    }

    fn abandon(&self, _: Abandoned) {
        if !self.has_ended() {
            self.let_go();
            self.feedback.take();
        }
    }

    fn take_socket(&self) -> LocalBoxFuture<'static, io::Result<TakenSocket>> {
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    fn take_feedback(&self) -> Option<Feedback> {
        self.feedback.borrow_mut().pop_front()
    }

    fn is_message_next(&self) -> bool {
        let feedback = self.feedback.borrow();
        matches!(
            feedback.front(),
            Some(Feedback::Text(_) | Feedback::Binary(_))
        )
    }

    /// No violation is ever told.
    fn tasks_are_done(&self) {}

    fn has_room_for(&self, len: usize) -> bool {
        let has_room = |Connection {
                            socket, options, ..
                        }: &Connection| {
            amount(socket).saturating_add(len) <= options.limits.send_queue
        };
        self.look(has_room).unwrap_or(false)
    }

    fn would_block(&self, len: usize) -> bool {
        let would_block = |Connection {
                               socket, options, ..
                           }: &Connection| {
            let most = options.limits.high_water.min(options.limits.send_queue);
            let amount = amount(socket);
            amount > 0 && amount.saturating_add(len) > most
        };
        self.look(would_block).unwrap_or(true)
    }

    fn poll_room(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<bool> {
        let is_connecting = self.look(|Connection { socket, .. }| {
            let state = socket.ready_state();
            state == WebSocket::CONNECTING
        });
        let is_opening = is_connecting.unwrap_or_else(|| !self.has_ended());
        if !is_opening && !self.is_sending() {
            return Poll::Ready(false);
        }
        self.await_room(waiting, cx).map(|()| true)
    }

    fn poll_flushed(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<()> {
        while !self.has_ended() && self.buffered_amount() > 0 {
            ready!(self.await_room(waiting, cx));
        }
        Poll::Ready(())
    }

    fn is_established(&self) -> bool {
        let is_established =
            |Connection { socket, .. }: &Connection| socket.ready_state() != WebSocket::CONNECTING;
        self.look(is_established).unwrap_or(false)
    }

    fn is_sending(&self) -> bool {
        let is_open =
            |Connection { socket, .. }: &Connection| socket.ready_state() == WebSocket::OPEN;
        self.look(is_open).unwrap_or(false)
    }

    fn buffered_amount(&self) -> usize {
        let amount = |Connection { socket, .. }: &Connection| amount(socket);
        self.look(amount).unwrap_or_else(|| self.unsent.get())
    }
}
