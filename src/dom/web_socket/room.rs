//! Room in the queue: `try_send()`, and who waits for it.

use super::{AsData, Inner, WebSocket};
use crate::connection::Waiting;
use crate::dom::{Event, SomeEvent};
use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Why [`WebSocket::try_send`] did not take a message, which it gives back.
///
/// ```
/// use dom_websocket::TrySendError;
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
/// match socket.try_send("hello") {
///     Ok(()) => println!("sent"),
///     // The socket is not open yet.
///     Err(TrySendError::WouldBlock(message)) => assert_eq!(message, "hello"),
///     Err(error) => println!("{error}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrySendError<T> {
    /// There is no room, or the connection is not established yet: later, perhaps.
    WouldBlock(T),
    /// The connection is closing or closed: never.
    Closed(T),
    /// It is longer than [`Limits::send_queue`](crate::Limits::send_queue): never.
    TooLong(T),
    /// [`Edition::Html5`](crate::Edition::Html5) has text only: never.
    Unsupported(T),
}

impl<T> TrySendError<T> {
    /// The message.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let message = socket.try_send(String::from("hello")).unwrap_err().into_inner();
    /// assert_eq!(message, "hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::WouldBlock(message)
            | Self::Closed(message)
            | Self::TooLong(message)
            | Self::Unsupported(message) => message,
        }
    }

    /// Whether the same message may be taken later.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// assert!(socket.try_send("hello").unwrap_err().would_block());
    /// socket.close();
    /// assert!(!socket.try_send("hello").unwrap_err().would_block());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn would_block(&self) -> bool {
        matches!(self, Self::WouldBlock(_))
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WouldBlock(_) => "there is no room in the queue yet",
            Self::Closed(_) => "the connection is closing or closed",
            Self::TooLong(_) => "the message is longer than the queue may be",
            Self::Unsupported(_) => "draft 76 carries text only",
        })
    }
}

/// Without the message.
impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WouldBlock(_) => "WouldBlock(..)",
            Self::Closed(_) => "Closed(..)",
            Self::TooLong(_) => "TooLong(..)",
            Self::Unsupported(_) => "Unsupported(..)",
        })
    }
}

impl<T> Error for TrySendError<T> {}

impl WebSocket {
    /// Sends a message if there is room for it: unlike [`send`](Self::send) it never closes the connection over a
    /// full queue, and a message that is not taken comes back. What was taken is sent in order, with that of `send`,
    /// unless the connection is lost.
    ///
    /// There is room where what is queued, with the message, is not over
    /// [`Limits::high_water`](crate::Limits::high_water), and where nothing is queued. To be told when there is:
    /// [`room_for`](Self::room_for), or [`set_ondrain`](Self::set_ondrain).
    ///
    /// # Errors
    ///
    /// See [`TrySendError`]. [`buffered_amount`](Self::buffered_amount) does not grow.
    ///
    /// ```
    /// # use dom_websocket::{TrySendError, WebSocket};
    /// # use std::{cell::RefCell, collections::VecDeque, rc::Rc};
    /// /// Sends as much as there is room for, whenever there is.
    /// fn send_all(socket: &WebSocket, messages: impl IntoIterator<Item = String>) {
    ///     let messages: VecDeque<String> = messages.into_iter().collect();
    ///     let messages = RefCell::new(messages);
    ///     let send = move |socket: &WebSocket| {
    ///         let mut messages = messages.borrow_mut();
    ///         while let Some(message) = messages.pop_front() {
    ///             if let Err(error) = socket.try_send(message) {
    ///                 messages.push_front(error.into_inner());
    ///                 break;
    ///             }
    ///         }
    ///     };
    ///     send(socket);
    ///     socket.set_ondrain(move |event| send(event.target()));
    /// }
    /// ```
    pub fn try_send<T: AsData>(&self, message: T) -> Result<(), TrySendError<T>> {
        let data = message.as_data();
        let (len, is_text) = (data.len(), data.is_text());
        if !is_text && !self.inner.edition.sends_binary() {
            return Err(TrySendError::Unsupported(message));
        }
        if len > self.inner.options.limits.send_queue {
            return Err(TrySendError::TooLong(message));
        }
        match self.inner.room(len) {
            Room::Never => Err(TrySendError::Closed(message)),
            Room::NotYet => {
                self.announce_drain(len);
                Err(TrySendError::WouldBlock(message))
            }
            Room::Enough if self.inner.outgoing.send(&self.inner, data) => Ok(()),
            Room::Enough => Err(TrySendError::Closed(message)),
        }
    }

