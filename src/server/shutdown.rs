//! The orderly end of a server.

use super::Server;
use crate::dom::{WeakWebSocket, WebSocket};
use crate::net::runtime;
use event_listener::Event;
use futures::future::select;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

/// The sockets of a server's clients, as long as somebody has them.
#[derive(Default)]
pub(super) struct Clients(RefCell<Vec<WeakWebSocket>>);

impl Clients {
    pub(super) fn add(&self, socket: &WebSocket) {
        let mut sockets = self.0.borrow_mut();
        // Before it would grow.
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.upgrade().is_some_and(|socket| is_there(&socket)));
        }
        sockets.push(socket.downgrade());
    }

    fn take(&self) -> Vec<WebSocket> {
        let sockets = self.0.take();
        let there = sockets.iter().filter_map(WeakWebSocket::upgrade);
        there.filter(is_there).collect()
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
    /// It begins at once; the waiting, and the cut, are the future's. Sockets that became
    /// [streams](WebSocket::into_stream) are left to who has them. Somebody has to drive the loop meanwhile.
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
        let sockets = self.inner.clients.take();
        self.close();
        let left = Rc::new(Cell::new(sockets.len()));
        let ended = Rc::new(Event::new());
        for socket in &sockets {
            let (left, ended) = (left.clone(), ended.clone());
            socket.add_event_listener("close", move |_| {
                left.set(left.get() - 1);
                ended.notify(usize::MAX);
            });
            socket.go_away();
        }
        async move {
            let all_ended = async {
                while left.get() > 0 {
                    ended.listen().await;
                }
            };
            select(pin!(all_ended), pin!(runtime::sleep(deadline))).await;
            let unanswered: Vec<_> = sockets.into_iter().filter(is_there).collect();
            unanswered.iter().for_each(WebSocket::cut);
            unanswered
        }
    }
}
