//! What other threads have given a socket, and its loop has not taken.

use super::{AsData, Inner, TrySendError, WebSocket};
use crate::dom::{DomException, Message};
use crate::edition::Edition;
use crate::protocol::{Limits, MESSAGE_OVERHEAD};
use event_listener::Event;
use futures::future::select;
use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};

pub(super) struct Outbox {
    edition: Edition,
    high_water: usize,
    /// The most that a message may have.
    longest: usize,
    /// The loop's.
    thread: ThreadId,
    state: Mutex<State>,
    /// There is something to take, or nobody left to give anything.
    news: Event,
    /// There may be room, or never will be.
    pub(super) room: Event,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Command>,
    /// The bytes of the messages in it.
    amount: usize,
    is_closed: bool,
    /// The last handle is gone.
    is_abandoned: bool,
}

enum Command {
    Send(Message),
    /// With the arguments of `close()`, if there were any.
    Close(Option<(Option<u16>, String)>),
}

impl Command {
    fn message(self) -> Option<Message> {
        match self {
            Self::Send(message) => Some(message),
            Self::Close(_) => None,
        }
    }
}

impl Outbox {
    pub(super) fn new(edition: Edition, limits: &Limits) -> Self {
        Self {
            edition,
            high_water: limits.high_water,
            longest: limits.send_queue,
            thread: thread::current().id(),
            state: Mutex::default(),
            news: Event::new(),
            room: Event::new(),
        }
    }

    /// A panic elsewhere leaves it as it was.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(not(target_family = "wasm"))]
    pub(super) fn is_own_thread(&self) -> bool {
        thread::current().id() == self.thread
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    pub(super) fn amount(&self) -> usize {
        self.state().amount
    }

    pub(super) fn push(&self, message: Message) -> Result<(), TrySendError<Message>> {
        let len = message.len();
        if matches!(message, Message::Binary(_)) && !self.edition.sends_binary() {
            return Err(TrySendError::Unsupported(message));
        }
        if len > self.longest {
            return Err(TrySendError::TooLong(message));
        }
        let mut state = self.state();
        if state.is_closed {
            return Err(TrySendError::Closed(message));
        }
        // As for the socket: where nothing is queued there is room for any message.
        let amount = state.amount.saturating_add(len);
        if !state.queue.is_empty() && amount > self.high_water {
            return Err(TrySendError::WouldBlock(message));
        }
        state.amount = amount;
        state.queue.push_back(Command::Send(message));
        drop(state);
        self.news.notify(usize::MAX);
        Ok(())
    }

    pub(super) fn close(&self) {
        self.push_close(None);
    }

    pub(super) fn close_with(&self, code: Option<u16>, reason: &str) -> Result<(), DomException> {
        self.edition.check_close(code, reason)?;
        self.push_close(Some((code, reason.to_owned())));
        Ok(())
    }

    fn push_close(&self, arguments: Option<(Option<u16>, String)>) {
        let mut state = self.state();
        if !state.is_closed {
            state.is_closed = true;
            state.queue.push_back(Command::Close(arguments));
            drop(state);
            self.news.notify(usize::MAX);
            self.room.notify(usize::MAX);
        }
    }

    /// The last handle is gone.
    pub(super) fn abandon(&self) {
        self.state().is_abandoned = true;
        self.news.notify(usize::MAX);
    }

    /// The length of the message that is next; `None` if a message is not.
    fn next_message(&self) -> Option<usize> {
        match self.state().queue.front() {
            Some(Command::Send(message)) => Some(message.len()),
            _ => None,
        }
    }

    fn take(&self) -> Option<Command> {
        let mut state = self.state();
        let command = state.queue.pop_front();
        if let Some(Command::Send(message)) = &command {
            state.amount -= message.len();
            drop(state);
            self.room.notify(usize::MAX);
        }
        command
    }
}

/// Hands what other threads have given to the socket.
pub(super) struct Delivery(pub(super) Arc<Outbox>);

impl Delivery {
    pub(super) async fn of(self, socket: WebSocket) {
        let Self(outbox) = &self;
        loop {
            let (news, change) = (outbox.news.listen(), socket.inner.changed.listen());
            if socket.ready_state() >= WebSocket::CLOSING || !socket.inner.is_active() {
                return;
            }
            if let Some(len) = outbox.next_message() {
                if !socket.room_for(len).await {
                    return;
                }
            }
            match outbox.take() {
                Some(Command::Send(message)) => {
                    let sent = socket.inner.outgoing.send(&socket.inner, message.as_data());
                    debug_assert!(sent, "there is room");
                }
                Some(Command::Close(None)) => return socket.close(),
                Some(Command::Close(Some((code, reason)))) => {
                    let closed = socket.close_with(code, &reason);
                    debug_assert!(closed.is_ok(), "the arguments were checked");
                    return;
                }
                None if outbox.state().is_abandoned => return,
                None => {
                    select(news, change).await;
                }
            }
        }
    }
}

/// Nobody takes anything any more.
impl Drop for Delivery {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_closed = true;
        state.amount = 0;
        let queue = mem::take(&mut state.queue);
        drop(state);
        drop(queue);
        self.0.room.notify(usize::MAX);
    }
}

impl Inner {
    /// Takes from other threads what they have given, and nothing more from now on. `None`, and nothing happens, where it
    /// can't all be sent at once: the socket is not open yet, its queue may not be as long, or one of them closes it.
    pub(super) fn close_outboxes(&self) -> Option<Vec<Message>> {
        let outboxes = self
            .outboxes
            .get()
            .map_or(Vec::new(), |it| it.borrow().clone());
        let outboxes: Vec<_> = outboxes.iter().filter_map(Weak::upgrade).collect();
        // All at once: what one has taken must not stay where another can't be emptied.
        let mut states: Vec<_> = outboxes.iter().map(|outbox| outbox.state()).collect();
        let is_open = self.ready_state.get() == WebSocket::OPEN;
        let mut room = 0_usize;
        for command in states.iter().flat_map(|state| &state.queue) {
            match command {
                Command::Send(message) if is_open => {
                    room = room.saturating_add(message.len().saturating_add(MESSAGE_OVERHEAD));
                }
                _ => return None,
            }
        }
        if room > 0 && self.channel().is_sending() && !self.channel().has_room_for(room) {
            return None;
        }
        let mut messages = Vec::new();
        for state in &mut states {
            state.is_closed = true;
            state.amount = 0;
            messages.extend(state.queue.drain(..).filter_map(Command::message));
        }
        drop(states);
        for outbox in &outboxes {
            outbox.room.notify(usize::MAX);
        }
        Some(messages)
    }
}
