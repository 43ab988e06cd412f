//! The orderly end of a server.

use super::Server;
use crate::dom::{WeakWebSocket, WebSocket};
use crate::net::runtime;
use event_listener::Event;
use futures::future::{Either, select};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

/// The sockets of a server's clients, as long as somebody has them.
#[derive(Default)]
pub(super) struct Clients {
    sockets: RefCell<Vec<WeakWebSocket>>,
    is_shutting_down: Cell<bool>,
}

/// Behind it nothing of a server's is under way.
#[derive(Default)]
pub(super) struct End {
    has_come: Cell<bool>,
    event: Event,
}

impl Clients {
    pub(super) fn add(&self, socket: &WebSocket) {
        let mut sockets = self.sockets.borrow_mut();
        // Before it would grow.
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.upgrade().is_some_and(|socket| is_there(&socket)));
        }
        sockets.push(socket.downgrade());
    }

    /// One that was let in before the server was shut down, and opens only now, goes as the others do.
    pub(super) fn see_off(&self, socket: &WebSocket) {
        if self.is_shutting_down.get() {
            self.say_goodbye(socket);
        }
    }

    fn say_goodbye(&self, socket: &WebSocket) {
        // It is waited for, whoever lets go of it.
        socket.add_event_listener("close", |_| ());
        socket.go_away();
    }

    fn shut_down(&self) {
        if !self.is_shutting_down.replace(true) {
            self.there()
                .iter()
                .for_each(|socket| self.say_goodbye(socket));
        }
    }

    fn there(&self) -> Vec<WebSocket> {
        let sockets = self.sockets.borrow();
        let sockets = sockets.iter().filter_map(WeakWebSocket::upgrade);
        sockets.filter(is_there).collect()
    }

    /// Waits until none is there.
    async fn have_ended(&self) {
        while let Some(changed) = self.last_that_is_there() {
            changed.await;
        }
    }

    /// Tells of its changes. Those behind it are forgotten, so that not all of them are looked at each time.
    fn last_that_is_there(&self) -> Option<event_listener::EventListener> {
        let mut sockets = self.sockets.borrow_mut();
        while let Some(last) = sockets.pop() {
            if let Some(socket) = last.upgrade().filter(is_there) {
                sockets.push(last);
                return Some(socket.changes());
            }
        }
        None
    }
}

impl End {
    fn come(&self) {
        self.has_come.set(true);
        self.event.notify(usize::MAX);
    }

    /// What comes of `future`, unless the end comes before.
    pub(super) async fn cut<T>(&self, future: impl Future<Output = T> + Unpin) -> Option<T> {
        let event = self.event.listen();
        if self.has_come.get() {
            return None;
        }
        match select(future, event).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        }
    }
}

fn is_there(socket: &WebSocket) -> bool {
    socket.ready_state() != WebSocket::CLOSED
}

impl Server {
    /// [Closes](Self::close) the server, and the connection of each of its sockets, as their
    /// [`close()`](WebSocket::close) does, with code 1001 ("Going Away", RFC 6455 section 7.4.1): what was sent before
    /// arrives before. Waits for the clients' answers until the deadline, cuts the connections of those who have
    /// not answered by then, and tells who they are; each hears a `close` event that is not clean.
    ///
    /// It begins at once; the waiting, and the cut, are the future's. Clients whose handshake is still under way are refused
    /// as soon as they have asked, and cut when the future ends; they are not told of. Sockets that became
    /// [streams](WebSocket::into_stream) are left to who has them; a connection of HTTP/2 that has none ends then. Somebody has to drive the loop meanwhile. Whoever calls it
    /// again waits for the same clients.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Server};
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// let ended = server.shutdown(Duration::from_secs(5));
    /// event_loop.spawn(async {
    ///     for socket in ended.await {
    ///         eprintln!("{} did not answer", socket.url());
    ///     }
    /// });
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown(&self, deadline: Duration) -> impl Future<Output = Vec<WebSocket>> + use<> {
        self.close();
        self.inner.clients.shut_down();
        let server = self.inner.clone();
        async move {
            let clients = &server.clients;
            select(pin!(clients.have_ended()), pin!(runtime::sleep(deadline))).await;
            let unanswered = clients.there();
            unanswered.iter().for_each(WebSocket::cut);
            server.end.come();
            unanswered
        }
    }
}
