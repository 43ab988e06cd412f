//! A socket as other threads see it.

use super::{AsData, TrySendError, WebSocket};
use crate::dom::{DomException, Message};
use crate::edition::Edition;
use event_listener::{Event, Listener};
use futures::future::select;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// Sends on a [`WebSocket`], and closes it, from any thread.
///
/// What is given to it leaves in order, with the loop's next turn: the loop is woken. It is queued here until the socket is
/// open and has room, up to [`Limits::high_water`](crate::Limits::high_water): so who sends faster than the network is
/// told ([`try_send`](Self::try_send)), or waits ([`send`](Self::send), [`send_blocking`](Self::send_blocking)). What the
/// connection does not take before it ends is lost, as with [`WebSocket::send`].
///
/// Its clones are the same, and together one more handle of the socket: until the last of them goes, and what it has queued
/// has been sent, the socket is open. [`WebSocket::remote`] makes it. Messages and other events are the listeners', on
/// the loop's thread.
///
/// ```
/// use dom_websocket::{EventLoop, Server, WebSocket};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// server.set_onconnection(|socket, _| {
///     socket.set_onmessage(|event| println!("{}", event.data()));
/// });
///
/// let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
/// let remote = socket.remote();
/// let worker = std::thread::spawn(move || {
///     for number in 0..3 {
///         remote.send_blocking(format!("step {number}")).unwrap();
///     }
///     remote.close();
/// });
/// socket.set_onclose(move |_| server.close());
/// event_loop.run();
/// worker.join().unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RemoteSocket {
    handles: Arc<Handles>,
}

impl WebSocket {
    /// A handle for other threads.
    ///
    /// Each call makes one with a queue of its own, whose order is that of its clones only.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// let remote = socket.remote();
    /// let thread = std::thread::spawn(move || {
    ///     remote.send_blocking("hello").expect("an open socket");
    ///     remote.close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remote(&self) -> RemoteSocket {
        let limits = &self.inner.options.limits;
        let outbox = Arc::new(Outbox {
            edition: self.edition(),
            high_water: limits.high_water,
            longest: limits.send_queue,
            thread: thread::current().id(),
            state: Mutex::default(),
            news: Event::new(),
            room: Event::new(),
        });
        let socket = self.clone();
        let delivery = Delivery(outbox.clone());
        self.inner
            .shared()
            .spawn(Box::pin(async move { delivery.of(socket).await }));
        RemoteSocket {
            handles: Arc::new(Handles(outbox)),
        }
    }
}

