//! One connection as both directions of a stream.

use super::{Message, Piece, WebSocketCloseInfo, WebSocketError, WebSocketErrorKind};
use crate::connection::{Channel, Waiting};
use crate::dom::document::Occupant;
use crate::dom::establishment::Establishment;
use crate::dom::{AbortSignal, Document, DomException};
use crate::edition::Edition;
use crate::event_loop::{Reader, TaskSource};
use crate::net::TakenSocket;
use crate::protocol::{
    Abandoned, Closure, ConnectionOptions, Delivery, Feedback, Limits, Payload, WireFailure,
};
use crate::user_agent::Failure;
use event_listener::{Event, EventListener};
use futures::future::LocalBoxFuture;
use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// What a stream begins with: a connection that is being established, or a socket's.
pub(in crate::dom) struct Basis {
    pub(in crate::dom) edition: Edition,
    pub(in crate::dom) url: String,
    pub(in crate::dom) document: Option<Document>,
    pub(in crate::dom) options: Arc<ConnectionOptions>,
    pub(in crate::dom) half_open: bool,
    pub(in crate::dom) source: Rc<TaskSource>,
    /// The subprotocol and the extensions, once it is open.
    pub(in crate::dom) agreed: Option<(String, String)>,
    /// The peer has ended its direction, and somebody has been told.
    pub(in crate::dom) peer_has_finished: bool,
    /// What the user agent does with the opening.
    pub(in crate::dom) on_open: Option<Box<dyn FnOnce()>>,
}

impl From<Establishment> for Basis {
    fn from(establishment: Establishment) -> Self {
        Self {
            edition: establishment.edition,
            url: establishment.url.into(),
            document: establishment.document,
            options: establishment.options,
            half_open: establishment.half_open,
            source: establishment.source,
            agreed: None,
            peer_has_finished: false,
            on_open: establishment.on_open,
        }
    }
}

/// What the handle, the halves and the futures of one stream share.
///
/// What comes stays in the connection until a reader takes it, so that [`Limits::undispatched`] pauses reading. What is
/// no message is taken as soon as no message is in front of it.
pub(crate) struct Duplex {
    edition: Edition,
    url: String,
    document: Option<Document>,
    options: Arc<ConnectionOptions>,
    half_open: bool,
    source: Rc<TaskSource>,
    on_open: Cell<Option<Box<dyn FnOnce()>>>,
    signal: Option<AbortSignal>,
    /// Why the opening handshake failed, as the user agent told.
    failure: Rc<RefCell<Option<Failure>>>,
    agreed: RefCell<Option<(String, String)>>,
    /// How the connection ended.
    end: RefCell<Option<Result<WebSocketCloseInfo, WebSocketError>>>,
    /// What had come when this side closed.
    ahead: RefCell<VecDeque<Piece>>,
    /// What else comes is thrown away.
    discards: Cell<bool>,
    /// The peer broke the protocol: the connection fails when a reader has read all before, and may have answered it.
    is_violated: Cell<bool>,
    /// The peer has ended its direction, and ours is held.
    peer_has_finished: Cell<bool>,
    /// The loop is gone.
    is_released: Cell<bool>,
    reader: RefCell<Option<Waker>>,
    /// Notified once it is open, and once it has ended.
    changed: Event,
}

impl Duplex {
    pub(in crate::dom) fn new(
        basis: Basis,
        signal: Option<AbortSignal>,
        failure: Rc<RefCell<Option<Failure>>>,
    ) -> Rc<Self> {
        let duplex = Rc::new(Self {
            edition: basis.edition,
            url: basis.url,
            document: basis.document,
            options: basis.options,
            half_open: basis.half_open,
            source: basis.source,
            on_open: Cell::new(basis.on_open),
            signal,
            failure,
            agreed: RefCell::new(basis.agreed),
            end: RefCell::default(),
            ahead: RefCell::default(),
            discards: Cell::new(false),
            is_violated: Cell::new(false),
            peer_has_finished: Cell::new(basis.peer_has_finished),
            is_released: Cell::new(false),
            reader: RefCell::default(),
            changed: Event::new(),
        });
        let reader: Rc<dyn Reader> = duplex.clone();
        duplex.source.set_reader(Rc::downgrade(&reader));
        if let Some(document) = &duplex.document {
            let occupant: Rc<dyn Occupant> = duplex.clone();
            document.add(Rc::downgrade(&occupant));
        }
        duplex
    }