    /// Ends once [`try_send`](Self::try_send) takes a message of so many bytes: true. It is false where that won't be:
    /// the socket is closing or closed, or the message is longer than [`Limits::send_queue`](crate::Limits::send_queue).
    /// Nothing is reserved: whoever sends next gets the room. Dropping the future loses nothing, and it does not keep
    /// the object alive.
    ///
    /// ```
    /// # use dom_websocket::{DomException, WebSocket};
    /// async fn send_all(socket: &WebSocket, messages: Vec<String>) -> Result<(), DomException> {
    ///     for message in messages {
    ///         if !socket.room_for(message.len()).await {
    ///             break;
    ///         }
    ///         socket.send(&message)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn room_for(&self, len: usize) -> impl Future<Output = bool> + use<> {
        let socket = Rc::downgrade(&self.inner);
        let mut waiting = None;
        poll_fn(move |cx| {
            let Some(socket) = socket.upgrade() else {
                return Poll::Ready(false);
            };
            socket.poll_room(len, &mut waiting, cx)
        })
    }

    /// Has a `drain` event follow, once there is room again: for this message, too, or whoever tried it in vain would
    /// be told to try it in vain again, as fast as the loop turns.
    fn announce_drain(&self, len: usize) {
        if self.inner.drain_is_due.replace(true) {
            return;
        }
        self.update_liveness();
        let limits = &self.inner.options.limits;
        let half = limits.high_water.min(limits.send_queue) / 2;
        let room = self.room_for(half.max(len));
        let socket = Rc::downgrade(&self.inner);
        self.inner.shared().spawn(Box::pin(async move {
            let is_room = room.await;
            let Some(inner) = socket.upgrade() else {
                return;
            };
            inner.drain_is_due.set(false);
            let shared = inner.shared().clone();
            shared.queue_steps(Box::new(move || {
                let socket = Self { inner };
                if is_room {
                    socket.drain();
                }
                socket.update_liveness();
            }));
        }));
    }

    /// The task for `drain`.
    fn drain(&self) {
        if self.ready_state() == Self::OPEN && self.inner.is_active() {
            self.dispatch(SomeEvent::from(&Event::trusted("drain")));
        }
    }
}

/// Whether there is room.
enum Room {
    Enough,
    NotYet,
    Never,
}

impl Inner {
    fn room(&self, len: usize) -> Room {
        match self.ready_state.get() {
            _ if len > self.options.limits.send_queue => Room::Never,
            WebSocket::CONNECTING => Room::NotYet,
            WebSocket::OPEN if !self.channel().is_sending() => Room::Never,
            WebSocket::OPEN if self.outgoing.would_block(self, len) => Room::NotYet,
            WebSocket::OPEN => Room::Enough,
            _ => Room::Never,
        }
    }

    /// `waiting`: what this task listens to, for the socket to be opened or for room.
    fn poll_room(&self, len: usize, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<bool> {
        loop {
            match self.room(len) {
                Room::Enough => return Poll::Ready(true),
                Room::Never => return Poll::Ready(false),
                Room::NotYet if self.ready_state.get() == WebSocket::OPEN => {
                    if !ready!(self.channel().poll_room(waiting, cx)) {
                        return Poll::Ready(false);
                    }
                }
                Room::NotYet => {
                    let listener = waiting.get_or_insert_with(|| self.changed.listen());
                    ready!(Pin::new(listener).poll(cx));
                    *waiting = None;
                }
            }
        }
    }
}