impl RemoteSocket {
    /// Queues a message if there is room for it.
    ///
    /// # Errors
    ///
    /// See [`TrySendError`], which gives the message back.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let remote = socket.remote();
    /// assert_eq!(remote.try_send("waits for `open`"), Ok(()));
    /// assert_eq!(remote.buffered_amount(), 16);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_send(&self, message: impl Into<Message>) -> Result<(), TrySendError<Message>> {
        self.outbox().push(message.into())
    }

    /// Queues a message once there is room for it: under any executor. A future that is dropped before has queued
    /// nothing.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send), but for a lack of room.
    ///
    /// ```
    /// use futures::executor::block_on;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// let remote = socket.remote();
    /// let thread = std::thread::spawn(move || {
    ///     block_on(async {
    ///         remote.send("one").await.expect("room");
    ///         remote.send("two").await.expect("room");
    ///     });
    ///     remote.close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send(
        &self,
        message: impl Into<Message>,
    ) -> impl Future<Output = Result<(), TrySendError<Message>>> + Send + 'static {
        let remote = self.clone();
        let mut message = message.into();
        async move {
            loop {
                // Whoever makes room from now on is heard.
                let room = remote.outbox().room.listen();
                match remote.try_send(message) {
                    Err(TrySendError::WouldBlock(again)) => message = again,
                    done => return done,
                }
                room.await;
            }
        }
    }

    /// [`send`](Self::send) for a thread that can wait.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). On the loop's own thread, in a listener for one, as [`try_send`](Self::try_send): it
    /// would wait for ever there, as nobody drives the loop meanwhile.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// let remote = socket.remote();
    /// let thread = std::thread::spawn(move || {
    ///     for number in 0..10 {
    ///         remote.send_blocking(number.to_string()).expect("an open socket");
    ///     }
    ///     remote.close();
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn send_blocking(&self, message: impl Into<Message>) -> Result<(), TrySendError<Message>> {
        let mut message = message.into();
        loop {
            let room = self.outbox().room.listen();
            match self.try_send(message) {
                Err(TrySendError::WouldBlock(again)) if !self.outbox().is_own_thread() => {
                    message = again;
                }
                done => return done,
            }
            room.wait();
        }
    }

    /// [`WebSocket::close`], behind what is queued. Nothing is taken any more.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// let remote = socket.remote();
    /// remote.try_send("the last one").expect("room");
    /// remote.close();
    /// assert!(remote.try_send("too late").is_err());
    /// socket.set_onclose(|event| assert!(event.was_clean()));
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&self) {
        self.outbox().close(None);
    }

    /// [`WebSocket::close_with`], behind what is queued. Nothing is taken any more.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::close_with`].
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// let remote = socket.remote();
    /// assert!(remote.close_with(1, "no code of ours").is_err());
    /// remote.try_send("the last one").expect("room");
    /// remote.close_with(4000, "enough")?;
    /// socket.set_onclose(|event| assert_eq!(event.code(), 4000));
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close_with(
        &self,
        code: impl Into<Option<u16>>,
        reason: &str,
    ) -> Result<(), DomException> {
        let (outbox, code) = (self.outbox(), code.into());
        outbox.edition.check_close(code, reason)?;
        outbox.close(Some((code, reason.to_owned())));
        Ok(())
    }

    /// Nothing is taken any more: the socket is closing or closed, or its loop is gone.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let remote = WebSocket::new(&event_loop, "ws://example.com/")?.remote();
    /// assert!(!remote.is_closed());
    /// drop(event_loop);
    /// assert!(remote.is_closed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.outbox().state().is_closed
    }

    /// The bytes of the messages that are queued here, and that the socket has not got yet.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// let remote = socket.remote();
    /// remote.try_send("hello").expect("room");
    /// assert_eq!(remote.buffered_amount(), 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.outbox().state().amount
    }

    fn outbox(&self) -> &Outbox {
        &self.handles.0
    }
}

impl fmt::Debug for RemoteSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSocket")
            .field("is_closed", &self.is_closed())
            .field("buffered_amount", &self.buffered_amount())
            .finish_non_exhaustive()
    }
}

/// All clones of one handle.
struct Handles(Arc<Outbox>);

impl Drop for Handles {
    fn drop(&mut self) {
        self.0.state().is_abandoned = true;
        self.0.news.notify(usize::MAX);
    }
}

/// What other threads have given, and the loop's has not taken.
struct Outbox {
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
    room: Event,
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

impl Outbox {
    /// A panic elsewhere leaves it as it was.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(not(target_family = "wasm"))]
    fn is_own_thread(&self) -> bool {
        thread::current().id() == self.thread
    }

    fn push(&self, message: Message) -> Result<(), TrySendError<Message>> {
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

    fn close(&self, arguments: Option<(Option<u16>, String)>) {
        let mut state = self.state();
        if !state.is_closed {
            state.is_closed = true;
            state.queue.push_back(Command::Close(arguments));
            drop(state);
            self.news.notify(usize::MAX);
            self.room.notify(usize::MAX);
        }
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
struct Delivery(Arc<Outbox>);

impl Delivery {
    async fn of(self, socket: WebSocket) {
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
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        drop(queue);
        self.0.room.notify(usize::MAX);
    }
}
