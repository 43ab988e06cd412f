//! What a `WebSocketStream`'s object has: the stream in Rust, and what script has asked of it.

use super::realm::Realm;
use crate::DomException;
use crate::dom::{
    AbortController, Message, WebSocketCloseInfo, WebSocketError, WebSocketOpenInfo,
    WebSocketReadable, WebSocketStream, WebSocketWritable,
};
use futures::future::LocalBoxFuture;
use futures::{FutureExt, SinkExt, StreamExt};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker, ready};

/// The host-defined value of a `WebSocketStream`. Its promises and streams lie in slots.
pub(super) struct StreamState {
    realm: Weak<Realm>,
    stream: WebSocketStream,
    /// Aborts the opening handshake.
    handshake: AbortController,
    /// "Ready state".
    ready_state: Cell<ReadyState>,
    /// "Was ever connected".
    pub(super) was_ever_connected: Cell<bool>,
    /// "Handshake aborted".
    pub(super) handshake_aborted: Cell<bool>,
    work: RefCell<Work>,
    /// Wakes the future that polls.
    waker: RefCell<Option<Waker>>,
    /// What has happened, until its task runs; or until script asks, if it never has: nothing else leads to the object
    /// of a stream that script doesn't wait for.
    feedback: RefCell<VecDeque<Feedback>>,
    /// Script has a promise that an event to come will settle.
    pub(super) is_awaited: Cell<bool>,
    /// The slot of its realm's registry that keeps the object alive.
    pub(super) pin: Cell<Option<usize>>,
    /// The slot of its signal that has the object.
    pub(super) signal_slot: Cell<Option<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadyState {
    Connecting,
    Open,
    Closing,
    Closed,
}

/// "Feedback to WebSocketStream from the protocol", and that a message has been written.
pub(super) enum Feedback {
    Opened {
        extensions: String,
        protocol: String,
    },
    Message(Message),
    /// The message has been sent, or could not be.
    Written(Result<(), WebSocketError>),
    /// Cleanly, or not.
    Closed(Result<WebSocketCloseInfo, WebSocketError>),
}

/// What the connection is to be asked for.
struct Work {
    opening: Option<LocalBoxFuture<'static, Result<WebSocketOpenInfo, WebSocketError>>>,
    readable: Option<WebSocketReadable>,
    /// Backpressure is released: one message is wanted.
    is_pulling: bool,
    writable: Option<WebSocketWritable>,
    writing: Writing,
    closing: Option<LocalBoxFuture<'static, Result<WebSocketCloseInfo, WebSocketError>>>,
}

enum Writing {
    Nothing,
    /// It waits for room.
    Waiting(Message),
    /// It is on its way, but there is no room for another.
    Sent,
    /// It can't be sent.
    Refused(WebSocketError),
}

impl StreamState {
    pub(super) fn new(
        realm: &Rc<Realm>,
        stream: WebSocketStream,
        handshake: AbortController,
    ) -> Rc<Self> {
        let work = Work {
            opening: Some(stream.opened().boxed_local()),
            readable: None,
            is_pulling: false,
            writable: None,
            writing: Writing::Nothing,
            closing: Some(stream.closed().boxed_local()),
        };
        Rc::new(Self {
            realm: Rc::downgrade(realm),
            stream,
            handshake,
            ready_state: Cell::new(ReadyState::Connecting),
            was_ever_connected: Cell::new(false),
            handshake_aborted: Cell::new(false),
            work: RefCell::new(work),
            waker: RefCell::default(),
            feedback: RefCell::default(),
            is_awaited: Cell::new(false),
            pin: Cell::new(None),
            signal_slot: Cell::new(None),
        })
    }

    pub(super) fn realm(&self) -> Option<Rc<Realm>> {
        self.realm.upgrade()
    }

    pub(super) fn url(&self) -> &str {
        self.stream.url()
    }

    pub(super) fn ready_state(&self) -> ReadyState {
        self.ready_state.get()
    }

    pub(super) fn set_ready_state(&self, ready_state: ReadyState) {
        self.ready_state.set(ready_state);
    }

    /// Whether the object has to stay alive.
    pub(super) fn is_needed(&self) -> bool {
        let realm = self.realm();
        self.is_awaited.get()
            && self.ready_state() != ReadyState::Closed
            && realm.is_some_and(|realm| realm.document().is_fully_active())
    }

    /// "Close the WebSocket".
    pub(super) fn close(&self, info: WebSocketCloseInfo) -> Result<(), DomException> {
        self.stream.close(info)?;
        if self.ready_state() < ReadyState::Closing {
            self.set_ready_state(ReadyState::Closing);
        }
        // What has come is dropped.
        self.wake();
        Ok(())
    }

