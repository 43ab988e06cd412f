//! A socket as other threads see it.

use super::outbox::{Delivery, Outbox};
use super::{TrySendError, WebSocket};
use crate::dom::{DomException, Message};
use event_listener::Listener;
use std::fmt;
use std::sync::Arc;

/// Sends on a [`WebSocket`], and closes it, from any thread.
///
/// What is given to it leaves in order, with the loop's next turn: the loop is woken. It is queued here until the socket is
/// open and has room, up to [`Limits::high_water`](crate::Limits::high_water): so who sends faster than the network is
/// told ([`try_send`](Self::try_send)), or waits ([`send`](Self::send), [`send_blocking`](Self::send_blocking)). What the
/// connection does not take before it ends is lost, as with [`WebSocket::send`]. Once it is a stream's
/// ([`WebSocket::into_stream`]) nothing more is taken here, and what was has been sent.
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
        let outbox = Arc::new(Outbox::new(self.edition(), &self.inner.options.limits));
        let mut outboxes = self.inner.outboxes.get_or_init(Box::default).borrow_mut();
        outboxes.retain(|outbox| outbox.strong_count() > 0);
        outboxes.push(Arc::downgrade(&outbox));
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
        self.outbox().close();
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
        self.outbox().close_with(code.into(), reason)
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
        self.outbox().is_closed()
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
        self.outbox().amount()
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
        self.0.abandon();
    }
}
