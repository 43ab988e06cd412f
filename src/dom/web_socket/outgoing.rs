//! `send()` and `close()` in order, also behind a blob that has yet to be read.

use super::{Data, Inner};
use crate::dom::{Blob, WebSocket};
use crate::event_loop::Exception;
use crate::protocol::{MESSAGE_OVERHEAD, WireFailure};
use futures::future::{Either, FutureExt, select};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;

/// What waits behind a blob that is being read.
enum Waiting {
    Text(String),
    Blob(Blob),
    End(Ending, Option<(u16, String)>),
}

/// How our direction ends.
#[derive(Clone, Copy)]
pub(super) enum Ending {
    /// The closing handshake is started.
    Close,
    /// The peer goes on.
    Finish,
}

impl Waiting {
    fn new(data: Data<'_>) -> Self {
        match data {
            Data::Text(text) => Self::Text(text.to_owned()),
            Data::Bytes(bytes) => Self::Blob(Blob::new(bytes)),
            Data::Blob(blob) => Self::Blob(blob.clone()),
        }
    }

    fn data(&self) -> Option<Data<'_>> {
        match self {
            Self::Text(text) => Some(Data::Text(text)),
            Self::Blob(blob) => Some(Data::Blob(blob)),
            Self::End(..) => None,
        }
    }
}

impl Ending {
    fn begin(self, socket: &Inner, close: Option<(u16, &str)>) {
        match self {
            Self::Close => socket.channel().start_closing_handshake(close),
            Self::Finish => socket.channel().finish(close),
        }
    }
}

/// The messages that the protocol has not got yet. Empty, but for blobs that have yet to be read.
#[derive(Default)]
pub(super) struct Outgoing {
    /// Almost always there are none.
    waiting: RefCell<Option<Box<Queue>>>,
    amount: Cell<usize>,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Waiting>,
}

impl Outgoing {
    /// Nothing waits.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn len(&self) -> usize {
        let waiting = self.waiting.borrow();
        waiting.as_ref().map_or(0, |queue| queue.messages.len())
    }

    /// The bytes of what waits.
    pub(super) fn amount(&self) -> usize {
        self.amount.get()
    }

    /// Sends a message, or has it wait. False if it can't be sent.
    #[inline]
    pub(super) fn send(&self, socket: &Rc<Inner>, data: Data<'_>) -> bool {
        match data.payload() {
            Some(payload) if self.is_empty() => socket.channel().send(payload),
            _ => self.send_later(socket, data),
        }
    }

    fn send_later(&self, socket: &Rc<Inner>, data: Data<'_>) -> bool {
        if !socket.channel().is_sending() {
            return false;
        }
        if !self.has_room_for(socket, data.len()) {
            socket.channel().fail(WireFailure::QueueFull);
            return false;
        }
        self.amount.set(self.amount().saturating_add(data.len()));
        self.wait(socket, Waiting::new(data));
        true
    }

    /// Whether a message of so many bytes can be taken.
    pub(super) fn has_room_for(&self, socket: &Inner, len: usize) -> bool {
        socket.channel().has_room_for(self.queued_with(len))
    }

    /// Whether a message of so many bytes should wait.
    pub(super) fn would_block(&self, socket: &Inner, len: usize) -> bool {
        let queued = self.queued_with(len);
        (!self.is_empty()
            && (queued > socket.options.limits.high_water
                || !socket.channel().has_room_for(queued)))
            || socket.channel().would_block(queued)
    }

    /// What a message of so many bytes adds to the protocol's queue, if it is sent. What waits ahead of it counts as
    /// much as it will there, so that it finds room.
    fn queued_with(&self, len: usize) -> usize {
        match self.len() {
            0 => len,
            waiting => (waiting + 1)
                .saturating_mul(MESSAGE_OVERHEAD)
                .saturating_add(self.amount())
                .saturating_add(len),
        }
    }

    /// Ends our direction, once all that waits has been sent.
    pub(super) fn end(&self, socket: &Rc<Inner>, ending: Ending, close: Option<(u16, &str)>) {
        if self.is_empty() {
            ending.begin(socket, close);
        } else {
            let close = close.map(|(code, reason)| (code, reason.to_owned()));
            self.wait(socket, Waiting::End(ending, close));
        }
    }

    fn wait(&self, socket: &Rc<Inner>, waiting: Waiting) {
        let is_first = self.is_empty();
        let mut queue = self.waiting.borrow_mut();
        queue.get_or_insert_default().messages.push_back(waiting);
        drop(queue);
        if is_first {
            // The object stays while data is queued.
            let socket = WebSocket {
                inner: socket.clone(),
            };
            let shared = socket.inner.shared().clone();
            shared.spawn(Box::pin(
                async move { socket.inner.send_what_waits().await },
            ));
        }
    }
}

impl Inner {
    /// Reads a blob, until the connection has ended. One that can't be read fails the connection.
    async fn read(&self, blob: &Blob) {
        let ended = self.changed.listen();
        if self.ready_state.get() == WebSocket::CLOSED {
            return;
        }
        let reading = AssertUnwindSafe(blob.read()).catch_unwind();
        match select(pin!(reading), ended).await {
            Either::Left((Ok(Ok(_)), _)) | Either::Right(_) => return,
            Either::Left((Ok(Err(_)), _)) => {}
            Either::Left((Err(panic), _)) => self.shared().report(Exception::Panic(panic)),
        }
        // Where the peer has closed meanwhile it would not have been sent either.
        if self.channel().is_sending() {
            self.channel().fail(WireFailure::UnreadableBlob);
        }
    }

    async fn send_what_waits(self: &Rc<Self>) {
        let outgoing = &self.outgoing;
        loop {
            let unread = match outgoing
                .waiting
                .borrow()
                .as_ref()
                .and_then(|queue| queue.messages.front())
            {
                None => break,
                Some(Waiting::Blob(blob)) if blob.as_bytes().is_none() => Some(blob.clone()),
                Some(_) => None,
            };
            if let Some(blob) = unread {
                self.read(&blob).await;
                if !self.channel().is_sending() {
                    // What could not be sent stays counted. A blob goes once the borrow has ended.
                    let waiting = outgoing.waiting.take();
                    drop(waiting);
                    return;
                }
            }
            let mut queue = outgoing.waiting.borrow_mut();
            let Some(waiting) = queue.as_mut().and_then(|queue| queue.messages.pop_front()) else {
                break;
            };
            drop(queue);
            match (&waiting, waiting.data()) {
                (Waiting::End(ending, close), _) => {
                    let close = close
                        .as_ref()
                        .map(|(code, reason)| (*code, reason.as_str()));
                    ending.begin(self, close);
                }
                (_, Some(data)) => {
                    let was_sent = data
                        .payload()
                        .is_some_and(|payload| self.channel().send(payload));
                    if was_sent {
                        outgoing.amount.set(outgoing.amount() - data.len());
                    }
                }
                (_, None) => {}
            }
        }
        outgoing.waiting.take();
    }
}