    /// Fails a connection that is not established yet. False if it is.
    pub(super) fn abort_handshake(&self) -> bool {
        let is_opening = self.work.borrow().opening.is_some();
        if is_opening && self.ready_state() == ReadyState::Connecting {
            self.handshake.abort();
            // It may have been established just now.
            let _ = self.stream.close(WebSocketCloseInfo::default());
            self.set_ready_state(ReadyState::Closing);
            self.handshake_aborted.set(true);
        }
        self.handshake_aborted.get()
    }

    /// Releases backpressure.
    pub(super) fn pull(&self) {
        self.work.borrow_mut().is_pulling = true;
        self.wake();
    }

    /// Has a message sent once there is room for it. There is one at a time.
    pub(super) fn write(&self, message: Message) {
        // At once where there is room: script may close the connection just now.
        let cx = &mut Context::from_waker(Waker::noop());
        self.work.borrow_mut().send(cx, message);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Polls the connection for what is wanted of it: whether something new is to be [taken](Self::take_feedback).
    /// Ready with `false` is the end.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let polled = self.work.borrow_mut().poll(cx, self.ready_state());
        if polled.is_pending() {
            self.waker.replace(Some(cx.waker().clone()));
        }
        polled.map(|feedback| match feedback {
            Some(feedback) => {
                self.feedback.borrow_mut().push_back(feedback);
                true
            }
            None => false,
        })
    }

    /// Whether the message that was last [written](Self::write) is on its way, or has been.
    pub(super) fn has_sent(&self) -> bool {
        matches!(self.work.borrow().writing, Writing::Sent)
    }

    pub(super) fn feedback_len(&self) -> usize {
        self.feedback.borrow().len()
    }

    pub(super) fn take_feedback(&self) -> Option<Feedback> {
        self.feedback.borrow_mut().pop_front()
    }
}

/// Its future has nothing more to do.
impl Drop for StreamState {
    fn drop(&mut self) {
        self.wake();
    }
}

impl Work {
    /// The next thing that has happened; `None` is behind the last.
    fn poll(&mut self, cx: &mut Context<'_>, ready_state: ReadyState) -> Poll<Option<Feedback>> {
        if let Some(opening) = &mut self.opening {
            // A connection that fails is told by its end.
            if let Poll::Ready(opened) = opening.poll_unpin(cx) {
                self.opening = None;
                if let Ok(opened) = opened {
                    self.readable = Some(opened.readable);
                    self.writable = Some(opened.writable);
                    return Poll::Ready(Some(Feedback::Opened {
                        extensions: opened.extensions,
                        protocol: opened.protocol,
                    }));
                }
            }
        }
        if let Poll::Ready(message) = self.poll_message(cx, ready_state) {
            return Poll::Ready(Some(Feedback::Message(message)));
        }
        if let Poll::Ready(written) = self.poll_written(cx) {
            return Poll::Ready(Some(Feedback::Written(written)));
        }
        let Some(closing) = &mut self.closing else {
            return Poll::Ready(None);
        };
        let closed = ready!(closing.poll_unpin(cx));
        self.closing = None;
        Poll::Ready(Some(Feedback::Closed(closed)))
    }

    /// Takes a message that is wanted. Once script has closed the connection none is: they are dropped.
    fn poll_message(&mut self, cx: &mut Context<'_>, ready_state: ReadyState) -> Poll<Message> {
        let discards = ready_state >= ReadyState::Closing;
        let Some(readable) = &mut self.readable else {
            return Poll::Pending;
        };
        while self.is_pulling || discards {
            match ready!(readable.poll_next_unpin(cx)) {
                Some(Ok(_)) if discards => {}
                Some(Ok(message)) => {
                    self.is_pulling = false;
                    return Poll::Ready(message);
                }
                // How it ended is told by `closing`.
                Some(Err(_)) | None => break,
            }
        }
        Poll::Pending
    }

    /// Sends a message, if there is room.
    fn send(&mut self, cx: &mut Context<'_>, message: Message) {
        let Some(writable) = &mut self.writable else {
            return;
        };
        self.writing = match writable.poll_ready_unpin(cx) {
            Poll::Ready(Ok(())) => match writable.start_send_unpin(message) {
                Ok(()) => Writing::Sent,
                Err(error) => Writing::Refused(error),
            },
            // Where it can't be sent any more, the end tells.
            _ => Writing::Waiting(message),
        };
    }

    /// Ready once the message has been sent and there is room for another, or can't be sent while the connection lives.
    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        match mem::replace(&mut self.writing, Writing::Nothing) {
            Writing::Waiting(message) => self.send(cx, message),
            other => self.writing = other,
        }
        match mem::replace(&mut self.writing, Writing::Nothing) {
            Writing::Sent => {
                let room = self
                    .writable
                    .as_mut()
                    .map(|writable| writable.poll_ready_unpin(cx));
                if let Some(Poll::Ready(Ok(()))) = room {
                    return Poll::Ready(Ok(()));
                }
                self.writing = Writing::Sent;
            }
            Writing::Refused(error) => return Poll::Ready(Err(error)),
            other => self.writing = other,
        }
        Poll::Pending
    }
}