    /// Gives the transport away.
    pub(crate) fn take_socket(&self) -> LocalBoxFuture<'static, io::Result<TakenSocket>> {
        self.channel().take_socket()
    }

    fn channel(&self) -> &dyn Channel {
        self.source.channel()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.options.limits
    }

    pub(crate) fn is_half_open(&self) -> bool {
        self.half_open
    }

    pub(crate) fn set_delivery(&self, delivery: Delivery) {
        self.channel().set_delivery(delivery);
    }

    /// The subprotocol and the extensions, once it is open.
    pub(crate) fn agreed(&self) -> Ref<'_, Option<(String, String)>> {
        self.agreed.borrow()
    }

    /// Takes what is no message, and messages that nobody wants.
    fn advance(&self) {
        while self.discards.get() || !self.channel().is_message_next() {
            let Some(feedback) = self.source.take() else {
                if self.is_released.get() {
                    self.end(Closure::failed(WireFailure::Cancelled));
                }
                return;
            };
            self.hear(feedback);
            if self.discards.get() {
                self.answer_violation();
            }
        }
    }

    /// All that came before has been read.
    fn answer_violation(&self) {
        if self.is_violated.take() {
            self.channel().tasks_are_done();
        }
    }

    /// "Feedback to WebSocketStream from the protocol". A message comes back.
    fn hear(&self, feedback: Feedback) -> Option<Piece> {
        let (message, is_last) = match feedback {
            Feedback::Text(text) => (Message::Text(text), true),
            Feedback::TextPart(text) => (Message::Text(text), false),
            Feedback::Binary(bytes) => (Message::Binary(bytes), true),
            Feedback::BinaryPart(bytes) => (Message::Binary(bytes), false),
            other => {
                self.hear_no_message(other);
                return None;
            }
        };
        Some(Piece { message, is_last })
    }

    fn hear_no_message(&self, feedback: Feedback) {
        match feedback {
            Feedback::Established {
                protocol,
                extensions,
            } => {
                let agreed = (protocol.unwrap_or_default(), extensions);
                *self.agreed.borrow_mut() = Some(agreed);
                if let Some(on_open) = self.on_open.take() {
                    on_open();
                }
                self.changed.notify(usize::MAX);
            }
            Feedback::PeerFinished(_) => {
                self.peer_has_finished.set(true);
                self.wake_reader();
            }
            Feedback::Violated => self.is_violated.set(true),
            Feedback::Closed(closure) => self.end(closure),
            // An unknown frame of draft 76 is no message; the rest is the protocol's.
            _ => {}
        }
    }

    /// "The WebSocket connection is closed".
    fn end(&self, closure: Closure) {
        if self.end.borrow().is_some() {
            return;
        }
        let was_opened = self.agreed.borrow().is_some();
        let end = if closure.cleanly {
            Ok(WebSocketCloseInfo {
                close_code: Some(closure.code),
                reason: closure.reason,
            })
        } else if !was_opened && self.signal.as_ref().is_some_and(AbortSignal::aborted) {
            Err(WebSocketError::new(WebSocketErrorKind::Aborted))
        } else {
            Err(WebSocketError::of(closure, self.failure.take()))
        };
        *self.end.borrow_mut() = Some(end);
        self.wake_reader();
        self.changed.notify(usize::MAX);
    }

    fn wake_reader(&self) {
        let reader = self.reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// `opened`: ready once it is open, or never will be.
    pub(crate) fn poll_opened(
        &self,
        change: &mut Option<EventListener>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WebSocketError>> {
        self.poll_change(change, cx, || match &*self.end.borrow() {
            _ if self.agreed.borrow().is_some() => Some(Ok(())),
            Some(Err(error)) => Some(Err(error.clone())),
            Some(Ok(_)) => Some(Err(WebSocketError::new(WebSocketErrorKind::InvalidState))),
            None => None,
        })
    }

    /// `closed`: ready once the connection has ended, and all that came before has been read.
    pub(crate) fn poll_closed(
        &self,
        change: &mut Option<EventListener>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<WebSocketCloseInfo, WebSocketError>> {
        self.poll_change(change, cx, || self.end.borrow().clone())
    }

    /// `change`: what this task listens to, from one poll to the next.
    fn poll_change<T>(
        &self,
        change: &mut Option<EventListener>,
        cx: &mut Context<'_>,
        look: impl Fn() -> Option<T>,
    ) -> Poll<T> {
        loop {
            self.advance();
            if let Some(found) = look() {
                return Poll::Ready(found);
            }
            match change {
                Some(listener) => {
                    ready!(Pin::new(listener).poll(cx));
                    *change = None;
                }
                None => *change = Some(self.changed.listen()),
            }
        }
    }

    /// Pulls the next message, or the next part of one. `None`: none follows.
    pub(crate) fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        if let Some(piece) = self.ahead.borrow_mut().pop_front() {
            return Poll::Ready(Some(piece));
        }
        self.advance();
        if self.is_violated.get() {
            self.answer_violation();
            self.advance();
        }
        if self.channel().is_message_next() {
            if let Some(piece) = self.source.take().and_then(|next| self.hear(next)) {
                // Others wait for what may be behind it: this reader need not ask again.
                self.advance();
                return Poll::Ready(Some(piece));
            }
        }
        if self.has_been_read() {
            return Poll::Ready(None);
        }
        // Dropping a waker runs its owner's code: no borrow is held.
        let before = self.reader.replace(Some(cx.waker().clone()));
        drop(before);
        Poll::Pending
    }

    /// Nothing follows what has been read.
    fn has_been_read(&self) -> bool {
        let is_over = self.peer_has_finished.get() || self.end.borrow().is_some();
        is_over && self.ahead.borrow().is_empty()
    }

    /// What a reader fails with, who has read all.
    pub(crate) fn read_error(&self) -> Option<WebSocketError> {
        match &*self.end.borrow() {
            Some(Err(error)) if !self.peer_has_finished.get() => Some(error.clone()),
            _ => None,
        }
    }

    /// Whether something can be written, now or later.
    fn is_writable(&self) -> bool {
        self.agreed.borrow().is_some() && self.channel().is_sending()
    }

    /// What a writer fails with.
    fn write_error(&self) -> WebSocketError {
        match &*self.end.borrow() {
            Some(Err(error)) => error.clone(),
            _ => WebSocketError::new(WebSocketErrorKind::InvalidState),
        }
    }

    /// Ready once so many bytes find room.
    pub(crate) fn poll_room(
        &self,
        len: usize,
        waiting: &mut Waiting,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WebSocketError>> {
        loop {
            self.advance();
            if !self.is_writable() {
                return Poll::Ready(Err(self.write_error()));
            }
            if len > self.options.limits.send_queue {
                return Poll::Ready(Err(WebSocketError::new(WebSocketErrorKind::TooLong)));
            }
            if !self.channel().would_block(len) {
                return Poll::Ready(Ok(()));
            }
            if !ready!(self.channel().poll_room(waiting, cx)) {
                return Poll::Ready(Err(self.write_error()));
            }
        }
    }

    /// Takes a message, whether there is room below the high water or not.
    pub(crate) fn send(&self, data: Payload<'_>) -> Result<(), WebSocketError> {
        let refused = |kind| Err(WebSocketError::new(kind));
        if !self.is_writable() {
            return Err(self.write_error());
        }
        if matches!(data, Payload::Binary(_)) && !self.edition.sends_binary() {
            return refused(WebSocketErrorKind::NotSupported);
        }
        if !self.channel().has_room_for(data.bytes().len()) {
            return refused(WebSocketErrorKind::TooLong);
        }
        match self.channel().send(data) {
            true => Ok(()),
            false => Err(self.write_error()),
        }
    }

    /// Ready once all that was taken has been handed to the network.
    pub(crate) fn poll_flush(
        &self,
        waiting: &mut Waiting,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WebSocketError>> {
        ready!(self.channel().poll_flushed(waiting, cx));
        self.advance();
        // What could not be sent stays counted.
        Poll::Ready(match self.channel().buffered_amount() > 0 {
            true => Err(self.write_error()),
            false => Ok(()),
        })
    }

    /// "Close the WebSocket". What has come can still be read; what comes from now on is thrown away, so that nobody has to
    /// read for the closing handshake to finish.
    pub(crate) fn close(&self, info: &WebSocketCloseInfo) -> Result<(), DomException> {
        let close = info.checked(self.edition)?;
        if !self.discards.replace(true) {
            while let Some(feedback) = self.source.take() {
                let piece = self.hear(feedback);
                self.ahead.borrow_mut().extend(piece);
                self.answer_violation();
            }
        }
        self.start_closing(close);
        Ok(())
    }

    /// "Cancel a WebSocketStream": closes, and nobody reads any more. Nothing, where all has been read.
    pub(crate) fn cancel(&self, info: &WebSocketCloseInfo) -> Result<(), DomException> {
        let close = info.checked(self.edition)?;
        if !self.has_been_read() {
            self.discards.set(true);
            let unread = self.ahead.take();
            drop(unread);
            self.start_closing(close);
            self.advance();
        }
        Ok(())
    }

    fn start_closing(&self, close: Option<(u16, &str)>) {
        if self.channel().is_established() {
            self.channel().start_closing_handshake(close);
        } else {
            self.channel().fail(WireFailure::Cancelled);
        }
    }

    /// Ends our direction, and not the peer's.
    pub(crate) fn finish(&self, info: &WebSocketCloseInfo) -> Result<(), DomException> {
        let close = info.checked(self.edition)?;
        if !self.channel().is_established() && self.agreed.borrow().is_none() {
            return Err(DomException::invalid_state(
                "the stream is still connecting",
            ));
        }
        self.channel().finish(close);
        Ok(())
    }
}

impl Reader for Duplex {
    fn wake(&self) {
        self.advance();
        // A reader that waits has read all.
        if self.reader.borrow().is_some() {
            self.answer_violation();
            self.advance();
        }
        self.wake_reader();
    }

    fn release(&self) {
        self.is_released.set(true);
        self.wake_reader();
        self.changed.notify(usize::MAX);
    }
}

/// WebSockets "make disappear". No task runs for it any more: futures end at once.
impl Occupant for Duplex {
    fn go_away(&self) -> bool {
        let is_affected = self.end.borrow().is_none();
        self.channel().abandon(Abandoned::ByItsDocument);
        self.discards.set(true);
        let unread = self.ahead.take();
        drop(unread);
        self.end(Closure::abnormal(WireFailure::Cancelled));
        is_affected
    }
}

/// "Garbage collection": what was taken leaves, and nobody reads what comes.
impl Drop for Duplex {
    fn drop(&mut self) {
        self.channel().abandon(Abandoned::ByItsOwner);
        self.source.wake_reader();
    }
}
